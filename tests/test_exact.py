"""Exact columns against fractions.Fraction, inside and far outside the range of 64-bit integers."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.model.exact import Column, segment_sums
from evaluator.model.numbers import RoundingMode, decimals_of, parse_decimal, parse_exact, round_to, show

small = st.fractions(min_value=-1000, max_value=1000, max_denominator=1000)
huge = st.fractions(min_value=-(10**30), max_value=10**30, max_denominator=10**25)
values = st.lists(st.one_of(small, huge), min_size=1, max_size=8)
modes = st.sampled_from(["half_up", "half_even", "down"])


def spread(fractions: list[Fraction]) -> Column:
    """The same values with a denominator each, the other form a column can have."""
    nums = np.array([f.numerator for f in fractions], dtype=object)
    dens = np.array([f.denominator for f in fractions], dtype=object)
    return Column(nums, dens).reduced()


@given(values, st.one_of(small, huge))
def test_operations_equal_fractions(fractions: list[Fraction], other: Fraction) -> None:
    for column in (Column.of(fractions), spread(fractions)):
        assert column.fractions() == fractions
        assert column.plus_constant(other).fractions() == [f + other for f in fractions]
        assert column.times(other).fractions() == [f * other for f in fractions]
        assert column.at_most(other).fractions() == [min(f, other) for f in fractions]
        assert column.compare(other).tolist() == [(f > other) - (f < other) for f in fractions]
        assert column.reduced().fractions() == fractions


@given(st.lists(st.tuples(st.one_of(small, huge), st.one_of(small, huge)), min_size=1, max_size=8))
def test_sums_equal_fractions(pairs: list[tuple[Fraction, Fraction]]) -> None:
    left, right = [p[0] for p in pairs], [p[1] for p in pairs]
    wanted = [a + b for a, b in pairs]
    assert Column.of(left).plus(Column.of(right)).fractions() == wanted
    assert spread(left).plus(Column.of(right)).fractions() == wanted
    assert spread(left).plus(spread(right)).fractions() == wanted


@given(st.lists(st.fractions(min_value=Fraction(1, 10**6), max_value=10**20), min_size=1, max_size=6), huge)
def test_inverse_equals_fractions(fractions: list[Fraction], factor: Fraction) -> None:
    assert spread(fractions).inverse_times(factor).fractions() == [factor / f for f in fractions]


@given(st.lists(st.sampled_from([0, 0, 1, -3]), min_size=1, max_size=4), st.integers(1, 10**30), small, modes)
def test_small_numbers_over_a_huge_shared_denominator(
    nums: list[int], den: int, other: Fraction, mode: RoundingMode
) -> None:
    """Columns of zeros bound to nothing: their product with any number is small, and the number may still be huge."""
    column, fractions = Column(np.array(nums, np.int64), den), [Fraction(n, den) for n in nums]
    tail = [Fraction(k + 1, 3**50) for k in range(len(nums))]
    assert column.plus(Column.of(tail)).fractions() == [f + t for f, t in zip(fractions, tail, strict=True)]
    assert Column.of(tail).plus(column).fractions() == [f + t for f, t in zip(fractions, tail, strict=True)]
    assert column.plus(spread(tail)).fractions() == [f + t for f, t in zip(fractions, tail, strict=True)]
    assert column.plus_constant(other).fractions() == [f + other for f in fractions]
    for factor in (other, tail[0], Fraction(3**50, 7)):
        assert column.times(factor).fractions() == [f * factor for f in fractions]
        assert column.compare(factor).tolist() == [(f > factor) - (f < factor) for f in fractions]
        assert column.at_most(factor).fractions() == [min(f, factor) for f in fractions]
    assert column.rounded(4, mode).fractions() == [round_to(f, 4, mode) for f in fractions]
    assert column.reduced().fractions() == fractions


@given(values, st.integers(0, 12), modes)
def test_rounding_equals_the_definition(fractions: list[Fraction], decimals: int, mode: RoundingMode) -> None:
    wanted = [round_to(f, decimals, mode) for f in fractions]
    assert Column.of(fractions).rounded(decimals, mode).fractions() == wanted
    assert spread(fractions).rounded(decimals, mode).fractions() == wanted


@given(values)
def test_keys_order_like_the_values(fractions: list[Fraction]) -> None:
    # Negated, as rankings use them: the greatest value comes first.
    for column in (Column.of(fractions), spread(fractions)):
        keys = column.keys()
        codes = np.unique(-keys, return_inverse=True)[1].reshape(-1).tolist()
        order = {f: i for i, f in enumerate(sorted(set(fractions), reverse=True))}
        assert codes == [order[f] for f in fractions]


@pytest.mark.parametrize(
    ("value", "half_up", "half_even", "down"),
    [
        ("0.125", "0.13", "0.12", "0.12"),
        ("-0.125", "-0.13", "-0.12", "-0.12"),
        ("0.135", "0.14", "0.14", "0.13"),
        ("84.999949", "85.00", "85.00", "84.99"),
        ("-0.001", "0.00", "0.00", "0.00"),
    ],
)
def test_halves_go_where_the_mode_says(value: str, half_up: str, half_even: str, down: str) -> None:
    number = Fraction(value)
    modes_and_results: list[tuple[RoundingMode, str]] = [("half_up", half_up), ("half_even", half_even), ("down", down)]
    for mode, wanted in modes_and_results:
        assert show(round_to(number, 2, mode), 2) == wanted
        assert show(Column.of([number]).rounded(2, mode).fractions()[0], 2) == wanted


def test_a_total_that_binary_rounding_fails_passes_the_mark() -> None:
    total = Fraction("84.99995")
    assert round(float(total), 4) < 85
    assert round_to(total, 4) == 85


def test_segment_sums_do_not_overflow() -> None:
    nearly = 2**61 - 1
    column = np.array([nearly, nearly, nearly, -nearly, 5], np.int64)
    assert segment_sums(column, np.array([0, 3])).tolist() == [3 * nearly, 5 - nearly]
    assert segment_sums(np.zeros(0, np.int64), np.zeros(0, np.int64)).tolist() == []


def test_empty_columns_stay_empty() -> None:
    nothing = Column.of([])
    for column in (nothing.plus(nothing), nothing.times(Fraction(1, 3)), nothing.rounded(2, "half_up")):
        assert column.fractions() == []
    assert nothing.keys().tolist() == []


@given(st.fractions(max_denominator=10**12))
def test_shown_numbers_read_back(value: Fraction) -> None:
    assert parse_exact(show(value)) == value
    finite = math.gcd(value.denominator, 10**60) == value.denominator
    assert (decimals_of(value) is not None) == finite


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "1,000", "1e3", "nan", "inf", "０", "+", ".5", "5.", "0x10", "1_0", "1/2", "--1", "1" * 65]
)
def test_only_plain_decimals_are_numbers(text: str) -> None:
    assert parse_decimal(text) is None


@pytest.mark.parametrize(("text", "value"), [("007", 7), ("-0.50", Fraction(-1, 2)), ("+3", 3), ("12.340", "12.34")])
def test_plain_decimals_are_read_exactly(text: str, value: int | str | Fraction) -> None:
    assert parse_decimal(text) == Fraction(value)
