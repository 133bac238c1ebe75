"""What a rubric must satisfy where it names methods, official or for comparison. Pure: a rubric in, findings out."""

from __future__ import annotations

from collections.abc import Iterator

from evaluator.errors import Loc
from evaluator.model.cross_check import PREFERENCE_THRESHOLDS, MethodRule
from evaluator.model.findings import Finding
from evaluator.model.numbers import Limit, show
from evaluator.model.rubric import Rubric

MAX_SCORE_DECIMALS = 9
"""More decimals of a method's score would be digits of its floating-point arithmetic."""

NOT_WITH_METHOD = ("pass_mark", "pass_compare", "adjustments")
"""What is stated in points of the total, and a method's score is none."""

_SETTINGS = {"v": "vikor", "preference": "promethee2", "q": "promethee2", "p": "promethee2"}


def method_findings(rubric: Rubric) -> Iterator[Finding]:
    """What is wrong with the methods of a rubric as its own file has it."""
    for rule, loc in _rules(rubric):
        yield from _settings(rule, loc)
    named: set[object] = set()
    for i, rule in enumerate(rubric.cross_checks):
        if (same := (rule.method, rule.settings)) in named:
            yield Finding("cross_checks.duplicate", ("cross_checks", i), {"name": rule.method})
        named.add(same)
    if rubric.method.method != "weighted_sum" and rubric.decision is None and rubric.use == "ranking":
        yield from _official(rubric)


def threshold_findings(rubric: Rubric) -> Iterator[Finding]:
    """Thresholds of a method that do not fit the points of some leaf of a resolved rubric; the first such leaf."""
    for rule, loc in _rules(rubric):
        for leaf in rubric.leaves():
            q, p = (None if limit is None else limit.of(leaf.points) for limit in (rule.q, rule.p))
            params = {"id": leaf.id, "points": show(leaf.points), "q": str(rule.q), "p": str(rule.p)}
            needs: tuple[Loc, ...] = (("criteria",), (*loc, "q"), (*loc, "p"))
            if q is not None and p is not None and q >= 0 and p <= q:
                yield Finding("method.p_not_above_q", (*loc, "p"), params, needs)
                break
            if q is not None and q >= leaf.points > 0:
                yield Finding("method.q_too_large", (*loc, "q"), params, needs)
                break


def _rules(rubric: Rubric) -> list[tuple[MethodRule, Loc]]:
    return [(rubric.method, ("method",)), *((rule, ("cross_checks", i)) for i, rule in enumerate(rubric.cross_checks))]


def _settings(rule: MethodRule, loc: Loc) -> Iterator[Finding]:
    """A setting the method does not have, one it needs and has not, one out of range."""
    foreign = [key for key, other in _SETTINGS.items() if getattr(rule, key) is not None and other != rule.method]
    for key in foreign:
        params = {"key": key, "method": rule.method, "other": _SETTINGS[key]}
        yield Finding("method.key_not_used", (*loc, key), params, ((*loc, "method"),))
    if rule.method == "vikor" and rule.v is not None and not 0 <= rule.v <= 1:
        yield Finding("method.v_range", (*loc, "v"), {"v": show(rule.v)})
    if rule.method != "promethee2":
        return
    wanted = PREFERENCE_THRESHOLDS[rule.shape]
    for key, limit in (("q", rule.q), ("p", rule.p)):
        params = {"key": key, "preference": rule.shape}
        if limit is None and key in wanted:
            yield Finding("method.threshold_missing", loc, params, ((*loc, key), (*loc, "preference")))
        elif limit is not None and key not in wanted:
            yield Finding("method.threshold_not_used", (*loc, key), params, ((*loc, "preference"),))
        elif limit is not None and not _in_range(key, limit):
            yield Finding("method.threshold_range", (*loc, key), {**params, "value": str(limit)})


def _in_range(key: str, limit: Limit) -> bool:
    """q is at least 0; p, by which is divided, above 0."""
    return limit.value > 0 or (key == "q" and limit.value == 0)


def _official(rubric: Rubric) -> Iterator[Finding]:
    """What an official method other than the weighted sum needs, and what does not fit its scale."""
    name, total = rubric.method.method, rubric.rounding.total
    if total is None:
        yield Finding("method.rounding_missing", ("method",), {"method": name}, (("rounding",),))
    elif total > MAX_SCORE_DECIMALS:
        params = {"method": name, "decimals": str(total), "most": str(MAX_SCORE_DECIMALS)}
        yield Finding("method.rounding_too_fine", ("rounding", "total"), params, (("method",),))
    for key in NOT_WITH_METHOD:
        if key in rubric.model_fields_set and getattr(rubric, key) is not None:
            yield Finding("method.with_key", (key,), {"key": key, "method": name}, (("method",),))
