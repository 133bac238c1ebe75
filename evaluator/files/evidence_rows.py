"""What was derived from evidence as rows of one table: for evidence.csv and for the workbook.

One row a derived figure, followed by one row a piece of what it rests on. Laid out as ranking.csv is: UTF-8 with a
byte-order mark, CRLF, text that never becomes a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from fractions import Fraction

from evaluator.files.ranking_csv import guarded, number_text
from evaluator.model.access import AccessDerivation
from evaluator.model.evaluation import Evaluation
from evaluator.model.evidence import EvidenceOutcome
from evaluator.model.openness import OpennessDeclaration, OpennessDerivation
from evaluator.model.performance import Measurement, PerformanceDerivation
from evaluator.model.support import SupportOutcome

Row = Mapping[str, str | Fraction | int | None]

EVIDENCE_COLUMNS = (
    "applicant", "name", "kind", "criterion", "item", "state", "value", "reference", "reference_value", "weight",
    "value_normal", "reference_normal", "ratio", "ratio_low", "ratio_high", "min", "max", "n",
    "model", "version", "mode", "measured_by", "harness", "date", "source", "notes",
)  # fmt: skip
"""``value`` is a score, a level, a licence or a figure as written; in the row of the whole criterion, whose ``item`` is
empty, it is the derived figure. ``weight`` is the share with which a benchmark counts, ``*_normal`` what is left of a
score after chance correction."""

SUPPORT_COLUMNS = ("applicant", "item", "unit", "asked", "granted", "government", "own", "cash", "available", "notes")
"""Rows without an applicant are totals."""


def evidence_csv(evaluation: Evaluation) -> bytes:
    """The evidence as the bytes of evidence.csv: by kind, criterion and applicant, in the order of the record.

    A cell is empty where there is nothing. In a blind round the alias stands for the name.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(EVIDENCE_COLUMNS)
    for row in evidence_rows(evaluation):
        writer.writerow([_cell(row.get(column)) for column in EVIDENCE_COLUMNS])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cell(value: str | Fraction | int | None) -> str:
    if isinstance(value, str):
        return guarded(value)
    return number_text(None if value is None else Fraction(value))


def evidence_rows(evaluation: Evaluation) -> Iterator[Row]:
    """Every row, with the name of its applicant."""
    names = {a.id: (a.alias or a.id) if evaluation.round.blind else a.name for a in evaluation.applicants}
    for row in _rows(evaluation.evidence or EvidenceOutcome()):
        yield {**row, "name": names.get(str(row["applicant"]), "")}


def support_rows(support: SupportOutcome) -> Iterator[Row]:
    """Every item of every team, then the totals."""
    for team in support.teams:
        for line in team.lines:
            yield {
                "applicant": team.applicant,
                "item": line.item,
                "unit": line.unit,
                "asked": line.asked,
                "granted": line.granted,
                "government": line.government,
                "own": line.own,
                "cash": line.cash,
                "notes": "; ".join(line.notes),
            }
    for total in support.totals:
        yield {
            "item": total.item,
            "unit": total.unit,
            "granted": total.granted,
            "government": total.government,
            "own": total.own,
            "available": total.available,
            "notes": "" if total.over is None else f"over {number_text(total.over)}",
        }


def _rows(outcome: EvidenceOutcome) -> Iterator[Row]:
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


def _performance(d: PerformanceDerivation) -> Iterator[Row]:
    about: Row = {"kind": "performance", "applicant": d.applicant, "criterion": d.criterion}
    yield {
        **about,
        "item": "",
        "state": d.verdict,
        "value": d.ratio,
        "reference": "; ".join(d.references),
        "ratio_low": d.low,
        "ratio_high": d.high,
        "model": d.model,
        "version": d.version,
        "mode": d.mode,
        "notes": "; ".join((*d.why, *d.withheld, *d.flags)),
    }
    for line in d.lines:
        yield {
            **about,
            "item": line.benchmark,
            "state": line.state,
            "value": line.own,
            "reference": line.reference,
            "reference_value": line.other,
            "weight": line.weight,
            "value_normal": line.own_normal,
            "reference_normal": line.other_normal,
            "ratio": line.ratio,
            "ratio_low": line.low,
            "ratio_high": line.high,
            "n": line.n,
            "measured_by": line.measured_by,
            "harness": line.harness,
            "date": line.date,
            "source": line.file,
            "notes": "; ".join(filter(None, (*line.flags, line.excuse))),
        }


def _openness(d: OpennessDerivation) -> Iterator[Row]:
    about: Row = {"kind": "openness", "applicant": d.applicant, "criterion": d.criterion, "model": d.model}
    notes = "; ".join((*(f"missing {m}" for m in d.next_missing), *d.flags))
    yield {**about, "item": "", "value": d.level, "notes": notes}
    for line in d.components:
        yield {
            **about,
            "item": line.component,
            "state": line.state,
            "value": line.licence,
            "source": line.url,
            "notes": "; ".join((line.licence_kind, *line.notes)),
        }


def _access(d: AccessDerivation) -> Iterator[Row]:
    about: Row = {"kind": "access", "applicant": d.applicant, "criterion": d.criterion}
    notes = "; ".join((*(f"missing {m}" for m in d.missing), *d.flags))
    yield {**about, "item": "", "state": d.counts, "value": d.level, "notes": notes}
    for item in d.evidence:
        yield {
            **about,
            "item": item.kind,
            "state": item.delivery,
            "value": item.figure,
            "date": item.date,
            "source": item.place,
            "notes": "; ".join((item.title, *item.flags)),
        }


def _measurement(applicant: str, m: Measurement) -> Row:
    return {
        "kind": "measurement",
        "applicant": applicant,
        "item": m.benchmark,
        "state": m.metric,
        "value": m.score,
        "min": m.low,
        "max": m.high,
        "n": m.n,
        "model": m.model,
        "version": m.version,
        "mode": m.mode,
        "measured_by": m.measured_by,
        "harness": " ".join(filter(None, (m.harness, m.harness_version))),
        "date": m.date,
        "source": m.source or m.file,
        "notes": m.partial,
    }


def _declared(applicant: str, declaration: OpennessDeclaration) -> Iterator[Row]:
    for component in declaration.components:
        yield {
            "kind": "release",
            "applicant": applicant,
            "item": component.component,
            "state": component.state,
            "value": component.licence or "",
            "model": declaration.model,
            "version": declaration.version,
            "date": component.date.isoformat() if component.date else "",
            "source": component.url or "",
        }
