"""The rows of worksheets, written into a finished workbook.

XlsxWriter makes everything about a workbook but its many rows: it looks through each formula for dozens of newer
functions and takes a minute for three hundred thousand cells. Rows here hold plain text, numbers and formulas of
functions that have always been there; written as text they take a tenth of the time.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from xml.sax.saxutils import escape

from evaluator.files.recalculation import Formula, column_letters

_END = b"</sheetData>"
_LAST_ROW = re.compile(rb'<row r="(\d+)"(?:(?!<row ).)*$', re.DOTALL)
_STYLED = re.compile(rb'<c r="([A-Z]+)\d+" s="(\d+)"/>')
_CHUNK = 2_000
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_REMEMBERED = 100_000
"""Texts of which the escaped form is kept: few are often repeated."""

Cell = str | int | float | Fraction | Formula | None
Cells = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class SheetRows:
    """Rows to add below what a sheet holds already.

    Where ``styled``, the last row that the sheet holds says how the cells of each column look: it is taken out, and the
    first of ``rows`` takes its place.
    """

    rows: Iterable[Cells]
    styled: bool = False


def with_rows(workbook: bytes, sheets: Mapping[int, SheetRows], *, huge: bool = False) -> bytes:
    """A workbook with rows added to some of its sheets, which count from 1.

    ``huge`` allows for more than 2 GB in a sheet, at the price of a file that not every program opens.
    """
    target = io.BytesIO()
    parts = {f"xl/worksheets/sheet{number}.xml": added for number, added in sheets.items()}
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            copy = zipfile.ZipInfo(item.filename, item.date_time)
            copy.compress_type, copy.external_attr = zipfile.ZIP_DEFLATED, item.external_attr
            content = old.read(item)
            with new.open(copy, "w", force_zip64=huge) as file:
                added = parts.get(item.filename)
                if added is None:
                    file.write(content)
                    continue
                head, _, tail = content.partition(_END)
                head, next_row, styles = _beginning(head, styled=added.styled)
                file.write(head)
                for text in _chunks(added.rows, next_row, styles):
                    file.write(text.encode())
                file.write(_END + tail)
    return target.getvalue()


def _beginning(head: bytes, *, styled: bool) -> tuple[bytes, int, dict[str, str]]:
    """What a sheet holds already, the number of the next row, and the style of each column by its letters."""
    last = _LAST_ROW.search(head)
    if last is None:
        return head, 1, {}
    number = int(last[1])
    if not styled:
        return head, number + 1, {}
    styles = {letters.decode(): f' s="{style.decode()}"' for letters, style in _STYLED.findall(last[0])}
    return head[: last.start()], number, styles


def _chunks(rows: Iterable[Cells], next_row: int, styles: Mapping[str, str]) -> Iterator[str]:
    texts: dict[str, str] = {}
    columns: list[tuple[str, str]] = []
    parts: list[str] = []
    for at, row in zip(count(next_row), rows, strict=False):
        while len(columns) < len(row):
            letters = column_letters(len(columns))
            columns.append((f'<c r="{letters}', styles.get(letters, "")))
        parts.append(f'<row r="{at}">')
        for (begin, style), cell in zip(columns, row, strict=False):
            if cell is None or cell == "":
                continue
            if isinstance(cell, str):
                text = texts.get(cell)
                if text is None:
                    text = cell_xml(cell)
                    if len(texts) < _REMEMBERED:
                        texts[cell] = text
                parts.append(f'{begin}{at}"{style} t="inlineStr">{text}</c>')
            elif isinstance(cell, Formula):
                formula, value = escape(cell.text.removeprefix("=")), plain_number(cell.value)
                parts.append(f'{begin}{at}"{style}><f>{formula}</f><v>{value!r}</v></c>')
            else:
                parts.append(f'{begin}{at}"{style}><v>{plain_number(cell)!r}</v></c>')
        parts.append("</row>")
        if at % _CHUNK == 0:
            yield "".join(parts)
            parts = []
    yield "".join(parts)


def plain_number(value: float | Fraction) -> int | float:
    """A number as a workbook holds it: whole, or the nearest that binary floating point has."""
    if not isinstance(value, Fraction):
        return value
    return int(value) if value.denominator == 1 else float(value)


def cell_xml(text: str) -> str:
    """Text inside a cell: escaped for XML and for the format, whose own escapes look like ``_x0041_``."""
    marked = _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", _ESCAPED.sub("_x005F_", text))
    space = ' xml:space="preserve"' if text != text.strip() or "\n" in text or "\t" in text else ""
    return f"<is><t{space}>{escape(marked)}</t></is>"
