"""Figures in access.yaml: plain numbers with a unit, a currency and a period that fit one another."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from evaluator.errors import Loc
from evaluator.files.checks import Fault
from evaluator.files.numerals import PLAIN, plain_number
from evaluator.files.problems import shorten
from evaluator.model.access import Figure
from evaluator.model.access_kinds import FIGURED, MONEY, WHOLE, EvidenceKind
from evaluator.model.numbers import show

OTHER_WORDS = {
    "명": "persons",
    "인": "persons",
    "people": "persons",
    "명/일": "persons_per_day",
    "명/월": "persons_per_month",
    "mau": "persons_per_month",
    "dau": "persons_per_day",
    "명/년": "persons_per_year",
    "기관": "institutions",
    "개소": "places",
    "곳": "places",
    "건": "cases",
    "회": "requests",
    "%": "percent",
    "퍼센트": "percent",
    "초": "seconds",
    "분": "minutes",
    "시간": "hours",
    "일": "days",
    "개월": "months",
    "년": "years",
    "토큰": "tokens",
    "토큰/일": "tokens_per_day",
    "토큰/월": "tokens_per_month",
    "회/일": "requests_per_day",
    "건/일": "requests_per_day",
    "회/월": "requests_per_month",
    "건/월": "requests_per_month",
    "원": "money, currency: KRW",
    "krw": "money, currency: KRW",
    "₩": "money, currency: KRW",
    "원/월": "money_per_month, currency: KRW",
    "원/년": "money_per_year, currency: KRW",
    "usd": "money, currency: USD",
    "$": "money, currency: USD",
    "달러": "money, currency: USD",
}
"""Words people write for a unit, and how the format has it."""


def mended_figure(figure: dict[str, Any]) -> tuple[dict[str, Any], list[tuple[Loc, Fault]]]:
    """A figure as written, without numbers and units that are not written as the format has them, and those faults.

    What is no text is left to the types.
    """
    done, faults = dict(figure), list[tuple[Loc, Fault]]()
    for key in ("value", "from", "to"):
        said = figure.get(key)
        if isinstance(said, str) and not PLAIN.fullmatch(said):
            plain = plain_number(said, OTHER_WORDS)
            params: dict[str, object] = {"value": shorten(said), "plain": plain}
            faults.append(((key,), ("access.figure_not_plain" if plain else "value.not_a_number", params)))
            del done[key]
    unit = figure.get("unit")
    word = OTHER_WORDS.get(unit.replace(" ", "").casefold()) if isinstance(unit, str) else None
    if word is not None:
        faults.append((("unit",), ("access.unit_other_word", {"value": shorten(str(unit)), "wanted": word})))
        done["unit"], _, currency = word.partition(", currency: ")
        if currency:
            done.setdefault("currency", currency)
    return done, faults


def figure_faults(figure: Figure, kind: EvidenceKind | None) -> Iterator[tuple[Loc, Fault]]:
    """What is wrong with a figure of a kind of evidence (None: unknown), by the places inside the figure."""
    one = figure.value is not None and figure.from_ is None and figure.to is None
    both = figure.value is None and figure.from_ is not None and figure.to is not None
    if not (one or both):
        yield (), ("access.figure_ends", {})
    if figure.from_ is not None and figure.to is not None and figure.from_ > figure.to:
        yield ("to",), ("access.figure_order", {"from": show(figure.from_), "to": show(figure.to)})
    for key, value in (("value", figure.value), ("from", figure.from_), ("to", figure.to)):
        fault = None if value is None else _value_fault(value, figure)
        if fault is not None:
            yield (key,), fault
    allowed = FIGURED.get(kind) if kind is not None else None
    if allowed is not None and figure.unit not in allowed:
        yield ("unit",), ("access.unit_of_kind", {"value": figure.unit, "kind": kind, "allowed": ", ".join(allowed)})
    if figure.unit in MONEY and figure.currency is None:
        yield ("currency",), ("access.currency_missing", {"unit": figure.unit})
    if figure.unit not in MONEY and figure.currency is not None:
        yield ("currency",), ("access.currency_not_used", {"unit": figure.unit, "value": figure.currency})
    period = figure.period
    if period is not None and period.from_ > period.to:
        yield ("period",), ("access.period_order", {"from": period.from_, "to": period.to})


def _value_fault(value: Fraction, figure: Figure) -> Fault | None:
    params: dict[str, object] = {"value": show(value), "unit": figure.unit}
    if value < 0:
        return "access.figure_negative", params
    if figure.unit == "percent" and value > 100:
        return "access.figure_percent", params
    if figure.unit in WHOLE and value.denominator != 1:
        return "access.figure_not_whole", params
    return None
