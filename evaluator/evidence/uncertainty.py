"""What sampling error says about a ratio: its 90 % interval, the probability of the target, or why neither is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from evaluator.evidence.comparison import Comparing, Comparison
from evaluator.evidence.doubts import WITHHELD, differences
from evaluator.evidence.sampling import standard_error
from evaluator.model.performance import Benchmark, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertainty:
    """What is said about one comparison, four decimals; only the intervals of lines where ``withheld`` says why."""

    low: Fraction | None = None
    high: Fraction | None = None
    probability: Fraction | None = None
    equal_passes: Fraction | None = None
    withheld: tuple[str, ...] = ()
    lines: tuple[tuple[Fraction, Fraction] | None, ...] = ()


def reasons(benchmark: Benchmark, own: Result, other: Result) -> list[str]:
    """Why the sampling errors of two results say too little about their ratio."""
    found = differences(own, other)
    size = "standard_error" if benchmark.statistic == "mean" else "sample_size"
    if standard_error(benchmark, own) is None:
        found.append(f"no_{size}")
    if standard_error(benchmark, other) is None:
        found.append(f"no_reference_{size}")
    return found


def uncertainties(comparing: Comparing, comparisons: Sequence[Comparison]) -> list[Uncertainty]:
    """The uncertainty of each comparison."""
    result = []
    for comparison in comparisons:
        found = set() if comparison.ratio is not None else {"no_ratio"}
        if comparison.opponent is not None:
            for position, benchmark in enumerate(comparing.rule.benchmarks):
                own, other = comparison.applicant.results[position], comparison.opponent.results[position]
                if comparison.applicant.weight[position] and own is not None and other is not None:
                    found |= set(reasons(benchmark, own, other))
        result.append(Uncertainty(withheld=tuple(reason for reason in WITHHELD if reason in found)))
    return result
