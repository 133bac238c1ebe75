"""Intervals and probabilities, checked against simulation and against a second program (scipy)."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

from benchmarks.coverage import FORMULAS, SITUATIONS, beta_errors, chosen, draw, simulate, simulate_selected
from evaluator.evidence.delta import Sides, capped_moments, phi, pulled_down, spread
from evaluator.evidence.equals import best_of
from evaluator.evidence.sampling import Sampling
from evaluator.model.performance import BenchmarkScale
from tests.evidence.scores import benchmark, derive_one, evidence, reference, result, rule

F = Fraction


# Building blocks, beside scipy


def test_the_normal_distribution_function() -> None:
    z = np.linspace(-9, 9, 61)
    assert np.allclose(phi(z), stats.norm.cdf(z), rtol=1e-12, atol=0)


@pytest.mark.parametrize(("mean", "error", "cap"), [(1.0, 0.1, 1.0), (0.9, 0.1, 1.0), (1.3, 0.2, 1.0), (0.2, 0.1, 1.0)])
def test_moments_under_a_cap(mean: float, error: float, cap: float) -> None:
    def moment(power: int) -> float:
        def integrand(x: float) -> float:
            return float(min(cap, x) ** power * stats.norm.pdf(x, mean, error))

        return float(integrate.quad(integrand, mean - 9 * error, mean + 9 * error, points=[cap])[0])

    found, variance = (float(x[0]) for x in capped_moments(np.array([mean]), np.array([error]), cap))
    assert math.isclose(found, moment(1), abs_tol=1e-9)
    assert math.isclose(variance, moment(2) - moment(1) ** 2, abs_tol=1e-9)
    lost = float(pulled_down(np.array([abs(cap - mean) / error]))[0]) * error
    assert math.isclose(min(mean, cap) - found, lost, abs_tol=1e-12)


@pytest.mark.parametrize(("solved", "n"), [(0, 30), (15, 30), (30, 30), (197, 198)])
def test_the_error_of_a_proportion_is_that_of_its_posterior(solved: int, n: int) -> None:
    wanted = stats.beta(solved + 0.5, n - solved + 0.5).std()
    share = F(solved, n)
    assert math.isclose(float(beta_errors(np.array([solved / n]), n)[0]), wanted)
    found = Sampling(benchmark("x")).error(result("x", 100 * share, n=n))
    assert found is not None and math.isclose(found, wanted)
    # on a scale from 1 to 5, with a floor in its middle, the same test is twice as uncertain
    scale = BenchmarkScale(min=F(1), max=F(5))
    found = Sampling(benchmark("x", scale=scale, chance=F(3))).error(result("x", 1 + 4 * share, n=n))
    assert found is not None and math.isclose(found, 2 * wanted)


def test_a_reported_error_is_used_unless_it_is_zero() -> None:
    sampling = Sampling(benchmark("x"))
    assert sampling.error(result("x", 70, n=400, stderr=F(3))) == 0.03
    at_the_end = sampling.error(result("x", 100, n=400, stderr=F(0)))
    assert at_the_end is not None and at_the_end > 0
    assert sampling.error(result("x", 100, stderr=F(0))) is None


def test_the_best_of_several() -> None:
    rng = np.random.default_rng(5)
    true, errors = [0.7, 0.72, 0.65], [0.03, 0.02, 0.05]
    drawn = rng.normal(true, errors, (200_000, 3)).max(-1)
    best = best_of(true, errors)
    assert best.true == 0.72
    assert math.isclose(best.mean, drawn.mean(), abs_tol=3e-4)
    assert math.isclose(best.error, drawn.std(), abs_tol=3e-4)
    alone = best_of([0.7], [0.03])
    assert math.isclose(alone.mean, 0.7, abs_tol=1e-6) and math.isclose(alone.error, 0.03, abs_tol=1e-4)


# The interval and the probability


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda f: str(f[0]))
@pytest.mark.parametrize("situation", SITUATIONS)
def test_intervals_hold_and_probabilities_do_not_mislead(formula: Any, situation: str) -> None:
    """Nominal are 90 % and at most 10 %; docs/performance.md has the whole table."""
    _, name, cap = formula
    for n, count in ((100, 15), (500, 5)):
        found = simulate(situation, name, cap, n, count, runs=600)
        if found.withheld > 0.5:
            assert situation == "near the floor"
            continue
        assert found.inside > 0.86, (n, count, found)
        assert max(found.met, found.not_met) < 0.16, (n, count, found)


@pytest.mark.parametrize("formula", ["ratio_of_means", "mean_of_ratios", "geometric"])
def test_the_probability_is_that_of_drawing_from_the_posterior(formula: Any) -> None:
    """Without a cap and far from the ends the delta method and a Monte Carlo posterior agree."""
    rng = np.random.default_rng(11)
    n, count, draws = 400, 12, 40_000
    other = rng.integers(60, 90, count) / 100
    own = np.round(other * rng.uniform(0.88, 1.04, count), 2)
    a, b = (rng.beta(n * x + 0.5, n - n * x + 0.5, (draws, count)) for x in (own, other))
    ratio = {
        "ratio_of_means": a.mean(-1) / b.mean(-1),
        # noise lifts a quotient once in the measured ratio and once more in the posterior; we take it out
        "mean_of_ratios": (a / b * (1 - 2 * (beta_errors(other, n) / other) ** 2)).mean(-1),
        "geometric": np.exp(np.log(a / b).mean(-1)),
    }[formula]
    outcome = derive_one(
        rule([benchmark(f"b{i}") for i in range(count)], formula=formula),
        evidence({f"b{i}": (F(str(x)) * 100, n) for i, x in enumerate(own.tolist())}),
        reference("r", {f"b{i}": (F(str(x)) * 100, n) for i, x in enumerate(other.tolist())}),
    )
    assert outcome.probability is not None and outcome.low is not None and outcome.high is not None
    assert abs(float(outcome.probability) - (ratio >= 0.95).mean()) < 0.04
    assert np.allclose([float(outcome.low), float(outcome.high)], np.quantile(ratio, [0.05, 0.95]), atol=0.004)


def test_under_a_cap_the_probability_stays_undecided_between_its_two_estimates() -> None:
    """Thirty equal benchmarks of thirty items: half of the ratios lie below 1 by chance alone."""
    rng = np.random.default_rng(2)
    a, b = rng.binomial(30, 0.7, (400, 30)) / 30, rng.binomial(30, 0.7, (400, 30)) / 30
    sides = Sides(weight=np.full((400, 30), 1 / 30), a=a, sa=beta_errors(a, 30), b=b, sb=beta_errors(b, 30))
    found = spread(sides, "mean_of_ratios", 1.0, 0.95)
    point = np.minimum(a / b, 1).mean(-1)
    assert (point < 0.95).mean() > 0.7  # an equal model is mostly below the target
    assert (found.probability <= 0.1).mean() < 0.02  # and hardly ever said to be
    assert (found.probability == 0.5).mean() > 0.5
    assert (found.high >= 1 - 1e-9).mean() > 0.9


# References that are chosen for their results


@pytest.mark.parametrize("policy", ["best_single", "envelope"])
def test_no_choice_of_the_reference_makes_an_equal_look_worse(policy: str) -> None:
    """Nominal are 10 %; without the rule five equal references of ten benchmarks give up to 95 %."""
    for lead, count in ((0, 1), (0, 10), (2, 1), (2, 10), (3, 1), (6, 10)):
        found = simulate_selected(policy, lead, 198, count, runs=4_000)
        assert found.missed < 0.12 and found.misled < 0.135, (lead, count, found)
        if lead == 0:
            assert found.given < 0.03 and found.missed_always > 0.15 and found.misled_always > 0.25
        if lead == 6:
            assert found.given > 0.98 and found.missed_always < 0.12


@pytest.mark.parametrize("policy", ["best_single", "envelope"])
def test_what_is_simulated_about_chosen_references_is_what_the_program_does(policy: str) -> None:
    n, count, runs = 198, 3, 40
    seen = []
    for lead in (2.5, 4.5):
        a, field = draw(policy, lead, n, count, runs)
        b, sb, clear = chosen(policy, field, beta_errors(field, n))
        sides = Sides(weight=np.full(a.shape, 1 / count), a=a, sa=beta_errors(a, n), b=b, sb=sb)
        wanted = spread(sides, "mean_of_ratios", None, 0.95)
        for run in range(runs):
            solved = [
                {f"b{i}": (F(round(x * n), n) * 100, n) for i, x in enumerate(row)} for row in field[run].tolist()
            ]
            outcome = derive_one(
                rule([benchmark(f"b{i}") for i in range(count)], policy=policy),
                evidence({f"b{i}": (F(round(x * n), n) * 100, n) for i, x in enumerate(a[run].tolist())}),
                *(reference(f"r{i}", scores) for i, scores in enumerate(solved)),
            )
            assert outcome.withheld == (() if clear[run] else ("reference_selected",))
            assert (outcome.probability is None) == (not clear[run])
            if outcome.probability is not None:
                assert abs(float(outcome.probability) - wanted.probability[run]) < 1e-4
            seen.append(bool(clear[run]))
    assert 10 < sum(seen) < 70


def test_interval_of_one_benchmark() -> None:
    found = derive_one(rule([benchmark("x")]), evidence({"x": (0, 30)}), reference("r", {"x": (50, 200)})).lines[0]
    assert found.low == 0 and found.high is not None and 0 < found.high < F(1, 5)


# How often an equal passes


def simulated_passes(
    formula: str, *, cap: bool, share: float, n: int, count: int, references: int, each: bool
) -> float:
    """Ours: an equal of all references, and which of them it is compared with is found anew in every run."""
    rng = np.random.default_rng([n, count, references])
    a = rng.binomial(n, share, (20_000, count)) / n
    field = rng.binomial(n, share, (20_000, references, count)) / n
    b = field.max(1) if each else field[np.arange(len(field)), field.mean(-1).argmax(-1)]
    if formula == "ratio_of_means":
        return float((a.mean(-1) / b.mean(-1) >= 0.95).mean())
    ratio = np.minimum(a / b, 1) if cap else a / b
    return float(((ratio.mean(-1) if formula == "mean_of_ratios" else np.exp(np.log(ratio).mean(-1))) >= 0.95).mean())


@pytest.mark.parametrize(("n", "wanted"), [(30, 0.365), (198, 0.625)])
def test_an_equal_of_five_references_often_fails(n: int, wanted: float) -> None:
    """One benchmark of which everybody solves 80 %; the best of five results is the reference. Simulated and exact."""
    simulated = simulated_passes("mean_of_ratios", cap=False, share=0.8, n=n, count=1, references=5, each=True)
    solved = np.arange(n + 1)
    best = np.diff(np.append(0, stats.binom.cdf(solved, n, 0.8) ** 5))
    needed = np.ceil(0.95 * solved - 1e-9)
    exact = float((best * stats.binom.sf(needed - 1, n, 0.8)).sum())
    assert math.isclose(exact, wanted, abs_tol=0.002)
    assert math.isclose(simulated, exact, abs_tol=0.01)


@pytest.mark.parametrize("policy", ["best_single", "envelope"])
@pytest.mark.parametrize(
    ("formula", "cap"), [("ratio_of_means", False), ("mean_of_ratios", True), ("geometric", False)]
)
@pytest.mark.parametrize(
    ("share", "n", "count", "references"), [(0.8, 30, 1, 5), (0.8, 198, 1, 5), (0.8, 200, 5, 1), (0.6, 200, 15, 5)]
)
def test_equal_passes_is_near_what_simulation_gives(
    policy: str, formula: str, cap: bool, share: float, n: int, count: int, references: int
) -> None:
    scores: dict[str, Any] = {f"b{i}": (F(str(share)) * 100, n) for i in range(count)}
    outcome = derive_one(
        rule([benchmark(b) for b in scores], policy=policy, formula=formula, cap="1" if cap else None),
        evidence(scores),
        *(reference(f"r{i}", scores) for i in range(references)),
    )
    wanted = simulated_passes(
        formula, cap=cap, share=share, n=n, count=count, references=references, each=policy == "envelope"
    )
    assert outcome.equal_passes is not None
    assert abs(float(outcome.equal_passes) - wanted) < 0.05


@pytest.mark.parametrize(
    ("formula", "points", "n"),
    [
        ("mean_of_ratios", (1, 1, 1, 1), 100),
        ("mean_of_ratios", (5, 1, 1, 1), 100),
        ("ratio_of_means", (5, 1, 1, 1), 100),
        ("geometric", (5, 1, 1, 1), 100),
        ("geometric", (20, 1, 1, 1), 100),
        ("mean_of_ratios", (1, 1), 30),
        ("geometric", (3, 2, 1), 400),
    ],
)
def test_equal_passes_under_a_cap_where_few_benchmarks_or_one_decide(
    formula: str, points: tuple[int, ...], n: int
) -> None:
    """A sum of few capped ratios is far from normal: it would give 0.54 instead of 0.67 for points 20, 1, 1 and 1."""
    rng, count, share = np.random.default_rng(4), len(points), 0.6
    a, b = rng.binomial(n, share, (100_000, count)) / n, rng.binomial(n, share, (100_000, count)) / n
    weight, capped = np.array(points) / sum(points), np.minimum(a / b, 1)
    ratio = {
        "ratio_of_means": (weight * np.minimum(a, b)).sum(-1) / (weight * b).sum(-1),
        "mean_of_ratios": (weight * capped).sum(-1),
        "geometric": np.exp((weight * np.log(capped)).sum(-1)),
    }[formula]
    scores: dict[str, Any] = {f"b{i}": (F(60), n) for i in range(count)}
    ruled = rule([benchmark(f"b{i}", points=F(p)) for i, p in enumerate(points)], formula=formula, cap="1")
    found = derive_one(ruled, evidence(scores), reference("r", scores)).equal_passes
    assert found is not None and abs(float(found) - (ratio >= 0.95 - 1e-9).mean()) < 0.02


@pytest.mark.parametrize("formula", ["ratio_of_means", "mean_of_ratios", "geometric"])
@pytest.mark.parametrize(
    ("points", "share", "n"),
    [((1,), 0.6, 400), ((1, 1, 1, 1), 0.8, 100), ((5, 1, 1, 1), 0.6, 400), ((1,) * 10, 0.8, 198)],
)
def test_equal_passes_under_a_cap_and_a_rule_of_probability(
    formula: Any, points: tuple[int, ...], share: float, n: int
) -> None:
    """The error by which the target must be exceeded is less where a benchmark is far above the cap."""
    rng, count = np.random.default_rng(6), len(points)
    a, b = rng.binomial(n, share, (20_000, count)) / n, rng.binomial(n, share, (20_000, count)) / n
    weight = np.broadcast_to(np.array(points) / sum(points), a.shape)
    sides = Sides(weight=weight, a=a, sa=beta_errors(a, n), b=b, sb=beta_errors(b, n))
    wanted = float((spread(sides, formula, 1.0, 0.95).probability >= 0.9).mean())
    scores: dict[str, Any] = {f"b{i}": (F(str(share)) * 100, n) for i in range(count)}
    benchmarks = [benchmark(f"b{i}", points=F(p)) for i, p in enumerate(points)]
    ruled = rule(benchmarks, formula=formula, cap="1", verdict={"rule": "probability"})
    found = derive_one(ruled, evidence(scores), reference("r", scores)).equal_passes
    assert found is not None and abs(float(found) - wanted) < 0.04


def test_a_cap_that_takes_nothing_does_not_change_how_often_an_equal_passes() -> None:
    scores = {f"b{i}": (80, 400) for i in range(4)}
    ruled = [rule([benchmark(b) for b in scores], cap=cap) for cap in (None, "1.3", "2", "50")]
    free, near, *far = (derive_one(r, evidence(scores), reference("r", scores)).equal_passes for r in ruled)
    assert free is not None and near is not None
    assert abs(free - near) < F("0.002") and far == [free, free]


def test_a_rule_of_probability_is_harder_to_pass_for_an_equal() -> None:
    scores = {f"b{i}": (80, 200) for i in range(10)}
    ruled = [
        rule([benchmark(b) for b in scores], cap="1", verdict=verdict)
        for verdict in ({}, {"rule": "probability"}, {"rule": "probability", "met": "97%"})
    ]
    passes = [derive_one(r, evidence(scores), reference("r", scores)).equal_passes for r in ruled]
    assert passes[0] is not None and passes[1] is not None and passes[2] is not None
    assert 1 >= passes[0] > passes[1] > passes[2] > 0
