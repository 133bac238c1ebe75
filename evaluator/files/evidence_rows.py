"""What was derived from evidence as rows of one table: for evidence.csv and for the workbook.

One row a derived figure, followed by one row a piece of what it rests on. Laid out as ranking.csv is: UTF-8 with a
byte-order mark, CRLF, text that never becomes a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from evaluator.files.ranking_columns import number_text
from evaluator.files.ranking_csv import guarded
from evaluator.model.access import AccessDerivation
from evaluator.model.blind import blind_outcome
from evaluator.model.evaluation import Evaluation
from evaluator.model.evidence import EvidenceOutcome
from evaluator.model.openness import OpennessDeclaration, OpennessDerivation
from evaluator.model.performance import Measurement, PerformanceDerivation, PerformanceRule
from evaluator.model.support import SupportOutcome


@dataclass(frozen=True, slots=True)
class Told:
    """A code, and the families of the report catalogue that may have a word for it. ``before`` is another code."""

    families: tuple[str, ...]
    code: str
    before: str = ""

    def __str__(self) -> str:
        return f"{self.before} {self.code}".strip()


Value = str | Fraction | int | Told | tuple[str | Told, ...] | None
Row = Mapping[str, Value]

EVIDENCE_COLUMNS = (
    "applicant", "name", "kind", "criterion", "item", "state", "value", "reference", "reference_value", "weight",
    "min", "max", "floor", "value_normal", "reference_normal", "ratio", "ratio_low", "ratio_high",
    "given", "given_min", "given_max", "n",
    "model", "version", "mode", "measured_by", "harness", "date", "source", "notes",
)  # fmt: skip
"""``value`` is a score, a level, a licence or a figure as written; in the row of the whole criterion, whose ``item`` is
empty, it is the derived figure. ``weight`` is the share with which a benchmark counts; ``min`` and ``max`` are the ends
of its scale, ``floor`` is what guessing scores or else the worse end, ``*_normal`` what is left of a score after
correction for the floor. ``given`` is the score as it was handed in, where that was on another scale."""

SUPPORT_COLUMNS = ("applicant", "item", "unit", "asked", "granted", "government", "own", "cash", "available", "notes")
"""Rows without an applicant are totals. What exceeds the pool is not settled and has only what was asked for."""


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


def _cell(value: Value) -> str:
    if isinstance(value, str | Told):
        return guarded(str(value))
    if isinstance(value, tuple):
        return guarded("; ".join(str(part) for part in value if str(part)))
    return number_text(None if value is None else Fraction(value))


def evidence_rows(evaluation: Evaluation) -> Iterator[Row]:
    """Every row, with the name of its applicant; in a blind round without anything else that tells who it is."""
    names = {a.id: (a.alias or a.id) if evaluation.round.blind else a.name for a in evaluation.applicants}
    rules = {leaf.id: leaf.performance for leaf in evaluation.rubric.leaves() if leaf.performance is not None}
    outcome = evaluation.evidence or EvidenceOutcome()
    for row in _rows(blind_outcome(outcome) if evaluation.round.blind else outcome, rules):
        yield {**row, "name": names.get(str(row["applicant"]), "")}


def support_rows(support: SupportOutcome) -> Iterator[Row]:
    """Every item of every team, then the totals."""
    for team in support.teams:
        for line in team.lines:
            row: Row = {
                "applicant": team.applicant,
                "item": line.item,
                "unit": Told(("support_unit",), line.unit),
                "asked": line.asked,
            }
            if line.granted is None:
                yield {**row, "notes": Told(("support",), "undecided")}
                continue
            yield {
                **row,
                "granted": line.granted,
                "government": line.government,
                "own": line.own,
                "cash": line.cash,
                "notes": tuple(Told(("support_note",), code) for code in line.notes),
            }
    for total in support.totals:
        yield {
            "item": total.item,
            "unit": Told(("support_unit",), total.unit),
            "granted": total.granted,
            "government": total.government,
            "own": total.own,
            "available": total.available,
            "notes": "" if total.over is None else Told(("support",), number_text(total.over), "exceeds"),
        }


def _rows(outcome: EvidenceOutcome, rules: Mapping[str, PerformanceRule]) -> Iterator[Row]:
    for performance in outcome.performance:
        yield from _performance(performance, rules.get(performance.criterion))
    for openness in outcome.openness:
        yield from _openness(openness)
    for access in outcome.access:
        yield from _access(access)
    for applicant, measurement in outcome.measurements:
        yield _measurement(applicant, measurement)
    for applicant, declaration in outcome.declared:
        yield from _declared(applicant, declaration)


def _told(codes: Iterable[str], *families: str, before: str = "") -> tuple[Told, ...]:
    return tuple(Told(families, code, before) for code in codes)


def _performance(d: PerformanceDerivation, rule: PerformanceRule | None) -> Iterator[Row]:
    scales = {b.id: b.scale for b in rule.benchmarks} if rule else {}
    about: Row = {"kind": "performance", "applicant": d.applicant, "criterion": d.criterion}
    yield {
        **about,
        "item": "",
        "state": Told(("performance_verdict",), d.verdict),
        "value": d.ratio,
        "reference": "; ".join(d.references),
        "ratio_low": d.low,
        "ratio_high": d.high,
        "model": d.model,
        "version": d.version,
        "mode": d.mode,
        "notes": (
            *_told(d.why, "performance_why"),
            *_told(d.withheld, "performance_withheld"),
            *_told(d.flags, "performance_flag"),
        ),
    }
    for line in d.lines:
        scale = scales.get(line.benchmark)
        yield {
            **about,
            "item": line.benchmark,
            "state": Told(("line_state",), line.state),
            "value": line.own,
            "reference": line.reference,
            "reference_value": line.other,
            "weight": line.weight,
            "min": scale.min if scale else None,
            "max": scale.max if scale else None,
            "floor": line.floor,
            "value_normal": line.own_normal,
            "reference_normal": line.other_normal,
            "ratio": line.ratio,
            "ratio_low": line.low,
            "ratio_high": line.high,
            "given": line.given,
            "given_min": line.given_low,
            "given_max": line.given_high,
            "n": line.n,
            "measured_by": Told(("measured_by",), line.measured_by) if line.measured_by else None,
            "harness": line.harness,
            "date": line.date,
            "source": line.file,
            "notes": (*_told(line.flags, "performance_flag"), line.excuse),
        }


def _openness(d: OpennessDerivation) -> Iterator[Row]:
    about: Row = {"kind": "openness", "applicant": d.applicant, "criterion": d.criterion, "model": d.model}
    notes = (
        *_told(d.next_missing, "component", "openness_missing", before="missing"),
        *_told(d.flags, "openness_flag"),
    )
    yield {**about, "item": "", "value": d.level, "notes": notes}
    for line in d.components:
        yield {
            **about,
            "item": Told(("component",), line.component),
            "state": Told(("component_state",), line.state),
            "value": Told(("licence_word",), line.licence) if line.licence else "",
            "source": line.url,
            "notes": (Told(("licence_kind",), line.licence_kind), *_told(line.notes, "openness_note")),
        }


def _access(d: AccessDerivation) -> Iterator[Row]:
    about: Row = {"kind": "access", "applicant": d.applicant, "criterion": d.criterion}
    notes = (*_told(d.missing, "evidence_kind", before="missing"), *_told(d.flags, "access_flag"))
    yield {**about, "item": "", "state": Told(("delivery",), d.counts), "value": d.level, "notes": notes}
    for item in d.evidence:
        yield {
            **about,
            "item": Told(("evidence_kind",), item.kind),
            "state": Told(("delivery",), item.delivery),
            "value": item.figure,
            "date": item.date,
            "source": item.place,
            "notes": (item.title, *_told(item.flags, "access_flag")),
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
        "measured_by": Told(("measured_by",), m.measured_by),
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
            "item": Told(("component",), component.component),
            "state": Told(("component_state",), component.state),
            "value": Told(("licence_word",), component.licence) if component.licence else "",
            "model": declaration.model,
            "version": declaration.version,
            "date": component.date.isoformat() if component.date else "",
            "source": component.url or "",
        }
