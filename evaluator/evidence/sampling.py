"""How far a result may lie from what endless repetition of the test would give, and where nobody can say.

Advisory figures: binary floating point inside, never part of the ratio itself.
"""

from __future__ import annotations

import math

from evaluator.evidence.aggregation import ends
from evaluator.model.performance import Benchmark, Result


class Sampling:
    """The sampling errors of results on one benchmark."""

    def __init__(self, benchmark: Benchmark) -> None:
        floor, best = ends(benchmark)
        self.is_proportion = benchmark.statistic == "proportion"
        self._min = float(benchmark.scale.min)
        self._span = float(benchmark.scale.max - benchmark.scale.min)
        self._length = float(abs(best - floor))

    def error(self, result: Result) -> float | None:
        """The standard error of a result's normal score (floor 0, better end 1), None where it is unknown.

        The reported standard error, if it is above 0. Otherwise, for a proportion of n items, that of the Beta
        posterior under Jeffreys' prior: with x of n solved sqrt(m (1 - m) / (n + 2)), m = (x + 1/2) / (n + 1). It is
        above 0 even where all or no items were solved: a reported error of 0 there is the formula's, not the test's.
        A mean of marks without a standard error has none: how much single marks differ is not known.
        """
        if result.stderr is not None and result.stderr > 0:
            return float(result.stderr) / self._length
        return self.beta_error(result, result.n) if self.is_proportion else None

    def beta_error(self, result: Result, n: int | None) -> float | None:
        """The standard error that the score would have, were it measured with n items; None for an unknown n."""
        if n is None:
            return None
        share = (float(result.score) - self._min) / self._span
        mean = min(max((share * n + 0.5) / (n + 1), 0.0), 1.0)
        return math.sqrt(mean * (1 - mean) / (n + 2)) * self._span / self._length

    def as_good(self, own: Result | None, other: Result) -> float | None:
        """The standard error of a model as good as ``other``, measured as ``own`` was (as ``other``, if it was not)."""
        if own is None:
            return self.error(other)
        if self.is_proportion and own.n is not None:
            return self.beta_error(other, own.n)
        return self.error(own)
