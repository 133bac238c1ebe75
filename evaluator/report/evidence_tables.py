"""Evidence side by side without a word about who is better: published figures and licences with their sources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evaluator.model.openness import ComponentRecord, LicenceRecord, OpennessDeclaration
from evaluator.model.performance import Measurement
from evaluator.report.evidence import SourceFile, exact
from evaluator.report.evidence_openness import licence_terms
from evaluator.report.frame import HASH_SHOWN, Frame
from evaluator.report.words import Words

_NO_METRIC = frozenset({"-", "–"})
_NOT_KNOWN = frozenset({"", "NOASSERTION"})
QUOTED = re.compile(r"\s*(?:재인용/quoted|재인용|quoted)\s*:\s*", re.IGNORECASE)
"""How the source of a figure begins that was taken from a text that quotes the publication, not from itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One published figure. ``source`` is the number of its source in the list below the table.

    ``quoted`` is a word where the figure was taken from a text that quotes the publication, else empty.
    """

    benchmark: str
    metric: str
    score: str
    scale: str
    n: str
    by: str
    quoted: str
    date: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFigures:
    """The figures of one model in one version and mode."""

    title: str
    version: str
    mode: str
    rows: tuple[FigureRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceRow:
    """One component as its sources describe it; ``sources`` are their numbers in the list below."""

    component: str
    state: str
    licence: str
    terms: str
    date: str
    sources: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceTable:
    """What is released of one model and under which licences; ``remarks`` are what the sources say beside that."""

    model: str
    base: str
    rows: tuple[LicenceRow, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationView:
    """Everything found about one applicant: figures by model, licences, and the sources of both."""

    id: str
    name: str
    finding: str
    facts: tuple[tuple[str, str], ...]
    models: tuple[ModelFigures, ...]
    sources: tuple[SourceFile, ...]
    licences: tuple[LicenceTable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRow:
    """How much was found about one applicant; nothing here can be ordered into a ranking of worth."""

    id: str
    name: str
    models: str
    figures: str
    licences: str


def organisation_view(frame: Frame, applicant: str) -> OrganisationView:
    """What was found about one applicant."""
    words, about = frame.words, frame.applicants[applicant]
    found = frame.measurements.get(applicant, ())
    sources = _Sources(words)
    models = tuple(_models(frame, found, sources))
    licences = tuple(_licences(frame, frame.declared.get(applicant, ()), sources))
    known = sum(any(_is_known(part) for part in one.components) for one in frame.declared.get(applicant, ()))
    key = "both" if found and known else "figures" if found else "licences" if known else "nothing"
    blind = frame.evaluation.round.blind
    facts = () if blind else ((words("fact.lead"), about.lead), (words("fact.members"), about.members))
    return OrganisationView(
        id=applicant,
        name=frame.names[applicant],
        finding=words(f"found.{key}", models=len(models), n=len(found), m=known),
        facts=tuple((label, value) for label, value in facts if value),
        models=models,
        sources=sources.listed(),
        licences=licences,
    )


def count_rows(frame: Frame) -> tuple[CountRow, ...]:
    """How much was found about each applicant, in the order of their ids."""
    rows = []
    for applicant in sorted(frame.applicants):
        found = frame.measurements.get(applicant, ())
        models = {(m.model, m.version, m.mode) for m in found}
        known = known_components(frame, applicant)
        none = frame.words("found.none_short")
        rows.append(
            CountRow(
                id=applicant,
                name=frame.names[applicant],
                models=str(len(models)) if found else "–",
                figures=str(len(found)) if found else none,
                licences=str(known) if known else none,
            )
        )
    return tuple(rows)


def known_components(frame: Frame, applicant: str) -> int:
    """Of how many released components of one applicant the licence is known."""
    return sum(_is_known(part) for one in frame.declared.get(applicant, ()) for part in one.components)


def _is_known(part: ComponentRecord) -> bool:
    return part.state != "absent" and (part.licence or "") not in _NOT_KNOWN


class _Sources:
    """Sources in the order in which they are first asked for, numbered from 1: of a figure with its file and hash."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._numbers: dict[tuple[str, str, str], str] = {}

    def of(self, measurement: Measurement) -> str:
        """The number of a figure's source."""
        return self.at(measurement.source, measurement.file, measurement.sha256)

    def at(self, source: str, file: str = "", sha256: str = "") -> str:
        """The number of an address, or of whatever else the source is."""
        return self._numbers.setdefault((source, file, sha256), f"[{len(self._numbers) + 1}]")

    def listed(self) -> tuple[SourceFile, ...]:
        """Every source with its number."""
        return tuple(
            SourceFile(
                number=number,
                name=self._named(source) or file,
                sha256=" ".join(p for p in (file if source else "", sha256[:HASH_SHOWN]) if p),
            )
            for (source, file, sha256), number in self._numbers.items()
        )

    def _named(self, source: str) -> str:
        quoted = QUOTED.match(source)
        return f"{self._words('found.quoted')}: {source[quoted.end() :]}" if quoted else source


