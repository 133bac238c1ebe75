"""Random rules, results and references: every figure is what the naive reading of the rules gives."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from random import Random
from typing import Any

from evaluator.model.performance import (
    Benchmark,
    BenchmarkScale,
    Category,
    PerformanceEvidence,
    PerformanceRule,
    ReferenceModel,
)
from tests.evidence import naive
from tests.evidence.scores import benchmark, derive_one, evidence, reference, result, rule

F = Fraction
FORMULAS: list[tuple[str, F | None]] = [
    ("ratio_of_means", None),
    ("mean_of_ratios", None),
    ("mean_of_ratios", F(1)),
    ("geometric", None),
]

WHY = {
    "nothing_compared",
    "missing_result",
    "coverage",
    "no_results",
    "results_not_counted",
    "no_reference",
    "no_eligible_reference",
    "no_target",
    "target_unknown",
    "no_reference_result",
    "reference_at_floor",
}
"""Every reason why there is no ratio."""


def random_benchmark(rng: Random, id: str, categories: list[str]) -> Benchmark:
    low, high = rng.choice([(0, 1), (0, 100), (1, 5), (-10, 10)])
    lower = rng.random() < 0.2
    floor = rng.choice([None, None, F(low) + F(high - low, 4)])
    if lower and floor is not None:
        floor = F(high) - F(high - low, 4)
    return benchmark(
        id,
        scale=BenchmarkScale(min=F(low), max=F(high)),
        chance=floor,
        direction="lower" if lower else "higher",
        points=rng.choice([None, F(1), F(2), F(1, 2)]),
        category=rng.choice(categories) if categories else None,
    )


def random_score(rng: Random, b: Benchmark, *, poor: float = 0.1) -> F:
    share = F(rng.randint(0, 30) if rng.random() < poor else rng.randint(40, 100), 100)
    if b.direction == "lower":
        share = 1 - share
    return b.scale.min + share * (b.scale.max - b.scale.min)


def random_case(rng: Random) -> tuple[PerformanceRule, PerformanceEvidence, list[ReferenceModel]]:
    by_category = rng.random() < 0.5
    categories = [f"c{i}" for i in range(rng.randint(1, 3))] if by_category else []
    benchmarks = [random_benchmark(rng, f"b{i}", categories) for i in range(rng.randint(1, 5))]
    formula, cap = rng.choice(
        [*FORMULAS, ("geometric", F(11, 10)), ("ratio_of_means", F(1)), ("mean_of_ratios", F(6, 5))]
    )
    ruled = rule(
        benchmarks,
        policy=rng.choice(["best_single", "named_target", "envelope"]),
        categories=[Category(id=c, title=c, points=rng.choice([None, F(3)])) for c in categories],
        formula=formula,
        cap=cap,
        weights="categories" if by_category else "benchmarks",
        round=rng.choice([1, 2, 4]),
        missing=rng.choice(["zero", "zero", "not_assessable"]),
        coverage=rng.choice([None, "60%"]),
    )
    measured = [b for b in benchmarks if rng.random() < 0.9]
    aside = [b for b in benchmarks if b not in measured and rng.random() < 0.5]
    own = evidence(
        {b.id: random_score(rng, b) for b in measured},
        target=rng.choice(["r0", "r1", "", "unknown"]),
        excuses=[b.id for b in benchmarks if b not in measured and rng.random() < 0.5],
        set_aside=tuple(result(b.id, random_score(rng, b)) for b in aside),
    )
    references = [
        reference(f"r{i}", {b.id: random_score(rng, b, poor=0.03) for b in benchmarks if rng.random() < 0.95})
        for i in range(rng.randint(0, 3))
    ]
    if len(references) > 1 and rng.random() < 0.2:
        # equally good on the whole, by other scores or the same
        references.append(reference("twin", {r.benchmark: r.score for r in references[0].results}))
    return ruled, own, references


def expected(ruled: PerformanceRule, own: PerformanceEvidence, references: list[ReferenceModel]) -> dict[Any, F | None]:
    """Every alternative by policy, formula and cap, as the page has it; empty where nothing is assessable."""
    by_id = {b.id: b for b in ruled.benchmarks}
    have = {r.benchmark: naive.normal(by_id[r.benchmark], r.score) for r in own.results}
    excused = {e.benchmark for e in own.excuses} - set(have)
    full = naive.weights(ruled, set())
    if excused == set(by_id):
        return {}
    coverage = sum(full[id] for id in have)
    if ruled.coverage is not None and coverage < F(60, 100):
        return {}
    if ruled.missing == "not_assessable" and set(by_id) - set(have) - excused:
        return {}
    weight = naive.weights(ruled, excused)
    models = {m.model: {r.benchmark: naive.normal(by_id[r.benchmark], r.score) for r in m.results} for m in references}
    complete = {name: sum(full[id] * g[id] for id in full) for name, g in models.items() if set(g) == set(by_id)}
    opponents = {
        "best_single": [models[name] for name, mean in complete.items() if mean == max(complete.values())],
        "named_target": [models[own.target]] if own.target in models else [],
        "envelope": [
            {
                id: max(g[id] for g in models.values() if id in g)
                for id in by_id
                if any(id in g for g in models.values())
            }
        ],
    }
    found = {}
    for policy, candidates in opponents.items():
        for formula, cap in [*FORMULAS, (ruled.aggregation.formula, ruled.aggregation.cap)]:
            ratios = [naive.ratio(ruled, formula, cap, weight, have, other) for other in candidates]
            found[policy, formula, cap] = min((r for r in ratios if r is not None), default=None)
    return found


def test_every_figure_is_that_of_the_naive_reading() -> None:
    seen: Counter[str] = Counter()
    for seed in range(800):
        ruled, own, references = random_case(Random(seed))
        outcome, wanted = derive_one(ruled, own, *references), expected(ruled, own, references)
        declared = (ruled.reference.policy, ruled.aggregation.formula, ruled.aggregation.cap)
        assert outcome.ratio == wanted.get(declared), f"seed {seed}"
        for a in outcome.alternatives:
            assert a.ratio == wanted.get((a.policy, a.formula, a.cap)), f"seed {seed}: {a.policy} {a.formula} {a.cap}"
            if a.declared:
                assert a.ratio == outcome.ratio
        assert [a.declared for a in outcome.alternatives].count(True) == 1
        assert (outcome.ratio is None) == bool(outcome.why) == (outcome.verdict == "not_assessable")
        assert sum(line.weight for line in outcome.lines) in {0, 1}
        seen.update(outcome.why or [outcome.verdict])
    # the drawing reaches every outcome
    assert set(seen) == {"met", "not_met", *WHY}
    assert seen["met"] > 50 and seen["not_met"] > 200
