"""The workbook where the official method is not the weighted sum: totals are its scores, sums of points only sums."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import openpyxl
import pytest

from evaluator.files.workbook import workbook_bytes
from evaluator.model.evaluation import Evaluation
from evaluator.model.text import Language
from tests.outputs.rounds import RUBRIC, SHEETS, small_evaluation


@pytest.fixture(scope="module")
def ranked_by_topsis() -> Evaluation:
    """a1 and a2 are compared; a3 misses a threshold and has points but no total."""
    rubric = {key: value for key, value in RUBRIC.items() if key not in {"pass_mark", "adjustments"}}
    evaluation = small_evaluation(rubric={**rubric, "method": "topsis"}, adjustments=(), warnings=())
    assert [(s.applicant, s.total is None) for s in evaluation.ranking][-1] == ("a3", True)
    return evaluation


def opened(evaluation: Evaluation, lang: Language = "ko", **settings: Any) -> Any:
    content = io.BytesIO(workbook_bytes(evaluation, lang, **settings))
    return openpyxl.load_workbook(content, data_only=True)


def test_totals_are_named_as_what_they_are(ranked_by_topsis: Evaluation) -> None:
    rows = list(opened(ranked_by_topsis)["순위"].iter_rows(values_only=True))
    assert rows[0][4:8] == ("총점: TOPSIS", "총점(기록 그대로): TOPSIS", "순위용 총점: TOPSIS", "가점")
    first = ranked_by_topsis.ranking[0]
    assert rows[1][4] == pytest.approx(float(first.total or 0))
    assert rows[3][1] == "a3"
    assert rows[3][4:7] == (None, None, None)


@pytest.mark.parametrize("settings", [{}, {"max_rows": 5}])
def test_the_recalculation_ends_at_the_sum_of_the_points(
    ranked_by_topsis: Evaluation, settings: dict[str, Any]
) -> None:
    book = opened(ranked_by_topsis, **settings)
    rows = list(book[book.sheetnames[4]].iter_rows(values_only=True))
    notes = [str(row[0]) for row in rows[:5]]
    assert any("모든 항목 점수를 다시 계산" in note for note in notes)
    assert any("총점은 공식 방법인 TOPSIS의 값이며, 이 시트에서는 다시 계산하지 않습니다." in note for note in notes)
    steps = {str(row[1]) for row in rows}
    assert not steps & {"총점", "요약: 총점", "가점", "감점", "순위용 총점"}
    sums = {row[0]: row for row in rows if row[1] == "요약: 항목 점수의 합(총점이 아님)"}
    assert list(sums) == ["a2", "a1", "a3"]
    for standing in ranked_by_topsis.ranking:
        points = standing.criteria["technical"].points + standing.criteria["price"].points
        row = sums[standing.applicant]
        assert Fraction(str(row[12])) == points
        assert row[14:16] == (None, None)
    assert next(row[12] for row in rows if row[0] == "차이가 0이 아닌 행의 수(0이어야 합니다)") == 0


def test_no_formula_of_the_sheet_stands_for_a_total(ranked_by_topsis: Evaluation) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(ranked_by_topsis, "en")))
    for row in book["recalculation"].iter_rows():
        for cell in row:
            assert not (cell.data_type == "f" and "'ranking'!" in str(cell.value))


def test_nothing_computed_is_nothing_to_recompute() -> None:
    rubric = {key: value for key, value in RUBRIC.items() if key not in {"pass_mark", "adjustments"}}
    blank = {**SHEETS, "a2": {**SHEETS["a2"], "r1": ("", "4")}}
    evaluation = small_evaluation(rubric={**rubric, "method": "topsis"}, sheets=blank, adjustments=(), warnings=())
    rows = list(opened(evaluation)["검산"].iter_rows(values_only=True))
    assert "검산할 것이 없습니다" in str(rows[1][0])
    assert not any("TOPSIS" in str(row[0]) for row in rows)
