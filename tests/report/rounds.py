"""Small round folders for the reports: written, read and evaluated as any other."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evaluator.files import load_round
from evaluator.model.evaluation import Evaluation
from evaluator.workflow import evaluate

Rows = Sequence[Mapping[str, str]]
SHA = "3f9ca41e" * 8


def made(folder: Path, rubric: Mapping[str, Any], tables: Mapping[str, Rows], **info: Any) -> Evaluation:
    """Write a round folder, read it and evaluate it. ``info`` goes into round.yaml."""
    folder.mkdir(parents=True, exist_ok=True)
    about = {
        "schema": 1,
        "id": "round-1",
        "title": {"ko": "시험 평가(가상)", "en": "Test round (fictional)"},
        "rubric": "rubric.yaml",
        "language": "ko",
        "status": "proposed",
    }
    (folder / "round.yaml").write_text(json.dumps(about | info, ensure_ascii=False), encoding="utf-8")
    (folder / "rubric.yaml").write_text(json.dumps(rubric, ensure_ascii=False), encoding="utf-8")
    for name, rows in tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
    resolved, round_ = load_round(folder)
    return evaluate(resolved, round_)


def rubric(**parts: Any) -> dict[str, Any]:
    """Two panel criteria and an office criterion of 100 points; ``parts`` replace or add keys."""
    return {
        "schema": 1,
        "id": "test-rubric",
        "version": "3",
        "title": {"ko": "시험 평가기준표", "en": "Test rubric"},
        "criteria": [
            {
                "id": "technical",
                "title": {"ko": "기술능력", "en": "Technical capability"},
                "points": 80,
                "threshold": "60%",
                "basis": {"status": "published", "source": {"ko": "공고문", "en": "the call"}},
                "children": [
                    {
                        "id": "plan",
                        "title": {"ko": "수행 계획", "en": "Work plan"},
                        "points": 50,
                        "scale": {"min": 0, "max": 50},
                    },
                    {
                        "id": "team",
                        "title": {"ko": "수행 인력", "en": "Team"},
                        "points": 30,
                        "scale": {"min": 0, "max": 30},
                        "basis": {"status": "assumed", "note": {"ko": "배점은 가정", "en": "points are assumed"}},
                    },
                ],
            },
            {
                "id": "price",
                "title": {"ko": "가격", "en": "Price"},
                "points": 20,
                "source": "office",
                "scale": {"min": 0, "max": 20},
            },
        ],
        "panel": {
            "title": {"ko": "평가위원회", "en": "Panel"},
            "aggregate": "trimmed_mean",
            "trim": {"high": 1, "low": 1, "from": 4},
            "quorum": 3,
        },
        "rounding": {"points": 2, "total": 2},
        "adjustments": {"bonus_max": 5, "penalty_max": 5},
        "pass_mark": "60%",
        "gates": [
            {
                "id": "eligible",
                "title": {"ko": "신청자격", "en": "Eligibility"},
                "description": {"ko": "서류를 모두 갖추었다.", "en": "All documents are there."},
                "when": "before_scoring",
            },
            {"id": "sound", "title": {"ko": "재무 건전성", "en": "Soundness"}, "when": "after_ranking"},
        ],
        "tie_break": ["technical", "decision"],
        "selection": {"places": 2, "reserve": 1},
        "rule_basis": {
            "panels": {"status": "assumed", "note": {"ko": "관행을 따라 가정", "en": "assumed after practice"}},
            "selection": {"status": "regulation", "source": {"ko": "운영규정 제12조", "en": "regulation, article 12"}},
        },
    } | parts


NAMES = {
    "a1": "가람연구소(가상)",
    "a2": "나래기술(가상)",
    "a3": "다온정보(가상)",
    "a4": "라온시스템(가상)",
    "a5": "마루데이터(가상)",
    "a6": "바다소프트(가상)",
    "a7": "사람과기계(가상)",
}
REVIEWERS = ("rv01", "rv02", "rv03", "rv04", "rv05")
# plan + team of each reviewer, and the price: a1 first; a2 and a3 equal in total; a4 after them; a5 below the
# threshold; a6 fails before scoring; a7 withdrew.
PLANS = {
    "a1": (45, 46, 47, 44, 45),
    "a2": (40, 41, 42, 43, 44),
    "a3": (40, 41, 42, 43, 44),
    "a4": (35, 36, 30, 38, 36),
    "a5": (20, 22, 25, 21, 24),
}
TEAMS = {
    "a1": (27, 26, 28, 27, 27),
    "a2": (24, 24, 25, 26, 26),
    "a3": (22, 22, 23, 24, 24),
    "a4": (20, 20, 21, 22, 20),
    "a5": (15, 16, 17, 15, 14),
}
PRICES = {"a1": "15.5", "a2": "16", "a3": "18", "a4": "19", "a5": "20"}


def scores(
    plans: Mapping[str, Sequence[int]] = PLANS, teams: Mapping[str, Sequence[int]] = TEAMS
) -> list[dict[str, str]]:
    """Every reviewer's marks on plan and team."""
    return [
        {"reviewer": reviewer, "applicant": applicant, "criterion": criterion, "score": str(marks[applicant][i])}
        for criterion, marks in (("plan", plans), ("team", teams))
        for applicant in marks
        for i, reviewer in enumerate(REVIEWERS)
    ]


def tables(**more: Rows) -> dict[str, Rows]:
    """A round with one applicant of nearly every outcome."""
    names = {a: {"id": a, "name": name, "status": "withdrawn" if a == "a7" else ""} for a, name in NAMES.items()}
    passed = [
        {"applicant": a, "gate": gate, "outcome": "pass", "decider": "사무국", "date": "2026-01-05"}
        for a in NAMES
        for gate in ("eligible", "sound")
        if (a, gate) not in {("a6", "eligible"), ("a4", "sound")}
    ]
    failed = [
        {
            "applicant": "a6",
            "gate": "eligible",
            "outcome": "fail",
            "decider": "위원장(rv01)",
            "reason": "사업자등록증을 제출하지 않음.",
        },
        {"applicant": "a4", "gate": "sound", "outcome": "fail", "decider": "rv02", "reason": "자본 잠식."},
    ]
    found: dict[str, Rows] = {
        "applicants": list(names.values()),
        "reviewers": [{"id": r, "name": f"위원 {r}"} for r in REVIEWERS],
        "scores": scores(),
        "office": [{"applicant": a, "criterion": "price", "score": score} for a, score in PRICES.items()],
        "gates": passed + failed,
        "adjustments": [{"applicant": "a1", "kind": "bonus", "points": "1.5", "reason": "여성기업"}],
        "opinions": [
            {"applicant": "a1", "kind": "summary", "text": "계획이 구체적이다."},
            {"applicant": "a1", "kind": "strength", "text": "경험이 많다."},
            {"applicant": "a1", "kind": "weakness", "text": "일정이 빠듯하다."},
            {"applicant": "a1", "kind": "condition", "text": "일정표를 다시 낼 것."},
        ],
    }
    return found | more
