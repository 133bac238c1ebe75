"""scores.parquet and scores.csv in parts that can be read at the same time, each an Arrow table with the same columns.

Only files of the plain shape are cut: the columns of scores.csv, each once, of types that are read, every row whole.
Of any other file there are no parts; who has the whole file then says what is wrong with it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np

from evaluator.files.csv_lines import row_ends
from evaluator.files.registers import COLUMNS
from evaluator.files.scores_values import is_number, is_text
from evaluator.files.sources import Source

Part = Callable[[], Iterator[Any]]
"""Reads one part: the rows of it as Arrow tables, one after the other."""

T = TypeVar("T")

MANY = 100_000
"""Bytes from which a file is read in parts; less is read as quickly as a whole."""
ROWS = 1_000_000
"""Rows that are held at a time for each part that is being read."""
_CSV_BYTES = 16_000_000
_AHEAD = 4
"""Parts that are read before anybody asks for them."""

_KNOWN = tuple(column.name for column in COLUMNS["scores.csv"])
_NEEDED = {column.name for column in COLUMNS["scores.csv"] if column.needed}
_CODED = ("reviewer", "criterion", "score", "state")
"""Columns of few distinct values, which are read as codes."""
_CODE_BYTES = 4
"""A column of which a value takes more than this in the file was not written as codes, and is not read as codes."""


class Parts:
    """A file in parts, the first of which are being read already, by as many threads as there are processors.

    ``rows`` is about how many rows the file has. ``lines`` says that it is a file of lines, of which any program may
    have changed the line breaks, those inside a field too.
    """

    def __init__(self, rows: int, parts: Sequence[Part], pool: ThreadPoolExecutor, *, lines: bool) -> None:
        self.rows, self.lines = rows, lines
        self._parts, self._pool = parts, pool
        self._begun = {i: pool.submit(self._whole, i) for i in range(min(_AHEAD, len(parts)))}

    def _whole(self, i: int) -> list[Any]:
        return list(self._parts[i]())

    def each(self, done: Callable[[Iterable[Any]], T]) -> list[T]:
        """What is made of the tables of each part, several parts at the same time. Raises what reading raises."""
        return list(self._pool.map(lambda i: done(self._tables(i)), range(len(self._parts))))

    def _tables(self, i: int) -> Iterable[Any]:
        begun = self._begun.pop(i, None)
        return self._parts[i]() if begun is None else begun.result()


@contextmanager
def in_parts(source: Source | None) -> Iterator[Parts | None]:
    """The parts of scores.csv or scores.parquet; None where the file is not large or not of the plain shape."""
    parts = None if source is None or len(source.data) < MANY else _parts(source)
    if source is None or parts is None:
        yield None
        return
    pool = ThreadPoolExecutor(_processors())
    try:
        yield Parts(*parts, pool, lines=not _is_parquet(source))
    finally:
        pool.shutdown(cancel_futures=True)


def _processors() -> int:
    allowed = getattr(os, "sched_getaffinity", None)
    return min(8, len(allowed(0)) if allowed else os.cpu_count() or 1)


def _parts(source: Source) -> tuple[int, list[Part]] | None:
    from pyarrow import ArrowException

    try:
        return parquet_parts(source.data) if _is_parquet(source) else csv_parts(source.data)
    except (ArrowException, ValueError, OSError):
        return None


def _is_parquet(source: Source) -> bool:
    return source.name.endswith(".parquet")


def _plain(names: Sequence[str]) -> bool:
    return len(set(names)) == len(names) and _NEEDED <= set(names) <= set(_KNOWN)


def parquet_parts(data: bytes) -> tuple[int, list[Part]] | None:
    """The parts of a Parquet file and how many rows it says it has; None where its columns are not the plain ones.

    Raises pyarrow's errors where the file is no Parquet file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow import types

    about = pq.ParquetFile(pa.BufferReader(data))
    schema, metadata = about.schema_arrow, about.metadata
    if not _plain(schema.names) or not all(map(_is_read, schema)):
        return None
    coded = [*_CODED, "applicant"] if _value_bytes(metadata, schema.names.index("applicant")) <= _CODE_BYTES else _CODED
    wanted = [name for name in coded if name in schema.names and types.is_string(schema.field(name).type)]

    def part(groups: list[int]) -> Iterator[Any]:
        file = pq.ParquetFile(pa.BufferReader(data), metadata=metadata, read_dictionary=wanted)
        if sum(metadata.row_group(i).num_rows for i in groups) <= 2 * ROWS:
            yield file.read_row_groups(groups, use_threads=False)
            return
        for batch in file.iter_batches(ROWS, row_groups=groups, use_threads=False):
            yield pa.Table.from_batches([batch])

    together: list[list[int]] = []
    rows = 0
    for i in range(metadata.num_row_groups):
        size = metadata.row_group(i).num_rows
        if not together or rows + size > ROWS:
            together.append([])
            rows = 0
        together[-1].append(i)
        rows += size
    return metadata.num_rows, [lambda groups=groups: part(groups) for groups in together]  # type: ignore[misc]  # lambda default


