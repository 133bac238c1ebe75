"""Evidence for tests, written as shortly as the rules allow."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from evaluator.evidence.performance import derive_performance
from evaluator.model.performance import (
    Aggregation,
    Benchmark,
    BenchmarkScale,
    Category,
    Excuse,
    Measurement,
    PerformanceDerivation,
    PerformanceEvidence,
    PerformanceRule,
    ReferenceModel,
    ReferencePolicy,
    Result,
    VerdictRule,
)
from evaluator.model.rubric import Criterion

F = Fraction


def benchmark(id: str = "b", **more: Any) -> Benchmark:
    values = {"title": id, "metric": "acc", "scale": BenchmarkScale(min=F(0), max=F(100))} | more
    return Benchmark(id=id, **values)


def rule(
    benchmarks: Iterable[Benchmark],
    *,
    policy: str = "best_single",
    categories: Sequence[Category] = (),
    verdict: Mapping[str, Any] | None = None,
    missing: str = "zero",
    coverage: Any = None,
    **aggregation: Any,
) -> PerformanceRule:
    return PerformanceRule.model_validate(
        {
            "categories": tuple(categories),
            "benchmarks": tuple(benchmarks),
            "reference": ReferencePolicy.model_validate({"policy": policy}),
            "aggregation": Aggregation.model_validate(aggregation),
            "missing": missing,
            "coverage": coverage,
            "verdict": VerdictRule.model_validate({"target": F(95, 100)} | dict(verdict or {})),
        }
    )


def result(benchmark: str, score: Any, model: str = "m", **more: Any) -> Result:
    """A result; keys of a measurement go there, the others to the result itself."""
    own = {key: more.pop(key) for key in ("n", "stderr", "excuse") if key in more}
    values: dict[str, Any] = {
        "metric": "acc",
        "harness": "h",
        "harness_version": "1",
        "measured_by": "agency",
        "file": f"{model}.json",
        "sha256": "0" * 64,
    } | more
    measured = Measurement(benchmark=benchmark, model=model, score=F(score), **values)
    return Result(benchmark=benchmark, score=F(score), measurement=measured, **own)


def scored(scores: Mapping[str, Any], model: str, more: Mapping[str, Any]) -> tuple[Result, ...]:
    """Results from benchmark to score, or to a pair of score and sample size."""
    return tuple(
        result(b, s[0], model, n=s[1], **more) if isinstance(s, tuple) else result(b, s, model, **more)
        for b, s in scores.items()
    )


def evidence(scores: Mapping[str, Any], applicant: str = "a", **more: Any) -> PerformanceEvidence:
    keys = ("target", "set_aside", "excuses", "version", "mode")
    own = {key: more.pop(key) for key in keys if key in more}
    excused = own.pop("excuses", ())
    return PerformanceEvidence(
        applicant=applicant,
        criterion="c",
        model=f"model of {applicant}",
        results=scored(scores, f"model of {applicant}", more),
        excuses=tuple(
            Excuse(applicant=applicant, criterion="c", benchmark=b, kind="missing", reason="r") for b in excused
        ),
        **own,
    )


def reference(model: str, scores: Mapping[str, Any], **more: Any) -> ReferenceModel:
    return ReferenceModel(
        criterion="c", model=model, released=datetime.date(2025, 6, 1), results=scored(scores, model, more)
    )


def derive(
    rule_: PerformanceRule, own: Sequence[PerformanceEvidence], references: Sequence[ReferenceModel]
) -> list[PerformanceDerivation]:
    leaf = Criterion(id="c", title="c", points=F(10), performance=rule_)
    return derive_performance(leaf, own, references)


def derive_one(rule_: PerformanceRule, own: PerformanceEvidence, *references: ReferenceModel) -> PerformanceDerivation:
    return derive(rule_, [own], references)[0]
