"""ranking.xlsx: flat sheets of the whole evaluation, and one of live formulas that recomputes every total.

No merged cells and no colours; a frozen heading and a filter on each sheet. Text is always text, never a formula.
Numbers are numbers, with the exact text beside them where a decimal cannot show them. The same evaluation gives the
same bytes.
"""

from __future__ import annotations

import datetime
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from types import MappingProxyType
from typing import Any

from evaluator.errors import render
from evaluator.files.atomic import RECORD_NAME
from evaluator.files.evidence_sheet import HEADINGS as EVIDENCE_HEADINGS
from evaluator.files.evidence_sheet import SUPPORT_HEADINGS, evidence_cells, support_cells
from evaluator.files.marks_sheet import with_rows
from evaluator.files.methods_sheet import BY_METHOD, MethodsSheet, methods_sheet
from evaluator.files.ranking_columns import number_text
from evaluator.files.recalculation import (
    FIRST_REVIEWER,
    GUARD,
    HEADINGS,
    POINTS,
    Formula,
    Places,
    Recalculation,
    column_letters,
)
from evaluator.files.record import MARKS_NAME, canonical
from evaluator.model.evaluation import Evaluation, Standing
from evaluator.model.numbers import show
from evaluator.model.round import SCORED, STATE_NAMES
from evaluator.model.support import SupportOutcome
from evaluator.model.text import Language
from evaluator.resources import message_catalogue

MAX_ROWS = 1_048_576
MAX_CELL = 32_767
_WIDEST = 60
_SAMPLE = 2_000
_HUGE = 300_000_000
_FIXED_DATE = datetime.datetime(2000, 1, 1)  # noqa: DTZ001 -- a workbook's dates have no time zone

Cells = Sequence[str | int | float | Fraction | Formula | None]


def workbook_bytes(evaluation: Evaluation, lang: Language | None = None, *, max_rows: int = MAX_ROWS) -> bytes:
    """The workbook of an evaluation; headings in ``lang``, by default the round's own language.

    Sheets: ranking; criteria (one row an applicant and criterion); marks (one row a mark, left out and said so where
    there are more than ``max_rows`` with the heading); warnings and what is unresolved; recalculation; evidence,
    support and other methods, where the round has them.
    """
    import xlsxwriter

    evaluation = canonical(evaluation)
    book = _Book(evaluation, lang or evaluation.round.language)
    target = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as workbook:
        day = evaluation.round.evaluation_date
        created = datetime.datetime.combine(day, datetime.time()) if day else _FIXED_DATE
        workbook.set_properties({"title": evaluation.round.title.in_(book.lang), "created": created})
        sheets = {name: workbook.add_worksheet(book.label(f"sheet_{name}")) for name in _SHEETS}
        formats = _formats(workbook, evaluation)
        ranking = {_RANKING.index(name): formats["total"] for name in ("total", "ranking_total")}
        ranking[_RANKING.index("total_exact")] = formats["right"]
        _write_table(book, sheets["ranking"], book.ranking_headings(), book.ranking_rows(), formats, ranking)
        criteria = {_CRITERIA.index("points"): formats["points"], _CRITERIA.index("raw_exact"): formats["right"]}
        _write_table(book, sheets["criteria"], _CRITERIA, book.criteria_rows(), formats, criteria)
        fit = len(evaluation.marks.marks) < max_rows
        if fit:
            _write_marks_heading(book, sheets["marks"], formats)
        else:
            text = book.label("marks_left_out").format(rows=f"{len(evaluation.marks.marks):,}", file=MARKS_NAME)
            _write_table(book, sheets["marks"], ["note"], [[text]], formats)
        _write_table(book, sheets["warnings"], _WARNINGS, book.warning_rows(), formats)
        _write_recalculation(sheets["recalculation"], book, book.places(fit=fit), formats)
        if evaluation.evidence is not None:
            sheet = workbook.add_worksheet(book.label("sheet_evidence"))
            _write_table(book, sheet, EVIDENCE_HEADINGS, book.evidence_rows(), formats)
        if evaluation.support is not None:
            sheet = workbook.add_worksheet(book.label("sheet_support"))
            _write_table(book, sheet, SUPPORT_HEADINGS, book.support_rows(evaluation.support), formats)
        if evaluation.cross_checks:
            sheet = workbook.add_worksheet(book.label("sheet_methods"))
            _write_methods(book, sheet, formats, max_rows)
    if not fit:
        return target.getvalue()
    columns = "".join(column_letters(i) for i in range(len(_MARKS)))
    huge = sum(len(text) for _, text in evaluation.marks.marks.comments) > _HUGE
    number = _SHEETS.index("marks") + 1
    return with_rows(target.getvalue(), number, columns, map(_fitting, book.mark_rows()), huge=huge)


