"""Finished pages: escaping, words that stay whole, what stands on every page."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluator.model.text import LANGUAGES, Language
from evaluator.report.frame import build_frame
from evaluator.report.html import applicant_html, join_words, keep_words_whole, panel_html
from tests.report.rounds import SHA, made, rubric, tables
from tests.report.test_applicant import text_of

J = "\u2060"


def test_korean_words_hold_together() -> None:
    assert keep_words_whole("총점 85점이") == f"총{J}점 85{J}점{J}이"
    assert keep_words_whole("AI를 R&D") == f"AI{J}를 R&D"
    assert keep_words_whole("선정(안)의") == f"선{J}정{J}(안){J}의"
    assert keep_words_whole("plain English 12.5%") == "plain English 12.5%"


def test_a_very_long_word_stays_breakable() -> None:
    name = "가" * 50
    assert keep_words_whole(name) == name


def test_only_text_is_joined() -> None:
    held = "<title>가나</title><svg><title>가나</title></svg><h2>가나</h2>"
    html = held + '<p data-x="가나">가나 &amp; 다라</p><b>가나</b>'
    assert join_words(html) == held + f'<p data-x="가나">가{J}나 &amp; 다{J}라</p><b>가{J}나</b>'


def test_names_and_texts_are_escaped_everywhere(tmp_path: Path) -> None:
    evil = '<script>alert("1")</script> & </style><b>'
    given = tables()
    applicants = [dict(row, name=evil if row["id"] == "a1" else row["name"]) for row in given["applicants"]]
    opinions = [{"applicant": "a1", "kind": "strength", "text": evil}]
    evaluation = made(
        tmp_path, rubric(), tables(applicants=applicants, opinions=opinions), title=evil, project=evil, organiser=evil
    )
    frame = build_frame(evaluation, "ko", SHA)
    for html in (applicant_html(frame, "a1"), panel_html(frame)):
        assert "<script" not in html
        assert html.count("</style>") == 1
        assert "&lt;script&gt;" in html


@pytest.mark.parametrize("lang", LANGUAGES)
def test_language_title_and_running_words(tmp_path: Path, lang: Language) -> None:
    evaluation = made(
        tmp_path,
        rubric(),
        tables(),
        project={"ko": "가상 사업", "en": "Fictional project"},
        evaluation_date="2026-01-09",
    )
    frame = build_frame(evaluation, lang, SHA)
    html = applicant_html(frame, "a1").replace(J, "")
    assert f'<html lang="{lang}">' in html
    head, foot = (
        (
            "가상 사업 · 시험 평가(가상)",
            "보고서 round-1/a1 · 평가기준표 test-rubric v3 · 기록 sha256 3f9ca41e3f9c · 신청기관용",
        )
        if lang == "ko"
        else (
            "Fictional project · Test round (fictional)",
            "Report round-1/a1 · rubric test-rubric v3 · record sha256 3f9ca41e3f9c · for the applicant",
        )
    )
    assert f'data-head-left="{head}"' in html
    assert f'data-foot="{foot}"' in html
    assert ("2026. 1. 9." if lang == "ko" else "2026-01-09") in html
    assert ("내부용" if lang == "ko" else "internal") in panel_html(frame).replace(J, "")


@pytest.mark.parametrize(
    ("status", "mark", "word"),
    [
        ("rehearsal", "watermark-rehearsal.svg", "모의 평가"),
        ("draft", "watermark-draft.svg", "초안"),
        ("proposed", "", "평가 결과(안)"),
        ("confirmed", "", "확정"),
    ],
)
def test_rehearsals_and_drafts_have_a_watermark(tmp_path: Path, status: str, mark: str, word: str) -> None:
    evaluation = made(tmp_path, rubric(), tables(), status=status)
    html = applicant_html(build_frame(evaluation, "ko", SHA), "a1").replace(J, "")
    assert ("watermark-" in html) == bool(mark)
    assert mark in html
    assert f'data-head-right="{word}"' in html


def test_a_confirmed_round_with_something_unresolved_is_a_draft(tmp_path: Path) -> None:
    evaluation = made(tmp_path, rubric(tie_break=[]), tables(), status="confirmed")
    assert not evaluation.confirmed
    frame = build_frame(evaluation, "ko", SHA)
    for html in (applicant_html(frame, "a1"), panel_html(frame)):
        assert "watermark-draft.svg" in html
        assert 'data-head-right="초안"' in html.replace(J, "")


def test_tables_name_their_columns_and_drawings_say_what_they_show(tmp_path: Path) -> None:
    frame = build_frame(made(tmp_path, rubric(), tables()), "ko", SHA)
    for html in (applicant_html(frame, "a1"), panel_html(frame)):
        assert html.count("<th ") + html.count("<th>") == html.count("<th scope=")
        assert html.count("<svg") == html.count("<svg ") > 0
        assert html.count("<svg ") == html.count("<title>") - 1
    said = applicant_html(frame, "a1")
    assert "<title>72.00점, 배점 80점. 최저기준 48점 충족.</title>" in said
    assert "<title>총점 89.00점, 만점 100점. 적격 기준점수 60점.</title>" in said


def test_conditions_and_opinions_are_printed(tmp_path: Path) -> None:
    frame = build_frame(made(tmp_path, rubric(), tables()), "ko", SHA)
    said = text_of(applicant_html(frame, "a1"))
    for words in (
        "평가위원회는 강점 1건과 보완할 점 1건을 의견으로 남겼습니다.",
        "계획이 구체적이다.",
        "다음의 조건 1건이 붙었습니다. 일정표를 다시 낼 것.",
    ):
        assert words in said
    assert "기록된 평가의견이 없습니다." in text_of(applicant_html(frame, "a2"))
