"""The ranking on a terminal: as wide as it is, the cut line drawn, everything unresolved named."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from evaluator.cli.output import put, wants_color
from evaluator.cli.problems import warning_lines
from evaluator.cli.unresolved import LONG, beginning, chosen_rows, ids, unresolved_told
from evaluator.model.evaluation import Evaluation, Standing, Tie
from evaluator.model.rubric import DECISION
from evaluator.model.text import Language
from evaluator.report.applicant import reason_text
from evaluator.report.explain_evidence import override_lines
from evaluator.report.figures import number
from evaluator.report.frame import Frame, build_frame
from evaluator.report.methods_lines import second_opinion_lines
from evaluator.report.terminal import TerminalWords, one_line
from evaluator.report.ties import cut_link

PIPE_WIDTH = 80
_CUT_MARK = "|"
_ANSI = re.compile("\x1b\\[[0-9;]*m")
_ABOVE_CUT = {"selected", "tied_at_cut"}
_ON_RESERVE = {"reserve", "tied_at_reserve"}
_ACROSS = {"tied_at_cut", "tied_at_reserve"}


def show_ranking(evaluation: Evaluation, lang: Language, *, everything: bool = False) -> None:
    """Print the ranking and what is unresolved on standard output.

    Of more than ``LONG`` applicants the first are shown and those around the cut line, of the ties those where places
    are decided, and of every other list below the table the beginning, each with the number of those left out;
    ``everything`` shows all.
    """
    frame, words = build_frame(evaluation, lang, ""), TerminalWords(lang)
    console = _console()
    cut = _cut_after(frame)
    whole = everything or len(evaluation.ranking) <= LONG
    rows = chosen_rows(len(evaluation.ranking), frame.ranked, cut, whole=whole)

    def part(lines: Iterable[str]) -> list[str]:
        return list(lines) if whole else beginning(lines, words)

    blocks = [
        _heading(frame, words),
        _drawn(_table(frame, words, console.width, rows, cut), _cut_text(frame, words), console),
        [] if whole else [_not_shown(rows, frame, words)],
        _section(words("methods.title"), second_opinion_lines(frame, words)),
        _section(words("table.unresolved"), unresolved_told(frame, words, whole=whole)),
        _section(words("table.ties"), _ties(frame, words, cut, whole=whole)),
        _section(words("table.reasons"), part(_reasons(frame))),
        _section(frame.words("section.override"), part(override_lines(frame))),
        _section(words("table.conditions"), part(_conditions(frame))),
        warning_lines(evaluation.warnings, lang),
    ]
    for i, block in enumerate(block for block in blocks if block):
        # The table is as wide as the terminal already.
        for line in block if i == 1 else wrapped(block):
            put(line)
        put()


def unresolved_lines(evaluation: Evaluation, lang: Language, *, everything: bool = False) -> list[str]:
    """Who owes what, and what else is unresolved, where nothing is written; no lines where nothing is."""
    whole = everything or len(evaluation.ranking) <= LONG
    return unresolved_told(build_frame(evaluation, lang, ""), TerminalWords(lang), whole=whole, written=False)


def _not_shown(rows: Sequence[int | None], frame: Frame, words: TerminalWords) -> str:
    """How many rows of the table are left out, and where they are."""
    everybody = len(frame.evaluation.ranking)
    shown = sum(row is not None for row in rows)
    return words("bulk.not_shown", shown=f"{shown:,}", all=f"{everybody:,}", left=f"{everybody - shown:,}")


def _console() -> Console:
    """A console as wide as the terminal (80 columns where there is none) that only formats."""
    width = None
    if not sys.stdout.isatty() and not os.environ.get("COLUMNS"):
        width = PIPE_WIDTH
    color = wants_color(sys.stdout)
    return Console(
        file=sys.stdout,
        width=width,
        force_terminal=color,
        no_color=not color,
        highlight=False,
        markup=False,
        emoji=False,
        safe_box=True,
    )


def _drawn(table: Table, cut: str, console: Console) -> list[str]:
    """The lines of the table, the row that stands for the cut line drawn as one."""
    with console.capture() as captured:
        console.print(table)
    lines = [line.rstrip() for line in captured.get().splitlines()]
    width = max(cell_len(_ANSI.sub("", line)) for line in lines)
    dash = "-" if console.options.ascii_only else "─"
    for i, line in enumerate(lines):
        if _ANSI.sub("", line).strip() == _CUT_MARK:
            text = f" {dash * 2} {cut} "
            lines[i] = text + dash * max(width - cell_len(text), 2)
    return _trimmed(lines)


def _trimmed(lines: list[str]) -> list[str]:
    """Without empty lines at either end."""
    filled = [i for i, line in enumerate(lines) if _ANSI.sub("", line).strip()]
    return lines[filled[0] : filled[-1] + 1] if filled else []


def wrapped(lines: Iterable[str]) -> list[str]:
    """Lines folded between words at the terminal's width, what follows indented further."""
    console = _console()
    folded: list[str] = []
    for line in lines:
        if cell_len(_ANSI.sub("", line)) <= console.width:
            folded.append(line)
            continue
        indent = " " * (len(line) - len(line.lstrip()))
        further = f"{indent}  "
        parts = Text(line.lstrip()).wrap(console, max(console.width - len(further), 20))
        folded += [f"{indent if i == 0 else further}{part.plain.rstrip()}" for i, part in enumerate(parts)]
    return folded