def _write_marks_heading(book: _Book, sheet: Any, formats: Mapping[str, Any]) -> None:  # noqa: ANN401 -- XlsxWriter has no types
    """The heading alone; the rows are added to the finished file."""
    beginning = list(islice(book.mark_rows(), _SAMPLE))
    _write_table(book, sheet, _MARKS, (), formats, sample=beginning)
    sheet.autofilter(0, 0, max(len(book.evaluation.marks.marks), 1), len(_MARKS) - 1)


def _fitting(row: Sequence[str | float | None]) -> Sequence[str | float | None]:
    *cells, comment = row
    return [*cells, _cell_text(comment) if isinstance(comment, str) else None]


def _formats(workbook: Any, evaluation: Evaluation) -> dict[str, Any]:  # noqa: ANN401 -- xlsxwriter has no types
    """How cells look: headings in bold, rounded figures with the rubric's decimals."""
    rounding = evaluation.rubric.rounding

    def decimals(count: int | None) -> Any:  # noqa: ANN401 -- XlsxWriter has no types
        return workbook.add_format({"num_format": "0." + "0" * count} if count else {})

    return {
        "heading": workbook.add_format({"bold": True}),
        "number": workbook.add_format({"bold": True, "align": "right"}),
        "right": workbook.add_format({"align": "right"}),
        "total": decimals(rounding.total),
        "points": decimals(rounding.points),
    }


_SHEETS = ("ranking", "criteria", "marks", "warnings", "recalculation")
_RANKING = ("rank", "applicant", "name", "outcome", "total", "total_exact", "ranking_total", "bonus", "penalty")
_VOTES = ("yes", "no", "abstain", "eligible")
_CRITERIA = (
    "applicant",
    "item",
    "title",
    "kind",
    "maximum",
    "threshold",
    "consensus",
    "calculated",
    "raw",
    "raw_exact",
    "points",
)
_MARKS = ("applicant", "reviewer", "item", "state", "score", "kept_exact", "kept", "comment")
_WARNINGS = (
    "kind",
    "code",
    "file",
    "line",
    "column",
    "path",
    "text",
    "applicant",
    "reviewer",
    "panel",
    "item",
    "gate",
    "found",
    "needed",
)

_NUMBERS = {
    *("rank", "total", "total_exact", "ranking_total", "bonus", "penalty", *_VOTES),
    *("maximum", "threshold", "consensus", "calculated", "raw", "raw_exact", "points", "score", "kept_exact", "kept"),
    *("line", "column", "found", "needed", "count", "low", "high", "decided", "weighted", "recorded", "difference"),
    "reviewers",
    *("value", "reference_value", "weight", "value_normal", "reference_normal", "ratio", "min", "max", "n"),
    *("ratio_low", "ratio_high", "floor", "given", "given_min", "given_max"),
    *BY_METHOD,
    *("recalculated", "asked", "granted", "government", "own", "cash", "available"),
}


