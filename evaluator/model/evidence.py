"""Evidence as a whole: what the round folder holds, and what was derived from it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from pydantic import ConfigDict

from evaluator.model.access import AccessDeclaration, AccessDerivation
from evaluator.model.openness import OpennessDeclaration, OpennessDerivation
from evaluator.model.performance import (
    STRICT,
    Measurement,
    PerformanceDerivation,
    PerformanceEvidence,
    ReferenceModel,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundEvidence:
    """What the evidence folders of a round hold, read and matched to the rubric.

    ``openness`` and ``access`` are what applicants declare, by applicant. ``measurements`` are all figures of all
    result files, with the applicant: those that stand for a benchmark are in ``performance`` as well.
    """

    performance: tuple[PerformanceEvidence, ...] = ()
    references: tuple[ReferenceModel, ...] = ()
    openness: tuple[tuple[str, OpennessDeclaration], ...] = ()
    access: tuple[tuple[str, AccessDeclaration], ...] = ()
    measurements: tuple[tuple[str, Measurement], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceOutcome:
    """Everything derived from evidence, by criterion in the rubric's order, then by applicant.

    ``references`` are the models applicants were compared with, by criterion, then by name. Where nothing is derived
    (``use: evidence``), ``measurements`` is every figure of every result file and ``declared`` every declaration about
    a released model, each with its applicant; elsewhere both are empty.
    """

    performance: tuple[PerformanceDerivation, ...] = ()
    openness: tuple[OpennessDerivation, ...] = ()
    access: tuple[AccessDerivation, ...] = ()
    references: tuple[ReferenceModel, ...] = ()
    measurements: tuple[tuple[str, Measurement], ...] = ()
    declared: tuple[tuple[str, OpennessDeclaration], ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    def figures(self) -> dict[tuple[str, str], Fraction]:
        """The figure of each applicant on each derived criterion; what is not assessable has none."""
        figures = {(d.applicant, d.criterion): d.ratio for d in self.performance if d.ratio is not None}
        figures |= {(d.applicant, d.criterion): Fraction(d.level) for d in self.openness}
        figures |= {(d.applicant, d.criterion): Fraction(d.level) for d in self.access}
        return figures
