"""`explain` puts every figure in, and every figure it prints is one of the record or follows from it."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

from evaluator.cli.commands import _points_of
from evaluator.errors import InputProblems
from evaluator.files import load_round
from evaluator.model.evaluation import Evaluation
from evaluator.model.text import Language
from evaluator.report.explain import explanation
from evaluator.workflow import evaluate
from tests.cli.conftest import EXAMPLES
from tests.oracle.generate import random_case, write_case
from tests.outputs.rounds import RUBRIC, SHEETS, small_evaluation, vote_evaluation


def told(evaluation: Evaluation, applicant: str, lang: Language = "en") -> str:
    return "\n".join(explanation(evaluation, applicant, lang, _points_of))


def example(name: str) -> Evaluation:
    return evaluate(*load_round(EXAMPLES / name))


def test_psat_equal_extremes_share_what_is_dropped() -> None:
    text = told(example("procurement"), "gap", "ko")
    assert "(0.75×68 + 0.75×68 + 0.75×68 + 0.75×68) ÷ 3 = 68" in text
    assert "68 + 13 = 81" in text
    assert "1 기술능력 평가점수: 68 – 최저기준 68점(80점의 85 %): 충족" in text


def test_psat_the_tie_is_broken_step_by_step() -> None:
    text = told(example("procurement"), "jeong", "ko")
    assert "총점이 같은 신청기관: byeong, jeong(84)" in text
    assert "1 기술능력 평가점수: byeong 69, jeong 70" in text
    assert "결과: 선정" in text
    text = told(example("procurement"), "eul", "ko")
    assert "65 – 최저기준 68점(80점의 85 %): 미충족" in text
    assert "순위를 매기지 않았습니다." in text


def test_each_step_of_an_ordinary_total() -> None:
    text = told(small_evaluation(), "a1")
    assert re.search(r"r2 +33\.5 +20 +53\.5 +0\.5 kept", text)
    assert re.search(r"r3 +29 +16 +45 +dropped", text)
    assert re.search(r"r3 +29 +3\n", text)
    assert "(48 + 49 + 0.5×53.5 + 0.5×53.5) ÷ 3 = 50.1666…" in text
    assert "consensus (18 + 0.5×20 + 0.5×20 + 18) ÷ 3 = 18.6666…" in text
    assert "18.6666… → 18.67 (2 decimals, half up)" in text
    assert "31.50 + 18.67 = 50.17" in text
    assert "bonus 1.5: 가점 사유" in text
    assert "50.17 + 30.00 + 1.5 = 81.67" in text
    assert "81.67 → 81.6700" in text
    assert "Independence(after the ranking): pass" in text or "Independence" in text
    assert "Rank 2 of 2." in text


def test_states_and_invalid_sheets() -> None:
    text = told(small_evaluation(), "a3")
    assert re.search(r"r4 +13 +abstained +not counted", text)
    assert re.search(r"r5 +회피 +회피", told(small_evaluation(), "a2"))


def test_marks_dropped_one_by_one_stand_in_brackets() -> None:
    rubric = {**RUBRIC, "panels": [{**RUBRIC["panels"][0], "level": "criterion"}]}
    text = told(small_evaluation(rubric=rubric), "a1")
    assert re.search(r"r3 +\[29\] +\[16\]", text)
    assert re.search(r"r2 +0\.5×33\.5 +0\.5×20", text)
    assert "Marks in [ ] are dropped" in text


def test_what_is_missing_is_named() -> None:
    blank = small_evaluation(
        sheets={**SHEETS, "a2": {**SHEETS["a2"], "r1": ("", "4")}}, figures={"a1": "30", "a3": "40"}
    )
    text = told(blank, "a2")
    assert "r1: Plan" in text
    assert "the figure of 2 Price" in text
    assert "Not ranked." in text


def test_votes() -> None:
    text = told(vote_evaluation(), "a2")
    assert "1 yes, 1 no, 1 abstained; 3 reviewers could vote" in text


def test_an_unknown_applicant_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        told(small_evaluation(), "zz")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_random_round_can_be_explained_with_true_arithmetic(tmp_path: Path, lang: Language) -> None:
    checked = 0
    for seed in range(25):
        try:
            evaluation = evaluate(*load_round(write_case(random_case(Random(seed)), tmp_path / str(seed))))
        except InputProblems:
            continue
        for standing in evaluation.ranking:
            checked += sum(map(_true, told(evaluation, standing.applicant, lang).splitlines()))
    assert checked > 200


def _true(line: str) -> bool:
    """Whether a line holds an equation that could be calculated again; a false one fails."""
    equation = re.search(r"(?<![\w.…–])(\(?[0-9(][0-9.+–×÷() ]*) = (-?[0-9.]+)$", line)
    if not equation or "…" in line or "–" in line:
        return False
    text = equation[1].replace("×", "*").replace("÷", "/")
    if text.count("(") != text.count(")"):
        return False
    exact = re.sub(r"[0-9]+(?:\.[0-9]+)?", lambda m: f"Fraction('{m[0]}')", text)
    assert eval(exact, {"Fraction": Fraction}) == Fraction(equation[2]), line  # noqa: S307 -- digits and signs only
    return True
