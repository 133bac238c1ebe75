"""Licence expressions in files: whether they are well formed, and whether every id in them is known as spelt."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from functools import cache

from evaluator.files.checks import Fault
from evaluator.files.problems import nearest, shorten
from evaluator.model.licences import Single, listed, parse_expression, singles
from evaluator.model.openness import NO_LICENCE, NOT_KNOWN

_ALONE = {NO_LICENCE, NOT_KNOWN}
_REFERENCES = ("LicenseRef-", "DocumentRef-")
_VERY_LIKE = 0.85
_RENAMED = {
    "eCos-2.0": "GPL-2.0-or-later WITH eCos-exception-2.0",
    "GPL-2.0-with-autoconf-exception": "GPL-2.0-only WITH Autoconf-exception-2.0",
    "GPL-2.0-with-classpath-exception": "GPL-2.0-only WITH Classpath-exception-2.0",
    "GPL-2.0-with-font-exception": "GPL-2.0-only WITH Font-exception-2.0",
    "GPL-2.0-with-GCC-exception": "GPL-2.0-only WITH GCC-exception-2.0",
    "GPL-3.0-with-autoconf-exception": "GPL-3.0-only WITH Autoconf-exception-3.0",
    "GPL-3.0-with-GCC-exception": "GPL-3.0-only WITH GCC-exception-3.1",
    "wxWindows": "LGPL-2.0-or-later WITH WxWindows-exception-3.1",
}
"""Deprecated ids of a licence with its exception, which are written as an expression now."""


@cache
def _spelling() -> dict[str, str]:
    """Every listed id by its letters alone, so that capitals, blanks and signs make no difference."""
    return {_letters(key): key for key, entry in listed().items() if not entry.deprecated}


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum() or c == "+")


def _meant(text: str) -> str:
    """The listed id a text spells in its own way (``Apache License, Version 2.0``); empty where there is none."""
    spelt = _spelling()
    bare = re.sub(r"(?i)\b(?:the|licen[cs]e|version)\b|\bv(?=\d)", "", text)
    return spelt.get(_letters(text)) or spelt.get(_letters(bare), "")


def listed_as(id_: str) -> str:
    """How the SPDX list spells an id, capitals aside; empty where it has none like it."""
    low = id_.casefold()
    return next((key for key in listed() if key.casefold() == low), "")


def licence_faults(text: str, own: frozenset[str]) -> Iterator[Fault]:
    """What is wrong with a licence expression; ``own`` are the ids of licences recorded in the same file."""
    if text in _ALONE:
        return
    tree = parse_expression(text)
    if tree is None:
        near = _meant(text)
        code = "openness.licence_unknown_near" if near else "openness.expression"
        yield code, {"value": shorten(text), "id": shorten(text), "near": near}
        return
    for single in singles(tree):
        yield from _single_faults(single, text, own)


def _single_faults(single: Single, text: str, own: frozenset[str]) -> Iterator[Fault]:
    value = shorten(text)
    if single.id in _ALONE:
        yield "openness.none_joined", {"value": value, "id": single.id}
    elif single.id not in own:
        yield from _id_faults(single.id, own, exception=False)
    if single.exception:
        yield from _id_faults(single.exception, frozenset(), exception=True)


def _id_faults(id_: str, own: frozenset[str], *, exception: bool) -> Iterator[Fault]:
    known = listed().get(id_)
    if known is None:
        near = _meant(id_) or _like(id_, [*own, *_choices(exception=exception)])
        code = "openness.licence_unknown_near" if near else "openness.licence_unknown"
        yield code, {"id": shorten(id_), "near": near}
    elif known.deprecated:
        yield "openness.licence_deprecated", {"id": id_, "instead": _successors(id_, known.instead)}
    elif known.exception != exception:
        yield ("openness.not_an_exception" if exception else "openness.only_an_exception"), {"id": id_}


def _like(id_: str, options: list[str]) -> str:
    """An id with a slip of the pen. Wrong advice on licences does harm, so that it has to be very like."""
    near = "" if id_.startswith(_REFERENCES) or len(id_) < 5 else nearest(id_, options)
    return near if near and difflib.SequenceMatcher(None, id_.casefold(), near.casefold()).ratio() >= _VERY_LIKE else ""


@cache
def _choices(*, exception: bool) -> tuple[str, ...]:
    return tuple(key for key, entry in listed().items() if entry.exception == exception and not entry.deprecated)


def _successors(id_: str, instead: str) -> str:
    """What a deprecated id may have meant: GPL-3.0 did not say whether later versions count as well."""
    if id_ in _RENAMED:
        return _RENAMED[id_]
    return f"{instead}, {id_}-or-later" if instead == f"{id_}-only" else instead
