"""What another method would change in a selection. It is told beside the official result, never put in its place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluator.model.cross_check import CrossCheck
from evaluator.model.evaluation import Evaluation
from evaluator.model.standings import OUTCOME_CODE, Standings

_SELECTED, _FAILED = OUTCOME_CODE["selected"], OUTCOME_CODE["gate_failed"]
_OPEN = (OUTCOME_CODE["open"], OUTCOME_CODE["tied_at_cut"])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranked:
    """The applicants with an official rank, in the order of ``Evaluation.ranking``: ids, ranks, outcomes (codes)."""

    applicants: tuple[str, ...]
    ranks: NDArray[np.int32]
    outcomes: NDArray[np.int8]

    @property
    def selected(self) -> NDArray[np.bool_]:
        """Who is selected officially."""
        return np.asarray(self.outcomes == _SELECTED, np.bool_)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moves:
    """Who would be selected if the places were given out in a method's order; masks along the ranked applicants.

    ``gained`` would be selected and are not, ``lost`` are selected and would not be, ``shared`` are tied by the
    method for places that are too few for all of them, whatever they are officially.
    """

    gained: NDArray[np.bool_]
    lost: NDArray[np.bool_]
    shared: NDArray[np.bool_]

    @property
    def none(self) -> bool:
        """Whether the selection would be the same."""
        return not (self.gained.any() or self.lost.any() or self.shared.any())


def ranked(evaluation: Evaluation) -> Ranked:
    """The ranked applicants as columns, without putting their standings together where they are columns already."""
    listing = evaluation.ranking
    if isinstance(listing, Standings):
        n = int(np.count_nonzero(listing.ranks))
        return Ranked(applicants=listing.applicants[:n], ranks=listing.ranks[:n], outcomes=listing.outcomes[:n])
    have = [(s.applicant, s.rank, OUTCOME_CODE[s.outcome]) for s in listing if s.rank is not None]
    return Ranked(
        applicants=tuple(applicant for applicant, _, _ in have),
        ranks=np.array([rank for _, rank, _ in have], np.int32),
        outcomes=np.array([outcome for _, _, outcome in have], np.int8),
    )


def is_settled(evaluation: Evaluation, officially: Ranked) -> bool:
    """Whether it is known officially who is selected: there are places, no open gate, no tie at the cut line."""
    return evaluation.rubric.selection is not None and not np.isin(officially.outcomes, _OPEN).any()


def moves(evaluation: Evaluation, officially: Ranked, check: CrossCheck) -> Moves | None:
    """What a method would change in the selection; None where it gives no ranks or the selection is not settled.

    Places are given out as they are officially: from the best rank down, among the applicants that have an official
    rank; who failed an after_ranking gate is never selected, comes last among equals, and uses up a place unless the
    rubric fills vacancies. Equals for whom the places left are too few share them.
    """
    selection = evaluation.rubric.selection
    if check.why or selection is None or not is_settled(evaluation, officially):
        return None
    failed = officially.outcomes == _FAILED
    group, sizes = np.unique(check.ranks, return_inverse=True, return_counts=True)[1:]
    group = group.reshape(-1)
    good = sizes - np.bincount(group[failed], minlength=len(sizes))
    taken = good if selection.vacancy == "fill" else sizes
    before = np.cumsum(taken) - taken
    inside = (before + good <= selection.places)[group] & ~failed
    shared = (before < selection.places)[group] & ~inside & ~failed
    officially_in = officially.selected
    return Moves(
        gained=inside & ~officially_in,
        lost=officially_in & ~inside & ~shared,
        shared=shared,
    )
