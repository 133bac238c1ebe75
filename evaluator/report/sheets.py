"""The panel's attachment to sign: which reviewer gave which applicant what, and what of it counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from evaluator.model.evaluation import Standing
from evaluator.model.round import SCORED
from evaluator.model.rubric import Criterion, Panel
from evaluator.report.absences import abstained, recusals
from evaluator.report.figures import common_decimals, number
from evaluator.report.frame import Frame
from evaluator.report.means import share
from evaluator.report.ranking import MATRIX_APPLICANTS
from evaluator.report.rules import panel_title
from evaluator.report.worked import consensus_text

MOST_REVIEWERS = 12
"""Reviewers beside each other; more go into further tables."""
FEW_CRITERIA = 6
FEW_APPLICANTS = 20
"""Marks on single criteria are printed up to this many criteria and applicants, and for one table of reviewers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetCell:
    """What one reviewer gave one applicant: ``state`` is kept, shared, dropped or, where there is nothing, word."""

    text: str
    state: str
    share: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One applicant's row; ``mean`` is empty in all tables but the last."""

    rank: str
    id: str
    name: str
    cells: tuple[SheetCell, ...]
    mean: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetTable:
    """Some reviewers of a panel beside each other. ``mean`` heads the last column, empty where there is none."""

    title: str
    reviewers: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    mean: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSheets:
    """One panel's tables, or in ``note`` why there are none or other ones than expected."""

    title: str
    note: str
    tables: tuple[SheetTable, ...]


Cells = Mapping[str, tuple[Fraction, Fraction]]


def panel_sheets(frame: Frame) -> Iterator[PanelSheets]:
    """Each panel's scores by reviewer; nothing where the round cannot be ranked or is decided by votes.

    At level reviewer_total these are the totals of sheets, else the marks on each criterion if they are few.
    """
    evaluation, words = frame.evaluation, frame.words
    if not evaluation.rankable or evaluation.rubric.decision:
        return
    told = [s for s in evaluation.ranking if s.criteria]
    for panel in evaluation.rubric.all_panels:
        title = panel_title(words, evaluation.rubric, panel)
        codes = [r.id for r in evaluation.reviewers if r.panel in {panel.id, ""}]
        leaves = evaluation.rubric.leaves_of(panel)
        note = ""
        tables: tuple[SheetTable, ...] = ()
        if len(told) > MATRIX_APPLICANTS or not told:
            note = words("sheets.many") if told else ""
        elif panel.level == "reviewer_total":
            tables = tuple(_total_tables(frame, panel, told, codes))
        elif len(leaves) > FEW_CRITERIA or len(told) > FEW_APPLICANTS or len(codes) > MOST_REVIEWERS:
            note = words("sheets.by_criterion_many")
        else:
            note = words("sheets.by_criterion")
            tables = tuple(_criterion_table(frame, told, codes, leaf) for leaf in leaves)
        yield PanelSheets(title=title, note=note, tables=tables)


def _total_tables(frame: Frame, panel: Panel, told: list[Standing], codes: list[str]) -> Iterator[SheetTable]:
    given: dict[str, Cells] = {}
    means: dict[str, Fraction] = {}
    for standing in told:
        for tally in standing.tallies:
            if tally.panel == panel.id:
                given[standing.applicant] = {sheet.reviewer: (sheet.total, sheet.kept) for sheet in tally.sheets}
                means[standing.applicant] = tally.mean
    decimals = common_decimals((total for cells in given.values() for total, _ in cells.values()), None)
    by_points = panel.order == "convert_first"
    count = max(1, -(-len(codes) // MOST_REVIEWERS))
    width = -(-len(codes) // count)
    for start in range(0, len(codes), max(1, width)):
        part, last = codes[start : start + width], start + width >= len(codes)
        yield SheetTable(
            title="",
            reviewers=tuple(part),
            mean=frame.words("label.mean") if last and by_points else "",
            rows=tuple(
                _row(
                    frame,
                    standing,
                    part,
                    given.get(standing.applicant, {}),
                    decimals,
                    mean=number(means[standing.applicant])
                    if last and by_points and standing.applicant in means
                    else "",
                )
                for standing in told
            ),
        )


def _criterion_table(frame: Frame, told: list[Standing], codes: list[str], leaf: Criterion) -> SheetTable:
    evaluation, table = frame.evaluation, frame.evaluation.marks
    column = [node.id for node in evaluation.rubric.panel_leaves()].index(leaf.id)
    unit = 10**table.marks.decimals
    given: dict[str, Cells] = {}
    for standing in told:
        given[standing.applicant] = {
            evaluation.reviewers[int(table.marks.reviewer[row])].id: (
                Fraction(int(table.marks.score[row]), unit),
                Fraction(int(table.kept_num[row]), int(table.kept_den[row])),
            )
            for row in frame.mark_rows(standing.applicant)
            if table.marks.criterion[row] == column and table.marks.state[row] == SCORED and table.kept_num[row] >= 0
        }
    decimals = common_decimals((mark for cells in given.values() for mark, _ in cells.values()), None)
    return SheetTable(
        title=f"{frame.numbers[leaf.id]} {frame.titles[leaf.id]}",
        reviewers=tuple(codes),
        mean=frame.words("label.score"),
        rows=tuple(
            _row(
                frame,
                standing,
                codes,
                given[standing.applicant],
                decimals,
                mean=consensus_text(frame, leaf, standing.criteria[leaf.id], calculated=True),
            )
            for standing in told
        ),
    )


def _row(frame: Frame, standing: Standing, codes: list[str], given: Cells, decimals: int, *, mean: str) -> SheetRow:
    words, applicant = frame.words, standing.applicant
    left_out, silent = recusals(frame, applicant), abstained(frame, applicant)
    cells = []
    for code in codes:
        if code in given:
            value, kept = given[code]
            state = "kept" if kept == 1 else "shared" if kept else "dropped"
            cells.append(
                SheetCell(text=number(value, decimals), state=state, share=share(kept) if state == "shared" else "")
            )
        elif code in left_out:
            cells.append(SheetCell(text=left_out[code] or words("absences.recused"), state="word"))
        else:
            cells.append(SheetCell(text=words("vote.abstain") if code in silent else "–", state="word"))
    return SheetRow(
        rank=f"{standing.rank:,}" if standing.rank is not None else "–",
        id=applicant,
        name=frame.names[applicant],
        cells=tuple(cells),
        mean=mean,
    )
