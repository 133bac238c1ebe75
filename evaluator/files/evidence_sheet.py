"""The workbook's sheets of evidence and support: the rows of evidence.csv in words, with live formulas.

From the scores on everything is recalculated: each chance-corrected score and ratio is a formula over the scores, the
floor and the end of the scale in its row, and the performance ratio one over the rows below it. Like the recalculation
sheet that one rounds to :data:`evaluator.files.recalculation.GUARD` decimals before it rounds as the rubric says,
because spreadsheet programs calculate in binary floating point; where it differs from the record all the same, the
record is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from evaluator.files.evidence_rows import (
    EVIDENCE_COLUMNS,
    SUPPORT_COLUMNS,
    Row,
    Told,
    Value,
    evidence_rows,
    support_rows,
)
from evaluator.files.recalculation import GUARD, Formula, column_letters
from evaluator.model.evaluation import Evaluation
from evaluator.model.numbers import show
from evaluator.model.performance import Aggregation, Benchmark, PerformanceDerivation, PerformanceRule
from evaluator.model.support import SupportOutcome
from evaluator.model.text import Language

HEADINGS = (*("piece" if column == "item" else column for column in EVIDENCE_COLUMNS), "recalculated", "difference")
SUPPORT_HEADINGS = tuple("piece" if column == "item" else column for column in SUPPORT_COLUMNS)
_Cell = str | int | Fraction | Formula | None
_Cells = Sequence[_Cell]
_Label = Callable[[str], str]
_Catalogue = Mapping[str, Any]


def evidence_cells(evaluation: Evaluation, lang: Language, label: _Label, report: _Catalogue) -> Iterator[_Cells]:
    """The rows of the sheet below its heading, which is the first row.

    ``label`` gives the workbook's own words, ``report`` the report catalogue's, both in ``lang``.
    """
    derived = {(d.applicant, d.criterion): d for d in (evaluation.evidence.performance if evaluation.evidence else ())}
    rules = {leaf.id: leaf.performance for leaf in evaluation.rubric.leaves()}
    for at, row in enumerate(evidence_rows(evaluation), start=2):
        key = (str(row["applicant"]), str(row.get("criterion")))
        found = derived.get(key) if row["kind"] == "performance" else None
        rule = rules.get(found.criterion) if found is not None else None
        benchmark = next((b for b in rule.benchmarks if b.id == row["item"]), None) if rule is not None else None
        told: dict[str, _Cell] = {name: _word(row.get(name), label, report) for name in EVIDENCE_COLUMNS}
        told["kind"] = label(f"kind_{row['kind']}")
        if benchmark is not None:
            told["item"] = benchmark.title.in_(lang)
            told |= _live(row, benchmark, at)
        cells: list[_Cell] = [told[name] for name in EVIDENCE_COLUMNS]
        if found is not None and rule is not None and not row["item"] and found.ratio is not None:
            cells += _recalculated(rule, found, at)
        yield cells


def support_cells(support: SupportOutcome, lang: Language, label: _Label, report: _Catalogue) -> Iterator[_Cells]:
    """The rows of the sheet of support, items by their titles."""
    titles = {item.id: item.title.in_(lang) for item in support.declared.items} | {
        "budget": report["support"]["budget"]
    }
    for row in support_rows(support):
        told: dict[str, _Cell] = {name: _word(row.get(name), label, report) for name in SUPPORT_COLUMNS}
        told["item"] = titles.get(str(row["item"]), str(row["item"]))
        yield [told[name] for name in SUPPORT_COLUMNS]


def _word(value: Value, label: _Label, report: _Catalogue) -> str | int | Fraction | None:
    """A code in words; text and figures as they are."""
    if isinstance(value, tuple):
        return "; ".join(str(_word(part, label, report)) for part in value if str(part))
    if not isinstance(value, Told):
        return value
    if value.families == ("line_state",) and value.code == "measured":
        return label("state_measured")
    words = (report.get(family, {}).get(value.code) for family in value.families)
    text = str(next((word for word in words if word is not None), value.code))
    return f"{label(value.before)}: {text}" if value.before else text


def _letter(column: str) -> str:
    return column_letters(EVIDENCE_COLUMNS.index(column))


def _live(row: Row, benchmark: Benchmark, at: int) -> dict[str, Formula]:
    """The corrected scores and the ratio of one benchmark as formulas; what the record does not have stays empty."""
    best = f"{_letter('max' if benchmark.direction == 'higher' else 'min')}{at}"
    floor, found = f"{_letter('floor')}{at}", {}
    for score, column in (("value", "value_normal"), ("reference_value", "reference_normal")):
        value = row.get(column)
        if isinstance(value, Fraction) and row.get(score) is not None and row.get("floor") is not None:
            text = f"=MAX(0,({_letter(score)}{at}-{floor})/({best}-{floor}))"
            found[column] = Formula(text, value)
    ratio = row.get("ratio")
    if isinstance(ratio, Fraction) and len(found) == 2:
        found["ratio"] = Formula(f"={_letter('value_normal')}{at}/{_letter('reference_normal')}{at}", ratio)
    return found


def _recalculated(rule: PerformanceRule, found: PerformanceDerivation, at: int) -> tuple[Formula, Formula]:
    text = _formula(rule.aggregation, found, at)
    return (
        Formula(f"={text}", found.ratio or Fraction(0)),
        Formula(f"={text}-{_letter('value')}{at}", Fraction(0)),
    )


def _formula(rule: Aggregation, found: PerformanceDerivation, at: int) -> str:
    """The declared formula over the rows of the benchmarks, which follow the row of the ratio."""

    def column(name: str) -> str:
        return f"{_letter(name)}{at + 1}:{_letter(name)}{at + len(found.lines)}"

    weight, own, other, ratio = (column(c) for c in ("weight", "value_normal", "reference_normal", "ratio"))
    cap = None if rule.cap is None else show(rule.cap)
    if rule.formula == "ratio_of_means":
        counted = own if cap is None else f"({own}<{cap}*{other})*{own}+({own}>={cap}*{other})*{cap}*{other}"
        value = f"SUMPRODUCT({weight},{counted})/SUMPRODUCT({weight},{other})"
    else:
        counted = ratio if cap is None else f"({ratio}<{cap})*{ratio}+({ratio}>={cap})*{cap}"
        value = f"SUMPRODUCT({weight},{counted})"
        if rule.formula == "geometric":
            # What has no weight has no ratio either, and a logarithm would not have it.
            logs = f"LN({counted}+({weight}=0)*({ratio}=0))"
            nothing = f"SUMPRODUCT(({weight}>0)*({ratio}=0))>0"
            value = f"IF({nothing},0,EXP(SUMPRODUCT({weight},{logs})))"
    return value if rule.round is None else f"ROUND(ROUND({value},{GUARD}),{rule.round})"
