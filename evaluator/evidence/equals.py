"""How often a model exactly as good as its reference would pass: what the rule itself does to an equal.

The reference's scores are taken for true, on both sides. Both are measured once more, by as many items as they were.
Where the reference is the best of several, the best of their new measurements is taken: it was chosen for its score,
and so it was probably lucky (the winner's curse). Floating point, advisory; checked against simulation in the tests.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from evaluator.evidence.delta import DOUBT, Floats, capped_moments, phi, total
from evaluator.model.performance import Formula

GRID = np.linspace(-5.0, 5.0, 81)
"""Where the distribution of a best score is taken, in standard errors from the best true score."""
CELLS = 256
"""Into how many equal parts the loss that is allowed below a cap is divided."""
FAR = 5.0
"""A cap takes nothing of a ratio so many standard errors below it."""
TANGENTS = range(-5, 2)
"""Where tangents of the standard error are tried: at so many powers of two of the usual variance."""
MANY = 0.1
"""Sum of squared weights up to which there are many benchmarks: ten of equal weight."""
TABLE = np.linspace(-8.0, 8.0, 1025)
TABLED = phi(TABLE)
"""The normal distribution function, off by less than 10^-5 between its entries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The measured score of the best of several: the true best, possible values above 0 and their probabilities."""

    true: float
    values: Floats
    chances: Floats

    @property
    def mean(self) -> float:
        """What is measured on average: above the true best where there are several."""
        return float((self.chances * self.values).sum())

    @property
    def error(self) -> float:
        """The standard deviation of what is measured."""
        return math.sqrt(float((self.chances * (self.values - self.mean) ** 2).sum()))

    def lifted(self, factor: float) -> Best:
        """The same with every measured value so many times as large."""
        return replace(self, values=self.values * factor)


def best_of(true: Sequence[float], errors: Sequence[float]) -> Best:
    """The distribution of the greatest of independent, nearly normal measurements; of one, its own."""
    order = np.lexsort((np.array(errors), np.array(true)))
    centres, sizes = np.array(true)[order], np.maximum(np.array(errors)[order], 1e-9)
    top, width, step = float(centres[-1]), float(sizes[-1]), float(GRID[1] - GRID[0])
    values = top + width * GRID
    edges = np.append(values, values[-1] + width * step) - width * step / 2
    chances = np.diff(phi((edges[:, np.newaxis] - centres) / sizes).prod(-1))
    kept = (values > 0) & (chances > 0)
    return Best(true=top, values=values[kept], chances=chances[kept] / chances[kept].sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The rule that has to be passed; ``surplus`` is by how many standard errors the target must be exceeded."""

    formula: Formula
    cap: float | None
    target: float
    surplus: float = 0.0


def equal_passes(rule: Rule, weight: Floats, errors: Floats, best: Sequence[Best]) -> Floats:
    """The probability that an equal model passes, for each row.

    ``weight`` and ``errors`` are rows x benchmarks: the weights sum to 1, the errors are those with which the equal
    model's normal scores are measured. ``best`` are its opponents' scores, one a benchmark.
    """
    single = np.flatnonzero((weight > 0).sum(-1) == 1)
    if rule.cap is not None and rule.surplus > 0:  # the error by which the target is exceeded is that under the cap
        single = single[:0]
    result = _of_many(rule, weight, errors, best)
    for row in single.tolist():
        position = int(weight[row].argmax())
        result[row] = _of_one(rule, float(errors[row, position]), best[position])
    return result


def _of_one(rule: Rule, error: float, best: Best) -> float:
    """One benchmark: every formula is its ratio. A cap matters only where it is below the target."""
    if rule.cap is not None and rule.cap < rule.target:
        return 0.0
    needed = rule.target * best.values + rule.surplus * math.hypot(error, rule.target * best.error)
    return float((best.chances * phi((best.true - needed) / max(error, 1e-9))).sum())


