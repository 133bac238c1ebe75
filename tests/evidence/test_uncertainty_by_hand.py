"""Standard errors and the intervals of single benchmarks, worked out beside the formulas of docs/performance.md."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from evaluator.evidence.delta import Sides, spread
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


def test_an_equal_of_one_benchmark_has_to_be_clearly_good_where_probability_decides() -> None:
    """The target 0.76 must be exceeded by 1.2816 standard errors of 0.0282: by an equal that solves 160 of 200."""
    ruled = rule([benchmark("x")], verdict={"rule": "probability"})
    found = derive_one(ruled, evidence({"x": (80, 200)}), reference("r", {"x": (80, 1_000_000)}))
    assert found.equal_passes is not None
    assert abs(float(found.equal_passes) - stats.binom.sf(159, 200, 0.8)) < 0.04


@pytest.mark.parametrize("policy", ["best_single", "envelope"])
@pytest.mark.parametrize("names", [("r1", "r2"), ("r2", "r1")])
def test_of_equally_good_references_the_less_certain_one_stands_on_the_line(
    policy: str, names: tuple[str, str]
) -> None:
    short, long = reference(names[0], {"x": (80, 100)}), reference(names[1], {"x": (80, 10_000)})
    line = derive_one(rule([benchmark("x")], policy=policy), evidence({"x": (80, 400)}), short, long).lines[0]
    assert line.reference == names[0]


def test_a_reference_measured_on_a_part_gives_no_probability() -> None:
    found = derive_one(
        rule([benchmark("x")]), evidence({"x": (80, 400)}), reference("r", {"x": (80, 400)}, partial="limit=400")
    )
    assert found.withheld == ("partial_run",)


def test_a_ratio_of_zero_is_a_ratio() -> None:
    line = derive_one(rule([benchmark("x")]), evidence({"x": (0, 100)}), reference("r", {"x": (80, 100)})).lines[0]
    assert (line.state, line.ratio) == ("measured", 0)


def test_noise_in_the_weights_of_a_capped_ratio_of_means() -> None:
    """Far better on one, far worse on the other: what the reference happens to score on each moves the ratio, too."""
    runs, n = 4000, 100
    rng = np.random.default_rng(5)
    a, b = rng.binomial(n, [0.1, 0.75], (runs, 2)) / n, rng.binomial(n, 0.5, (runs, 2)) / n

    def error(share: np.ndarray) -> np.ndarray:
        mean = (share * n + 0.5) / (n + 1)
        return np.asarray(np.sqrt(mean * (1 - mean) / (n + 2)))

    sides = Sides(weight=np.full((runs, 2), 0.5), a=a, sa=error(a), b=b, sb=error(b))
    found = spread(sides, "ratio_of_means", 1.0, 0.6)
    assert 0.88 < ((found.low <= 0.6) & (found.high >= 0.6)).mean() < 0.93
