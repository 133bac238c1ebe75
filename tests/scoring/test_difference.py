"""Laws of comparing two evaluations: nothing is missed, nothing is invented, and no cause is claimed in vain."""

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
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.errors import InputProblems
from evaluator.files import load_round
from evaluator.files.difference import difference_json
from evaluator.files.record import canonical
from evaluator.model.difference import ABSENT, WHATS, Difference
from evaluator.model.evaluation import Evaluation
from evaluator.model.round import ABSTAINED, BLANK, SCORED, Decision, GateRecord, Marks, Round
from evaluator.model.rubric import Rubric
from evaluator.scoring.difference import difference
from evaluator.scoring.difference.order import crossings
from evaluator.scoring.difference.separation import inputs_under
from evaluator.workflow import evaluate
from tests.oracle.generate import random_case, write_case
from tests.outputs.rounds import (
    FIGURES,
    RUBRIC,
    SHEETS,
    VOTE_RUBRIC,
    small_evaluation,
    small_round,
    vote_evaluation,
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


@st.composite
def pairs(draw: st.DrawFn, *, rules: bool = False) -> tuple[Evaluation, Evaluation]:
    """A random round, evaluated before and after random edits; one that cannot be evaluated is drawn again."""
    rng = Random(draw(st.integers(0, 2**32)))
    for _ in range(50):
        rubric, round_ = random_round(rng.randrange(120))
        edited, other = round_, rubric
        for _ in range(rng.choice([0, 1, 1, 2, 5]) if rules else rng.choice([1, 1, 2, 5])):
            edited = rng.choice(EDITS)(rng, rubric, edited)
        if rules:
            other = other_rules(rng, rubric)
        try:
            return canonical(evaluate(rubric, round_)), canonical(evaluate(other, edited))
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


@pytest.mark.parametrize("seed", range(12))
def test_nothing_differs_from_itself(seed: int) -> None:
    try:
        evaluation = canonical(evaluate(*random_round(seed)))
    except InputProblems:
        return
    found = compared(evaluation, evaluation)
    assert found.empty and not found.material
    assert told(found)["different"] is False


@few
@given(pairs())
def test_the_other_way_round_it_is_the_same(pair: tuple[Evaluation, Evaluation]) -> None:
    one, other = (told(compared(*sides)) for sides in (pair, pair[::-1]))
    assert plain(mirrored(one), causes=False) == plain(other, causes=False)


@given(pairs())
def test_everything_that_moved_has_a_cause_and_no_cause_is_without_its_fact(
    pair: tuple[Evaluation, Evaluation],
) -> None:
    before, after = pair
    found = compared(before, after)
    assert found.rules == () and found.separation.kind == "same_rules"
    own = {found.marks.applicants[i] for i in found.marks.applicant.tolist()}
    own |= {change.applicant for change in found.inputs if change.counts}
    stirred = {c.applicant for c in found.applicants if c.differs("total") or c.applicant in own}
    for change in found.applicants:
        for what in WHATS:
            kinds = change.kinds(what)
            assert bool(kinds) == change.differs(what)
            assert not {"unexplained", "rules", "not_separated"} & set(kinds)
            if "own_inputs" in kinds:
                assert change.applicant in own
            if "others" in kinds:
                assert stirred - {change.applicant}
            if "unresolved" in kinds:
                assert before.rankable != after.rankable
        relative = [cause.criterion for cause in change.causes if cause.kind == "pool_relative"]
        assert all(_is_relative(after.rubric, criterion) for criterion in relative)


def _is_relative(rubric: Rubric, criterion: str) -> bool:
    (leaf,) = (leaf for leaf in rubric.leaves() if leaf.id == criterion)
    return leaf.convert is not None and leaf.convert.kind == "relative_to_best"


@given(pairs(rules=True))
def test_what_rules_did_and_what_inputs_did_adds_up(pair: tuple[Evaluation, Evaluation]) -> None:
    before, after = pair
    found = compared(before, after)
    inputs = len(found.marks) or any(change.counts for change in found.inputs)
    ruled = any(rule.stage != "none" for rule in found.rules)
    assert found.separation.kind in (
        {"computed", "impossible"} if inputs and ruled else {"same_inputs"} if ruled else {"same_rules"}
    )
    for change in found.applicants:
        for what in WHATS:
            kinds = set(change.kinds(what))
            assert bool(kinds) == change.differs(what)
            assert "unexplained" not in kinds
            if found.separation.kind == "same_inputs":
                assert kinds <= {"rules", "unresolved"}
            if "rules" in kinds:
                assert ruled
            if "not_separated" in kinds:
                assert found.separation.kind == "impossible"
        if found.separation.kind == "computed":
            assert change.between is not None
            if change.before is not None and change.before.total != change.between.total and change.differs("total"):
                assert "rules" in change.kinds("total")


@pytest.mark.parametrize("seed", range(40))
def test_one_other_mark_is_found_and_nothing_else(seed: int) -> None:
    rng = Random(seed)
    rubric, round_ = random_round(seed)
    edited = other_mark(rng, rubric, round_)
    try:
        pair = canonical(evaluate(rubric, round_)), canonical(evaluate(rubric, edited))
    except InputProblems:
        return
    rows = np.flatnonzero(round_.marks.score != edited.marks.score)
    found = compared(*pair)
    assert len(found.marks) == len(rows)
    assert found.inputs == ()
    for row in rows.tolist():
        marks = found.marks
        ids = (
            marks.applicants[marks.applicant[0]],
            marks.reviewers[marks.reviewer[0]],
            marks.criteria[marks.criterion[0]],
        )
        assert ids == (
            round_.applicants[round_.marks.applicant[row]].id,
            round_.reviewers[round_.marks.reviewer[row]].id,
            rubric.panel_leaves()[round_.marks.criterion[row]].id,
        )
        assert Fraction(int(marks.score_before[0]), 10**marks.decimals) == Fraction(
            int(round_.marks.score[row]), 10**round_.marks.decimals
        )
        assert found.marks.of(ids[0]) == slice(0, 1)


@few
@given(st.integers(0, 2**32))
def test_an_applicant_s_own_marks_alone_give_it_its_new_total(seed: int) -> None:
    """Where own inputs are the only cause, everybody else may keep their marks: its total is the same."""
    rng = Random(seed)
    rubric, round_ = random_round(rng.randrange(120))
    edited = round_
    for _ in range(4):
        edited = other_mark(rng, rubric, edited)
    try:
        found = compared(evaluate(rubric, round_), evaluate(rubric, edited))
        for change in found.applicants:
            if change.kinds("total") == ("own_inputs",) and change.after is not None:
                own = round_.marks.applicant == [a.id for a in round_.applicants].index(change.applicant)
                score = np.where(own, edited.marks.score, round_.marks.score)
                alone = dataclasses.replace(round_, marks=dataclasses.replace(round_.marks, score=score))
                again = {s.applicant: s.total for s in evaluate(rubric, alone).ranking}
                assert again[change.applicant] == change.after.total
    except InputProblems:
        return


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=24))
def test_who_passed_whom_is_counted_as_pairs_are(ranks: list[tuple[int, int]]) -> None:
    before, after = (np.array([pair[i] for pair in ranks], np.int64) for i in (0, 1))
    ahead, behind = crossings(before, after)
    one, other = ([rank or 99 for rank in side.tolist()] for side in (before, after))
    everybody = range(len(ranks))
    for i in everybody:
        assert ahead[i] == sum(one[j] >= one[i] and other[j] < other[i] for j in everybody if j != i)
        assert behind[i] == sum(one[j] < one[i] and other[j] >= other[i] for j in everybody if j != i)


