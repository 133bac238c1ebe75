"""The ranking in a record, written from columns: a figure that many applicants share is put into words once.

The text is exactly that of each standing by itself, laid out as :mod:`evaluator.files.json_layout` does.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from operator import add

import numpy as np
from numpy.typing import NDArray

from evaluator.files.column_text import spread, written
from evaluator.files.json_layout import WIDTH, layout, quoted
from evaluator.model.evaluation import Reason
from evaluator.model.exact import Column
from evaluator.model.numbers import show
from evaluator.model.rubric import Rubric
from evaluator.model.standings import OUTCOMES, Computed, Standings

_BLOCK = 8_192
"""Applicants of whom text is made at a time."""
_DEPTH = 2
_NULL = "null"


def standing_texts(standings: Standings, rubric: Rubric, *, with_sheets: bool) -> Iterator[str]:
    """The JSON text of each applicant's standing, at depth 2.

    ``with_sheets`` tells score sheets one by one; they are left out where every mark lies in a file of its own.
    """
    for start in range(0, len(standings), _BLOCK):
        yield from _block(standings, slice(start, start + _BLOCK), rubric, with_sheets=with_sheets)


def _block(standings: Standings, part: slice, rubric: Rubric, *, with_sheets: bool) -> Iterator[str]:
    rounding = rubric.rounding
    applicants = standings.applicants[part]
    totals = _figures(standings, part, {"total": rounding.total, "ranking_total": rounding.total, "raw_total": None})
    moved = _figures(standings, part, {"bonus": None, "penalty": None}, missing='"0"')
    last = "votes" if rubric.decision is not None else "criteria"
    about = _votes(standings, part) if last == "votes" else _criteria(standings, part, rubric)
    tallies = _tallies(standings, part, with_sheets=with_sheets)
    columns = zip(
        applicants,
        standings.ranks[part].tolist(),
        standings.outcomes[part].tolist(),
        *totals,
        *moved,
        about,
        tallies,
        strict=True,
    )
    for applicant, rank, outcome, total, ranking_total, raw_total, bonus, penalty, told, sheets in columns:
        reasons = standings.reasons.get(applicant)
        conditions = standings.conditions.get(applicant)
        # An applicant has too much to fit on a line: each key stands on its own.
        yield (
            f'{{\n   "applicant": {quoted(applicant)},\n   "rank": {rank or _NULL},\n   "total": {total},\n'
            f'   "ranking_total": {ranking_total},\n   "outcome": "{OUTCOMES[outcome]}",\n'
            f'   "reasons": {_reasons(reasons, rubric) if reasons else "[]"},\n'
            f'   "conditions": {layout(list(conditions), _DEPTH + 1) if conditions else "[]"},\n'
            f'   "raw_total": {raw_total},\n   "bonus": {bonus},\n   "penalty": {penalty},\n'
            f'   "{last}": {told}{sheets}\n  }}'
        )


def _json(value: Fraction, decimals: int | None) -> str:
    return f'"{show(value, decimals)}"'


def _known(standings: Standings, part: slice) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which of some applicants have computed figures, and their rows in the columns of those."""
    rows = standings.rows[part]
    known = np.flatnonzero(rows >= 0)
    return known, rows[known]


def _figures(
    standings: Standings, part: slice, decimals: dict[str, int | None], missing: str = _NULL
) -> Iterator[list[str]]:
    """The texts of some columns of totals, by their names and decimals."""
    known, rows = _known(standings, part)
    told, length = standings.computed, len(standings.rows[part])
    if told is not None and told.has_total is not None and missing == _NULL:
        known, rows = known[told.has_total[rows]], rows[told.has_total[rows]]
    for name, places in decimals.items():
        if told is None:
            yield [missing] * length
            continue
        column: Column = getattr(told, name)
        texts = written(column.take(rows), partial(_json, decimals=places))
        yield spread(texts, known, length, missing)


