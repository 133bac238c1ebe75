"""openness.yaml: what of a model is released, promised or absent, and under which licences."""

from __future__ import annotations

from evaluator.files.problems import Problems
from evaluator.files.sources import Source
from evaluator.model.openness import OpennessDeclaration


def read_openness(source: Source, applicant: str, found: Problems) -> OpennessDeclaration | None:
    """The declaration, or None with every problem noted."""
    raise NotImplementedError