def _models(frame: Frame, found: Iterable[Measurement], sources: _Sources) -> Iterable[ModelFigures]:
    groups: dict[tuple[str, str, str], list[Measurement]] = {}
    for one in found:
        groups.setdefault((one.model, one.version, one.mode), []).append(one)
    for (model, version, mode), members in groups.items():
        yield ModelFigures(
            title=model,
            version=version,
            mode=mode,
            rows=tuple(_figure(frame, one, sources) for one in members),
        )


def _figure(frame: Frame, one: Measurement, sources: _Sources) -> FigureRow:
    scale = "–" if one.low is None or one.high is None else f"{exact(one.low)}–{exact(one.high)}"
    return FigureRow(
        benchmark=one.benchmark,
        metric="" if one.metric in _NO_METRIC else one.metric,
        score=exact(one.score),
        scale=scale,
        n=f"{one.n:,}" if one.n is not None else "–",
        by=frame.words(f"published_by.{one.measured_by}"),
        quoted=frame.words("found.quoted") if QUOTED.match(one.source) else "",
        date=one.date or "–",
        source=sources.of(one),
    )


def _licences(frame: Frame, found: Iterable[OpennessDeclaration], sources: _Sources) -> Iterable[LicenceTable]:
    """What is there, as declared; what is absent, or about which nothing is said, has no row."""
    blind, words, said = frame.evaluation.round.blind, frame.words, set[str]()
    for one in found:
        records = {record.id: record for record in one.licences}
        names = {id_: record.title.in_(frame.lang) for id_, record in records.items()}
        bases = ", ".join(
            f"{base.name} ({names.get(base.licence) or words.told('licence_word', base.licence)})"
            for base in one.base_models
        )
        shown = [part for part in one.components if part.state != "absent"]
        told = [(names[r.id], r.note) for r in one.licences]
        told += [(words.told("component", part.component), part.note) for part in shown]
        remarks = [remark for name, note in told if note and (remark := f"{name}: {note.in_(frame.lang)}") not in said]
        said |= set(remarks)
        yield LicenceTable(
            model="" if blind else " ".join(p for p in (one.model, one.version) if p),
            base="" if blind else bases,
            rows=tuple(_licence(frame, part, records, sources) for part in shown),
            remarks=() if blind else tuple(remarks),
        )


def _licence(
    frame: Frame, part: ComponentRecord, records: Mapping[str, LicenceRecord], sources: _Sources
) -> LicenceRow:
    words = frame.words
    licence = part.licence or ""
    record = records.get(licence)
    listed = record is None and _is_known(part) and licence != "NONE"
    places = (part.url or "", part.source.in_(frame.lang) if part.source else "")
    state = words(f"component_state.{part.state}")
    return LicenceRow(
        component=words.told("component", part.component),
        state=f"{state} · {words('openness.gated')}" if part.gated else state,
        licence=record.title.in_(frame.lang) if record else words.told("licence_word", licence) or "–",
        terms=licence_terms(frame, record) if record else words("licence_terms.listed") if listed else "–",
        date=part.date.isoformat() if part.date else "–",
        sources=""
        if frame.evaluation.round.blind
        else " ".join(dict.fromkeys(sources.at(place) for place in places if place)),
    )
