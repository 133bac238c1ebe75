"""Pairs and owed marks against the definition: a table of all applicants by all reviewers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.files import load_rubric_file
from evaluator.model.owed import Owed, Pairs
from tests.files.cases import ACCEPT

SIZES = st.integers(1, 7)
RUBRICS = {name: load_rubric_file(ACCEPT / name / "rubric.yaml") for name in ("small", "two-panels")}


@st.composite
def assignments(draw: st.DrawFn) -> tuple[int, int, list[tuple[int, int]] | None]:
    n_applicants, n_reviewers = draw(SIZES), draw(SIZES)
    pair = st.tuples(st.integers(0, n_applicants - 1), st.integers(0, n_reviewers - 1))
    return n_applicants, n_reviewers, draw(st.none() | st.lists(pair, max_size=25))


def array(pairs: list[tuple[int, int]] | None) -> np.ndarray | None:
    return None if pairs is None else np.array(pairs, np.int32).reshape(-1, 2)


def everybody(n_applicants: int, n_reviewers: int) -> list[tuple[int, int]]:
    return [(a, r) for a in range(n_applicants) for r in range(n_reviewers)]


@given(assignments())
def test_pairs_are_numbered_in_order_and_found_again(told: tuple[int, int, list[tuple[int, int]] | None]) -> None:
    n_applicants, n_reviewers, given_ = told
    expected = sorted(set(everybody(n_applicants, n_reviewers) if given_ is None else given_))
    pairs = Pairs.of(array(given_), n_applicants, n_reviewers)
    assert len(pairs) == len(expected)
    assert list(zip(*(column.tolist() for column in pairs.columns()), strict=True)) == expected
    every = np.array(everybody(n_applicants, n_reviewers))
    places = {pair: i for i, pair in enumerate(expected)}
    assert pairs.find(every[:, 0], every[:, 1]).tolist() == [places.get(tuple(pair), -1) for pair in every.tolist()]


@pytest.mark.parametrize(("n_applicants", "n_reviewers"), [(3, 2_000), (70_000, 40_000)])
def test_long_and_large_lists_of_reviewers(n_applicants: int, n_reviewers: int) -> None:
    rng = np.random.default_rng(3)
    told = np.unique(np.stack([rng.integers(0, n, 4_000) for n in (n_applicants, n_reviewers)], axis=1), axis=0)
    pairs = Pairs.of(told[rng.permutation(len(told))].astype(np.int32), n_applicants, n_reviewers)
    assert pairs.find(told[:, 0], told[:, 1]).tolist() == list(range(len(told)))
    others = (told[:, 1] + 1) % n_reviewers
    places = {tuple(pair): i for i, pair in enumerate(told.tolist())}
    expected = [places.get(pair, -1) for pair in zip(told[:, 0].tolist(), others.tolist(), strict=True)]
    assert pairs.find(told[:, 0], others).tolist() == expected


@given(assignments(), st.sampled_from(sorted(RUBRICS)), st.data())
def test_marks_are_owed_on_the_criteria_of_the_reviewers_panel(
    told: tuple[int, int, list[tuple[int, int]] | None], name: str, data: st.DataObject
) -> None:
    n_applicants, n_reviewers, given_ = told
    rubric = RUBRICS[name]
    names = [*(panel.id for panel in rubric.all_panels), ""]
    panels = data.draw(st.lists(st.sampled_from(names), min_size=n_reviewers, max_size=n_reviewers))
    position = {leaf.id: i for i, leaf in enumerate(rubric.panel_leaves())}
    of_panel = {panel.id: sorted(position[leaf.id] for leaf in rubric.leaves_of(panel)) for panel in rubric.all_panels}
    pairs = sorted(set(everybody(n_applicants, n_reviewers) if given_ is None else given_))
    expected = [(a, r, leaf) for a, r in pairs for leaf in of_panel.get(panels[r], [])]
    owed = Owed.of(rubric, array(given_), n_applicants, panels)
    assert len(owed) == len(expected)
    assert list(zip(*(column.tolist() for column in owed.columns()), strict=True)) == expected
    assert int(owed.first()[-1]) == len(expected)
    places = {mark: i for i, mark in enumerate(expected)}
    every = [(a, r, leaf) for a, r in everybody(n_applicants, n_reviewers) for leaf in range(len(position))]
    found = owed.find(*np.array(every, np.int32).T)
    assert found.tolist() == [places.get(mark, -1) for mark in every]
