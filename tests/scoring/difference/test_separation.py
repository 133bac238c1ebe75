"""The inputs of one evaluation under the rules of another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evaluator.errors import InputProblems
from evaluator.files import load_round
from evaluator.files.record import canonical
from evaluator.model.round import Decision, Round
from evaluator.model.rubric import Rubric
from evaluator.scoring.difference.separation import inputs_under
from evaluator.workflow import evaluate
from tests.outputs.rounds import (
    RUBRIC,
    VOTE_RUBRIC,
    small_evaluation,
)
from tests.scoring.difference.pairs import compared, random_round

MORE = {"id": "more", "title": "More", "points": 10, "source": "panel", "scale": {"min": 0, "max": 10}}
EXPERTS = RUBRIC["panels"][0]


def changed(criterion: str, **keys: Any) -> dict[str, Any]:
    """The rubric with one leaf changed."""

    def walk(node: dict[str, Any]) -> dict[str, Any]:
        told = {**node, **keys} if node["id"] == criterion else node
        return {**told, "children": [walk(c) for c in told["children"]]} if "children" in told else told

    return {**RUBRIC, "criteria": [walk(c) for c in RUBRIC["criteria"]]}


@pytest.mark.parametrize(
    ("code", "rubric"),
    [
        ("criteria", {**RUBRIC, "criteria": [*RUBRIC["criteria"], MORE], "panels": [{**EXPERTS, "criteria": []}]}),
        ("criteria", changed("price", source="panel")),
        ("panels", {**RUBRIC, "panels": [{**EXPERTS, "id": "others"}]}),
        ("scale", changed("plan", scale={"min": 0, "max": 30})),
        ("scale", changed("price", scale={"min": 0, "max": 30})),
        ("gates", {**RUBRIC, "gates": [{**RUBRIC["gates"][0], "when": "before_scoring"}]}),
        ("adjustments", {**RUBRIC, "adjustments": {"bonus_max": 1, "penalty_max": 5}}),
        ("adjustments", {**RUBRIC, "adjustments": None}),
        ("vote", VOTE_RUBRIC),
        ("use", {**RUBRIC, "use": "evidence"}),
    ],
)
def test_what_keeps_inputs_from_other_rules(code: str, rubric: dict[str, Any]) -> None:
    found = inputs_under(small_evaluation(), Rubric.model_validate(rubric))
    assert isinstance(found, tuple)
    assert code in found


def test_inputs_under_their_own_rules_give_their_own_result() -> None:
    for seed in range(60):
        try:
            evaluation = canonical(evaluate(*random_round(seed)))
        except InputProblems:
            continue
        round_ = inputs_under(evaluation, evaluation.rubric)
        if isinstance(round_, Round):
            again = evaluate(evaluation.rubric, round_)
            assert compared(evaluation, canonical(again)).applicants == ()


def test_a_decision_that_does_not_fit_other_rules_keeps_rules_and_inputs_together() -> None:
    decision = Decision(kind="consensus", applicant="a1", criterion="plan", before="31.5", after="32")
    rubric = {**RUBRIC, "panels": [{**EXPERTS, "aggregate": "mean", "trim": None}]}
    before = small_evaluation(decisions=(decision,))
    found = compared(before, small_evaluation(rubric=rubric, decisions=()))
    assert (found.separation.kind, found.separation.why) == ("impossible", ("decisions",))
    assert "not_separated" in {kind for c in found.applicants for kind in c.kinds("total")}


def test_what_a_blank_leaves_unresolved_keeps_them_together_too() -> None:
    before = small_evaluation(figures={"a1": "30", "a3": "40"})
    found = compared(before, small_evaluation(rubric={**RUBRIC, "pass_mark": None}))
    assert found.separation.why == ("unresolved",)
    assert {kind for c in found.applicants for kind in c.kinds("total")} == {"unresolved"}


def test_figures_derived_from_evidence_are_taken_along_under_other_rules() -> None:
    evaluation = canonical(evaluate(*load_round(Path(__file__).parents[3] / "examples" / "k-ai-selection")))
    round_ = inputs_under(evaluation, evaluation.rubric)
    assert isinstance(round_, Round)
    again = compared(evaluation, canonical(evaluate(evaluation.rubric, round_, compare=False)))
    assert again.applicants == () and not len(again.marks)