# Single cases


def test_a_pool_relative_criterion_moves_others() -> None:
    criteria = [
        {**c, "convert": {"kind": "relative_to_best"}, "scale": {"min": 1, "max": 40}} if c["id"] == "price" else c
        for c in RUBRIC["criteria"]
    ]
    rubric = {**RUBRIC, "criteria": criteria}
    before = small_evaluation(rubric=rubric, figures={"a1": "30", "a2": "20", "a3": "40"})
    after = small_evaluation(rubric=rubric, figures={"a1": "30", "a2": "20", "a3": "39"})
    changes = {c.applicant: c for c in compared(before, after).applicants}
    assert [(c.kind, c.criterion) for c in changes["a1"].causes if c.what == "total"] == [("pool_relative", "price")]
    assert changes["a2"].kinds("total") == ("pool_relative",)
    # The best one has all points before and after: nothing of its own points differs.
    assert "a3" not in changes or "own_inputs" not in changes["a3"].kinds("total")


def test_votes_are_inputs_of_their_own() -> None:
    before = vote_evaluation()
    standings = tuple(
        dataclasses.replace(s, votes=dataclasses.replace(s.votes, yes=2, no=0))
        if s.applicant == "a2" and s.votes
        else s
        for s in before.ranking
    )
    found = compared(before, dataclasses.replace(before, ranking=standings))
    assert [(i.applicant, i.field, i.before, i.after) for i in found.inputs] == [
        ("a2", "yes", "1", "2"),
        ("a2", "no", "1", "0"),
    ]


