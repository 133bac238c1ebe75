"""What a rubric must satisfy beyond the types of its fields. Pure: a rubric in, findings out.

Two passes, because a rubric may include others. :func:`file_findings` judges a rubric as its own file has it;
:func:`resolved_findings` judges the whole, includes filled and defaults written, for what only the whole shows.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from evaluator.errors import Loc
from evaluator.model.derived_rules import derived_findings, leaf_for_evidence, use_findings
from evaluator.model.findings import Finding, repeats
from evaluator.model.method_rules import method_findings, threshold_findings
from evaluator.model.numbers import decimals_of, show
from evaluator.model.rubric import DECISION, Criterion, Panel, Rubric, allowed_scale, parse_share

LEAF_ONLY = ("source", "scale", "levels", "convert", "ranking_weight", "performance", "openness", "access")
NOT_WITH_VOTE = (
    "criteria", "panel", "panels", "rounding", "adjustments", "pass_mark", "pass_compare", "selection", "method",
    "cross_checks",
)  # fmt: skip


def file_findings(rubric: Rubric) -> list[Finding]:
    """What is wrong with a rubric as its file has it, without the rubrics it includes."""
    parts = (_criteria, _panels, _rules, _vote, use_findings, method_findings)
    return [finding for part in parts for finding in part(rubric)]


def resolved_findings(rubric: Rubric, *, complete: bool = True) -> list[Finding]:
    """What is wrong with a resolved rubric as a whole.

    Where it is not ``complete`` (an include or a criterion could not be read) nothing is said about ids that seem
    to be missing.
    """
    repeated = list(_ids(rubric))
    findings = [*repeated, *_showable(rubric)]
    if not repeated:
        findings += _by_panel(rubric)
        findings += [*_coverage(rubric), *_chain(rubric)] if complete else []
        findings += threshold_findings(rubric)
    return findings


def _walk(nodes: tuple[Criterion, ...], loc: Loc) -> Iterator[tuple[Criterion, Loc]]:
    for i, node in enumerate(nodes):
        here = (*loc, i)
        yield node, here
        yield from _walk(node.children, (*here, "children"))


def _criteria(rubric: Rubric) -> Iterator[Finding]:
    if not rubric.criteria and rubric.decision is None:
        yield Finding("rubric.no_criteria", ("criteria",))
    for node, loc in _walk(rubric.criteria, ("criteria",)):
        if node.id == DECISION:
            yield Finding("id.reserved", (*loc, "id"), {"id": node.id})
        if node.points <= 0:
            yield Finding(
                "criterion.points_not_positive", (*loc, "points"), {"id": node.id, "points": show(node.points)}
            )
        yield from _threshold(node, loc)
        if node.is_leaf:
            yield from _leaf(node, loc)
            yield from derived_findings(rubric, node, loc)
            yield from leaf_for_evidence(rubric, node, loc)
        else:
            yield from _group(node, loc)


def _threshold(node: Criterion, loc: Loc) -> Iterator[Finding]:
    limit = node.threshold
    if limit is None:
        return
    here, params = (*loc, "threshold"), {"id": node.id, "threshold": str(limit), "points": show(node.points)}
    if limit.value < 0:
        yield Finding("threshold.negative", here, params)
    elif limit.of(node.points) > node.points:
        yield Finding("threshold.above_maximum", here, params, ((*loc, "points"),))


def _group(node: Criterion, loc: Loc) -> Iterator[Finding]:
    for key in LEAF_ONLY:
        if key in node.model_fields_set:
            yield Finding("criterion.leaf_only", (*loc, key), {"id": node.id, "key": key})
    if node.include is not None:
        for key in ("children", "of"):
            if key in node.model_fields_set:
                yield Finding("include.with_key", (*loc, key), {"id": node.id, "key": key})
        return
    if node.of is not None and node.of <= 0:
        yield Finding("criterion.of_not_positive", (*loc, "of"), {"id": node.id, "of": show(node.of)})
        return
    needed = node.points if node.of is None else node.of
    total = sum((child.points for child in node.children), Fraction(0))
    if total != needed:
        needs = ((*loc, "children"), (*loc, "points"), (*loc, "of"))
        yield Finding(
            "criterion.sum", (*loc, "points" if node.of is None else "of"), _sum_params(node, total, needed), needs
        )


def _sum_params(node: Criterion, total: Fraction, needed: Fraction) -> dict[str, str]:
    parts = " + ".join(show(child.points) for child in node.children)
    return {
        "id": node.id,
        "points": show(needed),
        "sum": show(total),
        "difference": show(abs(total - needed)),
        "parts": parts,
    }


def _leaf(node: Criterion, loc: Loc) -> Iterator[Finding]:
    if "children" in node.model_fields_set:
        yield Finding("criterion.no_children", (*loc, "children"), {"id": node.id})
    if node.of is not None:
        yield Finding("criterion.of_on_leaf", (*loc, "of"), {"id": node.id})
    if node.ranking_weight is not None and node.ranking_weight < 0:
        params = {"id": node.id, "weight": show(node.ranking_weight)}
        yield Finding("criterion.weight_negative", (*loc, "ranking_weight"), params)
    yield from _scale(node, loc)
    yield from _levels(node, loc)
    yield from _convert(node, loc)


def _scale(node: Criterion, loc: Loc) -> Iterator[Finding]:
    scale = node.scale
    if scale is None:
        return
    here = (*loc, "scale")
    ends = ((*here, "min"), (*here, "max"), (*here, "step"))
    if scale.step is not None and scale.step <= 0:
        yield Finding("scale.step_not_positive", (*here, "step"), {"id": node.id, "step": show(scale.step)})
    if scale.max is None:
        kind = node.convert.kind if node.convert else "linear"
        if (node.source or "panel") == "panel" or kind not in {"target", "relative_to_best"}:
            yield Finding("scale.max_missing", here, {"id": node.id}, ((*loc, "convert"), (*loc, "source"), *ends))
        return
    params = {"id": node.id, "min": show(scale.min), "max": show(scale.max)}
    if scale.min >= scale.max:
        yield Finding("scale.empty", (*here, "max"), params, ends)
    elif scale.step is not None and scale.step > 0 and (scale.max - scale.min) % scale.step:
        last = scale.max - (scale.max - scale.min) % scale.step
        params |= {"step": show(scale.step), "last": show(last), "next": show(last + scale.step)}
        yield Finding("scale.max_off_step", (*here, "max"), params, ends)


def _levels(node: Criterion, loc: Loc) -> Iterator[Finding]:
    if "levels" not in node.model_fields_set:
        return
    here = (*loc, "levels")
    if len(node.levels) < 2:
        yield Finding("levels.too_few", here, {"id": node.id, "count": str(len(node.levels))})
    seen: set[Fraction] = set()
    for i, level in enumerate(node.levels):
        value, place = level.value, (*here, i, "value")
        if value in seen:
            yield Finding("levels.duplicate", place, {"id": node.id, "value": show(value)})
        seen.add(value)
        if node.scale is not None and node.scale.min < (node.scale.max or value + 1) and not node.scale.allows(value):
            params = {"id": node.id, "value": show(value)}
            yield Finding("levels.off_scale", place, params, ((*loc, "scale"),))


def _ends(node: Criterion) -> tuple[Fraction, Fraction | None, str]:
    """The least and the most score of a leaf as its file has it, and which way is better."""
    if node.scale is not None:
        return node.scale.min, node.scale.max, node.scale.direction
    if node.levels:
        values = [level.value for level in node.levels]
        return min(values), max(values), "higher"
    return Fraction(0), node.points, "higher"


def _convert(node: Criterion, loc: Loc) -> Iterator[Finding]:
    least, most, direction = _ends(node)
    here = (*loc, "convert")
    needs = ((*loc, "scale"), (*loc, "levels"))
    convert = node.convert
    if convert is None:
        if least != 0:
            yield Finding("convert.required", loc, {"id": node.id, "min": show(least)}, (*needs, here))
        return
    params = {"id": node.id, "kind": convert.kind, "min": show(least)}
    for key, kind in (("at", "target"), ("grades", "grades")):
        given = getattr(convert, key) is not None
        if given and convert.kind != kind:
            yield Finding(
                "convert.key_not_used", (*here, key), {**params, "key": key, "other": kind}, ((*here, "kind"),)
            )
        if not given and convert.kind == kind:
            yield Finding("convert.key_missing", here, {**params, "key": key}, ((*here, key),))
    if convert.kind == "target" and convert.at is not None and convert.at <= 0:
        yield Finding("convert.at_not_positive", (*here, "at"), {**params, "at": show(convert.at)})
    if convert.kind in {"proportional", "target"} and direction == "lower":
        yield Finding("convert.needs_higher", here, params, needs)
    if convert.kind in {"proportional", "target"} or (convert.kind == "relative_to_best" and direction == "higher"):
        if least < 0:
            yield Finding("convert.needs_min_not_negative", here, params, needs)
    if convert.kind == "proportional" and most is not None and most <= 0:
        yield Finding("convert.needs_max_positive", here, {**params, "max": show(most)}, needs)
    if convert.kind == "relative_to_best" and direction == "lower" and least <= 0:
        yield Finding("convert.needs_min_positive", here, params, needs)
    if convert.kind == "grades" and convert.grades is not None:
        yield from _grades(node, (*here, "grades"), convert.grades, loc)


def _grades(node: Criterion, here: Loc, grades: dict[Fraction, Fraction], loc: Loc) -> Iterator[Finding]:
    if node.scale is not None:
        yield Finding("convert.grades_with_scale", here, {"id": node.id}, ((*loc, "scale"), (*loc, "levels")))
    values = {level.value for level in node.levels}
    missing, extra = values - set(grades), set(grades) - values
    needs = ((*loc, "levels"), here)
    for code, odd in (("convert.grades_missing", missing), ("convert.grades_extra", extra)):
        if odd:
            shown = ", ".join(show(value) for value in sorted(odd))
            yield Finding(code, here, {"id": node.id, "values": shown}, needs)
    for value, percent in grades.items():
        if not 0 <= percent <= 100:
            params = {"id": node.id, "value": show(value), "percent": show(percent)}
            yield Finding("convert.grades_percent", here, params)


def _panels(rubric: Rubric) -> Iterator[Finding]:
    if rubric.panel is not None and "panels" in rubric.model_fields_set:
        yield Finding("panel.both", ("panel",))
    seen: set[str] = set()
    for panel, loc in _panel_locs(rubric):
        params = {"panel": panel.id}
        if panel.id in seen:
            yield Finding("panel.duplicate", (*loc, "id"), params)
        seen.add(panel.id)
        if "panels" in loc:
            if "id" not in panel.model_fields_set:
                yield Finding("panel.id_missing", loc)
            if not panel.criteria and len(rubric.panels) > 1:
                yield Finding("panel.criteria_missing", loc, params, ((*loc, "criteria"),))
        if panel.aggregate == "median" and panel.level != "criterion":
            yield Finding("panel.median_level", (*loc, "aggregate"), params, ((*loc, "level"),))
        yield from _trim(panel, loc)
    if rubric.rounding.consensus is not None and not any(p.order == "consensus_first" for p in rubric.all_panels):
        needs: tuple[Loc, ...] = (("panel",), ("panels",))
        yield Finding("rounding.consensus_not_used", ("rounding", "consensus"), {}, needs)


def _panel_locs(rubric: Rubric) -> list[tuple[Panel, Loc]]:
    if rubric.panel is not None:
        return [(rubric.panel, ("panel",))]
    return [(panel, ("panels", i)) for i, panel in enumerate(rubric.panels)]


def _trim(panel: Panel, loc: Loc) -> Iterator[Finding]:
    trim, here = panel.trim, (*loc, "trim")
    params = {"panel": panel.id, "aggregate": panel.aggregate}
    if trim is None:
        if panel.aggregate == "trimmed_mean":
            yield Finding("trim.missing", loc, params, (here,))
        return
    if panel.aggregate != "trimmed_mean":
        yield Finding("trim.not_used", here, params, ((*loc, "aggregate"),))
        return
    params |= {"high": str(trim.high), "low": str(trim.low), "dropped": str(trim.high + trim.low)}
    if trim.high + trim.low == 0:
        yield Finding("trim.nothing", here, params, ((*here, "high"), (*here, "low")))
    elif trim.from_ is not None and trim.from_ <= trim.high + trim.low:
        params |= {"from": str(trim.from_), "least": str(trim.high + trim.low + 1)}
        yield Finding("trim.from", (*here, "from"), params, ((*here, "high"), (*here, "low")))


def _rules(rubric: Rubric) -> Iterator[Finding]:
    full = rubric.full_total
    if rubric.pass_mark is not None:
        params = {"pass_mark": str(rubric.pass_mark), "total": show(full)}
        if rubric.pass_mark.value < 0:
            yield Finding("pass_mark.negative", ("pass_mark",), params)
        elif rubric.criteria and rubric.pass_mark.of(full) > full:
            yield Finding("pass_mark.above_maximum", ("pass_mark",), params, (("criteria",),))
    if rubric.adjustments is not None:
        for key in ("bonus_max", "penalty_max"):
            limit: Fraction | None = getattr(rubric.adjustments, key)
            if limit is not None and limit < 0:
                yield Finding("adjustments.negative", ("adjustments", key), {"key": key, "value": show(limit)})
    for i, id_ in repeats([gate.id for gate in rubric.gates]):
        yield Finding("gate.duplicate", ("gates", i, "id"), {"gate": id_})
    for i, id_ in repeats(rubric.tie_break):
        yield Finding("tie_break.duplicate", ("tie_break", i), {"id": id_})
    if DECISION in rubric.tie_break[:-1]:
        yield Finding("tie_break.decision_not_last", ("tie_break", rubric.tie_break.index(DECISION)))


def _share_fits(text: str) -> bool:
    """Whether a share can be reached and means something: above 0, and at most 1 (which nobody can exceed)."""
    share = parse_share(text)
    return share is not None and share[1] > 0 and share != (True, Fraction(1))


def _vote(rubric: Rubric) -> Iterator[Finding]:
    vote = rubric.decision
    if vote is None:
        return
    if vote.quorum.startswith(">") or not _share_fits(vote.quorum):
        yield Finding("vote.quorum", ("decision", "quorum"), {"value": vote.quorum})
    if not _share_fits(vote.majority):
        yield Finding("vote.majority", ("decision", "majority"), {"value": vote.majority})
    for key in NOT_WITH_VOTE:
        if key in rubric.model_fields_set and getattr(rubric, key) is not None:
            yield Finding("vote.with_key", (key,), {"key": key})
    for i, id_ in enumerate(rubric.tie_break):
        if id_ != DECISION:
            yield Finding("vote.tie_break", ("tie_break", i), {"id": id_})


def _ids(rubric: Rubric) -> Iterator[Finding]:
    first: dict[str, Loc] = {}
    for node, loc in _walk(rubric.criteria, ("criteria",)):
        if node.id in first:
            yield Finding("id.duplicate", (*loc, "id"), {"id": node.id}, ((*first[node.id], "id"),))
        else:
            first[node.id] = loc


def _showable(rubric: Rubric) -> Iterator[Finding]:
    decimals = rubric.rounding.points
    if decimals is None:
        return
    for node, loc in _walk(rubric.criteria, ("criteria",)):
        if not (node.is_leaf or node.of is not None):
            continue
        own = decimals_of(node.points)
        if own is None or own > decimals:
            params = {"id": node.id, "points": show(node.points), "decimals": str(decimals)}
            yield Finding("rounding.points_not_showable", (*loc, "points"), params, (("rounding", "points"),))


def _by_panel(rubric: Rubric) -> Iterator[Finding]:
    """What a leaf's conversion needs of the panel that scores it."""
    named = [panel for panel, _ in _panel_locs(rubric) if panel.criteria or len(rubric.all_panels) == 1]
    panels = {leaf.id: panel for panel in named for leaf in rubric.leaves_of(panel)}
    for node, loc in _walk(rubric.criteria, ("criteria",)):
        if not node.is_leaf:
            continue
        yield from _scale_ends(rubric, node, loc, panels.get(node.id))
        if node.convert is None:
            continue
        here, kind = (*loc, "convert"), node.convert.kind
        needs: tuple[Loc, ...] = ((*loc, "source"), ("panel",), ("panels",))
        panel = panels.get(node.id)
        params = {"id": node.id, "panel": panel.id if panel else ""}
        if kind == "grades" and panel is not None and panel.order == "consensus_first":
            yield Finding("convert.grades_consensus_first", here, params, needs)
        if kind != "relative_to_best" or node.source != "panel" or panel is None:
            continue
        if panel.order != "consensus_first":
            yield Finding("convert.relative_needs_consensus_first", here, params, needs)
        elif panel.level != "criterion" and panel.aggregate != "mean":
            yield Finding("convert.relative_needs_criterion_level", here, params, needs)


