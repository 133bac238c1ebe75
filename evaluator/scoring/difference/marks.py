"""Marks of two evaluations, compared as columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from evaluator.model.difference import ABSENT, InputChange, MarkChanges
from evaluator.model.evaluation import Evaluation
from evaluator.model.exact import Ints, times
from evaluator.model.round import SCORED


def mark_changes(before: Evaluation, after: Evaluation) -> MarkChanges:
    """The marks that differ in state or score, whatever the order of rows, applicants, reviewers and criteria.

    Time n log n and memory of a few columns in the number of marks. A mark that one evaluation does not have, because
    nobody owes it there, is ABSENT.
    """
    sides = (before, after)
    applicants = _union([a.id for a in e.applicants] for e in sides)
    reviewers = _union([r.id for r in e.reviewers] for e in sides)
    criteria = _union([leaf.id for leaf in e.rubric.panel_leaves()] for e in sides)
    decimals = max(e.marks.marks.decimals for e in sides)
    one, other = (_Keyed(e, applicants, reviewers, criteria, decimals) for e in sides)
    only_one, only_other = ~np.isin(one.keys, other.keys), ~np.isin(other.keys, one.keys)
    shared_one, shared_other = np.flatnonzero(~only_one), np.flatnonzero(~only_other)
    differs = np.asarray(
        (one.state[shared_one] != other.state[shared_other]) | (one.score[shared_one] != other.score[shared_other]),
        np.bool_,
    )
    rows = [
        np.concatenate([shared_one[differs], np.flatnonzero(only_one), np.full(int(only_other.sum()), -1)]),
        np.concatenate([shared_other[differs], np.full(int(only_one.sum()), -1), np.flatnonzero(only_other)]),
    ]
    keys = np.where(rows[0] >= 0, _at(one.keys, rows[0]), _at(other.keys, rows[1]))
    order = np.argsort(keys, kind="stable")
    keys, rows = keys[order], [part[order] for part in rows]
    pair, criterion = np.divmod(keys, max(len(criteria), 1))
    applicant, reviewer = np.divmod(pair, max(len(reviewers), 1))
    state = [np.where(r >= 0, _at(k.state, r), ABSENT) for k, r in zip((one, other), rows, strict=True)]
    score = [np.where(r >= 0, _at(k.score, r), 0) for k, r in zip((one, other), rows, strict=True)]
    return MarkChanges(
        applicants=applicants,
        reviewers=reviewers,
        criteria=criteria,
        applicant=applicant.astype(np.int32),
        reviewer=reviewer.astype(np.int32),
        criterion=criterion.astype(np.int32),
        state_before=state[0].astype(np.int8),
        state_after=state[1].astype(np.int8),
        score_before=score[0],
        score_after=score[1],
        decimals=decimals,
    )


class _Keyed:
    """The marks of one evaluation in the order of one key for applicant, reviewer and criterion.

    Scores are times 10**decimals, Python integers where they might not fit; a mark told twice counts once, by its
    first row.
    """

    def __init__(
        self,
        evaluation: Evaluation,
        applicants: Sequence[str],
        reviewers: Sequence[str],
        criteria: Sequence[str],
        decimals: int,
    ) -> None:
        marks = evaluation.marks.marks
        applicant = _codes([a.id for a in evaluation.applicants], applicants)[marks.applicant]
        reviewer = _codes([r.id for r in evaluation.reviewers], reviewers)[marks.reviewer]
        criterion = _codes([leaf.id for leaf in evaluation.rubric.panel_leaves()], criteria)[marks.criterion]
        keys = (applicant * max(len(reviewers), 1) + reviewer) * max(len(criteria), 1) + criterion
        self.keys, first = np.unique(keys, return_index=True)
        self.state = marks.state[first].astype(np.int8)
        scaled = times(np.where(self.state == SCORED, marks.score[first], 0), 10 ** (decimals - marks.decimals))
        self.score = scaled


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


def _union(lists: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(sorted({item for listed in lists for item in listed}))


def _codes(ids: Sequence[str], union: Sequence[str]) -> NDArray[np.int64]:
    places = {name: i for i, name in enumerate(union)}
    return np.array([places[name] for name in ids], np.int64)


def _at(values: Ints, rows: NDArray[np.int64]) -> Ints:
    """Values at rows; anything where the row is -1."""
    return values[rows] if len(values) else np.zeros(len(rows), values.dtype)
