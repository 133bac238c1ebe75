"""Laws of comparing two evaluations: nothing is missed, nothing is invented, and no cause is claimed in vain."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.errors import InputProblems
from evaluator.files.record import canonical
from evaluator.model.difference import WHATS
from evaluator.model.evaluation import Evaluation
from evaluator.model.rubric import Rubric
from evaluator.workflow import evaluate
from tests.scoring.difference.pairs import (
    compared,
    few,
    mirrored,
    other_mark,
    pairs,
    plain,
    random_round,
    told,
)


@pytest.mark.parametrize("seed", range(12))
def test_nothing_differs_from_itself(seed: int) -> None:
    try:
        evaluation = canonical(evaluate(*random_round(seed)))
    except InputProblems:
        return
    found = compared(evaluation, evaluation)
    assert found.empty and not found.material
    assert told(found)["different"] is False


@few
@given(pairs())
def test_the_other_way_round_it_is_the_same(pair: tuple[Evaluation, Evaluation]) -> None:
    one, other = (told(compared(*sides)) for sides in (pair, pair[::-1]))
    assert plain(mirrored(one), causes=False) == plain(other, causes=False)


@given(pairs())
def test_everything_that_moved_has_a_cause_and_no_cause_is_without_its_fact(
    pair: tuple[Evaluation, Evaluation],
) -> None:
    before, after = pair
    found = compared(before, after)
    assert found.rules == () and found.separation.kind == "same_rules"
    assert found.recalculation.before.agrees and found.recalculation.after.agrees
    own = {found.marks.applicants[i] for i in found.marks.applicant.tolist()}
    own |= {change.applicant for change in found.inputs if change.counts}
    stirred = own | {c.applicant for c in found.applicants if c.differs("total")}
    for change in found.applicants:
        for what in WHATS:
            kinds = change.kinds(what)
            assert bool(kinds) == change.differs(what)
            assert not {"unexplained", "rules", "not_separated"} & set(kinds)
            if "own_inputs" in kinds:
                assert change.applicant in own
            if "others" in kinds:
                assert stirred - {change.applicant}
            if "unresolved" in kinds:
                assert before.rankable != after.rankable
        relative = [cause.criterion for cause in change.causes if cause.kind == "pool_relative"]
        assert all(_is_relative(after.rubric, criterion) for criterion in relative)


def _is_relative(rubric: Rubric, criterion: str) -> bool:
    (leaf,) = (leaf for leaf in rubric.leaves() if leaf.id == criterion)
    return leaf.convert is not None and leaf.convert.kind == "relative_to_best"


@given(pairs(rules=True))
def test_what_rules_did_and_what_inputs_did_adds_up(pair: tuple[Evaluation, Evaluation]) -> None:
    before, after = pair
    found = compared(before, after)
    inputs = len(found.marks) or any(change.counts for change in found.inputs)
    ruled = any(rule.stage != "none" for rule in found.rules)
    assert found.separation.kind in (
        {"computed", "impossible"} if inputs and ruled else {"same_inputs"} if ruled else {"same_rules"}
    )
    for change in found.applicants:
        for what in WHATS:
            kinds = set(change.kinds(what))
            assert bool(kinds) == change.differs(what)
            assert "unexplained" not in kinds
            if found.separation.kind == "same_inputs":
                assert kinds <= {"rules", "unresolved"}
            if "rules" in kinds:
                assert ruled
            if "not_separated" in kinds:
                assert found.separation.kind == "impossible"
        if found.separation.kind == "computed":
            assert change.between is not None
            if change.before is not None and change.before.total != change.between.total and change.differs("total"):
                assert {"rules", "unresolved"} & set(change.kinds("total"))


@pytest.mark.parametrize("seed", range(40))
def test_one_other_mark_is_found_and_nothing_else(seed: int) -> None:
    rng = Random(seed)
    rubric, round_ = random_round(seed)
    edited = other_mark(rng, rubric, round_)
    try:
        pair = canonical(evaluate(rubric, round_)), canonical(evaluate(rubric, edited))
    except InputProblems:
        return
    rows = np.flatnonzero(round_.marks.score != edited.marks.score)
    found = compared(*pair)
    assert len(found.marks) == len(rows)
    assert found.inputs == ()
    for row in rows.tolist():
        marks = found.marks
        ids = (
            marks.applicants[marks.applicant[0]],
            marks.reviewers[marks.reviewer[0]],
            marks.criteria[marks.criterion[0]],
        )
        assert ids == (
            round_.applicants[round_.marks.applicant[row]].id,
            round_.reviewers[round_.marks.reviewer[row]].id,
            rubric.panel_leaves()[round_.marks.criterion[row]].id,
        )
        assert Fraction(int(marks.score_before[0]), 10**marks.decimals) == Fraction(
            int(round_.marks.score[row]), 10**round_.marks.decimals
        )
        assert found.marks.of(ids[0]) == slice(0, 1)


@few
@given(st.integers(0, 2**32))
def test_an_applicant_s_own_marks_alone_give_it_its_new_total(seed: int) -> None:
    """Where own inputs are the only cause, everybody else may keep their marks: its total is the same."""
    rng = Random(seed)
    rubric, round_ = random_round(rng.randrange(120))
    edited = round_
    for _ in range(4):
        edited = other_mark(rng, rubric, edited)
    try:
        found = compared(evaluate(rubric, round_), evaluate(rubric, edited))
        for change in found.applicants:
            if change.kinds("total") == ("own_inputs",) and change.after is not None:
                own = round_.marks.applicant == [a.id for a in round_.applicants].index(change.applicant)
                score = np.where(own, edited.marks.score, round_.marks.score)
                alone = dataclasses.replace(round_, marks=dataclasses.replace(round_.marks, score=score))
                again = {s.applicant: s.total for s in evaluate(rubric, alone).ranking}
                assert again[change.applicant] == change.after.total
    except InputProblems:
        return
