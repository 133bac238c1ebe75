"""Arrow arrays from and to Python and numpy, straight from their memory.

``pyarrow.array`` and ``Array.to_numpy`` import pandas wherever it is installed, to look whether it has something to do
with what they are given: a third of a second and 50 MB, for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

_NEW_LINE = 10


def numbers(values: NDArray[Any], known: NDArray[np.bool_] | None = None) -> Any:  # noqa: ANN401 -- pyarrow has no types
    """An array of int32 or int64, null where not ``known``."""
    import pyarrow as pa

    bits = None if known is None else pa.py_buffer(np.packbits(known, bitorder="little"))
    buffers = [bits, pa.py_buffer(np.ascontiguousarray(values))]
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), buffers)


def texts(values: Sequence[str | None]) -> Any:  # noqa: ANN401 -- pyarrow has no types
    """An array of strings, null where a value is None. Together they may have up to 2**31 - 1 bytes."""
    import pyarrow as pa

    parts = [b"" if value is None else value.encode() for value in values]
    ends = np.fromiter(accumulate(map(len, parts), initial=0), np.int32, len(parts) + 1)
    bits = None
    if None in values:
        known = np.fromiter((value is not None for value in values), np.bool_, len(parts))
        bits = pa.py_buffer(np.packbits(known, bitorder="little"))
    buffers = [bits, pa.py_buffer(ends), pa.py_buffer(b"".join(parts))]
    return pa.Array.from_buffers(pa.string(), len(parts), buffers)


def as_numbers(array: Any) -> NDArray[Any]:  # noqa: ANN401 -- pyarrow has no types
    """The values of an array, or of a chunked array, of whole numbers without nulls. Of an array they are no copy."""
    if hasattr(array, "chunks"):
        kind = np.dtype(str(array.type))
        return np.concatenate([np.zeros(0, kind), *map(as_numbers, array.chunks)])
    kind = np.dtype(str(array.type))
    if not len(array):
        return np.zeros(0, kind)
    return np.frombuffer(array.buffers()[1], kind)[array.offset : array.offset + len(array)]


def as_texts(array: Any) -> list[str | None]:  # noqa: ANN401 -- pyarrow has no types
    """The values of an array of strings, None where null."""
    if not len(array):
        return []
    _, offsets, data = array.buffers()
    places = np.frombuffer(offsets, np.int32)[array.offset : array.offset + len(array) + 1]
    held = np.frombuffer(b"" if data is None else data, np.uint8)[places[0] : places[-1]]
    places = places - places[0]
    found: list[str | None]
    if (held == _NEW_LINE).any():
        whole = held.tobytes()
        found = [whole[start:end].decode() for start, end in pairwise(places.tolist())]
    else:
        # One text, decoded and cut up in one go each.
        found = [*np.insert(held, places[1:-1], _NEW_LINE).tobytes().decode().split("\n")]
    if array.null_count:
        missing = as_numbers(array.is_null().cast("int8"))
        for row in np.flatnonzero(missing).tolist():
            found[row] = None
    return found
