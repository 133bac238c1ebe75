"""Which marks are owed, what became of each, and what is missing before anything may be ranked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluator.errors import Problem
from evaluator.model.evaluation import Unresolved
from evaluator.model.round import ABSTAINED, BLANK, RECUSED, SCORED, Marks, Round
from evaluator.model.rubric import Criterion, Panel, Rubric


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Marks that are ordered and dropped together: the valid sheets of a panel, or the marks on one criterion.

    ``rows`` has one line an item and one column a leaf; it holds positions in the columns of the marks. Lines are
    sorted by ``applicant`` (positions along ``Round.applicants``).
    """

    panel: Panel
    leaves: tuple[Criterion, ...]
    rows: NDArray[np.int64]
    applicant: NDArray[np.int64]


def recused_pairs(round_: Round) -> NDArray[np.bool_]:
    """Who may not score whom: applicants x reviewers, from conflicts.csv and from marks with state recused."""
    recused = np.zeros((len(round_.applicants), len(round_.reviewers)), np.bool_)
    applicants = {a.id: i for i, a in enumerate(round_.applicants)}
    reviewers = {r.id: i for i, r in enumerate(round_.reviewers)}
    for conflict in round_.conflicts:
        rows = slice(None) if conflict.applicant == "*" else applicants[conflict.applicant]
        recused[rows, reviewers[conflict.reviewer]] = True
    said = round_.marks.state == RECUSED
    recused[round_.marks.applicant[said], round_.marks.reviewer[said]] = True
    return recused


def assigned_pairs(round_: Round) -> NDArray[np.bool_]:
    """Who is to score whom: applicants x reviewers; everybody everything without assignments."""
    if round_.assigned is None:
        return np.ones((len(round_.applicants), len(round_.reviewers)), np.bool_)
    pairs = np.zeros((len(round_.applicants), len(round_.reviewers)), np.bool_)
    pairs[round_.assigned[:, 0], round_.assigned[:, 1]] = True
    return pairs


def settle_marks(rubric: Rubric, round_: Round, active: NDArray[np.bool_]) -> Marks:
    """All marks given or owed, sorted by applicant, reviewer and criterion, each in its state.

    A mark owed without a row is blank, or recused where its reviewer is recused from its applicant. Empty rows that
    nobody owes (for applicants that are not scored) are left out. Comments follow their rows.
    """
    given, leaves = round_.marks, rubric.panel_leaves()
    n_reviewers, n_leaves = max(len(round_.reviewers), 1), max(len(leaves), 1)
    recused = recused_pairs(round_)
    expected = _expected_keys(rubric, round_, active, leaves, n_reviewers, n_leaves)

    key = (given.applicant.astype(np.int64) * n_reviewers + given.reviewer) * n_leaves + given.criterion
    told = (given.state != BLANK) | np.isin(key, expected)
    rows = np.flatnonzero(told)
    missing = np.setdiff1d(expected, key, assume_unique=True)
    all_keys = np.concatenate([key[rows], missing])
    order = np.argsort(all_keys, kind="stable")
    all_keys = all_keys[order]

    pair, criterion = np.divmod(all_keys, n_leaves)
    applicant, reviewer = np.divmod(pair, n_reviewers)
    state = np.concatenate([given.state[rows], np.full(len(missing), BLANK, np.uint8)])[order]
    score = np.concatenate([given.score[rows], np.zeros(len(missing), np.int64)])[order]
    if len(state):
        state = np.where((state == BLANK) & recused[applicant, reviewer], RECUSED, state).astype(np.uint8)
    texts = dict(given.comments)
    position = {int(rows[old]): new for new, old in enumerate(order.tolist()) if old < len(rows)} if texts else {}
    comments = tuple(sorted((position[row], text) for row, text in texts.items() if row in position))
    return Marks(
        applicant=applicant.astype(np.int32),
        reviewer=reviewer.astype(np.int32),
        criterion=criterion.astype(np.int32),
        state=state,
        score=score,
        decimals=given.decimals,
        comments=comments,
    )


