"""Decimals in tables: what is read, and what is said about text that only looks like a number."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from evaluator.model.numbers import MAX_DECIMALS, MAX_INTEGER_DIGITS, parse_decimal

_EXPONENT = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?[eE][+-]?[0-9]+")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_BARE_POINT = re.compile(r"[+-]?(\.[0-9]+|[0-9]+\.)")
_UNIT = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)\s*[^\W\d_]+")
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
    if unit := _UNIT.fullmatch(text):
        return "number.unit", {**params, "plain": unit[1]}
    if text.startswith("="):
        return "number.formula", params
    return "number.not_a_number", params