def _scale_ends(rubric: Rubric, leaf: Criterion, loc: Loc, panel: Panel | None) -> Iterator[Finding]:
    """A consensus rounded at an end of its scale must not leave the scale: both ends show at that rounding."""
    decimals = rubric.rounding.consensus
    if decimals is None or leaf.source != "panel" or panel is None or panel.order != "consensus_first":
        return
    scale = allowed_scale(leaf)
    for end in (scale.min, scale.max):
        own = 0 if end is None else decimals_of(end)
        if end is not None and (own is None or own > decimals):
            params = {"id": leaf.id, "end": show(end), "decimals": str(decimals)}
            yield Finding("rounding.consensus_scale", loc, params, (("rounding", "consensus"),))


def _coverage(rubric: Rubric) -> Iterator[Finding]:
    """Every panel-scored leaf belongs to exactly one panel."""
    nodes = {node.id: node for node in rubric.nodes()}
    owners: dict[str, list[str]] = {leaf.id: [] for leaf in rubric.panel_leaves()}
    panels = _panel_locs(rubric)
    needs: tuple[Loc, ...] = (("panel",), ("panels",))
    for panel, loc in panels:
        for i, id_ in repeats(panel.criteria):
            yield Finding("panel.criterion_twice", (*loc, "criteria", i), {"panel": panel.id, "id": id_})
        for i, id_ in enumerate(dict.fromkeys(panel.criteria)):
            here = (*loc, "criteria", panel.criteria.index(id_, i))
            if id_ not in nodes:
                yield _unknown(_UNKNOWN_IN_PANEL, here, id_, list(nodes), {"panel": panel.id})
            elif not any(leaf.source == "panel" for leaf in _leaves_under(nodes[id_])):
                yield Finding("panel.criterion_not_scored", here, {"panel": panel.id, "id": id_})
        for leaf in rubric.leaves_of(panel):
            owners[leaf.id].append(panel.id)
    if not panels:
        if owners and rubric.decision is None and rubric.use == "ranking":
            yield Finding("panel.missing", ("criteria",), {"ids": _list(list(owners))}, needs)
        return
    if not owners and rubric.decision is None:
        yield Finding("panel.nothing_to_score", panels[0][1], {}, (("criteria",), *needs))
    ids = Counter(panel.id for panel, _ in panels)
    for leaf, loc in _walk(rubric.criteria, ("criteria",)):
        own = owners.get(leaf.id, []) if leaf.is_leaf else []
        if leaf.is_leaf and leaf.id in owners and not own:
            yield Finding("panel.leaf_without_panel", (*loc, "id"), {"id": leaf.id}, needs)
        elif len(own) > 1 and all(ids[id_] == 1 for id_ in own):
            yield Finding("panel.leaf_in_two_panels", (*loc, "id"), {"id": leaf.id, "panels": ", ".join(own)}, needs)


