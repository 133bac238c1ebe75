"""The workbook's sheet of other methods: everybody ranked, a column of ranks and one of scores for each method."""

from __future__ import annotations

import dataclasses
import io
from fractions import Fraction
from typing import Any, get_args

import numpy as np
import openpyxl
import pytest

from evaluator.files.workbook import workbook_bytes
from evaluator.model.cross_check import CrossCheck, MethodName, WhyNoRanks, WhyNoTau
from evaluator.model.evaluation import Evaluation
from evaluator.model.text import LANGUAGES, Language
from evaluator.resources import message_catalogue
from tests.outputs.rounds import small_evaluation

NONE: dict[str, Any] = {"scores": np.zeros(0), "ranks": np.zeros(0, np.int32), "tau_why": "no_ranks"}


def checked(*checks: CrossCheck) -> Evaluation:
    """a2 selected, a1 on the reserve list, a3 without a rank."""
    return dataclasses.replace(small_evaluation(warnings=()), cross_checks=checks)


def ranked_by(method: MethodName, *ranks: int, **changes: Any) -> CrossCheck:
    told = {"scores": np.array([0.75, 0.5]), "ranks": np.array(ranks, np.int32), "tau": Fraction(-1, 3)}
    return CrossCheck(method=method, **{**told, **changes})


def rows(evaluation: Evaluation, lang: Language = "ko", **settings: Any) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(evaluation, lang, **settings)))
    return list(book[book.sheetnames[-1]].iter_rows(values_only=True))


def test_ranks_and_scores_of_everybody_ranked() -> None:
    found = rows(
        checked(
            ranked_by("topsis", 2, 1, left_out=("price",)),
            ranked_by("vikor", 1, 2, settings=(("v", "0.5"),)),
            CrossCheck(method="waspas", why="zero_value", **NONE),
        )
    )
    assert [[cell for cell in row if cell is not None] for row in found[:10]] == [
        ["다른 방법과의 비교입니다. 공식 결과를 바꾸지 않습니다."],
        ["값은 부동소수점 수이며, 어느 방법에서나 클수록 좋습니다."],
        [
            (
                "풀 상대 방식: 한 기관의 값이 함께 비교하는 기관들에 따라 달라지므로, "
                "한 기관이 철회하면 다른 두 기관의 앞뒤가 바뀔 수 있습니다."
            )
        ],
        ["설정", "v = 0.5"],
        ["성격", *["풀 상대 방식"] * 3],
        ["켄달 τ-b(공식 순위와)", pytest.approx(-1 / 3), pytest.approx(-1 / 3)],
        ["사유", "비교하는 항목에서 0점을 받은 신청기관이 있어 점수를 곱할 수 없음"],
        ["모두 같은 점수여서 쓸 수 없는 항목", "가격"],
        ["공식으로는 선정되지 않았으나 이 방법이라면 선정", "a1", "–"],
        ["공식으로는 선정되었으나 이 방법이라면 제외", "a2", "–"],
    ]
    assert found[3][6] == "v = 0.5"
    heading = next(i for i, row in enumerate(found) if row[0] == "순위")
    assert found[heading] == (
        *("순위", "신청기관 id", "신청기관", "결과", "TOPSIS 순위", "TOPSIS 값", "VIKOR 순위", "VIKOR 값"),
        *("WASPAS 순위", "WASPAS 값"),
    )
    assert found[heading + 1 :] == [
        (1, "a2", "나래[red] 연구소", "선정(안)", 2, 0.75, 1, 0.75, None, None),
        (2, "a1", "=가람 컨소시엄", "예비 순위(안)", 1, 0.5, 2, 0.5, None, None),
    ]


def test_there_is_no_sheet_without_other_methods() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(small_evaluation(warnings=()), "en")))
    assert "other methods" not in book.sheetnames


def test_what_does_not_fit_is_left_out_and_said_so() -> None:
    (_, (text,)) = rows(checked(ranked_by("topsis", 1, 2)), "en", max_rows=8)
    assert text == "2 ranked applicants do not fit into a sheet. All ranks are in evaluation.json."


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_has_words(lang: Language) -> None:
    words = message_catalogue("terminal", lang)["workbook"]
    for why in get_args(WhyNoRanks):
        found = rows(checked(CrossCheck(method="edas", why=why, **NONE)), lang)
        assert words[f"why_{why}"] in {row[4] for row in found if len(row) > 4}
    for code in get_args(WhyNoTau):
        found = rows(checked(ranked_by("edas", 1, 1, tau=None, tau_why=code)), lang)
        assert words[f"why_tau_{code}"] in {row[4] for row in found}


def test_a_blind_round_shows_aliases() -> None:
    blind = dataclasses.replace(
        small_evaluation(warnings=(), info={"blind": True}), cross_checks=(ranked_by("topsis", 1, 2),)
    )
    assert {row[2] for row in rows(blind)[-2:]} == {"팀 1", "팀 2"}
