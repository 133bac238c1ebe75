"""Who would be selected if the places were given out in another method's order."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.model.cross_check import CrossCheck
from evaluator.model.evaluation import Evaluation, Outcome, Standing
from evaluator.model.rubric import Selection
from evaluator.model.second_opinion import is_settled, moves, ranked
from evaluator.model.standings import OUTCOMES
from evaluator.scoring.ranking import Order, seat_outcomes
from tests.outputs.rounds import small_evaluation

BASE = small_evaluation()


def check(*ranks: int, **changes: Any) -> CrossCheck:
    figures = {"scores": -np.array(ranks, float), "ranks": np.array(ranks, np.int32), "tau": Fraction(1, 2)}
    return CrossCheck(method="topsis", **{**figures, **changes})


def evaluation(outcomes: list[Outcome], ranks: list[int], places: int, vacancy: str = "keep") -> Evaluation:
    selection = Selection.model_validate({"places": places, "reserve": 1, "vacancy": vacancy})
    standings = tuple(
        Standing(applicant=f"a{i}", rank=rank, outcome=outcome, criteria={})
        for i, (outcome, rank) in enumerate(zip(outcomes, ranks, strict=True), start=1)
    )
    unranked = Standing(applicant="z", rank=None, outcome="withdrawn", criteria={})
    rubric = BASE.rubric.model_copy(update={"selection": selection})
    return dataclasses.replace(BASE, rubric=rubric, ranking=(*standings, unranked))


def told(case: Evaluation, second: CrossCheck) -> tuple[list[str], list[str], list[str]]:
    officially = ranked(case)
    found = moves(case, officially, second)
    assert found is not None
    masks = (found.gained, found.lost, found.shared)
    return tuple([a for a, is_in in zip(officially.applicants, m, strict=True) if is_in] for m in masks)  # type: ignore[return-value]  # three of them


FOUR: list[Outcome] = ["selected", "selected", "reserve", "not_selected"]


def test_one_takes_the_place_of_another() -> None:
    assert told(evaluation(FOUR, [1, 2, 3, 4], 2), check(1, 3, 2, 4)) == (["a3"], ["a2"], [])
    assert told(evaluation(FOUR, [1, 2, 3, 4], 2), check(2, 1, 4, 3)) == ([], [], [])


def test_equals_share_the_last_place() -> None:
    assert told(evaluation(FOUR, [1, 2, 3, 4], 2), check(1, 2, 2, 4)) == ([], [], ["a2", "a3"])
    assert told(evaluation(FOUR, [1, 2, 3, 4], 2), check(4, 1, 1, 3)) == (["a3"], ["a1"], [])


def test_a_failed_gate_takes_a_place_or_leaves_it() -> None:
    outcomes: list[Outcome] = ["gate_failed", "selected", "reserve", "not_selected"]
    assert told(evaluation(outcomes, [1, 2, 3, 4], 2), check(4, 3, 1, 2)) == (["a3", "a4"], ["a2"], [])
    assert told(evaluation(outcomes, [1, 2, 3, 4], 2), check(1, 3, 2, 4)) == (["a3"], ["a2"], [])
    filled: list[Outcome] = ["gate_failed", "selected", "selected", "reserve"]
    assert told(evaluation(filled, [1, 2, 3, 4], 2, "fill"), check(1, 3, 4, 2)) == (["a4"], ["a3"], [])


@pytest.mark.parametrize("outcome", ["open", "tied_at_cut"])
def test_nothing_is_said_while_the_selection_is_not_settled(outcome: Outcome) -> None:
    case = evaluation(["selected", outcome, outcome], [1, 2, 3], 2)
    assert not is_settled(case, ranked(case))
    assert moves(case, ranked(case), check(3, 2, 1)) is None


def test_nothing_is_said_without_places_or_without_ranks() -> None:
    case = evaluation(FOUR, [1, 2, 3, 4], 2)
    none = check(why="zero_value", scores=np.zeros(0), ranks=np.zeros(0, np.int32))
    assert moves(case, ranked(case), none) is None
    without = dataclasses.replace(case, rubric=case.rubric.model_copy(update={"selection": None}))
    assert moves(without, ranked(without), check(4, 3, 2, 1)) is None


def test_columns_and_standings_say_the_same() -> None:
    listed = dataclasses.replace(BASE, ranking=tuple(BASE.ranking))
    for found, expected in ((ranked(BASE), ranked(listed)),):
        assert found.applicants == expected.applicants == ("a2", "a1")
        assert found.ranks.tolist() == expected.ranks.tolist() == [1, 2]
        assert found.outcomes.tolist() == expected.outcomes.tolist()
        assert found.selected.tolist() == [True, False]


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4), st.booleans()), min_size=1, max_size=9),
    st.integers(1, 5),
    st.booleans(),
)
def test_places_are_given_out_as_they_are_officially(
    rows: list[tuple[int, int, bool]], places: int, fill: bool
) -> None:
    """The oracle is the walk that gives out the official places."""

    def walk(scores: list[int]) -> tuple[list[int], list[str]]:
        ranks = [1 + sum(other < score for other in scores) for score in scores]
        members = np.array(sorted(range(len(rows)), key=lambda i: (ranks[i], i)), np.int64)
        starts = np.flatnonzero(np.diff([ranks[i] for i in members], prepend=0))
        failed = np.array([rows[i][2] for i in members], np.bool_)
        codes = seat_outcomes(
            Order(tuple(f"a{i + 1}" for i in range(len(rows))), members, starts),
            places=places,
            reserve=0,
            fill=fill,
            failed=failed,
            undecided=np.zeros(len(rows), np.bool_),
        )
        found = dict(zip(members.tolist(), (OUTCOMES[c] for c in codes), strict=True))
        return ranks, [found[i] for i in range(len(rows))]

    (ranks, outcomes), (others, hypothetical) = walk([r[0] for r in rows]), walk([r[1] for r in rows])
    case = evaluation(outcomes, ranks, places, "fill" if fill else "keep")  # type: ignore[arg-type]  # outcomes they are
    found = moves(case, ranked(case), check(*others))
    if "tied_at_cut" in outcomes:
        assert found is None
        return
    assert found is not None
    pairs = list(zip(outcomes, hypothetical, strict=True))
    assert found.gained.tolist() == [o != "selected" and h == "selected" for o, h in pairs]
    assert found.lost.tolist() == [o == "selected" and h not in {"selected", "tied_at_cut"} for o, h in pairs]
    assert found.shared.tolist() == [h == "tied_at_cut" for _, h in pairs]
