"""The rows of the marks sheet, written into a finished workbook.

There may be a million marks. The writer of the other sheets takes about a minute for three hundred thousand; the rows
of this one sheet are plain enough to be written as text, ten times faster.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

_END = b"</sheetData>"
_CHUNK = 5_000
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")

MarkRow = Sequence[str | float | None]


def with_rows(workbook: bytes, sheet: int, columns: str, rows: Iterable[MarkRow], *, huge: bool = False) -> bytes:
    """A workbook with rows added below the one row that a sheet (counting from 1) holds.

    ``columns`` are the letters of the columns in order; a cell is text, a number, or None for an empty one. ``huge``
    allows for more than 2 GB of rows, at the price of a file that not every program opens.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            copy = zipfile.ZipInfo(item.filename, item.date_time)
            copy.compress_type, copy.external_attr = zipfile.ZIP_DEFLATED, item.external_attr
            content = old.read(item)
            with new.open(copy, "w", force_zip64=huge) as file:
                if item.filename != f"xl/worksheets/sheet{sheet}.xml":
                    file.write(content)
                    continue
                head, _, tail = content.partition(_END)
                file.write(head)
                for chunk in _chunks(columns, rows):
                    file.write(chunk.encode())
                file.write(_END + tail)
    return target.getvalue()


def _chunks(columns: str, rows: Iterable[MarkRow]) -> Iterable[str]:
    texts: dict[str, str] = {}
    parts: list[str] = []
    for at, row in enumerate(rows, start=2):
        cells = []
        for letter, cell in zip(columns, row, strict=True):
            if cell is None or cell == "":
                continue
            if isinstance(cell, str):
                text = texts.get(cell)
                if text is None:
                    text = texts[cell] = cell_xml(cell)
                cells.append(f'<c r="{letter}{at}" t="inlineStr">{text}</c>')
            else:
                cells.append(f'<c r="{letter}{at}"><v>{cell!r}</v></c>')
        parts.append(f'<row r="{at}">{"".join(cells)}</row>')
        if len(parts) == _CHUNK:
            yield "".join(parts)
            parts = []
    yield "".join(parts)


def cell_xml(text: str) -> str:
    """Text inside a cell: escaped for XML and for the format, whose own escapes look like ``_x0041_``."""
    escaped = escape(_ESCAPED.sub("_x005F_", text))
    space = ' xml:space="preserve"' if text != text.strip() or "\n" in text or "\t" in text else ""
    return f"<is><t{space}>{escaped}</t></is>"
