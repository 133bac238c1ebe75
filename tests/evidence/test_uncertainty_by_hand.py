"""Standard errors and the intervals of single benchmarks, worked out beside the formulas of docs/performance.md."""

from __future__ import annotations

import math
from fractions import Fraction

from scipy import stats  # type: ignore[import-untyped]  # scipy ships no types

from evaluator.evidence.sampling import Sampling
from tests.evidence.scores import benchmark, derive_one, evidence, reference, result, rule

F = Fraction


def test_a_reported_error_is_taken_to_the_normal_scale() -> None:
    """1.5 of 100, where 75 lie between guessing and the best, is 0.02."""
    found = Sampling(benchmark("x", chance=F(25))).error(result("x", 70, stderr=F(3, 2)))
    assert found is not None and math.isclose(found, 0.02)


def test_the_interval_of_a_line_has_the_noise_of_both_sides() -> None:
    """Reported errors of a tenth of each score: together sqrt(2)/10 of the ratio, on the logarithmic scale."""
    own = evidence({"x": 60}, stderr=F(6))
    other = reference("r", {"x": 80}, stderr=F(8))
    line = derive_one(rule([benchmark("x")]), own, other).lines[0]
    size = stats.norm.ppf(0.95) * math.sqrt(2) / 10
    assert line.low is not None and line.high is not None
    assert math.isclose(line.low, 0.75 * math.exp(-size), abs_tol=6e-5)
    assert math.isclose(line.high, 0.75 * math.exp(size), abs_tol=6e-5)
    # a reference that is known exactly leaves the applicant's own noise
    sure = derive_one(rule([benchmark("x")]), own, reference("r", {"x": 80}, stderr=F(1, 10**9))).lines[0]
    assert sure.low is not None and math.isclose(sure.low, 0.75 * math.exp(-stats.norm.ppf(0.95) / 10), abs_tol=6e-5)


def test_an_equal_is_measured_with_the_items_of_the_applicant() -> None:
    """80 % of a million items is as good as known; an equal on 200 items must solve 152 of them."""
    found = derive_one(rule([benchmark("x")]), evidence({"x": (80, 200)}), reference("r", {"x": (80, 1_000_000)}))
    assert found.equal_passes is not None
    assert abs(float(found.equal_passes) - stats.binom.sf(151, 200, 0.8)) < 0.02
