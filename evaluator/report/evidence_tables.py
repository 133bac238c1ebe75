"""Evidence side by side without a word about who is better: published figures and licences with their sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evaluator.model.openness import ComponentRecord, OpennessDeclaration
from evaluator.model.performance import Measurement
from evaluator.report.evidence import SourceFile, exact
from evaluator.report.frame import HASH_SHOWN, Frame

_NO_METRIC = frozenset({"-", "–"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One published figure. ``source`` is the number of its source in the list below the table."""

    benchmark: str
    metric: str
    score: str
    scale: str
    n: str
    by: str
    date: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFigures:
    """The figures of one model in one version and mode."""

    title: str
    mode: str
    rows: tuple[FigureRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceRow:
    """One component as the source describes it."""

    component: str
    state: str
    licence: str
    date: str
    url: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceTable:
    """What is released of one model and under which licences."""

    model: str
    base: str
    rows: tuple[LicenceRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationView:
    """Everything found about one applicant: figures by model, licences, and the sources of both."""

    name: str
    finding: str
    facts: tuple[tuple[str, str], ...]
    models: tuple[ModelFigures, ...]
    sources: tuple[SourceFile, ...]
    licences: tuple[LicenceTable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRow:
    """How much was found about one applicant; nothing here can be ordered into a ranking of worth."""

    name: str
    models: str
    figures: str
    licences: str


def organisation_view(frame: Frame, applicant: str) -> OrganisationView:
    """What was found about one applicant."""
    words, about = frame.words, frame.applicants[applicant]
    found = frame.measurements.get(applicant, ())
    sources = _Sources()
    models = tuple(_models(frame, found, sources))
    licences = tuple(_licences(frame, frame.declared.get(applicant, ())))
    key = "both" if found and licences else "figures" if found else "licences" if licences else "nothing"
    blind = frame.evaluation.round.blind
    facts = () if blind else ((words("fact.lead"), about.lead), (words("fact.members"), about.members))
    return OrganisationView(
        name=frame.names[applicant],
        finding=words(f"found.{key}", models=len(models), n=len(found), m=len(licences)),
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
        licences = frame.declared.get(applicant, ())
        none = frame.words("found.none_short")
        rows.append(
            CountRow(
                name=frame.names[applicant],
                models=str(len(models)) if found else "–",
                figures=str(len(found)) if found else none,
                licences=str(sum(part.state != "absent" for one in licences for part in one.components))
                if licences
                else none,
            )
        )
    return tuple(rows)


class _Sources:
    """Sources in the order in which they are first asked for, numbered from 1: address, and file with its hash."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str, str], str] = {}

    def __call__(self, measurement: Measurement) -> str:
        key = (measurement.source, measurement.file, measurement.sha256)
        return self._numbers.setdefault(key, f"[{len(self._numbers) + 1}]")

    def listed(self) -> tuple[SourceFile, ...]:
        return tuple(
            SourceFile(
                number=n, name=source or file, sha256=f"{file} {sha256[:HASH_SHOWN]}" if source else sha256[:HASH_SHOWN]
            )
            for (source, file, sha256), n in self._numbers.items()
        )


def _models(frame: Frame, found: Iterable[Measurement], sources: _Sources) -> Iterable[ModelFigures]:
    groups: dict[tuple[str, str, str], list[Measurement]] = {}
    for one in found:
        groups.setdefault((one.model, one.version, one.mode), []).append(one)
    for (model, version, mode), members in groups.items():
        yield ModelFigures(
            title=" ".join(p for p in (model, version) if p),
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
        by=frame.words(f"measured_by.{one.measured_by}"),
        date=one.date or "–",
        source=sources(one),
    )


def _licences(frame: Frame, found: Iterable[OpennessDeclaration]) -> Iterable[LicenceTable]:
    """What is there, as declared; what is absent, or about which nothing is said, has no row."""
    blind = frame.evaluation.round.blind
    for one in found:
        titles = {record.id: record.title.in_(frame.lang) for record in one.licences}
        bases = ", ".join(f"{base.name} ({titles.get(base.licence, base.licence)})" for base in one.base_models)
        yield LicenceTable(
            model="" if blind else " ".join(p for p in (one.model, one.version) if p),
            base="" if blind else bases,
            rows=tuple(_licence(frame, part, titles, blind=blind) for part in one.components if part.state != "absent"),
        )


def _licence(frame: Frame, part: ComponentRecord, titles: Mapping[str, str], *, blind: bool) -> LicenceRow:
    words = frame.words
    licence = part.licence or ""
    source = part.source.in_(frame.lang) if part.source else ""
    state = words(f"component_state.{part.state}")
    return LicenceRow(
        component=words.told("component", part.component),
        state=f"{state} · {words('openness.gated')}" if part.gated else state,
        licence=titles.get(licence, words.told("licence_word", licence)) or "–",
        date=part.date.isoformat() if part.date else "–",
        url="" if blind else part.url or "",
        source="" if blind else source,
    )
