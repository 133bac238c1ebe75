"""One applicant's public AI access as strings and rows: claimed, evidenced and counted levels, and the evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evaluator.model.access import AccessDerivation, EvidenceItem
from evaluator.model.numbers import parse_exact
from evaluator.model.rubric import allowed_scale
from evaluator.report.evidence import Note, Notes, Override, overrides, shown_access
from evaluator.report.frame import Frame
from evaluator.report.support import amount
from evaluator.report.words import Words

ABOUT_OTHERS = frozenset({"used_by_others"})
"""What is noticed about a piece of evidence because of another applicant; only the panel reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorRow:
    """One indicator: levels claimed and evidenced for plans and for what exists, and the level that counts.

    ``steps`` draws the level: ● counted, ◇ claimed but not counted, ○ neither.
    """

    number: str
    title: str
    claimed_promised: str
    promised: str
    claimed_delivered: str
    delivered: str
    level: str
    level_title: str
    steps: str
    by: str
    fell: bool
    missing: str
    notes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """One piece of evidence with its place and date, under the ``indicator`` it is for; ``promised`` is of a plan.

    ``title`` has the kind of evidence in front where it does not say it itself. ``alike`` names what has the same
    content.
    """

    number: str
    indicator: str
    title: str
    place: str
    date: str
    valid_until: str
    figure: str
    promised: bool
    counts: bool
    alike: str
    notes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessView:
    """Everything printed about one applicant on the access criteria."""

    finding: str
    rule: str
    rows: tuple[IndicatorRow, ...]
    evidence: tuple[EvidenceRow, ...]
    notes: tuple[Note, ...]
    overrides: tuple[Override, ...]


MOST_STEPS = 5
"""The highest level where the rubric does not say."""


def access_view(frame: Frame, applicant: str, *, internal: bool) -> AccessView | None:
    """The derivations of one applicant as printed; None where it has none.

    Only ``internal`` pages say whose evidence is the same: an applicant does not learn what another handed in.
    """
    found = tuple(shown_access(frame, one) for one in frame.access.get(applicant, ()))
    if not found:
        return None
    words, notes = frame.words, Notes(frame.words)
    return AccessView(
        finding=access_finding(frame, found),
        rule=" ".join(words(f"access.counts_{counts}") for counts in dict.fromkeys(one.counts for one in found)),
        rows=tuple(_row(frame, one, notes) for one in found),
        evidence=tuple(_evidence(frame, one, item, notes, internal=internal) for one in found for item in one.evidence),
        notes=notes.legend(),
        overrides=overrides(frame, applicant, (one.criterion for one in found)),
    )


def access_finding(frame: Frame, found: Iterable[AccessDerivation]) -> str:
    """How many of the claimed levels are evidenced, in a sentence."""
    found = tuple(found)
    fell = sum(claimed_of(one) > one.level for one in found)
    return frame.words("access.some_fell" if fell else "access.all_stand", n=len(found), fell=fell)


def claimed_of(found: AccessDerivation) -> int:
    """The claimed level that stands beside the counted one."""
    return found.claimed_promised if found.counts == "promised" else found.claimed_delivered


def _row(frame: Frame, found: AccessDerivation, notes: Notes) -> IndicatorRow:
    words, leaf = frame.words, frame.criteria[found.criterion]
    most = allowed_scale(leaf).max
    highest = MOST_STEPS if most is None else int(most)
    title = next((lv.title.in_(frame.lang) for lv in leaf.levels if lv.value == found.level), "")
    claimed = claimed_of(found)
    return IndicatorRow(
        number=frame.numbers.get(found.criterion, ""),
        title=frame.titles.get(found.criterion, found.criterion),
        claimed_promised=str(found.claimed_promised),
        promised=str(found.promised),
        claimed_delivered=str(found.claimed_delivered),
        delivered=str(found.delivered),
        level=str(found.level),
        level_title=title,
        steps=_steps(found.level, claimed, highest),
        by=found.by,
        fell=claimed > found.level,
        missing=", ".join(words.told("evidence_kind", kind) for kind in found.missing),
        notes=notes("access_flag", found.flags),
    )


def _steps(level: int, claimed: int, highest: int) -> str:
    """A mark for each level up to the highest: counted, claimed but not counted, neither."""
    reached, said = min(level, highest), min(max(claimed, level), highest)
    return "●" * reached + "◇" * (said - reached) + "○" * (highest - said)


def _evidence(
    frame: Frame, found: AccessDerivation, item: EvidenceItem, notes: Notes, *, internal: bool
) -> EvidenceRow:
    words = frame.words
    alike = item.alike if internal else tuple(name for name in item.alike if ":" not in name)
    figure = _amount(words, item)
    standards = (f"{name} {words.told('conformance', result)}" for name, result in item.conforms)
    said = (figure, f"({item.period})" if item.period else "", *standards)
    return EvidenceRow(
        number=frame.numbers.get(found.criterion, ""),
        indicator=frame.titles.get(found.criterion, found.criterion),
        title=" · ".join(p for p in (_title(frame, found, item), item.issuer) if p),
        place=" ".join(p for p in (item.place, item.pages) if p),
        date=item.date or "–",
        valid_until=item.valid_until,
        figure=" ".join(p for p in said if p),
        promised=item.delivery == "promised",
        counts=item.counts,
        alike=", ".join(alike),
        notes=notes("access_flag", (f for f in item.flags if internal or f not in ABOUT_OTHERS)),
    )


def _title(frame: Frame, found: AccessDerivation, item: EvidenceItem) -> str:
    """The title without the indicator it stands under, behind the kind of evidence where it does not say it."""
    kind, indicator = frame.words.told("evidence_kind", item.kind), frame.criteria[found.criterion].title
    title = item.title
    for repeated in (indicator.ko or "", indicator.en or ""):
        title = title.removeprefix(repeated).strip() or title
    said = "".join(kind.split()).casefold() in "".join(title.split()).casefold()
    return title if said else f"{kind} – {title}" if title else kind


def _amount(words: Words, item: EvidenceItem) -> str:
    """A figure with its currency and unit, as they are written together in the language."""
    currency = words.told("support_unit", item.currency) if item.currency else ""
    told = words.told("unit", item.unit) if item.unit and not (currency and item.unit == "money") else ""
    quantity = _quantity(item.figure)
    for unit in (currency, told):
        if unit:
            # A code such as USD stands apart in every language.
            apart = unit == item.currency
            quantity = f"{quantity} {unit}" if apart else words("access.amount", amount=quantity, unit=unit)
    return quantity if item.figure else " ".join(p for p in (currency, told) if p)


def _quantity(figure: str) -> str:
    """A number or a range (``10~20``) with thousands separators."""
    ends = [parse_exact(end) for end in figure.split("~")] if figure else []
    return figure if None in ends else "~".join(amount(end) for end in ends)
