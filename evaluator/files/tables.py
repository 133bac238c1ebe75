"""CSV files as columns of text, with the line and the column of every cell.

A column is held as its distinct values and one code a row, so that a check looks at each value once however many rows
there are; rows are only walked to say where a value stands. Nothing is trimmed, filled or dropped. Line ends are the
platform's business: inside a cell, too, they are read as newlines.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evaluator.files.cells import Cells, Coding, Rows, from_arrow
from evaluator.files.csv_lines import Lines, row_ends
from evaluator.files.headings import ONE_MARK, meant_by, spread_out
from evaluator.files.problems import MAX_PER_FILE, Problems, nearest, shorten
from evaluator.files.sources import Source, banned_character, character_name, decode

LARGE = 1_000_000
"""Bytes from which a table is split by pyarrow."""

_AT_A_TIME = 50_000
"""Rows that are held field by field while a table is split row by row."""

MAX_ID, MAX_NAME, MAX_TEXT = 64, 200, 4000


@dataclass(frozen=True, slots=True)
class Column:
    """One column a table may have.

    ``needed``: the table must have it; ``filled``: so must every row. Only ``free`` text may hold line breaks and
    begin or end with a blank.
    """

    name: str
    needed: bool = False
    filled: bool = False
    limit: int = MAX_NAME
    free: bool = False


@dataclass(frozen=True, eq=False)
class Table:
    """A table that was read: its columns, and where each cell stands.

    ``lines`` are the file's lines (none for a table that is no text file); ``line_of`` is the line each row begins on.
    ``header`` are the columns in the file's order. ``dropped``: some rows were left out, with a problem noted.
    """

    file: str
    header: tuple[str, ...]
    cells: Mapping[str, Cells]
    rows: int
    lines: Sequence[str] = ()
    line_of: NDArray[np.int64] | None = None
    dropped: bool = False

    def has(self, name: str) -> bool:
        """Whether the table has a column."""
        return name in self.cells

    def get(self, row: int, name: str) -> str | None:
        """The text of a cell; None where a problem was noted about it; empty where there is no such column."""
        column = self.cells.get(name)
        if column is None:
            return ""
        code = int(column.codes[row])
        return None if code in column.bad else column.values[code]

    def texts(self, name: str) -> list[str]:
        """The text of every row; empty where a problem was noted about it or there is no such column."""
        column = self.cells.get(name)
        if column is None:
            return [""] * self.rows
        if not column.bad:
            return column.texts()
        return ["" if code in column.bad else column.values[code] for code in column.codes.tolist()]

    def line(self, row: int) -> int:
        """The physical line a row begins on (in a table that is no text file, the number of the row)."""
        return row + 1 if self.line_of is None else int(self.line_of[row])

    def place(self, row: int, name: str = "") -> tuple[int, int]:
        """Line and column of a cell, or of the whole row."""
        if name not in self.header or self.line_of is None:
            return self.line(row), 1 if self.line_of is not None else 0
        at, line = self.header.index(name), self.line(row)
        text = self.lines[line - 1]
        if '"' in text:
            return _fields(self.lines, line - 1, self.file, Problems())[1][at]
        return line, sum(map(len, text.split(",")[:at])) + at + 1

    def note(
        self,
        found: Problems,
        rows: Iterable[int] | Rows,
        name: str,
        problem: Callable[[int], tuple[str, dict[str, object]]],
    ) -> None:
        """Note a problem about one column of each of some rows; beyond a thousand they are only counted."""
        rows = list(rows)
        for row in rows[:MAX_PER_FILE]:
            code, params = problem(int(row))
            found.add(code, self.file, self.place(int(row), name), name, **params)
        found.add_unlisted(self.file, len(rows) - MAX_PER_FILE)


def read_table(
    source: Source, columns: Sequence[Column], found: Problems, criteria: Collection[str] = ()
) -> Table | None:
    """Read a CSV file and check its shape: encoding, header, rows, and what any cell of its columns may hold.

    ``criteria`` as in :func:`check_names`. None, with problems noted, where there is no header to go by. Rows with too
    many or too few fields are noted and left out of the table.
    """
    text = decode(source, found)
    if text is None:
        return None
    if not text.strip():
        found.add("file.empty", source.name)
        return None
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(source.data) > LARGE:
        large = _read_large(text, columns, source.name, criteria)
        if large is not None:
            return check_cells(large, columns, found)
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    first = next(i for i, line in enumerate(lines) if line)
    names, spots, after = _fields(lines, first, source.name, found)
    if names is None:
        return None
    header = _check_header(names, spots, columns, source.name, found, criteria)
    if header is None:
        return None
    return check_cells(_split(lines, after, header, source.name, found), columns, found)


def _fields(
    lines: Sequence[str], start: int, file: str, found: Problems
) -> tuple[list[str] | None, tuple[tuple[int, int], ...], int]:
    """The fields of the record that begins on a line, where each stands, and the line after the record.

    Line numbers count from 0 on the way in and out, from 1 in places. Fields are None where a quote is not closed or
    something follows a closing quote.
    """
    fields: list[str] = []
    spots: list[tuple[int, int]] = []
    number, at = start, 0
    while True:
        line = lines[number]
        spots.append((number + 1, at + 1))
        if line[at : at + 1] == '"':
            opened, parts, at = (number + 1, at + 1), [], at + 1
            while True:
                end = line.find('"', at)
                if end < 0:
                    parts.append(line[at:] + "\n")
                    number, at = number + 1, 0
                    if number == len(lines):
                        found.add("table.quote_not_closed", file, opened)
                        return None, (), number
                    line = lines[number]
                elif line[end + 1 : end + 2] == '"':
                    parts.append(line[at : end + 1])
                    at = end + 2
                else:
                    parts.append(line[at:end])
                    at = end + 1
                    break
            fields.append("".join(parts))
            if at < len(line) and line[at] != ",":
                found.add("table.after_quote", file, (number + 1, at + 1), text=shorten(line[at:], 20))
                return None, (), number + 1
        else:
            end = line.find(",", at)
            fields.append(line[at:] if end < 0 else line[at:end])
            at = len(line) if end < 0 else end
        if at >= len(line):
            return fields, tuple(spots), number + 1
        at += 1


def _check_header(
    names: list[str],
    spots: Sequence[tuple[int, int]],
    columns: Sequence[Column],
    file: str,
    found: Problems,
    criteria: Collection[str],
) -> tuple[str, ...] | None:
    """The names of the columns, empty for those that are not used; None where this is no header."""
    known = [column.name for column in columns]
    allowed = ", ".join(known)
    if len(names) == 1:
        for mark, word in ((";", ";"), ("\t", "tab"), ("|", "|")):
            if any(part.strip() in known for part in names[0].split(mark)) and mark in names[0]:
                found.add("table.delimiter", file, spots[0], mark=word, allowed=allowed)
                return None
    if not any(name in known or meant_by(name, known) or nearest(name.strip(), known) for name in names):
        found.add("table.no_header", file, spots[0], text=shorten(",".join(names)), allowed=allowed)
        return None
    return check_names(names, spots, columns, file, found, criteria)


def check_names(
    names: Sequence[str],
    spots: Sequence[tuple[int, int]],
    columns: Sequence[Column],
    file: str,
    found: Problems,
    criteria: Collection[str] = (),
) -> tuple[str, ...]:
    """The names of a table's columns, empty for those that are not used; every fault in them is noted.

    ``criteria`` are headings (:func:`evaluator.files.headings.criterion_headings`) that show, where the columns of
    criterion and score are not both there, that somebody wrote a column for each criterion: one fault in all.
    """
    known = [column.name for column in columns]
    allowed = ", ".join(known)
    header: list[str] = []
    meant: set[str] = set()
    spread = spread_out(names, known, criteria)
    if spread:
        meant.update(ONE_MARK)
        told = shorten(", ".join(names[at] for at in spread))
        found.add("table.one_mark_a_row", file, spots[spread[0]], columns=told, allowed=allowed)
    for at, (name, spot) in enumerate(zip(names, spots, strict=True)):
        if at in spread:
            header.append("")
        elif name in header and name:
            found.add("table.column_duplicate", file, spot, name, column=name)
            header.append("")
        elif name in known:
            header.append(name)
        else:
            header.append("")
            unused = [column for column in known if column not in names and column not in meant]
            near = nearest(name.strip(), unused)
            if not name.strip():
                found.add("table.column_unnamed", file, spot)
            elif word := meant_by(name, unused):
                meant.add(word)
                found.add("table.column_korean", file, spot, near=word, column=shorten(name), allowed=allowed)
            elif near:
                found.add("table.column_unknown_near", file, spot, near=near, column=shorten(name), allowed=allowed)
            else:
                found.add("table.column_unknown", file, spot, column=shorten(name), allowed=allowed)
    for column in columns:
        if column.needed and column.name not in header and column.name not in meant:
            found.add(
                "table.column_missing",
                file,
                spots[0] if spots else (0, 0),
                column.name,
                column=column.name,
                allowed=allowed,
            )
    return tuple(header)


def _split(lines: Sequence[str], start: int, header: tuple[str, ...], file: str, found: Problems) -> Table:
    width, number, dropped = len(header), start, False
    columns = [Coding() for _ in header]
    rows: list[list[str]] = []  # those that are not among the columns yet
    line_of: list[int] = []

    def take() -> None:
        for column, texts in zip(columns, zip(*rows, strict=True), strict=False):
            column.add(texts)
        rows.clear()

    while number < len(lines):
        line, here = lines[number], number + 1
        if not line:
            number += 1
            continue
        if '"' in line:
            read, _, number = _fields(lines, number, file, found)
            if read is None:
                dropped = True
                continue
            fields = read
        else:
            fields = line.split(",")
            number += 1
        if len(fields) == width and any(fields):
            rows.append(fields)
            line_of.append(here)
            if len(rows) == _AT_A_TIME:
                take()
            continue
        dropped = True
        if not any(part.strip() for part in fields):
            found.add("table.row_without_values", file, (here, 1))
        else:
            code = "table.row_too_long" if len(fields) > width else "table.row_too_short"
            found.add(code, file, (here, 1), fields=len(fields), columns=width)
    take()
    cells = {name: column.cells() for name, column in zip(header, columns, strict=True) if name}
    return Table(file, header, cells, len(line_of), lines, np.array(line_of, np.int64), dropped=dropped)


def _read_large(text: str, columns: Sequence[Column], file: str, criteria: Collection[str]) -> Table | None:
    """A large table, split by pyarrow.

    None where something about its shape is wrong, or where it begins with a blank line or has one among its rows:
    then it is read again row by row, to say what.
    """
    import pyarrow as pa
    from pyarrow import csv

    nowhere = Problems()
    names, spots, _ = _fields([text[: text.find("\n")]], 0, file, nowhere)
    header = None if names is None else _check_header(names, spots, columns, file, nowhere, criteria)
    if header is None or nowhere:
        return None
    data = text.encode()
    lines, quoted = Lines(data), b'"' in data
    # The number of the line on which each row ends.
    ends = np.arange(len(lines))
    if quoted:
        places = row_ends(data, 0)
        if places is None:
            return None
        ends = np.searchsorted(lines.ends, places)
        if not data.endswith(b"\n"):
            ends = np.append(ends, len(lines) - 1)
    text_type = pa.dictionary(pa.int32(), pa.string())
    try:
        read = csv.read_csv(
            pa.BufferReader(data),
            csv.ReadOptions(column_names=header, skip_rows=1),
            csv.ParseOptions(quote_char='"' if quoted else False, newlines_in_values=quoted, ignore_empty_lines=False),
            csv.ConvertOptions(
                column_types=dict.fromkeys(header, text_type), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    cells = {name: from_arrow(read.column(i)) for i, name in enumerate(header)}
    # What begins with nothing or a blank may be a row without values.
    if read.num_rows != len(ends) - 1 or not all(value.strip() for value in cells[header[0]].values):
        return None
    return Table(file, header, cells, read.num_rows, lines, ends[:-1] + 2)


def check_cells(table: Table, columns: Sequence[Column], found: Problems) -> Table:
    """Note what no cell of a column may hold, and remember which values were noted."""
    checked: dict[str, Cells] = {}
    for column in columns:
        cells = table.cells.get(column.name)
        if cells is None:
            continue
        faults = {}
        if not all_clean(cells.values, column):
            faults = {i: fault for i, value in enumerate(cells.values) if (fault := cell_fault(value, column))}
        if faults:
            rows = cells.rows_with(faults)
            table.note(found, rows, column.name, lambda row, c=cells, f=faults: f[int(c.codes[row])])  # type: ignore[misc]  # lambda default
        checked[column.name] = Cells(cells.values, cells.codes, frozenset(faults))
    return replace(table, cells=checked)


def all_clean(values: Sequence[str], column: Column) -> bool:
    """Whether nothing is wrong with any of very many cells (``cell_fault``), by a few looks at all of them together.

    False may also mean that it takes a closer look: at invisible characters that are allowed, for one.
    """
    if column.filled and not all(values):
        return False
    if max(map(len, values), default=0) > column.limit:
        return False
    text = "".join(values)
    if column.free:
        return not column.filled and text.replace("\n", "").replace("\t", "").isprintable()
    # What is printable is no control or format character, and no blank but the usual one.
    return text.isprintable() and (" " not in text or list(map(str.strip, values)) == list(values))


def cell_fault(value: str, column: Column) -> tuple[str, dict[str, object]] | None:
    """What is wrong with a cell whatever it means: empty, too long, invisible characters, blanks around it."""
    params: dict[str, object] = {"column": column.name}
    if not value:
        return ("cell.empty", params) if column.filled else None
    if len(value) > column.limit:
        return "cell.too_long", {**params, "length": f"{len(value):,}", "limit": f"{column.limit:,}"}
    hidden = banned_character(value)
    if hidden < 0 and not column.free:
        hidden = next((i for i, char in enumerate(value) if char in "\n\t"), -1)
    if hidden >= 0:
        return "cell.control", {**params, "char": character_name(value[hidden])}
    if column.filled and not value.strip():
        return "cell.empty", params
    if not column.free and value != value.strip():
        return "cell.blanks", {**params, "value": f"“{shorten(value)}”"}
    return None


def duplicate_rows(table: Table, names: Sequence[str]) -> list[tuple[int, int]]:
    """Rows that repeat an earlier row in some columns: (row, first row) in order; rows with bad cells are left out."""
    key = np.zeros(table.rows, np.int64)
    usable = np.ones(table.rows, np.bool_)
    for name in names:
        cells = table.cells.get(name)
        if cells is None:
            return []
        width = len(cells.values) + 1
        if len(key) and int(key.max()) > (2**62) // width:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
        key = key * width + cells.codes
        if cells.bad:
            usable[cells.rows_with(cells.bad)] = False
    rows = np.flatnonzero(usable)
    if len(rows) and int(key.max()) < 8 * len(rows) + 1_000_000:
        # Counting is quicker than sorting, and leaves only the rows that do repeat to be sorted.
        rows = rows[np.bincount(key[rows])[key[rows]] > 1]
    else:
        in_order = np.sort(key[rows])
        if (in_order[1:] != in_order[:-1]).all():
            return []
    order = rows[np.argsort(key[rows], kind="stable")]
    repeats = np.flatnonzero(key[order[1:]] == key[order[:-1]]) + 1
    if not len(repeats):
        return []
    starts = np.flatnonzero(np.concatenate([[True], key[order[1:]] != key[order[:-1]]]))
    first = order[starts[np.searchsorted(starts, repeats, side="right") - 1]]
    return sorted(zip(order[repeats].tolist(), first.tolist(), strict=True))
