"""Evaluations made by hand, without a round folder, for what is written from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from evaluator.errors import InputProblems, Problem
from evaluator.files import load_round
from evaluator.model.evaluation import Evaluation
from evaluator.model.round import (
    ABSTAINED,
    RECUSED,
    SCORED,
    Adjustment,
    Applicant,
    Ballot,
    Conflict,
    Decision,
    GateRecord,
    Marks,
    OfficeFigure,
    Opinion,
    Reviewer,
    Round,
    RoundInfo,
)
from evaluator.model.rubric import Rubric
from evaluator.workflow import evaluate
from tests.oracle.generate import random_case, write_case

STATES = {"abstained": ABSTAINED, "recused": RECUSED}

RUBRIC: dict[str, Any] = {
    "schema": 1,
    "id": "test-rubric",
    "version": "2",
    "title": {"ko": "시험 평가기준표", "en": "Test rubric"},
    "criteria": [
        {
            "id": "technical",
            "title": {"ko": "기술", "en": "Technical"},
            "points": 60,
            "threshold": "50%",
            "children": [
                {
                    "id": "plan",
                    "title": {"ko": "계획", "en": "Plan"},
                    "points": 40,
                    "source": "panel",
                    "scale": {"min": 0, "max": 40},
                    "convert": {"kind": "linear"},
                },
                {
                    "id": "team",
                    "title": {"ko": "인력", "en": "Team"},
                    "points": 20,
                    "source": "panel",
                    "scale": {"min": 1, "max": 5, "step": 1},
                    "convert": {"kind": "grades", "grades": {"1": 40, "2": 60, "3": 80, "4": 90, "5": 100}},
                    "levels": [{"value": v, "title": {"ko": f"{v}점", "en": f"level {v}"}} for v in (1, 2, 3, 4, 5)],
                },
            ],
        },
        {
            "id": "price",
            "title": {"ko": "가격", "en": "Price"},
            "points": 40,
            "source": "office",
            "scale": {"min": 0, "max": 40},
            "convert": {"kind": "linear"},
        },
    ],
    "panels": [
        {
            "id": "experts",
            "title": {"ko": "전문가", "en": "Experts"},
            "criteria": ["technical"],
            "aggregate": "trimmed_mean",
            "trim": {"high": 1, "low": 1, "from": 4},
            "quorum": 2,
        }
    ],
    "rounding": {"points": 2, "total": 4},
    "adjustments": {"bonus_max": 5, "penalty_max": 5},
    "pass_mark": "60%",
    "gates": [{"id": "independence", "title": {"ko": "독자성", "en": "Independence"}, "when": "after_ranking"}],
    "tie_break": ["technical", "decision"],
    "selection": {"places": 1, "reserve": 1},
}

SHEETS: dict[str, dict[str, tuple[str, str] | None]] = {
    # applicant: reviewer: (plan, team); None is recused, "-" abstained, "" blank
    "a1": {"r1": ("31", "4"), "r2": ("33.5", "5"), "r3": ("29", "3"), "r4": ("33.5", "5"), "r5": ("30", "4")},
    "a2": {"r1": ("35", "4"), "r2": ("31", "4"), "r3": ("36", "5"), "r4": ("30", "3"), "r5": None},
    "a3": {"r1": ("12", "2"), "r2": ("14", "2"), "r3": ("10", "1"), "r4": ("13", "-"), "r5": ("9", "1")},
}
FIGURES = {"a1": "30", "a2": "31.5", "a3": "40"}


def round_info(**changes: Any) -> RoundInfo:
    return RoundInfo.model_validate(
        {
            "schema": 1,
            "id": "test-round",
            "title": {"ko": "시험 평가", "en": "Test round"},
            "rubric": "rubric.yaml",
            "status": "draft",
            "evaluation_date": "2026-11-02",
            **changes,
        }
    )


def marks_of(
    rubric: Rubric, sheets: Mapping[str, Mapping[str, tuple[str, ...] | None]], reviewers: tuple[Reviewer, ...]
) -> Marks:
    """Marks from a table applicant -> reviewer -> one text a panel leaf."""
    rows = []
    people = {r.id: i for i, r in enumerate(reviewers)}
    for a, (_, given) in enumerate(sheets.items()):
        for reviewer, sheet in given.items():
            for c, _ in enumerate(rubric.panel_leaves()):
                if sheet is None:
                    rows.append((a, people[reviewer], c, RECUSED, Fraction(0)))
                elif sheet[c] == "-":
                    rows.append((a, people[reviewer], c, ABSTAINED, Fraction(0)))
                elif sheet[c] != "":
                    rows.append((a, people[reviewer], c, SCORED, Fraction(sheet[c])))
    decimals = 2
    columns = list(zip(*rows, strict=True))
    return Marks(
        applicant=np.array(columns[0], np.int32),
        reviewer=np.array(columns[1], np.int32),
        criterion=np.array(columns[2], np.int32),
        state=np.array(columns[3], np.uint8),
        score=np.array([int(score * 10**decimals) for score in columns[4]], np.int64),
        decimals=decimals,
        comments=((0, "근거가 뚜렷함, =SUM(A1)"),),
    )


def small_round(
    *,
    rubric: Mapping[str, Any] = RUBRIC,
    sheets: Mapping[str, Mapping[str, tuple[str, ...] | None]] = SHEETS,
    figures: Mapping[str, str] = FIGURES,
    info: Mapping[str, Any] | None = None,
    **changes: Any,
) -> tuple[Rubric, Round]:
    """Three applicants, five reviewers (one recusal, one abstention), a price, a bonus, a gate, an opinion."""
    resolved = Rubric.model_validate(rubric)
    people = sorted({r for given in sheets.values() for r in given})
    panel = resolved.all_panels[0].id
    reviewers = tuple(Reviewer(id=r, panel=panel, name=f"이름-{r}", affiliation=f"소속-{r}") for r in people)
    names = ["=가람 컨소시엄", "나래[red] 연구소", "다온"]
    applicants = tuple(
        Applicant(id=a, name=names[i % 3], alias=f"팀 {i + 1}", lead="대표") for i, a in enumerate(sheets)
    )
    parts: dict[str, Any] = {
        "conflicts": tuple(
            Conflict(reviewer=r, applicant=a, kind="회피", reason="자문", decider="위원장", date="2026-11-01")
            for a, given in sheets.items()
            for r, sheet in given.items()
            if sheet is None
        ),
        "office": tuple(
            OfficeFigure(applicant=a, criterion="price", score=Fraction(f), source="개찰조서")
            for a, f in figures.items()
        ),
        "adjustments": (Adjustment(applicant="a1", kind="bonus", points=Fraction("1.5"), reason="가점 사유"),),
        "gates": tuple(GateRecord(applicant=a, gate="independence", outcome="pass", decider="위원장") for a in sheets),
        "decisions": (
            Decision(kind="condition", applicant="a1", after="+협약 전 보완", decider="위원장", date="2026-11-02"),
        ),
        "opinions": (Opinion(applicant="a1", kind="strength", text="연구진의\n경험이 많다."),),
        "warnings": (Problem(code="test.warning", file="scores.csv", line=3, params={"reviewer": "r1"}),),
        "inputs": (("scores.csv", "0" * 64), ("applicants.csv", "1" * 64)),
        **changes,
    }
    return resolved, Round(
        info=round_info(**(info or {})),
        applicants=applicants,
        reviewers=reviewers,
        marks=marks_of(resolved, sheets, reviewers),
        **parts,
    )


def small_evaluation(**changes: Any) -> Evaluation:
    """What becomes of :func:`small_round`: a1 selected, a2 reserve, a3 below the threshold and the pass mark."""
    return evaluate(*small_round(**changes))


VOTE_RUBRIC: dict[str, Any] = {
    "schema": 1,
    "id": "vote",
    "version": "1",
    "title": {"ko": "추가 선정", "en": "Additional selection"},
    "decision": {"kind": "vote", "quorum": "2/3", "majority": ">1/2", "places": 1},
}


def vote_evaluation() -> Evaluation:
    """a1 recognised by all three, a2 by one."""
    yes, no, abstain = "yes", "no", "abstain"
    given = {"a1": (yes, yes, yes), "a2": (yes, no, abstain)}
    reviewers = tuple(Reviewer(id=f"r{i}", panel="") for i in (1, 2, 3))
    round_ = Round(
        info=round_info(),
        applicants=tuple(Applicant(id=a, name=f"팀 {a}") for a in given),
        reviewers=reviewers,
        ballots=tuple(
            Ballot(reviewer=r.id, applicant=a, vote=vote)  # type: ignore[arg-type]  # a word of the three there are
            for a, votes in given.items()
            for r, vote in zip(reviewers, votes, strict=True)
        ),
    )
    return evaluate(Rubric.model_validate(VOTE_RUBRIC), round_)


def random_evaluations(folder: Path, seeds: range) -> Iterator[Evaluation]:
    """The evaluations of generated rounds, without those whose input is refused."""
    for seed in seeds:
        try:
            yield evaluate(*load_round(write_case(random_case(Random(seed)), folder / f"case-{seed}")))
        except InputProblems:
            continue
