"""Reports and the terminal where the official method is not the weighted sum: nothing says that points add up to it."""

from __future__ import annotations

from html import unescape
from pathlib import Path
from typing import Any

import pytest

from evaluator.cli.commands import _points_of
from evaluator.cli.rubrics import show_lines
from evaluator.cli.table import show_ranking
from evaluator.model.evaluation import Evaluation
from evaluator.model.text import LANGUAGES, Language
from evaluator.report.explain import explanation
from evaluator.report.frame import build_frame
from evaluator.report.html import applicant_html, panel_html
from evaluator.report.panel import panel_view
from evaluator.report.worked import total_lines
from tests.report.rounds import SHA, made, rubric, tables
from tests.report.test_applicant import text_of

METHODS = ("topsis", {"method": "vikor", "v": "0.625"}, "spotis")
POOL = {"ko": "풀 상대 방식", "en": "pool-relative"}


def official(method: Any = "topsis", **parts: Any) -> dict[str, Any]:
    """The usual rubric with another official method, and without what is stated in points of the total."""
    whole = rubric(method=method, rounding={"points": 2, "total": 4}, **parts)
    return {key: value for key, value in whole.items() if key not in {"pass_mark", "adjustments"}}


def without_adjustments() -> dict[str, Any]:
    return {name: rows for name, rows in tables().items() if name != "adjustments"}


@pytest.fixture(scope="module", params=METHODS, ids=["topsis", "vikor", "spotis"])
def evaluation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """a1 to a4 are compared, a5 misses a threshold and has no total; VIKOR and TOPSIS are pool-relative."""
    rules = official(request.param, cross_checks=["weighted_sum"])
    return made(tmp_path_factory.mktemp("official"), rules, without_adjustments())


def applicant(evaluation: Evaluation, id_: str, lang: Language = "ko") -> str:
    return unescape(text_of(applicant_html(build_frame(evaluation, lang, SHA), id_))).replace("\u2060", "")


def panel(evaluation: Evaluation, lang: Language = "ko") -> str:
    return unescape(text_of(panel_html(build_frame(evaluation, lang, SHA)))).replace("\u2060", "")


