"""The evidence of a whole round as strings and rows, for the panel's report and a document of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from evaluator.model.openness import OpennessDerivation
from evaluator.model.performance import PerformanceDerivation
from evaluator.report.evidence import (
    Note,
    Notes,
    criterion_title,
    exact,
    interval,
    probability,
    ratio,
    shown_openness,
    shown_performance,
)
from evaluator.report.evidence_access import AccessView, access_view, claimed_of
from evaluator.report.evidence_openness import OpennessView, mof_class, openness_view
from evaluator.report.evidence_performance import (
    PerformanceView,
    alternative_name,
    changed_alternatives,
    performance_view,
)
from evaluator.report.evidence_tables import CountRow, OrganisationView, count_rows, organisation_view
from evaluator.report.frame import Frame, date_text
from evaluator.report.support import TeamView, applicant_support

_Derivation = TypeVar("_Derivation", PerformanceDerivation, OpennessDerivation)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceSummaryRow:
    """One applicant on one performance criterion in the table of all."""

    id: str
    name: str
    model: str
    ratio: str
    interval: str
    verdict: str
    word: str
    probability: str
    changed: str
    notes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpennessSummaryRow:
    """One applicant on one openness criterion in the table of all."""

    id: str
    name: str
    model: str
    level: str
    claimed: str
    mof: str
    osaid: str
    transparency: str
    notes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSummaryRow:
    """One applicant's levels on the access criteria; ``fell`` marks those below the claim."""

    id: str
    name: str
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRow:
    """One model applicants are compared with: who made it, when it was released, where its figures are from."""

    model: str
    organisation: str
    released: str
    figures: str
    by: str
    sources: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceSummary:
    """All applicants on one performance criterion, and the models they are compared with."""

    criterion: str
    finding: str
    rows: tuple[PerformanceSummaryRow, ...]
    references: tuple[ReferenceRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpennessSummary:
    """All applicants on one openness criterion."""

    criterion: str
    finding: str
    rows: tuple[OpennessSummaryRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSummary:
    """All applicants on all access criteria; ``bracketed`` is whether a claimed level stands in brackets anywhere."""

    finding: str
    bracketed: bool
    columns: tuple[tuple[str, str], ...]
    rows: tuple[AccessSummaryRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSummary:
    """Derived figures of all applicants, by id: a record of derivations, not a ranking."""

    finding: str
    performance: tuple[PerformanceSummary, ...]
    openness: tuple[OpennessSummary, ...]
    access: AccessSummary | None
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicantEvidence:
    """Every derivation of one applicant, and the support it leads to."""

    name: str
    finding: str
    performance: tuple[PerformanceView, ...]
    openness: tuple[OpennessView, ...]
    access: AccessView | None
    support: TeamView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView:
    """The document of ``evaluator evidence``: derivations, or (``compared`` is False) a table of published figures."""

    compared: bool
    sentence: str
    summary: EvidenceSummary | None
    applicants: tuple[ApplicantEvidence, ...]
    counts: tuple[CountRow, ...]
    organisations: tuple[OrganisationView, ...]
    limits: tuple[tuple[str, str], ...]


def evidence_view(frame: Frame) -> EvidenceView:
    """The evidence of a round as printed."""
    words, compared = frame.words, frame.evaluation.rubric.use == "ranking"
    ids = sorted(frame.applicants)
    if compared:
        some = [a for a in ids if has_evidence(frame, a)]
        return EvidenceView(
            compared=True,
            sentence=words("evidence.sentence", n=len(some), all=len(ids)),
            summary=evidence_summary(frame),
            applicants=tuple(applicant_evidence(frame, a, internal=True) for a in some),
            counts=(),
            organisations=(),
            limits=(),
        )
    found = sum(bool(frame.measurements.get(a)) for a in ids)
    figures = sum(len(frame.measurements.get(a, ())) for a in ids)
    return EvidenceView(
        compared=False,
        sentence=words("evidence.table_sentence", all=len(ids), found=found, figures=figures),
        summary=None,
        applicants=(),
        counts=count_rows(frame),
        organisations=tuple(organisation_view(frame, a) for a in ids),
        limits=limits(frame),
    )


def limits(frame: Frame) -> tuple[tuple[str, str], ...]:
    """What a comparison of published figures cannot say: a word or two, and why."""
    return tuple((frame.words(f"limits.title_{i}"), frame.words(f"limits.text_{i}")) for i in LIMITS)


LIMITS = tuple("abcdefghij")
"""The names of the limits in the catalogue."""


def has_evidence(frame: Frame, applicant: str) -> bool:
    """Whether anything was derived about an applicant."""
    return any(applicant in of for of in (frame.performance, frame.openness, frame.access))


def applicant_evidence(frame: Frame, applicant: str, *, internal: bool) -> ApplicantEvidence:
    """Every derivation of one applicant; ``internal`` as for ``performance_view``."""
    words = frame.words
    performance = tuple(performance_view(frame, d, internal=internal) for d in frame.performance.get(applicant, ()))
    openness = tuple(openness_view(frame, d) for d in frame.openness.get(applicant, ()))
    access = access_view(frame, applicant, internal=internal)
    findings = (*(p.finding for p in performance), *(o.finding for o in openness), access.finding if access else "")
    return ApplicantEvidence(
        name=frame.names[applicant],
        finding=" ".join(f for f in findings if f) or words("evidence.none"),
        performance=performance,
        openness=openness,
        access=access,
        support=applicant_support(frame, applicant),
    )


def evidence_summary(frame: Frame) -> EvidenceSummary | None:
    """Derived figures, verdicts, probabilities and what would change them; None where nothing was derived."""
    outcome, words = frame.evaluation.evidence, frame.words
    if outcome is None or not (outcome.performance or outcome.openness or outcome.access):
        return None
    notes = Notes(words)
    performance = tuple(_performance(frame, c, ds, notes) for c, ds in _by_criterion(outcome.performance).items())
    openness = tuple(_openness(frame, c, ds, notes) for c, ds in _by_criterion(outcome.openness).items())
    access = _access(frame)
    findings = (*(p.finding for p in performance), *(o.finding for o in openness), access.finding if access else "")
    return EvidenceSummary(
        finding=" ".join(f for f in findings if f),
        performance=performance,
        openness=openness,
        access=access,
        notes=notes.legend(),
    )


def _by_criterion(found: Iterable[_Derivation]) -> dict[str, list[_Derivation]]:
    groups: dict[str, list[_Derivation]] = {}
    for one in found:
        groups.setdefault(one.criterion, []).append(one)
    return groups


def _performance(
    frame: Frame, criterion: str, found: Iterable[PerformanceDerivation], notes: Notes
) -> PerformanceSummary:
    words = frame.words
    shown = [shown_performance(frame, one) for one in sorted(found, key=lambda one: one.applicant)]
    kinds = Counter(one.verdict for one in shown)
    counts = ", ".join(
        words("evidence.verdict_count", verdict=words(f"performance_verdict.{kind}"), n=kinds[kind])
        for kind in ("met", "undetermined", "not_met", "point_only", "not_assessable")
        if kinds[kind]
    )
    turned = sum(bool(changed_alternatives(one)) for one in shown)
    return PerformanceSummary(
        criterion=criterion_title(frame, criterion),
        finding=f"{words('evidence.performance', counts=counts)} "
        + words("evidence.turned" if turned else "evidence.turned_none", n=turned),
        rows=tuple(_performance_row(frame, one, notes) for one in shown),
        references=tuple(_reference_rows(frame, shown[0].criterion)),
    )


def _reference_rows(frame: Frame, criterion: str) -> Iterable[ReferenceRow]:
    outcome = frame.evaluation.evidence
    for model in outcome.references if outcome is not None else ():
        if model.criterion == criterion:
            measured = [result.measurement for result in model.results]
            yield ReferenceRow(
                model=model.model,
                organisation=model.organisation or "–",
                released=date_text(frame.lang, model.released),
                figures=str(len(measured)),
                by=", ".join(dict.fromkeys(frame.words(f"measured_by.{m.measured_by}") for m in measured)),
                sources="; ".join(dict.fromkeys(m.source for m in measured if m.source)),
            )


def _performance_row(frame: Frame, one: PerformanceDerivation, notes: Notes) -> PerformanceSummaryRow:
    marks = (("performance_why", one.why), ("performance_withheld", one.withheld), ("performance_flag", one.flags))
    return PerformanceSummaryRow(
        id=one.applicant,
        name=frame.names[one.applicant],
        model=" ".join(p for p in (one.model, one.version, one.mode) if p),
        ratio=ratio(one.ratio),
        interval=interval(one.low, one.high),
        verdict=one.verdict,
        word=frame.words(f"performance_verdict.{one.verdict}"),
        probability=probability(one.probability),
        changed="; ".join(alternative_name(frame, a) for a in changed_alternatives(one)) or "–",
        notes=notes.all(*marks),
    )


def _openness(frame: Frame, criterion: str, found: Iterable[OpennessDerivation], notes: Notes) -> OpennessSummary:
    words = frame.words
    shown = [shown_openness(frame, one) for one in sorted(found, key=lambda one: one.applicant)]
    below = sum(one.claimed is not None and one.level < one.claimed for one in shown)
    return OpennessSummary(
        criterion=criterion_title(frame, criterion),
        finding=words("evidence.openness", n=len(shown), below=below),
        rows=tuple(
            OpennessSummaryRow(
                id=one.applicant,
                name=frame.names[one.applicant],
                model=one.model,
                level=str(one.level),
                claimed="–" if one.claimed is None else str(one.claimed),
                mof=mof_class(frame, one),
                osaid=words("openness.yes" if one.osaid else "openness.no"),
                transparency=exact(one.transparency),
                notes=notes("openness_flag", one.flags),
            )
            for one in shown
        ),
    )


def _access(frame: Frame) -> AccessSummary | None:
    """Levels by applicant and criterion; a level below its claim has the claim behind it, in brackets."""
    found = frame.evaluation.evidence.access if frame.evaluation.evidence else ()
    if not found:
        return None
    criteria = tuple(dict.fromkeys(one.criterion for one in found))
    by_place = {(one.applicant, one.criterion): one for one in found}
    rows = []
    for applicant in sorted({one.applicant for one in found}):
        levels = []
        for criterion in criteria:
            one = by_place.get((applicant, criterion))
            if one is None:
                levels.append("–")
            else:
                claimed = claimed_of(one)
                levels.append(str(one.level) if claimed <= one.level else f"{one.level} ({claimed})")
        rows.append(AccessSummaryRow(id=applicant, name=frame.names[applicant], levels=tuple(levels)))
    fell = sum(claimed_of(one) > one.level for one in found)
    return AccessSummary(
        finding=frame.words("evidence.access", n=len(found), fell=fell),
        bracketed=fell > 0,
        columns=tuple((frame.numbers.get(c, ""), frame.titles.get(c, c)) for c in criteria),
        rows=tuple(rows),
    )
