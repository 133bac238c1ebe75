"""Everything the rubric derives from evidence, in one call."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from fractions import Fraction

from evaluator.evidence.access import derive_access
from evaluator.evidence.openness import derive_openness
from evaluator.evidence.performance import derive_performance
from evaluator.model.evidence import EvidenceOutcome, RoundEvidence
from evaluator.model.rubric import Rubric


def derive(rubric: Rubric, evidence: RoundEvidence, on: datetime.date | None) -> EvidenceOutcome | None:
    """What follows from the evidence of a round, by criterion in the rubric's order, then by applicant id.

    ``on`` is the day of the evaluation. None where there is no evidence at all. Where the rubric is for evidence only
    (``use: evidence``), measurements and declarations are passed on as they were read: a ratio or a level would be a
    judgement, and nobody is judged there.
    """
    if not (evidence.performance or evidence.openness or evidence.access or evidence.measurements):
        return None
    if rubric.use == "evidence":
        return EvidenceOutcome(
            measurements=tuple(sorted(evidence.measurements, key=_by_applicant_and_place)),
            declared=tuple(sorted(evidence.openness, key=lambda item: (item[0], item[1].model, item[1].version))),
        )
    leaves = rubric.leaves()
    performance = [
        derivation
        for leaf in leaves
        if leaf.performance is not None
        for derivation in derive_performance(
            leaf,
            [item for item in evidence.performance if item.criterion == leaf.id],
            [model for model in evidence.references if model.criterion == leaf.id],
        )
    ]
    openness = [
        derive_openness(leaf, applicant, declaration, on)
        for leaf in leaves
        if leaf.openness is not None
        for applicant, declaration in sorted(evidence.openness, key=lambda item: item[0])
    ]
    fed = [leaf for leaf in leaves if leaf.access is not None]
    access = derive_access(fed, dict(evidence.access), on) if evidence.access else []
    order = {leaf.id: i for i, leaf in enumerate(leaves)}
    return EvidenceOutcome(
        performance=tuple(sorted(performance, key=lambda d: (order[d.criterion], d.applicant))),
        openness=tuple(openness),
        access=tuple(sorted(access, key=lambda d: (order[d.criterion], d.applicant))),
        references=tuple(sorted(evidence.references, key=lambda model: (order[model.criterion], model.model))),
    )


def _by_applicant_and_place(item: tuple[str, object]) -> tuple[str, ...]:
    applicant, measurement = item
    names = ("model", "version", "mode", "benchmark", "metric", "file", "path")
    return (applicant, *(str(getattr(measurement, name)) for name in names))


def derived_figures(outcome: EvidenceOutcome | None) -> Mapping[tuple[str, str], Fraction]:
    """The figure of each applicant on each derived criterion; what is not assessable has none."""
    return {} if outcome is None else outcome.figures()


def reasons_without_figure(outcome: EvidenceOutcome | None) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Why a derivation has no figure, by applicant and criterion, as codes of ``PerformanceDerivation.why``."""
    performance = () if outcome is None else outcome.performance
    return {(d.applicant, d.criterion): d.why for d in performance if d.ratio is None}
