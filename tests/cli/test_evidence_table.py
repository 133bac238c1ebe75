"""Evidence and support on a terminal: every line fits, every cell stays in its column, nobody is ranked."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from rich.cells import cell_len

from evaluator.cli.evidence_table import evidence_lines, show_evidence, show_support, support_lines
from evaluator.model.evaluation import Evaluation
from evaluator.model.text import LANGUAGES, Language
from tests.report import evidence_rounds as made_of


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(scope="module")
def ranked(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return made_of.with_evidence(tmp_path_factory.mktemp("ranked"))


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return made_of.evidence_only(tmp_path_factory.mktemp("collected"))


def test_derived_figures_stand_in_columns(ranked: Evaluation, capsys: pytest.CaptureFixture[str]) -> None:
    show_evidence(ranked, "ko")
    lines = capsys.readouterr().out.splitlines()
    start = lines.index("평가항목 3 목표 대비 성능")
    assert lines[start : start + 7] == [
        "평가항목 3 목표 대비 성능",
        "성능 목표: 충족 1, 미충족 1. 다른 산식이나 참조 기준에서 판정이 달라지는",
        "  신청기관은 1개입니다.",
        "  신청기관               비율       90% 구간  판정      도달 확률  주",
        "  ────────────────────────────────────────────────────────────────────────",
        "  a1 가람연구소(가상)  0.9312  0.9051–0.9573  □ 미충족     0.1183  a, b, c",
        "  a2 나래기술(가상)    0.9871              –  ● 충족            –  d, e, f",
    ]
    assert "  a1 가람연구소(가상)     3          4  해당 없음   아니오  5.5/14  g" in lines
    assert "  a1 가람연구소(가상)    3  2(4)" in lines
    assert "  5.1 무료 이용, 5.2 도달 범위" in lines
    assert lines[-1] == "  신청기관 id 순이며 순위가 아닙니다."


def test_brackets_are_explained_only_where_there_are_any(ranked: Evaluation) -> None:
    assert ranked.evidence is not None
    explained = "  괄호 안은 주장한 수준이며, 증빙이 없어 인정하지 않았습니다."
    assert explained in evidence_lines(ranked, "ko")
    kept = tuple(d for d in ranked.evidence.access if d.criterion == "free-use")
    plain = dataclasses.replace(ranked, evidence=dataclasses.replace(ranked.evidence, access=kept))
    assert explained not in evidence_lines(plain, "ko")


def test_support_stands_in_columns(ranked: Evaluation, capsys: pytest.CaptureFixture[str]) -> None:
    show_support(ranked, "en")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Support – The support of 2 selected teams is within the budget."
    assert "  Own data (won)          5,500,000,000  6,000,000,000  500,000,000" in lines
    assert "  Own data (won)  3,111,111,112  2,800,000,000  311,111,112  31,111,112" in lines
    assert "  GPUs: Excluded from this item. It leases GPUs to the programme." in lines


def test_the_ways_out_are_shown_where_too_much_is_asked_for(ranked: Evaluation) -> None:
    lines = support_lines(dataclasses.replace(ranked, support=made_of.over_budget()), "en")
    assert "  Applicant         proportional  equal cap  by rank" in lines
    assert "  가람연구소(가상)           341        256      512" in lines


def test_no_policy_no_lines(ranked: Evaluation) -> None:
    assert support_lines(dataclasses.replace(ranked, support=None), "ko") == []


def test_no_evidence_is_said(ranked: Evaluation) -> None:
    lines = evidence_lines(dataclasses.replace(ranked, evidence=None), "en")
    assert lines[-1] == "Nothing was derived from evidence."


def test_published_figures_are_counted_by_model(collected: Evaluation) -> None:
    assert evidence_lines(collected, "en")[2:] == [
        "  Applicant · Model       Figures  Licences known",
        "  ───────────────────────────────────────────────",
        "  a1 가람연구소(가상)           2               1",
        "    가람-1                      1",
        "    가람-1 (thinking)           1",
        "  a2 나래기술(가상)             1      none found",
        "    나래-2                      1",
        "  a3 다온정보(가상)    none found      none found",
        "",
        "  In the order of ids, which is not a ranking.",
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("columns", [80, 100])
def test_every_line_fits(
    ranked: Evaluation,
    collected: Evaluation,
    monkeypatch: pytest.MonkeyPatch,
    lang: Language,
    columns: int,
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    long = "대한민국 초거대 언어·음성·영상 통합 인공지능 기초모형 공동개발 산학연 연합체(가상)"
    for evaluation in (ranked, collected):
        applicants = tuple(dataclasses.replace(a, name=f"{long} {a.id}") for a in evaluation.applicants)
        named = dataclasses.replace(evaluation, applicants=applicants)
        lines = [*evidence_lines(named, lang), *support_lines(named, lang)]
        assert max(map(cell_len, lines)) <= columns
        assert not any(line != line.rstrip() for line in lines)


def test_names_cannot_give_orders_to_the_terminal(ranked: Evaluation) -> None:
    applicants = tuple(dataclasses.replace(a, name="\x1b[31m붉은\n이름[bold]") for a in ranked.applicants)
    lines = evidence_lines(dataclasses.replace(ranked, applicants=applicants), "ko")
    assert any("[31m붉은 이름[bold]" in line for line in lines)
    assert not any("\x1b" in line or "\n" in line for line in lines)


def test_a_blind_round_shows_aliases(tmp_path: Path) -> None:
    evaluation = made_of.with_evidence(tmp_path, blind=True)
    assert any(line.startswith("  a1 팀 a1") for line in evidence_lines(evaluation, "ko"))
