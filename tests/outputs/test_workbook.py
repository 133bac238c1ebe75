"""ranking.xlsx: flat sheets, text that stays text, exact figures, and formulas that carry their values."""

from __future__ import annotations

import dataclasses
import datetime
import io
import re
import zipfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest

from evaluator.errors import InputProblems
from evaluator.files import load_round, recalculation
from evaluator.files.recalculation import guard_at, guard_for, kept_weights, rounding_formula
from evaluator.files.workbook import MAX_CELL, workbook_bytes
from evaluator.model.evaluation import Evaluation
from evaluator.model.round import SCORED, Opinion
from evaluator.model.standings import Standings
from evaluator.workflow import evaluate
from tests.oracle.generate import random_case, write_case
from tests.outputs.rounds import SHEETS, small_evaluation, vote_evaluation

EXAMPLES = Path(__file__).parents[2] / "examples"


def plain(**changes: Any) -> Evaluation:
    return small_evaluation(warnings=(), **changes)


def opened(evaluation: Evaluation, *, values: bool = False, **settings: Any) -> Any:
    content = io.BytesIO(workbook_bytes(evaluation, **settings))
    return openpyxl.load_workbook(content, data_only=values)


def cells(sheet: Any) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(values_only=True))


def formulas(book: Any) -> Iterator[Any]:
    for row in book[book.sheetnames[-1]].iter_rows():
        yield from (cell for cell in row if cell.data_type == "f")


def test_sheets_in_both_languages() -> None:
    assert opened(plain()).sheetnames == ["순위", "항목별", "점수", "주의·미해결", "검산"]
    assert opened(plain(info={"language": "en"})).sheetnames == [
        "ranking",
        "criteria",
        "marks",
        "warnings",
        "recalculation",
    ]
    assert opened(plain(), lang="en").sheetnames[0] == "ranking"


def test_ranking_sheet() -> None:
    rows = cells(opened(plain())["순위"])
    assert rows[0][:6] == ("순위", "신청기관 id", "신청기관", "결과", "총점", "총점(기록 그대로)")
    assert rows[1][:6] == (1, "a2", "나래[red] 연구소", "선정(안)", 82.5, "82.5000")
    assert rows[2][2] == "=가람 컨소시엄"
    assert rows[3][0] is None
    assert rows[3][-2] == "항목별 최저기준 미충족: 기술 21 < 30"


def test_every_mark_is_there_with_its_weight_as_text_and_number() -> None:
    evaluation = plain()
    rows = cells(opened(evaluation)["점수"])
    assert len(rows) == 31
    assert rows[3] == ("a1", "r2", "plan", "채점", 33.5, "0.5", 0.5, None)
    assert rows[1][-1] == "근거가 뚜렷함, =SUM(A1)"
    states = [row[3] for row in rows[1:]]
    assert (states.count("제척·기피·회피"), states.count("기권")) == (2, 1)
    assert all((row[4] is None) == (row[3] != "채점") for row in rows[1:])
    assert states.count("채점") == int((evaluation.marks.marks.state == SCORED).sum())


def test_criteria_sheet_has_a_row_an_applicant_and_criterion() -> None:
    rows = cells(opened(plain())["항목별"])
    assert len(rows) == 1 + 3 * 4
    assert rows[7] == (
        "a1",
        "team",
        "인력",
        "항목",
        20,
        None,
        pytest.approx(56 / 3),
        None,
        pytest.approx(56 / 3),
        "56/3",
        18.67,
    )
    assert rows[1][3:6] == ("묶음", 60, 30)


def test_what_is_unresolved_is_named() -> None:
    blank = plain(sheets={**SHEETS, "a2": {**SHEETS["a2"], "r1": ("", "4")}})
    rows = cells(opened(blank)["주의·미해결"])
    assert ("미해결", "blank", "미입력 점수: 계획", "a2", "r1", "plan") in {(r[0], r[1], *r[6:9], r[10]) for r in rows}
    book = opened(blank, values=True)
    assert "검산할 것이 없습니다" in str(cells(book["검산"])[1][0])


def test_only_the_recalculation_has_formulas_and_nothing_is_merged_or_coloured() -> None:
    content = workbook_bytes(plain())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [archive.read(f"xl/worksheets/sheet{i}.xml").decode() for i in range(1, 6)]
        styles = archive.read("xl/styles.xml").decode()
    assert [("<f>" in sheet) for sheet in sheets] == [False, False, False, False, True]
    assert not any("mergeCell" in sheet for sheet in sheets)
    assert all('state="frozen"' in sheet for sheet in sheets)
    assert re.findall(r'patternType="(\w+)"', styles) == ["none", "gray125"]


def test_text_stays_text_whatever_it_looks_like() -> None:
    hostile = ["=1+1", "+1", "@SUM(A1)", "{=1}", "http://a", "<r><t>x</t></r>", "0123", "1e5", "a & <b>"]
    evaluation = plain()
    for text in hostile:
        named = dataclasses.replace(
            evaluation, applicants=tuple(dataclasses.replace(a, name=text) for a in evaluation.applicants)
        )
        cell = opened(named)["순위"]["C2"]
        assert (cell.data_type, str(cell.value).rstrip()) == ("s", text)


def test_comments_stay_text_too() -> None:
    comments = ["=1+1", "<r><t>x</t></r>", 'a & <b> "c"', " 앞뒤 \n줄 ", "_x0041_", "가" * 4_000]
    evaluation = plain()
    marks = dataclasses.replace(evaluation.marks.marks, comments=tuple(enumerate(comments)))
    changed = dataclasses.replace(evaluation, marks=dataclasses.replace(evaluation.marks, marks=marks))
    rows = cells(opened(changed)["점수"])
    # The escape of what looks like one of the format's own escapes is for spreadsheet programs to undo.
    found = [row[-1].replace("_x005F_", "_") for row in rows[1:7]]
    assert found == comments
    with zipfile.ZipFile(io.BytesIO(workbook_bytes(changed))) as archive:
        assert archive.testzip() is None
        assert "_x005F_x0041_" in archive.read("xl/worksheets/sheet3.xml").decode()


