"""Columns of exact fractions: numpy integers while they provably fit, Python integers where they might not.

Every operation first bounds its result with unbounded Python integers. While the bound stays below 2**62 the
arithmetic is vectorised int64; otherwise the same code runs on object arrays of Python integers, slower and just as
exact. Overflow is therefore impossible, and no binary floating point is involved anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluator.model.numbers import RoundingMode

Ints = NDArray[Any]
"""An array of int64, or of Python integers (dtype object) where int64 might overflow."""

_LIMIT = 1 << 62


def peak(values: Ints | int) -> int:
    """The largest magnitude, as an unbounded integer; 0 for an empty array."""
    if isinstance(values, int):
        return abs(values)
    if values.size == 0:
        return 0
    return max(abs(int(values.max())), abs(int(values.min())))


def _wide(values: Ints | int) -> Ints | int:
    return values if isinstance(values, int) else values.astype(object)


def times(a: Ints, b: Ints | int) -> Ints:
    """Elementwise product without overflow. A factor may be beyond int64 although the product, of zeros, is not."""
    left, right = peak(a), peak(b)
    if max(left, right, left * right) < _LIMIT:
        return np.asarray(a * b)
    return np.asarray(_wide(a) * _wide(b), dtype=object)


def plus(a: Ints, b: Ints | int) -> Ints:
    """Elementwise sum without overflow."""
    if peak(a) + peak(b) < _LIMIT:
        return np.asarray(a + b)
    return np.asarray(_wide(a) + _wide(b), dtype=object)


def segment_starts(sorted_codes: NDArray[Any]) -> NDArray[np.int64]:
    """Where each run of equal values begins; empty for an empty array."""
    if len(sorted_codes) == 0:
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.append(True, sorted_codes[1:] != sorted_codes[:-1]))


def segment_sums(values: Ints, starts: NDArray[np.int64]) -> Ints:
    """Sums of consecutive segments: segment i runs from ``starts[i]`` to the next start. No segment is empty."""
    if starts.size == 0:
        return np.zeros(0, np.int64)
    longest = int(np.diff(np.append(starts, len(values))).max())
    safe = values if peak(values) * longest < _LIMIT else values.astype(object)
    return np.asarray(np.add.reduceat(safe, starts))


def _narrow(values: Ints) -> Ints:
    """Back to int64 where the values fit."""
    return values.astype(np.int64) if values.dtype == object and peak(values) < _LIMIT else values


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Exact fractions ``num / den`` of one length; ``den`` is above 0, one for all or one each."""

    num: Ints
    den: Ints | int = 1

    def __len__(self) -> int:
        return len(self.num)

    @classmethod
    def of(cls, values: Iterable[Fraction]) -> Column:
        """A column of given fractions."""
        fractions = list(values)
        den = math.lcm(*(f.denominator for f in fractions))
        nums = np.array([f.numerator * (den // f.denominator) for f in fractions], dtype=object)
        return cls(_narrow(nums), den)

    @classmethod
    def zeros(cls, length: int) -> Column:
        """Nothing but zeros."""
        return cls(np.zeros(length, np.int64))

    def fractions(self) -> list[Fraction]:
        """The values one by one."""
        dens: Iterable[int] = [self.den] * len(self) if isinstance(self.den, int) else self.den.tolist()
        return [Fraction(int(n), int(d)) for n, d in zip(self.num.tolist(), dens, strict=True)]

    def at(self, row: int) -> Fraction:
        """One of the values."""
        return Fraction(int(self.num[row]), self.den if isinstance(self.den, int) else int(self.den[row]))

    def distinct(self) -> tuple[list[Fraction], NDArray[np.intp]]:
        """The different values, and for each row the position of its value among them.

        Values that are equal but not in lowest terms may be told apart.
        """
        nums, rows = _different(self.num)
        if isinstance(self.den, int):
            return [Fraction(int(num), self.den) for num in nums.tolist()], rows
        dens, den_rows = _different(self.den)
        pairs, rows = _different(rows * len(dens) + den_rows)
        which_num, which_den = np.divmod(pairs, max(len(dens), 1))
        values = zip(nums[which_num].tolist(), dens[which_den].tolist(), strict=True)
        return [Fraction(int(num), int(den)) for num, den in values], rows

    def take(self, rows: NDArray[Any] | slice) -> Column:
        """The values at some positions, in a slice, or where a mask is true."""
        return Column(self.num[rows], self.den if isinstance(self.den, int) else self.den[rows])

    def plus(self, other: Column) -> Column:
        """Elementwise sum with a column of the same length."""
        if isinstance(self.den, int) and isinstance(other.den, int):
            den = math.lcm(self.den, other.den)
            return Column(plus(times(self.num, den // self.den), times(other.num, den // other.den)), den)
        a, b = _spread(self.den, len(self)), _spread(other.den, len(other))
        wide = peak(a) * peak(b) >= _LIMIT
        common = np.lcm(a.astype(object), b.astype(object)) if wide else np.lcm(a, b)
        return Column(plus(times(self.num, common // a), times(other.num, common // b)), common).reduced()

    def plus_constant(self, constant: Fraction) -> Column:
        """Add one fraction to every value."""
        scaled = times(self.num, constant.denominator)
        if isinstance(self.den, int):
            return Column(plus(scaled, constant.numerator * self.den), self.den * constant.denominator)
        addend = times(self.den, constant.numerator)
        return Column(plus(scaled, addend), times(self.den, constant.denominator)).reduced()

    def times(self, factor: Fraction) -> Column:
        """Multiply every value by one fraction."""
        num = times(self.num, factor.numerator)
        if isinstance(self.den, int):
            den = self.den * factor.denominator
            common = math.gcd(den, int(np.gcd.reduce(num))) if len(num) else den
            wide = num if common < _LIMIT else num.astype(object)  # zeros have any divisor in common
            return Column(_narrow(wide // common), den // common)
        return Column(num, times(self.den, factor.denominator)).reduced()

    def inverse_times(self, factor: Fraction) -> Column:
        """``factor / value``, for values above 0."""
        den = _spread(self.den, len(self))
        return Column(times(den, factor.numerator), times(self.num, factor.denominator)).reduced()

    def at_most(self, limit: Fraction) -> Column:
        """Every value, or the limit where that is less."""
        over = self.compare(limit) > 0
        if not over.any():
            return self
        den = _spread(self.den, len(self))
        shared = self.den * limit.denominator if isinstance(self.den, int) else times(den, limit.denominator)
        capped = times(den, limit.numerator)
        num = times(self.num, limit.denominator)
        wide = num.dtype == object or capped.dtype == object
        chosen = np.where(over, capped.astype(object), num.astype(object)) if wide else np.where(over, capped, num)
        return Column(_narrow(chosen), shared)

    def replaced(self, position: int, value: Fraction) -> Column:
        """A copy with one value changed."""
        values = self.fractions()
        values[position] = value
        return Column.of(values)

    def compare(self, limit: Fraction) -> NDArray[np.int64]:
        """-1, 0 or 1 where a value is below, at or above the limit."""
        left = times(self.num, limit.denominator)
        right: Ints | int = (
            self.den * limit.numerator if isinstance(self.den, int) else times(self.den, limit.numerator)
        )
        if isinstance(right, int) and abs(right) >= _LIMIT:
            left = left.astype(object)
        return np.asarray(left > right, np.int64) - np.asarray(left < right, np.int64)

    def rounded(self, decimals: int | None, mode: RoundingMode) -> Column:
        """Every value rounded as :func:`evaluator.model.numbers.round_to` does; None leaves the column as it is."""
        if decimals is None:
            return self
        scale = 10**decimals
        size = times(np.abs(self.num), scale)
        den: Ints | int = self.den
        if isinstance(den, int) and den >= _LIMIT // 2:
            size, den = size.astype(object), np.full(len(self), den, dtype=object)
        elif not isinstance(den, int) and peak(den) >= _LIMIT // 2:
            size, den = size.astype(object), den.astype(object)
        whole = size // den
        rest2 = times(size - whole * den, 2)
        if mode == "half_up":
            whole = whole + (rest2 >= den)
        elif mode == "half_even":
            whole = whole + ((rest2 > den) | ((rest2 == den) & (whole % 2 == 1)))
        return Column(_narrow(np.where(self.num < 0, -whole, whole)), scale)

    def uniform(self) -> Column:
        """The same column with one denominator for all, where all have the same."""
        if isinstance(self.den, int) or not len(self) or (self.den != self.den[0]).any():
            return self
        return Column(self.num, int(self.den[0]))

    def keys(self) -> Ints:
        """Whole numbers in the same order as the values: equal where values are equal, greater where greater.

        int64, and safe to negate.
        """
        if isinstance(self.den, int):
            num = self.num
        else:
            dens, which = np.unique(self.den, return_inverse=True)
            common = math.lcm(*(int(d) for d in dens))
            factors = np.array([common // int(d) for d in dens], dtype=object)
            num = times(self.num, _narrow(factors)[which.reshape(-1)])
        if num.dtype == np.int64 and peak(num) < _LIMIT:
            return num
        return np.asarray(np.unique(num, return_inverse=True)[1], np.int64).reshape(-1)

    def reduced(self) -> Column:
        """The same values in lowest terms."""
        den = _spread(self.den, len(self))
        if den.dtype == object or self.num.dtype == object:
            num, den = self.num.astype(object), den.astype(object)
        else:
            num = self.num
        common = np.gcd(num, den)
        return Column(_narrow(num // common), _narrow(den // common))


def _different(values: Ints) -> tuple[Ints, NDArray[np.intp]]:
    """The different values, and the position of each row's value among them."""
    different, rows = np.unique(values, return_inverse=True)
    return different, rows.reshape(-1)


def _spread(den: Ints | int, length: int) -> Ints:
    if not isinstance(den, int):
        return den
    return np.full(length, den, dtype=np.int64 if den < _LIMIT else object)


def total_of(columns: Sequence[Column], length: int) -> Column:
    """The sum of columns; zeros where there are none."""
    result = Column.zeros(length)
    for column in columns:
        result = result.plus(column)
    return result