def _of_many(rule: Rule, weight: Floats, errors: Floats, best: Sequence[Best]) -> Floats:
    """Several benchmarks: their sum is nearly normal, unless a cap bends it."""
    true = np.array([b.true for b in best])
    if rule.formula == "ratio_of_means" and rule.cap is None:
        above = np.sqrt(total(weight**2 * errors**2))
        below = rule.target * np.sqrt(total(weight**2 * np.array([b.error for b in best]) ** 2))
        distance = total(weight * (true - rule.target * np.array([b.mean for b in best])))
        return phi(distance / np.maximum(np.hypot(above, below), 1e-9) - rule.surplus)
    if rule.formula == "ratio_of_means":
        weight = weight * true / total(weight * true)[:, np.newaxis]
    # what counts for nobody may be at the floor
    counts: list[bool] = np.any(weight > 0, axis=0).tolist()
    none = np.zeros(len(weight))
    moments = [
        _moments(rule, e, b) if there else (none,) * 4 for e, b, there in zip(errors.T, best, counts, strict=True)
    ]
    mean, variance, shown, reach = (np.stack(columns, axis=-1) for columns in zip(*moments, strict=True))
    reported = total(weight**2 * shown)
    surplus = rule.surplus * np.sqrt(reported)
    target = math.log(rule.target) if rule.formula == "geometric" else rule.target
    result = phi((total(weight * mean) - target - surplus) / np.maximum(np.sqrt(total(weight**2 * variance)), 1e-9))
    if rule.cap is not None:
        bent = np.any((weight > 0) & (reach < FAR), axis=-1)
        if bent.any():
            result[bent] = _below_cap(rule, rule.cap, weight[bent], errors[bent], best, reported[bent])
    return result


def _below_cap(rule: Rule, cap: float, weight: Floats, errors: Floats, best: Sequence[Best], shown: Floats) -> Floats:
    """The distribution of what the benchmarks lose against the cap, one folded with the other, cell by cell.

    The capped sum is at least the target where the weighted losses are together at most what lies between cap and
    target; what is lost beyond that does not matter, so that few cells are fine enough.

    To exceed the target by z standard errors costs z sqrt(V), and V, the variance that is reported (here about
    ``shown``), is itself less where a benchmark is far above the cap. sqrt(V) is the least of its tangents
    (sqrt(t) + V / sqrt(t)) / 2, and on a tangent every benchmark bears its own share of the cost. So the probability is
    at least that on any tangent; the greatest is taken.
    """
    between = math.log(cap / rule.target) if rule.formula == "geometric" else cap - rule.target
    room, most = np.full(len(weight), between), between
    if rule.formula == "ratio_of_means":  # where the best of several is lucky, a share of what it scored is more
        lift = np.array([b.mean / b.true if b.true > 0 else 1.0 for b in best])
        room, most = between * total(weight * lift), between * max(float(lift.max()), 1.0)
    if rule.surplus <= 0:
        # a rule may ask for less than the target; no spread is above 1/2
        allowed = room - rule.surplus * np.sqrt(shown)
        return _folded(rule, cap, weight, errors, best, allowed, np.zeros_like(room), most - rule.surplus / 2)
    result, few = np.zeros(len(weight)), total(weight**2) > MANY
    nearest = np.rint(np.log2(np.maximum(shown, 1e-12)))
    for power in TANGENTS:
        # the variance of many together hardly differs from one measurement to the next
        rows = np.flatnonzero(few | (power == 0))
        t = np.exp2((nearest[rows] + power) / 2)
        allowed, slope = room[rows] - rule.surplus * t / 2, rule.surplus / t / 2
        passed = _folded(rule, cap, weight[rows], errors[rows], best, allowed, slope, most)
        result[rows] = np.maximum(result[rows], passed)
    return result


