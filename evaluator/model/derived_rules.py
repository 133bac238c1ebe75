"""What a rubric must satisfy where figures are derived from evidence. Pure: a rubric in, findings out."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from evaluator.errors import Loc
from evaluator.model.access_rules import access_findings
from evaluator.model.findings import Finding
from evaluator.model.numbers import show
from evaluator.model.performance_rules import performance_findings
from evaluator.model.rubric import Criterion, Rubric

DERIVED = ("performance", "openness", "access")
"""The keys by which a leaf says that its figure follows from evidence; each is the name of its source as well."""

OPEN_LEVELS = range(7)
"""The open-source levels, 0 (closed) to 6."""

NOT_FOR_EVIDENCE = (
    "panel", "panels", "adjustments", "pass_mark", "pass_compare", "gates", "tie_break", "selection", "method",
    "cross_checks", "decision",
)  # fmt: skip


def derived_findings(rubric: Rubric, node: Criterion, loc: Loc) -> Iterator[Finding]:
    """What is wrong with how a leaf's figure is derived; nothing for a leaf that is marked by people."""
    for key in DERIVED:
        if getattr(node, key) is not None and node.source != key:
            params = {"id": node.id, "key": key, "source": node.source or "panel"}
            yield Finding("derived.source", (*loc, key), params, ((*loc, "source"),))
    yield from performance_findings(node, loc)
    yield from access_findings(node, loc)
    if node.performance is not None and rubric.use == "ranking":
        yield from _ratio(node, loc)
    wanted = (
        ("openness", "derived.openness_levels", _are_open_levels(node)),
        ("access", "derived.access_levels", _begin_at_zero(node)),
    )
    for key, code, fits in wanted:
        if rubric.use == "ranking" and getattr(node, key) is not None and (not fits or node.scale is not None):
            values = ", ".join(show(level.value) for level in node.levels) or "-"
            where = (*loc, "levels" if node.levels else key)
            yield Finding(code, where, {"id": node.id, "values": values}, ((*loc, "levels"), (*loc, "scale")))


def use_findings(rubric: Rubric) -> Iterator[Finding]:
    """What does not go with ``use: evidence``: whatever compares, adds up or chooses, and whatever people mark."""
    if rubric.use != "evidence":
        return
    for key in NOT_FOR_EVIDENCE:
        if key in rubric.model_fields_set and getattr(rubric, key) is not None:
            yield Finding("use.key_not_used", (key,), {"key": key}, (("use",),))


def leaf_for_evidence(rubric: Rubric, node: Criterion, loc: Loc) -> Iterator[Finding]:
    """Under ``use: evidence`` a leaf that no evidence is read for would stay empty."""
    if rubric.use == "evidence" and node.source not in DERIVED and not node.is_derived:
        needs = (("use",), *((*loc, key) for key in ("source", *DERIVED)))
        yield Finding("use.leaf_not_derived", loc, {"id": node.id}, needs)


def _are_open_levels(node: Criterion) -> bool:
    return sorted(level.value for level in node.levels) == [Fraction(level) for level in OPEN_LEVELS]


def _begin_at_zero(node: Criterion) -> bool:
    return len(node.levels) > 1 and min(level.value for level in node.levels) == 0


def _ratio(node: Criterion, loc: Loc) -> Iterator[Finding]:
    """The figure is a ratio from 0 on: without an upper end, unless a cap gives it one that the scale contains."""
    rule, scale = node.performance, node.scale
    kind = node.convert.kind if node.convert else "linear"
    needs: tuple[Loc, ...] = ((*loc, "convert"), (*loc, "scale"), (*loc, "levels"))
    params = {"id": node.id, "kind": kind}
    if rule is None:
        return
    cap = rule.aggregation.cap if rule.aggregation.formula != "ratio_of_means" else None
    bounded = scale is not None and scale.max is not None and cap is not None and cap <= scale.max
    if "levels" in node.model_fields_set:
        yield Finding("derived.ratio_levels", (*loc, "levels"), params)
    elif kind not in {"target", "relative_to_best"} and not bounded:
        yield Finding("derived.ratio_convert", (*loc, "convert") if node.convert else loc, params, needs)
    elif scale is not None and (
        scale.min > 0 or scale.step is not None or scale.direction == "lower" or not (bounded or scale.max is None)
    ):
        needs = (
            *needs,
            (*loc, "performance", "aggregation"),
            *((*loc, "scale", key) for key in ("min", "max", "step")),
        )
        yield Finding("derived.ratio_scale", (*loc, "scale"), params, needs)
