"""One applicant's open-source level as strings and rows: the ladder, what is missing, and the components."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from evaluator.model.openness import ComponentLine, LicenceRecord, OpennessDerivation
from evaluator.report.evidence import Note, Notes, Override, criterion_title, exact, override, shown_openness
from evaluator.report.frame import Frame

HIGHEST = 6
"""The highest level of the scale."""
_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One level of the ladder. ``limit`` is whether it is the highest that the base model allows."""

    level: int
    title: str
    reached: bool
    claimed: bool
    counted: bool
    limit: bool
    missing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentRow:
    """One component: whether it counts as open, and why not (``notes``)."""

    title: str
    state: str
    licence: str
    kind: str
    gated: str
    url: str
    promise: str
    counts: bool
    notes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLicence:
    """A licence that is on no list: its name, what it allows and asks, and where it can be read."""

    id: str
    title: str
    terms: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpennessView:
    """Everything printed about one applicant on one openness criterion; ``absent`` names the components it lacks."""

    criterion: str
    finding: str
    level: str
    claimed: str
    mof: str
    transparency: str
    facts: tuple[tuple[str, str], ...]
    rungs: tuple[Rung, ...]
    missing: tuple[str, ...]
    sentences: tuple[str, ...]
    dimensions: tuple[tuple[str, str], ...]
    components: tuple[ComponentRow, ...]
    own_licences: tuple[OwnLicence, ...]
    absent: str
    notes: tuple[Note, ...]
    override: Override | None


def openness_view(frame: Frame, found: OpennessDerivation) -> OpennessView:
    """One derivation as printed."""
    found, words = shown_openness(frame, found), frame.words
    notes = Notes(words)
    components = tuple(_component(frame, line, notes) for line in found.components if line.state != "absent")
    lacking = named(frame, (line.component for line in found.components if line.state == "absent"))
    rungs = tuple(_rungs(frame, found))
    return OpennessView(
        criterion=criterion_title(frame, found.criterion),
        finding=openness_finding(frame, found),
        level=str(found.level),
        claimed="–" if found.claimed is None else str(found.claimed),
        mof=mof_class(frame, found),
        transparency=exact(found.transparency),
        facts=_facts(frame, found),
        rungs=rungs,
        missing=named(frame, _missing_at(found, found.level + 1)),
        sentences=tuple(_sentences(frame, found)),
        dimensions=tuple(_dimensions(frame, found)),
        components=components,
        own_licences=tuple(_own_licences(frame, found)),
        absent=", ".join(lacking),
        notes=notes.legend(),
        override=override(frame, found.applicant, found.criterion),
    )


def openness_finding(frame: Frame, found: OpennessDerivation) -> str:
    """The level, and how it stands to the claimed one, in a sentence."""
    words = frame.words
    if found.claimed is None:
        return words("openness.level", level=found.level)
    key = "below" if found.level < found.claimed else "above" if found.level > found.claimed else "same"
    return words(f"openness.claimed_{key}", level=found.level, claimed=found.claimed)


def mof_class(frame: Frame, found: OpennessDerivation) -> str:
    """The class of the Model Openness Framework in a word."""
    return frame.words("openness.mof_class", mof=found.mof_class) if found.mof_class else frame.words("openness.no_mof")


def named(frame: Frame, codes: Iterable[str]) -> tuple[str, ...]:
    """Components by their printed names, other codes by their sentences."""
    words = frame.words
    return tuple(
        words.told("component", code) if words.knows("component", code) else words.told("openness_missing", code)
        for code in codes
    )


def _missing_at(found: OpennessDerivation, level: int) -> tuple[str, ...]:
    return next((step.missing for step in found.steps if step.level == level), ())


def _level_title(frame: Frame, criterion: str, level: int) -> str:
    leaf = frame.criteria.get(criterion)
    known = next((lv for lv in leaf.levels if lv.value == level), None) if leaf else None
    return known.title.in_(frame.lang) if known else ""


