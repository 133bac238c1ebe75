"""Which marks are owed, what became of each, and what is missing before anything may be ranked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluator.errors import Problem
from evaluator.model.evaluation import Unresolved
from evaluator.model.owed import Owed, Pairs
from evaluator.model.round import ABSTAINED, BLANK, RECUSED, SCORED, Marks, Round
from evaluator.model.rubric import Criterion, Panel, Rubric

_AT_A_TIME = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Marks that are ordered and dropped together: the valid sheets of a panel, or the marks on one criterion.

    ``rows`` has one line an item and one column a leaf; it holds positions in the columns of the marks. It is None
    where the marks are whole sheets of ``width`` leaves each, of which the block has those from ``first`` on. Items are
    sorted by ``applicant`` (positions along ``Round.applicants``).
    """

    panel: Panel
    leaves: tuple[Criterion, ...]
    rows: NDArray[np.int64] | None
    applicant: NDArray[np.int64]
    width: int = 0
    first: int = 0

    def __len__(self) -> int:
        return len(self.applicant)

    def of(self, column: NDArray[Any], leaf: int) -> NDArray[Any]:
        """What a column of the marks has on one leaf (counted along ``leaves``), one value an item."""
        if self.rows is None:
            return np.ascontiguousarray(column.reshape(-1, self.width)[:, self.first + leaf])
        return column[self.rows[:, leaf]]

    def put(self, column: NDArray[Any], values: NDArray[Any]) -> None:
        """Write one value an item into a column of the marks, for all leaves alike."""
        if self.rows is None:
            sheets = column.reshape(-1, self.width)
            sheets[:, self.first : self.first + len(self.leaves)] = values[:, np.newaxis]
        else:
            column[self.rows] = values[:, np.newaxis]


def recused_pairs(round_: Round, pairs: Pairs) -> NDArray[np.bool_]:
    """For each pair whether that reviewer may not score that applicant, by conflicts.csv or marks that say so."""
    recused = np.zeros(len(pairs), np.bool_)
    applicants = {a.id: i for i, a in enumerate(round_.applicants)} if round_.conflicts else {}
    reviewers = {r.id: i for i, r in enumerate(round_.reviewers)}
    everybody = {reviewers[c.reviewer] for c in round_.conflicts if c.applicant == "*"}
    if everybody:
        recused |= np.isin(pairs.columns()[1], sorted(everybody))
    single = [(applicants[c.applicant], reviewers[c.reviewer]) for c in round_.conflicts if c.applicant != "*"]
    given = np.array(single, np.int64).reshape(-1, 2)
    said = np.flatnonzero(round_.marks.state == RECUSED)
    for applicant, reviewer in (given.T, (round_.marks.applicant[said], round_.marks.reviewer[said])):
        found = pairs.find(applicant, reviewer)
        recused[found[found >= 0]] = True
    return recused


def settle_marks(rubric: Rubric, round_: Round, active: NDArray[np.bool_]) -> Marks:
    """All marks given or owed, sorted by applicant, reviewer and criterion, each in its state.

    A mark owed without a row is blank, or recused where its reviewer is recused from its applicant. Empty rows that
    nobody owes (for applicants that are not scored) are left out. Comments follow their rows. No row repeats another.
    """
    given = round_.marks
    owed = Owed.of(rubric, round_.assigned, len(round_.applicants), [r.panel for r in round_.reviewers])
    nothing_left_out = active.all() or (given.state != BLANK).all()
    if nothing_left_out and owed.are(given.applicant, given.reviewer, given.criterion):
        return _recused(given, owed, round_)
    return _recused(_in_order(given, owed, active), owed, round_)


