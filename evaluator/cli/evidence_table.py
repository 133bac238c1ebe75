"""Evidence and support on a terminal: aligned columns that fit it, in the order of ids, without a rank."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence

from rich.cells import cell_len, set_cell_size

from evaluator.cli.output import put
from evaluator.cli.table import wrapped
from evaluator.model.evaluation import Evaluation
from evaluator.model.text import Language
from evaluator.report.evidence import Note
from evaluator.report.evidence_pages import (
    AccessSummaryRow,
    EvidenceSummary,
    OpennessSummaryRow,
    PerformanceSummaryRow,
    evidence_summary,
)
from evaluator.report.evidence_tables import CountRow, count_rows, organisation_view
from evaluator.report.explain_evidence import override_lines
from evaluator.report.frame import Frame, build_frame
from evaluator.report.support import TeamView, support_view
from evaluator.report.terminal import one_line

PIPE_WIDTH = 80
"""Columns where there is no terminal."""
_GAP = "  "
_LEAST_NAME = 10
_LONGEST_NUMBER = 4
"""Criteria with longer numbers are counted from 1 in the table of access."""
_SHAPES = {"met": "●", "not_met": "□", "undetermined": "○", "not_assessable": "×", "point_only": "◇"}


def show_evidence(evaluation: Evaluation, lang: Language) -> None:
    """Print what was derived from evidence (or, where nobody is compared, how much was found) on standard output."""
    for line in evidence_lines(evaluation, lang):
        put(line)


def show_support(evaluation: Evaluation, lang: Language) -> None:
    """Print each selected team's support and the sums against the budget; nothing where there is no policy."""
    for line in support_lines(evaluation, lang):
        put(line)


def evidence_lines(evaluation: Evaluation, lang: Language) -> list[str]:
    """The tables of ``evaluator evidence``, at most as wide as the terminal (80 columns where there is none)."""
    frame = build_frame(evaluation, lang, "")
    title = one_line(evaluation.round.title.in_(lang))
    compared = evaluation.rubric.use == "ranking"
    lines = [title, ""]
    if not compared:
        return [*wrapped(lines), *_found(frame)]
    summary = evidence_summary(frame)
    if summary is None:
        return [*wrapped(lines), *wrapped([frame.words("evidence.none")])]
    return [*wrapped(lines), *_derived(frame, summary)]


def support_lines(evaluation: Evaluation, lang: Language) -> list[str]:
    """What each selected team gets and the sum against the budget; no lines where there is no policy."""
    frame = build_frame(evaluation, lang, "")
    view = support_view(frame)
    if view is None:
        return []
    words = frame.words
    lines = [*wrapped([f"{words('section.support')} – {view.finding}", *(f"  {line}" for line in view.policy)]), ""]
    if view.totals:
        heads = tuple(words(f"label.{name}") for name in ("item", "government", "available", "left"))
        rows = [
            (f"{r.item} ({r.unit})", r.government, r.available, f"□ {r.left}" if r.over else r.left)
            for r in view.totals
        ]
        lines += [*_table(heads, rows, right={1, 2, 3}), ""]
    for option in view.options:
        heads = (words("label.name"), *option.columns)
        lines += [*wrapped([option.finding]), *_table(heads, option.rows, right=range(1, len(heads))), ""]
    for team in view.teams:
        lines += [*_team(frame, team), ""]
    return lines[:-1]


def _team(frame: Frame, team: TeamView) -> Iterator[str]:
    words = frame.words
    yield from wrapped([one_line(team.finding)])
    heads = tuple(words(f"label.{name}") for name in ("item", "granted", "government", "own_part", "cash"))
    rows = [(f"{r.item} ({r.unit})", r.granted, r.government, r.own, r.cash) for r in team.rows]
    yield from _table(heads, rows, right={1, 2, 3, 4})
    yield from wrapped([f"  {one_line(note)}" for note in team.notes])


