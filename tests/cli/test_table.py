"""What stands on the cut line of the table, and in which order those who owe marks are listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluator.cli.table import show_ranking, unresolved_lines
from tests.report.rounds import PLANS, made, rubric, scores, tables


@pytest.mark.parametrize(
    ("chain", "said"),
    [
        (["technical"], "선정 경계(차이 0.00점, 「기술능력」 점수로 구분)"),
        (["decision"], "선정 경계(차이 0.00점, 평가위원회의 결정으로 구분)"),
    ],
)
def test_the_cut_line_says_what_decided_between_equal_totals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], chain: list[str], said: str
) -> None:
    by = {"decider": "위원회", "date": "2026-03-01", "reason": "표결"}
    decided = [
        {"kind": "tie", "applicant": a, "criterion": "", "before": "", "after": str(i), **by}
        for i, a in enumerate(("a2", "a3"), start=1)
    ]
    more = {"decisions": decided} if chain == ["decision"] else {}
    show_ranking(made(tmp_path, rubric(tie_break=chain), tables(**more)), "ko")
    assert said in capsys.readouterr().out


def test_a_margin_needs_no_words_about_ties(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plans = {**PLANS, "a2": (41, 42, 43, 44, 45)}
    show_ranking(made(tmp_path, rubric(), tables(scores=scores(plans))), "ko")
    assert "선정 경계(차이 1.00점) " in capsys.readouterr().out


def test_owed_marks_are_listed_by_reviewer(tmp_path: Path) -> None:
    """rv05 owes the first applicant, rv01 a later one: the list is in the order of the reviewers."""
    owed = {("rv05", "a1"), ("rv02", "a2"), ("rv01", "a3")}
    marks = [{**m, "score": "" if (m["reviewer"], m["applicant"]) in owed else m["score"]} for m in scores()]
    lines = unresolved_lines(made(tmp_path, rubric(), tables(scores=marks)), "ko")
    named = [r for line in lines for r in ("rv01", "rv02", "rv05") if line.startswith(f"  {r}")]
    assert named == ["rv01", "rv02", "rv05"]