def _heading(frame: Frame, words: TerminalWords) -> list[str]:
    evaluation = frame.evaluation
    title = one_line(evaluation.round.title.in_(words.lang))
    lines = [f"{title} · {words(f'status.{evaluation.round.status}')}"]
    if frame.method is not None:
        lines.append(words("methods.official", method=frame.method_name))
        lines.append(frame.words("official.pool" if frame.method.pool_relative else "official.own"))
    return lines


def _in_points(frame: Frame, words: TerminalWords, value: str) -> str:
    """A total or a difference of totals with its unit: points, unless the official method is not the sum of points."""
    counted = frame.method is None and frame.evaluation.rubric.decision is None
    return words("table.in_points", value=value) if counted else value


def _table(frame: Frame, words: TerminalWords, width: int, rows: Sequence[int | None], cut: int | None) -> Table:
    """The table of some rows of the ranking; None stands for rows that are left out, ``cut`` is above the cut line."""
    evaluation = frame.evaluation
    shown = {row: evaluation.ranking[row] for row in rows if row is not None}
    roots = [] if evaluation.rubric.decision else list(evaluation.rubric.criteria)
    weighted = any(leaf.ranking_weight not in (None, 1) for leaf in evaluation.rubric.leaves())
    weighted = weighted and frame.method is None
    figures = [words("table.yes")] if evaluation.rubric.decision else [words("table.total")]
    if weighted:
        figures.append(words("table.ranking_total"))
    fixed = {row: [_rank(s), s.applicant, *_figures(s, frame, weighted=weighted)] for row, s in shown.items()}
    headings = [words("table.rank"), "id", *figures]
    outcomes = {row: frame.outcome_word(s.outcome) for row, s in shown.items()}
    used = _widths([headings, *fixed.values()])
    used += _widths([[words("table.outcome")], *([o] for o in outcomes.values())])
    points = {row: [_points(s, root.id, frame) for root in roots] for row, s in shown.items()}
    titles = [one_line(root.title.in_(words.lang)) for root in roots]
    names = max([cell_len(words("table.applicant")), *(cell_len(frame.names[s.applicant]) for s in shown.values())])
    # Points of the roots are shown where they fit beside a name of at least half its length.
    taken = used + _widths([titles, *points.values()]) + min(names, max(names // 2, 24)) + 4
    with_points = bool(roots) and taken <= width
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), width=None, collapse_padding=True)
    table.add_column(headings[0], justify="right", no_wrap=True)
    table.add_column(headings[1], no_wrap=True)
    table.add_column(words("table.applicant"), overflow="fold", ratio=None)
    for title in titles if with_points else []:
        table.add_column(title, justify="right", no_wrap=True)
    for heading in figures:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column(words("table.outcome"), overflow="fold")
    empty = [""] * (len(table.columns) - 3)
    for at, i in enumerate(rows):
        if i is None:
            begin, end = rows[at - 1] if at else None, rows[at + 1] if at + 1 < len(rows) else None
            left = (len(evaluation.ranking) if end is None else end) - (-1 if begin is None else begin) - 1
            table.add_row("", "", words("bulk.gap", n=f"{left:,}"), *empty)
            continue
        row = [fixed[i][0], fixed[i][1], frame.names[shown[i].applicant]]
        row += [*(points[i] if with_points else []), *fixed[i][2:], outcomes[i]]
        more = i + 1 < len(evaluation.ranking)
        last_ranked = frame.ranks[i] is not None and (not more or frame.ranks[i + 1] is None)
        table.add_row(
            *(Text(one_line(cell)) for cell in row),
            style="bold" if frame.outcomes[i] in _ABOVE_CUT else None,
            end_section=last_ranked and more and i != cut,
        )
        if i == cut:
            table.add_row(_CUT_MARK, *[""] * (len(row) - 1))
    return table


