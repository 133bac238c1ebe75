"""Marks given and owed against the definition, mark by mark."""

from __future__ import annotations

import dataclasses
from random import Random
from typing import Any

import numpy as np
import pytest

from evaluator.files import load_round
from evaluator.model.round import ABSTAINED, BLANK, RECUSED, SCORED, Applicant, Conflict, Marks, Reviewer, Round
from evaluator.model.rubric import Rubric
from evaluator.scoring.marks import blocks, settle_marks
from tests.files.cases import ACCEPT

Mark = tuple[int, int, int]
SEEDS = range(150)


def random_round(rng: Random, base: Round, rubric: Rubric) -> Round:
    """Invented marks, some beside what is owed, some blank, in any order; sometimes exactly what is owed."""
    panels = [panel.id for panel in rubric.all_panels]
    applicants = tuple(Applicant(id=f"a{i}", name="") for i in range(rng.randint(1, 6)))
    reviewers = tuple(Reviewer(id=f"r{i}", panel=rng.choice(panels)) for i in range(rng.randint(1, 6)))
    everybody = [(a, r) for a in range(len(applicants)) for r in range(len(reviewers))]
    assigned = None if rng.random() < 0.3 else rng.sample(everybody, rng.randint(0, len(everybody)))
    conflicts = [
        Conflict(
            reviewer=rng.choice(reviewers).id,
            applicant=rng.choice(["*", *(a.id for a in applicants)]),
            kind="x",
            reason="x",
        )
        for _ in range(rng.choice([0, 0, 1, 3]))
    ]
    leaves = range(len(rubric.panel_leaves()))
    every = [(a, r, leaf) for a, r in everybody for leaf in leaves]
    own = sorted(owed_by(rubric, reviewers, assigned, everybody))
    marks = rng.choice([own, rng.sample(own, rng.randint(0, len(own))), rng.sample(every, rng.randint(0, len(every)))])
    rng.shuffle(marks) if rng.random() < 0.8 else None
    states = [SCORED if rng.random() < 0.7 else rng.choice([BLANK, ABSTAINED, RECUSED]) for _ in marks]
    columns = np.array(marks, np.int32).reshape(-1, 3).T
    given = Marks(
        applicant=columns[0],
        reviewer=columns[1],
        criterion=columns[2],
        state=np.array(states, np.uint8),
        score=np.array([rng.randint(1, 99) if state == SCORED else 0 for state in states], np.int64),
        decimals=1,
        comments=tuple((row, f"word {row}") for row in range(len(marks)) if rng.random() < 0.2),
    )
    return dataclasses.replace(
        base,
        applicants=applicants,
        reviewers=reviewers,
        assigned=None if assigned is None else np.array(assigned, np.int32).reshape(-1, 2),
        conflicts=tuple(conflicts),
        marks=given,
    )


def owed_by(
    rubric: Rubric,
    reviewers: tuple[Reviewer, ...],
    assigned: list[tuple[int, int]] | None,
    everybody: list[tuple[int, int]],
) -> set[Mark]:
    position = {leaf.id: i for i, leaf in enumerate(rubric.panel_leaves())}
    of_panel = {panel.id: [position[leaf.id] for leaf in rubric.leaves_of(panel)] for panel in rubric.all_panels}
    pairs = everybody if assigned is None else assigned
    return {(a, r, leaf) for a, r in pairs for leaf in of_panel[reviewers[r].panel]}


def rows(marks: Marks) -> list[tuple[Any, ...]]:
    said = dict(marks.comments)
    columns = (marks.applicant, marks.reviewer, marks.criterion, marks.state, marks.score)
    return [(*row, said.get(i, "")) for i, row in enumerate(zip(*(c.tolist() for c in columns), strict=True))]


def settled(rubric: Rubric, round_: Round, active: list[bool]) -> list[tuple[Any, ...]]:
    """The definition: what was given in some state, and what is owed, blank or recused."""
    everybody = [(a, r) for a in range(len(round_.applicants)) for r in range(len(round_.reviewers))]
    assigned = None if round_.assigned is None else [(a, r) for a, r in round_.assigned.tolist()]
    owed = {mark for mark in owed_by(rubric, round_.reviewers, assigned, everybody) if active[mark[0]]}
    recused = {
        (a, r)
        for a, r in everybody
        for c in round_.conflicts
        if c.reviewer == round_.reviewers[r].id and c.applicant in {"*", round_.applicants[a].id}
    }
    given = {row[:3]: row[3:] for row in rows(round_.marks)}
    recused |= {mark[:2] for mark, told in given.items() if told[0] == RECUSED}
    result = []
    for mark in sorted(owed | {mark for mark, told in given.items() if told[0] != BLANK}):
        state, score, text = given.get(mark, (BLANK, 0, ""))
        result.append((*mark, RECUSED if state == BLANK and mark[:2] in recused else state, score, text))
    return result


@pytest.mark.parametrize("name", ["small", "two-panels"])
def test_marks_are_settled_as_defined(name: str) -> None:
    rubric, base = load_round(ACCEPT / name)
    untouched = 0
    for seed in SEEDS:
        rng = Random(f"{name} {seed}")
        round_ = random_round(rng, base, rubric)
        active = (
            [rng.random() < 0.8 for _ in round_.applicants] if rng.random() < 0.5 else [True] * len(round_.applicants)
        )
        marks = settle_marks(rubric, round_, np.array(active))
        assert rows(marks) == settled(rubric, round_, active), f"seed {seed}"
        untouched += marks is round_.marks
        check_blocks(rubric, marks, np.array(active))
    assert untouched


def check_blocks(rubric: Rubric, marks: Marks, active: np.ndarray) -> None:
    """Every block holds the sheets (or marks) of its criteria that are scored in whole, in order."""
    position = {leaf.id: i for i, leaf in enumerate(rubric.panel_leaves())}
    scored = {row[:3]: i for i, row in enumerate(rows(marks)) if row[3] == SCORED and active[row[0]]}
    for block in blocks(rubric, marks, active):
        leaves = [position[leaf.id] for leaf in block.leaves]
        pairs = sorted({mark[:2] for mark in scored})
        whole = [pair for pair in pairs if all((*pair, leaf) in scored for leaf in leaves)]
        numbers = np.arange(len(marks))
        held = [block.of(numbers, j).tolist() for j in range(len(leaves))]
        assert held == [[scored[(*pair, leaf)] for pair in whole] for leaf in leaves]
        written, wanted = np.zeros(len(marks), np.int64), np.zeros(len(marks), np.int64)
        block.put(written, np.arange(1, len(whole) + 1))
        for i, pair in enumerate(whole):
            wanted[[scored[(*pair, leaf)] for leaf in leaves]] = i + 1
        assert written.tolist() == wanted.tolist()
        assert block.applicant.tolist() == [applicant for applicant, _ in whole]
