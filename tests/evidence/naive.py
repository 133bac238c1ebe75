"""The rules of docs/performance.md once more, as the page reads: slowly, with fractions, benchmark by benchmark."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from evaluator.model.performance import Benchmark, PerformanceRule

F = Fraction


def normal(benchmark: Benchmark, score: F) -> F:
    low, high = benchmark.scale.min, benchmark.scale.max
    if benchmark.direction == "lower":
        low, high = high, low
    floor = low if benchmark.chance is None else benchmark.chance
    return max(F(0), (score - floor) / (high - floor))


def weights(rule: PerformanceRule, excused: set[str]) -> dict[str, F]:
    there = [b for b in rule.benchmarks if b.id not in excused]
    points = {b.id: F(1) if b.points is None else b.points for b in there}
    if rule.aggregation.weights == "benchmarks":
        return {id: p / sum(points.values()) for id, p in points.items()}
    found = {}
    present = [c for c in rule.categories if any(b.category == c.id for b in there)]
    whole = sum(F(1) if c.points is None else c.points for c in present)
    for category in present:
        members = [b.id for b in there if b.category == category.id]
        share = (F(1) if category.points is None else category.points) / whole
        for id in members:
            found[id] = share * points[id] / sum(points[m] for m in members)
    return found


def half_up(value: F, decimals: int) -> F:
    return F((value * 10**decimals * 2 + 1) // 2, 10**decimals)


def root_half_up(base: F, degree: int, decimals: int) -> F:
    """The degree-th root, by whole numbers alone: the greatest m with ((2m - 1) / 2s)^degree <= base, over s."""
    step, least, beyond = 2 * 10**decimals, 0, 1
    while F(2 * beyond - 1, step) ** degree <= base:
        beyond *= 2
    while beyond - least > 1:
        middle = (least + beyond) // 2
        if F(2 * middle - 1, step) ** degree <= base:
            least = middle
        else:
            beyond = middle
    return F(least, 10**decimals)


def ratio(
    rule: PerformanceRule,
    formula: str,
    cap: F | None,
    weight: Mapping[str, F],
    own: Mapping[str, F],
    other: Mapping[str, F],
) -> F | None:
    """own and other are normal scores; benchmarks without an own score count 0."""
    decimals = rule.aggregation.round
    assert decimals is not None
    if any(id not in other for id in weight):
        return None
    a = {id: own.get(id, F(0)) for id in weight}
    if formula == "ratio_of_means":
        if cap is not None:
            a = {id: min(value, cap * other[id]) for id, value in a.items()}
        below = sum(weight[id] * other[id] for id in weight)
        return half_up(sum(weight[id] * a[id] for id in weight) / below, decimals) if below else None
    if any(other[id] == 0 for id in weight):
        return None
    ratios = {id: a[id] / other[id] for id in weight}
    if cap is not None:
        ratios = {id: min(cap, value) for id, value in ratios.items()}
    if formula == "mean_of_ratios":
        return half_up(sum((weight[id] * ratios[id] for id in weight), F(0)), decimals)
    degree = 1
    while any((w * degree).denominator != 1 for w in weight.values()):
        degree += 1
    product = F(1)
    for id, w in weight.items():
        product *= ratios[id] ** int(w * degree)
    return root_half_up(product, degree, decimals)