class _Book:
    """The rows of every sheet as plain values, in one language."""

    def __init__(self, evaluation: Evaluation, lang: Language) -> None:
        self.evaluation, self.lang = evaluation, lang
        self._words = message_catalogue("terminal", lang)["workbook"]
        self._report = message_catalogue("report", lang)
        self.nodes = list(evaluation.rubric.nodes())
        self._titles = {node.id: node.title.in_(lang) for node in self.nodes}
        self._gates = {gate.id: gate.title.in_(lang) for gate in evaluation.rubric.gates}

    def label(self, key: str) -> str:
        """A word of the workbook."""
        return str(self._words[key])

    def ranking_headings(self) -> list[str]:
        """The headings of the ranking sheet: votes stand there where votes decide."""
        votes = _VOTES if self.evaluation.rubric.decision else ()
        return [*_RANKING, *votes, "reasons", "conditions"]

    def ranking_rows(self) -> Iterable[Cells]:
        """One row an applicant, in the record's order."""
        blind = self.evaluation.round.blind
        names = {a.id: (a.alias or a.id) if blind else a.name for a in self.evaluation.applicants}
        for s in self.evaluation.ranking:
            votes = (
                [getattr(s.votes, v) if s.votes else None for v in _VOTES] if self.evaluation.rubric.decision else []
            )
            decimals = self.evaluation.rubric.rounding.total
            yield [
                s.rank,
                s.applicant,
                names[s.applicant],
                self.outcome(s.outcome),
                s.total,
                None if s.total is None else show(s.total, decimals),
                s.ranking_total,
                s.bonus,
                s.penalty,
                *votes,
                "; ".join(self._reasons(s)),
                "; ".join(s.conditions),
            ]

    def outcome(self, outcome: str) -> str:
        """The printed word, marked as proposed where the round is not confirmed."""
        section = "outcome" if self.evaluation.round.status == "confirmed" else "outcome_proposed"
        return str(self._report[section][outcome])

    def _reasons(self, s: Standing) -> Iterable[str]:
        for reason in s.reasons:
            text = str(self._report["outcome"][reason.kind])
            subject = self._titles.get(reason.subject) or self._gates.get(reason.subject, "")
            text += f": {subject}" if subject else ""
            if reason.found is not None and reason.needed is not None:
                text += f" {number_text(reason.found)} < {number_text(reason.needed)}"
            yield text

    def criteria_rows(self) -> Iterable[Cells]:
        """One row an applicant and criterion, groups before their children."""
        for s in self.evaluation.ranking:
            for node in self.nodes:
                score = s.criteria.get(node.id)
                if score is None:
                    continue
                yield [
                    s.applicant,
                    node.id,
                    self._titles[node.id],
                    self.label("leaf" if node.is_leaf else "group"),
                    node.points,
                    None if node.threshold is None else node.threshold.of(node.points),
                    score.consensus,
                    score.calculated,
                    score.raw,
                    show(score.raw),
                    score.points,
                ]

    def mark_rows(self) -> Iterable[Sequence[str | float | None]]:
        """One row a mark, in the record's order."""
        evaluation, table = self.evaluation, self.evaluation.marks
        marks, leaves = table.marks, self.evaluation.rubric.panel_leaves()
        comments, scale = dict(marks.comments), 10**marks.decimals
        states = [self.label(f"state_{name}") for name in STATE_NAMES]
        applicants, reviewers = [a.id for a in evaluation.applicants], [r.id for r in evaluation.reviewers]
        criteria = [leaf.id for leaf in leaves]
        # There may be a million rows, and few different figures.
        scores = {score: _number(Fraction(score, scale)) for score in set(marks.score.tolist())}
        pairs = list(zip(table.kept_num.tolist(), table.kept_den.tolist(), strict=True))
        weights = {pair: Fraction(*pair) if pair[0] >= 0 else None for pair in set(pairs)}
        kept = {p: (None, None) if w is None else (show(w), _number(w)) for p, w in weights.items()}
        columns = zip(
            marks.applicant.tolist(),
            marks.reviewer.tolist(),
            marks.criterion.tolist(),
            marks.state.tolist(),
            marks.score.tolist(),
            pairs,
            strict=True,
        )
        for i, (applicant, reviewer, criterion, state, score, pair) in enumerate(columns):
            yield [
                applicants[applicant],
                reviewers[reviewer],
                criteria[criterion],
                states[state],
                scores[score] if state == SCORED else None,
                *kept[pair],
                comments.get(i),
            ]

    def warning_rows(self) -> Iterable[Cells]:
        """What the rules tolerated, then what is unresolved."""
        catalogue = message_catalogue("problems", self.lang) if self.evaluation.warnings else {}
        for w in self.evaluation.warnings:
            text = " ".join(part for part in render(w, catalogue) if part)
            place: Cells = [w.file, w.line or None, w.column or None, w.path]
            yield [self.label("warning"), w.code, *place, text]
        for u in self.evaluation.unresolved:
            text = self.label(f"unresolved_{u.kind}")
            who = [u.applicant, u.reviewer, u.panel, self._titles.get(u.criterion, ""), self._gates.get(u.gate, "")]
            yield [self.label("unresolved"), u.kind, None, None, None, None, text, *who, u.found, u.needed]

    def evidence_rows(self) -> Iterable[Cells]:
        """One row a derived figure, and one a piece of what it rests on."""
        return evidence_cells(self.evaluation, self.lang, self.label, self._report)

    def support_rows(self, support: SupportOutcome) -> Iterable[Cells]:
        """One row an item of each team, then the totals."""
        return support_cells(support, self.lang, self.label, self._report)

    def methods(self) -> MethodsSheet:
        """Other methods beside the official ranking."""
        return methods_sheet(self.evaluation, self.label, self._report, outcome=self.outcome, criterion=self._titles)

    def places(self, *, fit: bool) -> Places:
        """Where the recalculation finds what it needs."""
        evaluation = self.evaluation
        ranking = {s.applicant: i + 1 for i, s in enumerate(evaluation.ranking)}
        shown = ((s.applicant, node.id) for s in evaluation.ranking for node in self.nodes if node.id in s.criteria)
        headings = [*_RANKING, *_VOTES]
        return Places(
            ranking_sheet=_quoted(self.label("sheet_ranking")),
            ranking_row=ranking,
            total_column=headings.index("total"),
            ranking_total_column=headings.index("ranking_total"),
            yes_column=headings.index("yes"),
            eligible_column=headings.index("eligible"),
            bonus_column=headings.index("bonus"),
            penalty_column=headings.index("penalty"),
            criteria_sheet=_quoted(self.label("sheet_criteria")),
            criteria_row={key: i + 1 for i, key in enumerate(shown)},
            consensus_column=_CRITERIA.index("consensus"),
            points_column=_CRITERIA.index("points"),
            marks_sheet=_quoted(self.label("sheet_marks")),
            first_mark=1 if fit else None,
            criterion_column=_MARKS.index("item"),
            score_column=_MARKS.index("score"),
            kept_column=_MARKS.index("kept"),
        )


