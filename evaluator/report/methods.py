"""Methods in words: their names, settings, why one gives nothing, what it would change in the selection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from evaluator.model.cross_check import CrossCheck, MethodRule
from evaluator.model.numbers import show
from evaluator.model.second_opinion import Moves
from evaluator.report.words import Words

TAU_DECIMALS = 4


def settings_text(words: Words, settings: Iterable[tuple[str, str]]) -> str:
    """``preference linear, q = 5%, p = 20%``; empty where a method has no settings."""
    return ", ".join(
        words(f"method_setting.{key}", value=words(f"preference.{value}") if key == "preference" else value)
        for key, value in settings
    )


def rule_text(words: Words, rule: MethodRule) -> str:
    """A method with its settings: ``VIKOR (v = 0.5)``."""
    settings = settings_text(words, rule.settings)
    name = words(f"method_name.{rule.method}")
    return f"{name} ({settings})" if settings else name


def titles_of(words: Words, checks: Sequence[CrossCheck]) -> list[str]:
    """The name of each method; with its settings where another one among them has the same name."""
    names = [check.method for check in checks]
    return [
        f"{words(f'method_name.{check.method}')} ({settings_text(words, check.settings)})"
        if names.count(check.method) > 1 and check.settings
        else words(f"method_name.{check.method}")
        for check in checks
    ]


def tau_text(tau: Fraction | None) -> str:
    """Kendall's tau as printed; a dash where it is not defined."""
    if tau is None:
        return "–"
    text = show(abs(tau), TAU_DECIMALS)
    return f"–{text}" if tau < 0 else text


def why_text(words: Words, check: CrossCheck) -> str:
    """Why a method gives no ranks, or no tau; empty where it gives both."""
    if check.why:
        return words(f"method_why.{check.why}")
    return words(f"tau_why.{check.tau_why}") if check.tau_why else ""


def shift_text(official: int, by_method: int) -> str:
    """How far a rank is from the official one: ``▲2`` above it, ``▼1`` below, empty where they are equal."""
    if by_method == official:
        return ""
    return f"▲{official - by_method}" if by_method < official else f"▼{by_method - official}"


def moves_text(words: Words, moves: Moves, named: Callable[[NDArray[np.bool_]], str]) -> str:
    """What a method would change in the selection, in a sentence or two; ``named`` names the applicants of a mask."""
    if moves.none:
        return words("cross_checks.same")
    gained, lost = named(moves.gained), named(moves.lost)
    parts = []
    if gained and lost:
        parts.append(words("cross_checks.swap", gained=gained, lost=lost))
    elif gained:
        parts.append(words("cross_checks.gained", gained=gained))
    elif lost:
        parts.append(words("cross_checks.lost", lost=lost))
    if moves.shared.any():
        parts.append(words("cross_checks.shared", shared=named(moves.shared)))
    return " ".join(parts)
