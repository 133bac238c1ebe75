"""Input problems as a person reads them, and as a program does."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, TextIO

from evaluator.cli.output import bold
from evaluator.errors import Problem, render
from evaluator.model.text import Language
from evaluator.report.terminal import TerminalWords, one_line
from evaluator.resources import message_catalogue

SHOWN_OF_A_KIND = 20
_LINES_NAMED = 12


def catalogue(lang: Language) -> Mapping[str, Mapping[str, str]]:
    """The sentences of every problem's code."""
    return message_catalogue("problems", lang)


def problem_lines(
    problems: Sequence[Problem], lang: Language, *, show_all: bool = False, stream: TextIO | None = None
) -> list[str]:
    """Problems with place, what was found, what is allowed and what to do; at the end how many there are.

    Of many problems of one kind in one file the first twenty are shown and the others counted with their lines,
    unless ``show_all``. ``stream`` is where they will be printed: standard error, unless said.
    """
    words, lines, stream = TerminalWords(lang), [], stream or sys.stderr
    for _, group in groupby(sorted(problems, key=_order), key=lambda p: p.file):
        in_file = list(group)
        kinds = Counter(p.code for p in in_file)
        shown: Counter[str] = Counter()
        hidden: dict[str, list[Problem]] = {}
        for problem in in_file:
            shown[problem.code] += 1
            if show_all or shown[problem.code] <= SHOWN_OF_A_KIND or kinds[problem.code] == SHOWN_OF_A_KIND + 1:
                lines += [*_one(problem, lang, words, stream), ""]
            else:
                hidden.setdefault(problem.code, []).append(problem)
        for more in hidden.values():
            lines += _more(more, lang, words, stream)
    lines.append(_count(problems, words, stream))
    return lines


def warning_lines(warnings: Iterable[Problem], lang: Language) -> list[str]:
    """Warnings: each its place and sentence on a line."""
    words = TerminalWords(lang)
    lines = []
    for warning in warnings:
        found, allowed, fix = render(warning, catalogue(lang))
        place = f"{one_line(warning.place)}  " if warning.file else ""
        lines.append(f"  {place}{' '.join(part for part in (found, allowed, fix) if part)}")
    return [bold(words("problem.warnings"), sys.stdout), *lines] if lines else []


def problems_json(problems: Iterable[Problem], lang: Language) -> list[dict[str, Any]]:
    """Problems as plain values, with their sentences in one language."""
    told = []
    for problem in sorted(problems, key=_order):
        found, allowed, fix = render(problem, catalogue(lang))
        told.append(
            {
                "code": problem.code,
                "file": problem.file,
                "line": problem.line,
                "column": problem.column,
                "path": problem.path,
                "found": found,
                "allowed": allowed,
                "fix": fix,
                "params": dict(sorted(problem.params.items())),
            }
        )
    return told


def json_text(value: object) -> bytes:
    """JSON for programs, in UTF-8."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _order(problem: Problem) -> tuple[str, int, int, str, str]:
    return problem.file, problem.line, problem.column, problem.path, problem.code


def _one(problem: Problem, lang: Language, words: TerminalWords, stream: TextIO) -> list[str]:
    found, allowed, fix = render(problem, catalogue(lang))
    head = bold(one_line(problem.place) or "evaluator", stream)
    lines = [f"{head}  {one_line(problem.path)}".rstrip(), f"  {found}"]
    width = max(_width(words("problem.allowed")), _width(words("problem.fix")))
    for key, text in (("problem.allowed", allowed), ("problem.fix", fix)):
        if text:
            label = words(key)
            lines.append(f"    {label}{' ' * (width - _width(label))}  {text}")
    return lines


def _more(more: list[Problem], lang: Language, words: TerminalWords, stream: TextIO) -> list[str]:
    """How many more there are of a kind, which the next of them shows."""
    named = [words("problem.line", line=str(p.line)) for p in more[:_LINES_NAMED] if p.line]
    if len(more) > len(named):
        named.append("…")
    text = words("problem.more", n=f"{len(more):,}", lines=", ".join(named))
    paths = {problem.path for problem in more}
    head = f"{bold(one_line(more[0].file), stream)}  {one_line(paths.pop()) if len(paths) == 1 else ''}".rstrip()
    return [head, f"  {words('problem.alike', found=render(more[0], catalogue(lang))[0])}", f"  {text}", ""]


def _count(problems: Sequence[Problem], words: TerminalWords, stream: TextIO) -> str:
    # A problem that stands for others that were not listed counts as many.
    counts: Counter[str] = Counter()
    for problem in problems:
        unlisted = problem.params.get("count", "").replace(",", "") if problem.code == "file.more_problems" else ""
        counts[problem.file] += int(unlisted) if unlisted.isdigit() else 1
    total = bold(words("problem.count", n=f"{counts.total():,}"), stream)
    if len(counts) < 2:
        return total
    return f"{total}: " + ", ".join(
        words("problem.in_file", file=one_line(f), n=f"{n:,}") for f, n in sorted(counts.items())
    )


def _width(text: str) -> int:
    """Columns on a terminal: Hangul takes two."""
    return sum(2 if "\u1100" <= c <= "\uffdc" else 1 for c in text)
