"""Scores to one scale, benchmarks to weights, ratios to one figure: exact fractions from end to end.

The rules stand in docs/performance.md. Normal scores run from 0 (the floor: guessing, or the worse end of the scale) to
1 (the better end), whatever the direction of the benchmark.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction

from evaluator.evidence.geometric import geometric_mean
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
    return max(ZERO, (score - floor) / (best - floor))


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


def aggregate(
    formula: Formula,
    cap: Fraction | None,
    decimals: int | None,
    weight: Sequence[Fraction],
    own: Sequence[Fraction],
    other: Sequence[Fraction],
) -> Fraction | None:
    """One ratio from normal scores: of the applicant (``own``) and of the reference (``other``), under one formula.

    - ratio_of_means: sum(w a) / sum(w b), with a at most cap b;
    - mean_of_ratios: sum(w r), r = a / b at most cap;
    - geometric: the product of r^w, 0 where any r is 0.

    Benchmarks of weight 0 take no part. The weights of the others sum to 1. Rounded half up; a geometric mean is
    rounded to four decimals where ``decimals`` is None. None where the formula divides by zero: by any b that is 0, or,
    for the ratio of means, by all of them.
    """
    parts = [(w, a, b) for w, a, b in zip(weight, own, other, strict=True) if w]
    if formula == "ratio_of_means":
        below = total(w * b for w, _, b in parts)
        if not below:
            return None
        above = total(w * (a if cap is None else min(a, cap * b)) for w, a, b in parts)
        return round_to(above / below, decimals)
    if not parts or not all(b for _, _, b in parts):
        return None
    ratios = [a / b if cap is None else min(a / b, cap) for _, a, b in parts]
    if formula == "mean_of_ratios":
        return round_to(total(w * r for (w, _, _), r in zip(parts, ratios, strict=True)), decimals)
    return geometric_mean(ratios, [w for w, _, _ in parts], ROUND_GEOMETRIC if decimals is None else decimals)
