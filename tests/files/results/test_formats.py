"""Every format: exactly these measurements, in every field."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from evaluator.model.performance import Measurement
from tests.files.results.reading import DATA, NAME, good, read

SHARE = {"low": Fraction(0), "high": Fraction(1), "direction": "higher"}
PERCENT = {"low": Fraction(0), "high": Fraction(100), "direction": "higher"}


def measured(file: str, path: str, score: str, **told: Any) -> Measurement:
    """A measurement of K-Alpha by itself in a file of the test data."""
    data = (DATA / file).read_bytes()
    base: dict[str, Any] = {"model": "K-Alpha", "measured_by": "self", "score": Fraction(score), "path": path}
    return Measurement(
        **{**base, **told}, file=f"{NAME}/{file.partition('/')[2]}", sha256=hashlib.sha256(data).hexdigest()
    )


def lm_eval(task: str, metric: str, score: str, n: int, **told: Any) -> Measurement:
    key = metric if "," in metric else f"{metric},none"
    version = told.pop("version_of_task", "1.0")
    shots = "" if task == "ko_all" else "num_fewshot=0; "
    base: dict[str, Any] = {
        "benchmark": task, "metric": metric, "n": n, "items": n,
        "harness": "lm-evaluation-harness", "harness_version": "0.4.13", "date": "2026-11-24",
        "source": f"model=taouawwc; task_version={version}; {shots}model_source=dummy",
    }  # fmt: skip
    file = told.pop("file", "lm_eval/groups_and_filters.json")
    return measured(file, f'results.{task}["{key}"]', score, **{**base, **told})


LM_EVAL = [
    lm_eval("ko_a", "acc", "0.5", 12, stderr=Fraction("0.15075567228888181"), **SHARE),
    lm_eval("ko_a", "acc_norm", "0.5", 12, stderr=Fraction("0.15075567228888181"), **SHARE),
    lm_eval("ko_all", "acc", "0.5", 20, stderr=Fraction("0.11785113019775792"), version_of_task="1",
            members=("ko_inner", "ko_a", "ko_b"), **SHARE),
    lm_eval("ko_b", "acc", "0.5", 8, stderr=Fraction("0.1889822365046136"), **SHARE),
    lm_eval("ko_b", "acc_norm", "0.5", 8, stderr=Fraction("0.1889822365046136"), **SHARE),
    lm_eval("ko_gen", "exact_match,flexible-extract", "0", 8, stderr=Fraction(0), version_of_task="2.0", **SHARE),
    lm_eval("ko_gen", "exact_match,strict-match", "0", 8, stderr=Fraction(0), version_of_task="2.0", **SHARE),
    lm_eval("ko_inner", "acc", "0.5", 20, stderr=Fraction("0.11785113019775792"), version_of_task="1",
            members=("ko_a", "ko_b"), **SHARE),
    lm_eval("ko_ppl", "bits_per_byte", "0.11606243647169151", 8, version_of_task="2.0", direction="lower"),
    lm_eval("ko_ppl", "word_perplexity", "1.379599724571902", 8, version_of_task="2.0", direction="lower"),
]  # fmt: skip

LIMITED = [
    lm_eval("ko_a", metric, "0.6666666666666666", 3, file="lm_eval/limited.json", items=12,
            stderr=Fraction("0.33333333333333337"), partial="3/12; limit=3.0",
            source="model=kb5rz5z7; task_version=1.0; num_fewshot=0; model_source=dummy", **SHARE)
    for metric in ("acc", "acc_norm")
]  # fmt: skip


def inspect(file: str, task: str, metric: str, at: int = 0, **told: Any) -> Measurement:
    base: dict[str, Any] = {
        "benchmark": task, "metric": metric, "harness": "inspect_ai", "harness_version": "0.3.285",
        "date": "2026-11-24", "source": "model=mockllm/model; task_version=0", **SHARE,
    }  # fmt: skip
    return measured(f"inspect/{file}", f"results.scores[{at}].metrics.accuracy.value", "0.5", **{**base, **told})


INSPECT = {
    "epochs.eval": [
        inspect(
            "epochs.eval",
            "ko_click",
            "accuracy",
            n=6,
            items=6,
            stderr=Fraction("0.22360679774997896"),
            source="model=mockllm/model; task_version=0; epochs=2",
        ),
    ],
    "limited.json": [
        inspect("limited.json", "ko_click", "accuracy", n=2, items=6, stderr=Fraction("0.5"), partial="2/6")
    ],
    "two_scorers.json": [
        inspect(
            "two_scorers.json", "ko_open", "accuracy,includes", 0, n=4, items=4, stderr=Fraction("0.28867513459481287")
        ),
        inspect(
            "two_scorers.json", "ko_open", "accuracy,match", 1, n=4, items=4, stderr=Fraction("0.28867513459481287")
        ),
    ],
}


def helm(metric: str, at: int, score: str, **told: Any) -> Measurement:
    return measured(
        "helm/ko_reading/stats.json", f"stats.json [{at}].mean", score,
        benchmark="ko_reading:subject=law,method=multiple_choice_joint", metric=metric, n=4, harness="HELM",
        source="model=fictional/k-alpha; split=test, trials=2", **told,
    )  # fmt: skip


HELM = [helm("exact_match", 1, "0.75", **SHARE), helm("ndcg_10", 4, "0.5")]


def lighteval(task: str, key: str, metric: str, score: str, stderr: str, **told: Any) -> Measurement:
    at = f".{metric}" if metric.isidentifier() else f'["{metric}"]'
    return measured(
        "lighteval/results.json",
        f'results["{key}"]{at}',
        score,
        benchmark=task,
        metric=metric,
        stderr=Fraction(stderr),
        harness="LightEval",
        harness_version="0f1e2d3c",
        **SHARE,
        **told,
    )


def _light(version: str, shots: int) -> str:
    return f"model=fictional/k-alpha; {version}num_fewshot={shots}; model_sha=abc123"


LIGHTEVAL = [
    lighteval("kmmlu", "leaderboard|kmmlu:_average|5", "acc", "0.375", "0.095", partial="20/24",
              members=("kmmlu:law", "kmmlu:math"), source=_light("", 5)),
    lighteval("kmmlu:law", "leaderboard|kmmlu:law|5", "acc", "0.5", "0.1", n=26, items=26,
              source=_light("task_version=0; ", 5)),
    lighteval("kmmlu:math", "leaderboard|kmmlu:math|5", "acc", "0.25", "0.09", n=20, items=24, partial="20/24",
              source=_light("task_version=0; ", 5)),
    lighteval("ko_gsm8k", "lighteval|ko_gsm8k|0", "em", "0", "0", source=_light("task_version=1; ", 0)),
    lighteval("ko_gsm8k", "lighteval|ko_gsm8k|0", "maj@8", "0.1", "0.03", source=_light("task_version=1; ", 0)),
]  # fmt: skip


def opencompass(dataset: str, line: int, metric: str, score: str, source: str, **told: Any) -> Measurement:
    model = told.setdefault("model", "k-alpha-hf")
    return measured(
        "opencompass/summary.csv", f"line {line}, {model}", score, benchmark=dataset, metric=metric,
        harness="OpenCompass", source=source, **told,
    )  # fmt: skip


OPENCOMPASS = [
    opencompass("ko_summ", 5, "rouge1", "31.5", "prompt=ab12cd; inference=gen"),
    opencompass("ko_summ", 5, "rouge1", "30.25", "prompt=ab12cd; inference=gen", model="k-beta-hf"),
    opencompass("race", 2, "naive_average", "76.23", "inference=ppl", members=("race-high", "race-middle"), **PERCENT),
    opencompass("race-high", 3, "accuracy", "74.53", "prompt=0c332f; inference=ppl", **PERCENT),
    opencompass("race-high", 3, "accuracy", "70.01", "prompt=0c332f; inference=ppl", model="k-beta-hf", **PERCENT),
    opencompass("race-middle", 4, "accuracy", "77.92", "prompt=0c332f; inference=ppl", **PERCENT),
]


def hub(file: str, path: str, score: str, benchmark: str, metric: str, source: str, **told: Any) -> Measurement:
    return measured(f"hugging_face/{file}", path, score, benchmark=benchmark, metric=metric, source=source, **told)


HUGGING_FACE = [
    hub("README.md", '["model-index"][0].results[0].metrics[0].value', "71.5", "KoIF (0-Shot)",
        "inst_level_strict_acc", "model=k-alpha; dataset=fictional/ko-if; config=main; split=test; "
        "metric=strict accuracy; source=https://example.org/board", direction="higher"),
    hub("README.md", '["model-index"][0].results[1].metrics[0].value', "63.25", "Reading", "acc_norm",
        "model=k-alpha; dataset=fictional/reading; metric=normalized accuracy; verified=true", direction="higher"),
    hub("README.md", '["model-index"][0].results[1].metrics[1].value', "0.15", "Reading", "loss",
        "model=k-alpha; dataset=fictional/reading"),
    hub(".eval_results/board.yaml", "[0].value", "20.9", "fictional/ko-hle", "score",
        "notes=no-tools; source=https://example.org/logs", mode="no-tools", date="2026-05-02"),
    hub(".eval_results/board.yaml", "[1].value", "0.412", "ko_gpqa_diamond", "score",
        "dataset=fictional/ko-gpqa; revision=55034d"),
]  # fmt: skip


def ever(file: str, at: int, benchmark: str, metric: str, score: str, **told: Any) -> Measurement:
    source = "model=fictional/k-alpha; source=Open board" + told.pop("more", "")
    path = f"evaluation_results[{at}].score_details.score"
    return measured(f"every_eval_ever/{file}", path, score, benchmark=benchmark, metric=metric, source=source, **told)


RUN = {"harness": "inspect_ai", "harness_version": "0.3.285", "date": "2026-02-09"}
EVERY_EVAL_EVER = [
    ever("board.json", 0, "KoIF", "Accuracy", "0.4486", measured_by="third_party", **SHARE),
    ever("board.json", 1, "Preference", "Elo rating", "1204.5", measured_by="third_party", direction="higher"),
    ever("run.json", 0, "Reading", "accuracy", "0.82", n=200, items=200, stderr=Fraction("0.027"), **SHARE, **RUN),
    ever("run.json", 1, "Translation", "TER", "2.5", n=3, items=50, partial="3/50", low=Fraction(0), high=Fraction(100),
         direction="lower", more="; reasoning=true", **RUN),
]  # fmt: skip

OWN = [
    measured("own/results.csv", "line 2", "71.3", benchmark="kmmlu", metric="acc", n=35030, items=35030,
             stderr=Fraction("0.24"), date="2026-05-01", source="Model card, table 3", **PERCENT),
    measured("own/results.csv", "line 3", "64.1", benchmark="kmmlu", metric="acc", model="K-Beta", version="2.0",
             mode="thinking", harness="own harness", harness_version="1.2", measured_by="third_party", **PERCENT),
    measured("own/results.csv", "line 4", "0.07499999999999998", benchmark="ko_wer", metric="wer", n=40, items=50,
             partial="40/50", direction="lower"),
]  # fmt: skip

FOLDERS = {
    "helm": HELM,
    "lighteval": LIGHTEVAL,
    "opencompass": OPENCOMPASS,
    "hugging_face": HUGGING_FACE,
    "every_eval_ever": EVERY_EVAL_EVER,
    "own": OWN,
}
FILES = {
    "lm_eval/groups_and_filters.json": LM_EVAL,
    "lm_eval/limited.json": LIMITED,
    **{f"inspect/{name}": expected for name, expected in INSPECT.items()},
}


def by_key(measurements: list[Measurement]) -> list[Measurement]:
    return sorted(measurements, key=lambda m: (m.benchmark, m.metric, m.model, m.version, m.mode))


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_is_read_into_exactly_these_measurements(folder: str) -> None:
    told = [asdict(measurement) for measurement in good(DATA / folder)]
    assert told == [asdict(measurement) for measurement in by_key(FOLDERS[folder])]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("name", ["", "results.txt", "x.csv", "문서.md", "no-suffix"])
def test_a_file_is_known_by_its_content_whatever_it_is_called(file: str, name: str, tmp_path: Path) -> None:
    name = name or file.partition("/")[2]
    shutil.copy(DATA / file, tmp_path / name)
    told = [{**asdict(measurement), "file": ""} for measurement in good(tmp_path)]
    assert told == [{**asdict(measurement), "file": ""} for measurement in FILES[file]]


@pytest.mark.parametrize("file", ["opencompass/summary.csv", "own/results.csv", "lighteval/results.json",
                                  "every_eval_ever/run.json", "hugging_face/.eval_results/board.yaml"])  # fmt: skip
def test_other_formats_too_are_known_by_their_content(file: str, tmp_path: Path) -> None:
    shutil.copy(DATA / file, tmp_path / "results")
    folder = file.partition("/")[0]
    expected = [m for m in by_key(FOLDERS[folder]) if m.file.endswith(Path(file).name)]
    assert [{**asdict(m), "file": ""} for m in good(tmp_path)] == [{**asdict(m), "file": ""} for m in expected]


def test_every_measurement_survives_the_record() -> None:
    adapter = TypeAdapter(Measurement)
    for expected in [*FOLDERS.values(), *FILES.values()]:
        for measurement in expected:
            assert adapter.validate_json(adapter.dump_json(measurement)) == measurement


def test_the_hash_of_every_file_that_was_read_is_kept() -> None:
    _, problems, inputs = read(DATA / "helm")
    names = ("per_instance_stats.json", "run_spec.json", "stats.json")
    assert problems == []
    assert inputs == {
        f"{NAME}/ko_reading/{name}": hashlib.sha256((DATA / "helm/ko_reading" / name).read_bytes()).hexdigest()
        for name in names
    }


def test_the_order_of_files_decides_nothing(tmp_path: Path) -> None:
    for folder, names in (("one", ("a.json", "b.csv")), ("two", ("b.json", "a.csv"))):
        (tmp_path / folder).mkdir()
        shutil.copy(DATA / "lm_eval/groups_and_filters.json", tmp_path / folder / names[0])
        shutil.copy(DATA / "own/results.csv", tmp_path / folder / names[1])
    one, two = (good(tmp_path / folder) for folder in ("one", "two"))
    assert [{**asdict(m), "file": ""} for m in one] == [{**asdict(m), "file": ""} for m in two]
