"""The methods computed a second time, from their publications, with loops and nothing shared with the toolkit.

``matrix[i][j]`` is the value of applicant i on criterion j, ``types[j]`` 1 where more is better and -1 where less is,
and ``weights`` sum to 1. Greater scores are better.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TypeVar

Number = TypeVar("Number", float, Fraction)
Matrix = Sequence[Sequence[float]]
Weights = Sequence[float]
Types = Sequence[int]


def _columns(matrix: Matrix) -> list[list[float]]:
    return [list(column) for column in zip(*matrix, strict=True)]


def _rows(columns: Sequence[Sequence[float]]) -> list[list[float]]:
    return [list(row) for row in zip(*columns, strict=True)]


def weighted_sum(matrix: Matrix, weights: Weights, types: Types) -> list[float]:
    return [sum(w * x for w, x in zip(weights, row, strict=True)) for row in matrix]


def weighted_product(matrix: Matrix, weights: Weights, types: Types) -> list[float]:
    return [math.prod(x**w for w, x in zip(weights, row, strict=True)) for row in matrix]


def topsis(matrix: Matrix, weights: Weights, types: Types) -> list[float]:
    """Hwang & Yoon (1981): closeness to the ideal, vector normalisation."""
    scaled = [
        [w * x / math.sqrt(sum(y * y for y in column)) for x in column]
        for column, w in zip(_columns(matrix), weights, strict=True)
    ]
    best = [max(column) if t == 1 else min(column) for column, t in zip(scaled, types, strict=True)]
    worst = [min(column) if t == 1 else max(column) for column, t in zip(scaled, types, strict=True)]
    scores = []
    for row in _rows(scaled):
        to_best, to_worst = math.dist(row, best), math.dist(row, worst)
        scores.append(to_worst / (to_best + to_worst))
    return scores


def vikor(matrix: Matrix, weights: Weights, types: Types, v: float = 0.5) -> list[float]:
    """Opricovic & Tzeng (2004): 1 - Q. A range of 0 among S or R takes that half away."""
    columns = _columns(matrix)
    shortfalls = []
    for column, w, t in zip(columns, weights, types, strict=True):
        best, worst = (max(column), min(column)) if t == 1 else (min(column), max(column))
        shortfalls.append([w * (best - x) / (best - worst) for x in column])
    rows = _rows(shortfalls)
    S, R = [sum(row) for row in rows], [max(row) for row in rows]

    def on_range(values: list[float]) -> list[float]:
        low, high = min(values), max(values)
        return [(x - low) / (high - low) if high - low > 1e-9 else 0.0 for x in values]

    return [1 - v * s - (1 - v) * r for s, r in zip(on_range(S), on_range(R), strict=True)]


def spotis(
    matrix: Matrix, weights: Weights, types: Types, bounds: Sequence[Sequence[float]] | None = None
) -> list[float]:
    """Dezert et al. (2020): 1 less the weighted distance from the best bound; from 0 to 1 where none are given."""
    bounds = bounds or [[0, 1]] * len(weights)
    scores = []
    for row in matrix:
        distance = 0.0
        for x, w, t, (low, high) in zip(row, weights, types, bounds, strict=True):
            distance += w * abs(x - (high if t == 1 else low)) / (high - low)
        scores.append(1 - distance)
    return scores


def moora(matrix: Matrix, weights: Weights, types: Types) -> list[float]:
    """Brauers & Zavadskas (2006), the ratio system."""
    scaled = [
        [t * w * x / math.sqrt(sum(y * y for y in column)) for x in column]
        for column, w, t in zip(_columns(matrix), weights, types, strict=True)
    ]
    return [sum(row) for row in _rows(scaled)]


def aras(matrix: Matrix, weights: Weights, types: Types) -> list[float]:
    """Zavadskas & Turskis (2010): the optimal alternative is a row of the matrix that is normalised."""
    scaled = []
    for column, w in zip(_columns(matrix), weights, strict=True):
        whole = [max(column), *column]
        scaled.append([w * x / sum(whole) for x in whole])
    sums = [sum(row) for row in _rows(scaled)]
    return [s / sums[0] for s in sums[1:]]


def edas(matrix: Matrix, weights: Weights, types: Types) -> list[float]:
    """Keshavarz Ghorabaee et al. (2015)."""
    columns = _columns(matrix)
    averages = [sum(column) / len(column) for column in columns]
    above, below = [], []
    for row in matrix:
        gains = [t * (x - a) / a for x, a, t in zip(row, averages, types, strict=True)]
        above.append(sum(w * max(0, g) for w, g in zip(weights, gains, strict=True)))
        below.append(sum(w * max(0, -g) for w, g in zip(weights, gains, strict=True)))
    return [(p / max(above) + 1 - n / max(below)) / 2 for p, n in zip(above, below, strict=True)]


def waspas(matrix: Matrix, weights: Weights, types: Types) -> list[float]:
    """Zavadskas et al. (2012), lambda a half."""
    scaled = _rows([[x / max(column) for x in column] for column in _columns(matrix)])
    sums, products = weighted_sum(scaled, weights, types), weighted_product(scaled, weights, types)
    return [(s + p) / 2 for s, p in zip(sums, products, strict=True)]


def preference(kind: str, d: Fraction, q: Fraction, p: Fraction) -> Fraction:
    """P(d) of Brans, Vincke & Mareschal (1986), shape by shape."""
    if d <= 0:
        return Fraction(0)
    if kind == "usual":
        return Fraction(1)
    if kind == "u_shape":
        return Fraction(1 if d > q else 0)
    if kind == "v_shape":
        return d / p if d <= p else Fraction(1)
    if kind == "level":
        return Fraction(0) if d <= q else Fraction(1, 2) if d <= p else Fraction(1)
    if kind == "linear":
        return Fraction(0) if d <= q else (d - q) / (p - q) if d <= p else Fraction(1)
    raise ValueError(kind)


def promethee2(
    columns: Sequence[Sequence[Fraction]],
    weights: Sequence[Fraction],
    shapes: Sequence[tuple[str, Fraction, Fraction]],
) -> list[Fraction]:
    """Net flows by their definition, over all pairs, exactly."""
    n = len(columns[0])
    flows = [Fraction(0)] * n
    for column, w, (kind, q, p) in zip(columns, weights, shapes, strict=True):
        for i, a in enumerate(column):
            for b in column:
                flows[i] += w * (preference(kind, a - b, q, p) - preference(kind, b - a, q, p)) / (n - 1)
    return flows


def tau_b(first: Sequence[int], second: Sequence[int]) -> tuple[int, int, int]:
    """C - D, and the pairs that are not tied in each of two rankings, by looking at every pair."""
    balance = untied_first = untied_second = 0
    for i in range(len(first)):
        for j in range(i):
            a, b = (first[i] > first[j]) - (first[i] < first[j]), (second[i] > second[j]) - (second[i] < second[j])
            balance += a * b
            untied_first += a != 0
            untied_second += b != 0
    return balance, untied_first, untied_second
