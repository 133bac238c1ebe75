"""The sheet that recomputes every total from the marks sheet with live formulas.

An auditor who has only a spreadsheet program sees how each figure comes about and compares it with the record. The
formulas use functions that Excel and LibreOffice Calc share (no dynamic arrays, LET or structured references). Every
formula cell also carries its value, computed here exactly with fractions and independently of the program's scoring.

Spreadsheet programs calculate in binary floating point, which no formula can make exact. Before a value is rounded as
the rubric says it is therefore rounded to :data:`GUARD` decimals, which takes the error of the sixteenth digit away;
so are the totals of score sheets before they are compared. Where the sheet and the record differ all the same, the
record is right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

import numpy as np

from evaluator.model.evaluation import Evaluation, Standing
from evaluator.model.numbers import RoundingMode, round_to, show
from evaluator.model.round import SCORED, STATE_NAMES
from evaluator.model.rubric import Convert, Criterion, Panel, allowed_scale, parse_share
from evaluator.model.text import Language

GUARD = 10
MATRIX_MARKS = 50_000
MATRIX_REVIEWERS = 400
_DIGITS = 14
_COMPARED = 9

(
    APPLICANT,
    STEP,
    ITEM,
    TITLE,
    MAXIMUM,
    COUNT,
    LOW,
    HIGH,
    CALCULATED,
    DECIDED,
    CONSENSUS,
    RAW,
    POINTS,
    WEIGHTED,
    RECORDED,
    DIFFERENCE,
    FIRST_REVIEWER,
) = range(17)
HEADINGS = (
    "applicant",
    "step",
    "item",
    "title",
    "maximum",
    "count",
    "low",
    "high",
    "calculated",
    "decided",
    "consensus",
    "raw",
    "points",
    "weighted",
    "recorded",
    "difference",
    "reviewers",
)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula and the value it has."""

    text: str
    value: Fraction


