"""The workbook's sheets of evidence and support: words of its language, live formulas from the scores on."""

from __future__ import annotations

import csv
import dataclasses
import io
from fractions import Fraction
from typing import Any

import openpyxl
import pytest

from evaluator.files.evidence_rows import EVIDENCE_COLUMNS, evidence_csv, evidence_rows
from evaluator.files.workbook import workbook_bytes
from evaluator.model.evaluation import Evaluation
from evaluator.model.evidence import EvidenceOutcome
from tests.report import evidence_rounds as made_of

F = Fraction


@pytest.fixture(scope="module")
def ranked(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """Evidence of every kind; one benchmark has a floor and a score that was handed in on another scale."""
    rule = made_of.performance_rule()
    know, maths, *rest = rule["benchmarks"]
    know |= {"scale": {"min": 0, "max": 1}, "chance": "0.2"}
    maths |= {"scale": {"min": 0, "max": 4}, "direction": "lower"}
    rule |= {"benchmarks": [know, maths, *rest]}
    lines = (
        dataclasses.replace(
            made_of.line("know", 1, 1), own=F("0.8075"), other=F("0.795"), floor=F(1, 5), own_normal=F("0.759375"),
            other_normal=F("0.74375"), ratio=F("0.759375") / F("0.74375"), given=F("80.75"), given_low=F(0),
            given_high=F(100),
        ),
        dataclasses.replace(
            made_of.line("maths", 1, 1), own=F(1), other=F(1, 2), floor=F(4), own_normal=F(3, 4), other_normal=F(7, 8),
            ratio=F(6, 7),
        ),
        dataclasses.replace(
            made_of.line("code", 1, 1), own=F(0), other=F(50), floor=F(25), own_normal=F(0), other_normal=F(1, 3),
            ratio=F(0),
        ),
        made_of.line(
            "agent", 0, 70, state="missing", own=None, own_normal=None, ratio=None, low=None, high=None, floor=F(0)
        ),
    )  # fmt: skip
    given = made_of.performance("a1", lines=lines)
    folder = tmp_path_factory.mktemp("ranked")
    evaluation = made_of.with_evidence(folder, rubric=made_of.evidence_rubric(performance=rule))
    assert evaluation.evidence is not None
    return dataclasses.replace(evaluation, evidence=dataclasses.replace(evaluation.evidence, performance=(given,)))


def sheet(evaluation: Evaluation, name: str, **settings: Any) -> list[dict[str, Any]]:
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(evaluation, **settings)))
    heads, *rows = book[name].iter_rows(values_only=True)
    assert len(set(heads)) == len(heads)
    return [dict(zip(map(str, heads), row, strict=True)) for row in rows]


def test_corrected_scores_and_ratios_are_formulas_over_the_scores(ranked: Evaluation) -> None:
    rows = sheet(ranked, "evidence", lang="en")
    names = (
        "value",
        "reference value",
        "scale from",
        "scale to",
        "floor",
        "value, corrected",
        "reference, corrected",
        "ratio",
    )
    assert [tuple(row[name] for name in names) for row in rows[1:5]] == [
        (0.8075, 0.795, 0, 1, 0.2, "=MAX(0,(G3-M3)/(L3-M3))", "=MAX(0,(I3-M3)/(L3-M3))", "=N3/O3"),
        (1, 0.5, 0, 4, 4, "=MAX(0,(G4-M4)/(K4-M4))", "=MAX(0,(I4-M4)/(K4-M4))", "=N4/O4"),
        (0, 50, 0, 100, 25, "=MAX(0,(G5-M5)/(L5-M5))", "=MAX(0,(I5-M5)/(L5-M5))", "=N5/O5"),
        (None, 70, 0, 100, 0, None, "=MAX(0,(I6-M6)/(L6-M6))", None),
    ]
    assert [rows[1][name] for name in ("as handed in", "handed in, scale from", "handed in, scale to")] == [
        80.75,
        0,
        100,
    ]
    values = openpyxl.load_workbook(io.BytesIO(workbook_bytes(ranked, lang="en")), data_only=True)["evidence"]
    assert (values["N3"].value, values["P3"].value) == (0.759375, pytest.approx(0.759375 / 0.74375))


@pytest.mark.parametrize("name", ["증빙", "지원"])
def test_no_code_stands_in_a_sheet_for_readers(ranked: Evaluation, name: str) -> None:
    """States, flags, kinds and units are in the workbook's language; only ids are as they are."""
    codes = {
        *(
            "measured",
            "missing",
            "not_met",
            "self",
            "delivered",
            "promised",
            "absent",
            "claimed_higher",
            "self_measured",
        ),
        *("missing_counts_zero", "winners_curse", "performance", "access", "openness", "final_weights", "not_for"),
        *("terms_of_service", "capped", "KRW", "budget", "shared", "claim_reduced", "used_by_others"),
    }
    for row in sheet(ranked, name):
        told = {part for cell in row.values() if isinstance(cell, str) for part in cell.split("; ")}
        assert not told & codes, row


def test_words_of_both_languages(ranked: Evaluation) -> None:
    korean, english = sheet(ranked, "증빙"), sheet(ranked, "evidence", lang="en")
    first, second, *_ = korean
    assert (first["구분"], first["상태"]) == ("글로벌 성능", "미충족")
    assert (second["내용"], second["상태"], second["측정 주체"]) == ("종합 지식 시험", "반영", "자체 제출")
    missing = next(row["비고"] for row in korean if row["구분"] == "오픈소스 수준" and not row["내용"])
    assert missing.startswith("빠진 것: 평가 결과; 빠진 것: 데이터 카드")
    assert english[1]["notes"] is None
    assert [row["지원"] for row in sheet(ranked, "지원")][:2] == [3111111112, 512]
    assert sheet(ranked, "support", lang="en")[3]["notes"] == "Excluded from this item."


def test_what_is_not_settled_has_only_what_was_asked_for(ranked: Evaluation) -> None:
    over = dataclasses.replace(ranked, support=made_of.over_budget())
    rows = sheet(over, "지원")
    gpu = rows[1]
    assert (gpu["내용"], gpu["신청"], gpu["지원"], gpu["정부 부담"], gpu["민간 부담"], gpu["비고"]) == (
        "GPU 배정", 1024, None, None, None, "미정",
    )  # fmt: skip
    assert rows[0]["지원"] == 3111111112
    assert rows[-1]["비고"] == "초과: 256"


def test_evidence_csv_keeps_the_codes(ranked: Evaluation) -> None:
    rows = list(csv.DictReader(io.StringIO(evidence_csv(ranked).decode("utf-8-sig"))))
    assert tuple(rows[0]) == EVIDENCE_COLUMNS
    assert (rows[0]["kind"], rows[0]["state"], rows[1]["item"], rows[1]["state"], rows[1]["measured_by"]) == (
        "performance", "not_met", "know", "measured", "self",
    )  # fmt: skip
    assert (rows[1]["floor"], rows[1]["given"], rows[1]["given_max"], rows[2]["min"]) == ("0.2", "80.75", "100", "0")
    assert any(row["notes"].startswith("missing evaluation_results; missing data_card") for row in rows)
    assert list(evidence_rows(dataclasses.replace(ranked, evidence=EvidenceOutcome()))) == []
