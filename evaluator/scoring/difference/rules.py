"""Two resolved rubrics, compared value by value, by the ids of criteria, panels and gates rather than by position."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from evaluator.model.difference import Area, RuleChange, Stage
from evaluator.model.numbers import show
from evaluator.model.rubric import Criterion, Rubric

UNLIMITED = "unlimited"
"""A limit of bonuses or penalties that is written as null: there is none."""

_WORDING = frozenset({"title", "description", "descriptor", "note", "listed"})
_LANGUAGES = frozenset({"ko", "en"})
_NO_RESULT = frozenset({"schema", "id", "version", "cross_checks", "basis", "rule_basis", "terms"})
_RANK = frozenset({"threshold", "ranking_weight"})
_SEATS = frozenset({"places", "reserve", "vacancy", "allow_none"})
_AREAS: Mapping[str, Area] = {
    "criteria": "criterion",
    "panels": "panel",
    "gates": "gate",
    "rounding": "rounding",
    "adjustments": "adjustments",
    "pass_mark": "pass_mark",
    "pass_compare": "pass_mark",
    "tie_break": "tie_break",
    "selection": "selection",
    "decision": "vote",
    "method": "method",
}
_LISTED = frozenset({"criteria", "panels", "gates"})
_KEYS = ("id", "value", "name", "applicant", "item", "benchmark", "model", "kind", "level")
"""What an item of a list is known by, where it has one of these and no other item has the same."""


def rule_changes(before: Rubric, after: Rubric) -> tuple[RuleChange, ...]:
    """Every value that differs, sorted by path. Nothing where only the layout of the files differs.

    A criterion, panel or gate that only one of them has is one change, told by its points or its id.
    """
    one, other = _flat(before), _flat(after)
    lone = {path for path in one.keys() ^ other.keys() if path in _heads(one, other)}
    stages = _Stages(before, after)
    changes = []
    for path in sorted(one.keys() | other.keys()):
        head = ".".join(path.split(".")[:2])
        if one.get(path) != other.get(path) and (path == head or head not in lone):
            changes.append(_change(path, one.get(path), other.get(path), stages, whole=path in lone))
    return tuple(changes)


def _heads(*flats: Mapping[str, str]) -> set[str]:
    return {path for flat in flats for path in flat if path.count(".") == 1 and path.split(".")[0] in _LISTED}


def _change(path: str, before: str | None, after: str | None, stages: _Stages, *, whole: bool) -> RuleChange:
    parts = path.split(".")
    listed = parts[0] in _LISTED and len(parts) > 1
    return RuleChange(
        path=path,
        area=_AREAS.get(parts[0], "other"),
        subject=parts[1] if listed else "",
        field="" if whole else ".".join(parts[2:] if listed else parts[1:]),
        before=before,
        after=after,
        stage=stages.of(parts),
    )


class _Stages:
    """The first result each value can change, which other rules have a say in.

    Under an official method other than the weighted sum a weight is what the method gives the criterion, and a
    threshold decides who is compared: both reach every total. A gate before scoring decides who is scored at all, one
    after the ranking only who is seated.
    """

    def __init__(self, *rubrics: Rubric) -> None:
        self._adds_up = all(rubric.method.method == "weighted_sum" for rubric in rubrics)
        self._first_gates = {gate.id for rubric in rubrics for gate in rubric.gates_when("before_scoring")}

    def of(self, parts: list[str]) -> Stage:
        """The stage of a value by its path."""
        own = parts[2:] if parts[0] in _LISTED else parts
        if _is_wording(own) or parts[0] in _NO_RESULT or own[:1] == ["basis"]:
            return "none"
        if parts[0] == "gates":
            return "total" if parts[1] in self._first_gates else "outcome"
        if parts[0] in {"pass_mark", "pass_compare", "tie_break"}:
            return "rank"
        if parts[0] == "criteria" and own[:1] and own[0] in _RANK:
            return "rank" if self._adds_up else "total"
        if parts[0] in {"selection", "decision"}:
            return "outcome" if parts[0] == "selection" or parts[-1] in _SEATS else "rank"
        return "total"


def _is_wording(own: list[str]) -> bool:
    """Whether a value is a text to be read: its field says so, not the name of an item on the way to it."""
    field = own[:-1] if own and own[-1] in _LANGUAGES else own
    return (bool(field) and field[-1] in _WORDING) or "basis" in field[1:-1]


def _flat(rubric: Rubric) -> dict[str, str]:
    """Path to value as text, without what is absent."""
    whole = rubric.model_dump(mode="json", by_alias=True)
    for key in ("criteria", "panel", "panels", "gates"):
        whole.pop(key)
    for key in ("tie_break", "cross_checks"):
        whole[key] = " → ".join(item if isinstance(item, str) else repr(item) for item in whole[key]) or None
    limits = whole["adjustments"] or {}
    whole["adjustments"] = {key: UNLIMITED if value is None else value for key, value in limits.items()}
    flat = dict(_leaves(whole, ""))
    for node in rubric.nodes():
        told = node.model_dump(mode="json", by_alias=True, exclude={"children", "id"})
        flat[f"criteria.{node.id}"] = "group" if node.children else "criterion"
        flat |= _leaves(told, f"criteria.{node.id}.")
    flat |= _places(rubric.criteria, "")
    for panel in rubric.all_panels:
        told = panel.model_dump(mode="json", by_alias=True, exclude={"criteria", "id"})
        flat[f"panels.{panel.id}"] = "panel"
        flat |= _leaves(told, f"panels.{panel.id}.")
        flat[f"panels.{panel.id}.criteria"] = ", ".join(sorted(leaf.id for leaf in rubric.leaves_of(panel)))
    for gate in rubric.gates:
        told = gate.model_dump(mode="json", by_alias=True, exclude={"id"})
        flat[f"gates.{gate.id}"] = "gate"
        flat |= _leaves(told, f"gates.{gate.id}.")
    return flat


def _places(nodes: tuple[Criterion, ...], parent: str) -> dict[str, str]:
    """Under which group a criterion stands, and in which order a group's criteria are listed."""
    flat = {f"criteria.{node.id}.parent": parent for node in nodes if parent}
    flat[f"criteria.{parent}.listed" if parent else "listed"] = ", ".join(node.id for node in nodes)
    for node in nodes:
        if node.children:
            flat |= _places(node.children, node.id)
    return flat


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 -- plain JSON values
    """The values inside a document with their paths; ``path`` ends in a dot unless it is empty."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{path}{key}.")
    elif isinstance(value, list | tuple):
        for name, item in named_items(value):
            yield from _leaves(item, f"{path}{name}.")
    elif value is not None:
        yield path[:-1], value if isinstance(value, str) else _plain(value)


def named_items(items: list[Any] | tuple[Any, ...]) -> list[tuple[str, Any]]:
    """The items of a list with what they are known by: a key of their own where they have one, else their position.

    Plain values are known by themselves, so that their order does not matter.
    """
    if items and all(isinstance(item, str) for item in items) and len(set(items)) == len(items):
        return [(item, item) for item in items]
    for key in _KEYS:
        names = [item.get(key) for item in items if isinstance(item, dict)]
        if len(names) == len(items) == len({str(name) for name in names}) and None not in names:
            return [(str(name), item) for name, item in zip(names, items, strict=True)]
    return [(str(position), item) for position, item in enumerate(items, start=1)]


def _plain(value: Any) -> str:  # noqa: ANN401 -- a number or a truth value of a document
    if isinstance(value, bool):
        return "true" if value else "false"
    return show(Fraction(value)) if isinstance(value, int | Fraction) else str(value)
