"""Kendall's tau-b between two rankings, with ties in either."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

DECIMALS = 4
_PAIRWISE = 32
"""How many elements are compared each with each, before sorting is faster."""


def kendall_tau_b(first: NDArray[np.int32], second: NDArray[np.int32]) -> Fraction | None:
    """How far two rankings agree: 1 in everything, 0 on balance in nothing, -1 reversed; half up to four decimals.

    tau-b = (C - D) / sqrt((N - T1) (N - T2)) with C concordant, D discordant and N all pairs, T1 and T2 the pairs that
    are tied in the first and in the second (Kendall 1945, Biometrika 33(3) 239-251). The pairs are counted in
    O(n log n) as whole numbers and the root is rounded exactly, so the figure does not depend on the order of the
    applicants. None where a ranking ties everybody or there are fewer than two applicants: tau is then not defined.
    """
    n, pairs = len(first), len(first) * (len(first) - 1) // 2
    a, b = (np.asarray(ranks, np.int64) for ranks in (first, second))
    tied_a, tied_b = (_tied(np.bincount(ranks)) for ranks in (a, b))
    if n < 2 or pairs in {tied_a, tied_b}:
        return None
    # Within ties of the first the second ascends, so that only pairs ordered otherwise by both are inversions.
    width = int(b.max()) + 1
    both = np.sort(a * width + b)
    starts = np.flatnonzero(np.concatenate([[True], np.diff(both) != 0]))
    tied_both = _tied(np.diff(np.append(starts, n)))
    discordant = inversions(both % width)
    balance = pairs - tied_a - tied_b + tied_both - 2 * discordant
    doubled = math.isqrt(4 * 100**DECIMALS * balance**2 // ((pairs - tied_a) * (pairs - tied_b)))
    size = Fraction((doubled + 1) // 2, 10**DECIMALS)
    return size if balance >= 0 else -size


def inversions(codes: NDArray[np.int64]) -> int:
    """How many pairs of a sequence of whole numbers from 0 to 2**30 stand in descending order; equal ones do not.

    Counted block by block. Inside blocks of a few every pair is looked at. Then neighbours become one sorted block, two
    by two: an element of the left one is in descending order with as many of the right one as come before it now, so
    the sum of the places of the left ones tells. All blocks of one size are treated at once.
    """
    size = _PAIRWISE
    while size < len(codes):
        size *= 2
    # What is added at the end, so that all blocks are full, is greater than everything: in no descending pair.
    values = np.full(size, np.iinfo(np.int32).max >> 1, np.int32)
    values[: len(codes)] = codes
    blocks = values.reshape(-1, _PAIRWISE)
    columns = np.ascontiguousarray(blocks.T)
    found = sum(int(np.count_nonzero(columns[:-gap] > columns[gap:])) for gap in range(1, _PAIRWISE))
    length = _PAIRWISE
    while length < size:
        # The lowest bit says from which side an element comes; an equal one from the left does not pass it.
        sides = blocks.reshape(-1, 2, length) << 1
        sides[:, 1] |= 1
        merged = np.sort(sides.reshape(-1, 2 * length), axis=1)
        from_left = (merged & 1) == 0
        places = int((from_left.sum(axis=0, dtype=np.int64) * np.arange(2 * length)).sum())
        found += places - len(merged) * (length * (length - 1) // 2)
        blocks, length = merged >> 1, 2 * length
    return found


def _tied(counts: NDArray[np.int64]) -> int:
    """The number of pairs of equal ones, where so many are equal each."""
    return int((counts * (counts - 1) // 2).sum())
