"""The workbook's sheet of evidence: the rows of evidence.csv, and the performance ratio once more as a live formula.

The formula takes the weights and the chance-corrected scores of the rows below it. Like the recalculation sheet it
rounds to :data:`evaluator.files.recalculation.GUARD` decimals before it rounds as the rubric says, because spreadsheet
programs calculate in binary floating point; where it differs from the record all the same, the record is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from evaluator.files.evidence_rows import EVIDENCE_COLUMNS, evidence_rows
from evaluator.files.recalculation import GUARD, Formula, column_letters
from evaluator.model.evaluation import Evaluation
from evaluator.model.numbers import show
from evaluator.model.performance import Aggregation, PerformanceDerivation

HEADINGS = (*EVIDENCE_COLUMNS, "recalculated", "difference")
_Cells = Sequence[str | int | Fraction | Formula | None]


def evidence_cells(evaluation: Evaluation) -> Iterator[_Cells]:
    """The rows of the sheet below its heading, which is the first row."""
    derived = {(d.applicant, d.criterion): d for d in (evaluation.evidence.performance if evaluation.evidence else ())}
    rules = {leaf.id: leaf.performance for leaf in evaluation.rubric.leaves()}
    for at, row in enumerate(evidence_rows(evaluation), start=2):
        cells: list[str | int | Fraction | Formula | None] = [row.get(column) for column in EVIDENCE_COLUMNS]
        found = (
            derived.get((str(row["applicant"]), str(row.get("criterion")))) if row["kind"] == "performance" else None
        )
        rule = rules.get(found.criterion) if found is not None else None
        if found is not None and rule is not None and not row["item"] and found.ratio is not None:
            text = _formula(rule.aggregation, found, at)
            cells += [Formula(f"={text}", found.ratio), Formula(f"={text}-{_letter('value')}{at}", Fraction(0))]
        yield cells


def _letter(column: str) -> str:
    return column_letters(EVIDENCE_COLUMNS.index(column))


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