def _folded(
    rule: Rule,
    cap: float,
    weight: Floats,
    errors: Floats,
    best: Sequence[Best],
    room: Floats,
    slope: Floats,
    most: float,
) -> Floats:
    """For each row, the probability that all losses are together at most ``room``, which is at most ``most``.

    Errors are rounded to two per cent, so that of 1,000 applicants most share their cells.
    """
    width = max(most, 1e-9) / CELLS
    steps = np.rint(np.log(np.maximum(errors, 1e-9)) * 50)
    folded = np.zeros((len(weight), CELLS + 1))
    folded[:, 0] = 1.0
    for position, other in enumerate(best):
        if not weight[:, position].any():
            continue
        kinds, where = np.unique(
            np.stack([weight[:, position], steps[:, position], slope]), axis=1, return_inverse=True
        )
        cells = np.stack([_losses(rule, cap, width, w, math.exp(e / 50), other, k) for w, e, k in kinds.T.tolist()])
        spectrum = np.fft.rfft(cells, 2 * CELLS + 2)[where.ravel()]
        folded = np.fft.irfft(np.fft.rfft(folded, 2 * CELLS + 2) * spectrum, 2 * CELLS + 2)[:, : CELLS + 1]
    reached, edges = np.maximum(folded, 0).cumsum(-1), (np.arange(CELLS + 1) + 0.5) * width
    passed = [float(np.interp(left, edges, row)) for left, row in zip(room.tolist(), reached, strict=True)]
    return np.asarray(np.where(room < 0, 0.0, np.minimum(passed, 1.0)))


def _losses(rule: Rule, cap: float, width: float, weight: float, error: float, best: Best, slope: float) -> Floats:
    """The probabilities that a benchmark's weighted loss lies in each cell, the first of them about no loss.

    ``slope`` times its weighted variance is added to the loss.
    """
    if not weight:
        return np.asarray(np.eye(1, CELLS + 1)[0])
    top, edges = math.log(cap) if rule.formula == "geometric" else cap, (np.arange(CELLS + 1) + 0.5) * width
    least = top - edges / weight
    if slope:
        spread = np.sqrt(_uncapped(rule, np.array([error]), best)[3])
        # the ratio at which so much is lost, looked up
        ratio = np.linspace(max(least[-1], top - 12 * spread[0]), top + 7 * spread[0], 2 * CELLS)
        if rule.formula != "geometric":  # the reference's part of the error grows with the ratio
            spread = np.hypot(error, ratio * best.error) / best.mean
        variance = capped_moments(ratio - DOUBT * spread, spread, top)[1]
        loss = weight * np.maximum(top - ratio, 0) + slope * weight**2 * variance
        least = np.interp(edges, loss[::-1], ratio[::-1])
    if rule.formula == "ratio_of_means":  # what a point is worth does not change with the reference's luck
        needed = cap * best.values - best.true * (cap - least)[:, np.newaxis]
    else:
        needed = (np.exp(least) if rule.formula == "geometric" else np.maximum(least, 0))[:, np.newaxis] * best.values
    within = np.interp((best.true - needed) / max(error, 1e-9), TABLE, TABLED) @ best.chances
    return np.asarray(np.diff(within, prepend=0.0))


def _uncapped(rule: Rule, errors: Floats, best: Best) -> tuple[Floats, Floats, Floats, Floats]:
    """A benchmark's ratio or its logarithm, by error: centre and error for each score of the best, mean, variance."""
    error = errors[:, np.newaxis]
    if rule.formula == "geometric":
        relative = error / best.true
        centre = math.log(best.true) - relative**2 / 2 - np.log(best.values)
        size = np.broadcast_to(relative, centre.shape)
    else:
        size = error / best.values
        centre = np.broadcast_to(best.true / best.values, size.shape)
    mean = (best.chances * centre).sum(-1)
    return centre, size, mean, (best.chances * (size**2 + (centre - mean[:, np.newaxis]) ** 2)).sum(-1)


def _moments(rule: Rule, errors: Floats, best: Best) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean and variance of a benchmark's (capped) ratio or its logarithm, the variance that would be reported, and how
    many standard errors the ratio lies below the cap.
    """
    different, where = np.unique(errors, return_inverse=True)
    centre, size, mean, variance = _uncapped(rule, different, best)
    shown, reach = variance, np.full_like(mean, np.inf)
    if rule.cap is not None:
        cap, spread = math.log(rule.cap) if rule.formula == "geometric" else rule.cap, np.sqrt(variance)
        reach = (cap - mean) / np.maximum(spread, 1e-9)
        shown = capped_moments(mean - DOUBT * spread, spread, cap)[1]
        means, variances = capped_moments(centre, size, cap)
        mean = (best.chances * means).sum(-1)
        variance = (best.chances * (variances + (means - mean[:, np.newaxis]) ** 2)).sum(-1)
    return mean[where], variance[where], shown[where], reach[where]
