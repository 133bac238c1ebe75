"""Scores to one scale, benchmarks to weights, ratios to one figure: exact fractions from end to end.

The rules stand in docs/performance.md. Normal scores run from 0 (the floor: guessing, or the worse end of the scale) to
1 (the better end), whatever the direction of the benchmark.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from evaluator.evidence.geometric import Power, log, product_of_powers
from evaluator.model.numbers import round_to
from evaluator.model.performance import Benchmark, Formula, PerformanceRule

ZERO, ONE = Fraction(0), Fraction(1)
ROUND_GEOMETRIC = 4
"""Decimals of a geometric mean where the rule leaves its own formula exact: this one is irrational."""


def ends(benchmark: Benchmark) -> tuple[Fraction, Fraction]:
    """The floor (chance, or the worse end of the scale) and the better end."""
    scale = benchmark.scale
    worse, better = (scale.min, scale.max) if benchmark.direction == "higher" else (scale.max, scale.min)
    return (worse if benchmark.chance is None else benchmark.chance), better


def normal(benchmark: Benchmark, score: Fraction) -> Fraction:
    """How far a score lies from the floor to the better end: (score - floor) / (best - floor), 0 below the floor."""
    floor, best = ends(benchmark)
    way, whole = score - floor, best - floor
    return way / whole if (way > 0) == (whole > 0) and way else ZERO


def total(values: Iterable[Fraction]) -> Fraction:
    """The exact sum, over one common denominator: much faster than adding fraction by fraction."""
    listed = list(values)
    den = math.lcm(*(value.denominator for value in listed))
    return Fraction(sum(value.numerator * (den // value.denominator) for value in listed), den)


def weights(rule: PerformanceRule, without: Collection[str] = ()) -> tuple[Fraction, ...]:
    """The weight of each benchmark, in the rubric's order: they sum to 1, or are all 0 where nothing has points.

    ``without`` are benchmarks that leave the comparison. Their weight goes to the rest of their category in proportion
    to its points and, where a category is empty, to the other categories in proportion to theirs. A benchmark of no
    declared category is one of its own, of 1 point.
    """
    points = [
        ZERO if benchmark.id in without else ONE if benchmark.points is None else benchmark.points
        for benchmark in rule.benchmarks
    ]
    if rule.aggregation.weights == "benchmarks":
        return _shares(points)
    declared = {category.id: category.points for category in rule.categories}
    groups: dict[tuple[str, str], list[int]] = {}
    for position, benchmark in enumerate(rule.benchmarks):
        key = ("category", benchmark.category) if benchmark.category in declared else ("benchmark", benchmark.id)
        groups.setdefault((key[0], str(key[1])), []).append(position)
    within = {key: _shares([points[position] for position in members]) for key, members in groups.items()}
    across = _shares([_category_points(declared.get(key[1])) if any(within[key]) else ZERO for key in groups])
    result = [ZERO] * len(points)
    for key, share in zip(groups, across, strict=True):
        for position, part in zip(groups[key], within[key], strict=True):
            result[position] = share * part
    return tuple(result)


def _category_points(points: Fraction | None) -> Fraction:
    return ONE if points is None else points


def _shares(points: Sequence[Fraction]) -> tuple[Fraction, ...]:
    whole = sum(points, ZERO)
    return tuple(value / whole if whole else ZERO for value in points)


@dataclass(frozen=True, slots=True)
class Scores:
    """Normal scores of one side: over one common denominator, and their logarithms (0 for a score of 0)."""

    values: tuple[Fraction, ...]
    numerators: tuple[int, ...]
    denominator: int
    logs: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[Fraction]) -> Scores:
        """The same scores in every form in which formulas need them."""
        listed = tuple(values)
        den = math.lcm(*(value.denominator for value in listed))
        return cls(
            listed,
            tuple(value.numerator * (den // value.denominator) for value in listed),
            den,
            tuple(log(value) if value else 0.0 for value in listed),
        )


class Yardstick:
    """One reference under one set of weights: what every applicant is divided by, prepared once for all of them."""

    def __init__(self, weight: Sequence[Fraction], other: Sequence[Fraction]) -> None:
        self.weight = weight
        self.other = Scores.of(other)
        self.positions = [position for position, w in enumerate(weight) if w]
        self.whole = total(w * b for w, b in zip(weight, other, strict=True))
        # w / b, the factor of a score under the mean of ratios; none where a score of the reference is 0
        self.divides = bool(self.positions) and all(other[position] for position in self.positions)
        self._w = Scores.of(weight)
        self._w_over_b = Scores.of(
            weight[p] / other[p] if self.divides and weight[p] else ZERO for p in range(len(weight))
        )

    def ratio(self, formula: Formula, cap: Fraction | None, decimals: int | None, own: Scores) -> Fraction | None:
        """One ratio from the applicant's normal scores a, the reference's b and the weights w, under one formula.

        - ratio_of_means: sum(w a) / sum(w b), with a at most cap b;
        - mean_of_ratios: sum(w r), r = a / b at most cap;
        - geometric: the product of r^w, 0 where any r is 0.

        Benchmarks of weight 0 take no part; the other weights sum to 1. Rounded half up; a geometric mean is rounded to
        four decimals where ``decimals`` is None. None where the formula divides by zero: by any b, or, for the ratio
        of means, by the sum of all.
        """
        if formula == "ratio_of_means":
            if not self.whole:
                return None
            above = self._sum(self._w, cap, own, lambda p, c: self.weight[p] * c * self.other.values[p])
            return round_to(above / self.whole, decimals)
        if not self.divides:
            return None
        if formula == "mean_of_ratios":
            return round_to(self._sum(self._w_over_b, cap, own, lambda p, c: self.weight[p] * c), decimals)
        return self._geometric(cap, ROUND_GEOMETRIC if decimals is None else decimals, own)

    def _sum(
        self, factor: Scores, cap: Fraction | None, own: Scores, capped: Callable[[int, Fraction], Fraction]
    ) -> Fraction:
        """The sum of factor times score; where a ratio is above the cap, of what the cap leaves."""
        over = [] if cap is None else [p for p in self.positions if self._above(p, cap, own)]
        free = self.positions if not over else [p for p in self.positions if p not in over]
        products = sum(factor.numerators[p] * own.numerators[p] for p in free)
        result = Fraction(products, factor.denominator * own.denominator)
        return result + total(capped(p, cap) for p in over) if cap is not None and over else result

    def _above(self, position: int, cap: Fraction, own: Scores) -> bool:
        a, b = own.numerators[position] * self.other.denominator, self.other.numerators[position] * own.denominator
        return a * cap.denominator > b * cap.numerator

    def _geometric(self, cap: Fraction | None, decimals: int, own: Scores) -> Fraction:
        powers = []
        for p in self.positions:
            w = self.weight[p]
            if cap is not None and self._above(p, cap, own):
                powers.append(Power(cap, w, log(cap) if cap else 0.0))
            else:
                powers.append(Power(own.values[p], w, own.logs[p]))
                powers.append(Power(self.other.values[p], -w, self.other.logs[p]))
        return product_of_powers(powers, decimals)
