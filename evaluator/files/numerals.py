"""Decimals in tables: what is read, and what is said about text that only looks like a number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from fractions import Fraction

from evaluator.model.numbers import MAX_DECIMALS, MAX_INTEGER_DIGITS, parse_decimal, show

_EXPONENT = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?[eE][+-]?[0-9]+")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_BARE_POINT = re.compile(r"[+-]?(\.[0-9]+|[0-9]+\.)")
_UNIT = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)\s*([^\W\d_]+)")
PLAIN = re.compile(rf"[+-]?(0|[1-9][0-9]{{0,{MAX_INTEGER_DIGITS - 1}}})(\.[0-9]{{1,{MAX_DECIMALS}}})?")
"""A number as every format has it: no separators, no unit, no more digits than are read."""

_TIMES = {"": 1, "천": 10**3, "만": 10**4, "백만": 10**6, "천만": 10**7, "억": 10**8, "천억": 10**11, "조": 10**12}
_PART = re.compile(r"([0-9][0-9,]*(?:\.[0-9]+)?)(천억|천만|백만|조|억|만|천|)")
_COUNTED = ("원", "점", "명", "개", "건", "회", "곳", "장", "대", "기", "gpu", "krw", "₩", "$")
"""Units that people write behind (or, of money, before) a number in a table."""
_MANY = re.compile(r".*[백천만억조].*|k|m|b|t|mn|bn|tn|thousand|million|billion|trillion", re.IGNORECASE)
"""Words behind a number that make it another number."""

_NOT_FINITE = {"nan", "inf", "infinity", "n/a", "na", "#n/a", "null", "none", "-", "–", "—", "."}


def read_number(text: str) -> Fraction | tuple[str, dict[str, object]]:
    """The exact value of decimal text, or the problem with it: its code and parameters."""
    value = parse_decimal(text)
    params: dict[str, object] = {"value": text if len(text) <= 60 else text[:59] + "…"}
    if value is None:
        return _fault(text, params)
    whole, _, decimals = text.lstrip("+-").partition(".")
    if len(decimals) > MAX_DECIMALS:
        return "number.too_precise", {**params, "limit": MAX_DECIMALS}
    if len(whole) > MAX_INTEGER_DIGITS:
        return "number.too_large", {**params, "limit": MAX_INTEGER_DIGITS}
    return value


def _fault(  # noqa: PLR0911 -- one line a kind
    text: str, params: dict[str, object]
) -> tuple[str, dict[str, object]]:
    plain = unicodedata.normalize("NFKC", text)
    if plain != text and parse_decimal(plain) is not None:
        return "number.full_width", {**params, "plain": plain}
    if text.strip().lstrip("+-").lower() in _NOT_FINITE:
        return "number.not_finite", params
    if _EXPONENT.fullmatch(text):
        return "number.exponent", params
    if _THOUSANDS.fullmatch(text):
        return "number.thousands", {**params, "plain": text.replace(",", "")}
    if _COMMA.fullmatch(text):
        return "number.comma", {**params, "plain": text.replace(",", ".")}
    if text.endswith(("%", "％")):
        return "number.percent", {**params, "plain": text[:-1].strip()}
    if _BARE_POINT.fullmatch(text):
        plain = f"{text}0" if text.endswith(".") else text.replace(".", "0.")
        return "number.bare_point", {**params, "plain": plain}
    if parse_decimal("".join(text.split())) is not None and len(text) <= 64:
        return "number.blanks", {**params, "plain": "".join(text.split())}
    if plain := plain_number(text.lstrip("+-"), _COUNTED):
        return "number.unit", {**params, "plain": f"-{plain}" if text.startswith("-") else plain}
    if (unit := _UNIT.fullmatch(text)) and not _MANY.fullmatch(unit[2]):
        return "number.unit", {**params, "plain": unit[1]}
    if text.startswith("="):
        return "number.formula", params
    return "number.not_a_number", params


def plain_number(text: str, units: Collection[str]) -> str:
    """How a number that people write with 억, 만, thousands separators or a unit is written plainly.

    ``units`` are the words for a unit that may stand behind it. ``1.2억`` is 120000000, ``1,000명`` is 1000,
    ``3억 5천만`` is 350000000; empty where the text is no such number or the number is longer than the format allows.
    """
    word = "".join(unicodedata.normalize("NFKC", text).split())
    for unit in sorted(units, key=len, reverse=True):
        if word.casefold().endswith(unit):
            word = word[: -len(unit)]
        word = word.removeprefix(unit if unit in {"$", "₩"} else "")
    total, at = Fraction(0), 0
    while at < len(word) and (part := _PART.match(word, at)) is not None:
        total += Fraction(part[1].replace(",", "")) * _TIMES[part[2]]
        at = part.end()
    plain = show(total) if word and at == len(word) else ""
    return plain if PLAIN.fullmatch(plain) else ""
