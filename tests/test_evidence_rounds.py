"""Rounds fed by evidence, from the folder to the outcome: what a panel may decide, and what it may not."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from evaluator.cli.table import unresolved_lines
from evaluator.errors import InputProblems
from evaluator.files import load_round
from evaluator.model.evaluation import Evaluation, Unresolved
from evaluator.report.frame import build_frame
from evaluator.workflow import evaluate

ROUND = Path(__file__).parent / "accept" / "performance"
HEAD = "kind,applicant,criterion,before,after,decider,date,reason\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROUND, tmp_path / "round"))


def outcome(folder: Path) -> Evaluation:
    return evaluate(*load_round(folder))


def points(evaluation: Evaluation) -> dict[str, tuple[Fraction | None, Fraction, Fraction | None]]:
    found = {s.applicant: s.criteria["performance"] for s in evaluation.ranking}
    return {a: (score.consensus, score.points, score.calculated) for a, score in found.items()}


def test_what_cannot_be_assessed_leaves_the_round_unranked(folder: Path) -> None:
    evaluation = outcome(folder)
    assert evaluation.unresolved == (
        Unresolved(kind="figure", applicant="beta", criterion="performance", why=("coverage",)),
    )
    assert not evaluation.rankable
    assert {s.total for s in evaluation.ranking} == {None}
    assert evaluation.evidence is not None
    assert {d.applicant: d.verdict for d in evaluation.evidence.performance} == {
        "alpha": "met", "beta": "not_assessable", "gamma": "not_met",
    }  # fmt: skip


def test_the_panel_may_decide_where_nothing_could_be_derived(folder: Path) -> None:
    row = "consensus,beta,performance,,0.9,평가위원회,2026-01-15,기관이 재현한 결과에 따름\n"
    (folder / "decisions.csv").write_text(HEAD + row, encoding="utf-8")
    evaluation = outcome(folder)
    assert evaluation.unresolved == ()
    # 60 * 0.9 / 0.95 is 56.842...; nothing was calculated, so nothing was replaced.
    assert points(evaluation)["beta"] == (Fraction(9, 10), Fraction(5684, 100), None)


def test_the_panel_may_replace_a_derived_figure_and_both_stay_on_record(folder: Path) -> None:
    rows = (
        "consensus,beta,performance,,0.9,평가위원회,2026-01-15,기관이 재현한 결과에 따름\n"
        "consensus,gamma,performance,0.713,0.76,평가위원회,2026-01-15,누락된 문항을 기관이 재현함\n"
    )
    (folder / "decisions.csv").write_text(HEAD + rows, encoding="utf-8")
    assert points(outcome(folder))["gamma"] == (Fraction(76, 100), Fraction(48), Fraction(713, 1000))


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("consensus,gamma,performance,0.8,0.9,평가위원회,2026-01-15,사유\n", "decision.consensus_stale"),
        ("consensus,beta,performance,0.8,0.9,평가위원회,2026-01-15,사유\n", "decision.nothing_before"),
        ("consensus,gamma,performance,,0.9,평가위원회,2026-01-15,사유\n", "decision.before_missing"),
        ("consensus,gamma,performance,0.713,-0.1,평가위원회,2026-01-15,사유\n", "score.below_minimum"),
        ("consensus,gamma,performance,,0.9,,2026-01-15,\n", "decision.field_missing"),
    ],
)
def test_a_decision_has_to_fit_and_to_be_signed(folder: Path, row: str, code: str) -> None:
    settled = "consensus,beta,performance,,0.9,평가위원회,2026-01-15,사유\n" if "beta" not in row else ""
    (folder / "decisions.csv").write_text(HEAD + settled + row, encoding="utf-8")
    with pytest.raises(InputProblems) as raised:
        outcome(folder)
    assert {problem.code for problem in raised.value.problems} == {code}
    if code in {"decision.consensus_stale", "decision.before_missing"}:
        assert raised.value.problems[0].params["calculated"] == "0.713"


def test_a_decision_about_a_derived_figure_is_checked_while_the_round_is_unresolved(folder: Path) -> None:
    row = "consensus,gamma,performance,0.8,0.9,평가위원회,2026-01-15,사유\n"  # beta has no figure: nothing is ranked
    (folder / "decisions.csv").write_text(HEAD + row, encoding="utf-8")
    with pytest.raises(InputProblems) as raised:
        outcome(folder)
    assert [(p.code, p.params["calculated"]) for p in raised.value.problems] == [("decision.consensus_stale", "0.713")]
    (folder / "decisions.csv").write_text(HEAD + row.replace("0.8,", "0.713,"), encoding="utf-8")
    assert [u.applicant for u in outcome(folder).unresolved] == ["beta"]


def test_why_there_is_no_figure_is_told(folder: Path) -> None:
    shutil.rmtree(folder / "evidence" / "gamma")
    (folder / "excuses.csv").unlink()
    results = folder / "evidence/beta/performance/results.csv"
    results.write_text(results.read_text("utf-8").replace("third_party", "self"), "utf-8")
    rubric = folder / "rubric.yaml"
    rubric.write_text(
        rubric.read_text("utf-8").replace("coverage: 70%", "coverage: 70%\n      counts: [agency]"), "utf-8"
    )
    evaluation = outcome(folder)
    assert {u.applicant: u.why for u in evaluation.unresolved} == {
        "alpha": ("coverage", "results_not_counted"),
        "beta": ("coverage", "results_not_counted"),
        "gamma": ("nothing_handed_in",),
    }
    shown = unresolved_lines(evaluation, "ko")
    assert any(
        "gamma: 수치 없음 – 글로벌 성능 (제출한 증빙도 사무국이 입력한 수치도 없습니다)" in line for line in shown
    )
    panel = build_frame(evaluation, "en", "")
    assert [panel.lacking(u) for u in evaluation.unresolved if u.applicant == "gamma"] == [
        "Global performance (No evidence was handed in, and the office entered no figure)"
    ]


def test_an_office_figure_stands_where_an_applicant_handed_in_nothing(folder: Path) -> None:
    shutil.rmtree(folder / "evidence" / "beta")
    (folder / "excuses.csv").unlink()
    shutil.rmtree(folder / "evidence" / "gamma")
    text = "applicant,criterion,score,source\nbeta,performance,0.95,기관 재현\ngamma,performance,0.5,기관 재현\n"
    (folder / "office.csv").write_text(text, encoding="utf-8")
    evaluation = outcome(folder)
    assert {a: p for a, (_, p, _) in points(evaluation).items()} == {
        "alpha": 60,
        "beta": 60,
        "gamma": Fraction(3158, 100),
    }


def test_whoever_is_out_owes_no_evidence(folder: Path) -> None:
    text = (folder / "applicants.csv").read_text(encoding="utf-8")
    header, *rows = text.splitlines()
    rows = [f"{row},withdrawn" if row.startswith("beta") else f"{row}," for row in rows]
    (folder / "applicants.csv").write_text("\n".join([f"{header},status", *rows, ""]), encoding="utf-8")
    evaluation = outcome(folder)
    assert evaluation.unresolved == ()
    assert {s.applicant: s.outcome for s in evaluation.ranking}["beta"] == "withdrawn"
