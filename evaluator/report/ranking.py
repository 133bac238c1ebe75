"""The ranking as rows and columns: who stands where, by which points, and where the cut line runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from evaluator.model.evaluation import CutLine, Standing
from evaluator.model.rubric import DECISION, Criterion
from evaluator.model.standings import Standings
from evaluator.report.figures import Bar, number, position
from evaluator.report.frame import Frame
from evaluator.report.ties import cut_link

CRITERIA_WIDTH = 150.0
"""Millimetres that the criteria columns of a ranking table may take; what is left is for names and totals."""
BARS_WIDTH = 100.0
"""The same where the totals have bars, as they have beside at most ``BARS_COLUMNS`` criteria columns."""
BARS_COLUMNS = 8
ADJUSTED_WIDTH = 16.0
"""Of that, what the column of bonuses and penalties takes where there are any."""
SUM_WIDTH = 24.0
"""And what the column of sums of points, and a wider heading of the totals, take where totals are not these sums."""
WIDEST_COLUMN = 26.0
MATRIX_WIDTH = 176.0
"""The same for the further tables of scores, which have no totals and no outcomes."""
_DIGIT_WIDTH = 1.78
_COLUMN_PADDING = 1.6
PRINTED_ROWS, FIRST_ROWS, AROUND_CUT = 500, 100, 20
"""Rows of the ranking that are printed; of these the first, and those on either side of the cut line, of very many."""
_SEATED = {"selected", "reserve", "tied_at_cut", "tied_at_reserve", "open", "gate_failed"}
_BELOW = {"tied_at_cut", "reserve", "tied_at_reserve", "not_selected"}
MATRIX_APPLICANTS = 100
"""With more ranked applicants the full scores are left to the workbook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One criteria column: a leaf or group, or a group's subtotal."""

    number: str
    title: str
    full: str
    subtotal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnGroup:
    """A root criterion over its columns."""

    number: str
    title: str
    full: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankRow:
    """One applicant in the ranking; or where ``cut`` is not empty the line that separates the selected.

    ``gap`` says how many rows are left out, in the row that stands in their place.
    """

    rank: str = ""
    id: str = ""
    name: str = ""
    cells: tuple[str, ...] = ()
    adjusted: str = ""
    points_sum: str = ""
    total: str = ""
    ranking_total: str = ""
    bar: Bar | None = None
    outcome: str = ""
    selected: bool = False
    tied: bool = False
    cut: str = ""
    gap: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Scores on some of the leaves; every column is ``width`` millimetres wide. ``title`` says of whom, if not all."""

    title: str
    columns: tuple[Column, ...]
    width: str
    rows: tuple[RankRow, ...]


def _frontier(nodes: tuple[Criterion, ...], depth: int) -> list[Criterion]:
    """The criteria at a depth, and the leaves above it."""
    found = []
    for node in nodes:
        if depth == 0 or not node.children:
            found.append(node)
        else:
            found += _frontier(node.children, depth - 1)
    return found


def columns(frame: Frame) -> tuple[tuple[ColumnGroup, ...], tuple[Criterion, ...]]:
    """Columns as deep as the table has room for: the roots, or what lies below them with subtotals."""
    rubric = frame.evaluation.rubric
    roots = rubric.criteria
    deepest = max((n.count(".") for n in frame.numbers.values()), default=0)
    most = int(_room(frame, CRITERIA_WIDTH) / _least_width(frame))
    for depth in range(deepest, -1, -1):
        groups, nodes = [], []
        for root in roots:
            below = _frontier((root,), depth)
            shown = below if below == [root] else [*below, root]
            groups.append(
                ColumnGroup(
                    number=frame.numbers[root.id],
                    title=frame.titles[root.id],
                    full=number(root.points),
                    columns=tuple(_column(frame, n, subtotal=n is root and len(shown) > 1) for n in shown),
                )
            )
            nodes += shown
        if len(nodes) <= most:
            return tuple(groups), tuple(nodes)
    return (), ()


def is_adjusted(frame: Frame) -> bool:
    """Whether any ranked applicant has a bonus or a penalty, so that the table needs a column for it."""
    ranking = frame.evaluation.ranking
    if not isinstance(ranking, Standings):
        return any(s.rank is not None and (s.bonus or s.penalty) for s in ranking)
    told, rows = ranking.computed, ranking.rows[(ranking.ranks > 0) & (ranking.rows >= 0)]
    return told is not None and any(bool((moved.num[rows] != 0).any()) for moved in (told.bonus, told.penalty))


def _room(frame: Frame, width: float) -> float:
    taken = (ADJUSTED_WIDTH if is_adjusted(frame) else 0) + (SUM_WIDTH if has_points_sum(frame) else 0)
    return width - taken


def _adjusted(frame: Frame, standing: Standing) -> str:
    """``+1.00 –0.50``; empty where there is neither."""
    decimals = frame.points_decimals
    bonus = f"+{number(standing.bonus, decimals)}" if standing.bonus else ""
    penalty = f"–{number(standing.penalty, decimals)}" if standing.penalty else ""
    return " ".join(part for part in (bonus, penalty) if part)


def _least_width(frame: Frame) -> float:
    """Millimetres that the longest figure of a criterion needs; enough for a short word in the heading."""
    decimals = frame.points_decimals
    longest = max((len(str(int(n.points))) for n in frame.evaluation.rubric.nodes()), default=2)
    return max(9.6, (longest + (decimals + 1 if decimals else 0)) * _DIGIT_WIDTH + _COLUMN_PADDING)


def has_bars(frame: Frame, columns: int) -> bool:
    """Whether totals have bars beside them: where they are sums of points and the criteria columns leave room."""
    if frame.method is not None:
        return False
    return columns <= BARS_COLUMNS and columns * _least_width(frame) <= _room(frame, BARS_WIDTH)


def column_width(frame: Frame, columns: int) -> str:
    """Millimetres each of some criteria columns gets."""
    room = _room(frame, BARS_WIDTH if has_bars(frame, columns) else CRITERIA_WIDTH)
    return f"{min(WIDEST_COLUMN, room / max(columns, 1)):.1f}"


def has_points_sum(frame: Frame) -> bool:
    """Whether sums of points stand in a column of their own, because the totals are none."""
    return frame.method is not None


def is_weighted(frame: Frame) -> bool:
    """Whether totals and totals for ranking differ anywhere."""
    if all(leaf.ranking_weight in (None, 1) for leaf in frame.evaluation.rubric.leaves()):
        return False
    return any(s.ranking_total != s.total for s in frame.evaluation.ranking)


def _column(frame: Frame, node: Criterion, *, subtotal: bool) -> Column:
    return Column(
        number=frame.numbers[node.id], title=frame.titles[node.id], full=number(node.points), subtotal=subtotal
    )


def _cells(frame: Frame, standing: Standing, nodes: Iterable[Criterion]) -> tuple[str, ...]:
    return tuple(
        number(standing.criteria[n.id].points, frame.points_decimals) if n.id in standing.criteria else "–"
        for n in nodes
    )


def ranking_rows(frame: Frame, nodes: tuple[Criterion, ...]) -> Iterator[RankRow]:
    """Ranked applicants in order with their points on ``nodes``, and the cut line.

    The line stands before the first applicant that is tied at it, on the reserve or not selected, and at the end
    where there is none; without a selection there is none.
    """
    ranking, cut = frame.evaluation.ranking, frame.evaluation.cut_line
    shared = Counter(frame.ranks)
    drawn = cut is None
    before = -1
    for i in printed_rows(frame):
        if i != before + 1:
            yield RankRow(gap=frame.words("bulk.gap", n=f"{i - before - 1:,}"))
        before = i
        if not drawn and cut is not None and frame.outcomes[i] in _BELOW:
            drawn = True
            yield RankRow(cut=_cut_text(frame, cut))
        standing = ranking[i]
        yield RankRow(
            rank=f"{standing.rank:,}",
            id=standing.applicant,
            name=frame.names[standing.applicant],
            cells=_vote_cells(standing) if standing.votes else _cells(frame, standing, nodes),
            adjusted=_adjusted(frame, standing),
            points_sum=frame.points_sum(standing) if has_points_sum(frame) and standing.criteria else "",
            total=_row_total(frame, standing),
            ranking_total=(frame.total_text(standing.ranking_total) if standing.ranking_total is not None else ""),
            bar=_row_bar(frame, standing),
            outcome=frame.outcome_word(standing.outcome),
            selected=standing.outcome == "selected",
            tied=shared[standing.rank] > 1,
        )
    if before + 1 < frame.ranked:
        yield RankRow(gap=frame.words("bulk.gap", n=f"{frame.ranked - before - 1:,}"))
    if not drawn and cut is not None and frame.ranked:
        yield RankRow(cut=_cut_text(frame, cut))


def printed_rows(frame: Frame) -> list[int]:
    """The positions of the ranked applicants whose rows are printed.

    All of up to ``PRINTED_ROWS``, because a row takes about ten milliseconds to draw. Of more the selected, those on
    the reserve and those around the cut line; where these are too many, the first and those around the line.
    """
    ranked = [i for i, rank in enumerate(frame.ranks) if rank is not None]
    if len(ranked) <= PRINTED_ROWS:
        return ranked
    seated = [i for i in ranked if frame.outcomes[i] in _SEATED]
    line = next((i for i in ranked if frame.outcomes[i] in _BELOW), len(ranked))
    around = range(max(line - AROUND_CUT, 0), min(line + AROUND_CUT, len(ranked)))
    if frame.evaluation.cut_line is None:
        return ranked[:PRINTED_ROWS]
    if len(seated) + AROUND_CUT > PRINTED_ROWS:
        half = (PRINTED_ROWS - FIRST_ROWS) // 2
        seated, around = ranked[:FIRST_ROWS], range(max(line - half, 0), min(line + half, len(ranked)))
    return sorted({*seated, *around})


def _vote_cells(standing: Standing) -> tuple[str, ...]:
    votes = standing.votes
    return () if votes is None else (str(votes.no), str(votes.abstain), str(votes.eligible))


def _row_total(frame: Frame, standing: Standing) -> str:
    if standing.votes:
        return str(standing.votes.yes)
    return frame.total_text(standing.total) if standing.total is not None else ""


def _row_bar(frame: Frame, standing: Standing) -> Bar | None:
    words = frame.words
    if standing.votes:
        yes, eligible = standing.votes.yes, standing.votes.eligible
        return Bar(
            share=position(Fraction(yes), Fraction(0), Fraction(eligible)),
            mark=None,
            text=words("bar.votes", kind=words("vote.yes"), n=yes, eligible=eligible),
        )
    if standing.total is None or frame.method is not None:
        return None
    full = frame.evaluation.rubric.full_total
    return Bar(
        share=position(standing.total, Fraction(0), full),
        mark=None,
        text=words("bar.total", total=frame.total_text(standing.total), full=number(full)),
    )


def _cut_text(frame: Frame, cut: CutLine) -> str:
    words = frame.words
    tied = frame.outcomes.count("tied_at_cut")
    if tied:
        return words("cut.tied", tied=tied, filled=cut.filled, places=cut.places)
    text = words("cut.line", filled=cut.filled, places=cut.places)
    if cut.margin is not None:
        key = "cut.margin" if frame.method is None else "official.cut_margin"
        text += " · " + words(key, margin=number(cut.margin, frame.total_decimals))
    if link := cut_link(frame):
        key = "cut.decision" if link == DECISION else "cut.link"
        text += " · " + words(key, criterion=frame.titles.get(link, link))
    return text


def ranking_note(frame: Frame, nodes: tuple[Criterion, ...]) -> str:
    """How many rows are left out, and where the points of every criterion are where the ranking shows groups of them.

    Empty where nothing is left out.
    """
    if not frame.evaluation.rankable:
        return ""
    notes, printed = [], len(printed_rows(frame))
    if printed < frame.ranked:
        counts = {"shown": printed, "all": frame.ranked, "left": frame.ranked - printed}
        notes.append(frame.words("bulk.ranking", **{key: f"{n:,}" for key, n in counts.items()}))
    if not _all_shown(frame, nodes):
        notes.append(frame.words("matrix.elsewhere" if frame.ranked > MATRIX_APPLICANTS else "matrix.below"))
    return " ".join(notes)


def _all_shown(frame: Frame, nodes: tuple[Criterion, ...]) -> bool:
    return {leaf.id for leaf in frame.evaluation.rubric.leaves()} <= {node.id for node in nodes}


def matrices(frame: Frame, nodes: tuple[Criterion, ...]) -> Iterator[Matrix]:
    """Every leaf's points, where the ranking table does not already show them: of the unranked, it shows none."""
    leaves = frame.evaluation.rubric.leaves()
    complete = _all_shown(frame, nodes)
    if not complete and frame.ranked > MATRIX_APPLICANTS:
        return
    scored = [s for s in frame.evaluation.ranking if s.criteria and (s.rank is None or not complete)]
    if not scored or len(scored) > MATRIX_APPLICANTS:
        return
    tables = -(-len(leaves) // max(1, int(MATRIX_WIDTH / _least_width(frame))))
    width = -(-len(leaves) // tables)
    for start in range(0, len(leaves), width):
        part = leaves[start : start + width]
        yield Matrix(
            title=frame.words("matrix.unranked") if complete else "",
            columns=tuple(_column(frame, leaf, subtotal=False) for leaf in part),
            width=f"{min(WIDEST_COLUMN, MATRIX_WIDTH / width):.1f}",
            rows=tuple(
                RankRow(
                    rank=f"{s.rank:,}" if s.rank is not None else "–",
                    id=s.applicant,
                    name=frame.names[s.applicant],
                    cells=_cells(frame, s, part),
                    selected=s.outcome == "selected",
                )
                for s in scored
            ),
        )
