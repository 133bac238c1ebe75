"""Support policies: what is money, and what counts as a level."""

from __future__ import annotations

import dataclasses
import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from evaluator.files import load_round
from evaluator.files.record import record_text
from evaluator.files.record_read import read_record
from evaluator.files.support import is_money
from evaluator.workflow import evaluate
from tests.files.cases import ACCEPT


@pytest.mark.parametrize(
    "unit",
    [
        *("원", "천원", "백만원", "백만 원", "억원", "억", "십억 원", "조원", "원화", "won", "krw", "KRW ", "₩", "￦"),
        *("$", "US$", "usd", "달러", "유로", "€", "million won", "KRW million", "백만원(KRW)", "1,000원"),
    ],
)
def test_money_is_known_by_any_spelling(unit: str) -> None:
    assert is_money(unit)


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "GPU",
            "B200",
            "명",
            "장",
            "조",
            "인원",
            "병원",
            "연구원",
            "백만 토큰",
            "억 토큰",
            "man-month",
            "GPU-h",
            "TB",
        ),
        *("m", "kg", "USB", "hours"),
    ],
)
def test_other_units_are_no_money(unit: str) -> None:
    assert not is_money(unit)


def test_a_figure_between_two_levels_is_never_a_level(tmp_path: Path) -> None:
    shutil.copytree(ACCEPT / "support", tmp_path / "round")
    rubric, round_ = load_round(tmp_path / "round")
    assert evaluate(rubric, round_).support is not None
    between = tuple(
        dataclasses.replace(figure, score=Fraction(7, 2)) if figure.applicant == "a1" else figure
        for figure in round_.office
    )
    with pytest.raises(AssertionError, match="7/2 is no open-source level"):
        evaluate(rubric, dataclasses.replace(round_, office=between))


def test_what_is_undecided_comes_back_from_the_record(tmp_path: Path) -> None:
    shutil.copytree(ACCEPT / "support", tmp_path / "round")
    policy = tmp_path / "round/support.yaml"
    policy.write_text(policy.read_text("utf-8").replace("available: 1024", "available: 512"), "utf-8")
    evaluation = evaluate(*load_round(tmp_path / "round"))
    assert evaluation.support is not None
    assert evaluation.support.teams[0].lines[0].granted is None
    assert evaluation.support.teams[1].lines[1].note == "자체 데이터 구축"
    record = tmp_path / "evaluation.json"
    record.write_text(record_text(evaluation), "utf-8")
    assert read_record(record).support == evaluation.support
