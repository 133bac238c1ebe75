"""Kendall's tau-b: counted pair by pair, by scipy, and by hand."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluator.scoring.rank_correlation import inversions, kendall_tau_b
from tests.oracle.methods_oracle import tau_b

RANKS = st.integers(1, 40).flatmap(lambda n: st.tuples(*[st.lists(st.integers(1, n), min_size=n, max_size=n)] * 2))


def ranks(values: list[int]) -> NDArray[np.int32]:
    return np.array(values, np.int32)


@given(RANKS)
def test_it_is_what_counting_every_pair_gives(pair: tuple[list[int], list[int]]) -> None:
    first, second = pair
    balance, untied_first, untied_second = tau_b(first, second)
    found = kendall_tau_b(ranks(first), ranks(second))
    if untied_first == 0 or untied_second == 0:
        assert found is None
        return
    assert found is not None
    assert found.limit_denominator(10_000) == found
    # Within half a unit of the fourth decimal, decided on whole numbers.
    low, high = abs(found) - Fraction(1, 20_000), abs(found) + Fraction(1, 20_000)
    product = untied_first * untied_second
    assert max(low, Fraction(0)) ** 2 * product <= balance**2 <= high**2 * product
    assert found == 0 or (found > 0) == (balance > 0)


def test_it_is_scipys() -> None:
    from scipy.stats import kendalltau

    rng = random.Random(4)
    for n, distinct in ((2, 2), (10, 4), (300, 300), (3000, 50)):
        first, second = ([rng.randrange(distinct) for _ in range(n)] for _ in range(2))
        first[:2], second[:2] = [0, 1], [0, 1]
        found = kendall_tau_b(ranks(first), ranks(second))
        assert found is not None
        assert float(found) == pytest.approx(kendalltau(first, second).statistic, abs=0.51e-4)


def test_known_figures() -> None:
    assert kendall_tau_b(ranks([1, 2, 3, 4]), ranks([1, 2, 3, 4])) == 1
    assert kendall_tau_b(ranks([1, 2, 3, 4]), ranks([4, 3, 2, 1])) == -1
    # One neighbouring pair exchanged among four: five of six pairs agree.
    assert kendall_tau_b(ranks([1, 2, 3, 4]), ranks([2, 1, 3, 4])) == Fraction(6667, 10_000)
    # Tied officially, apart by the method: 5 of 5 comparable pairs agree, and tau-b is sqrt(5/6).
    assert kendall_tau_b(ranks([1, 1, 3, 4]), ranks([1, 2, 3, 4])) == Fraction(9129, 10_000)
    assert math.isclose(math.sqrt(5 / 6), 0.9129, abs_tol=0.5e-4)


def test_half_a_unit_is_rounded_up() -> None:
    # 9 pairs of 10 agree less 1 that does not: 0.8; over 20 000 pairs one more is 0.0001 and a half of it decides.
    n = 201  # 20 100 pairs
    second = list(range(1, n + 1))
    second[0], second[1] = second[1], second[0]
    exact = Fraction(20_100 - 2, 20_100)
    found = kendall_tau_b(ranks(list(range(1, n + 1))), ranks(second))
    assert found == Fraction(round(exact * 10_000), 10_000) == Fraction(9999, 10_000)


@pytest.mark.parametrize("pair", [([], []), ([1], [1]), ([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [1, 1, 1])])
def test_it_is_not_defined_where_one_side_orders_nobody(pair: tuple[list[int], list[int]]) -> None:
    assert kendall_tau_b(ranks(pair[0]), ranks(pair[1])) is None


@given(st.integers(0, 300).flatmap(lambda n: st.lists(st.integers(0, 70), min_size=n, max_size=n)))
def test_inversions_are_pairs_in_descending_order(codes: list[int]) -> None:
    expected = sum(codes[i] > codes[j] for j in range(len(codes)) for i in range(j))
    assert inversions(np.array(codes, np.int64)) == expected


def test_the_order_of_applicants_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    first, second = (rng.integers(1, 400, 500, np.int32) for _ in range(2))
    moved = rng.permutation(500)
    assert kendall_tau_b(first, second) == kendall_tau_b(first[moved], second[moved])
