"""Ties as a report tells them: the one at the cut line first, with what decided there."""

from __future__ import annotations

from collections.abc import Iterator

from evaluator.model.evaluation import Tie
from evaluator.model.rubric import DECISION
from evaluator.report.figures import number
from evaluator.report.frame import Frame
from evaluator.report.names import named_all

_BELOW = ("tied_at_cut", "tied_at_reserve", "reserve", "not_selected")


def cut_link(frame: Frame) -> str:
    """The link of the tie-break chain that separates the last selected from the first who is not.

    A criterion's id, or ``decision``; empty where their ranking totals differ, or nothing has separated them. It may
    come earlier in the chain than the link that separated everybody with that total.
    """
    evaluation = frame.evaluation
    cut = evaluation.cut_line
    if cut is None or cut.margin != 0:
        return ""
    last, first = (evaluation.ranking[row].criteria for row in _beside_cut(frame))
    links = (link for link in evaluation.rubric.tie_break if link != DECISION)
    return next((link for link in links if last[link].points != first[link].points), DECISION)


def tie_rows(frame: Frame) -> Iterator[tuple[str, str, str]]:
    """Total, applicants and what became of it of each tie: first the one that the cut line runs through."""
    ties = list(frame.evaluation.ties)
    at_cut = _at_cut(frame)
    through = [tie for tie in ties if at_cut and at_cut <= set(tie.applicants)]
    for tie in through:
        yield _row(frame, tie, _told_at_cut(frame, tie))
    for tie in ties:
        if tie not in through:
            yield _row(frame, tie, _told(frame, tie))


def _beside_cut(frame: Frame) -> tuple[int, int]:
    """The rows of the last selected and of the first who is not; only where the cut line has a margin."""
    last = max(i for i, outcome in enumerate(frame.outcomes) if outcome == "selected")
    first = next(i for i, outcome in enumerate(frame.outcomes) if outcome in _BELOW)
    return last, first


def _at_cut(frame: Frame) -> set[str]:
    """Those whose tie is the one at the cut line; empty where none is."""
    evaluation = frame.evaluation
    tied = {u.applicant for u in evaluation.unresolved if u.kind == "tie"}
    if tied or not cut_link(frame):
        return tied
    return {evaluation.ranking[row].applicant for row in _beside_cut(frame)}


def _row(frame: Frame, tie: Tie, how: str) -> tuple[str, str, str]:
    return number(tie.total, frame.total_decimals), named_all(frame, tie.applicants), how


def _told(frame: Frame, tie: Tie) -> str:
    if tie.settled_by == DECISION:
        return frame.words("ties.decision")
    if tie.settled_by:
        return frame.words("ties.chain", criterion=frame.titles.get(tie.settled_by, tie.settled_by))
    return frame.words("ties.open")


def _told_at_cut(frame: Frame, tie: Tie) -> str:
    """What decided at the line; and what separated all of the tied, where that is something else."""
    link = cut_link(frame)
    if not link:
        return frame.words("ties.cut_open")
    key = "ties.cut_decision" if link == DECISION else "ties.cut_chain"
    told = frame.words(key, criterion=frame.titles.get(link, link))
    return told if tie.settled_by == link else f"{told} {frame.words('ties.all_of_them', how=_told(frame, tie))}"