def _in_order(given: Marks, owed: Owed, active: NDArray[np.bool_]) -> Marks:
    """Marks given and owed in order."""
    columns = owed.columns()
    at = _find(owed, given)
    is_owed = np.flatnonzero(at >= 0)
    source = np.full(len(owed), -1, np.int64)  # the row that has each mark owed
    source[at[is_owed]] = is_owed
    state = np.append(given.state, np.uint8(BLANK))[source]
    kept = np.flatnonzero(active[columns[0]] | (state != BLANK))
    source = source[kept]
    applicant, reviewer, criterion = (column[kept] for column in columns)
    beside = np.flatnonzero((at < 0) & (given.state != BLANK))
    if len(beside):
        applicant = np.concatenate([applicant, given.applicant[beside]])
        reviewer = np.concatenate([reviewer, given.reviewer[beside]])
        criterion = np.concatenate([criterion, given.criterion[beside]])
        source = np.concatenate([source, beside])
        order = np.lexsort((criterion, reviewer, applicant))
        applicant, reviewer, criterion, source = applicant[order], reviewer[order], criterion[order], source[order]
    comments = []
    if given.comments:
        place = np.full(len(given), -1, np.int64)
        place[source[source >= 0]] = np.flatnonzero(source >= 0)
        comments = sorted((int(place[row]), text) for row, text in given.comments if place[row] >= 0)
    return Marks(
        applicant=applicant,
        reviewer=reviewer,
        criterion=criterion,
        state=np.append(given.state, np.uint8(BLANK))[source],
        score=np.append(given.score, np.int64(0))[source],
        decimals=given.decimals,
        comments=tuple(comments),
    )


def _find(owed: Owed, marks: Marks) -> NDArray[np.int64]:
    """``owed.find`` of all marks, a part at a time, so that what it needs meanwhile stays small."""
    found = np.empty(len(marks), np.int64)
    first = owed.first()
    for start in range(0, len(marks), _AT_A_TIME):
        part = slice(start, start + _AT_A_TIME)
        found[part] = owed.find(marks.applicant[part], marks.reviewer[part], marks.criterion[part], first)
    return found


def _recused(marks: Marks, owed: Owed, round_: Round) -> Marks:
    """The same marks, recused instead of blank where the reviewer is recused from the applicant."""
    blank = np.flatnonzero(marks.state == BLANK)
    if not len(blank):
        return marks
    recused = recused_pairs(round_, owed.pairs)
    pair = owed.pairs.find(marks.applicant[blank], marks.reviewer[blank])
    state = marks.state.copy()
    state[blank[recused[pair]]] = RECUSED
    return replace(marks, state=state)


def blocks(rubric: Rubric, marks: Marks, active: NDArray[np.bool_]) -> tuple[Block, ...]:
    """The valid marks, in the blocks in which the panels' rules order and drop them.

    At level reviewer_total a sheet is valid where every criterion of the panel is scored; at level criterion every
    scored mark is. Only marks on active applicants take part.
    """
    position = {leaf.id: i for i, leaf in enumerate(rubric.panel_leaves())}
    counted = marks.state == SCORED
    if not active.all():
        counted &= active[marks.applicant]
    width = len(position)
    sheets = bool(width and counted.all() and _all_whole(marks.applicant, marks.reviewer, width))
    of_sheets = marks.applicant[::width].astype(np.int64) if sheets else None
    found = []
    for panel in rubric.all_panels:
        leaves = rubric.leaves_of(panel)
        groups = [leaves] if panel.level == "reviewer_total" else [(leaf,) for leaf in leaves]
        for group in groups:
            first = position[group[0].id]
            if of_sheets is not None and len(group) in {1, width}:
                found.append(Block(panel, group, None, of_sheets, width, first))
                continue
            mine = np.zeros(max(len(position), 1), np.bool_)
            mine[[position[leaf.id] for leaf in group]] = True
            sheet = _whole_lines(marks, np.flatnonzero(counted & mine[marks.criterion]), len(group))
            found.append(Block(panel, group, sheet, marks.applicant[sheet[:, 0]].astype(np.int64)))
    return tuple(found)


def _all_whole(applicant: NDArray[np.int32], reviewer: NDArray[np.int32], width: int) -> bool:
    """Whether every ``width`` marks, in the order of marks, are one reviewer's on one applicant: the usual case."""
    if len(applicant) % width:
        return False
    lines = (applicant.reshape(-1, width), reviewer.reshape(-1, width))
    return all(bool((column[:, 0] == column[:, -1]).all()) for column in lines)