def _derived(frame: Frame, summary: EvidenceSummary) -> Iterator[str]:
    words = frame.words
    name, notes = words("label.name"), words("label.marks_only")
    for performance in summary.performance:
        yield from wrapped([performance.criterion, performance.finding])
        heads = (
            name,
            *(words(f"label.{label}") for label in ("ratio", "interval", "verdict", "probability_short")),
            notes,
        )
        yield from _table(
            heads,
            [
                (_who(r), r.ratio, r.interval, f"{_SHAPES[r.verdict]} {r.word}", r.probability, r.notes)
                for r in performance.rows
            ],
            right={1, 2, 4},
        )
        yield ""
    for openness in summary.openness:
        yield from wrapped([openness.criterion, openness.finding])
        labels = ("level", "claimed", "mof", "osaid", "transparency")
        yield from _table(
            (name, *(words(f"label.{label}") for label in labels), notes),
            [(_who(r), r.level, r.claimed, r.mof, r.osaid, f"{r.transparency}/14", r.notes) for r in openness.rows],
            right={1, 2, 5},
        )
        yield ""
    if summary.access is not None:
        access = summary.access
        yield from wrapped([words("section.access"), access.finding])
        short = all(0 < len(number) <= _LONGEST_NUMBER for number, _ in access.columns)
        columns = [(number if short else str(i), title) for i, (number, title) in enumerate(access.columns, start=1)]
        heads = (name, *(number for number, _ in columns))
        rows = [(_who(r), *(level.replace(" ", "") for level in r.levels)) for r in access.rows]
        yield from _table(heads, rows, right=range(1, len(heads)))
        named = ", ".join(f"{number} {title}" for number, title in columns)
        legend = [f"  {words('legend.access_levels')}"] if access.bracketed else []
        yield from wrapped([f"  {one_line(named)}", *legend])
        yield ""
    decided = override_lines(frame)
    if decided:
        yield from wrapped([words("section.override"), *(f"  {line}" for line in decided)])
        yield ""
    yield from wrapped([*_legend(summary.notes), f"  {words('legend.id_order')}"])


def _who(row: PerformanceSummaryRow | OpennessSummaryRow | AccessSummaryRow | CountRow) -> str:
    """The id before the name, so that a name that has to be cut still says who it is."""
    return row.name if row.name == row.id else f"{row.id} {row.name}"


def _legend(notes: Iterable[Note]) -> Iterator[str]:
    for note in notes:
        yield f"  {note.mark} {one_line(note.text)}"


def _found(frame: Frame) -> Iterator[str]:
    """How many figures were found, by organisation and model, and of how many components the licence."""
    words, rows = frame.words, list[tuple[str, ...]]()
    for count in count_rows(frame):
        rows.append((_who(count), count.figures, count.licences))
        for model in organisation_view(frame, count.id).models:
            told = ", ".join(p for p in (model.version, model.mode) if p)
            rows.append((f"{_GAP}{model.title} ({told})" if told else f"{_GAP}{model.title}", str(len(model.rows)), ""))
    heads = (f"{words('label.name')} · {words('label.model')}", words("label.figures"), words("label.licences"))
    yield from _table(heads, rows, right={1, 2})
    yield ""
    yield from wrapped([f"  {words('legend.id_order')}"])


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, right: Collection[int]) -> Iterator[str]:
    """Aligned columns under their heads; the widest texts give way (with an ellipsis) where a line is too long."""
    cells = [[one_line(cell) for cell in row] for row in (heads, *rows)]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    room = shutil.get_terminal_size((PIPE_WIDTH, 24)).columns - len(_GAP) * len(widths)
    while sum(widths) > room:
        widest = max((i for i in range(len(widths)) if i not in right), key=widths.__getitem__)
        if widths[widest] <= _LEAST_NAME:
            break
        widths[widest] -= 1
    dash = "─" if (sys.stdout.encoding or "").lower().startswith("utf") else "-"
    for place, row in enumerate(cells):
        fitted = (_fit(cell, width, right=i in right) for i, (cell, width) in enumerate(zip(row, widths, strict=True)))
        yield (_GAP + _GAP.join(fitted)).rstrip()
        if place == 0:
            yield _GAP + dash * (sum(widths) + len(_GAP) * (len(widths) - 1))


def _fit(cell: str, width: int, *, right: bool) -> str:
    if cell_len(cell) > width:
        return set_cell_size(set_cell_size(cell, max(width - 1, 0)).rstrip() + "…", width)
    return " " * (width - cell_len(cell)) + cell if right else set_cell_size(cell, width)
