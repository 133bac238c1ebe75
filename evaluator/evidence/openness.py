"""The open-source level of one applicant, and the whole way to it."""

from __future__ import annotations

import datetime

from evaluator.model.openness import OpennessDeclaration, OpennessDerivation
from evaluator.model.rubric import Criterion


def derive_openness(
    leaf: Criterion, applicant: str, declaration: OpennessDeclaration, on: datetime.date | None = None
) -> OpennessDerivation:
    """The level that follows from a declaration under the leaf's rule."""
    raise NotImplementedError
