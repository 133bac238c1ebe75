"""Where the lines and the rows of a CSV text end, without cutting it up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BYTES_AT_A_TIME = 8_000_000


class Lines(Sequence[str]):
    """The lines of a large text, cut out only when one is asked for. ``ends`` is where each ends."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
        self.ends = ends if data.endswith(b"\n") else np.append(ends, len(data))

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401 -- as Sequence has it
        start = 0 if at == 0 else int(self.ends[at - 1]) + 1
        return self._data[start : int(self.ends[at])].decode()


def row_ends(data: bytes, start: int) -> NDArray[np.int64] | None:
    """Where the rows of a CSV text end: at each line break that is not between quotes. A row begins at ``start``.

    None where a quote stands somewhere else than around a field or, doubled, inside one: other readers of CSV would
    not say so. Every second quote closes, or is the first of two that mean one; the next then stands beside it.
    """
    text = np.frombuffer(data, np.uint8)
    beside = np.zeros(256, np.bool_)
    beside[list(b',\n\r"')] = True
    found = [np.zeros(0, np.int64)]
    before = 0
    for begin in range(start, len(text), _BYTES_AT_A_TIME):
        part = text[begin : begin + _BYTES_AT_A_TIME]
        breaks = np.flatnonzero(part == ord("\n"))
        quotes = np.flatnonzero(part == ord('"'))
        breaks = breaks[(np.searchsorted(quotes, breaks) + before) % 2 == 0]
        found.append(breaks + begin)
        quotes += begin
        opening, closing = quotes[before % 2 :: 2], quotes[1 - before % 2 :: 2]
        before += len(quotes)
        begins = beside[text[opening - 1]] | (opening == start)
        ends = beside[text[np.minimum(closing + 1, len(text) - 1)]] | (closing == len(text) - 1)
        if not (begins.all() and ends.all()):
            return None
    return np.concatenate(found) if before % 2 == 0 else None
