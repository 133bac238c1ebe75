"""Rules of two rubrics that differ, in the rubrics' own words."""

from __future__ import annotations

from collections.abc import Iterator

from evaluator.model.difference import RuleChange
from evaluator.model.evaluation import Evaluation
from evaluator.model.rubric import DECISION
from evaluator.report.difference_told import Told
from evaluator.report.methods import rule_text
from evaluator.report.rules import panel_title
from evaluator.report.terminal import one_line

_CROSS_CHECKS = "cross_checks"


def rubric_lines(told: Told) -> Iterator[str]:
    """That the rubric is another one, or another version, or only written in another way."""
    one, other = told.difference.before, told.difference.after
    if (one.rubric, one.version) != (other.rubric, other.version):
        pair = told.pair(*(one_line(f"{side.rubric} {side.version}") for side in (one, other)))
        yield told.words("diff.rubric_line", change=pair)
    elif one.rubric_sha256 != other.rubric_sha256 and not told.difference.rules:
        yield told.words("diff.same_sense")


def rule_lines(told: Told) -> list[str]:
    """The rules that can change a result, one a line; the method and its settings are one rule."""
    counting = [rule for rule in told.difference.rules if rule.stage != "none"]
    lines = [_rule(told, rule) for rule in counting if rule.area != "method"]
    if any(rule.area == "method" for rule in counting):
        sides = (rule_text(told.report, evaluation.rubric.method) for evaluation in (told.before, told.after))
        lines.append(told.words("diff.line", label=told.words("diff_area.method"), change=told.pair(*sides)))
    return lines


def wording_lines(told: Told) -> Iterator[str]:
    """What differs in the rubrics without being able to change a result."""
    rules = [rule for rule in told.difference.rules if rule.stage == "none"]
    if any(rule.path.partition(".")[0] == _CROSS_CHECKS for rule in rules):
        sides = (_methods(told, evaluation) for evaluation in (told.before, told.after))
        yield told.words("diff.line", label=told.field(_CROSS_CHECKS), change=told.pair(*sides))
    for rule in rules:
        if rule.path.partition(".")[0] not in {"id", "version", _CROSS_CHECKS}:
            yield told.words("diff.line", label=one_line(rule.path), change=told.texts(rule.before, rule.after))


def _methods(told: Told, evaluation: Evaluation) -> str:
    """The methods that stand beside the official one, as reports name them."""
    named = [rule_text(told.report, rule) for rule in evaluation.rubric.cross_checks]
    return ", ".join(named) if named else told.words("diff.nothing")


def _rule(told: Told, rule: RuleChange) -> str:
    subject = _subject(told, rule)
    if rule.subject and not rule.field:
        there = told.words("diff.only_after" if rule.before is None else "diff.only_before")
        points = _points(told, rule) if rule.area == "criterion" else ""
        return told.words("diff.line", label=subject, change=f"{there}{points}")
    label = f"{subject}, {told.field(_field(rule))}" if rule.field else subject
    change = told.pair(*(_value(told, rule, value) for value in (rule.before, rule.after)))
    return told.words("diff.line", label=label, change=change)


def _field(rule: RuleChange) -> str:
    return "points_decimals" if rule.path == "rounding.points" else rule.field


def _subject(told: Told, rule: RuleChange) -> str:
    if rule.area == "criterion":
        title = told.title(rule.subject)
        return title if title == rule.subject else f"{title} ({rule.subject})"
    subject = rule.subject
    if rule.area == "gate":
        subject = told.gates.get(subject, subject)
    elif rule.area == "panel":
        rubric = told.before.rubric if rule.after is None and not rule.field else told.after.rubric
        named = [panel_title(told.report, rubric, panel) for panel in rubric.all_panels if panel.id == subject]
        return one_line(named[0] if named else subject)
    return told.words(f"diff_area.{rule.area}", subject=one_line(subject))


def _points(told: Told, rule: RuleChange) -> str:
    rubric = told.before.rubric if rule.after is None else told.after.rubric
    points = [node.points for node in rubric.nodes() if node.id == rule.subject]
    return f" ({told.field('points')} {told.figure(points[0], None)})" if points else ""


def _value(told: Told, rule: RuleChange, value: str | None) -> str:
    """A value in words; criteria by their titles."""
    if value and rule.area == "tie_break":
        return " > ".join(told.report("tie.decision") if a == DECISION else told.title(a) for a in value.split(" → "))
    if value and rule.field in {"parent", "criteria"}:
        return ", ".join(told.title(criterion) for criterion in value.split(", "))
    return told.word(value)
