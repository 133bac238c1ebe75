"""Marks of two evaluations, compared as columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evaluator.model.difference import ABSENT, InputChange, MarkChanges
from evaluator.model.evaluation import Evaluation
from evaluator.model.exact import Ints, times
from evaluator.model.round import SCORED


def mark_changes(before: Evaluation, after: Evaluation) -> MarkChanges:
    """The marks that differ in state or score, whatever the order of rows, applicants, reviewers and criteria.

    Time n log n, linear where both are in the record's order; memory of a few columns in the number of marks. A mark
    that one evaluation does not have, because nobody owes it there, is ABSENT.
    """
    sides = (before, after)
    applicants = tuple(sorted({a.id for e in sides for a in e.applicants}))
    reviewers = tuple(sorted({r.id for e in sides for r in e.reviewers}))
    criteria = tuple(dict.fromkeys(leaf.id for e in sides for leaf in e.rubric.panel_leaves()))
    decimals = max(e.marks.marks.decimals for e in sides)
    one, other = (_Keyed(e, (applicants, reviewers, criteria), decimals) for e in sides)
    keys, rows = _differing(one, other)
    pair, criterion = np.divmod(keys, max(len(criteria), 1))
    applicant, reviewer = np.divmod(pair, max(len(reviewers), 1))
    # Criteria were counted in a rubric's order, in which marks mostly lie; they are told by their ids.
    listed = tuple(sorted(criteria))
    criterion = _codes(criteria, listed)[criterion] if criteria else criterion
    order = np.lexsort((criterion, reviewer, applicant))
    at = tuple(part[order] for part in rows)
    states = [np.where(r >= 0, _at(side.state, r), ABSENT) for side, r in zip((one, other), at, strict=True)]
    scores = [np.where(r >= 0, _at(side.score, r), 0) for side, r in zip((one, other), at, strict=True)]
    return MarkChanges(
        applicants=applicants,
        reviewers=reviewers,
        criteria=listed,
        applicant=applicant[order].astype(np.int32),
        reviewer=reviewer[order].astype(np.int32),
        criterion=criterion[order].astype(np.int32),
        state_before=states[0].astype(np.int8),
        state_after=states[1].astype(np.int8),
        score_before=scores[0],
        score_after=scores[1],
        decimals=decimals,
    )


class _Keyed:
    """The marks of one evaluation in the order of one key for applicant, reviewer and criterion.

    Scores are times 10**decimals, Python integers where they might not fit; a mark told twice counts once, by its
    first row.
    """

    def __init__(
        self, evaluation: Evaluation, union: tuple[Sequence[str], Sequence[str], Sequence[str]], decimals: int
    ) -> None:
        marks, (applicants, reviewers, criteria) = evaluation.marks.marks, union
        keys = _codes([a.id for a in evaluation.applicants], applicants)[marks.applicant]
        keys *= max(len(reviewers), 1)
        keys += _codes([r.id for r in evaluation.reviewers], reviewers)[marks.reviewer]
        keys *= max(len(criteria), 1)
        keys += _codes([leaf.id for leaf in evaluation.rubric.panel_leaves()], criteria)[marks.criterion]
        state, score = marks.state, marks.score
        if bool((keys[1:] <= keys[:-1]).any()):
            keys, first = np.unique(keys, return_index=True)
            state, score = state[first], score[first]
        self.keys, self.state = keys, state.astype(np.int8)
        self.score = times(np.where(state == SCORED, score, 0), 10 ** (decimals - marks.decimals))


def _differing(one: _Keyed, other: _Keyed) -> tuple[NDArray[np.int64], tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """The keys of marks that differ, and their rows on both sides, -1 where a side does not have the mark."""
    if np.array_equal(one.keys, other.keys):
        shared = (np.arange(len(one.keys)),) * 2
        lone = (np.zeros(0, np.int64),) * 2
    else:
        found = _held(one.keys, other.keys)
        missing = np.ones(len(other.keys), np.bool_)
        missing[found[found >= 0]] = False
        shared = np.flatnonzero(found >= 0), found[found >= 0]
        lone = np.flatnonzero(found < 0), np.flatnonzero(missing)
    differs = (one.state[shared[0]] != other.state[shared[1]]) | (one.score[shared[0]] != other.score[shared[1]])
    both = tuple(part[np.asarray(differs, np.bool_)] for part in shared)
    nowhere = tuple(np.full(len(part), -1, np.int64) for part in lone)
    keys = np.concatenate([one.keys[both[0]], one.keys[lone[0]], other.keys[lone[1]]])
    return keys, (np.concatenate([both[0], lone[0], nowhere[1]]), np.concatenate([both[1], nowhere[0], lone[1]]))


def _held(keys: NDArray[np.int64], among: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each key stands among others; both are in order. -1 where it does not."""
    if not len(among):
        return np.full(len(keys), -1, np.int64)
    place = np.minimum(np.searchsorted(among, keys), len(among) - 1)
    return np.where(among[place] == keys, place, -1)


def comment_changes(before: Evaluation, after: Evaluation) -> list[InputChange]:
    """Reviewers' comments that differ; they enter no calculation."""
    told = [_comments(e) for e in (before, after)]
    return [
        InputChange(
            kind="comment",
            applicant=applicant,
            reviewer=reviewer,
            criterion=criterion,
            field="text",
            before=told[0].get((applicant, reviewer, criterion)),
            after=told[1].get((applicant, reviewer, criterion)),
            counts=False,
        )
        for applicant, reviewer, criterion in sorted({key for key, _ in told[0].items() ^ told[1].items()})
    ]


def _comments(evaluation: Evaluation) -> dict[tuple[str, str, str], str]:
    marks, leaves = evaluation.marks.marks, evaluation.rubric.panel_leaves()
    return {
        (
            evaluation.applicants[int(marks.applicant[row])].id,
            evaluation.reviewers[int(marks.reviewer[row])].id,
            leaves[int(marks.criterion[row])].id,
        ): text
        for row, text in marks.comments
    }


def _codes(ids: Sequence[str], union: Sequence[str]) -> NDArray[np.int64]:
    places = {name: i for i, name in enumerate(union)}
    return np.array([places[name] for name in ids], np.int64)


def _at(values: Ints, rows: NDArray[np.int64]) -> Ints:
    """Values at rows; anything where the row is -1."""
    return values[rows] if len(values) else np.zeros(len(rows), values.dtype)
