"""Other methods on the terminal: below the ranking and at the end of an explanation."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from rich.cells import cell_len

from evaluator.cli.commands import _points_of
from evaluator.cli.table import show_ranking
from evaluator.model.cross_check import CrossCheck, WhyNoRanks
from evaluator.model.evaluation import Evaluation
from evaluator.model.text import LANGUAGES, Language
from evaluator.report.explain import explanation
from tests.report.rounds import PLANS, PRICES, made, rubric, scores, tables
from tests.report.second_opinions import ranked_by, with_checks, without_ranks

TITLE = {
    "ko": "다른 방법과의 비교(공식 결과를 바꾸지 않음)",
    "en": "Other methods (they do not change the official result)",
}

TAU_IS = "τ(켄달): 공식 순위와 같은 정도(1 같은 순서, 0 관계없음, –1 거꾸로)"


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """a1 and a2 selected, a3 on the reserve list, a4 failed a gate; a5, a6 and a7 are not ranked."""
    return made(tmp_path_factory.mktemp("usual"), rubric(), tables())


def shown(capsys: pytest.CaptureFixture[str], evaluation: Evaluation, lang: Language = "ko") -> list[str]:
    """The lines about other methods."""
    show_ranking(evaluation, lang)
    told = capsys.readouterr().out
    assert all(cell_len(line) <= 80 for line in told.splitlines())
    lines = told.splitlines()
    assert lines.count(TITLE[lang]) == 1
    first = lines.index(TITLE[lang]) + 1
    return [line.strip() for line in lines[first : lines.index("", first)]]


def test_methods_that_make_the_same_of_the_selection_share_a_line(
    usual: Evaluation, capsys: pytest.CaptureFixture[str]
) -> None:
    checked = with_checks(
        usual,
        ranked_by("topsis", [1, 2, 4, 3]),
        ranked_by("vikor", [1, 3, 2, 4]),
        ranked_by("spotis", [1, 2, 3, 4], tau=None, tau_why="all_tied_official"),
        ranked_by("edas", [1, 2, 2, 4]),
        without_ranks("waspas", "zero_value"),
        without_ranks("weighted_product", "zero_value"),
    )
    assert shown(capsys, checked) == [
        "선정 같음: TOPSIS τ 0.7500, SPOTIS τ 없음(공식 순위가 모두 같음)",
        "a2 대신 a3: VIKOR τ 0.7500",
        "남은 자리에 a2, a3 동점: EDAS τ 0.7500",
        "순위 없음: WASPAS, 가중곱 – 비교에 쓰는 항목에서 0점을 받은 신청기관이",
        "있는데, 이 방법은 점수를 곱합니다.",
        TAU_IS,
    ]
    assert shown(capsys, checked, "en")[:3] == [
        "same selection: TOPSIS τ 0.7500, SPOTIS no τ (all official ranks are equal)",
        "a3 instead of a2: VIKOR τ 0.7500",
        "a2, a3 tied for the places left: EDAS τ 0.7500",
    ]


def test_one_may_only_move_out(usual: Evaluation, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, with_checks(usual, ranked_by("topsis", [2, 3, 4, 1]))) == [
        "a2 제외: TOPSIS τ 0.7500",
        TAU_IS,
    ]


def test_without_a_settled_selection_only_ranks_are_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tied = made(tmp_path, rubric(tie_break=[]), tables())
    assert shown(capsys, with_checks(tied, ranked_by("topsis", [1, 3, 2, 4]))) == [
        "순위의 일치 정도만 비교: TOPSIS τ 0.7500",
        TAU_IS,
    ]


def test_nothing_is_said_where_nothing_was_asked(usual: Evaluation, capsys: pytest.CaptureFixture[str]) -> None:
    show_ranking(usual, "ko")
    assert TITLE["ko"] not in capsys.readouterr().out


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("why", get_args(WhyNoRanks))
def test_every_reason_has_words(
    usual: Evaluation, capsys: pytest.CaptureFixture[str], lang: Language, why: WhyNoRanks
) -> None:
    lines = shown(capsys, with_checks(usual, without_ranks("topsis", why)), lang)
    assert lines[0].startswith("순위 없음: TOPSIS – " if lang == "ko" else "no ranks: TOPSIS – ")


def explained(evaluation: Evaluation, applicant: str, lang: Language = "ko") -> list[str]:
    told = explanation(evaluation, applicant, lang, _points_of)
    return [line.strip() for line in told if "다른 방법" in line or "other methods" in line]


def test_an_explanation_ends_with_the_ranks_by_other_methods(usual: Evaluation) -> None:
    checks: list[CrossCheck] = [ranked_by("topsis", [1, 3, 2, 4]), without_ranks("edas", "zero_value")]
    checked = with_checks(usual, *checks, ranked_by("spotis", [1, 2, 3, 4]))
    assert explained(checked, "a3") == ["다른 방법에서의 순위(공식 결과를 바꾸지 않음): TOPSIS 2위(▲1), SPOTIS 3위"]
    assert explained(checked, "a2", "en") == [
        "Ranks by other methods (they do not change the official result): TOPSIS 3 (▼1), SPOTIS 2"
    ]
    assert explained(checked, "a5") == explained(usual, "a3") == []
    assert explained(with_checks(usual, without_ranks("edas", "zero_value")), "a1") == []


LIBRARY = "import sys, evaluator.cli.commands as c; c.check(c.Path(sys.argv[1]), False, False, 'en')"


def test_whoever_only_checks_does_not_wait_for_the_library_of_the_methods(tmp_path: Path) -> None:
    made(tmp_path, rubric(cross_checks=["topsis"]), tables())
    code = f"{LIBRARY}; raise SystemExit('skcriteria' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    code = "import sys, evaluator.cli.commands as c; c.explain(c.Path(sys.argv[1]), 'a1', 'en')"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, capture_output=True, text=True)
    assert "Ranks by other methods" in done.stdout


def test_who_has_the_points_of_zero_is_named_and_tau_is_not_explained_where_there_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plans = {**PLANS, "a4": (45, 45, 45, 45, 45)}
    prices = [{"applicant": a, "criterion": "price", "score": "0" if a == "a4" else p} for a, p in PRICES.items()]
    one = made(tmp_path, rubric(), tables(scores=scores(plans), office=prices))
    told = " ".join(shown(capsys, with_checks(one, without_ranks("weighted_product", "zero_value"))))
    assert told.endswith("이 방법은 점수를 곱합니다. 0점: a4(가격).")
    assert "켄달" not in told