def _expected_keys(
    rubric: Rubric,
    round_: Round,
    active: NDArray[np.bool_],
    leaves: tuple[Criterion, ...],
    n_reviewers: int,
    n_leaves: int,
) -> NDArray[np.int64]:
    """The sorted keys (applicant, reviewer, criterion as one number) of all marks owed or recused."""
    position = {leaf.id: i for i, leaf in enumerate(leaves)}
    pairs = assigned_pairs(round_) & active[:, np.newaxis]
    keys = [np.zeros(0, np.int64)]
    for panel in rubric.all_panels:
        members = np.array([r.panel == panel.id for r in round_.reviewers], np.bool_)
        applicant, reviewer = np.nonzero(pairs & members)
        columns = np.array([position[leaf.id] for leaf in rubric.leaves_of(panel)], np.int64)
        pair = applicant.astype(np.int64) * n_reviewers + reviewer
        keys.append((pair[:, np.newaxis] * n_leaves + columns).reshape(-1))
    return np.sort(np.concatenate(keys))


def blocks(rubric: Rubric, marks: Marks, active: NDArray[np.bool_]) -> tuple[Block, ...]:
    """The valid marks, in the blocks in which the panels' rules order and drop them.

    At level reviewer_total a sheet is valid where every criterion of the panel is scored; at level criterion every
    scored mark is. Only marks on active applicants take part.
    """
    position = {leaf.id: i for i, leaf in enumerate(rubric.panel_leaves())}
    counted = (marks.state == SCORED) & active[marks.applicant] if len(marks) else np.zeros(0, np.bool_)
    found = []
    for panel in rubric.all_panels:
        leaves = rubric.leaves_of(panel)
        groups = [leaves] if panel.level == "reviewer_total" else [(leaf,) for leaf in leaves]
        for group in groups:
            columns = [position[leaf.id] for leaf in group]
            rows = np.flatnonzero(counted & np.isin(marks.criterion, columns))
            pair = marks.applicant[rows].astype(np.int64) << 32 | marks.reviewer[rows]
            starts = np.flatnonzero(np.append(True, pair[1:] != pair[:-1])) if len(pair) else np.zeros(0, np.int64)
            whole = np.diff(np.append(starts, len(pair))) == len(group)
            sheet = rows[(starts[whole][:, np.newaxis] + np.arange(len(group))).astype(np.int64)]
            found.append(Block(panel, group, sheet, marks.applicant[sheet[:, 0]].astype(np.int64)))
    return tuple(found)


def missing_marks(rubric: Rubric, round_: Round, marks: Marks) -> list[Unresolved]:
    """Every blank: who owes which mark."""
    leaves = rubric.panel_leaves()
    return [
        Unresolved(
            kind="blank",
            reviewer=round_.reviewers[int(marks.reviewer[row])].id,
            applicant=round_.applicants[int(marks.applicant[row])].id,
            criterion=leaves[int(marks.criterion[row])].id,
        )
        for row in np.flatnonzero(marks.state == BLANK)
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
    warnings = []
    position = {leaf.id: i for i, leaf in enumerate(rubric.panel_leaves())}
    for panel in rubric.all_panels:
        if panel.level != "reviewer_total":
            continue
        columns = [position[leaf.id] for leaf in rubric.leaves_of(panel)]
        mine = np.isin(marks.criterion, columns) & (active[marks.applicant] if len(marks) else True)
        pair = marks.applicant.astype(np.int64) << 32 | marks.reviewer
        partial = np.intersect1d(pair[mine & (marks.state == ABSTAINED)], pair[mine & (marks.state == SCORED)])
        for applicant, reviewer in zip(partial >> 32, partial & 0xFFFFFFFF, strict=True):
            warnings.append(
                Problem(
                    code="sheet.incomplete",
                    file=round_.scores_file,
                    params={
                        "reviewer": round_.reviewers[int(reviewer)].id,
                        "applicant": round_.applicants[int(applicant)].id,
                        "panel": panel.id,
                    },
                )
            )
    return warnings
