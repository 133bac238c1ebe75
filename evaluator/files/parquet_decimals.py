"""Columns of exact decimals for Parquet files."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SHORT = 18
"""Digits of a decimal that fit into 64 bits."""


def decimals(scaled: NDArray[np.int64], known: NDArray[np.bool_], places: int) -> Any:  # noqa: ANN401 -- pyarrow has no types
    """Scaled integers as a decimal column, without going through Python numbers."""
    import pyarrow as pa

    halves = np.empty((len(scaled), 2), np.int64)
    halves[:, 0], halves[:, 1] = scaled, scaled >> 63
    mask = np.packbits(known, bitorder="little").tobytes()
    buffers = [pa.py_buffer(mask), pa.py_buffer(halves.tobytes())]
    return pa.Array.from_buffers(pa.decimal128(SHORT, places), len(scaled), buffers)
