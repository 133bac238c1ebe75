"""Fractional powers, rounded exactly: against whole-number roots, on rounding boundaries and beyond binary digits."""

from __future__ import annotations

import math
from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from evaluator.evidence.geometric import Power, coprime_base, log, product_of_powers
from tests.evidence.naive import root_half_up

F = Fraction
FRACTIONS = st.fractions(min_value=F(1, 50), max_value=50, max_denominator=60)
TERMS = st.lists(st.tuples(FRACTIONS, st.integers(1, 6)), min_size=1, max_size=6)


def powers(terms: list[tuple[F, F]]) -> list[Power]:
    return [Power(base, exponent, log(base) if base else 0.0) for base, exponent in terms]


@given(TERMS, st.integers(0, 12))
@example([(F(1), 1)], 0)
@example([(F(2), 1), (F(1, 2), 1)], 3)  # exactly 1
@example([(F(9), 1), (F(1, 36), 1)], 0)  # exactly 1/2: up
@example([(F(1, 4), 1), (F(1, 25), 1)], 1)  # exactly 1/10
@example([(F(3, 8), 1), (F(1, 6), 1)], 1)  # exactly 1/4: up to 0.3
def test_as_whole_number_roots(terms: list[tuple[F, int]], decimals: int) -> None:
    whole = sum(k for _, k in terms)
    product = math.prod((base**k for base, k in terms), start=F(1))
    found = product_of_powers(powers([(base, F(k, whole)) for base, k in terms]), decimals)
    assert found == root_half_up(product, whole, decimals)


@given(FRACTIONS, st.integers(0, 30), st.integers(1, 9))
def test_on_a_boundary_it_rounds_up_and_just_below_it_down(base: F, step: int, decimals: int) -> None:
    boundary = F(2 * step + 1, 2 * 10**decimals)
    halves = [(boundary * base, F(1, 2)), (boundary / base, F(1, 2))]
    assert product_of_powers(powers(halves), decimals) == F(step + 1, 10**decimals)
    # a hair below, far beyond what binary digits can tell
    hair = F(10**60 - 1, 10**60)
    below = [(boundary * base * hair, F(1, 2)), (boundary / base, F(1, 2))]
    assert product_of_powers(powers(below), decimals) == F(step, 10**decimals)


def test_weights_with_long_denominators_need_no_long_powers() -> None:
    third = F(333333333333, 10**12)
    exact = product_of_powers(powers([(F(1, 8), third), (F(27), third), (F(1), 1 - 2 * third)]), 12)
    # 1.5 raised to 0.999999999999
    assert exact == F("1.499999999999")


def test_a_base_of_zero_makes_nothing_of_the_rest() -> None:
    assert product_of_powers(powers([(F(0), F(1, 2)), (F(9), F(1, 2))]), 4) == 0


def test_negative_exponents_divide() -> None:
    assert product_of_powers(powers([(F(4), F(1, 2)), (F(9), F(-1, 2))]), 4) == F("0.6667")


def test_logarithms_of_very_large_and_small_numbers() -> None:
    assert math.isclose(log(F(10) ** 1000), 1000 * math.log(10))
    assert math.isclose(log(F(1, 10**1000)), -1000 * math.log(10))


@given(st.lists(st.integers(1, 10_000), max_size=8))
def test_a_coprime_base_writes_every_number(numbers: list[int]) -> None:
    base = coprime_base(numbers)
    assert all(math.gcd(a, b) == 1 for i, a in enumerate(base) for b in base[:i])
    for number in numbers:
        rest = number
        for factor in base:
            while rest % factor == 0:
                rest //= factor
        assert rest == 1