def test_a_cell_longer_than_a_workbook_allows_is_cut_and_says_so() -> None:
    long = tuple(f"조건 {i} " + "가" * 3_900 for i in range(10))
    evaluation = plain()
    assert isinstance(evaluation.ranking, Standings)
    ranking = dataclasses.replace(evaluation.ranking, conditions={evaluation.ranking[0].applicant: long})
    cell = opened(dataclasses.replace(evaluation, ranking=ranking))["순위"]["K2"].value
    assert len(cell) <= MAX_CELL
    assert cell.endswith("→ evaluation.json]")
    assert cell.startswith("조건 0 가가")


def test_marks_that_do_not_fit_are_left_out_and_said_so() -> None:
    book = opened(plain(), max_rows=30)
    assert "30행" in cells(book["점수"])[1][0]
    assert "marks.parquet" in cells(book["점수"])[1][0]
    assert len(cells(opened(plain(), max_rows=31)["점수"])) == 31
    # The totals are then recomputed from the recorded consensus.
    texts = [cell.value for cell in formulas(book)]
    assert texts
    assert not any("'점수'" in text for text in texts)


def test_the_same_evaluation_gives_the_same_bytes() -> None:
    assert workbook_bytes(plain()) == workbook_bytes(plain())
    properties = opened(plain()).properties
    assert properties.created.date() == datetime.date(2026, 11, 2)


def test_formulas_use_only_what_old_spreadsheet_programs_know() -> None:
    used: set[str] = set()
    for evaluation in (plain(), vote_evaluation(), *random_evaluations(range(30, 40))):
        for cell in formulas(opened(evaluation)):
            assert len(cell.value) < 8_192
            used |= set(re.findall(r"([A-Z]+)\(", cell.value))
    assert used <= {
        *(
            "ABS",
            "AND",
            "COUNT",
            "COUNTIF",
            "IF",
            "INT",
            "ISERROR",
            "ISNUMBER",
            "LARGE",
            "LOOKUP",
            "MAX",
            "MEDIAN",
            "MIN",
        ),
        *("ROUND", "ROUNDDOWN", "SIGN", "SMALL", "SUM", "SUMPRODUCT"),
    }


def random_evaluations(seeds: range) -> Iterator[Evaluation]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            try:
                yield evaluate(*load_round(write_case(random_case(Random(seed)), Path(folder) / str(seed))))
            except InputProblems:
                continue


def test_values_the_formulas_carry_agree_with_the_record_without_any_difference() -> None:
    compared = 0
    for evaluation in (plain(), vote_evaluation(), *random_evaluations(range(60, 72))):
        for settings in ({}, {"max_rows": 0}):
            book = opened(evaluation, values=True, **settings)
            sheet = book[book.sheetnames[-1]]
            heading = next(i for i, row in enumerate(cells(sheet)) if "차이" in row or "difference" in row)
            column = next(i for i, v in enumerate(cells(sheet)[heading]) if v in {"차이", "difference"})
            differences = [row[column] for row in cells(sheet)[heading + 1 :] if row[column] is not None]
            assert set(differences) <= {0}
            compared += len(differences)
    assert compared > 300


def test_weights_and_rounding() -> None:
    values = [Fraction(v) for v in (65, 73, 62, 65, 65)]
    assert kept_weights(values, 1, 1) == [1, 0, 0, 1, 1]
    assert kept_weights([Fraction(68)] * 4 + [Fraction(72)], 1, 1) == [Fraction(3, 4)] * 4 + [0]
    assert rounding_formula("L5", 2, "half_up", 10) == "=ROUND(ROUND(L5,10),2)"
    assert rounding_formula("L5", None, "half_up", 10) == "=L5"
    assert rounding_formula("L5", 2, "down", 10) == "=ROUNDDOWN(ROUND(L5,10),2)"
    assert guard_for(Fraction(100)) == 10
    # Just below a step: rounding to ten decimals first would take it over.
    assert guard_at(Fraction("1.4") - Fraction(1, 10**12), 1, "down", 10) == 12
    assert guard_at(Fraction("1.35"), 1, "half_up", 10) == 10
    assert guard_at(Fraction("1.4") - Fraction(1, 10**20), 1, "down", 10) == 0
    assert guard_for(Fraction(10**9)) == 4


@pytest.mark.parametrize("example", sorted(p.parent.name for p in EXAMPLES.glob("*/round.yaml")))
def test_examples(example: str) -> None:
    evaluation = evaluate(*load_round(EXAMPLES / example))
    book = opened(evaluation)
    further = (evaluation.evidence is not None, evaluation.support is not None, bool(evaluation.cross_checks))
    assert len(book.sheetnames) == 5 + sum(further)


def test_opinions_do_not_enter_the_workbook() -> None:
    text = "아무에게도 보이지 않을 말"
    content = workbook_bytes(plain(opinions=(Opinion(applicant="a1", kind="summary", text=text),)))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any(text in archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def test_very_many_marks_use_the_recorded_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recalculation, "MATRIX_MARKS", 29)
    texts = [cell.value for cell in formulas(opened(plain()))]
    assert any("SUMPRODUCT(--('점수'!" in text for text in texts)
    assert not any("COUNTIF($Q" in text for text in texts)
