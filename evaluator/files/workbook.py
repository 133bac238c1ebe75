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
from itertools import chain, islice
from types import MappingProxyType
from typing import Any

from evaluator.files.atomic import RECORD_NAME
from evaluator.files.evidence_sheet import HEADINGS as EVIDENCE_HEADINGS
from evaluator.files.evidence_sheet import SUPPORT_HEADINGS
from evaluator.files.methods_sheet import BY_METHOD
from evaluator.files.recalculation import (
    FIRST_REVIEWER,
    GUARD,
    HEADINGS,
    POINTS,
    Formula,
    Recalculation,
    column_letters,
)
from evaluator.files.record import canonical
from evaluator.files.sheet_rows import Cells, SheetRows, plain_number, with_rows
from evaluator.files.workbook_extent import DETAILED_APPLICANTS, MAX_ROWS, extent
from evaluator.files.workbook_rows import CRITERIA, MARKS, RANKING, SHEETS, WARNINGS, Book, Heading
from evaluator.model.evaluation import Evaluation
from evaluator.model.text import Language

MAX_CELL = 32_767
_WIDEST = 60
_SAMPLE = 2_000
_HUGE = 300_000_000
_FIXED_DATE = datetime.datetime(2000, 1, 1)  # noqa: DTZ001 -- a workbook's dates have no time zone
_NUMBERS = {
    *("rank", "total", "total_exact", "ranking_total", "bonus", "penalty", "yes", "no", "abstain", "eligible"),
    *("maximum", "threshold", "consensus", "calculated", "raw", "raw_exact", "points", "score", "kept_exact", "kept"),
    *("line", "column", "found", "needed", "count", "low", "high", "decided", "weighted", "recorded", "difference"),
    "reviewers",
    *("value", "reference_value", "weight", "value_normal", "reference_normal", "ratio", "min", "max", "n"),
    *("ratio_low", "ratio_high", "floor", "given", "given_min", "given_max"),
    *BY_METHOD,
    *("recalculated", "asked", "granted", "government", "own", "cash", "available"),
}


def workbook_bytes(
    evaluation: Evaluation,
    lang: Language | None = None,
    *,
    detailed: int = DETAILED_APPLICANTS,
    max_rows: int = MAX_ROWS,
    listed: int = MAX_ROWS - len(SHEETS) - 1,
) -> bytes:
    """The workbook of an evaluation; headings in ``lang``, by default the round's own language.

    Sheets: ranking; criteria (one row an applicant and criterion); marks (one row a mark); warnings and what is
    unresolved; recalculation; evidence, support and other methods, where the round has them. With more than
    ``detailed`` applicants those of criteria, marks and recalculation have only those nearest the cut line. The marks
    are left out where there are more than ``max_rows`` with the heading; the ranking ends after ``listed`` applicants.
    Whatever is left out is named on the first sheet and on the sheet concerned.
    """
    import xlsxwriter

    evaluation = canonical(evaluation)
    within = extent(evaluation, detailed=detailed, mark_rows=max_rows, listed=listed)
    book = Book(within, lang or evaluation.round.language)
    target = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as workbook:
        day = evaluation.round.evaluation_date
        created = datetime.datetime.combine(day, datetime.time()) if day else _FIXED_DATE
        workbook.set_properties({"title": evaluation.round.title.in_(book.lang), "created": created})
        writer = _Writer(workbook, book)
        for name in SHEETS:
            workbook.add_worksheet(book.label(f"sheet_{name}"))
        looks, counts = writer.looks, book.counts
        ranking = {RANKING.index(name): looks["total"] for name in ("total", "ranking_total")}
        ranking[RANKING.index("total_exact")] = looks["right"]
        writer.table("ranking", book.ranking_headings(), book.ranking_rows(), counts["ranking"], ranking)
        criteria = {CRITERIA.index("points"): looks["points"], CRITERIA.index("raw_exact"): looks["right"]}
        writer.table("criteria", CRITERIA, book.criteria_rows(), counts["criteria"], criteria)
        if within.marks_fit:
            writer.table("marks", MARKS, book.mark_rows(), counts["marks"])
        else:
            writer.note("marks", book.notices["marks"])
        writer.table("warnings", WARNINGS, book.warning_rows(), counts["warnings"])
        _recalculation(writer, book)
        if evaluation.evidence is not None:
            workbook.add_worksheet(book.label("sheet_evidence"))
            writer.table("evidence", EVIDENCE_HEADINGS, book.evidence_rows())
        if evaluation.support is not None:
            workbook.add_worksheet(book.label("sheet_support"))
            writer.table("support", SUPPORT_HEADINGS, book.support_rows(evaluation.support))
        if evaluation.cross_checks:
            workbook.add_worksheet(book.label("sheet_methods"))
            _methods(writer, book, max_rows)
    huge = sum(len(text) for _, text in within.detail.marks.marks.comments) > _HUGE
    return with_rows(target.getvalue(), writer.rows, huge=huge)


