"""The second opinion on a panel's result as strings and rows: other methods' ranks beside the official ones.

It is part of the panel's own report alone: what another method would do with an applicant is an argument about
methods, not about that applicant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from evaluator.model.cross_check import CrossCheck
from evaluator.model.evaluation import Outcome
from evaluator.model.second_opinion import Moves, Ranked, is_settled, moves, ranked
from evaluator.model.standings import OUTCOME_CODE
from evaluator.report.frame import Frame
from evaluator.report.methods import moves_text, settings_text, shift_text, tau_text, titles_of, why_text
from evaluator.report.names import named, named_all
from evaluator.report.zeros import zeros

MOST_ROWS = 40
"""With more ranked applicants only those around the cut line are shown."""
ROWS_ABOVE = 20
"""Of these, how many stand above the cut line where not everybody above it fits."""
MOST_ABOVE = 30
"""Up to so many above the cut line, all of them are shown."""
TABLE_METHODS = 10
"""Methods in one table."""
METHODS_WIDTH = 180.0
"""Millimetres that the columns of methods may take together."""
WIDEST_COLUMN = 24.0
MOVES_LISTED = 8
"""Ids of those who would move, before the rest is counted."""

_BELOW_CUT: tuple[Outcome, ...] = ("tied_at_cut", "reserve", "tied_at_reserve", "not_selected")


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodRow:
    """One method: what it is, what it was computed with, what it would change, what has to be said about it."""

    title: str
    relative: bool
    kind: str
    settings: str
    moves: str
    moved: bool
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankCell:
    """An applicant's rank by one method, how far it is from the official one, and whether it would move in or out."""

    rank: str
    shift: str
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRow:
    """One applicant with its official rank and those by other methods.

    Or a line across: the cut line, or how many applicants are left out.
    """

    rank: str = ""
    id: str = ""
    name: str = ""
    selected: bool = False
    cells: tuple[RankCell, ...] = ()
    line: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodColumn:
    """The heading of a column of ranks."""

    title: str
    relative: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RankTable:
    """Ranks by some of the methods; ``foot`` has lines about each method over all ranked applicants."""

    columns: tuple[MethodColumn, ...]
    width: str
    rows: tuple[ComparedRow, ...]
    foot: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossView:
    """Everything the template prints about other methods."""

    standing: str
    finding: str
    methods: tuple[MethodRow, ...]
    told_settings: bool
    told_moves: bool
    told_remarks: bool
    tables: tuple[RankTable, ...]
    elsewhere: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Second:
    """One method's result with what it would change (None where that cannot be said)."""

    check: CrossCheck
    title: str
    moves: Moves | None

    def tag(self, position: int) -> str:
        """Whether an applicant would move in, move out or share a place: a key of the catalogue, or empty."""
        if self.moves is None:
            return ""
        told = (("in", self.moves.gained), ("out", self.moves.lost), ("tie", self.moves.shared))
        return next((key for key, mask in told if mask[position]), "")


def cross_view(frame: Frame) -> CrossView | None:
    """Other methods beside the official result; None where the rubric asks for none or nobody could be ranked."""
    evaluation, words = frame.evaluation, frame.words
    if not evaluation.cross_checks:
        return None
    officially = ranked(evaluation)
    titles = titles_of(words, evaluation.cross_checks)
    seconds = [
        _Second(check=check, title=title, moves=moves(evaluation, officially, check))
        for check, title in zip(evaluation.cross_checks, titles, strict=True)
    ]
    methods = tuple(_method_row(frame, officially, second) for second in seconds)
    compared = [second for second in seconds if not second.check.why]
    shown = _shown(frame, officially)
    tables = tuple(
        _table(frame, officially, compared[i : i + TABLE_METHODS], shown)
        for i in range(0, len(compared), TABLE_METHODS)
    )
    left = len(officially.applicants) - len(shown)
    elsewhere = ""
    if left and compared:
        figures = {"ranked": len(officially.applicants), "shown": len(shown), "left": left}
        elsewhere = words("cross_checks.elsewhere", **{key: f"{n:,}" for key, n in figures.items()})
    return CrossView(
        standing=words("cross_checks.standing"),
        finding=" ".join(_findings(frame, officially, seconds)),
        methods=methods,
        told_settings=any(row.settings for row in methods),
        told_moves=any(second.moves for second in seconds),
        told_remarks=any(row.remarks for row in methods),
        tables=tables,
        elsewhere=elsewhere,
        notes=tuple(_notes(frame, compared)),
    )


def _findings(frame: Frame, officially: Ranked, seconds: Sequence[_Second]) -> Iterator[str]:
    """What becomes of the selection, and which methods that says nothing about."""
    compared = [second for second in seconds if not second.check.why]
    yield _finding(frame, officially, compared)
    silent = [second.title for second in seconds if second.check.why]
    if compared and silent:
        yield frame.words("cross_checks.silent", methods=", ".join(silent))


def _finding(frame: Frame, officially: Ranked, compared: Sequence[_Second]) -> str:
    words, n = frame.words, len(compared)
    if not compared:
        return words("cross_checks.nothing")
    if frame.evaluation.rubric.selection is None:
        return words("cross_checks.ranks", n=n)
    if not is_settled(frame.evaluation, officially):
        return words("cross_checks.unsettled")
    same = sum(second.moves is not None and second.moves.none for second in compared)
    if same == n:
        return words("cross_checks.same_all", n=n)
    key = "cross_checks.same_some" if same else "cross_checks.same_none"
    return words(key, n=n, same=same, other=n - same)


