"""How exact numbers are written in a report, and where they lie on a bar. Nothing here changes a number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from evaluator.model.numbers import decimals_of, show

SHOWN_DECIMALS = 4
"""A number without a short decimal form is cut after this many decimals and marked with an ellipsis."""
_LONGEST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar from 0 to 1 with, perhaps, a threshold mark; ``text`` says the same in words."""

    share: float
    mark: float | None
    text: str


def number(value: Fraction, decimals: int | None = None) -> str:
    """A number as printed: padded to ``decimals`` where it has no more, else in its shortest decimal form.

    What has no decimal form of at most six decimals is cut, never rounded, and ends in an ellipsis: every digit
    that is printed is a digit of the number.
    """
    needed = decimals_of(value)
    if needed is not None and decimals is not None and needed <= decimals:
        return show(value, decimals)
    if needed is not None and needed <= _LONGEST:
        return show(value)
    cut = Fraction(floor(abs(value) * 10**SHOWN_DECIMALS), 10**SHOWN_DECIMALS)
    return ("-" if value < 0 else "") + show(cut, SHOWN_DECIMALS) + "…"


def common_decimals(values: Iterable[Fraction], declared: int | None) -> int:
    """The decimals a column is padded to: as the rubric declares, else what its longest short number needs."""
    if declared is not None:
        return declared
    return max((d for d in map(decimals_of, values) if d is not None and d <= SHOWN_DECIMALS), default=0)


def position(value: Fraction, low: Fraction, high: Fraction) -> float:
    """Where a value lies between two ends, from 0 to 1, for drawing."""
    if high <= low:
        return 0.0
    return float(min(max((value - low) / (high - low), Fraction(0)), Fraction(1)))