Cell = str | Fraction | int | Formula
Row = dict[int, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the other sheets hold what the formulas use; rows and columns count from 0.

    The marks stand in the order of the record, the first in row ``first_mark``; that is None where they do not fit
    into a sheet.
    """

    ranking_sheet: str
    ranking_row: Mapping[str, int]
    total_column: int
    ranking_total_column: int
    yes_column: int
    eligible_column: int
    bonus_column: int
    penalty_column: int
    criteria_sheet: str
    criteria_row: Mapping[tuple[str, str], int]
    consensus_column: int
    points_column: int
    marks_sheet: str
    first_mark: int | None
    criterion_column: int
    score_column: int
    kept_column: int

    def ranking(self, applicant: str, column: int) -> str:
        """The address of an applicant's cell on the ranking sheet."""
        return f"{self.ranking_sheet}!{at(self.ranking_row[applicant], column)}"

    def criterion(self, applicant: str, criterion: str, column: int) -> str:
        """The address of a cell of an applicant's criterion on the criteria sheet."""
        return f"{self.criteria_sheet}!{at(self.criteria_row[applicant, criterion], column)}"


def column_letters(column: int) -> str:
    """A for 0, Z for 25, AA for 26."""
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def at(row: int, column: int, *, fixed: bool = False) -> str:
    """The address of a cell from positions that count from 0."""
    return f"${column_letters(column)}${row + 1}" if fixed else f"{column_letters(column)}{row + 1}"


def literal(value: Fraction) -> str:
    """A constant in a formula."""
    text = show(value)
    return f"({text})" if "/" in text or value < 0 else text


def rounding_formula(cell: str, decimals: int | None, mode: RoundingMode, guard: int) -> str:
    """The formula that rounds the number in a cell as :func:`evaluator.model.numbers.round_to` does.

    A ``guard`` of no more than ``decimals`` is none.
    """
    if decimals is None:
        return f"={cell}"
    if guard <= decimals:
        return f"=ROUNDDOWN({cell},{decimals})" if mode == "down" else f"=ROUND({cell},{decimals})"
    safe = f"ROUND({cell},{guard})"
    if mode == "down":
        return f"=ROUNDDOWN({safe},{decimals})"
    plain = f"ROUND({safe},{decimals})"
    if mode == "half_up":
        return f"={plain}"
    # At an exact half, twice the rounded half of the number is the even neighbour.
    size = f"ABS({safe})*1E{decimals}"
    near = f"ABS({size}-INT({size})-0.5)<5E-{guard - decimals + 1}"
    return f"=IF({near},SIGN({safe})*2*ROUND({size}/2,0)/1E{decimals},{plain})"


def guard_for(largest: Fraction) -> int:
    """How many decimals of a number up to ``largest`` a spreadsheet program still has right after a few sums."""
    return max(min(GUARD, _DIGITS - len(str(int(largest)))), 0)


def guard_at(value: Fraction, decimals: int | None, mode: RoundingMode, guard: int) -> int:
    """The guard for one value: more decimals where rounding to ``guard`` first would change what it is rounded to."""
    true = round_to(value, decimals, mode)
    for more in range(guard, _DIGITS + 1):
        if round_to(round_to(value, more), decimals, mode) == true:
            return more
    return 0


def conversion_formula(leaf: Criterion, x: str, best: str = "") -> str:
    """The formula (without its equals sign) that turns a score at ``x`` into points; ``best`` is the best's cell."""
    rule, scale, most = leaf.convert or Convert(kind="linear"), allowed_scale(leaf), literal(leaf.points)
    if rule.kind == "grades" and rule.grades:
        levels = sorted(rule.grades)
        values = ",".join(show(level) for level in levels)
        shares = ",".join(show(rule.grades[level]) for level in levels)
        return f"{most}*LOOKUP(ROUND({x},6),{{{values}}},{{{shares}}})/100"
    if rule.kind == "target":
        return f"{most}*MIN(1,{x}/{literal(rule.at or Fraction(1))})"
    if rule.kind == "relative_to_best":
        return f"{most}*{best}/{x}" if scale.direction == "lower" else f"IF({best}=0,0,{most}*{x}/{best})"
    high, low = scale.max if scale.max is not None else Fraction(1), scale.min
    if rule.kind == "proportional":
        return f"{most}*{x}/{literal(high)}"
    if scale.direction == "lower":
        return f"{most}*({literal(high)}-{x})/{literal(high - low)}"
    if low == 0 and high == leaf.points:
        return x
    above = x if low == 0 else f"({x}-{literal(low)})"
    return f"{most}*{above}/{literal(high - low)}"


def converted(leaf: Criterion, x: Fraction, best: Fraction | None = None) -> Fraction:
    """The points of a score, exactly."""
    rule, scale, most = leaf.convert or Convert(kind="linear"), allowed_scale(leaf), leaf.points
    if rule.kind == "grades" and rule.grades:
        return most * rule.grades[x] / 100
    if rule.kind == "target":
        return most * min(Fraction(1), x / (rule.at or Fraction(1)))
    if rule.kind == "relative_to_best":
        if scale.direction == "lower":
            return most * (best or Fraction(0)) / x
        return most * x / best if best else Fraction(0)
    high, low = scale.max if scale.max is not None else Fraction(1), scale.min
    if rule.kind == "proportional":
        return most * x / high
    return most * (high - x if scale.direction == "lower" else x - low) / (high - low)


def kept_weights(values: Sequence[Fraction], low: int, high: int) -> list[Fraction]:
    """The weight of each item when ``low`` of the lowest and ``high`` of the highest are dropped, equals sharing."""
    counts, weights, below = Counter(values), {}, 0
    for value in sorted(counts):
        same = counts[value]
        kept = max(0, min(below + same, len(values) - high) - max(below, low))
        weights[value] = Fraction(kept, same)
        below += same
    return [weights[value] for value in values]


@dataclass(frozen=True, slots=True)
class _Value:
    """A cell's address and what it holds."""

    cell: str
    value: Fraction


@dataclass(slots=True)
class _Block:
    """The rows of one applicant, the first of which stands at ``start``; its criteria's cells by id."""

    start: int
    standing: Standing
    rows: list[Row] = field(default_factory=list)
    points: dict[str, _Value] = field(default_factory=dict)
    weighted: dict[str, _Value] = field(default_factory=dict)
    consensus: dict[str, _Value] = field(default_factory=dict)
    totals: list[_Value] = field(default_factory=list)

    def add(self, step: str, item: str = "", title: str = "") -> tuple[int, Row]:
        """A new row with its beginning filled in, and where it stands."""
        row: Row = {APPLICANT: self.standing.applicant, STEP: step, ITEM: item, TITLE: title}
        self.rows.append(row)
        return self.start + len(self.rows) - 1, row


class Recalculation:
    """The rows of the sheet for one evaluation in the record's order; ``label`` gives the words of the workbook.

    Where the evaluation is a part of a larger one, ``best`` has the best score of all on each criterion that is scored
    relative to the best; where it is empty the best is found by a formula.

    ``adds_up`` says whether totals are sums of points. Under another official method than the weighted sum they are
    not, and no formula stands for them: the points are recomputed and added up as what they are.
    """

    def __init__(
        self,
        evaluation: Evaluation,
        places: Places,
        label: Callable[[str], str],
        lang: Language,
        best: Mapping[str, Fraction] = MappingProxyType({}),
    ) -> None:
        self._evaluation, self._places, self._label, self._lang = evaluation, places, label, lang
        self._rubric, self._marks = evaluation.rubric, evaluation.marks.marks
        self._computed = [s for s in evaluation.ranking if s.criteria]
        self.adds_up = self._rubric.method.method == "weighted_sum"
        self._applicant = {a.id: i for i, a in enumerate(evaluation.applicants)}
        self._leaf_position = {leaf.id: i for i, leaf in enumerate(self._rubric.panel_leaves())}
        self._weighted = self.adds_up and any(leaf.ranking_weight not in (None, 1) for leaf in self._rubric.leaves())
        self._relative = [
            leaf for leaf in self._rubric.leaves() if leaf.convert and leaf.convert.kind == "relative_to_best"
        ]
        self._best: dict[str, _Value] = {}
        self._best_of_all = best
        # Where the marks on each applicant begin; they stand in the applicants' order.
        self._starts = np.searchsorted(self._marks.applicant, np.arange(len(self._applicant) + 1, dtype=np.int32))
        self._points: dict[tuple[str, int], Fraction] = {}
        self._reviewers = self._who_scored()
        most = self._rubric.full_total + max((s.bonus for s in self._computed), default=Fraction(0))
        self._guard = guard_for(most)
        self.mode = self._mode()
        self._at_mark = self._mark_positions() if self.mode == "marks" else {}

    def _mode(self) -> Literal["marks", "weights", "consensus", "votes", "none"]:
        """From what the totals are recomputed.

        From each mark; where there are very many, from the marks with the recorded weights; where the marks do not
        fit into a sheet, from the recorded consensus; from the votes; or not at all.
        """
        if self._rubric.decision:
            return "votes"
        if not self._computed:
            return "none"
        if self._places.first_mark is None:
            return "consensus"
        widest = max((len(reviewers) for reviewers in self._reviewers.values()), default=0)
        return "marks" if len(self._marks) <= MATRIX_MARKS and widest <= MATRIX_REVIEWERS else "weights"

    def _mark_positions(self) -> dict[tuple[int, int, int], int]:
        """(applicant, reviewer, criterion) positions to the mark's own position."""
        columns = (self._marks.applicant, self._marks.reviewer, self._marks.criterion)
        return {key: i for i, key in enumerate(zip(*(column.tolist() for column in columns), strict=True))}

    def _who_scored(self) -> dict[tuple[int, str], list[int]]:
        """The reviewers with a row on an applicant (by position), panel by panel, in the order of the marks."""
        pairs = np.unique(self._marks.applicant.astype(np.int64) << 32 | self._marks.reviewer)
        found: dict[tuple[int, str], list[int]] = {}
        for pair in pairs.tolist():
            reviewer = pair & 0xFFFFFFFF
            found.setdefault((pair >> 32, self._evaluation.reviewers[reviewer].panel), []).append(reviewer)
        return found

    def rows(self, first: int) -> Iterator[Row]:
        """All rows; the first of them stands at position ``first`` of the sheet.

        Totals in short come first: per applicant what is recomputed, what is recorded and the difference. Then the
        best values of criteria that are scored relative to the best, then each applicant's figures step by step.
        """
        if self.mode == "votes":
            counted = [s for s in self._evaluation.ranking if s.votes]
            yield from (self._vote_row(s, first + i) for i, s in enumerate(counted))
        elif self.mode != "none":
            yield from self._all_rows(first)

    def _all_rows(self, first: int) -> Iterator[Row]:
        kinds = 2 if self._weighted else 1
        best_at = first + kinds * len(self._computed)
        for i, leaf in enumerate(self._relative):
            best = self._best_of_all.get(leaf.id)
            if best is None:
                values = [s.criteria[leaf.id].consensus or Fraction(0) for s in self._computed]
                best = min(values) if allowed_scale(leaf).direction == "lower" else max(values)
            self._best[leaf.id] = _Value(at(best_at + i, CONSENSUS, fixed=True), best)
        start, blocks = best_at + len(self._relative), []
        for s in self._computed:
            blocks.append(self._block(s, start))
            start += len(blocks[-1].rows)
        here = first
        for block in blocks:
            for kind, total in zip(
                ("total", "ranking_total") if self.adds_up else ("sum",), block.totals, strict=False
            ):
                yield self._summary(block, here, kind, total)
                here += 1
        for i, leaf in enumerate(self._relative):
            column = column_letters(FIRST_REVIEWER + i)
            function = "MIN" if allowed_scale(leaf).direction == "lower" else "MAX"
            best = self._best[leaf.id].value
            found = Formula(f"={function}({column}{first + 1}:{column}{best_at})", best)
            yield {
                STEP: self._label("step_best"),
                ITEM: leaf.id,
                TITLE: leaf.title.in_(self._lang),
                CONSENSUS: best if self._best_of_all else found,
            }
        for block in blocks:
            yield from block.rows

    def _summary(self, block: _Block, here: int, kind: str, total: _Value) -> Row:
        s = block.standing
        row: Row = {
            APPLICANT: s.applicant,
            STEP: self._label(f"step_summary_{kind}"),
            POINTS: Formula(f"={total.cell}", total.value),
        }
        if kind != "sum":
            recorded = (s.total if kind == "total" else s.ranking_total) or Fraction(0)
            column = self._places.total_column if kind == "total" else self._places.ranking_total_column
            row[RECORDED] = Formula(f"={self._places.ranking(s.applicant, column)}", recorded)
            row[DIFFERENCE] = _difference(here, total.value - recorded)
        if kind != "ranking_total":
            for i, leaf in enumerate(self._relative):
                row[FIRST_REVIEWER + i] = Formula(f"={block.consensus[leaf.id].cell}", block.consensus[leaf.id].value)
        return row

    def _block(self, s: Standing, start: int) -> _Block:
        """Everything about one applicant: marks, consensus, points, groups, adjustments, totals."""
        block = _Block(start, s)
        for panel in self._rubric.all_panels:
            if self.mode == "marks":
                self._panel(block, panel)
            else:
                for leaf in self._rubric.leaves_of(panel):
                    self._add_leaf(block, leaf, panel, self._condensed(block, leaf, panel))
        for leaf in self._rubric.leaves():
            if leaf.source != "panel":
                figure = s.criteria[leaf.id].consensus or Fraction(0)
                cell = self._places.criterion(s.applicant, leaf.id, self._places.consensus_column)
                self._add_leaf(block, leaf, None, Formula(f"={cell}", figure))
        for root in self._rubric.criteria:
            self._group(block, root)
        if self.adds_up:
            self._add_totals(block)
        else:
            self._add_sum(block)
        return block

    def _panel(self, block: _Block, panel: Panel) -> None:
        """The marks of one panel: a column a reviewer, a row a criterion; then what is dropped, then the consensus."""
        applicant, leaves = self._applicant[block.standing.applicant], self._rubric.leaves_of(panel)
        reviewers = self._reviewers.get((applicant, panel.id), [])
        _, head = block.add(self._label("step_panel"), panel.id, panel.title.in_(self._lang) if panel.title else "")
        for i, reviewer in enumerate(reviewers):
            head[FIRST_REVIEWER + i] = self._evaluation.reviewers[reviewer].id
        in_points = panel.order == "convert_first"
        last = FIRST_REVIEWER + max(len(reviewers), 1) - 1
        if panel.level == "criterion":
            for leaf in leaves:
                here, row, values = self._marks_row(block, leaf, reviewers, in_points=in_points)
                span = f"{at(here, FIRST_REVIEWER)}:{at(here, last)}"
                dropped = self._dropped(here, row, span, list(values.values()), panel)
                self._add_leaf(block, leaf, panel, _aggregate(here, span, list(values.values()), panel, dropped))
            return
        by_points = in_points or panel.aggregate == "trimmed_mean"
        sums = [self._marks_row(block, leaf, reviewers, in_points=by_points) for leaf in leaves]
        raw = (
            sums
            if by_points == in_points
            else [self._marks_row(block, leaf, reviewers, in_points=False) for leaf in leaves]
        )
        weights_at, weights, left = self._sheets(block, panel, reviewers, sums, by_points=by_points)
        for leaf, (here, _, values) in zip(leaves, raw, strict=True):
            mean = sum((w * values[c] for c, w in weights.items()), Fraction(0)) / left.value
            spans = (f"{at(row, FIRST_REVIEWER)}:{at(row, last)}" for row in (weights_at, here))
            self._add_leaf(block, leaf, panel, Formula(f"=SUMPRODUCT({','.join(spans)})/{left.cell}", mean))

    def _marks_row(
        self, block: _Block, leaf: Criterion, reviewers: Sequence[int], *, in_points: bool
    ) -> tuple[int, Row, dict[int, Fraction]]:
        """A row with one criterion's marks, as points or on the scale: its place, the row, its values by column."""
        step = self._label("step_marks_points" if in_points else "step_marks")
        here, row = block.add(step, leaf.id, leaf.title.in_(self._lang))
        applicant, criterion = self._applicant[block.standing.applicant], self._leaf_position[leaf.id]
        values = {}
        for column, reviewer in enumerate(reviewers, start=FIRST_REVIEWER):
            position = self._at_mark.get((applicant, reviewer, criterion))
            if position is None:
                continue
            if self._marks.state[position] != SCORED:
                row[column] = self._label(f"state_{STATE_NAMES[int(self._marks.state[position])]}")
                continue
            cell = self._mark_cell(position, self._places.score_column)
            values[column] = self._value_of(leaf, int(self._marks.score[position]), in_points=in_points)
            row[column] = Formula(f"={conversion_formula(leaf, cell) if in_points else cell}", values[column])
        return here, row, values

    def _mark_cell(self, position: int, column: int) -> str:
        return f"{self._places.marks_sheet}!{at((self._places.first_mark or 0) + position, column)}"

    def _sheets(
        self,
        block: _Block,
        panel: Panel,
        reviewers: Sequence[int],
        marks: Sequence[tuple[int, Row, dict[int, Fraction]]],
        *,
        by_points: bool,
    ) -> tuple[int, dict[int, Fraction], _Value]:
        """The totals of the valid sheets, the weight of each, and the difference from the recorded weight.

        Gives the row of the weights, the weights by column, and the sum of the weights.
        """
        top, bottom = marks[0][0], marks[-1][0]
        here, row = block.add(self._label("step_sheet_points" if by_points else "step_sheet"), panel.id)
        columns = [c for c in marks[0][2] if all(c in values for _, _, values in marks)]
        totals = {c: sum((values[c] for _, _, values in marks), Fraction(0)) for c in columns}
        guard = min(_COMPARED, self._guard)
        for c in columns:
            span = f"{at(top, c)}:{at(bottom, c)}"
            row[c] = Formula(f"=ROUND(SUM({span}),{guard})", totals[c])
        last = FIRST_REVIEWER + max(len(reviewers), 1) - 1
        ends = (at(here, FIRST_REVIEWER, fixed=True), at(here, last, fixed=True))
        span = ":".join(ends)
        low, high = self._dropped(here, row, span, list(totals.values()), panel)
        left = len(columns) - low - high
        weights_at, weights_row = block.add(self._label("step_kept"), panel.id)
        _, compare = block.add(self._label("step_kept_difference"), panel.id)
        weights = dict(zip(columns, kept_weights(list(totals.values()), low, high), strict=True))
        count, lowest, highest = (at(here, c, fixed=True) for c in (COUNT, LOW, HIGH))
        first_leaf = self._leaf_position[self._rubric.leaves_of(panel)[0].id]
        applicant = self._applicant[block.standing.applicant]
        for c in columns:
            own = at(here, c)
            below, same = f"SUMPRODUCT(ISNUMBER({span})*({span}<{own}))", f"COUNTIF({span},{own})"
            text = f"=MAX(0,MIN({below}+{same},{count}-{highest})-MAX({below},{lowest}))/{same}"
            weights_row[c] = Formula(text if panel.aggregate == "trimmed_mean" else "=1", weights[c])
            position = self._at_mark[applicant, reviewers[c - FIRST_REVIEWER], first_leaf]
            table = self._evaluation.marks
            recorded = Fraction(int(table.kept_num[position]), int(table.kept_den[position]))
            kept = self._mark_cell(position, self._places.kept_column)
            compare[c] = Formula(f"=ROUND({at(weights_at, c)}-{kept},{_COMPARED})", weights[c] - recorded)
        weights_row[COUNT] = Formula(f"={count}-{lowest}-{highest}", Fraction(left))
        return weights_at, weights, _Value(at(weights_at, COUNT, fixed=True), Fraction(left))

    def _dropped(self, here: int, row: Row, span: str, values: Sequence[Fraction], panel: Panel) -> tuple[int, int]:
        """How many items there are and how many of the lowest and the highest are dropped, in the row ``here``."""
        n, cell = len(values), at(here, COUNT)
        low = high = 0
        row[COUNT] = Formula(f"=COUNT({span})", Fraction(n))
        texts = ["=0", "=0"]
        if panel.aggregate == "trimmed_mean" and panel.trim is not None:
            if n >= panel.trim.least:
                low, high = panel.trim.low, panel.trim.high
            texts = [f"=IF({cell}>={panel.trim.least},{drop},0)" for drop in (panel.trim.low, panel.trim.high)]
        elif panel.aggregate == "median":
            low = high = (n - 1) // 2
            texts = [f"=INT(({cell}-1)/2)"] * 2
        row[LOW], row[HIGH] = Formula(texts[0], Fraction(low)), Formula(texts[1], Fraction(high))
        return low, high

    def _condensed(self, block: _Block, leaf: Criterion, panel: Panel) -> Formula:
        """The consensus without a cell for each mark."""
        s = block.standing
        score = s.criteria[leaf.id]
        if self.mode == "consensus":
            if score.calculated is not None:
                return Formula(f"={literal(score.calculated)}", score.calculated)
            cell = self._places.criterion(s.applicant, leaf.id, self._places.consensus_column)
            return Formula(f"={cell}", score.consensus or Fraction(0))
        applicant = self._applicant[s.applicant]
        first, last = int(self._starts[applicant]), int(self._starts[applicant + 1])
        in_points = panel.order == "convert_first"
        value = self._weighted_mean(leaf, first, last, in_points=in_points)
        criterion, score_, kept = (
            f"{self._mark_cell(first, column)}:{at((self._places.first_mark or 0) + last - 1, column)}"
            for column in (self._places.criterion_column, self._places.score_column, self._places.kept_column)
        )
        mine = f'--({criterion}="{leaf.id}")'
        below = f"SUMPRODUCT({mine},{kept})"
        if not in_points:
            return Formula(f"=SUMPRODUCT({mine},{kept},{score_})/{below}", value)
        return Formula(f"={_weighted_points(leaf, mine, kept, score_, below)}", value)

    def _weighted_mean(self, leaf: Criterion, first: int, last: int, *, in_points: bool) -> Fraction:
        """The exact mean of the marks on a leaf in some rows, with their recorded weights."""
        table, rows = self._evaluation.marks, slice(first, last)
        mine = (self._marks.criterion[rows] == self._leaf_position[leaf.id]) & (table.kept_num[rows] > 0)
        columns = (self._marks.score, table.kept_num, table.kept_den)
        counts = Counter(zip(*(column[rows][mine].tolist() for column in columns), strict=True))
        total = weights = Fraction(0)
        for (score, num, den), count in counts.items():
            weight = Fraction(num * count, den)
            total += weight * self._value_of(leaf, score, in_points=in_points)
            weights += weight
        return total / weights

    def _value_of(self, leaf: Criterion, score: int, *, in_points: bool) -> Fraction:
        """A mark as a number, or its points; few different ones are given many times."""
        if not in_points:
            return Fraction(score, 10**self._marks.decimals)
        key = (leaf.id, score)
        if key not in self._points:
            self._points[key] = converted(leaf, Fraction(score, 10**self._marks.decimals))
        return self._points[key]

    def _add_leaf(self, block: _Block, leaf: Criterion, panel: Panel | None, calculated: Formula) -> None:
        """The row in which a leaf's consensus becomes points."""
        here, row = block.add(self._label("step_leaf"), leaf.id, leaf.title.in_(self._lang))
        score, rounding = block.standing.criteria[leaf.id], self._rubric.rounding
        row[MAXIMUM], row[CALCULATED] = leaf.points, calculated
        consensus_first = panel is not None and panel.order == "consensus_first"
        if score.calculated is not None:
            row[DECIDED] = value = score.consensus or Fraction(0)
            row[CONSENSUS] = Formula(f"={at(here, DECIDED)}", value)
        elif consensus_first:
            value = round_to(calculated.value, rounding.consensus, rounding.mode)
            largest = guard_for(allowed_scale(leaf).max or Fraction(0))
            guard = guard_at(calculated.value, rounding.consensus, rounding.mode, largest)
            text = rounding_formula(at(here, CALCULATED), rounding.consensus, rounding.mode, guard)
            row[CONSENSUS] = Formula(text, value)
        else:
            value = calculated.value
            row[CONSENSUS] = Formula(f"={at(here, CALCULATED)}", value)
        cell = at(here, CONSENSUS)
        block.consensus[leaf.id] = _Value(cell, value)
        if panel is None or consensus_first:
            best = self._best.get(leaf.id, _Value("", Fraction(0)))
            raw = converted(leaf, value, best.value)
            row[RAW] = Formula(f"={conversion_formula(leaf, cell, best.cell)}", raw)
        else:
            raw = value
            row[RAW] = Formula(f"={cell}", raw)
        self._round_points(block, here, row, leaf, raw)
        weight = leaf.ranking_weight if leaf.ranking_weight is not None else Fraction(1)
        points = block.points[leaf.id]
        block.weighted[leaf.id] = _Value(at(here, WEIGHTED), points.value * weight)
        if self._weighted:
            row[WEIGHTED] = Formula(f"={points.cell}*{literal(weight)}", points.value * weight)

    def _round_points(self, block: _Block, here: int, row: Row, node: Criterion, raw: Fraction) -> None:
        rounding, recorded = self._rubric.rounding, block.standing.criteria[node.id].points
        points = round_to(raw, rounding.points, rounding.mode)
        guard = guard_at(raw, rounding.points, rounding.mode, self._guard)
        row[POINTS] = Formula(rounding_formula(at(here, RAW), rounding.points, rounding.mode, guard), points)
        self._compare(block, here, row, node, points, recorded)

    def _compare(
        self, block: _Block, here: int, row: Row, node: Criterion, points: Fraction, recorded: Fraction
    ) -> None:
        block.points[node.id] = _Value(at(here, POINTS), points)
        cell = self._places.criterion(block.standing.applicant, node.id, self._places.points_column)
        row[RECORDED] = Formula(f"={cell}", recorded)
        row[DIFFERENCE] = _difference(here, points - recorded)

    def _group(self, block: _Block, node: Criterion) -> None:
        """The rows of the groups under a node, children first."""
        if node.is_leaf:
            return
        for child in node.children:
            self._group(block, child)
        here, row = block.add(self._label("step_group"), node.id, node.title.in_(self._lang))
        row[MAXIMUM] = node.points
        rounding = self._rubric.rounding
        below = [block.points[child.id] for child in node.children]
        raw = sum((v.value for v in below), Fraction(0))
        text = _sum_text([v.cell for v in below])
        above = [block.weighted[child.id] for child in node.children]
        ranking, ranking_text = sum((v.value for v in above), Fraction(0)), _sum_text([v.cell for v in above])
        if node.of is not None:
            scale = node.points / node.of
            raw, ranking = raw * scale, ranking * scale
            row[RAW] = Formula(f"=({text})*{literal(node.points)}/{literal(node.of)}", raw)
            self._round_points(block, here, row, node, raw)
            guard = guard_at(ranking, rounding.points, rounding.mode, self._guard)
            ranking = round_to(ranking, rounding.points, rounding.mode)
            expression = f"(({ranking_text})*{literal(node.points)}/{literal(node.of)})"
            ranking_formula = rounding_formula(expression, rounding.points, rounding.mode, guard)
        else:
            row[RAW] = Formula(f"={text}", raw)
            row[POINTS] = Formula(f"={at(here, RAW)}", raw)
            self._compare(block, here, row, node, raw, block.standing.criteria[node.id].points)
            ranking_formula = f"={ranking_text}"
        block.weighted[node.id] = _Value(at(here, WEIGHTED), ranking)
        if self._weighted:
            row[WEIGHTED] = Formula(ranking_formula, ranking)

    def _add_sum(self, block: _Block) -> None:
        """The sum of the points where it is not the total: there is nothing recorded to compare it with."""
        here, row = block.add(self._label("step_sum"))
        roots = [block.points[root.id] for root in self._rubric.criteria]
        total = sum((v.value for v in roots), Fraction(0))
        row[MAXIMUM], row[POINTS] = self._rubric.full_total, Formula(f"={_sum_text([v.cell for v in roots])}", total)
        block.totals.append(_Value(at(here, POINTS), total))

    def _add_totals(self, block: _Block) -> None:
        s, places = block.standing, self._places
        adjusted = {}
        for kind, column, amount in (
            ("bonus", places.bonus_column, s.bonus),
            ("penalty", places.penalty_column, s.penalty),
        ):
            here, row = block.add(self._label(f"step_{kind}"))
            row[POINTS] = Formula(f"={places.ranking(s.applicant, column)}", amount)
            adjusted[kind] = _Value(at(here, POINTS), amount)
        kinds = [("total", block.points, s.total, places.total_column)]
        if self._weighted:
            kinds.append(("ranking_total", block.weighted, s.ranking_total, places.ranking_total_column))
        rounding = self._rubric.rounding
        for kind, values, recorded, column in kinds:
            here, row = block.add(self._label(f"step_{kind}"))
            roots = [values[root.id] for root in self._rubric.criteria]
            raw = sum((v.value for v in roots), Fraction(0)) + s.bonus - s.penalty
            text = f"={_sum_text([v.cell for v in roots])}+{adjusted['bonus'].cell}-{adjusted['penalty'].cell}"
            total = round_to(raw, rounding.total, rounding.mode)
            row[MAXIMUM], row[RAW] = self._rubric.full_total, Formula(text, raw)
            guard = guard_at(raw, rounding.total, rounding.mode, self._guard)
            row[POINTS] = Formula(rounding_formula(at(here, RAW), rounding.total, rounding.mode, guard), total)
            row[RECORDED] = Formula(f"={places.ranking(s.applicant, column)}", recorded or Fraction(0))
            row[DIFFERENCE] = _difference(here, total - (recorded or Fraction(0)))
            block.totals.append(_Value(at(here, POINTS), total))

    def _vote_row(self, s: Standing, here: int) -> Row:
        """Whether the majority was reached: 1 or 0, recomputed and as recorded."""
        if s.votes is None or self._rubric.decision is None:
            raise AssertionError("votes are recomputed where votes decide")
        share = parse_share(self._rubric.decision.majority)
        strict, needed = share or (False, Fraction(1))
        yes, eligible = Fraction(s.votes.yes), Fraction(s.votes.eligible)
        enough = eligible > 0 and (yes > needed * eligible if strict else yes >= needed * eligible)
        cells = [at(here, column) for column in (CALCULATED, MAXIMUM)]
        compared = f"{cells[0]}*{needed.denominator}{'>' if strict else '>='}{cells[1]}*{needed.numerator}"
        counts = s.outcome not in {"withdrawn", "gate_failed", "not_rankable"} or s.rank is not None
        row: Row = {
            APPLICANT: s.applicant,
            STEP: self._label("step_votes"),
            MAXIMUM: Formula(f"={self._places.ranking(s.applicant, self._places.eligible_column)}", eligible),
            CALCULATED: Formula(f"={self._places.ranking(s.applicant, self._places.yes_column)}", yes),
            POINTS: Formula(f"=IF(AND({cells[1]}>0,{compared}),1,0)", Fraction(int(enough))),
        }
        if counts:
            reached = Fraction(int(s.outcome != "below_majority"))
            row[RECORDED] = reached
            row[DIFFERENCE] = _difference(here, Fraction(int(enough)) - reached)
        return row


def _difference(here: int, value: Fraction) -> Formula:
    return Formula(f"=ROUND({at(here, POINTS)}-{at(here, RECORDED)},{_COMPARED})", value)


def _sum_text(cells: Sequence[str]) -> str:
    """The sum of cells that need not adjoin; SUM takes at most 255 arguments."""
    if len(cells) <= 3:
        return "+".join(cells)
    return "+".join(f"SUM({','.join(cells[i : i + 200])})" for i in range(0, len(cells), 200))


def _aggregate(here: int, span: str, values: Sequence[Fraction], panel: Panel, dropped: tuple[int, int]) -> Formula:
    """Mean, median or trimmed mean of the marks in a row, of which ``dropped`` (lowest, highest) do not count."""
    low, high = dropped
    kept = sorted(values)[low : len(values) - high]
    mean = sum(kept, Fraction(0)) / len(kept)
    if panel.aggregate == "median":
        return Formula(f"=MEDIAN({span})", mean)
    if panel.aggregate == "mean" or panel.trim is None:
        return Formula(f"=SUM({span})/{at(here, COUNT)}", mean)
    out = [f"SUM({span})"]
    for function, count, cell in (("SMALL", panel.trim.low, LOW), ("LARGE", panel.trim.high, HIGH)):
        if count:
            which = ",".join(str(i + 1) for i in range(count)) if count <= 20 else ""
            order = f"{{{which}}}" if which else f"ROW($1:${count})"
            out.append(f"IF({at(here, cell)}=0,0,SUMPRODUCT({function}({span},{order})))")
    left = f"({at(here, COUNT)}-{at(here, LOW)}-{at(here, HIGH)})"
    return Formula(f"=({'-'.join(out)})/{left}", mean)


def _weighted_points(leaf: Criterion, mine: str, kept: str, score: str, below: str) -> str:
    """The weighted mean of converted marks, without a cell for each."""
    rule, most = leaf.convert or Convert(kind="linear"), literal(leaf.points)
    if rule.kind == "grades" and rule.grades:
        parts = [
            f"{show(share)}*SUMPRODUCT({mine},{kept},--(ROUND({score},6)={show(level)}))"
            for level, share in sorted(rule.grades.items())
        ]
        return f"{most}/100*({'+'.join(parts)})/{below}"
    if rule.kind == "target":
        goal = literal(rule.at or Fraction(1))
        return f"{most}*SUMPRODUCT({mine},{kept},({score}<{goal})*{score}/{goal}+({score}>={goal}))/{below}"
    # The other conversions are straight lines: the mean of the points are the points of the mean.
    return conversion_formula(leaf, f"(SUMPRODUCT({mine},{kept},{score})/{below})")
