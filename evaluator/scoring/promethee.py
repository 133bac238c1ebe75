"""PROMETHEE II: net outranking flows in O(n log n) per criterion, by sorting and prefix sums.

An applicant a is preferred to b on a criterion to a degree P(d) from 0 to 1 that depends on the difference d of their
values; the net flow of a is the weighted mean over criteria of the mean over the n - 1 others of P(a - b) - P(b - a)
(Brans, Vincke & Mareschal 1986, EJOR 24(2) 228-238). Written out, that is a loop over all pairs. But each P is a
piecewise linear function of d with at most two bends, so the sum over all b needs only how many values lie below a
bend, and their sum: on sorted values a binary search and a prefix sum. The Gaussian function has no such form and is
not offered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluator.model.cross_check import PreferenceName

Values = NDArray[Any]
"""Values of one criterion, more is better: int64 or Python integers (exact), or float64."""

_LIMIT = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """A preference function of a difference d, 0 for d <= 0, with its thresholds in units of the values.

    usual: 1. u_shape: 1 above q. v_shape: d/p up to p, then 1. level: 1/2 above q, 1 above p. linear: rises from 0 at
    q to 1 at p. 0 <= q < p. On integer values the thresholds are integers, so that a difference equal to a threshold
    is recognised as such: in floating point 0.3 - 0.2 is not 0.1.
    """

    kind: PreferenceName = "usual"
    q: float = 0
    p: float = 0


USUAL = Preference()


def net_flows(
    columns: Sequence[Values], weights: NDArray[np.float64], preferences: Sequence[Preference]
) -> NDArray[np.float64]:
    """Net flows, from -1 to 1, greater is better; one for each of the n applicants.

    ``columns`` holds one column of n values a criterion, ``weights`` (they are divided by their sum) and
    ``preferences`` one entry each. Memory is O(n). With n below 2 there is nobody to compare: ``ValueError``.
    """
    n = len(columns[0])
    if n < 2:
        raise ValueError("net flows compare at least two applicants")
    flows = np.zeros(n)
    for values, weight, preference in zip(columns, weights / weights.sum(), preferences, strict=True):
        flows += weight / (n - 1) * single_flow(values, preference)
    return flows


def single_flow(values: Values, preference: Preference) -> NDArray[np.float64]:
    """For each value a the sum of P(a - b) - P(b - a) over all values b, from 1 - n to n - 1.

    On integers everything up to one last division is exact.
    """
    levels, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    flow = _flow_of_levels(_wide_enough(levels, len(values), preference), counts, preference)
    return flow[place.reshape(-1)]


def _wide_enough(levels: Values, n: int, preference: Preference) -> Values:
    """The values as Python integers where a sum over all of them could leave int64."""
    if levels.dtype.kind != "i" or levels.size == 0:
        return levels
    largest = max(abs(int(levels[0])), abs(int(levels[-1]))) + int(preference.q) + int(preference.p)
    return levels.astype(object) if 4 * n * largest >= _LIMIT else levels


def _flow_of_levels(levels: Values, counts: NDArray[np.int64], preference: Preference) -> NDArray[np.float64]:
    """The flow of each distinct value, ascending, of which there are ``counts``."""
    kind, q, p = preference.kind, preference.q, preference.p
    below: Values = np.concatenate([[0], np.cumsum(counts)])
    n = int(below[-1])
    if levels.dtype == object:
        below = below.astype(object)

    def balance(margin: float) -> Values:
        """How many values each exceeds by more than the margin, less how many exceed it by more."""
        first, last = _beyond(levels, margin)
        return np.asarray(below[first] - (n - below[last]))

    if kind == "usual":
        return np.asarray(below[:-1] - (n - below[1:]), np.float64)
    if kind == "u_shape":
        return np.asarray(balance(q), np.float64)
    if kind == "level":
        return np.asarray(balance(q) + balance(p), np.float64) / 2
    q = 0 if kind == "v_shape" else q
    sums = np.concatenate([levels[:1] * 0, np.cumsum(levels * counts)])
    low_p, high_p = _beyond(levels, p)
    low_q, high_q = _beyond(levels, q)
    # Values b with a - p <= b < a - q contribute a - b - q, those with a + q < b <= a + p take away b - a - q.
    for_a = (below[low_q] - below[low_p]) * (levels - q) - (sums[low_q] - sums[low_p])
    for_b = (sums[high_p] - sums[high_q]) - (below[high_p] - below[high_q]) * (levels + q)
    whole = (below[low_p] - (n - below[high_p])) * (p - q)
    return np.asarray((whole + for_a - for_b) / (p - q), np.float64)


def _beyond(levels: Values, margin: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each level how many levels lie more than the margin below it, and how many at most the margin above."""
    return np.searchsorted(levels, levels - margin, "left"), np.searchsorted(levels, levels + margin, "right")