def _leaves_under(node: Criterion) -> Iterator[Criterion]:
    if node.is_leaf:
        yield node
    for child in node.children:
        yield from _leaves_under(child)


def _chain(rubric: Rubric) -> Iterator[Finding]:
    if rubric.decision is not None:
        return
    ids = {node.id: None for node in rubric.nodes()} | {DECISION: None}
    for i, id_ in enumerate(rubric.tie_break):
        if id_ not in ids:
            yield _unknown(_UNKNOWN_IN_CHAIN, ("tie_break", i), id_, list(ids), {})


_COMPARED = 500
_UNKNOWN_IN_PANEL = ("panel.unknown_criterion", "panel.unknown_criterion_near")
_UNKNOWN_IN_CHAIN = ("tie_break.unknown_criterion", "tie_break.unknown_criterion_near")


def _unknown(codes: tuple[str, str], loc: Loc, id_: str, options: list[str], params: dict[str, str]) -> Finding:
    close = difflib.get_close_matches(id_, options[:_COMPARED], n=1)
    return Finding(codes[1] if close else codes[0], loc, {**params, "id": id_, "near": "".join(close)})


def _list(ids: list[str], limit: int = 8) -> str:
    return ", ".join(ids[:limit]) + (", ..." if len(ids) > limit else "")