def _quoted(sheet: str) -> str:
    return f"'{sheet}'"


def _write_recalculation(sheet: Any, book: _Book, places: Places, formats: dict[str, Any]) -> None:  # noqa: ANN401 -- XlsxWriter has no types
    recalculation = Recalculation(book.evaluation, places, book.label, book.lang)
    mode = recalculation.mode
    notes = [
        [book.label("recalculation_title")],
        [book.label(f"recalculation_{mode}")],
        [book.label("recalculation_exact").format(guard=GUARD)],
    ]
    first = len(notes) + 2
    rows = list(recalculation.rows(first))
    width = max((max(row) for row in rows), default=FIRST_REVIEWER) + 1
    # How many rows differ, beside the notes: the one figure to look at.
    letters = column_letters(HEADINGS.index("difference"))
    check: list[str | int | Fraction | Formula | None] = [
        book.label("recalculation_differences"),
        *[None] * (POINTS - 1),
    ]
    differing = sum(1 for row in rows if isinstance(d := row.get(HEADINGS.index("difference")), Formula) and d.value)
    span = f"{letters}{first + 1}:{letters}{first + max(len(rows), 1)}"
    # An error is not a number: without its own term a mark that is no number would pass for "no difference".
    errors = f"SUMPRODUCT(ISERROR({span})*1)"
    check.append(Formula(f"={errors}+COUNT({span})-COUNTIF({span},0)", Fraction(differing)))
    _write_table(
        book,
        sheet,
        HEADINGS,
        ([row.get(column) for column in range(width)] for row in rows),
        formats,
        dict.fromkeys(range(FIRST_REVIEWER, width), formats["right"]),
        above=[*notes, check],
    )