def _method_row(frame: Frame, officially: Ranked, second: _Second) -> MethodRow:
    words, check = frame.words, second.check
    remarks = [why_text(words, check), _zeros(frame) if check.why == "zero_value" else ""]
    if check.left_out:
        criteria = ", ".join(f"{frame.numbers[id_]} {frame.titles[id_]}" for id_ in check.left_out)
        remarks.append(words("cross_checks.left_out", criteria=criteria))
    told = "–"
    if check.why:
        told = words("cross_checks.no_ranks")
    elif second.moves is not None:
        told = moves_text(words, second.moves, partial(_named, frame, officially))
    return MethodRow(
        title=words(f"method_name.{check.method}"),
        relative=check.pool_relative,
        kind=words("cross_checks.pool" if check.pool_relative else "cross_checks.own"),
        settings=settings_text(words, check.settings),
        moves=told,
        moved=second.moves is not None and not second.moves.none,
        remarks=tuple(remark for remark in remarks if remark),
    )


def _zeros(frame: Frame) -> str:
    """Who has 0 points on what; empty where nobody is known to."""
    words, (found, left) = frame.words, zeros(frame)
    if not found:
        return ""
    listed = ", ".join(words("cross_checks.zero", name=named(frame, a), criterion=frame.titles[c]) for a, c in found)
    return words(
        "cross_checks.zeros", listed=f"{listed} {words('cross_checks.more_zeros', n=left)}" if left else listed
    )


def _named(frame: Frame, officially: Ranked, mask: NDArray[np.bool_]) -> str:
    moved = (officially.applicants[i] for i in np.flatnonzero(mask).tolist())
    return named_all(frame, moved, MOVES_LISTED)


def _cut(frame: Frame, officially: Ranked) -> int:
    """How many of the ranked applicants stand above the cut line; 0 without one."""
    if frame.evaluation.cut_line is None:
        return 0
    below = np.flatnonzero(np.isin(officially.outcomes, [OUTCOME_CODE[outcome] for outcome in _BELOW_CUT]))
    return int(below[0]) if len(below) else len(officially.applicants)


def _shown(frame: Frame, officially: Ranked) -> range:
    """The positions of the applicants that are shown: everybody, or those around the cut line."""
    n = len(officially.applicants)
    if n <= MOST_ROWS:
        return range(n)
    cut = _cut(frame, officially)
    first = 0 if cut <= MOST_ABOVE else min(cut - ROWS_ABOVE, n - MOST_ROWS)
    return range(first, first + MOST_ROWS)


def _table(frame: Frame, officially: Ranked, seconds: Sequence[_Second], shown: range) -> RankTable:
    n, cut = len(officially.applicants), _cut(frame, officially)
    listed = list(_rows(frame, officially, seconds, shown))
    if 0 < cut < n and cut - shown.start in range(1, len(listed)):
        listed.insert(cut - shown.start, ComparedRow(line=frame.words("cross_checks.cut"), cut=True))
    ends = (shown.start, n - shown.stop)
    gaps = [[ComparedRow(line=frame.words("cross_checks.gap", n=f"{left:,}"))] if left else [] for left in ends]
    return RankTable(
        columns=tuple(MethodColumn(title=s.title, relative=s.check.pool_relative) for s in seconds),
        width=f"{min(WIDEST_COLUMN, METHODS_WIDTH / max(len(seconds), 1)):.1f}",
        rows=(*gaps[0], *listed, *gaps[1]),
        foot=tuple(_foot(frame, officially, seconds)),
    )


def _rows(frame: Frame, officially: Ranked, seconds: Sequence[_Second], shown: range) -> Iterator[ComparedRow]:
    for position in shown:
        applicant, rank = officially.applicants[position], int(officially.ranks[position])
        cells = []
        for second in seconds:
            by_method, tag = int(second.check.ranks[position]), second.tag(position)
            cell = RankCell(
                rank=f"{by_method:,}",
                shift=shift_text(rank, by_method),
                tag=frame.words(f"cross_checks.{tag}") if tag else "",
            )
            cells.append(cell)
        yield ComparedRow(
            rank=f"{rank:,}",
            id=applicant,
            name=frame.names[applicant],
            selected=bool(officially.selected[position]),
            cells=tuple(cells),
        )


def _foot(frame: Frame, officially: Ranked, seconds: Sequence[_Second]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Tau, how many of the selected stay selected (where that can be said), the largest difference of ranks."""
    words = frame.words
    yield words("cross_checks.tau"), tuple(tau_text(s.check.tau) for s in seconds)
    found = [s.moves for s in seconds if s.moves is not None]
    if len(found) == len(seconds):
        chosen = officially.selected
        stay = (int(np.count_nonzero(chosen & ~m.lost & ~m.shared)) for m in found)
        yield words("cross_checks.kept"), tuple(f"{n:,} / {np.count_nonzero(chosen):,}" for n in stay)
    largest = (int(np.abs(s.check.ranks - officially.ranks).max()) for s in seconds)
    yield words("cross_checks.largest"), tuple(f"{n:,}" for n in largest)


def _notes(frame: Frame, compared: Sequence[_Second]) -> Iterator[str]:
    """How to read the tables, and what may not be read into them."""
    words = frame.words
    if not compared:
        return
    places = any(second.moves is not None for second in compared)
    yield words("cross_checks.marks" if places else "cross_checks.marks_ranks")
    yield words("cross_checks.compared")
    yield words("cross_checks.tau_is")
    if any(second.check.pool_relative for second in compared):
        yield words("cross_checks.pool_is")
    yield words("cross_checks.reading")
