"""The product against the oracle: random rounds over every combination of rule options, to the last digit."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

from evaluator.errors import InputProblems
from evaluator.files import load_round
from evaluator.model.evaluation import Evaluation, Reason, Standing
from evaluator.model.round import SCORED
from evaluator.workflow import evaluate
from tests.oracle.generate import random_case, write_case
from tests.oracle.oracle import Answer, Case, Refused, solve

CASES = 3_000
CHUNKS = 20


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_figure_rank_and_outcome_equals_the_oracle(chunk: int, tmp_path: Path) -> None:
    size = CASES // CHUNKS
    for seed in range(chunk * size, (chunk + 1) * size):
        case = random_case(Random(seed))
        folder = write_case(case, tmp_path / str(seed))
        assert computed(folder) == expected(case), f"seed {seed}"


def computed(folder: Path) -> dict[str, Any]:
    try:
        rubric, round_ = load_round(folder)
        evaluation = evaluate(rubric, round_)
    except InputProblems as error:
        return {"refused": bool(error.problems)}
    return picture(evaluation)


def picture(evaluation: Evaluation) -> dict[str, Any]:
    """Everything that decides, without the words and the hashes."""
    shared: dict[int, list[str]] = {}
    for s in evaluation.ranking:
        if s.rank is not None:
            shared.setdefault(s.rank, []).append(s.applicant)
    cut = evaluation.cut_line
    return {
        "rankable": evaluation.rankable,
        "applicants": {s.applicant: standing(s) for s in evaluation.ranking},
        "kept": kept(evaluation),
        "cut": (cut.places, cut.filled, cut.last_selected, cut.first_not_selected, cut.margin)
        if cut and evaluation.rubric.decision is None
        else None,
        "shared": sorted(tuple(sorted(group)) for group in shared.values() if len(group) > 1),
        "blanks": sorted(
            (u.reviewer, u.applicant, u.criterion) for u in evaluation.unresolved if u.kind in {"blank", "figure"}
        ),
        "quorums": sorted(
            (u.panel, u.applicant, *([u.criterion] if u.criterion else []))
            for u in evaluation.unresolved
            if u.kind in {"quorum", "vote_quorum"}
        ),
        "gates": sorted((u.applicant, u.gate) for u in evaluation.unresolved if u.kind == "gate"),
        "nobody": any(u.kind == "none_selected" for u in evaluation.unresolved),
    }


def standing(s: Standing) -> dict[str, Any]:
    return {
        "outcome": s.outcome,
        "rank": s.rank,
        "total": s.total,
        "ranking_total": s.ranking_total,
        "reasons": tuple(sorted(reason(r) for r in s.reasons)) if s.outcome != "not_rankable" else (),
        "points": {c: v.points for c, v in s.criteria.items()},
        "consensus": {c: v.consensus for c, v in s.criteria.items() if v.consensus is not None},
        "votes": (s.votes.yes, s.votes.no, s.votes.abstain, s.votes.eligible) if s.votes else None,
    }


def reason(r: Reason) -> str:
    return f"{r.kind}:{r.subject}" if r.subject else r.kind


def kept(evaluation: Evaluation) -> dict[tuple[str, str, str], Fraction]:
    table, leaves = evaluation.marks, evaluation.rubric.panel_leaves()
    return {
        (
            evaluation.reviewers[table.marks.reviewer[i]].id,
            evaluation.applicants[table.marks.applicant[i]].id,
            leaves[table.marks.criterion[i]].id,
        ): Fraction(int(table.kept_num[i]), int(table.kept_den[i]))
        for i in range(len(table.marks))
        if table.marks.state[i] == SCORED and table.kept_num[i] >= 0
    }


def expected(case: Case) -> dict[str, Any]:
    try:
        answer = solve(case)
    except Refused:
        return {"refused": True}
    return answer_picture(answer, votes="decision" in case.rubric)


def answer_picture(answer: Answer, *, votes: bool) -> dict[str, Any]:
    cut = answer.cut_line
    return {
        "rankable": answer.rankable,
        "applicants": {
            a: {
                "outcome": r.outcome,
                "rank": r.rank,
                "total": r.total,
                "ranking_total": r.ranking_total,
                "reasons": tuple(sorted(r.reasons)) if r.outcome != "not_rankable" else (),
                "points": r.points,
                "consensus": r.consensus,
                "votes": (r.votes.yes, r.votes.no, r.votes.abstain, r.votes.eligible) if r.votes else None,
            }
            for a, r in answer.applicants.items()
        },
        "kept": answer.kept,
        "cut": (cut.places, cut.filled, cut.last_selected, cut.first_not_selected, cut.margin)
        if cut and not votes
        else None,
        "shared": sorted(answer.ties),
        "blanks": sorted(answer.missing.blanks),
        "quorums": sorted(answer.missing.quorums),
        "gates": sorted(answer.missing.gates),
        "nobody": answer.nobody_recognised,
    }
