"""Global performance of the applicants: what their result files hold, matched to the benchmarks of the rubric.

Called once a round, after every result file has been read. Nothing is derived here: what comes out is at most one
result a benchmark, on the rubric's scale, and the reference models with theirs.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluator.files.checks import Reading
from evaluator.files.tables import Table
from evaluator.model.performance import Measurement, PerformanceDeclaration, PerformanceEvidence, ReferenceModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What the evidence folder of one applicant holds about global performance.

    ``file`` is its performance.yaml as messages call it. ``declaration`` is None where it could not be read, and
    ``complete`` is False where some result file could not: then nothing is said about results that seem to be missing.
    """

    applicant: str
    file: str
    declaration: PerformanceDeclaration | None
    measurements: Sequence[Measurement] = ()
    complete: bool = True


def read_performance(
    submissions: Sequence[Submission],
    references: Table | None,
    excuses: Table | None,
    reading: Reading,
    *,
    evaluation_date: datetime.date | None,
    inputs: Mapping[str, str],
) -> tuple[tuple[PerformanceEvidence, ...], tuple[ReferenceModel, ...]]:
    """The evidence of every applicant with a performance.yaml on every criterion that is derived from results.

    ``references`` and ``excuses`` are references.csv and excuses.csv (columns: ``references.COLUMNS``,
    ``excuses.COLUMNS``), None where they are not there or cannot be read. ``reading`` knows the rubric and the
    applicants and takes problems and warnings. ``inputs`` holds the sha256 of each file by its name.

    Evidence comes by criterion in the rubric's order, then by applicant in the order of applicants.csv; references by
    criterion, then by model.
    """
    return (), ()