def _value_bytes(metadata: Any, column: int) -> float:  # noqa: ANN401 -- pyarrow has no types
    """How many bytes a value of a column takes before compression; how the file is best read depends on it."""
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    size = sum(group.column(column).total_uncompressed_size for group in groups)
    return float(size / max(metadata.num_rows, 1))


def _is_read(column: Any) -> bool:  # noqa: ANN401 -- pyarrow has no types
    from pyarrow import types

    kind = column.type.value_type if types.is_dictionary(column.type) else column.type
    return is_text(kind) or (column.name == "score" and is_number(kind))


def csv_parts(data: bytes) -> tuple[int, list[Part]] | None:
    """The parts of a CSV file, and about how many rows it has; None where its shape is not the plain one.

    Reading a part raises ``ArrowInvalid`` where a row has too few or too many fields or text is not UTF-8.
    """
    import pyarrow as pa
    from pyarrow import csv

    start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    head = data.find(b"\n", start)
    names = [_unquoted(name.decode("ascii", "replace")) for name in data[start:head].rstrip(b"\r").split(b",")]
    if head < 0 or not _plain(names):
        return None
    quoted = b'"' in data
    ends = cuts(data, start, head + 1) if quoted else _cuts_anywhere(data, head + 1)
    if ends is None:
        return None
    code = pa.dictionary(pa.int32(), pa.string())
    convert = csv.ConvertOptions(
        column_types={name: code if name in _CODED else pa.string() for name in names}, strings_can_be_null=False
    )
    parse = csv.ParseOptions(quote_char='"' if quoted else False, newlines_in_values=quoted, ignore_empty_lines=True)

    def part(begin: int, end: int) -> Iterator[Any]:
        # One block for the whole part, so that a column is one array.
        read = csv.ReadOptions(column_names=names, use_threads=False, block_size=end - begin + 1)
        yield csv.read_csv(pa.BufferReader(pa.py_buffer(memoryview(data)[begin:end])), read, parse, convert)

    spans = [(begin, end) for begin, end in zip([head + 1, *ends], [*ends, len(data)], strict=True) if begin < end]
    return len(data) // 16, [lambda span=span: part(*span) for span in spans]  # type: ignore[misc]  # lambda default


def _unquoted(name: str) -> str:
    return name[1:-1] if len(name) > 1 and name[0] == name[-1] == '"' else name


def cuts(data: bytes, start: int, first: int) -> list[int] | None:
    """Where a CSV text with quotes may be cut into parts: behind the ends of rows, all beyond ``first``.

    The text begins at ``start``, its first row after the header at ``first``. None where quotes are not plain.
    """
    rows = row_ends(data, start)
    if rows is None:
        return None
    ends: list[int] = []
    at = first + _CSV_BYTES
    while (next_ := int(np.searchsorted(rows, at))) < len(rows):
        ends.append(int(rows[next_]) + 1)
        at = ends[-1] + _CSV_BYTES
    return ends


def _cuts_anywhere(data: bytes, first: int) -> list[int]:
    """Where a CSV text without quotes may be cut: behind any line break."""
    ends: list[int] = []
    at = first + _CSV_BYTES
    while at < len(data) and (end := data.find(b"\n", at)) >= 0:
        ends.append(end + 1)
        at = ends[-1] + _CSV_BYTES
    return ends
