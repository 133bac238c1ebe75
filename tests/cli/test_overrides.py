"""A decision in the place of a derived figure is told wherever that figure is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evaluator.cli.commands import _points_of
from evaluator.cli.evidence_table import evidence_lines
from evaluator.cli.table import show_ranking
from evaluator.files import load_round
from evaluator.model.evaluation import Evaluation
from evaluator.report.explain import explanation
from evaluator.report.frame import build_frame
from evaluator.report.html import evidence_html
from evaluator.workflow import evaluate
from tests.report.test_applicant import text_of

ROUND = Path(__file__).parents[1] / "accept" / "performance"
ROWS = (
    "kind,applicant,criterion,before,after,decider,date,reason\n"
    "consensus,beta,performance,,0.9,평가위원회,2026-01-15,기관이 재현한 결과에 따름\n"
    "consensus,gamma,performance,0.713,0.76,평가위원회,2026-01-16,누락된 문항을 기관이 재현함\n"
)
BETA = "beta, 평가항목 1 글로벌 성능: 산정 불가 → 0.9 (평가위원회 · 2026-01-15). 사유: 기관이 재현한 결과에 따름"
GAMMA = "gamma, 평가항목 1 글로벌 성능: 0.713 → 0.76 (평가위원회 · 2026-01-16). 사유: 누락된 문항을 기관이 재현함"


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    folder = Path(shutil.copytree(ROUND, tmp_path_factory.mktemp("decided") / "round"))
    (folder / "decisions.csv").write_text(ROWS, encoding="utf-8")
    return evaluate(*load_round(folder))


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")


def test_rank_and_evidence_list_every_override(decided: Evaluation, capsys: pytest.CaptureFixture[str]) -> None:
    show_ranking(decided, "ko")
    ranked = capsys.readouterr().out.splitlines()
    for lines in (ranked, evidence_lines(decided, "ko")):
        start = lines.index("위원회 결정에 따른 변경")
        assert lines[start + 1 : start + 4] == [f"  {BETA}", f"  {GAMMA}", ""]


def test_without_a_decision_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    plain = evaluate(*load_round(ROUND))
    show_ranking(plain, "ko")
    assert "위원회 결정에 따른 변경" not in [*capsys.readouterr().out.splitlines(), *evidence_lines(plain, "ko")]


def test_explain_tells_who_decided_where_nothing_could_be_derived(decided: Evaluation) -> None:
    lines = [line.strip() for line in explanation(decided, "beta", "ko", _points_of)]
    expected = "산정된 수치가 없어 평가위원회 결정으로 0.9 (평가위원회 2026-01-15 기관이 재현한 결과에 따름)"
    assert expected in lines
    assert not any(line.startswith("수치 0.9") for line in lines)
    gamma = [line.strip() for line in explanation(decided, "gamma", "en", _points_of)]
    assert any("0.713 → 0.76" in line and "2026-01-16" in line for line in gamma)


def test_the_document_tells_it_too(decided: Evaluation) -> None:
    said = text_of(evidence_html(build_frame(decided, "ko", "0" * 64)))
    assert "기관이 재현한 결과에 따름" in said
