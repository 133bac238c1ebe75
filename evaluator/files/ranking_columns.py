"""The columns of ranking.csv and ranking.parquet: one row an applicant, in the order of the record.

rank, applicant, name (in a blind round the alias, or the id where there is none), outcome (the record's own word in
every language), total, ranking_total, the points of every criterion under its id, bonus, penalty (where votes decide
yes, no, abstain, eligible instead of these), reasons, conditions. A criterion whose id is the name of another column
stands as ``<id>_points``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from evaluator.model.evaluation import Evaluation, Reason
from evaluator.model.exact import Column
from evaluator.model.numbers import show
from evaluator.model.standings import OUTCOMES, Standings

VOTES = ("yes", "no", "abstain", "eligible")
_BEFORE = ("rank", "applicant", "name", "outcome", "total", "ranking_total")
_MOVED = ("bonus", "penalty")
_AFTER = ("reasons", "conditions")


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """Exact numbers at some of the table's rows; ``decimals`` are those to which they are rounded, None for none."""

    rows: NDArray[np.int64]
    values: Column
    decimals: int | None = None


Cells = list[str] | list[int | None] | Figures
"""A column of text (empty where there is nothing), of whole numbers, or of exact ones."""


def ranking_columns(evaluation: Evaluation) -> dict[str, Cells]:
    """The columns by name, in order."""
    standings = evaluation.ranking
    if not isinstance(standings, Standings):
        raise TypeError("the table is made of columns")
    names = {a.id: (a.alias or a.id) if evaluation.round.blind else a.name for a in evaluation.applicants}
    middle: dict[str, Cells] = (
        dict(_votes(standings)) if evaluation.rubric.decision else dict(_points(evaluation, standings))
    )
    return {
        "rank": [rank or None for rank in standings.ranks.tolist()],
        "applicant": list(standings.applicants),
        "name": [names[applicant] for applicant in standings.applicants],
        "outcome": [OUTCOMES[code] for code in standings.outcomes.tolist()],
        **dict(_totals(evaluation, standings)),
        **middle,
        "reasons": _joined(standings, lambda a: map(_reason, standings.reasons.get(a, ()))),
        "conditions": _joined(standings, lambda a: iter(standings.conditions.get(a, ()))),
    }


def _totals(evaluation: Evaluation, standings: Standings) -> Iterator[tuple[str, Figures]]:
    told, decimals = standings.computed, evaluation.rubric.rounding.total
    rows = np.flatnonzero(standings.rows >= 0)
    if told is not None and told.has_total is not None:
        rows = rows[told.has_total[standings.rows[rows]]]
    for name in ("total", "ranking_total"):
        column = Column.zeros(0) if told is None else getattr(told, name).take(standings.rows[rows])
        yield name, Figures(rows, column, decimals)


def _points(evaluation: Evaluation, standings: Standings) -> Iterator[tuple[str, Figures]]:
    told, rubric = standings.computed, evaluation.rubric
    rows = np.flatnonzero(standings.rows >= 0)
    names = {*_BEFORE, *_MOVED, *_AFTER, *(node.id for node in rubric.nodes())}
    for node in rubric.nodes():
        name = node.id
        if name in {*_BEFORE, *_MOVED, *_AFTER}:
            while name in names:
                name += "_points"
        column = Column.zeros(0) if told is None else told.criteria[node.id].points.take(standings.rows[rows])
        yield name, Figures(rows, column, rubric.rounding.points)
    for name in _MOVED:
        column = Column.zeros(0) if told is None else getattr(told, name).take(standings.rows[rows])
        yield name, Figures(rows, column)


def _votes(standings: Standings) -> Iterator[tuple[str, list[int | None]]]:
    counts = [standings.votes.get(applicant) for applicant in standings.applicants]
    for name in VOTES:
        yield name, [None if votes is None else getattr(votes, name) for votes in counts]


def _joined(standings: Standings, texts: Callable[[str], Iterator[str]]) -> list[str]:
    return ["; ".join(texts(applicant)) for applicant in standings.applicants]


def _reason(reason: Reason) -> str:
    words: list[str] = [reason.kind]
    if reason.subject:
        words.append(reason.subject)
    if reason.found is not None and reason.needed is not None:
        words.append(f"{number_text(reason.found)} < {number_text(reason.needed)}")
    return " ".join(words)


def number_text(value: Fraction | None, decimals: int | None = None) -> str:
    """A number for a spreadsheet cell; empty for None.

    One without a finite decimal is a whole number and a fraction (``68 1/3``), which spreadsheet programs read as a
    number where they would take ``205/3`` for a date.
    """
    if value is None:
        return ""
    text = show(value, decimals)
    if "/" not in text:
        return text
    whole, rest = divmod(abs(value), 1)
    return f"{'-' if value < 0 else ''}{whole} {rest.numerator}/{rest.denominator}"
