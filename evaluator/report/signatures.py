"""Who signs the panel's report: everybody on the panel, or of a very large one the chair."""

from __future__ import annotations

from evaluator.report.frame import Frame
from evaluator.report.rules import panel_title

SIGNATURES = 100
"""Reviewers up to whom everybody has a box to sign; of more, the chair."""


def chair_signs(frame: Frame) -> bool:
    """Whether there are too many reviewers for everybody to sign."""
    return len(frame.evaluation.reviewers) > SIGNATURES


def signing(frame: Frame) -> tuple[tuple[str, str], ...]:
    """Who has a box to sign in: reviewers by their codes, with their panels.

    Where the chair signs for a large panel and the round does not say who that is, the box has the office alone.
    """
    evaluation = frame.evaluation
    only_chair = chair_signs(frame)
    people = [r for r in evaluation.reviewers if not only_chair or r.id == evaluation.round.chair]
    if only_chair and not people:
        return ((frame.words("label.chair"), ""),)
    return tuple((r.id, panel_name(frame, r.panel)) for r in people)


def signatures_sentence(frame: Frame) -> str:
    """What those who have a box confirm by signing."""
    if chair_signs(frame):
        key = "bulk.signatures_confirmed" if frame.confirmed else "bulk.signatures_proposed"
    else:
        key = "signatures.panel_confirmed" if frame.confirmed else "signatures.panel_proposed"
    return frame.words(key, n=len(frame.evaluation.reviewers), most=SIGNATURES)


def panel_name(frame: Frame, panel: str) -> str:
    """The printed name of a panel; empty where there is none by that id."""
    rubric = frame.evaluation.rubric
    return next((panel_title(frame.words, rubric, known) for known in rubric.all_panels if known.id == panel), "")
