"""JSON text as plain values: numbers keep their source text, a key written twice is a problem, size is bounded.

Python's own reader does the work; what it would let pass (a repeated key, a number that becomes a float) is caught by
its hooks. Only where something is wrong is the text walked again, to say where.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from evaluator.errors import Loc, show_loc
from evaluator.files.problems import Problems, shorten, visible

MAX_VALUES = 4_000_000
"""How many values a file may hold: what a hostile file of brackets would cost in memory."""

MAX_WHOLE, MAX_PLACES = 18, 40
"""Digits before and after the point of a number that is read."""

MAX_NAME = 300
"""Letters of a name."""

_NUMBER = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,4}))?")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[][{}:,]', re.DOTALL)
_LONGEST = 100


class Number(str):
    """A number as the file writes it. Never a float; :func:`exact` gives its value."""

    __slots__ = ()


def exact(number: Number) -> Fraction | None:
    """The exact value; None where it is not finite, or has more digits than a measurement can have.

    The exponent is looked at before anything is computed, so that 1e999999999 costs nothing.
    """
    match = _NUMBER.fullmatch(number) if len(number) <= _LONGEST else None
    if match is None:
        return None
    minus, whole, decimals, exponent = match.groups()
    whole, decimals = whole.lstrip("0"), (decimals or "").rstrip("0")
    if not whole and not decimals:
        return Fraction(0)
    power = int(exponent) if exponent else 0
    places = len(decimals) - power
    if len(whole) + power > MAX_WHOLE or places > MAX_PLACES:
        return None
    digits = int(minus + whole + decimals)
    return Fraction(digits, 10**places) if places > 0 else Fraction(digits * 10**-places)


def show_path(loc: Loc) -> str:
    """The way to a value; names that would be misread stand in quotes: ``results["a.b"]["acc,none"]``."""
    text = ""
    for part in loc:
        if isinstance(part, str) and not part.isidentifier():
            name = shorten(part, MAX_NAME)
            text += f'["{name if name.isprintable() else visible(name)}"]'
        elif isinstance(part, str):
            text += f".{part}" if text else part
        else:
            text += show_loc((part,))
    return text


def read_json(text: str, file: str, found: Problems) -> Any:  # noqa: ANN401 -- plain values
    """The value a JSON text holds, in dicts, lists, str, :class:`Number`, bool and None.

    None, with a problem noted, where it cannot be read; a file that holds only ``null`` has no value either.
    """
    if text.count(",") + text.count("[") + text.count("{") > MAX_VALUES:
        found.add("results.too_complex", file, limit=f"{MAX_VALUES:,}")
        return None
    repeated = False

    def whole_map(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        held = dict(pairs)
        repeated = repeated or len(held) != len(pairs)
        return held

    try:
        value = json.loads(
            text, parse_float=Number, parse_int=Number, parse_constant=Number, object_pairs_hook=whole_map
        )
    except json.JSONDecodeError as error:
        if text[error.pos :].strip() and text[: error.pos].strip() and "Extra data" in error.msg:
            found.add("results.json_lines", file, (error.lineno, error.colno))
        else:
            line = text.split("\n")[error.lineno - 1].strip()
            found.add("results.json_syntax", file, (error.lineno, error.colno), text=shorten(line))
        return None
    except RecursionError:
        found.add("results.json_too_deep", file)
        return None
    if repeated:
        for loc, at, first in _repeated_keys(text):
            found.add(
                "results.key_duplicate",
                file,
                _place(text, at),
                show_path(loc),
                key=loc[-1],
                line=_place(text, first)[0],
            )
        return None
    return value


def _place(text: str, offset: int) -> tuple[int, int]:
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start + 1


def _repeated_keys(text: str) -> Iterator[tuple[Loc, int, int]]:
    """Where in a well-formed text a key stands a second time in one map: its place, its offset, that of the first."""
    open_: list[dict[str, int] | int] = []
    loc: list[str | int] = []
    name, at = "", 0
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark[0] == '"':
            name, at = mark, token.start()
        elif mark == ":":
            keys, key = open_[-1], json.loads(name)
            loc[-1] = key
            if isinstance(keys, dict) and keys.setdefault(key, at) != at:
                yield tuple(loc), at, keys[key]
        elif mark in "{[":
            open_.append({} if mark == "{" else 0)
            loc.append(0)
        elif mark in "}]":
            open_.pop()
            loc.pop()
        elif isinstance(loc[-1], int):
            loc[-1] += 1
