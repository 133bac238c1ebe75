"""Sequences made from columns behave as the tuples they stand for."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

import pytest

from evaluator.model.rows import Rows


@dataclass(frozen=True, eq=False, repr=False)
class Squares(Rows[int]):
    length: int

    def __len__(self) -> int:
        return self.length

    def _make(self, start: int, stop: int) -> list[int]:
        return [i * i for i in range(start, stop)]


@pytest.mark.parametrize("length", [0, 1, 255, 256, 257, 10_000])
def test_rows_are_what_a_tuple_of_them_is(length: int) -> None:
    rows, plain = Squares(length), tuple(i * i for i in range(length))
    assert tuple(rows) == plain
    assert rows == plain and plain == rows
    assert rows[3:-2] == plain[3:-2] and rows[::-7] == plain[::-7]
    assert [rows[i] for i in range(-length, length)] == [plain[i] for i in range(-length, length)]
    assert pickle.loads(pickle.dumps(rows)) == plain  # noqa: S301 -- made a moment ago
    assert list(reversed(rows)) == list(reversed(plain))


def test_positions_outside_are_errors() -> None:
    with pytest.raises(IndexError):
        Squares(3)[3]
    with pytest.raises(IndexError):
        Squares(0)[-1]


def test_rows_differ_where_an_item_or_the_length_differs() -> None:
    assert Squares(3) != (0, 1)
    assert Squares(3) != (0, 1, 5)
    assert Squares(3) != {0, 1, 4}
