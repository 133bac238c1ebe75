"""Evidence as a whole: what the round folder holds, and what was derived from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict

from evaluator.model.access import AccessDerivation
from evaluator.model.openness import OpennessDerivation
from evaluator.model.performance import (
    STRICT,
    Measurement,
    PerformanceDerivation,
    PerformanceEvidence,
    ReferenceModel,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundEvidence:
    """What the evidence folders of a round hold, read and matched to the rubric."""

    performance: tuple[PerformanceEvidence, ...] = ()
    references: tuple[ReferenceModel, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceOutcome:
    """Everything derived from evidence, by criterion in the rubric's order, then by applicant."""

    performance: tuple[PerformanceDerivation, ...] = ()
    openness: tuple[OpennessDerivation, ...] = ()
    access: tuple[AccessDerivation, ...] = ()
    measurements: tuple[tuple[str, Measurement], ...] = ()
    """Every measurement read, with its applicant: for a table of evidence, where nothing is derived."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
