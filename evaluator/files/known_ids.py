"""Finding very many texts among known ids: a hash table that looks at a whole column at once.

A table that is asked text by text waits for memory at every text once there are hundreds of thousands of ids. Here
texts are compared eight bytes at a time, each step for all of them, so that the processor has many in hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluator.files.arrow import as_numbers, texts

Words = list[NDArray[np.uint64]]

_AT_A_TIME = 1 << 16
_MOST_STEPS = 64
_MOST_WORDS = 4
"""Longer texts are better compared one by one."""
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, odd: neighbours end up far from each other
_HALF = np.uint64(32)
_MASKS = np.array([(1 << 8 * length) - 1 for length in range(9)], np.uint64)
"""The first bytes of eight, by how many there are."""


class KnownIds:
    """Ids without repeats and without the character U+0000, at the positions at which they are given."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._ids = texts(ids)
        offsets, data = _buffers(self._ids)
        self._longest = int(np.diff(offsets).max(initial=0))
        # An empty place leads to the position behind the last, which is that of the empty text.
        width = min(self._width, _MOST_WORDS)
        self._words = [np.append(word, np.uint64(0)) for word in _words(offsets, data, width)]
        self._bits = max(4, (2 * len(ids)).bit_length())
        self._table = self._filled(len(ids)) if self._width <= _MOST_WORDS else None

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def _width(self) -> int:
        return max(1, -(-self._longest // 8))

    def _filled(self, count: int) -> NDArray[np.int32] | None:
        """The position of an id at the place its bytes lead to, or at the next free one; None where that is far off."""
        table = np.full(1 << self._bits, count, np.int32)
        waiting = np.arange(count, dtype=np.int32)
        place = self._places([word[:-1] for word in self._words])
        for _ in range(_MOST_STEPS):
            free = waiting[table[place[waiting]] == count]
            table[place[free]] = free
            waiting = waiting[table[place[waiting]] != waiting]
            if not len(waiting):
                return table
            place[waiting] = self._next(place[waiting])
        return None

    def _places(self, words: Words) -> NDArray[np.int64]:
        """Where to look first: each byte moves to the lower half and from there changes all the upper bits."""
        mixed = np.zeros(len(words[0]), np.uint64)
        for word in words:
            mixed ^= word
            mixed ^= mixed >> _HALF
            mixed *= _SPREAD
        mixed ^= mixed >> _HALF
        mixed *= _SPREAD
        mixed >>= np.uint64(64 - self._bits)
        return mixed.view(np.int64)

    def _next(self, place: NDArray[np.int64]) -> NDArray[np.int64]:
        return (place + 1) & ((1 << self._bits) - 1)

    def find(self, column: Any) -> NDArray[np.int32] | None:  # noqa: ANN401 -- pyarrow has no types
        """The position of every text of an array or chunked array; None where one of them is no known id or is null."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if column.null_count:
            return None
        if self._table is None:
            found = pc.index_in(column.cast(pa.string()), value_set=self._ids)
            return None if found.null_count else as_numbers(found)
        chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
        parts = [np.zeros(0, np.int32)]
        for chunk in chunks:
            offsets, data = _buffers(chunk.cast(pa.string()))
            if not data[: offsets[-1]].all():
                return None  # U+0000 would be taken for the end of the text
            for start in range(0, len(offsets) - 1, _AT_A_TIME):
                part = self._find(offsets[start : start + _AT_A_TIME + 1], data)
                if part is None:
                    return None
                parts.append(part)
        return np.concatenate(parts)

    def _find(self, offsets: NDArray[np.int32], data: NDArray[np.uint8]) -> NDArray[np.int32] | None:
        if self._table is None or int(np.diff(offsets).max()) > self._longest:
            return None
        words = _words(offsets, data, self._width)
        place = self._places(words)
        at = self._table.take(place)
        missed = np.flatnonzero(self._differ(words, at))
        while len(missed):
            if (at[missed] == len(self)).any():
                return None
            place[missed] = self._next(place[missed])
            at[missed] = self._table[place[missed]]
            missed = missed[self._differ([word[missed] for word in words], at[missed])]
        return None if (at == len(self)).any() else at

    def _differ(self, words: Words, at: NDArray[np.int32]) -> NDArray[np.bool_]:
        differ: NDArray[np.bool_] = self._words[0].take(at) != words[0]
        for known, word in zip(self._words[1:], words[1:], strict=True):
            differ |= known.take(at) != word
        return differ


def _buffers(column: Any) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:  # noqa: ANN401 -- pyarrow has no types
    """Where the texts of an array begin and end, and their bytes, with eight more behind them."""
    _, offsets, data = column.buffers()
    if not len(column):
        return np.zeros(1, np.int32), np.zeros(8, np.uint8)
    places = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    text = np.zeros(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)[: places[-1]]
    return places, np.append(text, np.zeros(8, np.uint8))


def _words(offsets: NDArray[np.int32], data: NDArray[np.uint8], width: int) -> Words:
    """The bytes of each text as ``width`` numbers of eight bytes, zeros behind its end."""
    every = np.ndarray(len(data) - 7, "<u8", data, strides=(1,))  # the eight bytes from each byte on
    begin, end = offsets[:-1], offsets[1:]
    words = []
    for i in range(width):
        length = np.clip(end - begin - 8 * i, 0, 8)
        word = every[np.minimum(begin + 8 * i, len(every) - 1)]
        word &= _MASKS.take(length)
        words.append(word)
    return words