def _recalculation(writer: _Writer, book: Book) -> None:
    recalculation = Recalculation(book.extent.detail, book.places(), book.label, book.lang, book.best())
    points = "" if recalculation.adds_up or recalculation.mode == "none" else "points_"
    notes: list[Cells] = [
        *book.above("recalculation"),
        [book.label(f"recalculation_{points}title")],
        *([[book.label("recalculation_no_total").format(method=book.method)]] if points else []),
        [book.label(f"recalculation_{points}{recalculation.mode}")],
        [book.label("recalculation_exact").format(guard=GUARD)],
    ]
    first = len(notes) + 2
    rows = list(recalculation.rows(first))
    width = max((max(row) for row in rows), default=FIRST_REVIEWER) + 1
    # How many rows differ, beside the notes: the one figure to look at.
    letters = column_letters(HEADINGS.index("difference"))
    differing = sum(1 for row in rows if isinstance(d := row.get(HEADINGS.index("difference")), Formula) and d.value)
    span = f"{letters}{first + 1}:{letters}{first + max(len(rows), 1)}"
    # An error is not a number: without its own term a mark that is no number would pass for "no difference".
    errors = f"SUMPRODUCT(ISERROR({span})*1)"
    check = Formula(f"={errors}+COUNT({span})-COUNTIF({span},0)", Fraction(differing))
    writer.table(
        "recalculation",
        HEADINGS,
        ([row.get(column) for column in range(width)] for row in rows),
        len(rows),
        dict.fromkeys(range(FIRST_REVIEWER, width), writer.looks["right"]),
        above=[*notes, [book.label("recalculation_differences"), *[None] * (POINTS - 1), check]],
    )


def _methods(writer: _Writer, book: Book, max_rows: int) -> None:
    told = book.methods()
    if told.count + len(told.above) >= max_rows:
        text = book.label("methods_too_long").format(rows=f"{told.count:,}", file=RECORD_NAME)
        writer.note("methods", text)
    else:
        writer.table("methods", told.headings, told.rows, told.count, above=told.above)


class _Writer:
    """Writes what stands above the rows of each sheet, and keeps the rows for the finished workbook.

    ``rows`` are they, by the number of the sheet; ``looks`` the formats of cells by name.
    """

    def __init__(self, workbook: Any, book: Book) -> None:  # noqa: ANN401 -- XlsxWriter has no types
        self._workbook, self._book = workbook, book
        self.rows: dict[int, SheetRows] = {}
        rounding = book.evaluation.rubric.rounding

        def decimals(count: int | None) -> Any:  # noqa: ANN401 -- XlsxWriter has no types
            return workbook.add_format({"num_format": "0." + "0" * count} if count else {})

        self.looks = {
            "heading": workbook.add_format({"bold": True}),
            "number": workbook.add_format({"bold": True, "align": "right"}),
            "right": workbook.add_format({"align": "right"}),
            "total": decimals(rounding.total),
            "points": decimals(rounding.points),
        }

    def note(self, name: str, text: str) -> None:
        """A sheet that says only what is not on it."""
        self.table(name, ["note"], [[text]], above=())

    def table(
        self,
        name: str,
        headings: Sequence[Heading],
        rows: Iterable[Cells],
        count: int | None = None,
        columns: Mapping[int, Any] = MappingProxyType({}),
        above: Sequence[Cells] | None = None,
    ) -> None:
        """A heading, frozen and with a filter, and ``count`` rows below it; columns as wide as the first need.

        ``columns`` gives the format of a column's cells by its position, ``above`` are rows over the heading (by
        default what the sheet leaves out).
        """
        sheet = self._workbook.get_worksheet_by_name(self._book.label(f"sheet_{name}"))
        keys = [h if isinstance(h, str) else h[0] for h in headings]
        labels = [self._book.label(h) if isinstance(h, str) else h[1] for h in headings]
        if count is None:
            rows = list(rows)
            count = len(rows)
        rest = iter(rows)
        sample = list(islice(rest, _SAMPLE))
        above = self._book.above(name) if above is None else above
        at = len(above)
        for i, cells in enumerate(above):
            _write_row(sheet, i, cells, {})
        looks = {i: self.looks["number" if key in _NUMBERS else "heading"] for i, key in enumerate(keys)}
        _write_row(sheet, at, labels, looks)
        if columns and count:
            for column, look in sorted(columns.items()):
                sheet.write_blank(at + 1, column, None, look)
        number = self._workbook.worksheets().index(sheet) + 1
        self.rows[number] = SheetRows(map(_fitting, chain(sample, rest)), styled=bool(columns and count))
        sheet.freeze_panes(at + 1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(at)
        sheet.autofilter(at, 0, at + max(count, 1), len(headings) - 1)
        for column, width in enumerate(_widths(labels, sample)):
            sheet.set_column(column, column, width)


def _widths(labels: Sequence[str], sample: Iterable[Cells]) -> list[int]:
    """The width of each column in letters."""
    widths = [_width(label) + 3 for label in labels]
    for cells in sample:
        for column, cell in enumerate(cells[: len(widths)]):
            if cell is not None:
                wanted = _width(cell) + 2 if isinstance(cell, str) else 12
                widths[column] = max(widths[column], min(wanted, _WIDEST))
    return widths


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text.partition("\n")[0][:_WIDEST])


def _write_row(sheet: Any, at: int, cells: Cells, formats: Mapping[int, Any]) -> None:  # noqa: ANN401 -- XlsxWriter has no types
    for column, cell in enumerate(cells):
        if cell is None or cell == "":
            continue
        look = formats.get(column)
        if isinstance(cell, str):
            sheet.write_string(at, column, _cell_text(cell), look)
        elif isinstance(cell, Formula):
            sheet.write_formula(at, column, cell.text, look, plain_number(cell.value))
        else:
            sheet.write_number(at, column, plain_number(cell), look)


def _fitting(cells: Cells) -> Cells:
    """A row whose texts fit into cells."""
    if any(isinstance(cell, str) and len(cell) > MAX_CELL for cell in cells):
        return [_cell_text(cell) if isinstance(cell, str) else cell for cell in cells]
    return cells


def _cell_text(text: str) -> str:
    """Text that fits into a cell and stays text."""
    if len(text) > MAX_CELL:
        end = f" […{len(text) - MAX_CELL + 40:,} → evaluation.json]"
        text = text[: MAX_CELL - len(end)] + end
    # XlsxWriter takes what begins with <r> and ends with </r> for marked-up text of its own.
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


__all__ = ["MAX_ROWS", "workbook_bytes"]
