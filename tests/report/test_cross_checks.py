"""What the panel's report says about other methods, and that no applicant's report says it."""

from __future__ import annotations

import dataclasses
from html import unescape
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from evaluator.model.cross_check import MethodName, WhyNoRanks, WhyNoTau
from evaluator.model.evaluation import CutLine, Evaluation, Outcome, Standing
from evaluator.model.text import LANGUAGES, Language
from evaluator.report.cross_checks import MOST_ROWS, TABLE_METHODS, CrossView, cross_view
from evaluator.report.frame import build_frame
from evaluator.report.html import applicant_html, panel_html
from evaluator.report.methods import shift_text, why_text
from evaluator.report.words import Words
from tests.report.rounds import PLANS, PRICES, SHA, made, rubric, scores, tables
from tests.report.second_opinions import ranked_by, with_checks, without_ranks
from tests.report.test_applicant import text_of


def view(evaluation: Evaluation, lang: Language = "ko") -> CrossView:
    seen = cross_view(build_frame(evaluation, lang, SHA))
    assert seen is not None
    return seen


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """a1 and a2 selected, a3 on the reserve list, a4 failed a gate."""
    return made(tmp_path_factory.mktemp("usual"), rubric(), tables())


def many(usual: Evaluation, n: int, places: int) -> Evaluation:
    """So many ranked applicants, the first selected."""
    outcomes: list[Outcome] = ["selected" if i < places else "not_selected" for i in range(n)]
    applicants = tuple(
        dataclasses.replace(usual.applicants[0], id=f"x{i:03}", name=f"기관 {i}(가상)") for i in range(1, n + 1)
    )
    standings = tuple(
        Standing(applicant=f"x{i:03}", rank=i, outcome=outcome, criteria={}) for i, outcome in enumerate(outcomes, 1)
    )
    cut = CutLine(places=places, filled=places, last_selected=None, first_not_selected=None, margin=None)
    selection = usual.rubric.selection
    assert selection is not None
    changed = usual.rubric.model_copy(update={"selection": selection.model_copy(update={"places": places})})
    return dataclasses.replace(
        usual, rubric=changed, applicants=applicants, ranking=standings, cut_line=cut if places else None, gates=()
    )


def test_ranks_stand_beside_the_official_ones_with_their_difference(usual: Evaluation) -> None:
    seen = view(with_checks(usual, ranked_by("topsis", [1, 3, 2, 4]), ranked_by("spotis", [1, 2, 3, 4])))
    assert seen.finding == "다른 방법 2개 가운데 1개는 선정 대상이 같고 1개는 다릅니다."
    (table,) = seen.tables
    assert [(c.title, c.relative) for c in table.columns] == [("TOPSIS", True), ("SPOTIS", False)]
    assert [(row.rank, row.id, row.line) for row in table.rows] == [
        ("1", "a1", ""),
        ("2", "a2", ""),
        ("", "", "선정 경계"),
        ("3", "a3", ""),
        ("4", "a4", ""),
    ]
    first = [(c.rank, c.shift, c.tag) for row in table.rows for c in row.cells[:1]]
    assert first == [("1", "", ""), ("3", "▼1", "이탈"), ("2", "▲1", "진입"), ("4", "", "")]
    assert table.foot == (
        ("켄달 τ(공식 순위와)", ("0.7500", "0.7500")),
        ("선정 유지", ("1 / 2", "2 / 2")),
        ("가장 큰 순위 차", ("1", "0")),
    )
    assert [(row.title, row.kind, row.moves, row.moved) for row in seen.methods] == [
        ("TOPSIS", "풀 상대 방식", "나래기술(가상) (a2) 대신 다온정보(가상) (a3)이 선정됩니다.", True),
        ("SPOTIS", "기관별 방식", "같음.", False),
    ]
    english = view(with_checks(usual, ranked_by("topsis", [1, 3, 2, 4])), "en")
    assert english.finding == "Under 1 other method the selection would be different."
    assert english.methods[0].moves == "다온정보(가상) (a3) instead of 나래기술(가상) (a2)."


def test_a_failed_gate_keeps_its_place_empty_under_every_method(usual: Evaluation) -> None:
    (row,) = view(with_checks(usual, ranked_by("vikor", [2, 3, 4, 1]))).methods
    assert row.moves == "나래기술(가상) (a2)가 선정에서 빠집니다."
    assert row.settings == "v = 0.5"


