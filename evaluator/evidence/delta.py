"""Intervals and probabilities of a ratio by the delta method, for many applicants at once.

Advisory figures in binary floating point. Arrays are applicants x benchmarks; docs/performance.md says how well the
intervals were found to hold. Normal scores ``a`` and ``b`` have standard errors ``sa`` and ``sb``.

A cap bends the sum: noise pulls min(cap, r) down wherever r is near the cap, by up to 0.4 of its standard error, and
by how much cannot be known from one measurement. So under a cap there are two estimates. The least takes the capped
ratios as they are: on average it is too low, never too high. The greatest adds what noise may have taken, and is never
above the uncapped ratio (to cap a mean leaves at least the mean of what is capped). The interval reaches from the lower
end of the one to the upper end of the other, and the probability is conservative: it is above 1/2 only if the least
estimate says so, and below only if the greatest does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluator.model.performance import Formula

Floats = NDArray[np.float64]

Z90 = 1.6448536269514722
"""Standard normal quantile of 0.95: 90 % of a normal distribution lie within so many standard errors."""
DOUBT = 1.5
"""Under a cap every ratio is taken to lie up to so many standard errors nearer to the cap than it was measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Both sides of many comparisons. ``weight`` is 0 for what is not compared, and sums to 1 along a row.

    A benchmark that counts 0 because its result is missing has a = sa = 0: that is the rule, not chance.
    """

    weight: Floats
    a: Floats
    sa: Floats
    b: Floats
    sb: Floats


@dataclass(frozen=True, slots=True)
class Spread:
    """The 90 % interval of each ratio, and the probability that it reaches the target."""

    low: Floats
    high: Floats
    probability: Floats


def total(values: Floats) -> Floats:
    """The sum of each row, smallest first: the same whatever the order of the benchmarks."""
    return np.asarray(np.sort(values, axis=-1).sum(-1))


def phi(z: Floats) -> Floats:
    """The standard normal distribution function."""
    root = math.sqrt(2)
    values = [math.erfc(-x / root) / 2 for x in z.ravel().tolist()]
    return np.array(values).reshape(z.shape)


def density(z: Floats) -> Floats:
    """The standard normal density."""
    return np.asarray(np.exp(-z * z / 2) / math.sqrt(2 * math.pi))


def capped_moments(mean: Floats, error: Floats, cap: float) -> tuple[Floats, Floats]:
    """Mean and variance of min(cap, X) for a normal X; an ``error`` of 0 stands for a fixed X."""
    d = (cap - mean) / np.maximum(error, 1e-12)
    below, peak = phi(d), density(d)
    lost = error * (peak + d * below)
    square = error * error * ((1 + d * d) * below + d * peak)
    return cap - lost, np.maximum(square - lost * lost, 0)


def pulled_down(distance: Floats) -> Floats:
    """By how much noise lowers min(cap, X) on average, in standard errors, so many of them away from the cap."""
    return density(distance) - distance * phi(-distance)


def spread(sides: Sides, formula: Formula, cap: float | None, target: float) -> Spread:
    """Interval and probability of each comparison. Every b that counts is above 0; for geometric every a is, too."""
    if formula == "ratio_of_means":
        return _of_means(sides, cap, target)
    w, counts = sides.weight, sides.weight > 0
    b = np.where(counts, sides.b, 1.0)
    other = np.where(counts, sides.sb / b, 0.0)
    if formula == "mean_of_ratios":
        ratio = np.where(counts, sides.a / b, 0.0)
        error = np.hypot(np.where(counts, sides.sa / b, 0.0), ratio * other)
        # noise in the denominator lifts a quotient: E(1/b) = (1 + (sb/b)^2) / b, to second order
        centre = ratio * (1 - other**2)
        return _clipped(_of_sum(w, centre, error, cap, target))
    a = np.where(counts, sides.a, 1.0)
    own = np.where(counts, sides.sa / a, 0.0)
    centre = np.log(a / b) + (own**2 - other**2) / 2
    found = _of_sum(w, centre, np.hypot(own, other), None if cap is None else math.log(cap), math.log(target))
    return Spread(np.exp(found.low), np.exp(found.high), found.probability)


def _of_means(sides: Sides, cap: float | None, target: float) -> Spread:
    w, a, b = sides.weight, sides.a, sides.b
    above, below = total(w * a), total(w * b)
    own, other = np.sqrt(total(w**2 * sides.sa**2)), np.sqrt(total(w**2 * sides.sb**2))
    if cap is None:
        # Fieller: the ratios R for which above - R below lies within so many of its own standard errors of 0. The
        # reference's mean is far from 0 (see doubts.NOISY), so that these are an interval
        length = below**2 - (Z90 * other) ** 2
        half = Z90 * np.sqrt((above * other) ** 2 + (below * own) ** 2 - (Z90 * own * other) ** 2)
        low, high = (above * below - half) / length, (above * below + half) / length
        return _clipped(Spread(low, high, _probability(above - target * below, np.hypot(own, target * other))))
    ratio = above / below
    error = np.hypot(own, ratio * other) / below
    # a mean of ratios in which each counts as much as its reference's score does
    parts = w * b / below[:, np.newaxis]
    counts = parts > 0
    safe = np.where(counts, b, 1.0)
    single = np.where(counts, a / safe, 0.0)
    noise = np.where(counts, sides.sb / safe, 0.0)
    errors = np.hypot(np.where(counts, sides.sa / safe, 0.0), single * noise)
    shares = (parts * (np.minimum(single, cap) - ratio[:, np.newaxis]) * noise) ** 2
    return _clipped(_under_cap(parts, single, errors, cap, target, (ratio, error, total(shares))))


def _of_sum(w: Floats, centre: Floats, error: Floats, cap: float | None, target: float) -> Spread:
    """The weighted sum of independent, nearly normal terms, each at most ``cap``."""
    middle, size = total(w * centre), np.sqrt(total(w**2 * error**2))
    if cap is None:
        return Spread(middle - Z90 * size, middle + Z90 * size, _probability(middle - target, size))
    return _under_cap(w, centre, error, cap, target, (middle, size, np.zeros_like(size)))


def _under_cap(
    w: Floats, centre: Floats, error: Floats, cap: float, target: float, uncapped: tuple[Floats, Floats, Floats]
) -> Spread:
    """The least and the greatest estimate, and what can be said whichever holds.

    ``uncapped`` are the sum without the cap, its standard error, and a variance that the weights themselves bring in.
    """
    middle, size, more = uncapped
    variance = capped_moments(centre - DOUBT * error, error, cap)[1]
    spread_ = np.sqrt(total(w**2 * variance) + more)
    least = total(w * np.minimum(centre, cap))
    distance = np.maximum(np.abs(centre - cap) / np.maximum(error, 1e-12) - DOUBT, 0)
    greatest = least + total(w * error * pulled_down(distance))
    whole = total(w) * cap
    high = np.minimum(np.minimum(whole, middle + Z90 * size), greatest + Z90 * spread_)
    surely = _probability(least - target, spread_)
    perhaps = np.minimum(_probability(middle - target, size), _probability(greatest - target, spread_))
    return Spread(
        least - Z90 * spread_,
        np.maximum(high, np.minimum(least, whole)),
        np.where(surely > 0.5, surely, np.minimum(np.maximum(perhaps, surely), 0.5)),
    )


def _probability(distance: Floats, size: Floats) -> Floats:
    """The probability that a normal value exceeds a bound so far below it; certain where there is no error."""
    z = np.where(size > 0, distance / np.where(size > 0, size, 1.0), np.where(distance >= 0, np.inf, -np.inf))
    return phi(z)


def _clipped(found: Spread) -> Spread:
    """No ratio is below 0."""
    return Spread(np.maximum(found.low, 0), np.maximum(found.high, 0), found.probability)
