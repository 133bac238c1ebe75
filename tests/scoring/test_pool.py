"""The order of rows that their values alone decide, also where the number they are sorted by is the same."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.model.exact import Column
from evaluator.model.rubric import Rubric
from evaluator.scoring.pool import own_order, pool_of

SAME_NUMBER = ((0, 0, 0), (135_836, 67_517, 45_163_203))
"""Two rows of whole numbers that multiplying by the golden ratio's 64 bits does not tell apart."""


def columns(rows: Sequence[Sequence[int]], dtype: Any = np.int64) -> list[Any]:
    return [np.array(column, dtype) for column in zip(*rows, strict=True)]


def in_order(rows: Sequence[Sequence[int]], dtype: Any = np.int64) -> list[tuple[int, ...]]:
    return [tuple(rows[i]) for i in own_order(columns(rows, dtype)).tolist()]


def runs(rows: Sequence[tuple[int, ...]]) -> int:
    return 1 + sum(a != b for a, b in itertools.pairwise(rows))


VALUES = st.integers(-3, 3) | st.integers(-(2**62) + 1, 2**62 - 1)


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_the_order_is_one_of_values_and_equal_rows_lie_side_by_side(rows: list[tuple[int, int]], rng: Any) -> None:
    found = in_order(rows)
    assert sorted(found) == sorted(rows)
    assert runs(found) == len(set(rows))
    assert in_order(rng.sample(rows, len(rows))) == found


def test_rows_that_share_a_number_are_told_apart_by_their_values() -> None:
    a, b = SAME_NUMBER
    ratio = 0x9E3779B97F4A7C15
    assert sum(x * ratio**k for k, x in enumerate(reversed(b))) % 2**64 == 0, "they are still such a pair"
    found = in_order([a, b, a, (1, 1, 1), b, a])
    assert runs(found) == 3
    assert in_order([b, (1, 1, 1), a, a, b, a]) == found


def test_values_beyond_64_bits_are_told_apart_too() -> None:
    rows = [(10**30, 1), (10**30 + 1, 1), (10**30, 1), (10**30 + 2**64, 1)]
    assert runs(in_order(rows, object)) == 3
    assert in_order(rows[::-1], object) == in_order(rows, object)


@pytest.mark.parametrize("rows", [[(5, 7, 2), (1, 7, 2), (5, 7, 2), (5, 7, 1), (1, 7, 2)], [*SAME_NUMBER] * 3])
def test_the_first_of_equal_rows_and_shares_of_points(rows: list[tuple[int, int, int]]) -> None:
    rubric = Rubric.model_validate(
        {
            "schema": 1,
            "id": "a",
            "version": "1",
            "title": "a",
            "criteria": [{"id": f"c{j}", "title": "c", "points": points} for j, points in enumerate((8, "2.5", 4))],
        }
    )
    points = {f"c{j}": Column(column, 1000) for j, column in enumerate(columns(rows))}
    pool = pool_of(rubric, points, len(rows))
    sorted_rows = [rows[i] for i in pool.order.tolist()]
    assert [sorted_rows[i] for i in pool.first.tolist()] == sorted_rows
    assert len(set(pool.first.tolist())) == len(set(rows))
    assert pool.first.tolist() == [sorted_rows.index(row) for row in sorted_rows]
    assert pool.shares.tolist() == [[x / 8000, y / 2500, z / 4000] for x, y, z in sorted_rows]
