"""Who did not score whom: recusals by their recorded kind, and what was abstained on."""

from __future__ import annotations

from evaluator.model.round import ABSTAINED, RECUSED
from evaluator.report.frame import Frame


def recusals(frame: Frame, applicant: str) -> dict[str, str]:
    """Reviewer to the recorded kind of its recusal (회피, 제척, 기피 ...) from one applicant.

    The kind is empty where only a mark's state tells of the recusal. A recusal from the applicant goes before one
    from the whole round.
    """
    evaluation, marks = frame.evaluation, frame.evaluation.marks.marks
    found: dict[str, str] = {}
    for about in ("*", applicant):
        found |= {c.reviewer: c.kind for c in evaluation.conflicts if c.applicant == about and c.reviewer}
    for row in frame.mark_rows(applicant):
        if marks.state[row] == RECUSED:
            found.setdefault(evaluation.reviewers[int(marks.reviewer[row])].id, "")
    return found


def abstained(frame: Frame, applicant: str) -> dict[str, int]:
    """Reviewer to the number of its abstentions on one applicant; who abstained nowhere is left out."""
    evaluation, marks = frame.evaluation, frame.evaluation.marks.marks
    found: dict[str, int] = {}
    for row in frame.mark_rows(applicant):
        if marks.state[row] == ABSTAINED:
            reviewer = evaluation.reviewers[int(marks.reviewer[row])].id
            found[reviewer] = found.get(reviewer, 0) + 1
    return found


def abstentions(frame: Frame, applicant: str) -> tuple[int, int]:
    """Sheets that do not count because a criterion was abstained on, and single marks where marks are combined."""
    rubric, marks = frame.evaluation.rubric, frame.evaluation.marks.marks
    leaves = rubric.panel_leaves()
    by_sheet = {
        leaf.id: panel.id
        for panel in rubric.all_panels
        if panel.level == "reviewer_total"
        for leaf in rubric.leaves_of(panel)
    }
    sheets: set[tuple[int, str]] = set()
    single = 0
    for row in frame.mark_rows(applicant):
        if marks.state[row] == ABSTAINED:
            panel = by_sheet.get(leaves[int(marks.criterion[row])].id)
            if panel is None:
                single += 1
            else:
                sheets.add((int(marks.reviewer[row]), panel))
    return len(sheets), single