def _whole_lines(marks: Marks, rows: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    """Those of some rows whose applicant and reviewer have ``width`` of them, one line a pair."""
    if width == 1:
        return rows.reshape(-1, 1)
    applicant, reviewer = marks.applicant[rows], marks.reviewer[rows]
    if _all_whole(applicant, reviewer, width):
        return rows.reshape(-1, width)
    new = np.append(True, (applicant[1:] != applicant[:-1]) | (reviewer[1:] != reviewer[:-1]))[: len(rows)]
    starts = np.flatnonzero(new)
    whole = np.diff(np.append(starts, len(rows))) == width
    lines: NDArray[np.int64] = rows[starts[whole][:, np.newaxis] + np.arange(width)]
    return lines


def missing_marks(rubric: Rubric, round_: Round, marks: Marks) -> list[Unresolved]:
    """Every blank: who owes which mark."""
    rows = np.flatnonzero(marks.state == BLANK)
    reviewers = [r.id for r in round_.reviewers] if len(rows) else []
    applicants = [a.id for a in round_.applicants] if len(rows) else []
    criteria = [leaf.id for leaf in rubric.panel_leaves()]
    columns = (marks.reviewer[rows].tolist(), marks.applicant[rows].tolist(), marks.criterion[rows].tolist())
    return [
        Unresolved(kind="blank", reviewer=reviewers[r], applicant=applicants[a], criterion=criteria[c])
        for r, a, c in zip(*columns, strict=True)
    ]


def missed_quorums(round_: Round, all_blocks: tuple[Block, ...], active: NDArray[np.bool_]) -> list[Unresolved]:
    """Active applicants with fewer valid sheets (at level criterion: marks) than the panel's quorum."""
    missed = []
    for block in all_blocks:
        counts = np.bincount(block.applicant, minlength=len(round_.applicants))
        missed += [
            Unresolved(
                kind="quorum",
                applicant=round_.applicants[int(i)].id,
                panel=block.panel.id,
                criterion=block.leaves[0].id if block.panel.level == "criterion" else "",
                found=int(counts[i]),
                needed=block.panel.quorum,
            )
            for i in np.flatnonzero(active & (counts < block.panel.quorum))
        ]
    return missed


def incomplete_sheets(rubric: Rubric, round_: Round, marks: Marks, active: NDArray[np.bool_]) -> list[Problem]:
    """Warnings: sheets that do not count because their reviewer abstained on a criterion but scored others."""
    warnings: list[Problem] = []
    if not (marks.state == ABSTAINED).any():
        return warnings
    position = {leaf.id: i for i, leaf in enumerate(rubric.panel_leaves())}
    for panel in rubric.all_panels:
        if panel.level != "reviewer_total":
            continue
        mine = np.zeros(len(position), np.bool_)
        mine[[position[leaf.id] for leaf in rubric.leaves_of(panel)]] = True
        rows = np.flatnonzero((marks.state == ABSTAINED) | (marks.state == SCORED))
        rows = rows[mine[marks.criterion[rows]] & active[marks.applicant[rows]]]
        pair = marks.applicant[rows].astype(np.int64) << 32 | marks.reviewer[rows]
        starts = np.flatnonzero(np.append(True, pair[1:] != pair[:-1])[: len(pair)])
        scored = marks.state[rows] == SCORED
        both = np.logical_or.reduceat(scored, starts) & np.logical_or.reduceat(~scored, starts)
        partial = pair[starts[both]]
        for applicant, reviewer in zip((partial >> 32).tolist(), (partial & 0xFFFFFFFF).tolist(), strict=True):
            warnings.append(
                Problem(
                    code="sheet.incomplete",
                    file=round_.scores_file,
                    params={
                        "reviewer": round_.reviewers[reviewer].id,
                        "applicant": round_.applicants[applicant].id,
                        "panel": panel.id,
                    },
                )
            )
    return warnings
