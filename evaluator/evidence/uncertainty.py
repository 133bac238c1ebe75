"""What sampling error says about a ratio: its 90 % interval, the probability of the target, or why neither is said."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import NormalDist

import numpy as np

from evaluator.evidence.comparison import Comparing, Comparison
from evaluator.evidence.delta import Z90, Sides, spread
from evaluator.evidence.doubts import NOISY, WITHHELD, differences, least_met
from evaluator.evidence.equals import Best, Rule, best_of, equal_passes
from evaluator.evidence.opponents import Choice, Opponent
from evaluator.evidence.sampling import Sampling
from evaluator.model.performance import Result

Interval = tuple[Fraction, Fraction]
NOTHING = best_of([1.0], [0.0])
"""Stands where there is no reference result, on a benchmark that does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertainty:
    """What is said about one comparison, four decimals; only the intervals of lines where ``withheld`` says why.

    How often an equal passes is said even where the reference was chosen by luck: that figure has the choice in it.
    """

    low: Fraction | None = None
    high: Fraction | None = None
    probability: Fraction | None = None
    equal_passes: Fraction | None = None
    withheld: tuple[str, ...] = ()
    lines: tuple[Interval | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One comparison in floating point, along the benchmarks: weights, both sides, and how well an equal is measured.

    What is not known is 0; ``withheld`` then says that it is not.
    """

    weight: list[float]
    a: list[float]
    sa: list[float]
    b: list[float]
    sb: list[float]
    equal: list[float]
    withheld: tuple[str, ...]
    lines: tuple[Interval | None, ...]


def uncertainties(comparing: Comparing, comparisons: Sequence[Comparison]) -> list[Uncertainty]:
    """The uncertainty of each comparison."""
    rows = [_row(comparing, comparison) for comparison in comparisons]
    figures = [comparison.ratio is not None for comparison in comparisons]
    # Where there is no figure, ``why`` of the comparison says why: there is nothing to be withheld.
    result = [
        Uncertainty(withheld=row.withheld if figure else (), lines=row.lines)
        for row, figure in zip(rows, figures, strict=True)
    ]
    measured = [i for i, row in enumerate(rows) if figures[i] and set(row.withheld) <= {"reference_selected"}]
    cap = None if comparing.rule.aggregation.cap is None else float(comparing.rule.aggregation.cap)
    passes = _equals(comparing, [comparisons[i] for i in measured], [rows[i] for i in measured], cap)
    for i, value in zip(measured, passes, strict=True):
        result[i] = replace(result[i], equal_passes=_four(value))
    known = [i for i in measured if not rows[i].withheld]
    if not known:
        return result
    sides = Sides(**{name: np.array([getattr(rows[i], name) for i in known]) for name in Sides.__slots__})
    aggregation, verdict = comparing.rule.aggregation, comparing.rule.verdict
    # a geometric mean with a result missing is 0 by rule: nothing is left to chance
    fixed = np.array([aggregation.formula == "geometric" and _is_zero_by_rule(comparisons[i]) for i in known])
    if fixed.any():
        sides = Sides(**{name: np.where(fixed[:, np.newaxis], 1.0, getattr(sides, name)) for name in Sides.__slots__})
    found = spread(sides, aggregation.formula, cap, float(verdict.target))
    for number, i in enumerate(known):
        result[i] = replace(
            result[i],
            low=Fraction(0) if fixed[number] else _four(found.low[number]),
            high=Fraction(0) if fixed[number] else _four(found.high[number]),
            probability=Fraction(0) if fixed[number] else _four(found.probability[number]),
        )
    return result


def chosen_by_luck(comparison: Comparison) -> bool:
    """Whether luck may have chosen the reference on a benchmark that counts."""
    lucky = comparison.choice.lucky
    return any(w and position in lucky for position, w in enumerate(comparison.applicant.weight))


def _is_zero_by_rule(comparison: Comparison) -> bool:
    """Whether a benchmark counts 0 because its result is missing."""
    applicant = comparison.applicant
    return any(w and result is None for w, result in zip(applicant.weight, applicant.results, strict=True))


def _row(comparing: Comparing, comparison: Comparison) -> Row:
    applicant, opponent = comparison.applicant, comparison.opponent
    size = len(applicant.weight)
    reasons = set[str]()
    weight = [float(w) for w in applicant.weight]
    a, b = [float(g) for g in applicant.normal.values], [0.0] * size
    sa, sb, equal = [0.0] * size, [0.0] * size, [0.0] * size
    lines: list[Interval | None] = [None] * size
    for position, sampling in enumerate(comparing.references.sampling):
        own, other = applicant.results[position], opponent.results[position] if opponent else None
        if other is None or opponent is None or not weight[position]:
            continue
        b[position] = float(opponent.normal[position] or 0)
        error = comparing.references.error(position, other)
        own_error = None if own is None else sampling.error(own)
        doubts = _doubts(sampling, own, other, (own_error, error))
        reasons |= doubts
        sa[position], sb[position] = own_error or 0.0, error or 0.0
        equal[position] = sampling.as_good(own, other) or 0.0
        if own is not None and not doubts and position not in comparison.choice.lucky:
            lines[position] = _interval(a[position], sa[position], b[position], sb[position])
    row = Row(weight=weight, a=a, sa=sa, b=b, sb=sb, equal=equal, withheld=(), lines=tuple(lines))
    reasons = reasons or _noise(comparing, applicant.results, row)
    zero = comparing.rule.aggregation.formula == "geometric" and _is_zero_by_rule(comparison)
    if comparison.ratio is not None and chosen_by_luck(comparison) and not zero:
        reasons.add("reference_selected")
    return replace(row, withheld=tuple(reason for reason in WITHHELD if reason in reasons))


def _doubts(
    sampling: Sampling, own: Result | None, other: Result, errors: tuple[float | None, float | None]
) -> set[str]:
    """Why the sampling errors of two results say too little about their ratio."""
    size = "sample_size" if sampling.is_proportion else "standard_error"
    found = set(differences(own, other)) if own is not None else set()
    if own is not None and errors[0] is None:
        found.add(f"no_{size}")
    if errors[1] is None:
        found.add(f"no_reference_{size}")
    return found


def _noise(comparing: Comparing, results: Sequence[Result | None], row: Row) -> set[str]:
    """Whether a score that is divided by, or whose logarithm is taken, is lost in its own sampling error."""
    formula, cap = comparing.rule.aggregation.formula, comparing.rule.aggregation.cap
    counted = [p for p, w in enumerate(row.weight) if w]
    if formula == "ratio_of_means" and cap is None:
        whole = math.fsum(row.weight[p] * row.b[p] for p in counted)
        error = math.sqrt(math.fsum((row.weight[p] * row.sb[p]) ** 2 for p in counted))
        return {"reference_too_noisy"} if error > NOISY * whole else set()
    found = set()
    if any(row.sb[p] > NOISY * row.b[p] for p in counted):
        found.add("reference_too_noisy")
    if formula == "geometric" and any(row.sa[p] > NOISY * row.a[p] for p in counted if results[p] is not None):
        found.add("result_too_noisy")
    return found


def _interval(a: float, sa: float, b: float, sb: float) -> Interval | None:
    """The 90 % interval of one ratio: symmetric in its logarithm; from 0 on where the score is lost in its error."""
    if b <= 0 or sb > NOISY * b:
        return None
    if sa > a:
        return Fraction(0), _four((a + Z90 * sa) / b)
    size = Z90 * math.hypot(sa / a, sb / b)
    return _four(a / b * math.exp(-size)), _four(a / b * math.exp(size))


def _four(value: float) -> Fraction:
    """Four decimals."""
    return Fraction(math.floor(value * 10_000 + 0.5), 10_000)


def _equals(
    comparing: Comparing, comparisons: Sequence[Comparison], rows: Sequence[Row], cap: float | None
) -> list[float]:
    """For each comparison the probability that a model as good as its reference would pass."""
    rule = comparing.rule
    surplus = 0.0
    if rule.verdict.rule == "probability":
        surplus = NormalDist().inv_cdf(min(max(float(least_met(rule.verdict)), 1e-9), 1 - 1e-9))
    passing = Rule(formula=rule.aggregation.formula, cap=cap, target=float(rule.verdict.target), surplus=surplus)
    groups: dict[Opponent, list[int]] = {}
    for number, comparison in enumerate(comparisons):
        if comparison.opponent is not None:
            groups.setdefault(comparison.opponent, []).append(number)
    result = [0.0] * len(rows)
    for opponent, members in groups.items():
        best = _best(comparing, comparisons[members[0]].choice, opponent)
        weight, errors = (np.array([getattr(rows[i], name) for i in members]) for name in ("weight", "equal"))
        for i, value in zip(members, equal_passes(passing, weight, errors, best).tolist(), strict=True):
            result[i] = value
    return result


def _best(comparing: Comparing, choice: Choice, opponent: Opponent) -> list[Best]:
    """What is measured of an opponent on each benchmark, were everything measured again and the best chosen again.

    The envelope chooses on each benchmark. The best single model is chosen by its mean over all of them, so its scores
    are lifted by as much as the mean of the best is; where there is one benchmark, the two are the same. A model
    without a standard error is given that of the opponent.
    """
    references, policy = comparing.references, comparing.rule.reference.policy
    size = len(opponent.normal)

    def scores(model: Opponent, position: int) -> tuple[float, float] | None:
        g, result, stand_in = model.normal[position], model.results[position], opponent.results[position]
        if g is None or result is None or stand_in is None:
            return None
        error = references.error(position, result)
        return float(g), (references.error(position, stand_in) or 0.0) if error is None else error

    if policy == "envelope" or (policy == "best_single" and size == 1):
        field = [[s for model in choice.field if (s := scores(model, p)) is not None] for p in range(size)]
        return [best_of(*zip(*found, strict=True)) if found else NOTHING for found in field]
    own = [scores(opponent, p) for p in range(size)]
    best = [best_of([s[0]], [s[1]]) if s is not None else NOTHING for s in own]
    if policy == "named_target" or len(choice.field) == 1:
        return best
    weight = [float(w) for w in comparing.full]
    totals = []
    for model in choice.field:
        parts = [(w, s) for p, w in enumerate(weight) if w and (s := scores(model, p)) is not None]
        mean, error = math.fsum(w * s[0] for w, s in parts), math.sqrt(math.fsum((w * s[1]) ** 2 for w, s in parts))
        totals.append((mean, error))
    whole = best_of(*zip(*totals, strict=True))
    return [b.lifted(whole.mean / whole.true) if whole.true > 0 else b for b in best]
