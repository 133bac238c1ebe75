"""Who takes part, and the entries that enter no calculation: deciders, dates, reasons, opinions, panels."""

from __future__ import annotations

from collections.abc import Iterator

from evaluator.model.difference import InputChange
from evaluator.report.difference_chain import detail_line, has_inputs, input_line, is_telling
from evaluator.report.difference_told import Told
from evaluator.report.terminal import one_line


def people_lines(told: Told) -> Iterator[str]:
    """Who takes part on one side only, and who has another name."""
    difference, words = told.difference, told.words
    for key in ("added", "removed"):
        for applicant in getattr(difference, f"applicants_{key}"):
            yield words(f"diff.{key}_applicant", id=one_line(applicant), name=told.names[applicant])
    for key in ("added", "removed"):
        for reviewer in getattr(difference, f"reviewers_{key}"):
            yield words(f"diff.{key}_reviewer", who=told.reviewer(reviewer, added=key == "added"))
    for change in difference.inputs:
        if change.kind == "applicant" and change.field == "name":
            who = one_line(change.applicant)
            if told.blind:
                yield words("diff.name_hidden", id=who)
            else:
                yield words("diff.renamed", id=who, change=told.pair(told.text(change.before), told.text(change.after)))


def other_lines(told: Told) -> Iterator[str]:
    """Entries that enter no calculation, and recusals from the whole round."""
    for change in told.difference.inputs:
        if _elsewhere(told, change):
            continue
        who = told.words("diff.everybody") if change.applicant == "*" else one_line(change.applicant)
        if change.kind == "derivation":
            yield f"{who}, {told.title(change.criterion)}: {detail_line(told, change)}"
            continue
        line = input_line(told, change)
        yield f"{who}: {line}" if who else line


def _elsewhere(told: Told, change: InputChange) -> bool:
    """Whether a change stands in another section already, or would tell a name that is hidden."""
    if change.kind == "derivation":
        return has_inputs(told, change.applicant) or not is_telling(change)
    if change.kind == "applicant":
        return change.field == "name" or told.blind
    if change.kind == "reviewer":
        return change.reviewer in {*told.difference.reviewers_added, *told.difference.reviewers_removed}
    return change.counts and change.applicant not in {"", "*"}
