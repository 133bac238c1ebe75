"""Pairs of evaluations to compare: random rounds and random edits of them, and small ones made by hand."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from evaluator.errors import InputProblems
from evaluator.files import load_round
from evaluator.files.difference import difference_json
from evaluator.files.record import canonical
from evaluator.model.cross_check import MethodRule
from evaluator.model.difference import Difference
from evaluator.model.evaluation import Evaluation
from evaluator.model.round import SCORED, GateRecord, Marks, Round
from evaluator.model.rubric import Rubric
from evaluator.scoring.difference import difference
from evaluator.workflow import evaluate
from tests.oracle.generate import random_case, write_case
from tests.outputs.rounds import (
    small_evaluation,
)

Edit = Callable[[Random, Rubric, Round], Round]
few = settings(max_examples=settings().max_examples // 3)


def compared(before: Evaluation, after: Evaluation) -> Difference:
    return difference(before, after, evaluate)


@cache
def random_round(seed: int) -> tuple[Rubric, Round]:
    """A random round over every combination of rules, as read from its files."""
    with TemporaryDirectory() as folder:
        return load_round(write_case(random_case(Random(seed)), Path(folder)))


# Edits that leave a round valid: values come from elsewhere in the same column


def other_mark(rng: Random, rubric: Rubric, round_: Round) -> Round:
    marks = round_.marks
    scored = np.flatnonzero(marks.state == SCORED)
    if not len(scored):
        return round_
    row = rng.choice(scored.tolist())
    pool = marks.score[(marks.criterion == marks.criterion[row]) & (marks.state == SCORED)].tolist()
    score = marks.score.copy()
    score[row] = rng.choice(pool)
    return dataclasses.replace(round_, marks=dataclasses.replace(marks, score=score))


def without_a_mark(rng: Random, rubric: Rubric, round_: Round) -> Round:
    marks = round_.marks
    if not len(marks):
        return round_
    keep = np.ones(len(marks), np.bool_)
    keep[rng.randrange(len(marks))] = False
    columns = {n: getattr(marks, n)[keep] for n in ("applicant", "reviewer", "criterion", "state", "score")}
    return dataclasses.replace(round_, marks=Marks(**columns, decimals=marks.decimals))


def other_figure(rng: Random, rubric: Rubric, round_: Round) -> Round:
    if not round_.office:
        return round_
    place = rng.randrange(len(round_.office))
    one = round_.office[place]
    pool = [f.score for f in round_.office if f.criterion == one.criterion]
    office = list(round_.office)
    office[place] = dataclasses.replace(one, score=rng.choice(pool))
    return dataclasses.replace(round_, office=tuple(office))


def without_an_adjustment(rng: Random, rubric: Rubric, round_: Round) -> Round:
    left = list(round_.adjustments)
    if left:
        left.pop(rng.randrange(len(left)))
    return dataclasses.replace(round_, adjustments=tuple(left))


def other_gate(rng: Random, rubric: Rubric, round_: Round) -> Round:
    if not rubric.gates:
        return round_
    gate, applicant = rng.choice(rubric.gates).id, rng.choice(round_.applicants).id
    others = tuple(g for g in round_.gates if (g.gate, g.applicant) != (gate, applicant))
    record = GateRecord(applicant=applicant, gate=gate, outcome=rng.choice(["pass", "fail", "open"]))
    return dataclasses.replace(round_, gates=(*others, record))


def withdrawn(rng: Random, rubric: Rubric, round_: Round) -> Round:
    place = rng.randrange(len(round_.applicants))
    applicants = list(round_.applicants)
    applicants[place] = dataclasses.replace(applicants[place], withdrawn=not applicants[place].withdrawn)
    return dataclasses.replace(round_, applicants=tuple(applicants))


def without_decisions(rng: Random, rubric: Rubric, round_: Round) -> Round:
    return dataclasses.replace(round_, decisions=())


EDITS: tuple[Edit, ...] = (
    *(other_mark, other_mark, other_mark, other_figure, other_gate),
    *(without_a_mark, without_an_adjustment, withdrawn, without_decisions),
)


def other_rules(rng: Random, rubric: Rubric) -> Rubric:
    """The same criteria under another rule or two."""
    changes: dict[str, Any] = {}
    for _ in range(rng.choice([1, 1, 2])):
        kind = rng.choice(["rounding", "selection", "tie_break", "pass_mark", "panels", "weight"])
        if kind == "rounding":
            changes[kind] = rubric.rounding.model_copy(update={"total": rng.choice([None, 0, 2]), "mode": "half_up"})
        elif kind == "selection" and rubric.selection:
            changes[kind] = rubric.selection.model_copy(update={"places": rng.randint(1, 3)})
        elif kind == "tie_break":
            changes[kind] = tuple(reversed([c for c in rubric.tie_break if c != "decision"]))
        elif kind == "pass_mark":
            changes[kind] = None
        elif kind == "panels" and rubric.panels:
            changes[kind] = tuple(p.model_copy(update={"aggregate": "mean", "trim": None}) for p in rubric.panels)
        elif kind == "weight" and rubric.criteria and rubric.criteria[0].is_leaf:
            first = rubric.criteria[0].model_copy(update={"ranking_weight": Fraction(3, 2)})
            changes["criteria"] = (first, *rubric.criteria[1:])
    return rubric.model_copy(update=changes)


def with_seats(rng: Random, rubric: Rubric) -> Rubric:
    """The same rubric with other places and a reserve, vacancies kept or filled."""
    if rubric.selection is None:
        return rubric
    seats = {"places": rng.randint(1, 3), "reserve": rng.randint(0, 2), "vacancy": rng.choice(["keep", "fill"])}
    return rubric.model_copy(update={"selection": rubric.selection.model_copy(update=seats)})


def with_method(rng: Random, rubric: Rubric, round_: Round) -> tuple[Rubric, Round]:
    """The same rubric under PROMETHEE II, which compares everybody with everybody, without what does not go with it."""
    if rubric.decision is not None:
        return rubric, round_
    changes = {
        "method": MethodRule(method="promethee2"),
        "rounding": rubric.rounding.model_copy(update={"total": 4}),
        "pass_mark": None,
        "adjustments": None,
    }
    return rubric.model_copy(update=changes), dataclasses.replace(round_, adjustments=())


def pairs(*, rules: bool = False) -> st.SearchStrategy[tuple[Evaluation, Evaluation]]:
    """A random round, evaluated before and after random edits of its inputs, and of its rules."""
    return st.integers(0, 2**32).map(lambda seed: random_pair(seed, rules=rules))


def random_pair(seed: int, *, rules: bool) -> tuple[Evaluation, Evaluation]:
    """One of :func:`pairs`; a round that cannot be evaluated is drawn again."""
    rng = Random(seed)
    for _ in range(50):
        rubric, round_ = random_round(rng.randrange(120))
        rubric = with_seats(rng, rubric)
        if rng.random() < 0.15:
            rubric, round_ = with_method(rng, rubric, round_)
        edited, other = round_, rubric
        for _ in range(rng.choice([0, 1, 1, 2, 5]) if rules else rng.choice([1, 1, 2, 5])):
            edited = rng.choice(EDITS)(rng, rubric, edited)
        if rules:
            other = other_rules(rng, rubric)
        try:
            return canonical(evaluate(rubric, round_, compare=False)), canonical(evaluate(other, edited, compare=False))
        except InputProblems:
            continue
    raise AssertionError("no round could be evaluated")


def told(found: Difference) -> Any:
    return json.loads(difference_json(found))


def mirrored(value: Any) -> Any:
    """The same difference told the other way round."""
    swapped = {"before": "after", "added": "removed", "ahead": "behind"}
    swapped |= {other: one for one, other in swapped.items()}
    if isinstance(value, dict):
        return {swapped.get(key, key): mirrored(item) for key, item in value.items()}
    return [mirrored(item) for item in value] if isinstance(value, list) else value


def plain(found: Any, *, causes: bool) -> Any:
    """Without what depends on which side's inputs are tried under which rules."""
    for standing in found["standings"]:
        standing["causes"] = sorted(map(str, standing["causes"])) if causes else []
        standing["between"] = None
    found["separation"] = None
    # A mark or gate that is not there has no column of its own: entries are compared whatever their order.
    found["inputs"] = sorted(json.dumps(item, sort_keys=True) for item in found["inputs"])
    return json.loads(json.dumps(found, sort_keys=True))


def one_reviewer(**marks: tuple[str, str]) -> Evaluation:
    """One reviewer's marks on plan and team and nothing else: the total follows from both, ties by the technical."""
    leaf = {"source": "panel", "convert": {"kind": "linear"}, "scale": {"min": 0, "max": 40}}
    criteria = [{"id": name, "title": name, "points": 40, **leaf} for name in ("plan", "team")]
    rubric = {"schema": 1, "id": "two", "version": "1", "title": "Two", "criteria": criteria, "tie_break": ["plan"]}
    return small_evaluation(
        rubric={**rubric, "panel": {"aggregate": "mean"}, "selection": {"places": 1}},
        sheets={applicant: {"r1": sheet} for applicant, sheet in marks.items()},
        figures={},
        adjustments=(),
        gates=(),
        decisions=(),
        opinions=(),
    )


def kinds(before: Evaluation, after: Evaluation, what: str) -> dict[str, tuple[str, ...]]:
    return {c.applicant: tuple(k.kind for k in c.causes if k.what == what) for c in compared(before, after).applicants}
