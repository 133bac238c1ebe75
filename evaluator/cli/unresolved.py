"""What of a ranking a terminal shows, and who owes what: everything of a small round, the beginning of a large one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from evaluator.model.round import BLANK
from evaluator.report.frame import Frame
from evaluator.report.terminal import TerminalWords, one_line

LONG = 100
"""Applicants up to which a terminal shows everything."""
FIRST, AROUND = 10, 10
"""Of more, so many of the first rows, and so many on either side of the cut line."""
LINES, LISTED = 20, 12
"""Lines of a list, and ids in a line, before the rest is counted."""
MANY_BLANKS = 10_000


def chosen_rows(length: int, ranked: int, cut: int | None, *, whole: bool) -> list[int | None]:
    """The rows of the ranking to show, None standing for those left out between two.

    The first rows, those around the cut line (the row ``cut`` is the last above it) and the last that is ranked.
    """
    if whole:
        return list(range(length))
    middle = range(0) if cut is None else range(max(cut + 1 - AROUND, 0), min(cut + 1 + AROUND, length))
    last = [ranked - 1] if ranked else []
    rows: list[int | None] = []
    before = -1
    for row in sorted({*range(min(FIRST, length)), *middle, *last}):
        if row != before + 1:
            rows.append(None)
        rows.append(row)
        before = row
    return rows if before + 1 == length else [*rows, None]


def beginning(lines: Iterable[str], words: TerminalWords, indent: str = "", key: str = "bulk.more_lines") -> list[str]:
    """The first of many lines, and one (of the catalogue's ``key``) that says how many more there are."""
    listed = list(lines)
    if len(listed) <= LINES:
        return listed
    return [*listed[:LINES], indent + words(key, n=f"{len(listed) - LINES:,}")]


def unresolved_told(frame: Frame, words: TerminalWords, *, whole: bool, written: bool = True) -> list[str]:
    """Who owes what: blanks by reviewer, then everything else by applicant or panel. What is alike stands together.

    Unless ``whole``, no more than the beginning of it; where a record is ``written`` it is said that the rest is there.
    """
    evaluation = frame.evaluation
    if not evaluation.unresolved:
        return []
    lines = [words("table.ranked_but" if evaluation.rankable else "table.not_ranked")]
    blanks = sum(u.kind == "blank" for u in evaluation.unresolved)
    lines += _owed_marks(frame, words, whole=whole) if whole or blanks <= MANY_BLANKS else _owed_in_short(frame, words)
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
        lines.append(words("table.figure", applicants=_all_or(applicants, frame, words, whole=whole), criteria=told))
    for (panel_id, criterion), who in quorums.items():
        panel = next(p for p in evaluation.rubric.all_panels if p.id == panel_id)
        named = {
            "panel": panel.title.in_(words.lang) if panel.title else panel_id,
            "applicants": ids(who, frame, whole=whole),
        }
        if criterion:
            lines.append(words("table.quorum_criterion", criterion=frame.titles[criterion], **named))
        else:
            lines.append(words("table.quorum", **named))
    for (kind, gate), applicants in gates.items():
        title = frame.gates[gate].title.in_(words.lang)
        lines.append(words(f"table.{kind}", gate=title, applicants=_all_or(applicants, frame, words, whole=whole)))
    tied = [u.applicant for u in evaluation.unresolved if u.kind == "tie"]
    if tied:
        lines.append(words("table.tie", applicants=ids(tied, frame, whole=whole)))
    below = [f"  {one_line(line)}" if not line.startswith(" ") else line for line in lines[1:]]
    return [
        lines[0],
        *(below if whole else beginning(below, words, "  ", f"talk.more_{'written' if written else 'lines'}")),
    ]


def _owed_in_short(frame: Frame, words: TerminalWords) -> list[str]:
    """How many marks each reviewer owes, of very many."""
    reviewers = frame.evaluation.reviewers
    marks = frame.evaluation.marks.marks
    owed = np.bincount(marks.reviewer[marks.state == BLANK], minlength=len(reviewers)).tolist()
    told = ((reviewer.id, n) for reviewer, n in zip(reviewers, owed, strict=True) if n)
    return ["  " + one_line(words("table.blanks", reviewers=id_, people=1, n=n)) for id_, n in told]


def _owed_marks(frame: Frame, words: TerminalWords, *, whole: bool) -> list[str]:
    owed: dict[str, dict[str, list[str]]] = {}
    for u in frame.evaluation.unresolved:
        if u.kind == "blank":
            owed.setdefault(u.reviewer, {}).setdefault(u.applicant, []).append(frame.titles[u.criterion])
    # The list is for writing to reviewers: it goes by them, in the order of reviewers.csv.
    told = {
        reviewer.id: [
            f"{_all_or(who, frame, words, whole=whole)} – {what}" for what, who in _alike(owed[reviewer.id]).items()
        ]
        for reviewer in frame.evaluation.reviewers
        if reviewer.id in owed
    }
    lines = []
    for what, reviewers in _alike(told, sep="\n").items():
        n = sum(len(criteria) for criteria in owed[reviewers[0]].values())
        key = "table.blanks" if len(reviewers) == 1 else "table.blanks_each"
        lines.append(
            "  " + one_line(words(key, reviewers=ids(reviewers, frame, whole=whole), people=len(reviewers), n=n))
        )
        lines += [f"    {one_line(part)}" for part in what.split("\n")]
    return lines


def _alike(told: Mapping[str, list[str]], sep: str = ", ") -> dict[str, list[str]]:
    """What is owed, joined to one text, to everybody who owes exactly that."""
    groups: dict[str, list[str]] = {}
    for who, what in told.items():
        groups.setdefault(sep.join(what), []).append(who)
    return groups


def _all_or(applicants: list[str], frame: Frame, words: TerminalWords, *, whole: bool) -> str:
    """The applicants' ids, or in a word that it is all of those that are not out already."""
    if len(applicants) > 1 and len(applicants) == frame.outcomes.count("not_rankable"):
        outcomes = zip(frame.standings, frame.outcomes, strict=True)
        if set(applicants) == {applicant for applicant, outcome in outcomes if outcome == "not_rankable"}:
            return words("table.everybody", n=len(applicants))
    return ids(applicants, frame, whole=whole)


def ids(listed: Sequence[str], frame: Frame, *, whole: bool, rest: str = "more") -> str:
    """Ids one after the other; unless ``whole``, of many the first and (in the words of ``rest``) how many more."""
    if whole or len(listed) <= LISTED:
        return ", ".join(listed)
    return f"{', '.join(listed[:LISTED])} {frame.words(f'applicant.{rest}', n=len(listed) - LISTED)}"
