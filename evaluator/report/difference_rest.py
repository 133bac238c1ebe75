"""What a difference says beside applicants and rules: other methods, support, round.yaml, files and software."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from evaluator.model.cross_check import WhyNoRanks
from evaluator.model.difference import SecondOpinion, ValueChange
from evaluator.report.difference_chain import cut
from evaluator.report.difference_told import Told
from evaluator.report.frame import HASH_SHOWN
from evaluator.report.methods import settings_text, tau_text
from evaluator.report.terminal import one_line

_NO_RANKS: frozenset[str] = frozenset(get_args(WhyNoRanks))


def cross_check_lines(told: Told) -> Iterator[str]:
    """Each other method whose tau or ranks differ, one a line, after a sentence that says what tau is."""
    if told.difference.cross_checks:
        yield told.report("cross_checks.tau_is")
    for check in told.difference.cross_checks:
        name = told.report(f"method_name.{check.method}")
        settings = settings_text(told.report, check.settings)
        method = f"{name} ({settings})" if settings else name
        if check.before is None or check.after is None:
            key, side = ("after", check.after) if check.before is None else ("before", check.before)
            tau = _tau(told, side) if side else ""
            yield told.words(f"diff.cross_check_{key}", method=method, tau=tau)
            continue
        key = "cross_check" if check.ranks else "cross_check_same"
        line = told.words(
            f"diff.{key}", method=method, tau=_taus(told, check.before, check.after), n=f"{check.ranks:,}"
        )
        yield told.words("diff.cross_check_unexplained", line=line) if check.unexplained else line


def _taus(told: Told, before: SecondOpinion, after: SecondOpinion) -> str:
    """The taus of both sides, once where they are the same."""
    if before == after:
        return _tau(told, after)
    if before.tau is not None and after.tau is not None:
        return told.words("diff.tau", tau=told.pair(tau_text(before.tau), tau_text(after.tau)))
    return told.pair(_tau(told, before), _tau(told, after))


def _tau(told: Told, side: SecondOpinion) -> str:
    """A tau as printed, or why there is none."""
    if side.tau is not None:
        return told.words("diff.tau", tau=tau_text(side.tau))
    key = f"workbook.why_{side.why}"
    return told.words(key if side.why in _NO_RANKS else f"workbook.why_tau_{side.why}")


def support_lines(told: Told, limit: int | None) -> list[str]:
    """Of what selection leads to: the status, what each team gets, and what is missing; the rest is counted."""
    outcomes = [e.support for e in (told.before, told.after) if e.support is not None]
    teams = [{team.applicant for team in (e.support.teams if e.support else ())} for e in (told.before, told.after)]
    lines: list[str] = []
    rest = 0
    for change in told.difference.support:
        parts = change.path.split(".")
        item = parts[3] if parts[0] == "teams" and len(parts) > 3 else parts[1] if parts[0] == "totals" else ""
        if change.path == "status" or _tells(parts):
            title = one_line(outcomes[-1].title(item, told.words.lang)) if item else ""
            who = one_line(parts[1]) if parts[0] == "teams" else ""
            label = ", ".join(part for part in (who, title, told.field(parts[-1])) if part)
            shown = [
                told.words("diff_value.undecided")
                if value is None and parts[1:2] and parts[1] in known
                else told.word(value)
                for value, known in zip((change.before, change.after), teams, strict=True)
            ]
            lines.append(told.words("diff.line", label=label, change=told.pair(*shown)))
        else:
            rest += 1
    lines = cut(told, lines, limit)
    return [*lines, told.words("diff.more_inside", n=f"{rest:,}")] if rest else lines


def _tells(parts: list[str]) -> bool:
    """Whether a path leads to what a team gets of an item or altogether, or to what is missing of an item."""
    if parts[0] == "teams":
        return parts[-1] == "granted" or parts[2:] == ["government"]
    return parts[0] == "totals" and parts[-1] == "over"


def round_line(told: Told, change: ValueChange) -> str:
    """What round.yaml says and differs, in words where there are any."""
    values = (change.before, change.after)
    if change.path == "status":
        shown = [told.words(f"status.{value}") for value in values]
    else:
        shown = [told.word(value) for value in values]
    return told.words("diff.line", label=told.field(change.path), change=told.pair(*shown))


def value_line(told: Told, change: ValueChange) -> str:
    """A value by its path, such as a version."""
    values = told.pair(told.text(change.before), told.text(change.after))
    return told.words("diff.line", label=one_line(change.path), change=values)


def file_line(told: Told, change: ValueChange) -> str:
    """An input file whose bytes differ, with the beginning of both hashes."""
    hashes = (told.text(side and side[:HASH_SHOWN]) for side in (change.before, change.after))
    return told.words("diff.line", label=one_line(change.path), change=told.pair(*hashes))