def totals(evaluation: Evaluation) -> dict[str, str]:
    frame = build_frame(evaluation, "ko", SHA)
    return {s.applicant: frame.total_text(s.total) for s in evaluation.ranking if s.total is not None}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_applicant_reads_what_its_total_is(evaluation: Evaluation, lang: Language) -> None:
    frame = build_frame(evaluation, lang, SHA)
    total, said = totals(evaluation)["a1"], applicant(evaluation, "a1", lang)
    name = frame.method_name
    if lang == "ko":
        assert f"총점 {total}" in said
        assert f"100점 만점에 87.50점입니다. 총점 {total}" in said
        assert f"공식 방법인 {name}의 값입니다." in said
        assert "항목 점수의 합(총점이 아님) 72.00 + 15.50 87.50" in said
        assert f"{total}점" not in said
    else:
        assert f"a total of {total}, rank" in said
        assert f"add up to 87.50 of 100 points. The total, {total}, is not this sum but the score by {name}" in said
        assert "Sum of the points (not the total) 72.00 + 15.50 87.50" in said
        assert f"{total} points" not in said
    assert f"{total} / 100" not in said
    relative = evaluation.rubric.method.pool_relative
    assert (POOL[lang] in said) == relative
    assert relative == (evaluation.rubric.method.method != "spotis")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_applicants_report_names_other_methods(evaluation: Evaluation, lang: Language) -> None:
    words = build_frame(evaluation, lang, SHA).words
    for id_ in ("a1", "a5", "a6"):
        said = applicant(evaluation, id_, lang)
        assert words("official.others") not in said
        assert words("method_name.weighted_sum") not in said
    assert words("official.others") in panel(evaluation, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_below_a_threshold_there_are_points_and_no_total(evaluation: Evaluation, lang: Language) -> None:
    frame = build_frame(evaluation, lang, SHA)
    said = applicant(evaluation, "a5", lang)
    assert frame.words("official.no_score") in said
    assert frame.words("official.work_none") in said
    (*_, last) = total_lines(frame, frame.standings["a5"])
    assert (last.label, last.value, last.strong) == (frame.words("official.sum"), "57.33", False)
    lines = explanation(evaluation, "a5", lang, _points_of)
    assert any("37.33 + 20.00 = 57.33" in line for line in lines)
    assert any("37.33 – " in line for line in lines)  # the threshold, with what was found


def test_the_panels_table_has_sums_beside_totals_and_no_bars(evaluation: Evaluation) -> None:
    frame = build_frame(evaluation, "ko", SHA)
    seen, told = panel_view(frame), totals(evaluation)
    assert not seen.bars
    rows = {row.id: row for row in seen.ranking if not row.cut}
    assert {id_: row.total for id_, row in rows.items()} == told
    assert {id_: row.points_sum for id_, row in rows.items()} == {
        "a1": "87.50",
        "a2": "83.00",
        "a3": "83.00",
        "a4": "74.67",
    }
    assert all(row.bar is None for row in seen.ranking)
    assert seen.total_label == f"총점({frame.words(f'method_name.{evaluation.rubric.method.method}')})"
    (cut,) = [row.cut for row in seen.ranking if row.cut]
    assert "총점 차이 0." in cut
    assert not cut.endswith("점")
    assert "점입니다" not in seen.sentence


def test_under_the_weighted_sum_nothing_of_it_is_said(tmp_path: Path) -> None:
    usual = made(tmp_path, rubric(), tables())
    seen = panel_view(build_frame(usual, "ko", SHA))
    assert seen.bars
    assert (seen.points_sum, seen.total_label, seen.official) == (False, "총점", ())
    for said in (panel(usual), applicant(usual, "a1")):
        assert "공식 방법" not in said
        assert "분수로 계산했습니다." in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_exact_is_said_of_points_alone(evaluation: Evaluation, lang: Language) -> None:
    frame = build_frame(evaluation, lang, SHA)
    told = {"id": "test-rubric", "version": "3"}
    for said in (panel(evaluation, lang), applicant(evaluation, "a2", lang)):
        assert frame.words("official.finding", method=frame.method_name, decimals=4, **told) in said
        assert frame.words("method.finding", **told) not in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_terminal_says_what_totals_are(
    evaluation: Evaluation, lang: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = build_frame(evaluation, lang, SHA)
    show_ranking(evaluation, lang)
    lines = capsys.readouterr().out.splitlines()
    assert frame.method_name in lines[1]
    assert "TOPSIS" in frame.method_name or "VIKOR (v = 0.625)" in frame.method_name or "SPOTIS" in frame.method_name
    (cut,) = [line for line in lines if line.startswith(" ──") and "0." in line]
    assert "점)" not in cut
    explained = " ".join(explanation(evaluation, "a1", lang, _points_of))
    assert "72.00 + 15.50 = 87.50" in explained
    assert f"72.00 + 15.50 = {totals(evaluation)['a1']}" not in explained
    assert frame.words(f"method_how.{evaluation.rubric.method.method}") in explained


@pytest.mark.parametrize("lang", LANGUAGES)
def test_rubric_show_tells_both_kinds_of_methods(evaluation: Evaluation, lang: Language) -> None:
    frame = build_frame(evaluation, lang, SHA)
    told = "\n".join(show_lines(evaluation.rubric, lang))
    assert frame.words("official.title") in told
    assert frame.method_name in told
    assert frame.words("official.others_text", methods=frame.words("method_name.weighted_sum")) in told


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_method_without_scores_is_the_reason_told(tmp_path: Path, lang: Language) -> None:
    own = without_adjustments()
    alone = {
        name: rows if name == "reviewers" else [r for r in rows if r.get("applicant", r.get("id")) == "a1"]
        for name, rows in own.items()
    }
    one = made(tmp_path, official(), alone)
    words = build_frame(one, lang, SHA).words
    why = words("method_why.one_applicant")
    for said in (panel(one, lang), applicant(one, "a1", lang)):
        assert why in said
    assert words("official.not_rankable", method="TOPSIS", why=why) in panel(one, lang)
    assert words("panel_sentence.not_rankable", n=0, all=1) not in panel(one, lang)
    assert words("missing.others") not in applicant(one, "a1", lang)


def test_equal_totals_are_told_without_points(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    twins = without_adjustments()
    twins["office"] = [dict(row, score="17") for row in twins["office"]]
    twins["scores"] = [
        dict(row, score=next(r["score"] for r in twins["scores"] if _key(r) == ("a2", *_key(row)[1:])))
        if row["applicant"] == "a3"
        else row
        for row in twins["scores"]
    ]
    tied = made(tmp_path, official("spotis", tie_break=[]), twins)
    (tie,) = tied.ties
    show_ranking(tied, "ko")
    said = capsys.readouterr().out
    assert f"a2, a3: {float(tie.total):.4f}, 구분되지 않음" in said
    assert f"{float(tie.total):.4f}점" not in said


def _key(row: dict[str, str]) -> tuple[str, str, str]:
    return row["applicant"], row["reviewer"], row["criterion"]