def _write_methods(book: _Book, sheet: Any, formats: Mapping[str, Any], max_rows: int) -> None:  # noqa: ANN401 -- XlsxWriter has no types
    told = book.methods()
    if len(book.evaluation.ranking) + len(told.above) >= max_rows:
        text = book.label("methods_too_long").format(rows=f"{len(book.evaluation.ranking):,}", file=RECORD_NAME)
        _write_table(book, sheet, ["note"], [[text]], formats)
    else:
        _write_table(book, sheet, told.headings, told.rows, formats, above=told.above)


def _write_table(
    book: _Book,
    sheet: Any,  # noqa: ANN401 -- xlsxwriter has no types
    headings: Sequence[str | tuple[str, str]],
    rows: Iterable[Cells],
    formats: Mapping[str, Any],
    columns: Mapping[int, Any] = MappingProxyType({}),
    above: Sequence[Cells] = (),
    sample: Iterable[Cells] = (),
) -> None:
    """A heading, frozen and with a filter, and the rows below it; columns as wide as their beginnings need.

    ``columns`` gives the format of a column's cells by its position, ``above`` are rows over the heading,
    ``sample`` rows for the columns' widths that are not written. A heading is a key, or a key and its words where
    they are not the workbook's own.
    """
    keys = [h if isinstance(h, str) else h[0] for h in headings]
    labels = [book.label(h) if isinstance(h, str) else h[1] for h in headings]
    widths = [_width(label) + 3 for label in labels]
    at = 0
    for cells in above:
        _write_row(sheet, at, cells, {})
        at += 1
    heading_at = at
    looks = {i: formats["number" if key in _NUMBERS else "heading"] for i, key in enumerate(keys)}
    _write_row(sheet, at, labels, looks)
    for cells in rows:
        at += 1
        _write_row(sheet, at, cells, columns)
        if at < _SAMPLE:
            _widen(widths, cells)
    for cells in sample:
        _widen(widths, cells)
    sheet.freeze_panes(heading_at + 1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(heading_at)
    sheet.autofilter(heading_at, 0, max(at, heading_at + 1), len(headings) - 1)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)


def _widen(widths: list[int], cells: Cells) -> None:
    for column, cell in enumerate(cells[: len(widths)]):
        if cell is not None:
            widths[column] = max(widths[column], min(_shown_width(cell), _WIDEST))


def _write_row(sheet: Any, at: int, cells: Cells, formats: Mapping[int, Any]) -> None:  # noqa: ANN401 -- XlsxWriter has no types
    for column, cell in enumerate(cells):
        if cell is None or cell == "":
            continue
        look = formats.get(column)
        if isinstance(cell, str):
            sheet.write_string(at, column, _cell_text(cell), look)
        elif isinstance(cell, Formula):
            sheet.write_formula(at, column, cell.text, look, _number(cell.value))
        else:
            sheet.write_number(at, column, _number(cell) if isinstance(cell, Fraction) else cell, look)


def _number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def _cell_text(text: str) -> str:
    """Text that fits into a cell and stays text."""
    if len(text) > MAX_CELL:
        end = f" […{len(text) - MAX_CELL + 40:,} → evaluation.json]"
        text = text[: MAX_CELL - len(end)] + end
    # The writer takes what begins with <r> and ends with </r> for marked-up text of its own.
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def _shown_width(cell: str | float | Fraction | Formula) -> int:
    if isinstance(cell, str):
        return _width(cell) + 2
    return 12


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text.partition("\n")[0][:_WIDEST])


__all__ = ["MAX_ROWS", "workbook_bytes"]
