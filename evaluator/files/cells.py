"""Columns of text as distinct values and one code a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from evaluator.files.arrow import as_numbers, as_texts

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """One column: row ``i`` holds ``values[codes[i]]``. ``bad`` are the codes a problem was noted about."""

    values: tuple[str, ...]
    codes: NDArray[np.int32]
    bad: frozenset[int] = frozenset()

    def __getitem__(self, row: int) -> str:
        return self.values[int(self.codes[row])]

    def texts(self) -> list[str]:
        """The text of every row, what was noted and what was not."""
        return list(map(self.values.__getitem__, self.codes.tolist()))

    def rows_with(self, codes: Iterable[int]) -> Rows:
        """The rows that hold one of some values, in order."""
        wanted = np.zeros(len(self.values) + 1, np.bool_)
        wanted[list(codes)] = True
        return np.flatnonzero(wanted[self.codes])

    def map_to(self, numbers: Mapping[str, int]) -> NDArray[np.int32]:
        """A number for each row: that of its value, -1 where the value has none or is bad."""
        of_value = np.fromiter(map(numbers.get, self.values, repeat(-1)), np.int32, len(self.values))
        of_value[list(self.bad)] = -1
        return of_value[self.codes] if len(of_value) else np.zeros(len(self.codes), np.int32)


def encode(values: Sequence[str]) -> Cells:
    """A list of texts as distinct values and codes, values in order of appearance."""
    index = {value: i for i, value in enumerate(dict.fromkeys(values))}
    return Cells(tuple(index), np.fromiter(map(index.__getitem__, values), np.int32, len(values)))


class Coding:
    """A column that is put together from parts: its distinct texts in order of appearance, and the codes of rows."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._parts: list[NDArray[np.int32]] = []

    def add(self, texts: Iterable[str], codes: NDArray[np.int32] | None = None) -> None:
        """Add rows by their texts, or by distinct texts and the codes along them."""
        known = self._codes
        of_text = np.array([known.setdefault(text, len(known)) for text in texts], np.int32)
        self._parts.append(of_text if codes is None else of_text[codes])

    def cells(self) -> Cells:
        """What was added."""
        return Cells(tuple(self._codes), np.concatenate([np.zeros(0, np.int32), *self._parts]))


def from_arrow(column: object) -> Cells:
    """A dictionary-encoded chunked array of strings as cells; null is empty text."""
    import pyarrow as pa

    combined = column.unify_dictionaries().combine_chunks()  # type: ignore[attr-defined]  # not in the stubs
    if isinstance(combined, pa.ChunkedArray):
        combined = combined.chunk(0) if combined.num_chunks else pa.nulls(0, combined.type)
    values: tuple[str | None, ...] = tuple(as_texts(combined.dictionary))
    codes = combined.indices.cast(pa.int32())
    if codes.null_count:
        values = (*values, None)
        codes = codes.fill_null(len(values) - 1)
    if None not in values:
        return Cells(values, as_numbers(codes))  # type: ignore[arg-type]  # none is None
    # Two codes for empty text would be two values where people see one.
    merged = encode([value or "" for value in values])
    return Cells(merged.values, merged.codes[as_numbers(codes)])