def test_a_figure_that_was_changed_by_hand_is_not_explained() -> None:
    before = small_evaluation()
    (first, *others) = before.ranking
    higher = dataclasses.replace(first, total=first.total and first.total + 1)
    found = compared(before, dataclasses.replace(before, ranking=(higher, *others)))
    assert [c.kinds("total") for c in found.applicants] == [("unexplained",)]


def test_rounds_with_nobody_in_common_are_compared_all_the_same() -> None:
    before = small_evaluation()
    after = small_evaluation(
        sheets={a.replace("a", "b"): sheets for a, sheets in SHEETS.items()},
        figures={a.replace("a", "b"): figure for a, figure in FIGURES.items()},
        adjustments=(),
        gates=(),
        decisions=(),
        opinions=(),
        info={"id": "another"},
    )
    found = compared(before, after)
    assert found.common == 0
    assert (found.applicants_added, found.applicants_removed) == (("b1", "b2", "b3"), ("a1", "a2", "a3"))
    assert {c.kinds("rank") for c in found.applicants} == {("entered",), ("left",)}
    assert set(found.marks.state_before[found.marks.state_after != ABSENT].tolist()) == {ABSENT}


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


def test_a_tie_decision_moves_those_it_is_about() -> None:
    sheets = dict.fromkeys(("a1", "a2"), SHEETS["a1"])
    plain_round: dict[str, Any] = {
        "sheets": sheets,
        "figures": {"a1": "30", "a2": "30"},
        "adjustments": (),
        "conflicts": (),
        "rubric": {**RUBRIC, "tie_break": ["decision"]},
    }

    def decided(first: str, second: str) -> tuple[Decision, ...]:
        return tuple(
            Decision(kind="tie", applicant=a, after=str(i), decider="panel", date="2026-11-02", reason="lot")
            for i, a in enumerate((first, second), start=1)
        )

    before = evaluate(*small_round(**plain_round, decisions=decided("a1", "a2")))
    after = evaluate(*small_round(**plain_round, decisions=decided("a2", "a1")))
    for change in compared(before, after).applicants:
        assert "tie_decision" in change.kinds("rank")
        assert change.kinds("outcome") == ("rank",)


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


def test_two_that_both_moved_and_passed_each_other_are_told_both() -> None:
    before = one_reviewer(a1=("30", "10"), a2=("20", "10"), a3=("1", "1"))
    after = one_reviewer(a1=("25", "10"), a2=("28", "10"), a3=("2", "1"))
    assert kinds(before, after, "rank") == {"a1": ("own_total", "others"), "a2": ("own_total", "others"), "a3": ()}
    assert kinds(before, after, "outcome")["a1"] == ("rank",)


def test_other_points_in_the_tie_break_under_the_same_total() -> None:
    before = one_reviewer(a1=("20", "20"), a2=("19", "21"))
    after = one_reviewer(a1=("18", "22"), a2=("19", "21"))
    assert kinds(before, after, "total") == {"a1": (), "a2": ()}
    assert kinds(before, after, "rank") == {"a1": ("own_tie_break",), "a2": ("others",)}


def test_a_zero_is_not_a_blank_and_an_abstention_no_recusal() -> None:
    found = compared(one_reviewer(a1=("0", "1"), a2=("2", "-")), one_reviewer(a1=("", "1"), a2=("2", "0")))
    states = zip(found.marks.state_before.tolist(), found.marks.state_after.tolist(), strict=True)
    assert list(states) == [(SCORED, BLANK), (ABSTAINED, SCORED)]


def test_figures_derived_from_evidence_are_taken_along_under_other_rules() -> None:
    evaluation = canonical(evaluate(*load_round(Path(__file__).parents[2] / "examples" / "k-ai-selection")))
    round_ = inputs_under(evaluation, evaluation.rubric)
    assert isinstance(round_, Round)
    again = compared(evaluation, canonical(evaluate(evaluation.rubric, round_, compare=False)))
    assert again.applicants == () and not len(again.marks)
