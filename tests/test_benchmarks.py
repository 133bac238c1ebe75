"""The ground under the benchmarks: made rounds are what they are said to be, and who differs is told."""

from __future__ import annotations

import platform
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import _methods, _rounds
from benchmarks._child import Work
from benchmarks._harness import Contestant, DisagreementError, Foreign, contest, difference
from benchmarks._results import Row, Section, cells, exponent, machine
from evaluator.files import load_round
from evaluator.workflow import evaluate

APPLICANTS = 60


@pytest.mark.parametrize("rule", _rounds.PANELS)
@pytest.mark.parametrize("scores", ["string", "double", "decimal"])
def test_a_made_round_is_complete_and_ranked(rule: _rounds.Rule, scores: _rounds.ScoreType, tmp_path: Path) -> None:
    rubric, round_ = load_round(_rounds.write_round(tmp_path / "round", APPLICANTS, rule, scores))
    assert len(round_.marks) == APPLICANTS * _rounds.PER_APPLICANT * _rounds.CRITERIA
    assert len(round_.reviewers) == _rounds.reviewers(APPLICANTS)
    found = evaluate(rubric, round_)
    assert all(standing.rank for standing in found.ranking)
    assert {one.kind for one in found.unresolved} <= {"tie"}


def test_a_made_round_is_the_same_every_time_and_its_rows_are_shuffled(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    one, other = (_rounds.write_round(tmp_path / name, APPLICANTS, "mean") for name in ("one", "other"))
    for path in one.iterdir():
        assert path.read_bytes() == (other / path.name).read_bytes()
    applicants = pq.read_table(one / "scores.parquet")["applicant"].to_pylist()
    assert applicants != sorted(applicants)


def test_the_types_of_scores_say_the_same(tmp_path: Path) -> None:
    totals: list[list[Any]] = []
    for scores in ("string", "double", "decimal"):
        found = evaluate(*load_round(_rounds.write_round(tmp_path / scores, APPLICANTS, "sheets", scores)))
        totals.append([(standing.applicant, standing.raw_total) for standing in found.ranking])
    assert totals[0] == totals[1] == totals[2]


def answer(num: int, den: int) -> dict[str, Any]:
    return {"num": np.array([num]), "den": np.array([den])}


def test_exact_results_must_be_equal_and_others_close() -> None:
    third = {"value": np.array([1 / 3])}
    assert difference(answer(1, 3), answer(2, 6)) == ""
    assert difference(answer(1, 3), answer(333333333333, 1000000000000)) != ""
    assert difference(answer(1, 3), third) == ""
    assert difference(third, {"value": np.array([1 / 3 + 1e-8])}) != ""
    assert difference(third, {"value": np.array([np.nan])}) != ""
    assert difference(third, {"value": np.array([1 / 3, 1])}) != ""


def test_ranks_must_agree_but_where_rounding_error_decides() -> None:
    value = np.array([0.5, 0.9, 0.5 + 1e-12, 0.1])

    def ranked(*ranks: int) -> dict[str, Any]:
        return {"value": value, "rank": np.array(ranks)}

    for ranks in ((2, 1, 2, 4), (3, 1, 2, 4), (2, 1, 3, 4)):
        assert difference(ranked(2, 1, 2, 4), ranked(*ranks)) == ""
    for wrong in ((1, 2, 2, 4), (2, 1, 2, 3), (2, 1, 2, 0)):
        assert difference(ranked(2, 1, 2, 4), ranked(*wrong)) != "", wrong
        assert difference(ranked(*wrong), ranked(2, 1, 2, 4)) != "", wrong
    assert difference(ranked(2, 1, 2, 4), ranked(2, 1, 2)) != ""


@pytest.mark.parametrize("kind", ["continuous", "marks"])
@pytest.mark.parametrize(("q", "p"), [(0, 0), (0.5, 2.5)])
def test_contestants_for_promethee_agree(kind: str, q: float, p: float) -> None:
    args: dict[str, Any] = {"rows": 150, "columns": 4, "kind": kind, "q": q, "p": p}
    assert agree(_methods.promethee_ours(**args), _methods.promethee_numpy(**args)) == ""
    assert agree(_methods.promethee_ours(**args), _methods.promethee_pymcdm(**args, keep_tables=True)) == ""
    assert agree(_methods.promethee_ours(**args), _methods.promethee_pymcdm(**args, keep_tables=False)) == ""


def test_contestants_for_topsis_agree() -> None:
    args = {"rows": 150, "columns": 4}
    for other in (_methods.topsis_skcriteria, _methods.topsis_pymcdm):
        assert agree(_methods.topsis_ours(**args), other(**args)) == ""


def agree(a: Work, b: Work) -> str:
    for work in (a, b):
        assert work.warm is not None
        work.warm()
    return difference(*(work.answer(work.run(lambda _: None)) for work in (a, b)))


def test_no_machine_is_named() -> None:
    """The kernel is told by two numbers: what comes after them may be of one host."""
    system = machine()["system"]
    assert platform.release() not in system
    assert re.search(r"\b\d+\.\d+\b", system)


CONSTANT = "tests.contestants:constant"


def test_contestants_run_in_turns_and_must_agree() -> None:
    same = [Contestant(name=name, target=CONSTANT, args={"value": 1.0}) for name in ("a", "b")]
    found = contest("title", same, runs=2, base="a")
    assert [(row.name, len(row.first), len(row.again), list(row.laps)) for row in found.rows] == [
        ("a", 2, 4, ["part"]),
        ("b", 2, 4, ["part"]),
    ]
    assert [(len(row.imports), row.warm) for row in found.rows] == [(2, [])] * 2
    assert all(10 < mib < 1000 for row in found.rows for mib in row.peak_mib)
    other = Contestant(name="c", target=CONSTANT, args={"value": 2.0})
    with pytest.raises(DisagreementError, match="a and c differ"):
        contest("title", [same[0], other], runs=1)


def test_a_contestant_gets_warm_before_it_is_timed() -> None:
    args = {"value": 1.0, "warm_up": 0.05}
    row = contest("title", [Contestant(name="a", target=CONSTANT, args=args)], runs=1).rows[0]
    assert len(row.warm) == 1 and row.warm[0] >= 0.05
    assert max(row.first + row.imports) < 0.05


def test_a_contestant_that_fails_is_no_result() -> None:
    with pytest.raises(RuntimeError, match="wrong failed"):
        contest("title", [Contestant(name="wrong", target=CONSTANT, args={"no": 1})], runs=1)


def test_a_table_shows_medians_ratios_and_who_was_disturbed() -> None:
    slow = Row(name="slow", first=[4.0, 5.0, 9.0], peak_mib=[100.4, 2000], foreign=[0.01, 0.2])
    section = Section(title="", rows=[Row(name="base", first=[2.0]), slow], base="base")
    assert cells(section) == [
        ["", "first, s", "× base", "peak, MiB", "others"],
        ["base", "2.00", "1.00", "", ""],
        ["slow", "5.00 (4.00–9.00)", "2.50", "2,000", "20% !"],
    ]


def test_linear_cost_has_the_exponent_one() -> None:
    assert exponent([10, 100, 1000], [0.2, 2.0, 20.0]) == pytest.approx(1)
    assert exponent([10, 100], [1, 100]) == pytest.approx(2)


def test_nothing_is_told_about_what_others_ran_in_a_moment() -> None:
    with Foreign() as foreign:
        pass
    assert foreign.share is None
