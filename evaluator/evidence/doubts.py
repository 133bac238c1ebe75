"""What should be known about a figure before it is believed: flags, and reasons to give no probability."""

from __future__ import annotations

from fractions import Fraction

from evaluator.model.performance import MET, NOT_MET, LineState, PerformanceRule, Result, VerdictRule

SATURATED = Fraction(19, 20)
"""Normal score of the reference from which on a perfect model could be at most 1/0.95, some 5 %, better."""
NEAR_FLOOR = Fraction(1, 5)
"""Normal score of the reference up to which one hundredth of the scale moves the ratio by 5 % or more."""
SMALL_N = 100
"""Items below which the standard error in the middle of the scale exceeds 5 hundredths, the usual distance to 95 %."""
EQUAL_FAILS = Fraction(4, 5)
"""Probability of passing below which a model as good as its reference fails more than once in five."""

NOISY = 0.3
"""Standard error of a score, relative to it, above which its quotient and its logarithm are far from normal."""
CLEAR_LEAD = 1.6448536269514722
"""Standard errors of their difference by which the best reference must lead every other, else luck may have chosen it.

Of two equal models, one that is named beforehand leads by as much in 5 cases of 100."""

OF_LINES = (
    "missing_counts_zero",
    "saturated",
    "near_floor",
    "small_n",
    "capped",
    "self_measured",
    "measurers_disagree",
    "partial",
    "mode_mismatch",
    "metric_mismatch",
    "harness_mismatch",
    "version_mismatch",
    "harness_unknown",
    "version_unknown",
)
"""The flags of a benchmark, in the order in which they are given."""
OVERALL = (*OF_LINES, "winners_curse", "equal_model_fails")
"""The flags of a figure: those of its benchmarks, and two of its own."""

WITHHELD = (
    "no_sample_size",
    "no_reference_sample_size",
    "no_standard_error",
    "no_reference_standard_error",
    "harness_unknown",
    "harness_differs",
    "harness_version_unknown",
    "harness_version_differs",
    "mode_differs",
    "metric_differs",
    "partial_run",
    "reference_too_noisy",
    "result_too_noisy",
    "reference_selected",
)
"""The reasons to give no probability, in the order in which they are given."""

FLAG_OF = {
    "harness_unknown": "harness_unknown",
    "harness_differs": "harness_mismatch",
    "harness_version_unknown": "version_unknown",
    "harness_version_differs": "version_mismatch",
    "mode_differs": "mode_mismatch",
    "metric_differs": "metric_mismatch",
    "partial_run": "partial",
}


def differences(own: Result, other: Result) -> list[str]:
    """Why two results cannot be compared by their sampling errors alone: another program, mode or part of the items."""
    a, b = own.measurement, other.measurement
    found = []
    if not a.harness or not b.harness:
        found.append("harness_unknown")
    elif a.harness != b.harness:
        found.append("harness_differs")
    elif not a.harness_version or not b.harness_version:
        found.append("harness_version_unknown")
    elif a.harness_version != b.harness_version:
        found.append("harness_version_differs")
    if a.mode != b.mode:
        found.append("mode_differs")
    if not _is_same_metric(a.metric, b.metric):
        found.append("metric_differs")
    if _is_partial(own) or _is_partial(other):
        found.append("partial_run")
    return found


def _is_same_metric(one: str, other: str) -> bool:
    """Whether two metrics are the same; one with a filter (``acc,none``) and one without may be."""
    if "," in one and "," in other:
        return one == other
    return one.partition(",")[0] == other.partition(",")[0]


def _is_partial(result: Result) -> bool:
    return bool(result.excuse or result.measurement.partial)


def line_flags(
    rule: PerformanceRule,
    state: LineState,
    results: tuple[Result | None, Result | None, Result | None],
    normal: tuple[Fraction | None, Fraction | None],
    *,
    figure: bool,
) -> tuple[str, ...]:
    """The flags of one benchmark.

    ``results`` are the applicant's, the reference's and what was set aside of the applicant's; ``normal`` the normal
    scores of the first two. ``figure``: there is a ratio, so that a missing result counts for something.
    """
    own, other, aside = results
    flags = set()
    if state in {"missing", "not_counted"} and rule.missing == "zero" and figure:
        flags.add("missing_counts_zero")
    a, b = normal
    if b is not None:
        cap = rule.aggregation.cap
        holds = (("saturated", b >= SATURATED), ("near_floor", b <= NEAR_FLOOR), ("capped", _above(cap, a, b)))
        flags |= {name for name, there in holds if there}
    if any(result is not None and result.n is not None and result.n < SMALL_N for result in (own, other)):
        flags.add("small_n")
    if own is not None:
        if own.measurement.measured_by == "self":
            flags.add("self_measured")
        if aside is not None and aside.score != own.score:
            flags.add("measurers_disagree")
        if _is_partial(own):
            flags.add("partial")
        if other is not None:
            flags |= {FLAG_OF[reason] for reason in differences(own, other)}
    return tuple(flag for flag in OF_LINES if flag in flags)


def _above(cap: Fraction | None, a: Fraction | None, b: Fraction) -> bool:
    return cap is not None and a is not None and b > 0 and a > cap * b


def least_met(verdict: VerdictRule) -> Fraction:
    """Rule probability: from which probability on the target counts as met."""
    return (verdict.met or MET).of(Fraction(1))


def most_not_met(verdict: VerdictRule) -> Fraction:
    """Rule probability: up to which probability it counts as not met."""
    return (verdict.not_met or NOT_MET).of(Fraction(1))
