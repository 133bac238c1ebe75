"""Printed words: sentences from the report catalogue, with figures and names put in and grammar made to agree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from string import Formatter
from typing import Any

from evaluator.model.text import Language
from evaluator.resources import message_catalogue

_CHOICE = re.compile(r"\[([^\[\]|/]*)([|/])([^\[\]|/]*)\]")
_STEMS = dict(zip("甲乙丙丁戊己庚辛壬癸", "갑을병정무기경신임계", strict=True))
_DIGIT_NAMES = dict(zip("0123456789", "영일이삼사오육칠팔구", strict=True))
_LETTER_NAMES = {"l": "엘", "m": "엠", "n": "엔", "r": "알"}
_CLOSING = "\"'”’)]}〉》」』"


class Words:
    """The catalogue of one language.

    A sentence may hold ``{name}`` fields and two kinds of choice. ``[은/는]`` picks the Korean particle that fits
    the end of what stands before it (both, as ``은(는)``, where nobody can know how that is read); ``[is|are]`` picks
    the singular where the last number put in before it is 1.
    """

    def __init__(self, lang: Language, **always: str) -> None:
        self.lang = lang
        self._catalogue: Mapping[str, Any] = message_catalogue("report", lang)
        self._always = always

    def __call__(self, key: str, **params: object) -> str:
        """The sentence of ``section.name``. A key or parameter that is missing raises ``KeyError``."""
        section, _, name = key.partition(".")
        return fill(self._catalogue[section][name], {**self._always, **params})

    def told(self, family: str, code: str) -> str:
        """The sentence of a code; ``code:detail`` puts the detail in. A code without a sentence is given as it is."""
        name, _, detail = code.partition(":")
        sentence = self._catalogue.get(family, {}).get(name)
        return fill(sentence, {**self._always, "detail": detail}) if sentence else code

    def knows(self, family: str, code: str) -> bool:
        """Whether a code has a sentence."""
        return code.partition(":")[0] in self._catalogue.get(family, {})

    def with_(self, **always: str) -> Words:
        """The same catalogue with further parameters that every sentence may use."""
        return Words(self.lang, **{**self._always, **always})


def _written(value: object) -> str:
    """A parameter as text; a count of thousands in groups of three digits, as 12,000."""
    return f"{value:,}" if type(value) is int else str(value)


@cache
def _parsed(sentence: str) -> tuple[tuple[str, str | None], ...]:
    return tuple((literal, field) for literal, field, _, _ in Formatter().parse(sentence))


def fill(sentence: str, params: Mapping[str, object]) -> str:
    """Put parameters into a sentence and settle its choices; the parameters' own text is never interpreted.

    Whole numbers are counts, and thousands in them are set off; what is no count (a line of a file) is given as text.
    """
    text, number = "", ""
    for literal, field in _parsed(sentence):
        done = 0
        for choice in _CHOICE.finditer(literal):
            text += literal[done : choice.start()]
            first, kind, second = choice.groups()
            text += (first if number == "1" else second) if kind == "|" else _particle(text, first, second)
            done = choice.end()
        text += literal[done:]
        if field is not None:
            value = _written(params[field])
            digits = value.replace(",", "")
            number = digits if digits.isdigit() else number
            text += value
    return text


def _particle(before: str, after_consonant: str, after_vowel: str) -> str:
    spoken = before.rstrip().rstrip(_CLOSING)
    last = spoken[-1:]
    syllable = _STEMS.get(last) or _DIGIT_NAMES.get(last) or _LETTER_NAMES.get(last.lower(), last)
    if "가" <= syllable <= "힣":
        final = (ord(syllable) - ord("가")) % 28
        if after_consonant == "으로" and final == 8:
            return after_vowel
        return after_consonant if final else after_vowel
    if last.isascii() and last.isalpha():
        return after_vowel
    return f"{after_consonant}({after_vowel})"