def _widths(rows: Iterable[list[str]]) -> int:
    """Columns taken by a few table columns at their natural width, with the space between them."""
    return sum(max(cell_len(cell) for cell in column) + 2 for column in zip(*rows, strict=True))


def _rank(standing: Standing) -> str:
    return "–" if standing.rank is None else f"{standing.rank:,}"


def _figures(standing: Standing, frame: Frame, *, weighted: bool) -> list[str]:
    if frame.evaluation.rubric.decision:
        return [f"{standing.votes.yes}/{standing.votes.eligible}" if standing.votes else ""]
    shown = [standing.total, standing.ranking_total] if weighted else [standing.total]
    return [_number(value, frame.total_decimals) for value in shown]


def _points(standing: Standing, root: str, frame: Frame) -> str:
    score = standing.criteria.get(root)
    return _number(score.points if score else None, frame.points_decimals)


def _number(value: Fraction | None, decimals: int) -> str:
    return "" if value is None else number(value, decimals)


def _cut_after(frame: Frame) -> int | None:
    """The row below which the cut line runs; None without selection or where nobody is above it."""
    if frame.evaluation.cut_line is None:
        return None
    return max((i for i, outcome in enumerate(frame.outcomes) if outcome in _ABOVE_CUT), default=None)


def _cut_text(frame: Frame, words: TerminalWords) -> str:
    evaluation, cut = frame.evaluation, frame.evaluation.cut_line
    if "tied_at_cut" in frame.outcomes:
        return words("table.cut_tied")
    if cut is None or cut.margin is None:
        return words("table.cut")
    margin = _in_points(frame, words, number(cut.margin, evaluation.rubric.rounding.total))
    link = cut_link(frame)
    key = "table.cut_decision" if link == DECISION else "table.cut_link" if link else "table.cut_margin"
    return words(key, margin=margin, criterion=one_line(frame.titles.get(link, link)))


def _section(title: str, lines: list[str]) -> list[str]:
    return [title, *(f"  {line}" for line in lines)] if lines else []


def _ties(frame: Frame, words: TerminalWords, cut: int | None, *, whole: bool) -> list[str]:
    """The groups of equal totals; unless ``whole``, those at a line where places are decided, and how many more."""
    ties = frame.evaluation.ties
    if whole:
        return [_tie(tie, frame, words, whole=True) for tie in ties]
    reserve = max((i for i, outcome in enumerate(frame.outcomes) if outcome in _ON_RESERVE), default=None)
    at_lines = {frame.evaluation.ranking[row].applicant for row in _beside(cut, frame) | _beside(reserve, frame)}
    lines = [_tie(tie, frame, words, whole=False) for tie in ties if not at_lines.isdisjoint(tie.applicants)]
    if left := len(ties) - len(lines):
        key = "ties" if cut is None else "ties_off_cut" if reserve is None else "ties_off_lines"
        lines.append(words(f"bulk.{key}", n=f"{left:,}"))
    return lines


def _beside(line: int | None, frame: Frame) -> set[int]:
    """The rows right above and below a line; ``line`` is the last above. Of tied ones that it runs through, one."""
    if line is None:
        return set()
    through = frame.outcomes[line] in _ACROSS or line + 1 >= frame.ranked
    return {line} if through else {line, line + 1}


def _tie(tie: Tie, frame: Frame, words: TerminalWords, *, whole: bool) -> str:
    evaluation = frame.evaluation
    told: dict[str, object] = {
        "applicants": ids([one_line(a) for a in tie.applicants], frame, whole=whole),
        "total": _in_points(frame, words, number(tie.total, frame.total_decimals)),
    }
    if evaluation.rubric.decision:
        return words("table.tie_votes_decision" if tie.settled_by else "table.tie_votes", **told)
    if tie.settled_by == "decision":
        return words("table.tie_decision", **told)
    if tie.settled_by:
        return words("table.tie_chain", criterion=one_line(frame.titles[tie.settled_by]), **told)
    return words("table.tie_open", **told)


def _reasons(frame: Frame) -> Iterator[str]:
    for s in frame.having("reasons"):
        for reason in s.reasons:
            yield f"{one_line(s.applicant)}: {one_line(reason_text(frame, s, reason))}"


def _conditions(frame: Frame) -> Iterator[str]:
    for s in frame.having("conditions"):
        for condition in s.conditions:
            yield f"{one_line(s.applicant)}: {one_line(condition)}"
