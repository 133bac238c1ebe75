"""Why a total, a rank or an outcome differs, in single cases."""

from __future__ import annotations

import dataclasses
from typing import Any

from evaluator.model.difference import ABSENT
from evaluator.model.round import ABSTAINED, BLANK, SCORED, Decision
from evaluator.workflow import evaluate
from tests.outputs.rounds import (
    FIGURES,
    RUBRIC,
    SHEETS,
    small_evaluation,
    small_round,
    vote_evaluation,
)
from tests.scoring.difference.pairs import compared, kinds, one_reviewer


def test_a_pool_relative_criterion_moves_others() -> None:
    criteria = [
        {**c, "convert": {"kind": "relative_to_best"}, "scale": {"min": 1, "max": 40}} if c["id"] == "price" else c
        for c in RUBRIC["criteria"]
    ]
    rubric = {**RUBRIC, "criteria": criteria}
    before = small_evaluation(rubric=rubric, figures={"a1": "30", "a2": "20", "a3": "40"})
    after = small_evaluation(rubric=rubric, figures={"a1": "30", "a2": "20", "a3": "39"})
    changes = {c.applicant: c for c in compared(before, after).applicants}
    assert [(c.kind, c.criterion) for c in changes["a1"].causes if c.what == "total"] == [("pool_relative", "price")]
    assert changes["a2"].kinds("total") == ("pool_relative",)
    # The best one has all points before and after: nothing of its own points differs.
    assert "a3" not in changes or "own_inputs" not in changes["a3"].kinds("total")


def test_votes_are_inputs_of_their_own() -> None:
    before = vote_evaluation()
    standings = tuple(
        dataclasses.replace(s, votes=dataclasses.replace(s.votes, yes=2, no=0))
        if s.applicant == "a2" and s.votes
        else s
        for s in before.ranking
    )
    found = compared(before, dataclasses.replace(before, ranking=standings))
    assert [(i.applicant, i.field, i.before, i.after) for i in found.inputs] == [
        ("a2", "yes", "1", "2"),
        ("a2", "no", "1", "0"),
    ]


def test_a_figure_that_was_changed_by_hand_is_not_explained() -> None:
    before = small_evaluation()
    (first, *others) = before.ranking
    higher = dataclasses.replace(first, total=first.total and first.total + 1)
    found = compared(before, dataclasses.replace(before, ranking=(higher, *others)))
    assert [c.kinds("total") for c in found.applicants] == [("unexplained",)]


def test_rounds_with_nobody_in_common_are_compared_all_the_same() -> None:
    before = small_evaluation()
    after = small_evaluation(
        sheets={a.replace("a", "b"): sheets for a, sheets in SHEETS.items()},
        figures={a.replace("a", "b"): figure for a, figure in FIGURES.items()},
        adjustments=(),
        gates=(),
        decisions=(),
        opinions=(),
        info={"id": "another"},
    )
    found = compared(before, after)
    assert found.common == 0
    assert (found.applicants_added, found.applicants_removed) == (("b1", "b2", "b3"), ("a1", "a2", "a3"))
    assert {c.kinds("rank") for c in found.applicants} == {("entered",), ("left",)}
    assert set(found.marks.state_before[found.marks.state_after != ABSENT].tolist()) == {ABSENT}


def test_a_tie_decision_moves_those_it_is_about() -> None:
    sheets = dict.fromkeys(("a1", "a2"), SHEETS["a1"])
    plain_round: dict[str, Any] = {
        "sheets": sheets,
        "figures": {"a1": "30", "a2": "30"},
        "adjustments": (),
        "conflicts": (),
        "rubric": {**RUBRIC, "tie_break": ["decision"]},
    }

    def decided(first: str, second: str) -> tuple[Decision, ...]:
        return tuple(
            Decision(kind="tie", applicant=a, after=str(i), decider="panel", date="2026-11-02", reason="lot")
            for i, a in enumerate((first, second), start=1)
        )

    before = evaluate(*small_round(**plain_round, decisions=decided("a1", "a2")))
    after = evaluate(*small_round(**plain_round, decisions=decided("a2", "a1")))
    for change in compared(before, after).applicants:
        assert "tie_decision" in change.kinds("rank")
        assert change.kinds("outcome") == ("rank",)


def test_two_that_both_moved_and_passed_each_other_are_told_both() -> None:
    before = one_reviewer(a1=("30", "10"), a2=("20", "10"), a3=("1", "1"))
    after = one_reviewer(a1=("25", "10"), a2=("28", "10"), a3=("2", "1"))
    assert kinds(before, after, "rank") == {"a1": ("own_total", "others"), "a2": ("own_total", "others"), "a3": ()}
    assert kinds(before, after, "outcome")["a1"] == ("rank",)


def test_other_points_in_the_tie_break_under_the_same_total() -> None:
    before = one_reviewer(a1=("20", "20"), a2=("19", "21"))
    after = one_reviewer(a1=("18", "22"), a2=("19", "21"))
    assert kinds(before, after, "total") == {"a1": (), "a2": ()}
    assert kinds(before, after, "rank") == {"a1": ("own_tie_break",), "a2": ("others",)}


def test_a_zero_is_not_a_blank_and_an_abstention_no_recusal() -> None:
    found = compared(one_reviewer(a1=("0", "1"), a2=("2", "-")), one_reviewer(a1=("", "1"), a2=("2", "0")))
    states = zip(found.marks.state_before.tolist(), found.marks.state_after.tolist(), strict=True)
    assert list(states) == [(SCORED, BLANK), (ABSTAINED, SCORED)]
