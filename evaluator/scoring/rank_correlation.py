"""Kendall's tau-b between two rankings, with ties in either."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

DECIMALS = 4


def kendall_tau_b(first: NDArray[np.int32], second: NDArray[np.int32]) -> Fraction | None:
    """How far two rankings agree: 1 in everything, 0 on balance in nothing, -1 reversed; half up to four decimals.

    tau-b = (C - D) / sqrt((N - T1) (N - T2)) with C concordant, D discordant and N all pairs, T1 and T2 the pairs that
    are tied in the first and in the second (Kendall 1945, Biometrika 33(3) 239-251). The pairs are counted in
    O(n log n) as whole numbers and the root is rounded exactly, so the figure does not depend on the order of the
    applicants. None where a ranking ties everybody or there are fewer than two applicants: tau is then not defined.
    """
    n, pairs = len(first), len(first) * (len(first) - 1) // 2
    a, b = (np.unique(ranks, return_inverse=True)[1].reshape(-1).astype(np.int64) for ranks in (first, second))
    tied_a, tied_b, tied_both = _tied(a), _tied(b), _tied(a * n + b)
    if n < 2 or pairs in {tied_a, tied_b}:
        return None
    # Within ties of the first the second ascends, so that only pairs ordered otherwise by both are inversions.
    discordant = inversions(b[np.lexsort((b, a))])
    balance = pairs - tied_a - tied_b + tied_both - 2 * discordant
    doubled = math.isqrt(4 * 100**DECIMALS * balance**2 // ((pairs - tied_a) * (pairs - tied_b)))
    size = Fraction((doubled + 1) // 2, 10**DECIMALS)
    return size if balance >= 0 else -size


def inversions(codes: NDArray[np.int64]) -> int:
    """How many pairs of a sequence of whole numbers from 0 on stand in descending order; equal ones do not.

    A pair is out of order because of the highest bit in which the two differ. So the sequence is divided by its bits,
    highest first, keeping the order inside each part, and in every part the ones that stand before a zero are counted.
    """
    found, parts = 0, np.array(codes)
    for shift in reversed(range(int(codes.max()).bit_length() if codes.size else 0)):
        bit = (parts >> shift) & 1
        part = parts >> (shift + 1)
        starts = np.flatnonzero(np.diff(part, prepend=-1))
        lengths = np.diff(np.append(starts, len(parts)))
        ones = np.cumsum(bit)
        before = np.repeat(ones[starts] - bit[starts], lengths)
        found += int((ones - before)[bit == 0].sum())
        # The zeros of each part, then its ones: where each element goes.
        zeros = np.repeat(np.add.reduceat(1 - bit, starts), lengths)
        begin = np.repeat(starts, lengths)
        position = np.arange(len(parts)) - begin
        ones_before = ones - bit - before
        target = begin + np.where(bit == 1, zeros + ones_before, position - ones_before)
        divided = np.empty_like(parts)
        divided[target] = parts
        parts = divided
    return found


def _tied(codes: NDArray[np.int64]) -> int:
    """The number of pairs of equal codes."""
    counts = np.unique(codes, return_counts=True)[1].astype(np.int64)
    return int((counts * (counts - 1) // 2).sum())
