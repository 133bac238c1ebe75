"""evidence.csv: one row a derived figure and one row a piece of what it rests on, for spreadsheet programs and scripts.

Laid out as ranking.csv is: UTF-8 with a byte-order mark, CRLF, text that never becomes a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from evaluator.files.ranking_csv import guarded, number_text
from evaluator.model.access import AccessDerivation
from evaluator.model.evaluation import Evaluation
from evaluator.model.evidence import EvidenceOutcome
from evaluator.model.openness import OpennessDeclaration, OpennessDerivation
from evaluator.model.performance import Measurement, PerformanceDerivation

COLUMNS = (
    "applicant", "name", "kind", "criterion", "item", "state", "value", "reference", "reference_value", "ratio",
    "low", "high", "min", "max", "n", "model", "version", "mode", "measured_by", "harness", "date", "source", "notes",
)  # fmt: skip
"""``value`` is a score, a level or (in the row of the whole criterion, whose ``item`` is empty) the derived figure."""

_Row = dict[str, str]


def evidence_csv(evaluation: Evaluation) -> bytes:
    """The evidence as the bytes of evidence.csv: by kind, criterion and applicant, in the order of the record.

    A cell is empty where there is nothing. In a blind round the alias stands for the name.
    """
    names = {a.id: (a.alias or a.id) if evaluation.round.blind else a.name for a in evaluation.applicants}
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for row in _rows(evaluation.evidence or EvidenceOutcome()):
        writer.writerow({**row, "name": guarded(names.get(row["applicant"], ""))})
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _rows(outcome: EvidenceOutcome) -> Iterator[_Row]:
    for performance in outcome.performance:
        yield from _performance(performance)
    for openness in outcome.openness:
        yield from _openness(openness)
    for access in outcome.access:
        yield from _access(access)
    for applicant, measurement in outcome.measurements:
        yield _measurement(applicant, measurement)
    for applicant, declaration in outcome.declared:
        yield from _declared(applicant, declaration)


def _row(kind: str, applicant: str, criterion: str, item: str = "", **cells: str) -> _Row:
    return {"kind": kind, "applicant": guarded(applicant), "criterion": criterion, "item": guarded(item)} | cells


def _performance(d: PerformanceDerivation) -> Iterator[_Row]:
    yield _row(
        "performance",
        d.applicant,
        d.criterion,
        state=d.verdict,
        value=number_text(d.ratio),
        reference=guarded("; ".join(d.references)),
        low=number_text(d.low),
        high=number_text(d.high),
        model=guarded(d.model),
        version=guarded(d.version),
        mode=guarded(d.mode),
        notes="; ".join((*d.why, *d.withheld, *d.flags)),
    )
    for line in d.lines:
        yield _row(
            "performance",
            d.applicant,
            d.criterion,
            line.benchmark,
            state=line.state,
            value=number_text(line.own),
            reference=guarded(line.reference),
            reference_value=number_text(line.other),
            ratio=number_text(line.ratio),
            low=number_text(line.low),
            high=number_text(line.high),
            n="" if line.n is None else str(line.n),
            measured_by=line.measured_by or "",
            harness=guarded(line.harness),
            date=line.date,
            source=guarded(line.file),
            notes=guarded("; ".join((*line.flags, *([line.excuse] if line.excuse else [])))),
        )


def _openness(d: OpennessDerivation) -> Iterator[_Row]:
    notes = "; ".join((*(f"missing {m}" for m in d.next_missing), *d.flags))
    yield _row("openness", d.applicant, d.criterion, value=str(d.level), model=guarded(d.model), notes=guarded(notes))
    for line in d.components:
        yield _row(
            "openness",
            d.applicant,
            d.criterion,
            line.component,
            state=line.state,
            value=guarded(line.licence),
            source=guarded(line.url),
            notes="; ".join((line.licence_kind, *line.notes)),
        )


def _access(d: AccessDerivation) -> Iterator[_Row]:
    notes = "; ".join((*(f"missing {m}" for m in d.missing), *d.flags))
    yield _row("access", d.applicant, d.criterion, value=str(d.level), notes=guarded(notes))
    for item in d.evidence:
        yield _row(
            "access",
            d.applicant,
            d.criterion,
            item.kind,
            state=item.delivery,
            value=guarded(item.figure),
            date=item.date,
            source=guarded(item.place),
            notes=guarded("; ".join((item.title, *item.flags))),
        )


def _measurement(applicant: str, m: Measurement) -> _Row:
    return _row(
        "measurement",
        applicant,
        "",
        m.benchmark,
        state=m.metric,
        value=number_text(m.score),
        min=number_text(m.low),
        max=number_text(m.high),
        n="" if m.n is None else str(m.n),
        model=guarded(m.model),
        version=guarded(m.version),
        mode=guarded(m.mode),
        measured_by=m.measured_by,
        harness=guarded(" ".join(filter(None, (m.harness, m.harness_version)))),
        date=m.date,
        source=guarded(m.source or m.file),
        notes=guarded(m.partial),
    )


def _declared(applicant: str, declaration: OpennessDeclaration) -> Iterator[_Row]:
    for component in declaration.components:
        yield _row(
            "release",
            applicant,
            "",
            component.component,
            state=component.state,
            value=guarded(component.licence or ""),
            model=guarded(declaration.model),
            version=guarded(declaration.version),
            date=component.date.isoformat() if component.date else "",
            source=guarded(component.url or ""),
        )
