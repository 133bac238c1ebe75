"""The ranking on a terminal: as wide as it is, the cut line drawn, everything unresolved named."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from fractions import Fraction

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from evaluator.cli.output import put, wants_color
from evaluator.cli.problems import warning_lines
from evaluator.model.evaluation import Evaluation, Standing, Tie
from evaluator.model.text import Language
from evaluator.report.applicant import reason_text
from evaluator.report.explain_evidence import override_lines
from evaluator.report.figures import number
from evaluator.report.frame import Frame, build_frame
from evaluator.report.methods_lines import second_opinion_lines
from evaluator.report.terminal import TerminalWords, one_line

PIPE_WIDTH = 80
_CUT_MARK = "|"
_ANSI = re.compile("\x1b\\[[0-9;]*m")
_ABOVE_CUT = {"selected", "tied_at_cut"}


def show_ranking(evaluation: Evaluation, lang: Language) -> None:
    """Print the ranking and what is unresolved on standard output."""
    frame, words = build_frame(evaluation, lang, ""), TerminalWords(lang)
    console = _console()
    blocks = [
        _heading(frame, words),
        _drawn(_table(frame, words, console.width), _cut_text(frame, words), console),
        _section(words("methods.title"), second_opinion_lines(frame, words)),
        _section(words("table.unresolved"), _unresolved(frame, words)),
        _section(words("table.ties"), [_tie(tie, frame, words) for tie in evaluation.ties]),
        _section(words("table.reasons"), _reasons(frame)),
        _section(frame.words("section.override"), override_lines(frame)),
        _section(words("table.conditions"), _conditions(frame)),
        warning_lines(evaluation.warnings, lang),
    ]
    for i, block in enumerate(block for block in blocks if block):
        # The table is as wide as the terminal already.
        for line in block if i == 1 else wrapped(block):
            put(line)
        put()


def unresolved_lines(evaluation: Evaluation, lang: Language) -> list[str]:
    """Who owes what, and what else is unresolved; no lines where nothing is."""
    return _unresolved(build_frame(evaluation, lang, ""), TerminalWords(lang))


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


def _table(frame: Frame, words: TerminalWords, width: int) -> Table:
    evaluation = frame.evaluation
    roots = [] if evaluation.rubric.decision else list(evaluation.rubric.criteria)
    weighted = any(leaf.ranking_weight not in (None, 1) for leaf in evaluation.rubric.leaves())
    weighted = weighted and frame.method is None
    figures = [words("table.yes")] if evaluation.rubric.decision else [words("table.total")]
    if weighted:
        figures.append(words("table.ranking_total"))
    fixed = [[_rank(s), s.applicant, *_figures(s, frame, weighted=weighted)] for s in evaluation.ranking]
    headings = [words("table.rank"), "id", *figures]
    outcomes = [frame.outcome_word(s.outcome) for s in evaluation.ranking]
    used = _widths([headings, *fixed]) + _widths([[words("table.outcome")], *([o] for o in outcomes)])
    points = [[_points(s, root.id, frame) for root in roots] for s in evaluation.ranking]
    titles = [one_line(root.title.in_(words.lang)) for root in roots]
    names = max([cell_len(words("table.applicant")), *(cell_len(n) for n in frame.names.values())])
    # Points of the roots are shown where they fit beside a name of at least half its length.
    with_points = bool(roots) and used + _widths([titles, *points]) + min(names, max(names // 2, 24)) + 4 <= width
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), width=None, collapse_padding=True)
    table.add_column(headings[0], justify="right", no_wrap=True)
    table.add_column(headings[1], no_wrap=True)
    table.add_column(words("table.applicant"), overflow="fold", ratio=None)
    for title in titles if with_points else []:
        table.add_column(title, justify="right", no_wrap=True)
    for heading in figures:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column(words("table.outcome"), overflow="fold")
    cut = _cut_after(evaluation)
    for i, s in enumerate(evaluation.ranking):
        row = [fixed[i][0], fixed[i][1], frame.names[s.applicant]]
        row += [*(points[i] if with_points else []), *fixed[i][2:], outcomes[i]]
        last_ranked = s.rank is not None and (
            i + 1 == len(evaluation.ranking) or evaluation.ranking[i + 1].rank is None
        )
        table.add_row(
            *(Text(one_line(cell)) for cell in row),
            style="bold" if s.outcome in _ABOVE_CUT else None,
            end_section=last_ranked and i + 1 < len(evaluation.ranking) and i != cut,
        )
        if i == cut:
            table.add_row(_CUT_MARK, *[""] * (len(row) - 1))
    return table


def _widths(rows: Iterable[list[str]]) -> int:
    """Columns taken by a few table columns at their natural width, with the space between them."""
    return sum(max(cell_len(cell) for cell in column) + 2 for column in zip(*rows, strict=True))


def _rank(standing: Standing) -> str:
    return "–" if standing.rank is None else str(standing.rank)


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


def _cut_after(evaluation: Evaluation) -> int | None:
    """The row below which the cut line runs; None without selection or where nobody is above it."""
    if evaluation.cut_line is None:
        return None
    above = [i for i, s in enumerate(evaluation.ranking) if s.outcome in _ABOVE_CUT]
    return above[-1] if above else None


def _cut_text(frame: Frame, words: TerminalWords) -> str:
    evaluation, cut = frame.evaluation, frame.evaluation.cut_line
    if any(s.outcome == "tied_at_cut" for s in evaluation.ranking):
        return words("table.cut_tied")
    if cut is None or cut.margin is None:
        return words("table.cut")
    return words(
        "table.cut_margin", margin=_in_points(frame, words, number(cut.margin, evaluation.rubric.rounding.total))
    )


def _section(title: str, lines: list[str]) -> list[str]:
    return [title, *(f"  {line}" for line in lines)] if lines else []


def _tie(tie: Tie, frame: Frame, words: TerminalWords) -> str:
    evaluation = frame.evaluation
    told: dict[str, object] = {
        "applicants": ", ".join(one_line(a) for a in tie.applicants),
        "total": _in_points(frame, words, number(tie.total, frame.total_decimals)),
    }
    if evaluation.rubric.decision:
        return words("table.tie_votes_decision" if tie.settled_by else "table.tie_votes", **told)
    if tie.settled_by == "decision":
        return words("table.tie_decision", **told)
    if tie.settled_by:
        return words("table.tie_chain", criterion=one_line(frame.titles[tie.settled_by]), **told)
    return words("table.tie_open", **told)


def _reasons(frame: Frame) -> list[str]:
    return [
        f"{one_line(s.applicant)}: {one_line(reason_text(frame, s, reason))}"
        for s in frame.evaluation.ranking
        for reason in s.reasons
    ]


def _conditions(frame: Frame) -> list[str]:
    return [f"{one_line(s.applicant)}: {one_line(c)}" for s in frame.evaluation.ranking for c in s.conditions]


def _unresolved(frame: Frame, words: TerminalWords) -> list[str]:
    """Who owes what: blanks by reviewer, then everything else by applicant or panel. What is alike stands together."""
    evaluation = frame.evaluation
    if not evaluation.unresolved:
        return []
    lines = [words("table.ranked_but" if evaluation.rankable else "table.not_ranked")]
    lines += _owed_marks(frame, words)
    figures: dict[str, list[str]] = {}
    quorums: dict[tuple[str, str], list[str]] = {}
    gates: dict[tuple[str, str], list[str]] = {}
    for u in evaluation.unresolved:
        if u.kind == "figure":
            figures.setdefault(u.applicant, []).append(frame.lacking(u))
        elif u.kind == "quorum":
            quorums.setdefault((u.panel, u.criterion), []).append(f"{u.applicant} {u.found}/{u.needed}")
        elif u.kind in {"gate", "gate_after"}:
            gates.setdefault((u.kind, u.gate), []).append(u.applicant)
        elif u.kind == "vote_quorum":
            lines.append(words("table.vote_quorum", applicant=u.applicant, found=u.found, needed=u.needed))
        elif u.kind == "none_selected":
            lines.append(words("table.none_selected"))
        elif u.kind == "method":
            name = frame.words(f"method_name.{evaluation.rubric.method.method}")
            lines.append(words("table.method", method=name, why=frame.words(f"method_why.{u.why[0]}")))
        elif u.kind == "support" and evaluation.support is not None:
            lines.append(words("table.support_over", item=one_line(evaluation.support.title(u.item, words.lang))))
    for told, applicants in _alike(figures).items():
        lines.append(words("table.figure", applicants=_all_or(applicants, frame, words), criteria=told))
    for (panel_id, criterion), who in quorums.items():
        panel = next(p for p in evaluation.rubric.all_panels if p.id == panel_id)
        named = {"panel": panel.title.in_(words.lang) if panel.title else panel_id, "applicants": ", ".join(who)}
        if criterion:
            lines.append(words("table.quorum_criterion", criterion=frame.titles[criterion], **named))
        else:
            lines.append(words("table.quorum", **named))
    for (kind, gate), applicants in gates.items():
        title = frame.gates[gate].title.in_(words.lang)
        lines.append(words(f"table.{kind}", gate=title, applicants=_all_or(applicants, frame, words)))
    tied = [u.applicant for u in evaluation.unresolved if u.kind == "tie"]
    if tied:
        lines.append(words("table.tie", applicants=", ".join(tied)))
    return [lines[0], *(f"  {one_line(line)}" if not line.startswith(" ") else line for line in lines[1:])]


def _owed_marks(frame: Frame, words: TerminalWords) -> list[str]:
    owed: dict[str, dict[str, list[str]]] = {}
    for u in frame.evaluation.unresolved:
        if u.kind == "blank":
            owed.setdefault(u.reviewer, {}).setdefault(u.applicant, []).append(frame.titles[u.criterion])
    told = {
        reviewer: [f"{_all_or(who, frame, words)} – {what}" for what, who in _alike(by_applicant).items()]
        for reviewer, by_applicant in owed.items()
    }
    lines = []
    for what, reviewers in _alike(told, sep="\n").items():
        n = sum(len(criteria) for criteria in owed[reviewers[0]].values())
        key = "table.blanks" if len(reviewers) == 1 else "table.blanks_each"
        lines.append("  " + one_line(words(key, reviewers=", ".join(reviewers), people=len(reviewers), n=n)))
        lines += [f"    {one_line(part)}" for part in what.split("\n")]
    return lines


def _alike(told: Mapping[str, list[str]], sep: str = ", ") -> dict[str, list[str]]:
    """What is owed, joined to one text, to everybody who owes exactly that."""
    groups: dict[str, list[str]] = {}
    for who, what in told.items():
        groups.setdefault(sep.join(what), []).append(who)
    return groups


def _all_or(applicants: list[str], frame: Frame, words: TerminalWords) -> str:
    """The applicants' ids, or in a word that it is all of those that are not out already."""
    pending = [s.applicant for s in frame.evaluation.ranking if s.outcome == "not_rankable"]
    if len(applicants) > 1 and set(applicants) == set(pending):
        return words("table.everybody", n=len(applicants))
    return ", ".join(applicants)
