"""A real competition, recomputed from the judges' marks: every official component score, total and rank.

The data and their source are described in tests/data/skating/README.md.
"""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import pytest

from evaluator.files import load_round
from evaluator.model.evaluation import Evaluation, Standing
from evaluator.workflow import evaluate

DATA = Path(__file__).parent / "data" / "skating"


def official(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return evaluate(*load_round(DATA / "round"))


@pytest.fixture(scope="module")
def standings(evaluation: Evaluation) -> dict[str, Standing]:
    return {standing.applicant: standing for standing in evaluation.ranking}


def test_component_scores(standings: dict[str, Standing]) -> None:
    expected = {
        (row["applicant"], row["criterion"]): Fraction(row["score"]) for row in official("expected_components.csv")
    }
    assert len(expected) == 8 * 5
    assert {key: standings[key[0]].criteria[key[1]].consensus for key in expected} == expected


def test_totals_and_ranks(standings: dict[str, Standing]) -> None:
    expected = {
        row["applicant"]: (Fraction(row["component_score"]), Fraction(row["total"]), int(row["rank"]))
        for row in official("expected_totals.csv")
    }
    assert len(expected) == 8
    assert {
        applicant: (standing.criteria["components"].points, standing.total, standing.rank)
        for applicant, standing in standings.items()
    } == expected


def test_the_absent_judge_is_no_zero_and_takes_no_part(evaluation: Evaluation) -> None:
    """Of the eight marks present one high and one low go, so six are kept; the absent seat counts nowhere."""
    table = evaluation.marks
    absent = [reviewer.id for reviewer in evaluation.reviewers].index("j6")
    kept = [Fraction(int(num), int(den)) for num, den in zip(table.kept_num, table.kept_den, strict=True)]
    of_absent = {weight for weight, reviewer in zip(kept, table.marks.reviewer, strict=True) if reviewer == absent}
    assert of_absent == {-1}
    assert sum(weight for weight in kept if weight >= 0) == 8 * 5 * 6
