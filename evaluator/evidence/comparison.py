"""One applicant beside its reference: what counts, with which weight, and every ratio that follows. Exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from evaluator.evidence.aggregation import ONE, ZERO, Scores, Yardstick, normal, total, weights
from evaluator.evidence.opponents import Choice, Opponent, References
from evaluator.model.performance import (
    Alternative,
    Formula,
    LineState,
    PerformanceEvidence,
    PerformanceRule,
    Policy,
    Result,
)

FORMULAS: tuple[tuple[Formula, Fraction | None], ...] = (
    ("ratio_of_means", None),
    ("mean_of_ratios", None),
    ("mean_of_ratios", ONE),
    ("geometric", None),
)
"""What is computed beside the declared formula."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """What one applicant brings: along the benchmarks of the rubric, in its order.

    ``normal`` is 0 where a result is missing and not excused. ``states`` are measured, missing, excused or not_counted.
    ``blocked`` says why there cannot be a figure, whatever the formula and the reference.
    """

    evidence: PerformanceEvidence
    results: tuple[Result | None, ...]
    normal: Scores
    states: tuple[LineState, ...]
    excused: frozenset[str]
    weight: tuple[Fraction, ...]
    coverage: Fraction
    blocked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """An applicant beside one opponent under the declared formula; ``ratio`` is None where ``why`` says so."""

    applicant: Applicant
    choice: Choice
    opponent: Opponent | None
    ratio: Fraction | None
    why: tuple[str, ...]
    alternatives: tuple[Alternative, ...]


def _lacking(weight: Sequence[Fraction], states: Sequence[LineState]) -> tuple[tuple[str, bool], ...]:
    """What a figure that cannot be given lacks, in so far as more can be said than that results are missing."""
    counting = [state for w, state in zip(weight, states, strict=True) if w]
    return (
        ("no_results", bool(counting) and all(state == "missing" for state in counting)),
        ("results_not_counted", "not_counted" in counting),
    )


class Comparing:
    """The comparison of all applicants on one criterion. Who is excused alike shares weights and yardsticks."""

    def __init__(self, rule: PerformanceRule, references: References) -> None:
        self.rule = rule
        self.references = references
        self.full = weights(rule)
        self._weights: dict[frozenset[str], tuple[Fraction, ...]] = {}
        self._yardsticks: dict[tuple[frozenset[str], Opponent], Yardstick | None] = {}

    def applicant(self, evidence: PerformanceEvidence) -> Applicant:
        """Results, states, weights and coverage of one applicant."""
        rule = self.rule
        found = {result.benchmark: result for result in evidence.results}
        aside = {result.benchmark for result in evidence.set_aside}
        excused = {excuse.benchmark for excuse in evidence.excuses if excuse.kind == "missing"}
        results = tuple(found.get(benchmark.id) for benchmark in rule.benchmarks)
        states: list[LineState] = []
        for benchmark, result in zip(rule.benchmarks, results, strict=True):
            if result is not None:
                states.append("measured")
            elif benchmark.id in excused:
                states.append("excused")
            else:
                states.append("not_counted" if benchmark.id in aside else "missing")
        out = frozenset(b.id for b, state in zip(rule.benchmarks, states, strict=True) if state == "excused")
        if out not in self._weights:
            self._weights[out] = weights(rule, out)
        weight = self._weights[out]
        coverage = total(w for w, result in zip(self.full, results, strict=True) if result is not None)
        blocked = []
        if not any(weight):
            blocked.append("nothing_compared")
        if rule.missing == "not_assessable" and any(
            w and state in {"missing", "not_counted"} for w, state in zip(weight, states, strict=True)
        ):
            blocked.append("missing_result")
        if rule.coverage is not None and coverage < rule.coverage.of(ONE):
            blocked.append("coverage")
        if blocked:
            blocked += [code for code, there in _lacking(weight, states) if there]
        return Applicant(
            evidence=evidence,
            results=results,
            normal=Scores.of(
                ZERO if result is None else normal(benchmark, result.score)
                for benchmark, result in zip(rule.benchmarks, results, strict=True)
            ),
            states=tuple(states),
            excused=out,
            weight=weight,
            coverage=coverage,
            blocked=tuple(blocked),
        )

    def compare(self, evidence: PerformanceEvidence) -> Comparison:
        """The declared figure of one applicant and every alternative."""
        applicant = self.applicant(evidence)
        policy, declared = self.rule.reference.policy, self.rule.aggregation
        choice = self.references.choice(policy, evidence.target)
        opponent, ratio = self.least(applicant, choice, declared.formula, declared.cap)
        why = list(applicant.blocked)
        if opponent is None:
            why.append(choice.why)
        elif ratio is None:
            why += self._unusable(applicant.weight, opponent)
        return Comparison(
            applicant=applicant,
            choice=choice,
            opponent=opponent,
            ratio=None if why else ratio,
            why=tuple(why),
            alternatives=self.alternatives(applicant),
        )

    def alternatives(self, applicant: Applicant) -> tuple[Alternative, ...]:
        """Every formula under every policy, the declared one among them."""
        rule = self.rule
        declared = (rule.aggregation.formula, rule.aggregation.cap)
        formulas = FORMULAS if declared in FORMULAS else (*FORMULAS, declared)
        policies: list[Policy] = ["best_single", "envelope"]
        if applicant.evidence.target or rule.reference.policy == "named_target":
            policies.append("named_target")
        result = []
        for policy in policies:
            choice = self.references.choice(policy, applicant.evidence.target)
            for formula, cap in formulas:
                ratio = None if applicant.blocked else self.least(applicant, choice, formula, cap)[1]
                result.append(
                    Alternative(
                        policy=policy,
                        formula=formula,
                        cap=cap,
                        ratio=ratio,
                        verdict="not_assessable" if ratio is None else self.point(ratio),
                        declared=policy == rule.reference.policy and (formula, cap) == declared,
                    )
                )
        return tuple(result)

    def point(self, ratio: Fraction) -> Literal["met", "not_met"]:
        """Whether the rounded ratio reaches the target."""
        return "met" if ratio >= self.rule.verdict.target else "not_met"

    def least(
        self, applicant: Applicant, choice: Choice, formula: Formula, cap: Fraction | None
    ) -> tuple[Opponent | None, Fraction | None]:
        """The opponent with the least ratio among those equally entitled, and that ratio.

        One with which the formula divides by zero is chosen only where there is no other.
        """
        if len(choice.opponents) == 1:
            return choice.opponents[0], self._ratio(applicant, choice.opponents[0], formula, cap)
        found = [(self._ratio(applicant, opponent, formula, cap), opponent) for opponent in choice.opponents]
        ratio, opponent = min(
            found,
            key=lambda item: (item[0] is None, item[0] or ZERO, self.references.order(item[1])),
            default=(None, None),
        )
        return opponent, ratio

    def _ratio(
        self, applicant: Applicant, opponent: Opponent, formula: Formula, cap: Fraction | None
    ) -> Fraction | None:
        key = (applicant.excused, opponent)
        if key not in self._yardsticks:
            other = [ZERO if g is None else g for g in opponent.normal]
            lacks = self._lacks(applicant.weight, opponent)
            self._yardsticks[key] = None if lacks else Yardstick(applicant.weight, other)
        yardstick = self._yardsticks[key]
        return (
            None if yardstick is None else yardstick.ratio(formula, cap, self.rule.aggregation.round, applicant.normal)
        )

    def _unusable(self, weight: Sequence[Fraction], opponent: Opponent) -> list[str]:
        """Why there is no ratio to an opponent: a result that it lacks, and what the declared formula divides by."""
        counted = [g for w, g in zip(weight, opponent.normal, strict=True) if w]
        known = [g for g in counted if g is not None]
        found = ["no_reference_result"] if len(known) < len(counted) else []
        enough = any(known) if self.rule.aggregation.formula == "ratio_of_means" else all(known)
        return found if enough or not known else [*found, "reference_at_floor"]

    @staticmethod
    def _lacks(weight: Sequence[Fraction], opponent: Opponent) -> bool:
        """Whether the opponent has no result on a benchmark that counts."""
        return any(w and g is None for w, g in zip(weight, opponent.normal, strict=True))
