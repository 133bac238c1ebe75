"""Points of 0 among the ranked applicants, for methods that multiply points."""

from __future__ import annotations

import numpy as np

from evaluator.model.standings import Standings
from evaluator.report.frame import Frame

LISTED = 3
"""Points of 0 that are named before the rest is counted."""


def zeros(frame: Frame) -> tuple[list[tuple[str, str]], int]:
    """Ranked applicants with 0 points on a criterion that counts, with its id; and how many more such points there are.

    In the order of the rubric's criteria, then of the ranking.
    """
    evaluation, ranking, found = frame.evaluation, frame.evaluation.ranking, []
    for leaf in evaluation.rubric.leaves():
        if leaf.ranking_weight == 0:
            continue
        if isinstance(ranking, Standings) and ranking.computed is not None:
            points = ranking.computed.criteria[leaf.id].points
            at = np.flatnonzero((ranking.ranks > 0) & (ranking.rows >= 0))
            none = at[np.asarray(points.num[ranking.rows[at]] == 0, np.bool_)]
            found += [(ranking.applicants[i], leaf.id) for i in none.tolist()]
        else:
            ranked = (s for s in ranking if s.rank is not None and leaf.id in s.criteria)
            found += [(s.applicant, leaf.id) for s in ranked if s.criteria[leaf.id].points == 0]
    return found[:LISTED], max(len(found) - LISTED, 0)
