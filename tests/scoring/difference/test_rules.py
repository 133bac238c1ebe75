"""Rubrics compared value by value, and which result each value reaches first."""

from __future__ import annotations

from typing import Any

import pytest

from evaluator.model.round import GateRecord
from evaluator.model.rubric import Rubric
from evaluator.scoring.difference.rules import rule_changes
from tests.outputs.rounds import (
    RUBRIC,
    SHEETS,
    small_evaluation,
)
from tests.scoring.difference.pairs import compared


def test_rules_differ_by_path_and_titles_apart() -> None:
    criteria = [{**c, "points": 50, "title": "Another title"} if c["id"] == "price" else c for c in RUBRIC["criteria"]]
    found = compared(small_evaluation(), small_evaluation(rubric={**RUBRIC, "criteria": criteria, "version": "3"}))
    assert [(r.path, r.before, r.after, r.stage) for r in found.rules] == [
        ("criteria.price.points", "40", "50", "total"),
        ("criteria.price.title.en", "Price", "Another title", "none"),
        ("criteria.price.title.ko", "가격", "Another title", "none"),
        ("version", "2", "3", "none"),
    ]
    assert found.separation.kind == "same_inputs"
    assert {kind for c in found.applicants for kind in c.kinds("total")} == {"rules"}


def stages(before: dict[str, Any], after: dict[str, Any]) -> dict[str, str]:
    return {r.path: r.stage for r in rule_changes(*(Rubric.model_validate(r) for r in (before, after)))}


def with_price(**keys: Any) -> list[dict[str, Any]]:
    return [{**c, **keys} if c["id"] == "price" else c for c in RUBRIC["criteria"]]


@pytest.mark.parametrize(("method", "stage"), [("weighted_sum", "rank"), ("topsis", "total")])
def test_weights_and_thresholds_reach_every_total_of_a_method_that_does_not_add_up(method: str, stage: str) -> None:
    one = {**RUBRIC, "method": method, "pass_mark": None, "adjustments": None}
    other = {**one, "criteria": with_price(ranking_weight=3, threshold="10%")}
    assert stages(one, other) == {
        "criteria.price.ranking_weight": stage,
        "criteria.price.threshold": stage,
    }


def test_a_gate_before_scoring_decides_who_has_a_total_and_one_after_it_who_is_seated() -> None:
    (gate,) = RUBRIC["gates"]
    after = {**gate, "id": "later"}
    assert stages(RUBRIC, {**RUBRIC, "gates": [gate, after]}) == {"gates.later": "outcome"}
    first = {**gate, "when": "before_scoring"}
    assert stages(RUBRIC, {**RUBRIC, "gates": [first]}) == {"gates.independence.when": "total"}


def test_what_another_weight_does_to_totals_is_not_laid_on_the_method_or_on_nothing() -> None:
    """With other gates before scoring nothing can be told apart: then that is said of every total."""
    one: dict[str, Any] = {**RUBRIC, "method": "promethee2", "gates": []}
    one = {key: value for key, value in one.items() if key not in {"pass_mark", "adjustments"}}
    gate = {"id": "first", "title": "First", "when": "before_scoring"}
    other = {**one, "criteria": with_price(ranking_weight=3), "gates": [gate]}
    passed = tuple(GateRecord(applicant=a, gate="first", outcome="pass") for a in SHEETS)
    found = compared(
        small_evaluation(rubric=one, adjustments=(), gates=()),
        small_evaluation(rubric=other, adjustments=(), gates=passed),
    )
    assert found.separation.kind == "impossible"
    told = [c.kinds("total") for c in found.applicants if c.differs("total")]
    assert told and set(told) == {("not_separated",)}