def _rungs(frame: Frame, found: OpennessDerivation) -> Iterable[Rung]:
    for level in range(HIGHEST + 1):
        yield Rung(
            level=level,
            title=_level_title(frame, found.criterion, level),
            reached=level <= found.level,
            claimed=level == found.claimed,
            counted=level == found.level,
            limit=level == found.base_limit,
            missing=", ".join(named(frame, _missing_at(found, level))),
        )


def _facts(frame: Frame, found: OpennessDerivation) -> tuple[tuple[str, str], ...]:
    words = frame.words
    facts = (
        (words("evidence_fact.model"), found.model),
        (words("evidence_fact.base"), " ".join(p for p in (found.base_model, found.base_licence) if p)),
        (words("evidence_fact.counts"), words(f"delivery.counts_{found.counts}")),
    )
    return tuple((label, value) for label, value in facts if value)


def _sentences(frame: Frame, found: OpennessDerivation) -> Iterable[str]:
    """Promised and delivered, the two outside scales, the base model, and what was noticed."""
    words = frame.words
    if found.promised_level != found.delivered_level:
        yield words("openness.apart", promised=found.promised_level, delivered=found.delivered_level)
    if found.mof_class and found.next_missing:
        what = ", ".join(named(frame, found.next_missing))
        yield words("openness.mof_next", mof=found.mof_class, what=what)
    elif found.mof_class:
        yield words("openness.mof_top", mof=found.mof_class)
    else:
        what = ", ".join(named(frame, found.next_missing))
        yield words("openness.mof_none_missing", what=what) if what else words("openness.mof_none")
    if found.osaid:
        yield words("openness.osaid_yes")
    else:
        yield words("openness.osaid_no", what=", ".join(named(frame, found.osaid_missing)) or "–")
    yield words("openness.transparency", total=exact(found.transparency))
    if found.base_limit is not None:
        binding = found.base_limit <= found.level and found.base_limit < HIGHEST
        key = "openness.base_binds" if binding else "openness.base_allows"
        yield words(key, limit=found.base_limit)
    for code in found.flags:
        yield words.told("openness_flag", code)


def _dimensions(frame: Frame, found: OpennessDerivation) -> Iterable[tuple[str, str]]:
    """The dimensions of transparency by their mark: open, partly, closed. A mark nobody has is left out."""
    for value in (Fraction(1), _HALF, Fraction(0)):
        which = [frame.words.told("dimension", name) for name, mark in found.dimensions if mark == value]
        if which:
            mark = "ladder.open_mark" if value == 1 else "ladder.partly_mark" if value else "ladder.closed_mark"
            yield frame.words(mark), ", ".join(which)


def _component(frame: Frame, line: ComponentLine, notes: Notes) -> ComponentRow:
    words = frame.words
    gated = words("openness.gated") if line.gated else ""
    return ComponentRow(
        title=words.told("component", line.component),
        state=words(f"component_state.{line.state}"),
        licence=line.licence or "–",
        kind=words(f"licence_kind.{line.licence_kind}"),
        gated=gated,
        url=line.url,
        promise=_promise(frame, line),
        counts=line.counts,
        notes=notes("openness_note", line.notes),
    )


def _promise(frame: Frame, line: ComponentLine) -> str:
    """The day by which a component is promised, and the document that binds the applicant."""
    if line.state != "promised":
        return ""
    day = frame.words("access.by", day=line.by.isoformat()) if line.by else ""
    bound = line.commitment.in_(frame.lang) if line.commitment else ""
    return " · ".join(part for part in (day, bound) if part)


def licence_terms(frame: Frame, record: LicenceRecord) -> str:
    """What a licence that is on no list allows, and what it asks or limits."""
    words = frame.words
    allows = words("licence_terms.commercial" if record.commercial_use else "licence_terms.not_commercial")
    asked = ", ".join(words(f"licence_condition.{condition}") for condition in record.conditions)
    return f"{allows}; {words('licence_terms.conditions', what=asked)}" if asked else allows


def _own_licences(frame: Frame, found: OpennessDerivation) -> Iterable[OwnLicence]:
    for record in found.own_licences:
        title, terms = record.title.in_(frame.lang), licence_terms(frame, record)
        yield OwnLicence(id=record.id, title=title, terms=terms, url=record.url)
