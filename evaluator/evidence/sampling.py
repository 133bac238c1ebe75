"""How far a result may lie from what endless repetition of the test would give, and where nobody can say.

Advisory figures: binary floating point inside, never part of the ratio itself.
"""

from __future__ import annotations

import math
from fractions import Fraction

from evaluator.evidence.aggregation import ends
from evaluator.model.performance import Benchmark, Result


def standard_error(benchmark: Benchmark, result: Result) -> float | None:
    """The standard error of a result's normal score (floor 0, better end 1), None where it is unknown.

    The reported standard error, if it is above 0. Otherwise, for a proportion of n items, that of the Beta posterior
    under Jeffreys' prior: with x of n solved sqrt(m (1 - m) / (n + 2)), m = (x + 1/2) / (n + 1). It is above 0 even
    where all or no items were solved: a reported error of 0 there is the formula's, not the test's. A mean of marks
    without a standard error has none: how much single marks differ is not known.
    """
    floor, best = ends(benchmark)
    if result.stderr is not None and result.stderr > 0:
        return float(result.stderr / abs(best - floor))
    if result.n is None or benchmark.statistic != "proportion":
        return None
    span = benchmark.scale.max - benchmark.scale.min
    share = (result.score - benchmark.scale.min) / span
    return beta_error(share, result.n) * float(span / abs(best - floor))


def beta_error(share: Fraction, n: int) -> float:
    """The standard deviation of Beta(x + 1/2, n - x + 1/2), where x = share * n."""
    mean = float((share * n + Fraction(1, 2)) / (n + 1))
    return math.sqrt(mean * (1 - mean) / (n + 2))
