"""Who passed whom between two rankings, without looking at every pair."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def crossings(before: Ints, after: Ints) -> tuple[Ints, Ints]:
    """For each applicant how many now stand before it and did not, and how many did and no longer do.

    ``before`` and ``after`` are ranks, aligned; 0 is no rank, which stands behind every rank. Equal ranks stand before
    neither. n log n, by merging.
    """
    one, other = _placed(before), _placed(after)
    both = _dominated(one, other)
    return _less(other) - both, _less(one) - both


def _placed(ranks: Ints) -> Ints:
    return np.where(ranks > 0, ranks, np.iinfo(np.int32).max).astype(np.int64)


def _less(values: Ints) -> Ints:
    """For each value how many are less."""
    return np.searchsorted(np.sort(values), values, side="left").astype(np.int64)


def _dominated(one: Ints, other: Ints) -> Ints:
    """For each position how many others are less in both.

    In the order of ``one`` (equals by ``other`` downwards) what is counted lies to the left and is less in ``other``.
    Runs of 1, 2, 4 ... are merged in pairs; in each pair what lies in the left run and is less is counted.
    """
    n = len(one)
    order = np.lexsort((-other, one))
    by_value = np.argsort(other[order], kind="stable")
    values = other[order][by_value]
    found = np.zeros(n, np.int64)
    for k in range(max(n - 1, 0).bit_length()):
        pair = by_value >> (k + 1)
        merged = np.argsort(pair, kind="stable")
        position, value = by_value[merged], values[merged]
        left = (position >> k) & 1 == 0
        counted = np.cumsum(left) - left
        fresh = np.append(True, (pair[merged][1:] != pair[merged][:-1]) | (value[1:] != value[:-1]))
        start = np.append(True, pair[merged][1:] != pair[merged][:-1])
        # Of equal values none is less: each takes the count at the first of its run, minus that at its pair's start.
        runs = counted[np.flatnonzero(fresh)][np.cumsum(fresh) - 1]
        base = counted[np.flatnonzero(start)][np.cumsum(start) - 1]
        found[position[~left]] += (runs - base)[~left]
    result = np.empty(n, np.int64)
    result[order] = found
    return result