def _criteria(standings: Standings, part: slice, rubric: Rubric) -> list[str]:
    """Consensus and points on every criterion, of each applicant; empty where nothing was computed."""
    known, rows = _known(standings, part)
    told, length = standings.computed, len(standings.rows[part])
    if told is None:
        return ["{}"] * length
    rounded, points = consensus_decimals(rubric), rubric.rounding.points
    names = [node.id for node in rubric.nodes() if node.id in told.criteria]
    columns = [list(_criterion(told, name, rows, rounded.get(name), points)) for name in names]
    keys = [f"{quoted(name)}: " for name in names]
    room = WIDTH - _DEPTH - 1 - sum(len(key) + len(", ") for key in keys)
    texts = [_one_criterion_after_another(keys, lines, room) for lines in zip(*columns, strict=True)]
    return spread(texts, known, length, "{}")


def _one_criterion_after_another(keys: list[str], lines: tuple[str, ...], room: int) -> str:
    """An applicant's criteria from the lines about each; ``room`` is what these may take on a line of all."""
    if sum(map(len, lines)) <= room:
        return "{" + ", ".join(map(add, keys, lines)) + "}"
    if max(map(len, lines)) + _DEPTH + 2 > WIDTH:
        lines = tuple(layout(json.loads(line), _DEPTH + 2) for line in lines)
    return "{\n    " + ",\n    ".join(map(add, keys, lines)) + "\n   }"


def _criterion(
    told: Computed, name: str, rows: NDArray[np.int64], rounded: int | None, points: int | None
) -> Iterator[str]:
    """The line about one criterion, for some rows; ``rounded`` and ``points`` are decimals."""
    columns = told.criteria[name]
    marks = [_NULL] * len(rows)
    if columns.consensus is not None:
        marks = written(columns.consensus.take(rows), lambda value: _json(value, rounded))
    shown = written(columns.points.take(rows), lambda value: _json(value, points))
    raw = written(columns.raw.take(rows), lambda value: _json(value, None))
    replaced = {row: value for (row, criterion), value in told.calculated.items() if criterion == name}
    for row, mark, point, unrounded in zip(rows.tolist(), marks, shown, raw, strict=True):
        was = f', "calculated": {_json(replaced[row], rounded)}' if row in replaced else ""
        yield f'{{"consensus": {mark}, "points": {point}, "raw": {unrounded}{was}}}'


def consensus_decimals(rubric: Rubric) -> dict[str, int]:
    """The decimals to which a criterion's consensus is rounded, for the criteria where it is."""
    decimals = rubric.rounding.consensus
    if decimals is None:
        return {}
    return {
        leaf.id: decimals
        for panel in rubric.all_panels
        if panel.order == "consensus_first"
        for leaf in rubric.leaves_of(panel)
    }


def _votes(standings: Standings, part: slice) -> list[str]:
    counts = (standings.votes.get(applicant) for applicant in standings.applicants[part])
    return [_NULL if votes is None else layout(dataclasses.asdict(votes), _DEPTH + 1) for votes in counts]


def _reasons(reasons: Sequence[Reason], rubric: Rubric) -> str:
    rounding = rubric.rounding
    told = [
        {
            "kind": r.kind,
            "subject": r.subject,
            "found": _shown(r.found, rounding.points if r.kind == "below_threshold" else rounding.total),
            "needed": _shown(r.needed, None),
        }
        for r in reasons
    ]
    return layout(told, _DEPTH + 1)


def _shown(value: Fraction | None, decimals: int | None) -> str | None:
    return None if value is None else show(value, decimals)


def _tallies(standings: Standings, part: slice, *, with_sheets: bool) -> list[str]:
    """What follows the criteria: the score sheets of each panel that has them; nothing where none has."""
    known, rows = _known(standings, part)
    told, length = standings.computed, len(standings.rows[part])
    if told is None or not told.sheets:
        return [""] * length
    columns = []
    for sheets in told.sheets:
        means = written(sheets.mean.take(rows), show)
        lines: Iterable[list[dict[str, str]] | None] = [None] * len(rows)
        if with_sheets:
            lines = (
                [{"reviewer": s.reviewer, "total": show(s.total), "kept": show(s.kept)} for s in tally.sheets]
                for tally in sheets.tallies(rows)
            )
        columns.append(
            [
                {"panel": sheets.panel, "mean": mean, **({} if each is None else {"sheets": each})}
                for mean, each in zip(means, lines, strict=True)
            ]
        )
    texts = [f',\n   "tallies": {layout(list(tallies), _DEPTH + 1)}' for tallies in zip(*columns, strict=True)]
    return spread(texts, known, length, "")
