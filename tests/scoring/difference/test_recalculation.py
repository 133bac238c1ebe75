"""Records that say otherwise than their inputs give: what was changed is unexplained, and nobody else is blamed."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.model.difference import WHATS, Difference
from evaluator.model.evaluation import CriterionScore, Evaluation, Standing
from evaluator.model.round import SCORED, Adjustment, Decision
from evaluator.model.standings import OUTCOMES
from tests.outputs.rounds import RUBRIC, SHEETS, small_evaluation, vote_evaluation
from tests.scoring.difference.pairs import compared, few, one_reviewer, pairs, told

Told = dict[tuple[str, str], tuple[str, ...]]


def causes(found: Difference) -> Told:
    """The kinds of causes of everything that differs, by applicant and what."""
    return {(c.applicant, what): c.kinds(what) for c in found.applicants for what in WHATS if c.differs(what)}


def changed(evaluation: Evaluation, **standings: dict[str, Any]) -> Evaluation:
    """The record with the standings of some applicants changed and nothing else."""
    ranking = tuple(dataclasses.replace(s, **standings.get(s.applicant, {})) for s in evaluation.ranking)
    return dataclasses.replace(evaluation, ranking=ranking)


def tampered(rng: Random, evaluation: Evaluation) -> tuple[Evaluation, set[tuple[str, str]]]:
    """The record with a rank, outcome, total or points of an applicant or two changed, and which."""
    standings, fields = {s.applicant: s for s in evaluation.ranking}, set[tuple[str, str]]()
    for applicant in rng.sample(sorted(standings), min(len(standings), rng.choice([1, 1, 2]))):
        one = standings[applicant]
        name = rng.choice(["rank", "outcome", "total", "points"])
        new = _tampered(rng, one, name, len(standings))
        if new != one:
            standings[applicant] = new
            fields.add((applicant, name))
    return dataclasses.replace(evaluation, ranking=tuple(standings.values())), fields


def _tampered(rng: Random, one: Standing, name: str, n: int) -> Standing:
    if name == "rank":
        return dataclasses.replace(one, rank=rng.choice([None, *range(1, n + 1)]))
    if name == "outcome":
        return dataclasses.replace(one, outcome=rng.choice(OUTCOMES))
    if name == "total" and one.total is not None:
        return dataclasses.replace(one, total=one.total + rng.choice([1, -1]) * Fraction(1, 10))
    if name == "points" and one.criteria:
        criterion = rng.choice(sorted(one.criteria))
        score: CriterionScore = one.criteria[criterion]
        score = dataclasses.replace(score, points=score.points + 1)
        return dataclasses.replace(one, criteria={**one.criteria, criterion: score})
    return one


@few
@given(pairs(), st.integers(0, 2**32), st.sampled_from(["before", "after", "both"]))
def test_what_was_tampered_with_is_unexplained_and_nothing_else_has_another_cause(
    pair: tuple[Evaluation, Evaluation], seed: int, which: str
) -> None:
    honest = causes(compared(*pair))
    rng = Random(seed)
    sides, fields = [], set[tuple[str, str]]()
    for name, evaluation in zip(("before", "after"), pair, strict=True):
        side, touched = tampered(rng, evaluation) if which in {name, "both"} else (evaluation, set())
        sides.append(side)
        fields |= touched
    found = compared(sides[0], sides[1])
    now, items = causes(found), (*found.recalculation.before.standings, *found.recalculation.after.standings)
    assert {item.applicant for item in items} == {applicant for applicant, _ in fields}
    for key in honest.keys() | now.keys():
        if key not in fields:
            assert now.get(key) == honest.get(key)
        elif key in now and {"entered", "left"}.isdisjoint(now[key]):
            assert "unexplained" in now[key]
            assert set(now[key]) - {"unexplained"} == set(honest.get(key, ())) & set(now[key])


@few
@given(pairs(), st.integers(0, 2**32))
def test_without_another_input_what_differs_is_unexplained_alone(
    pair: tuple[Evaluation, Evaluation], seed: int
) -> None:
    record, fields = tampered(Random(seed), pair[0])
    found = compared(pair[0], record)
    assert causes(found) == {key: ("unexplained",) for key in fields if key[1] != "points"}
    assert {item.applicant for item in found.recalculation.after.standings} == {applicant for applicant, _ in fields}
    assert found.recalculation.before.agrees


@few
@given(pairs(rules=True))
def test_honest_evaluations_say_what_their_inputs_give(pair: tuple[Evaluation, Evaluation]) -> None:
    found = compared(*pair)
    assert found.recalculation.before.agrees and found.recalculation.after.agrees
    assert not any("unexplained" in kinds for kinds in causes(found).values())


# Single cases


def test_two_swapped_ranks_are_nobody_s_doing() -> None:
    before = small_evaluation()
    first, second = ({"rank": s.rank, "outcome": s.outcome} for s in before.ranking[:2])
    found = compared(before, changed(before, a1=first, a2=second))
    assert causes(found) == {(a, what): ("unexplained",) for a in ("a1", "a2") for what in ("rank", "outcome")}
    assert [(i.applicant, i.place and i.place.rank) for i in found.recalculation.after.standings] == [
        ("a1", 2),
        ("a2", 1),
    ]


def test_swapped_outcomes_are_not_laid_on_an_applicant_whose_input_moves_nobody() -> None:
    """a3 stays out whatever its bonus: the seats of a1 and a2 have nothing to do with it."""
    before = small_evaluation()
    bonus = Adjustment(applicant="a3", kind="bonus", points=Fraction(1, 10), reason="-")
    after = small_evaluation(adjustments=(*before.adjustments, bonus))
    record = changed(after, a1={"outcome": "selected"}, a2={"outcome": "reserve"})
    assert causes(compared(before, record)) == {
        ("a1", "outcome"): ("unexplained",),
        ("a2", "outcome"): ("unexplained",),
        ("a3", "total"): ("own_inputs",),
    }


def test_a_total_that_goes_further_than_its_input_is_told_both() -> None:
    before = one_reviewer(a1=("30", "10"), a2=("20", "10"))
    after = one_reviewer(a1=("31", "10"), a2=("20", "10"))
    record = changed(after, a1={"total": Fraction(50)})
    found = compared(before, record)
    assert causes(found) == {("a1", "total"): ("own_inputs", "unexplained")}
    (item,) = found.recalculation.after.standings
    assert item.place is not None and item.place.total == 41


def test_marks_that_were_swapped_under_the_same_totals_are_noticed() -> None:
    before = one_reviewer(a1=("30", "10"), a2=("20", "10"), a3=("1", "1"))
    other = one_reviewer(a1=("20", "10"), a2=("30", "10"), a3=("1", "1"))
    record = dataclasses.replace(before, marks=other.marks)
    found = compared(before, record)
    assert len(found.marks) == 2 and causes(found) == {}
    places = {
        item.applicant: item.place and (item.place.total, item.place.rank)
        for item in (found.recalculation.after.standings)
    }
    assert places == {"a1": (30, 2), "a2": (40, 1)}
    assert not found.recalculation.after.cut_line or before.cut_line == other.cut_line


def test_a_mark_no_scale_has_leaves_nothing_to_explain_by() -> None:
    before = one_reviewer(a1=("30", "10"), a2=("20", "10"))
    marks = before.marks.marks
    score = np.where(marks.state == SCORED, marks.score + 10**6, marks.score)
    table = dataclasses.replace(before.marks, marks=dataclasses.replace(marks, score=score))
    record = changed(dataclasses.replace(before, marks=table), a1={"total": Fraction(99)})
    found = compared(before, record)
    assert not found.recalculation.after.possible
    assert causes(found) == {("a1", "total"): ("unexplained",)}


def test_a_decision_about_no_tie_leaves_nothing_to_explain_by() -> None:
    before = small_evaluation()
    decision = Decision(kind="tie", applicant="a1", after="1")
    record = changed(dataclasses.replace(before, decisions=(*before.decisions, decision)), a1={"rank": 3})
    found = compared(before, record)
    assert not found.recalculation.after.possible
    assert causes(found) == {("a1", "rank"): ("unexplained",)}


def test_inputs_that_do_not_fit_together_are_not_tried_under_other_rules() -> None:
    before = small_evaluation()
    decision = Decision(kind="tie", applicant="a1", after="1")
    record = dataclasses.replace(before, decisions=(*before.decisions, decision))
    found = compared(record, small_evaluation(rubric={**RUBRIC, "pass_mark": None, "tie_break": []}))
    assert (found.separation.kind, found.separation.why) == ("impossible", ("recorded",))


def test_a_cut_line_that_was_moved_is_noticed() -> None:
    before = small_evaluation()
    assert before.cut_line is not None
    record = dataclasses.replace(before, cut_line=dataclasses.replace(before.cut_line, margin=Fraction(9)))
    found = compared(before, record)
    assert found.cut_line is not None and found.applicants == ()
    assert not found.recalculation.after.cut_line and found.recalculation.before.cut_line


def test_a_place_more_is_the_rules_doing_and_moves_nobody_else() -> None:
    more = {**RUBRIC, "selection": {"places": 2, "reserve": 1}}
    found = compared(small_evaluation(), small_evaluation(rubric=more))
    assert causes(found) == {("a1", "outcome"): ("rules",)}


def test_votes_give_their_own_result() -> None:
    before = vote_evaluation()
    outcome = changed(before, a2={"outcome": "selected"})
    assert causes(compared(before, outcome)) == {("a2", "outcome"): ("unexplained",)}
    # Nobody who was voted on may be without votes.
    assert not compared(before, changed(before, a1={"votes": None})).recalculation.after.possible


def test_the_ranks_of_another_method_are_unexplained_where_all_they_are_made_of_is_the_same() -> None:
    rubric = {**RUBRIC, "cross_checks": ["topsis"]}
    before = small_evaluation(rubric=rubric)
    (check,) = before.cross_checks
    swapped = dataclasses.replace(check, ranks=check.ranks[::-1])
    (one,) = compared(before, dataclasses.replace(before, cross_checks=(swapped,))).cross_checks
    assert one.unexplained and one.ranks == 2
    other = small_evaluation(rubric=rubric, figures={"a1": "20", "a2": "40", "a3": "40"})
    assert [c.unexplained for c in compared(before, other).cross_checks] in ([], [False])


def test_a_round_that_was_evaluated_here_is_not_evaluated_again() -> None:
    from evaluator.scoring.difference import difference

    def never(*_: object) -> Evaluation:
        raise AssertionError("nothing is to be evaluated")

    one = small_evaluation()
    assert difference(one, one, never, recorded=(False, False)).empty


def test_what_was_found_is_told_to_programs() -> None:
    before = small_evaluation()
    found = told(compared(before, changed(before, a1={"rank": 3})))
    assert found["recalculation"]["before"] == {"possible": True, "standings": [], "cut_line": True}
    assert [item["applicant"] for item in found["recalculation"]["after"]["standings"]] == ["a1"]


@pytest.mark.parametrize("side", ["before", "after"])
def test_which_side_was_changed_is_known(side: str) -> None:
    one = small_evaluation()
    other = changed(one, a1={"total": Fraction(1)})
    found = compared(*((other, one) if side == "before" else (one, other)))
    assert [name for name in ("before", "after") if not getattr(found.recalculation, name).agrees] == [side]
    assert SHEETS.keys() >= {c.applicant for c in found.applicants}
