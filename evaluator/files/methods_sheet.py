"""The workbook's sheet of second opinions: every ranked applicant's rank and score by each method beside the official.

Above the table stands, in the column of each method, what holds for the method as a whole: settings, Kendall's tau,
why it gives nothing, what it would change in the selection. Scores are floating-point figures, greater is better.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluator.model.cross_check import CrossCheck
from evaluator.model.evaluation import Evaluation
from evaluator.model.second_opinion import Ranked, moves, ranked
from evaluator.model.standings import OUTCOMES

BY_METHOD = ("by_rank", "by_score")
"""What each method has a column for."""
OFFICIAL = ("rank", "applicant", "name", "outcome")
"""The columns before those of the methods."""

_Cell = str | int | float | Fraction | None
_Cells = Sequence[_Cell]
_Label = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodsSheet:
    """The sheet's parts: rows above the heading, keys of the headings with their words, ``count`` rows below."""

    above: tuple[_Cells, ...]
    headings: tuple[tuple[str, str], ...]
    rows: Iterator[_Cells]
    count: int


def methods_sheet(
    evaluation: Evaluation,
    label: _Label,
    report: Mapping[str, Any],
    *,
    outcome: Callable[[str], str],
    criterion: Mapping[str, str],
) -> MethodsSheet:
    """The sheet of an evaluation with second opinions.

    ``label`` gives the workbook's own words, ``report`` the report catalogue's, ``outcome`` the printed word of an
    outcome, ``criterion`` the titles of criteria by id.
    """
    checks, officially = evaluation.cross_checks, ranked(evaluation)
    titles = [str(report["method_name"][check.method]) for check in checks]
    headings = [(key, label(key)) for key in OFFICIAL]
    headings += [(key, f"{title} {label(key)}") for title in titles for key in BY_METHOD]
    about = [
        _across(label("settings"), [_settings(check, report) for check in checks]),
        _across(label("method_kind"), [label("pool_relative" if c.pool_relative else "not_relative") for c in checks]),
        _across(label("tau"), [check.tau for check in checks]),
        _across(label("why"), [_why(check, label) for check in checks]),
        _across(label("left_out"), [", ".join(criterion[id_] for id_ in check.left_out) for check in checks]),
        *_moves(evaluation, officially, label),
    ]
    # A line of which no method has anything to say is left out.
    filled = [line for line in about if any(cell is not None and cell != "" for cell in line[len(OFFICIAL) :])]
    return MethodsSheet(
        above=(*((label(f"methods_{note}"),) for note in ("note", "scores", "pool")), *filled),
        headings=tuple(headings),
        rows=_rows(evaluation, officially, outcome),
        count=len(officially.applicants),
    )


def _across(title: str, cells: Sequence[_Cell]) -> _Cells:
    """A line above the table: its title, then one cell over the ranks of each method."""
    return [title, *[None] * (len(OFFICIAL) - 1), *(part for cell in cells for part in (cell, None))]


def _settings(check: CrossCheck, report: Mapping[str, Any]) -> str:
    return ", ".join(
        str(report["method_setting"][key]).format(value=report["preference"][value] if key == "preference" else value)
        for key, value in check.settings
    )


def _why(check: CrossCheck, label: _Label) -> str:
    if check.why:
        return label(f"why_{check.why}")
    return label(f"why_tau_{check.tau_why}") if check.tau_why else ""


def _moves(evaluation: Evaluation, officially: Ranked, label: _Label) -> Iterator[_Cells]:
    """Who would move in, move out or share the places left, by id; a dash where nobody would."""
    found = [moves(evaluation, officially, check) for check in evaluation.cross_checks]

    def named(mask: NDArray[np.bool_]) -> str:
        return ", ".join(officially.applicants[i] for i in np.flatnonzero(mask).tolist()) or "–"

    for key in ("gained", "lost", "shared"):
        yield _across(label(f"moves_{key}"), ["" if m is None else named(getattr(m, key)) for m in found])


def _rows(evaluation: Evaluation, officially: Ranked, outcome: Callable[[str], str]) -> Iterator[_Cells]:
    blind = evaluation.round.blind
    names = {a.id: (a.alias or a.id) if blind else a.name for a in evaluation.applicants}
    words = {code: outcome(OUTCOMES[code]) for code in np.unique(officially.outcomes).tolist()}
    nothing: list[None] = [None] * len(officially.applicants)
    columns: list[Sequence[_Cell]] = []
    for check in evaluation.cross_checks:
        columns += [nothing, nothing] if check.why else [check.ranks.tolist(), check.scores.tolist()]
    official = zip(
        officially.ranks.tolist(), officially.applicants, officially.outcomes.tolist(), *columns, strict=True
    )
    for rank, applicant, code, *figures in official:
        yield [rank, applicant, names[applicant], words[code], *figures]
