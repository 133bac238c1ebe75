"""Columns of exact numbers as text and back: each different number is written, or read, once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from evaluator.model.exact import Column, Ints

T = TypeVar("T")
_LARGEST = 1 << 62
_COMMON = 1 << 40
"""Up to here one denominator for a whole column leaves room to calculate with int64."""


def written(column: Column, write: Callable[[Fraction], T]) -> list[T]:
    """What ``write`` makes of each value of a column; it is asked once for each that is different."""
    values, rows = column.distinct()
    made: NDArray[np.object_] = np.empty(len(values), object)
    made[:] = [write(value) for value in values]
    told: list[T] = made[rows].tolist()
    return told


def spread(known: Sequence[T], rows: NDArray[np.int64], length: int, missing: T) -> list[T]:
    """A list of ``length`` items: those of ``known`` at some rows, ``missing`` at the others."""
    told = [missing] * length
    for row, item in zip(rows.tolist(), known, strict=True):
        told[row] = item
    return told


def column_of(values: Sequence[Fraction], rows: NDArray[np.intp]) -> Column:
    """A column from its different values and, for each row, the position of its value among them."""
    if math.lcm(*(value.denominator for value in values)) < _COMMON:
        return Column.of(values).take(rows)
    nums, dens = _whole(value.numerator for value in values), _whole(value.denominator for value in values)
    return Column(nums[rows], dens[rows])


def _whole(numbers: Iterable[int]) -> Ints:
    """Whole numbers as int64 where all of them fit, else as Python's own."""
    listed = list(numbers)
    fits = all(-_LARGEST < number < _LARGEST for number in listed)
    return np.array(listed, np.int64 if fits else object)
