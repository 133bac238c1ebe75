"""Global performance: from results to the ratio, its uncertainty, and the verdict. The rules: docs/performance.md."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from evaluator.evidence.aggregation import ends
from evaluator.evidence.comparison import Comparing, Comparison
from evaluator.evidence.doubts import EQUAL_FAILS, OVERALL, least_met, line_flags, most_not_met
from evaluator.evidence.opponents import References
from evaluator.evidence.uncertainty import Uncertainty, chosen_by_luck, uncertainties
from evaluator.model.performance import (
    Benchmark,
    BenchmarkLine,
    Measurement,
    PerformanceDerivation,
    PerformanceEvidence,
    PerformanceRule,
    ReferenceModel,
    Result,
    Verdict,
)
from evaluator.model.rubric import Criterion


def derive_performance(
    leaf: Criterion, evidence: Sequence[PerformanceEvidence], references: Sequence[ReferenceModel]
) -> list[PerformanceDerivation]:
    """The figure of each applicant on a criterion that declares ``performance``, in the order of the evidence.

    ``evidence`` and ``references`` are those of this criterion, their results on the rubric's scale. A figure that
    cannot be given has no ratio and says why; nothing is raised.
    """
    rule = leaf.performance
    if rule is None:
        return []
    comparing = Comparing(rule, References(rule, references))
    compared = [comparing.compare(item) for item in evidence]
    return [
        _derivation(leaf.id, comparing, comparison, uncertainty)
        for comparison, uncertainty in zip(compared, uncertainties(comparing, compared), strict=True)
    ]


def _derivation(
    criterion: str, comparing: Comparing, comparison: Comparison, uncertainty: Uncertainty
) -> PerformanceDerivation:
    rule, evidence = comparing.rule, comparison.applicant.evidence
    lines = _lines(rule, comparison, uncertainty)
    flags = {flag for line in lines for flag in line.flags}
    if comparison.ratio is not None and chosen_by_luck(comparison):
        flags.add("winners_curse")
    if uncertainty.equal_passes is not None and uncertainty.equal_passes < EQUAL_FAILS:
        flags.add("equal_model_fails")
    return PerformanceDerivation(
        applicant=evidence.applicant,
        criterion=criterion,
        model=evidence.model,
        version=evidence.version,
        mode=evidence.mode,
        policy=rule.reference.policy,
        references=tuple(sorted({name for o in comparison.choice.opponents for name in o.names})),
        lines=lines,
        coverage=comparison.applicant.coverage,
        ratio=comparison.ratio,
        low=uncertainty.low,
        high=uncertainty.high,
        probability=uncertainty.probability,
        equal_passes=uncertainty.equal_passes,
        target=rule.verdict.target,
        verdict=_verdict(comparing, comparison.ratio, uncertainty.probability),
        why=comparison.why,
        withheld=uncertainty.withheld,
        alternatives=comparison.alternatives,
        flags=tuple(flag for flag in OVERALL if flag in flags),
    )


def _verdict(comparing: Comparing, ratio: Fraction | None, probability: Fraction | None) -> Verdict:
    rule = comparing.rule.verdict
    if ratio is None:
        return "not_assessable"
    if rule.rule == "point":
        return comparing.point(ratio)
    if probability is None:
        return "point_only"
    if probability >= least_met(rule):
        return "met"
    return "not_met" if probability <= most_not_met(rule) else "undetermined"


def _lines(rule: PerformanceRule, comparison: Comparison, uncertainty: Uncertainty) -> tuple[BenchmarkLine, ...]:
    applicant, opponent = comparison.applicant, comparison.opponent
    aside = {result.benchmark: result for result in applicant.evidence.set_aside}
    excuses = {excuse.benchmark: excuse.told for excuse in applicant.evidence.excuses}
    result = []
    for position, benchmark in enumerate(rule.benchmarks):
        own, state = applicant.results[position], applicant.states[position]
        unheard = aside.get(benchmark.id)
        shown = own or unheard
        other = opponent.results[position] if opponent else None
        normal = opponent.normal[position] if opponent else None
        if state == "measured" and normal is None:
            state = "no_reference"
        elif state == "measured" and not normal:
            state = "reference_at_floor"
        own_normal = None if own is None else applicant.normal.values[position]
        given = _as_given(benchmark, own)
        interval = uncertainty.lines[position] if uncertainty.lines else None
        result.append(
            BenchmarkLine(
                benchmark=benchmark.id,
                state=state,
                weight=applicant.weight[position],
                own=own.score if own else None,
                other=other.score if other else None,
                given=given.score if given else None,
                given_low=given.low if given else None,
                given_high=given.high if given else None,
                floor=ends(benchmark)[0],
                own_normal=own_normal,
                other_normal=normal,
                ratio=own_normal / normal if own_normal is not None and normal else None,
                low=interval[0] if interval else None,
                high=interval[1] if interval else None,
                n=shown.n if shown else None,
                reference=opponent.models[position] if opponent else "",
                measured_by=shown.measurement.measured_by if shown else None,
                harness=_harness(shown),
                reference_harness=_harness(other),
                date=shown.measurement.date if shown else "",
                file=shown.measurement.file if shown else "",
                sha256=shown.measurement.sha256 if shown else "",
                flags=line_flags(
                    rule, state, (own, other, unheard), (own_normal, normal), figure=comparison.ratio is not None
                ),
                excuse=excuses.get(benchmark.id, "") if own is None or own.excuse else "",
            )
        )
    return tuple(result)


def _as_given(benchmark: Benchmark, result: Result | None) -> Measurement | None:
    """The measurement behind a result where its score was brought to another scale; None where it stands as it is."""
    if result is None or result.measurement.low is None:
        return None
    m = result.measurement
    return None if (m.low, m.high) == (benchmark.scale.min, benchmark.scale.max) else m


def _harness(result: Result | None) -> str:
    """The program that measured and its version."""
    return f"{result.measurement.harness} {result.measurement.harness_version}".strip() if result else ""
