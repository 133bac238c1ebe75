"""How much of a large round a workbook holds, and what it says about the rest.

A workbook is whole up to :data:`DETAILED_APPLICANTS` applicants. Above that the ranking still has everybody; the sheets
of criteria, marks and recalculation have those nearest the cut line. No row is left out without a word on the first
sheet and on the sheet concerned, with the number of rows and the file that has them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from evaluator.files.atomic import RECORD_NAME
from evaluator.files.record import INLINE_MARKS, MARKS_NAME
from evaluator.model.evaluation import Evaluation, MarkTable
from evaluator.model.standings import OUTCOME_CODE, Standings

MAX_ROWS = 1_048_576
"""Rows of a worksheet, heading included."""
DETAILED_APPLICANTS = 2_000
"""Up to here a workbook holds every criterion, mark and formula of everybody: it opens within seconds."""
LISTED_WARNINGS = 50_000
"""Rows of the sheet of warnings and unresolved things."""
_OTHER_ROWS = 12
"""Rows an applicant takes on the recalculation sheet besides those of its criteria, at most."""
_ABOVE = [OUTCOME_CODE["selected"], OUTCOME_CODE["tied_at_cut"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What a workbook shows. ``detail`` is the evaluation of those shown in detail: the very same where all are.

    They are those from position ``first`` up to ``last`` of the ranking. ``listed`` applicants stand on the ranking
    sheet. ``marks_fit`` is False where even the marks of those shown do not fit into a sheet.
    """

    whole: Evaluation
    detail: Evaluation
    first: int
    last: int
    listed: int
    marks_fit: bool

    @property
    def complete(self) -> bool:
        """Whether everybody is shown in detail."""
        return self.detail is self.whole

    def notices(self, words: Callable[[str], str]) -> dict[str, str]:
        """A sentence for each sheet that leaves something out, by the sheet's name; ``words`` gives the templates."""
        told: dict[str, str] = {}
        everybody, marks = len(self.whole.ranking), len(self.whole.marks.marks)
        if self.listed < everybody:
            counts = {"shown": _count(self.listed), "all": _count(everybody), "left": _count(everybody - self.listed)}
            told["ranking"] = words("left_out_ranking").format(**counts)
        if not self.complete:
            who = words("nearest" if self.whole.cut_line else "first_ones").format(
                shown=_count(self.last - self.first),
                all=_count(everybody),
                first=_count(self.first + 1),
                last=_count(self.last),
            )
            rows = _criteria_rows(self.whole) - _criteria_rows(self.detail)
            if rows:
                told["criteria"] = words("left_out_criteria").format(who=who, left=_count(rows), file=RECORD_NAME)
            if self.marks_fit and marks:
                left = _count(marks - len(self.detail.marks.marks))
                file = MARKS_NAME if marks > INLINE_MARKS else RECORD_NAME
                told["marks"] = words("left_out_marks").format(who=who, left=left, file=file)
            left = _count(everybody - len(self.detail.ranking))
            told["recalculation"] = words("left_out_recalculation").format(who=who, left=left, file=RECORD_NAME)
        if not self.marks_fit:
            rows_ = _count(len(self.detail.marks.marks))
            told["marks"] = words("marks_left_out").format(rows=rows_, file=MARKS_NAME)
        notes = len(self.whole.warnings) + len(self.whole.unresolved)
        if notes > LISTED_WARNINGS:
            counts = {"shown": _count(LISTED_WARNINGS), "left": _count(notes - LISTED_WARNINGS), "file": RECORD_NAME}
            told["warnings"] = words("left_out_warnings").format(**counts)
        return told


def _count(number: int) -> str:
    return f"{number:,}"


def _criteria_rows(evaluation: Evaluation) -> int:
    standings = evaluation.ranking
    computed = int((standings.rows >= 0).sum()) if isinstance(standings, Standings) else len(standings)
    return computed * sum(1 for _ in evaluation.rubric.nodes())


def extent(evaluation: Evaluation, *, detailed: int, mark_rows: int, listed: int) -> Extent:
    """How much of an evaluation in the record's order fits.

    ``detailed`` applicants are shown in detail at most, ``mark_rows`` are the rows of the sheet of marks, ``listed``
    those of the ranking.
    """
    everybody = len(evaluation.ranking)
    most = min(detailed, MAX_ROWS // (sum(1 for _ in evaluation.rubric.nodes()) + _OTHER_ROWS))
    part, first, last = evaluation, 0, everybody
    while everybody > most:
        first, last = _window(evaluation, most)
        part = excerpt(evaluation, first, last)
        if len(part.marks.marks) < mark_rows or most <= 1:
            break
        most //= 2
    return Extent(
        whole=evaluation,
        detail=part,
        first=first,
        last=last,
        listed=min(everybody, listed),
        marks_fit=len(part.marks.marks) < mark_rows,
    )


def _window(evaluation: Evaluation, length: int) -> tuple[int, int]:
    """The applicants nearest the cut line, half of them above it; the first ones where there is no line."""
    standings = evaluation.ranking
    above = 0
    if evaluation.cut_line is not None and isinstance(standings, Standings):
        above = int(np.flatnonzero(np.isin(standings.outcomes, _ABOVE)).max(initial=-1)) + 1
    first = min(max(above - length // 2, 0), len(standings) - length)
    return first, first + length


def excerpt(evaluation: Evaluation, first: int, last: int) -> Evaluation:
    """An evaluation with the applicants in some positions of its ranking, and the marks on them alone.

    Everything else is as it was: what is said about the round as a whole is not true of a part of it.
    """
    standings = evaluation.ranking
    if not isinstance(standings, Standings):
        raise TypeError("an excerpt is made of columns")
    part = slice(first, last)
    chosen = set(standings.applicants[part])
    kept = np.array([a.id in chosen for a in evaluation.applicants], np.bool_)
    place = np.cumsum(kept, dtype=np.int32) - 1
    table = evaluation.marks
    rows = np.flatnonzero(kept[table.marks.applicant])
    at = {int(row): i for i, row in enumerate(rows.tolist())} if table.marks.comments else {}
    marks = replace(
        table.marks,
        applicant=place[table.marks.applicant[rows]],
        reviewer=table.marks.reviewer[rows],
        criterion=table.marks.criterion[rows],
        state=table.marks.state[rows],
        score=table.marks.score[rows],
        comments=tuple((at[row], text) for row, text in table.marks.comments if row in at),
    )
    return replace(
        evaluation,
        ranking=replace(
            standings,
            applicants=standings.applicants[part],
            ranks=standings.ranks[part],
            outcomes=standings.outcomes[part],
            rows=standings.rows[part],
        ),
        applicants=tuple(a for a in evaluation.applicants if a.id in chosen),
        marks=MarkTable(marks=marks, kept_num=table.kept_num[rows], kept_den=table.kept_den[rows]),
    )
