"""The applicants a method compares, on the criteria that count, in an order of rows that their values alone decide.

Sums over applicants come out otherwise in the last digit when they are taken in another order. So before a method of
the library is called its rows are put into an order of their own, made from their values, and equal rows are known as
such: names and the order of applicants decide nothing, not even the last digit. PROMETHEE II, which is our own,
computes with whole numbers and needs no such order; it is made when it is first asked for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evaluator.model.exact import Column, Ints, times
from evaluator.model.rubric import Criterion, Rubric

Floats = NDArray[np.float64]

_ROWS = 8192
_ODD = np.uint64(0x9E3779B97F4A7C15)
"""2**64 divided by the golden ratio: multiplied by it, numbers that are near each other come out far apart."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leaf:
    """One criterion as a method sees it: exact values over one denominator, in the order the points came in."""

    id: str
    points: Fraction
    weight: Fraction
    values: Ints
    den: int
    least: int
    greatest: int

    @property
    def constant(self) -> bool:
        """Whether all applicants have the same points."""
        return self.least == self.greatest

    def shares(self, rows: slice) -> Floats:
        """Some of the values as shares of the points, each the nearest floating-point number."""
        factor, den = self.points.denominator, self.den * self.points.numerator
        num = self.values[rows]
        if max(abs(self.least), abs(self.greatest)) * factor >= 1 << 53 or den >= 1 << 53:
            num = num.astype(object)
        return np.asarray((num if factor == 1 else num * factor) / den, np.float64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Pool:
    """``length`` applicants, on the leaves that count. With nobody in it there are no leaves either."""

    leaves: tuple[Leaf, ...]
    length: int

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """The pool's own order of rows: for each the position it came from. Equal rows lie side by side."""
        return own_order([leaf.values for leaf in self.leaves])

    @cached_property
    def first(self) -> NDArray[np.int64]:
        """For each row, in the pool's order, the first row with the same values."""
        same = np.ones(self.length - 1, np.bool_)
        for leaf in self.leaves:
            # Only where all values before were the same is there anything left to compare.
            left = np.flatnonzero(same)
            same[left] = leaf.values[self.order[left]] == leaf.values[self.order[left + 1]]
        starts = np.flatnonzero(np.concatenate([[True], ~same]))
        return np.repeat(starts, np.diff(np.append(starts, self.length)))

    @cached_property
    def shares(self) -> Floats:
        """One row an applicant, in the pool's order, and one column a leaf: points as shares of the leaf's points."""
        matrix = np.empty((self.length, len(self.leaves)))
        for start in range(0, self.length, _ROWS):
            # Row by row in memory, as the library wants it: a few thousand rows at a time stay in the cache.
            rows = slice(start, start + _ROWS)
            for j, leaf in enumerate(self.leaves):
                matrix[rows, j] = leaf.shares(rows)
        return matrix.take(self.order, axis=0)


def pool_of(rubric: Rubric, points: Mapping[str, Column], length: int) -> Pool:
    """The pool of ``length`` applicants, whose rounded points on every leaf are given."""
    weights, leaves = leaf_weights(rubric), []
    for leaf in rubric.leaves() if length else ():
        if weights[leaf.id] > 0:
            values, den = _over_one_denominator(points[leaf.id])
            ends = {"least": int(values.min()), "greatest": int(values.max())}
            found = Leaf(id=leaf.id, points=leaf.points, weight=weights[leaf.id], values=values, den=den, **ends)
            leaves.append(found)
    return Pool(leaves=tuple(leaves), length=length)


def leaf_weights(rubric: Rubric) -> dict[str, Fraction]:
    """What each leaf can contribute to the ranking total, exactly."""
    weights: dict[str, Fraction] = {}

    def descend(node: Criterion, factor: Fraction) -> None:
        if node.is_leaf:
            own = Fraction(1) if node.ranking_weight is None else node.ranking_weight
            weights[node.id] = node.points * factor * own
        for child in node.children:
            descend(child, factor if node.of is None else factor * node.points / node.of)

    for root in rubric.criteria:
        descend(root, Fraction(1))
    return weights


def own_order(columns: Sequence[Ints]) -> NDArray[np.int64]:
    """An order of rows that their values alone decide, and in which equal rows lie side by side.

    Rows are sorted by one number of 64 bits that is made of their values, which is much faster than to sort them by the
    values of each column. Where two different rows have the same number, the values decide the order of all after all.
    """
    codes = [_as_int64(column) for column in columns]
    key = np.zeros(len(codes[0]), np.uint64)
    for code in codes:
        key = key * _ODD + code.view(np.uint64)  # modulo 2**64
    order = np.argsort(key)
    ties = np.flatnonzero(np.diff(key[order]) == 0)
    upper, lower = order[ties], order[ties + 1]
    if any((code[upper] != code[lower]).any() for code in codes):
        return np.lexsort(codes)
    return order


def _as_int64(values: Ints) -> NDArray[np.int64]:
    """The values, or where they do not fit into int64 their places among the different values."""
    if values.dtype != object:
        return np.ascontiguousarray(values, np.int64)
    return np.asarray(np.unique(values, return_inverse=True)[1], np.int64).reshape(-1)


def _over_one_denominator(column: Column) -> tuple[Ints, int]:
    if isinstance(column.den, int):
        return column.num, column.den
    den = math.lcm(*{int(d) for d in column.den.tolist()})
    factors = np.array([den // int(d) for d in column.den.tolist()], dtype=object)
    return times(column.num.astype(object), factors), den
