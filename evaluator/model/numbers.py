"""Exact numbers: read from decimal text, rounded by a named mode, shown without loss."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

RoundingMode = Literal["half_up", "half_even", "down"]

_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_RATIO = re.compile(r"([+-]?[0-9]+)/([0-9]+)")
MAX_INTEGER_DIGITS = 12
MAX_DECIMALS = 6
LONGEST_DECIMAL = 64
LONGEST_RATIO = 8_000
"""Characters of a decimal and of a ratio that are read; Python itself reads whole numbers of up to 4,300 digits."""


def parse_decimal(text: str) -> Fraction | None:
    """The exact value of plain decimal text (``-12.50``), or None where the text is anything else.

    No exponent, thousands separator, percent sign, NaN, infinity, blank or non-ASCII digit is accepted.
    """
    if len(text) > LONGEST_DECIMAL or not _DECIMAL.fullmatch(text):
        return None
    return Fraction(text)


def parse_exact(text: str) -> Fraction | None:
    """Like :func:`parse_decimal`, and also a ratio ``a/b`` of whole numbers with b above 0."""
    ratio = _RATIO.fullmatch(text)
    if ratio and len(text) <= LONGEST_RATIO:
        return Fraction(int(ratio[1]), int(ratio[2])) if int(ratio[2]) else None
    return parse_decimal(text)


def _validate(value: Any) -> Fraction:  # noqa: ANN401 -- whatever a file holds
    if isinstance(value, Fraction):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(value)
    number = parse_exact(value) if isinstance(value, str) else None
    if number is None:
        raise PydanticCustomError("exact_number", "a plain decimal number")
    return number


def show(value: Fraction, decimals: int | None = None) -> str:
    """Decimal text of an exact number.

    With ``decimals`` the value must already be a multiple of 10**-decimals (it was rounded before) and is padded
    with zeros. Without, the shortest decimal is given, or ``a/b`` where no finite decimal of at most 64 characters
    shows the value.
    """
    if decimals is not None:
        scaled = value * 10**decimals
        if scaled.denominator != 1:
            return show(value)
        return _point(scaled.numerator, decimals)
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    places = max(twos, fives)
    ratio = f"{value.numerator}/{value.denominator}"
    if places >= LONGEST_DECIMAL:
        return ratio
    text = _point(int(value * 10**places), places)
    return text if len(text) <= LONGEST_DECIMAL else ratio


def _point(scaled: int, decimals: int) -> str:
    digits = str(abs(scaled)).rjust(decimals + 1, "0")
    sign = "-" if scaled < 0 else ""
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}" if decimals else sign + digits


def round_to(value: Fraction, decimals: int | None, mode: RoundingMode = "half_up") -> Fraction:
    """Round to a number of decimals; None leaves the value as it is.

    half_up takes exact halves away from zero (as people and spreadsheet programs do), half_even to the even
    neighbour, down cuts towards zero.
    """
    if decimals is None:
        return value
    whole, part = divmod(abs(value) * 10**decimals, 1)
    half = Fraction(1, 2)
    if (mode == "half_up" and part >= half) or (
        mode == "half_even" and (part > half or (part == half and whole % 2 == 1))
    ):
        whole += 1
    return Fraction(whole if value >= 0 else -whole, 10**decimals)


def decimals_of(value: Fraction) -> int | None:
    """How many decimals the shortest decimal form has; None where there is no finite one."""
    text = show(value)
    if "/" in text:
        return None
    return len(text.partition(".")[2])


_NUMBER_SCHEMA = {"type": ["number", "string"], "pattern": r"^[+-]?[0-9]+(\.[0-9]+)?$"}

Exact = Annotated[
    Fraction,
    PlainValidator(_validate),
    PlainSerializer(show, return_type=str),
    WithJsonSchema(_NUMBER_SCHEMA),
]
"""An exact number in a file model: a YAML number or decimal text; written as text."""

Figure = Annotated[
    Fraction,
    PlainValidator(_validate),
    PlainSerializer(show, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^[+-]?[0-9]+(\.[0-9]+|/[0-9]+)?$"}),
]
"""An exact number in a record: decimal text, or ``a/b`` where no finite decimal shows the value."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A least amount: points, or a percentage of some maximum."""

    value: Fraction
    percent: bool = False

    def __str__(self) -> str:
        return show(self.value) + ("%" if self.percent else "")

    def of(self, maximum: Fraction) -> Fraction:
        """The least points where the most is ``maximum``."""
        return maximum * self.value / 100 if self.percent else self.value


def _validate_limit(value: Any) -> Limit:  # noqa: ANN401 -- whatever a file holds
    if isinstance(value, Limit):
        return value
    if isinstance(value, str) and value.endswith("%"):
        number = parse_decimal(value[:-1])
        if number is None or not 0 <= number <= 100:
            raise PydanticCustomError("percentage", "a percentage from 0% to 100%")
        return Limit(number, percent=True)
    return Limit(_validate(value))


LimitField = Annotated[
    Limit,
    PlainValidator(_validate_limit),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": ["number", "string"], "pattern": r"^[+-]?[0-9]+(\.[0-9]+)?%?$"}),
]
"""``60%`` or a number of points, in a file model."""
