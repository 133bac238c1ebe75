"""What holds for every comparison: names and order decide nothing, better is never worse, a copy is worth 1."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from evaluator.model.performance import BenchmarkScale, Category, PerformanceDerivation
from tests.evidence.scores import benchmark, derive, derive_one, evidence, reference, rule
from tests.evidence.test_performance_oracle import random_case

F = Fraction
SEEDS = st.integers(0, 10**6)
FORMULAS: list[dict[str, Any]] = [
    {"formula": "ratio_of_means"},
    {"formula": "mean_of_ratios"},
    {"formula": "mean_of_ratios", "cap": "1"},
    {"formula": "geometric"},
    {"formula": "geometric", "cap": "1"},
]
SCORES = st.lists(st.tuples(st.integers(45, 99), st.integers(45, 99)), min_size=2, max_size=6)
RECORD = TypeAdapter(PerformanceDerivation)
few = settings(max_examples=settings().max_examples // 5)
"""For laws that are tried under every formula."""
formulas = pytest.mark.parametrize("aggregation", FORMULAS, ids=lambda a: "-".join(a.values()))


def figures(outcome: PerformanceDerivation) -> tuple[Any, ...]:
    """Everything but names."""
    return (
        outcome.ratio,
        outcome.low,
        outcome.high,
        outcome.probability,
        outcome.equal_passes,
        outcome.verdict,
        outcome.coverage,
        outcome.why,
        outcome.withheld,
        outcome.flags,
        [(a.policy, a.formula, a.cap, a.ratio, a.verdict) for a in outcome.alternatives],
    )


def of(scores: list[tuple[int, int]], side: int, n: int = 200) -> dict[str, tuple[int, int]]:
    return {f"b{i}": (pair[side], n) for i, pair in enumerate(scores)}


def sized(scores: list[tuple[int, int]], **more: Any) -> Any:
    return rule([benchmark(f"b{i}") for i in range(len(scores))], **more)


@given(SEEDS)
def test_names_and_order_decide_nothing(seed: int) -> None:
    rng = Random(seed)
    ruled, own, references = random_case(rng)
    sizes = {b.id: rng.choice([None, 50, 300]) for b in ruled.benchmarks}

    def with_n(results: Any) -> Any:
        return tuple(dataclasses.replace(r, n=sizes[r.benchmark]) for r in results)

    own = dataclasses.replace(own, results=with_n(own.results))
    references = [dataclasses.replace(m, results=with_n(m.results)) for m in references]
    before = derive_one(ruled, own, *references)

    ids = dict(zip(sizes, rng.sample([f"z{i}" for i in range(10)], len(sizes)), strict=True))
    names = dict(zip([m.model for m in references], rng.sample("qrstuvwxyz", len(references)), strict=True))

    def renamed(results: Any) -> Any:
        return tuple(
            dataclasses.replace(
                r, benchmark=ids[r.benchmark], measurement=dataclasses.replace(r.measurement, model="x")
            )
            for r in rng.sample(results, len(results))
        )

    after_rule = ruled.model_copy(
        update={
            "benchmarks": tuple(
                b.model_copy(update={"id": ids[b.id]}) for b in rng.sample(ruled.benchmarks, len(ruled.benchmarks))
            ),
            "categories": tuple(rng.sample(ruled.categories, len(ruled.categories))),
        }
    )
    after_own = dataclasses.replace(
        own,
        applicant="z",
        target=names.get(own.target, own.target),
        results=renamed(own.results),
        set_aside=renamed(own.set_aside),
        excuses=tuple(dataclasses.replace(e, benchmark=ids[e.benchmark]) for e in own.excuses),
    )
    after_references = [
        dataclasses.replace(m, model=names[m.model], results=renamed(m.results))
        for m in rng.sample(references, len(references))
    ]
    after = derive_one(after_rule, after_own, *after_references)
    assert figures(after) == figures(before)
    assert [(line.state, line.weight, line.ratio, line.flags) for line in after.lines] == [
        (line.state, line.weight, line.ratio, line.flags)
        for b in after_rule.benchmarks
        for line in before.lines
        if ids[line.benchmark] == b.id
    ]


@given(SEEDS)
def test_other_applicants_change_nothing(seed: int) -> None:
    ruled, own, references = random_case(Random(seed))
    others = [
        dataclasses.replace(evidence({b.id: b.scale.min for b in ruled.benchmarks}), applicant=name) for name in "pq"
    ]
    assert figures(derive(ruled, [others[0], own, others[1]], references)[1]) == figures(
        derive_one(ruled, own, *references)
    )


@given(SEEDS)
def test_a_derivation_is_written_and_read_back(seed: int) -> None:
    ruled, own, references = random_case(Random(seed))
    outcome = derive_one(ruled, own, *references)
    assert RECORD.validate_json(RECORD.dump_json(outcome)) == outcome


@formulas
@few
@given(scores=SCORES, shift=st.integers(-50, 50), factor=st.integers(1, 7))
def test_another_scale_changes_nothing(
    aggregation: dict[str, Any], scores: list[tuple[int, int]], shift: int, factor: int
) -> None:
    """An affine change of every score together with the ends of its scale."""
    before = derive_one(sized(scores, **aggregation), evidence(of(scores, 0)), reference("r", of(scores, 1)))
    scale = BenchmarkScale(min=F(shift), max=F(shift + 100 * factor))
    moved = [(shift + a * factor, shift + b * factor) for a, b in scores]
    after = derive_one(
        rule([benchmark(f"b{i}", scale=scale) for i in range(len(scores))], **aggregation),
        evidence(of(moved, 0)),
        reference("r", of(moved, 1)),
    )
    assert figures(after) == figures(before)
    # and upside down, where less is better
    turned = [(-a, -b) for a, b in moved]
    mirror = BenchmarkScale(min=-scale.max, max=-scale.min)
    after = derive_one(
        rule([benchmark(f"b{i}", scale=mirror, direction="lower") for i in range(len(scores))], **aggregation),
        evidence(of(turned, 0)),
        reference("r", of(turned, 1)),
    )
    assert figures(after) == figures(before)


@formulas
@few
@given(scores=SCORES, position=st.integers(0, 5), more=st.integers(1, 30))
def test_a_better_score_never_lowers_the_ratio(
    aggregation: dict[str, Any], scores: list[tuple[int, int]], position: int, more: int
) -> None:
    assume(position < len(scores))
    better = list(scores)
    better[position] = (min(100, scores[position][0] + more), scores[position][1])
    ratios = [
        derive_one(sized(scores, **aggregation), evidence(of(s, 0)), reference("r", of(scores, 1))).ratio
        for s in (scores, better)
    ]
    assert ratios[0] is not None and ratios[1] is not None and ratios[0] <= ratios[1]


@formulas
@few
@given(scores=SCORES)
def test_a_copy_of_the_reference_has_ratio_one(aggregation: dict[str, Any], scores: list[tuple[int, int]]) -> None:
    ruled = sized(scores, **aggregation)
    poorer = reference("p", {b: (s - 5, n) for b, (s, n) in of(scores, 1).items()})
    outcome = derive_one(ruled, evidence(of(scores, 1)), poorer, reference("r", of(scores, 1)))
    assert outcome.ratio == 1
    assert outcome.verdict == "met"
    assert outcome.references == ("r",)


@given(scores=SCORES)
def test_a_cap_never_raises_and_the_geometric_mean_is_never_above_the_arithmetic(scores: list[tuple[int, int]]) -> None:
    outcome = derive_one(sized(scores, cap="2"), evidence(of(scores, 0)), reference("r", of(scores, 1)))
    single = [a.ratio or F(0) for a in outcome.alternatives if a.policy == "best_single"]
    _, mean, capped, geometric, _ = single
    assert capped <= min(mean, F(1))
    assert geometric <= mean


@formulas
@few
@given(scores=SCORES)
def test_an_excused_benchmark_is_as_if_it_were_not_there(
    aggregation: dict[str, Any], scores: list[tuple[int, int]]
) -> None:
    without = derive_one(sized(scores, **aggregation), evidence(of(scores, 0)), reference("r", of(scores, 1)))
    more = rule([benchmark(id) for id in ("more", *(f"b{i}" for i in range(len(scores))))], **aggregation)
    outcome = derive_one(
        more, evidence(of(scores, 0), excuses=["more"]), reference("r", of(scores, 1) | {"more": (50, 200)})
    )
    assert figures(outcome)[:6] == figures(without)[:6]
    assert outcome.lines[0].state == "excused" and outcome.lines[0].weight == 0 and outcome.lines[0].excuse == "r"
    assert outcome.coverage == F(len(scores), len(scores) + 1)


@formulas
@few
@given(scores=SCORES, factor=st.integers(2, 9))
def test_points_matter_only_beside_each_other(
    aggregation: dict[str, Any], scores: list[tuple[int, int]], factor: int
) -> None:
    outcomes = [
        derive_one(
            rule([benchmark(f"b{i}", points=F((i + 1) * k)) for i in range(len(scores))], **aggregation),
            evidence(of(scores, 0)),
            reference("r", of(scores, 1)),
        )
        for k in (1, factor)
    ]
    assert figures(outcomes[0]) == figures(outcomes[1])


@given(scores=SCORES)
def test_one_category_each_is_no_categories(scores: list[tuple[int, int]]) -> None:
    count = range(len(scores))
    plain = rule([benchmark(f"b{i}", points=F(i + 1)) for i in count])
    grouped = rule(
        [benchmark(f"b{i}", category=f"c{i}") for i in count],
        categories=[Category(id=f"c{i}", title="c", points=F(i + 1)) for i in count],
        weights="categories",
    )
    outcomes = [derive_one(r, evidence(of(scores, 0)), reference("r", of(scores, 1))) for r in (plain, grouped)]
    assert figures(outcomes[0]) == figures(outcomes[1])


def test_extreme_results_give_figures_within_their_bounds_or_none() -> None:
    """Scores at the ends, one item or a milliard, standard errors from nothing to more than the whole scale."""
    known = 0
    for seed in range(600):
        rng = Random(seed)
        ruled, own, references = random_case(rng)
        scales = {b.id: b.scale for b in ruled.benchmarks}

        def extreme(results: Any, rng: Random = rng, scales: Any = scales) -> Any:
            return tuple(
                dataclasses.replace(
                    r,
                    score=rng.choice([r.score, r.score, scales[r.benchmark].min, scales[r.benchmark].max]),
                    n=rng.choice([1, 2, 30, 400, 10**9]),
                    stderr=rng.choice([None, None, F(0), F(1, 10**12), F(1, 50), F(10**6)]),
                )
                for r in results
            )

        own = dataclasses.replace(own, results=extreme(own.results))
        references = [dataclasses.replace(m, results=extreme(m.results)) for m in references]
        verdict = {"target": rng.choice([F(1, 2), F(95, 100), F(6, 5)]), "rule": rng.choice(["point", "probability"])}
        ruled = ruled.model_copy(update={"verdict": ruled.verdict.model_copy(update=verdict)})
        outcome = derive_one(ruled, own, *references)
        assert (outcome.probability is None) == bool(outcome.withheld or outcome.why)
        for line in outcome.lines:
            assert line.low is None or (line.high is not None and 0 <= line.low <= line.high)
        if outcome.probability is not None:
            known += 1
            assert outcome.equal_passes is not None and outcome.low is not None and outcome.high is not None
            assert 0 <= outcome.probability <= 1 and 0 <= outcome.equal_passes <= 1
            assert 0 <= outcome.low <= outcome.high
            if ruled.aggregation.cap is not None:
                assert outcome.high <= ruled.aggregation.cap
    assert known > 30
