"""From consensus scores to points, group by group, and to totals, thresholds and the pass mark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from evaluator.model.evaluation import Reason, ReasonKind
from evaluator.model.exact import Column, total_of
from evaluator.model.rubric import DECISION, Criterion, Rubric
from evaluator.scoring.conversion import convert


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points of every criterion and the totals, one value an applicant in each column.

    ``raw`` and ``points`` (rounded by ``rounding.points``) map the ids of leaves and groups to columns.
    """

    raw: Mapping[str, Column]
    points: Mapping[str, Column]
    raw_total: Column
    total: Column
    ranking_total: Column


def leaf_points(rubric: Rubric, scores: Mapping[str, Column], in_points: set[str]) -> dict[str, Column]:
    """Unrounded points of every leaf. ``scores`` of the leaves ``in_points`` are points already."""
    return {
        leaf.id: scores[leaf.id] if leaf.id in in_points else convert(leaf, scores[leaf.id]) for leaf in rubric.leaves()
    }


def add_up(rubric: Rubric, leaf_raw: Mapping[str, Column], extra: Column) -> Points:
    """Points of groups and the totals.

    Leaves are rounded to ``rounding.points``; a group is the sum of its children's rounded points, and a group with
    ``of`` that sum times points/of, rounded again. ``extra`` (bonuses less penalties) is added after the roots, and
    the sum rounded to ``rounding.total``. The ranking total differs only by the ranking weights of the leaves.
    """
    rounding, raw, points = rubric.rounding, dict[str, Column](), dict[str, Column]()
    length = len(extra)

    def climb(node: Criterion) -> tuple[Column, Column]:
        if node.is_leaf:
            raw[node.id] = leaf_raw[node.id]
            rounded = raw[node.id].rounded(rounding.points, rounding.mode)
            points[node.id] = rounded
            return rounded, rounded if node.ranking_weight is None else rounded.times(node.ranking_weight)
        below = [climb(child) for child in node.children]
        own, ranking = total_of([b[0] for b in below], length), total_of([b[1] for b in below], length)
        raw[node.id] = own
        if node.of is not None:
            raw[node.id], ranking = own.times(node.points / node.of), ranking.times(node.points / node.of)
            own = raw[node.id].rounded(rounding.points, rounding.mode)
            ranking = ranking.rounded(rounding.points, rounding.mode)
        points[node.id] = own
        return own, ranking

    roots = [climb(root) for root in rubric.criteria]
    raw_total = total_of([own for own, _ in roots], length).plus(extra)
    raw_ranking = total_of([ranking for _, ranking in roots], length).plus(extra)
    return Points(
        raw,
        points,
        raw_total,
        raw_total.rounded(rounding.total, rounding.mode),
        raw_ranking.rounded(rounding.total, rounding.mode),
    )


def shortfalls(rubric: Rubric, result: Points) -> dict[int, tuple[Reason, ...]]:
    """The thresholds and the pass mark that were missed, thresholds first, by position of those who missed any.

    At least the threshold passes. Thresholds compare rounded, unweighted points; the pass mark compares the total,
    before ``rounding.total`` where ``pass_compare`` is raw.
    """
    reasons: dict[int, list[Reason]] = {}

    def collect(column: Column, needed: Fraction, kind: ReasonKind, subject: str) -> None:
        below: NDArray[np.int64] = np.flatnonzero(column.compare(needed) < 0)
        for position, found in zip(below.tolist(), column.take(below).fractions(), strict=True):
            reason = Reason(kind=kind, subject=subject, found=found, needed=needed)
            reasons.setdefault(position, []).append(reason)

    for node in rubric.nodes():
        if node.threshold is not None:
            collect(result.points[node.id], node.threshold.of(node.points), "below_threshold", node.id)
    if rubric.pass_mark is not None:
        column = result.raw_total if rubric.pass_compare == "raw" else result.total
        collect(column, rubric.pass_mark.of(rubric.full_total), "below_pass_mark", "")
    return {position: tuple(found) for position, found in reasons.items()}


def sort_keys(rubric: Rubric, result: Points) -> list[NDArray[np.int64]]:
    """Columns of whole numbers that order like the ranking total, then the points along the tie-break chain."""
    columns = [result.ranking_total, *(result.points[link] for link in rubric.tie_break if link != DECISION)]
    return [column.keys() for column in columns]
