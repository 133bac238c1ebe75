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
    result = _of_many(rule, weight, errors, best)
    for row in single.tolist():
        position = int(weight[row].argmax())
        result[row] = _of_one(rule, float(errors[row, position]), best[position])
    return result


def _of_one(rule: Rule, error: float, best: Best) -> float:
    """One benchmark: every formula is its ratio, and a cap matters only below the target."""
    if rule.cap is not None and rule.cap < rule.target:
        return 0.0
    needed = rule.target * best.values + rule.surplus * math.hypot(error, rule.target * best.error)
    return float((best.chances * phi((best.true - needed) / max(error, 1e-9))).sum())


def _of_many(rule: Rule, weight: Floats, errors: Floats, best: Sequence[Best]) -> Floats:
    """Several benchmarks: their sum is nearly normal."""
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
        _moments(rule, e, b) if there else (none,) * 3 for e, b, there in zip(errors.T, best, counts, strict=True)
    ]
    mean, variance, shown = (np.stack(columns, axis=-1) for columns in zip(*moments, strict=True))
    target = math.log(rule.target) if rule.formula == "geometric" else rule.target
    needed = target + rule.surplus * np.sqrt(total(weight**2 * shown))
    return phi((total(weight * mean) - needed) / np.maximum(np.sqrt(total(weight**2 * variance)), 1e-9))


def _moments(rule: Rule, errors: Floats, best: Best) -> tuple[Floats, Floats, Floats]:
    """Mean and variance of a benchmark's (capped) ratio or its logarithm, and the variance that would be reported."""
    different, where = np.unique(errors, return_inverse=True)
    error, chances, cap = different[:, np.newaxis], best.chances, rule.cap
    if rule.formula == "geometric":
        relative = error / best.true
        centre = math.log(best.true) - relative**2 / 2 - np.log(best.values)
        size, cap = np.broadcast_to(relative, centre.shape), None if cap is None else math.log(cap)
    else:
        size = error / best.values
        centre = np.broadcast_to(best.true / best.values, size.shape)
    mean = (chances * centre).sum(-1)
    variance = (chances * (size**2 + (centre - mean[:, np.newaxis]) ** 2)).sum(-1)
    shown = variance
    if cap is not None:
        spread = np.sqrt(variance)
        shown = capped_moments(mean - DOUBT * spread, spread, cap)[1]
        means, variances = capped_moments(centre, size, cap)
        mean = (chances * means).sum(-1)
        variance = (chances * (variances + (means - mean[:, np.newaxis]) ** 2)).sum(-1)
    return mean[where], variance[where], shown[where]
