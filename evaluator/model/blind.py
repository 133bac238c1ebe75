"""What a blind round shows of evidence: figures and judgements, and nothing that tells whose they are.

The names of models, files, addresses, titles and own licences are taken out. Free text that people wrote (the reason
of an excuse or of a decision) is not looked into.
"""

from __future__ import annotations

from dataclasses import replace

from evaluator.model.access import AccessDerivation
from evaluator.model.evidence import EvidenceOutcome
from evaluator.model.openness import OpennessDerivation
from evaluator.model.performance import PerformanceDerivation


def blind_performance(found: PerformanceDerivation) -> PerformanceDerivation:
    """Without the names of the model and of its files."""
    lines = tuple(replace(line, file="") for line in found.lines)
    return replace(found, model="", version="", mode="", lines=lines)


def blind_openness(found: OpennessDerivation) -> OpennessDerivation:
    """Without names of models, addresses, and the applicant's own names of licences."""
    components = tuple(
        replace(line, url="", commitment=None, licence="" if "own_licence" in line.notes else line.licence)
        for line in found.components
    )
    return replace(found, model="", base_model="", base_licence="", own_licences=(), components=components)


def blind_access(found: AccessDerivation) -> AccessDerivation:
    """Without titles, places, pages and issuers of evidence, and without who else hands it in."""
    hidden = tuple(replace(e, title="", place="", pages="", issuer="", alike=()) for e in found.evidence)
    return replace(found, evidence=hidden)


def blind_outcome(outcome: EvidenceOutcome) -> EvidenceOutcome:
    """Everything derived, without what tells whose it is. Published figures name their makers and are left out."""
    return EvidenceOutcome(
        performance=tuple(map(blind_performance, outcome.performance)),
        openness=tuple(map(blind_openness, outcome.openness)),
        access=tuple(map(blind_access, outcome.access)),
        references=outcome.references,
    )
