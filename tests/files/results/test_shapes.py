"""Older and rarer shapes of the formats, each made from a file of the test data by one change."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evaluator.model.performance import Measurement
from tests.files.results.reading import DATA, codes, good, put

LM_EVAL, LOG = "lm_eval/groups_and_filters.json", "inspect/limited.json"


def changed(file: str, change: Callable[[Any], object], folder: Path) -> Path:
    """A folder with one JSON file (and its run, for HELM) after its value was changed."""
    if file.startswith("helm"):
        for path in (DATA / file).parent.iterdir():
            put(folder, {path.name: path.read_bytes()})
    value = json.loads((DATA / file).read_text("utf-8"))
    change(value)
    return put(folder, {Path(file).name: json.dumps(value)})


def one(measurements: list[Measurement], benchmark: str, metric: str) -> Measurement:
    (found,) = [m for m in measurements if (m.benchmark, m.metric) == (benchmark, metric)]
    return found


def test_lm_eval_before_it_counted_samples(tmp_path: Path) -> None:
    def older(value: Any) -> None:
        del value["n-samples"], value["model_name"], value["model_source"], value["lm_eval_version"], value["date"]
        value["config"].update(limit=0.5, model="hf", model_args="pretrained=fictional/K-Beta,dtype=float16")
        value["git_hash"] = "abc1234"
        for task in value["results"].values():
            del task["sample_len"]

    m = one(good(changed(LM_EVAL, older, tmp_path)), "ko_a", "acc")
    assert (m.n, m.items, m.partial, m.model, m.harness_version, m.date) == (
        None, None, "limit=0.5", "fictional/K-Beta", "abc1234", "",
    )  # fmt: skip


def test_lm_eval_counts_its_samples_twice_and_the_same(tmp_path: Path) -> None:
    folder = changed(LM_EVAL, lambda v: v["results"]["ko_gen"].update(sample_len=7), tmp_path)
    assert codes(folder) == ["results.inconsistent"]


def test_a_limit_that_cuts_nothing_off_is_no_partial_run(tmp_path: Path) -> None:
    folder = changed(LM_EVAL, lambda v: v["config"].update(limit=1000), tmp_path)
    assert {m.partial for m in good(folder)} == {""}


def test_a_group_of_a_partial_member_is_partial(tmp_path: Path) -> None:
    def cut(value: Any) -> None:
        value["n-samples"]["ko_a"]["effective"] = value["results"]["ko_a"]["sample_len"] = 10
        for group in ("ko_inner", "ko_all"):
            value["results"][group]["sample_len"] = value["groups"][group]["sample_len"] = 18

    m = one(good(changed(LM_EVAL, cut, tmp_path)), "ko_all", "acc")
    assert (m.n, m.items, m.partial) == (18, 20, "18/20")


def test_a_group_that_stands_among_the_groups_alone(tmp_path: Path) -> None:
    m = one(good(changed(LM_EVAL, lambda v: v["results"].pop("ko_all"), tmp_path)), "ko_all", "acc")
    assert (m.path, m.members) == ('groups.ko_all["acc,none"]', ("ko_inner", "ko_a", "ko_b"))


def test_a_metric_without_a_figure_is_no_figure(tmp_path: Path) -> None:
    folder = changed(LM_EVAL, lambda v: v["results"]["ko_a"].update({"acc_norm,none": "N/A"}), tmp_path)
    assert not [m for m in good(folder) if (m.benchmark, m.metric) == ("ko_a", "acc_norm")]


def test_inspect_version_1_has_one_scorer(tmp_path: Path) -> None:
    def older(value: Any) -> None:
        metrics = value["results"]["scores"][0]["metrics"]
        value["version"] = 1
        value["results"] = {"scorer": {"name": "choice"}, "metrics": metrics}

    (m,) = good(changed(LOG, older, tmp_path))
    assert (m.metric, m.score * 2, m.n, m.path) == ("accuracy", 1, None, "results.metrics.accuracy.value")


def test_inspect_before_it_counted_what_was_scored(tmp_path: Path) -> None:
    def older(value: Any) -> None:
        del value["results"]["scores"][0]["scored_samples"], value["results"]["scores"][0]["unscored_samples"]
        value["results"].update(total_samples=12, completed_samples=11)
        value["eval"]["config"].update(epochs=2)

    (m,) = good(changed(LOG, older, tmp_path))
    assert (m.n, m.items, m.partial) == (6, 6, "completed=11/12")


def test_inspect_cannot_score_more_items_than_it_planned(tmp_path: Path) -> None:
    def more(value: Any) -> None:
        value["results"].update(total_samples=4, completed_samples=4)
        value["eval"]["config"].update(epochs=2)
        value["results"]["scores"][0]["scored_samples"] = 3

    assert codes(changed(LOG, more, tmp_path)) == ["results.more_than_all"]


def test_a_cancelled_run_with_results_is_partial(tmp_path: Path) -> None:
    def cancel(value: Any) -> None:
        value["status"] = "cancelled"
        value["results"]["scores"][0]["unscored_samples"] = 1

    (m,) = good(changed(LOG, cancel, tmp_path))
    assert m.partial == "2/6; status=cancelled; unscored=1"


def test_a_limit_is_told_where_the_size_of_the_dataset_is_not(tmp_path: Path) -> None:
    (m,) = good(changed(LOG, lambda v: v["eval"]["dataset"].pop("samples"), tmp_path))
    assert (m.items, m.partial) == (None, "limit=2")


def test_a_head_that_knows_fewer_samples_than_were_scored_knows_nothing(tmp_path: Path) -> None:
    (m,) = good(changed(LOG, lambda v: v["eval"]["dataset"].update(samples=1), tmp_path))
    assert (m.n, m.items, m.partial, m.source.rpartition("; ")[2]) == (2, None, "", "dataset_samples=1")


def test_reducers_of_epochs_are_told_apart(tmp_path: Path) -> None:
    def reduce(value: Any) -> None:
        first = value["results"]["scores"][0]
        value["results"]["scores"] = [{**first, "reducer": reducer} for reducer in ("mean", "pass_at_2")]

    assert [m.metric for m in good(changed(LOG, reduce, tmp_path))] == ["accuracy,mean", "accuracy,pass_at_2"]


@pytest.mark.parametrize(("cap", "partial"), [(5, "max_eval_instances=5"), (6, ""), (None, "")])
def test_a_helm_run_that_fills_its_cap_may_have_left_some_out(cap: int | None, partial: str, tmp_path: Path) -> None:
    file = "helm/ko_reading/run_spec.json"
    folder = changed(file, lambda v: v["adapter_spec"].update(max_eval_instances=cap), tmp_path)
    assert {m.partial for m in good(folder)} == {partial}


def test_a_helm_run_without_its_instances_is_believed_about_their_number(tmp_path: Path) -> None:
    folder = changed("helm/ko_reading/run_spec.json", lambda v: None, tmp_path)
    (folder / "per_instance_stats.json").unlink()
    assert {m.n for m in good(folder)} == {4}


def test_two_metrics_of_one_type_are_told_apart_by_name(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "card.yaml": """\
model-index:
  - name: k-alpha
    results:
      - dataset: {type: fictional/x}
        metrics: [{type: acc, name: strict, value: 1}, {type: acc, name: loose, value: 2}, {type: f1, value: 3}]
"""
        },
    )
    assert [(m.benchmark, m.metric) for m in good(tmp_path)] == [
        ("fictional/x", "acc,loose"), ("fictional/x", "acc,strict"), ("fictional/x", "f1"),
    ]  # fmt: skip