def test_equals_share_the_places_left(usual: Evaluation) -> None:
    seen = view(with_checks(usual, ranked_by("topsis", [1, 2, 2, 4])))
    assert seen.methods[0].moves == "나래기술(가상) (a2), 다온정보(가상) (a3)은 남은 자리를 두고 동점입니다."
    assert [c.tag for row in seen.tables[0].rows for c in row.cells] == ["", "동점", "동점", ""]


def test_who_agrees_agrees_and_all_may_differ(usual: Evaluation) -> None:
    same, other = ranked_by("topsis", [2, 1, 3, 4]), ranked_by("edas", [1, 3, 2, 4])
    assert view(with_checks(usual, same)).finding == "다른 방법 1개로 순서를 정하여도 선정 대상은 같습니다."
    assert view(with_checks(usual, other, other)).finding == "다른 방법 2개로 순서를 정하면 선정 대상이 달라집니다."


def test_nothing_is_said_about_a_selection_that_is_not_settled(tmp_path: Path) -> None:
    tied = made(tmp_path, rubric(tie_break=[]), tables())
    seen = view(with_checks(tied, ranked_by("topsis", [1, 3, 2, 4])))
    assert seen.finding == "선정 대상이 아직 정해지지 않았으므로 순위만 비교했습니다."
    assert not seen.told_moves
    assert all(not c.tag for row in seen.tables[0].rows for c in row.cells)
    assert [label for label, _ in seen.tables[0].foot] == ["켄달 τ(공식 순위와)", "가장 큰 순위 차"]
    unranked = made(tmp_path / "n", rubric(selection=None), tables())
    assert view(with_checks(unranked, ranked_by("topsis", [1, 3, 2, 4])), "en").finding == (
        "The ranks by 1 other method stand beside the official ones."
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_has_words(usual: Evaluation, lang: Language) -> None:
    words = build_frame(usual, lang, SHA).words
    for why in get_args(WhyNoRanks):
        seen = view(with_checks(usual, without_ranks("waspas", why)), lang)
        assert seen.tables == ()
        assert seen.notes == ()
        (remark,) = seen.methods[0].remarks
        assert remark == why_text(words, without_ranks("waspas", why))
        assert len(remark) > 10
    for code in get_args(WhyNoTau):
        checked = with_checks(usual, ranked_by("waspas", [1, 1, 1, 1], tau=None, tau_why=code))
        seen = view(checked, lang)
        assert seen.tables[0].foot[0][1] == ("–",)
        assert len(seen.methods[0].remarks[0]) > 10
    assert {words(f"method_name.{name}") for name in get_args(MethodName)} >= {"TOPSIS", "PROMETHEE II"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_says_what_holds_and_what_does_not(usual: Evaluation, lang: Language) -> None:
    checked = with_checks(
        usual,
        ranked_by("topsis", [1, 3, 2, 4], left_out=("price",)),
        ranked_by("promethee2", [1, 2, 3, 4], settings=(("preference", "linear"), ("q", "5%"), ("p", "20%"))),
        without_ranks("waspas", "zero_value"),
    )
    said = unescape(text_of(panel_html(build_frame(checked, lang, SHA))))
    words = Words(lang, applicant="신청기관" if lang == "ko" else "applicant")
    for key in ("standing", "reading", "pool_is", "tau_is", "compared", "marks"):
        assert words(f"cross_checks.{key}") in said
    assert words("method_why.zero_value") in said
    title = "가격" if lang == "ko" else "Price"
    assert words("cross_checks.left_out", criteria=f"2 {title}") in said
    assert ("선호함수 선형(linear), q = 5%, p = 20%" if lang == "ko" else "preference linear, q = 5%, p = 20%") in said
    assert "TOPSIS※" in said.replace("\u00a0", "").replace(" ※", "※")


def test_methods_with_the_same_name_are_told_apart_by_their_settings(usual: Evaluation) -> None:
    one = ranked_by("vikor", [1, 2, 3, 4])
    other = ranked_by("vikor", [1, 2, 3, 4], settings=(("v", "0.625"),))
    seen = view(with_checks(usual, one, other, ranked_by("topsis", [1, 2, 3, 4])))
    assert [c.title for c in seen.tables[0].columns] == ["VIKOR (v = 0.5)", "VIKOR (v = 0.625)", "TOPSIS"]


def test_many_methods_stand_in_several_tables(usual: Evaluation) -> None:
    checks = [ranked_by("vikor", [1, 2, 3, 4], settings=(("v", f"0.{i}"),)) for i in range(1, TABLE_METHODS + 3)]
    seen = view(with_checks(usual, *checks))
    assert [len(table.columns) for table in seen.tables] == [TABLE_METHODS, 2]


def test_of_many_applicants_those_around_the_cut_line_are_shown(usual: Evaluation) -> None:
    n, places = 200, 100
    ranks = np.arange(1, n + 1)
    ranks[[0, 150]] = ranks[[150, 0]]
    seen = view(with_checks(many(usual, n, places), ranked_by("topsis", ranks.tolist())))
    (table,) = seen.tables
    listed = [row.id for row in table.rows if row.id]
    assert (listed[0], listed[-1], len(listed)) == ("x081", "x120", MOST_ROWS)
    assert [row.line for row in table.rows if row.line] == ["⋯ 80개 기관 생략 ⋯", "선정 경계", "⋯ 80개 기관 생략 ⋯"]
    assert [cells for _, cells in table.foot] == [("0.7500",), ("99 / 100",), ("150",)]
    assert "200개 기관 가운데 40개만 싣고 160개는 생략했습니다." in seen.elsewhere
    assert "ranking.xlsx" in seen.elsewhere
    assert "기관 1(가상) (x001) 대신 기관 151(가상) (x151)" in seen.methods[0].moves


@pytest.mark.parametrize(("places", "first", "last"), [(3, "x001", "x040"), (30, "x001", "x040"), (95, "x061", "x100")])
def test_few_places_are_all_shown(usual: Evaluation, places: int, first: str, last: str) -> None:
    seen = view(with_checks(many(usual, 100, places), ranked_by("topsis", list(range(1, 101)))), "en")
    listed = [row.id for row in seen.tables[0].rows if row.id]
    assert (listed[0], listed[-1]) == (first, last)


def test_no_applicants_report_speaks_of_other_methods(usual: Evaluation) -> None:
    checked = with_checks(usual, ranked_by("topsis", [4, 3, 2, 1]), ranked_by("vikor", [1, 2, 3, 4]))
    for applicant in ("a1", "a3", "a6"):
        frame = build_frame(checked, "ko", SHA)
        assert applicant_html(frame, applicant) == applicant_html(build_frame(usual, "ko", SHA), applicant)
    assert "TOPSIS" in panel_html(frame)
    assert "TOPSIS" not in panel_html(build_frame(usual, "ko", SHA))


def test_names_are_escaped(usual: Evaluation) -> None:
    evil = '<script>alert("1")</script>'
    named = tuple(dataclasses.replace(a, name=evil) for a in usual.applicants)
    checked = with_checks(dataclasses.replace(usual, applicants=named), ranked_by("topsis", [1, 3, 2, 4]))
    page = panel_html(build_frame(checked, "ko", SHA))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_shifts() -> None:
    assert [shift_text(3, by) for by in (1, 3, 4)] == ["▲2", "", "▼1"]


def test_a_method_without_ranks_is_named_beside_the_others_and_who_is_the_reason(tmp_path: Path) -> None:
    prices = [{"applicant": a, "criterion": "price", "score": "0" if a == "a4" else p} for a, p in PRICES.items()]
    plans = {**PLANS, "a4": (45, 45, 45, 45, 45)}
    one = made(tmp_path, rubric(), tables(scores=scores(plans), office=prices))
    n = sum(s.rank is not None for s in one.ranking)
    seen = view(with_checks(one, ranked_by("topsis", range(1, n + 1)), without_ranks("weighted_product", "zero_value")))
    assert seen.finding.endswith("가중곱은 순위를 낼 수 없어 넣지 않았습니다.")
    assert seen.methods[1].remarks[0].endswith("이 방법은 점수를 곱합니다.")
    assert seen.methods[1].remarks[1] == "0점을 받은 곳: 라온시스템(가상) (a4) – 가격."
