"""The official total where a rubric's method is not the weighted sum: the score another method gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluator.errors import Problem
from evaluator.model.evaluation import Unresolved
from evaluator.model.exact import Column, Ints
from evaluator.model.rubric import Rubric
from evaluator.scoring.cross_checks import official_scores
from evaluator.scoring.scores import Scored
from evaluator.scoring.totals import shortfalls


def by_official_method(rubric: Rubric, scored: Scored) -> tuple[Scored, tuple[Unresolved, ...]]:
    """What was scored, with the official method's scores for totals, and what keeps the round from being ranked.

    Compared are those that met every threshold; the others keep their points and have no total. Under the weighted
    sum, and where nobody is left to compare, nothing changes. Where the method gives nothing (a single applicant has
    nobody to be compared with) the round is not rankable; ``why`` of what is returned then has the reason. Warnings
    name criteria the method cannot use, and applicants whose score lies so near a point where rounding changes that
    other floating-point arithmetic might round it otherwise.
    """
    if rubric.method.method == "weighted_sum":
        return scored, ()
    compared = np.ones(len(scored.ids), np.bool_)
    compared[list(shortfalls(rubric, scored.points))] = False
    rows = np.flatnonzero(compared)
    if not len(rows):
        return _with_totals(scored, Column.zeros(len(scored.ids)), compared), ()
    points = {leaf.id: scored.points.points[leaf.id].take(rows) for leaf in rubric.leaves()}
    found = official_scores(rubric, points, len(rows))
    if found.scores is None:
        return scored, (Unresolved(kind="method", why=(found.why,)),)
    spread: Ints = np.zeros(len(scored.ids), found.scores.num.dtype)
    spread[rows] = found.scores.num
    told = {"method": rubric.method.method}
    warnings = []
    if found.left_out:
        warnings.append(Problem(code="method.left_out", params={**told, "criteria": ", ".join(found.left_out)}))
    if found.doubtful:
        names = ", ".join(scored.ids[rows[i]] for i in found.doubtful)
        warnings.append(Problem(code="method.doubtful", params={**told, "applicants": names}))
    totals = _with_totals(scored, Column(spread, found.scores.den), compared)
    return replace(totals, warnings=(*scored.warnings, *warnings)), ()


def _with_totals(scored: Scored, total: Column, compared: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Scored:
    return replace(
        scored,
        points=replace(scored.points, raw_total=total, total=total, ranking_total=total),
        computed=replace(scored.computed, raw_total=total, total=total, ranking_total=total, has_total=compared),
    )
