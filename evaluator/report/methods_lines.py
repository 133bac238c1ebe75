"""Second opinions as lines for a terminal: what each method would change, and where one applicant stands by each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluator.model.cross_check import CrossCheck
from evaluator.model.second_opinion import Moves, Ranked, moves, ranked
from evaluator.report.frame import Frame
from evaluator.report.methods import shift_text, tau_text, titles_of
from evaluator.report.terminal import TerminalWords, one_line
from evaluator.report.zeros import zeros

IDS_LISTED = 8
"""Ids listed in one line before the rest is counted."""


def second_opinion_lines(frame: Frame, words: TerminalWords) -> list[str]:
    """Methods that would make the same of the selection share a line; those without ranks, one for each reason."""
    evaluation = frame.evaluation
    if not evaluation.cross_checks:
        return []
    officially = ranked(evaluation)
    told: dict[str, list[str]] = {}
    silent: dict[str, list[str]] = {}
    for check, title in zip(evaluation.cross_checks, titles_of(frame.words, evaluation.cross_checks), strict=True):
        if check.why:
            silent.setdefault(_why(frame, words, check), []).append(title)
            continue
        found = moves(evaluation, officially, check)
        change = "" if found is None or found.none else _moves(words, officially, found)
        key = "ranks" if found is None else "other" if change else "same"
        tau = "methods.tau" if check.tau is not None else f"methods.tau_{check.tau_why}"
        told.setdefault(f"{key}:{change}", []).append(words(tau, method=title, tau=tau_text(check.tau)))
    lines = []
    for alike, methods in told.items():
        key, _, change = alike.partition(":")
        lines.append(words(f"methods.{key}", moves=change, methods=", ".join(methods)))
    lines += [words("methods.none", methods=", ".join(m), why=why) for why, m in silent.items()]
    if any(check.tau is not None for check in evaluation.cross_checks):
        lines.append(words("methods.tau_is"))
    return lines


def _why(frame: Frame, words: TerminalWords, check: CrossCheck) -> str:
    """Why a method gives no ranks; where that is about points of 0, who has them on what."""
    why = frame.words(f"method_why.{check.why}")
    found, left = zeros(frame) if check.why == "zero_value" else ([], 0)
    if not found:
        return why
    listed = ", ".join(
        words("methods.zero", applicant=one_line(a), criterion=one_line(frame.titles[c])) for a, c in found
    )
    listed = words("methods.more", listed=listed, n=left) if left else listed
    return f"{why} {words('methods.zeros', listed=listed)}"


def _moves(words: TerminalWords, officially: Ranked, found: Moves) -> str:
    gained, lost, shared = (_listed(words, officially, mask) for mask in (found.gained, found.lost, found.shared))
    key = "swap" if gained and lost else "gained" if gained else "lost"
    parts = [words(f"methods.{key}", gained=gained, lost=lost)] if gained or lost else []
    parts += [words("methods.shared", shared=shared)] if shared else []
    return ", ".join(parts)


def _listed(words: TerminalWords, officially: Ranked, mask: NDArray[np.bool_]) -> str:
    ids = [one_line(officially.applicants[i]) for i in np.flatnonzero(mask).tolist()]
    listed = ", ".join(ids[:IDS_LISTED])
    return words("methods.more", listed=listed, n=len(ids) - IDS_LISTED) if len(ids) > IDS_LISTED else listed


def other_ranks(frame: Frame, words: TerminalWords, applicant: str) -> list[str]:
    """One line with an applicant's ranks by the other methods; none where it has no official rank or they give none."""
    checks, officially = frame.evaluation.cross_checks, ranked(frame.evaluation)
    if applicant not in officially.applicants:
        return []
    position = officially.applicants.index(applicant)
    official, told = int(officially.ranks[position]), []
    for check, title in zip(checks, titles_of(frame.words, checks), strict=True):
        if not check.why:
            rank = int(check.ranks[position])
            shift = shift_text(official, rank)
            told.append(words("methods.rank_shift" if shift else "methods.rank", method=title, rank=rank, shift=shift))
    return [words("methods.explain_ranks", ranks=", ".join(told))] if told else []
