"""ranking.csv opens in Excel with Korean, keeps numbers and never lets text become a formula."""

from __future__ import annotations

import csv
import dataclasses
import io
from fractions import Fraction

import pytest

from evaluator.files.ranking_columns import number_text
from evaluator.files.ranking_csv import guarded, ranking_csv
from evaluator.model.evaluation import Evaluation
from tests.outputs.rounds import SHEETS, small_evaluation, vote_evaluation


def rows(evaluation: Evaluation) -> list[dict[str, str]]:
    text = ranking_csv(evaluation).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_bytes() -> None:
    content = ranking_csv(small_evaluation())
    assert content.startswith(b"\xef\xbb\xbfrank,applicant,name,outcome,total,ranking_total,technical,plan,team,price,")
    assert content.count(b"\r\n") == 4
    assert content.replace(b"\r\n", b"").count(b"\n") == 0


def test_rows_in_the_order_of_the_record() -> None:
    told = rows(small_evaluation())
    assert [(r["rank"], r["applicant"], r["outcome"], r["total"]) for r in told] == [
        ("1", "a2", "selected", "82.5000"),
        ("2", "a1", "reserve", "81.6700"),
        ("", "a3", "below_threshold", "61.0000"),
    ]
    assert told[0]["plan"] == "33.00"
    assert told[1]["bonus"] == "1.5"
    assert told[2]["reasons"] == "below_threshold technical 21 < 30"


def test_text_never_becomes_a_formula() -> None:
    told = rows(small_evaluation())
    assert told[1]["name"] == "'=가람 컨소시엄"
    assert told[1]["conditions"] == "'+협약 전 보완"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_every_beginning_of_a_formula_is_guarded(start: str) -> None:
    assert guarded(f"{start}1+1") == f"'{start}1+1"
    assert guarded(f"a{start}") == f"a{start}"


def test_numbers_stay_numbers() -> None:
    assert number_text(Fraction(-5, 2)) == "-2.5"
    assert number_text(Fraction(5), 2) == "5.00"
    # 205/3 would be a date; a whole number and a fraction is a number to a spreadsheet program.
    assert number_text(Fraction(205, 3)) == "68 1/3"
    assert number_text(Fraction(-1, 3)) == "-0 1/3"
    assert number_text(None) == ""


def test_nothing_is_printed_where_nothing_was_computed() -> None:
    blank = small_evaluation(sheets={**SHEETS, "a2": {**SHEETS["a2"], "r1": ("", "4")}})
    for row in rows(blank):
        assert {row[c] for c in ("rank", "total", "ranking_total", "plan", "price", "bonus")} == {""}
        assert row["outcome"] == "not_rankable"


def test_votes() -> None:
    told = rows(vote_evaluation())
    assert [(r["applicant"], r["yes"], r["no"], r["abstain"], r["eligible"]) for r in told] == [
        ("a1", "3", "0", "0", "3"),
        ("a2", "1", "1", "1", "3"),
    ]


def test_a_blind_round_shows_aliases_only() -> None:
    evaluation = small_evaluation(info={"blind": True})
    nameless = dataclasses.replace(
        evaluation,
        applicants=tuple(dataclasses.replace(a, alias="" if a.id == "a3" else a.alias) for a in evaluation.applicants),
    )
    assert [r["name"] for r in rows(nameless)] == ["팀 2", "팀 1", "a3"]
    assert "컨소시엄" not in ranking_csv(nameless).decode()
