"""PROMETHEE II by prefix sums against its definition over all pairs, in exact fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.model.cross_check import PREFERENCE_THRESHOLDS, PreferenceName
from evaluator.scoring.promethee import Preference, net_flows, single_flow
from tests.oracle.methods_oracle import preference, promethee2

KINDS = tuple(PREFERENCE_THRESHOLDS)


@st.composite
def criteria(draw: st.DrawFn, largest: int = 60) -> tuple[list[list[int]], list[int], list[Preference]]:
    """Whole values with many ties and differences equal to a threshold, for 2 to 12 applicants."""
    n, m = draw(st.integers(2, 12)), draw(st.integers(1, 4))
    columns = [draw(st.lists(st.integers(-largest, largest), min_size=n, max_size=n)) for _ in range(m)]
    weights = [draw(st.integers(1, 9)) for _ in range(m)]
    shapes = []
    for _ in range(m):
        q = draw(st.integers(0, largest // 2))
        shapes.append(Preference(kind=draw(st.sampled_from(KINDS)), q=q, p=q + draw(st.integers(1, largest))))
    return columns, weights, shapes


def by_definition(columns: list[list[int]], weights: list[int], shapes: list[Preference]) -> list[Fraction]:
    total = sum(weights)
    return promethee2(
        [[Fraction(x) for x in column] for column in columns],
        [Fraction(w, total) for w in weights],
        [(s.kind, Fraction(s.q), Fraction(s.p)) for s in shapes],
    )


@given(criteria())
def test_net_flows_are_those_of_the_definition(case: tuple[list[list[int]], list[int], list[Preference]]) -> None:
    columns, weights, shapes = case
    found = net_flows([np.array(c, np.int64) for c in columns], np.array(weights, np.float64), shapes)
    assert found == pytest.approx([float(x) for x in by_definition(columns, weights, shapes)], abs=1e-13)
    assert abs(found.sum()) < 1e-12


@given(criteria(largest=10**30))
def test_values_beyond_64_bits_are_exact_too(case: tuple[list[list[int]], list[int], list[Preference]]) -> None:
    columns, weights, shapes = case
    found = net_flows([np.array(c, object) for c in columns], np.array(weights, np.float64), shapes)
    assert found == pytest.approx([float(x) for x in by_definition(columns, weights, shapes)], abs=1e-13)


@pytest.mark.parametrize("p", [2**60, 2**61, 2**63, 10**30])
def test_products_that_would_leave_64_bits_do_not(p: int) -> None:
    """Forty applicants at 0 and one far above: what they owe it, each by itself in range, is not in sum."""
    values = np.array([0] * 40 + [2**60], np.int64)
    shape = Preference(kind="linear", q=5, p=p)
    expected = by_definition([values.tolist()], [1], [shape])
    found = net_flows([values], np.ones(1), [shape])
    assert found == pytest.approx([float(x) for x in expected], rel=1e-12, abs=1e-30)


@pytest.mark.parametrize("kind", KINDS)
def test_a_difference_equal_to_a_threshold(kind: PreferenceName) -> None:
    """At q nothing counts yet, at p everything or, under level, half."""
    q, p = 10, 30
    for d in (9, 10, 11, 29, 30, 31):
        flow = single_flow(np.array([0, d], np.int64), Preference(kind=kind, q=q, p=p))
        expected = float(preference(kind, Fraction(d), Fraction(q), Fraction(p)))
        assert flow.tolist() == [-expected, expected], d


def test_equal_applicants_have_equal_flows_and_all_equal_ones_none() -> None:
    for kind in KINDS:
        shape = Preference(kind=kind, q=1, p=3)
        assert single_flow(np.array([5, 5, 5], np.int64), shape).tolist() == [0, 0, 0]
        flow = single_flow(np.array([4, 9, 4, 0], np.int64), shape)
        assert flow[0] == flow[2]


def test_it_is_pymcdms_flow_on_numbers_as_they_come() -> None:
    """The second program, on floating-point values; none of its differences is equal to a threshold."""
    from pymcdm.methods import PROMETHEE_II

    rng = np.random.default_rng(5)
    matrix, weights = rng.random((40, 3)), np.array([0.5, 0.3, 0.2])
    theirs = {"usual": "usual", "u_shape": "ushape", "v_shape": "vshape", "level": "level", "linear": "vshape_2"}
    for kind in KINDS:
        q, p = np.full(3, 0.11), np.full(3, 0.37)
        wanted = PREFERENCE_THRESHOLDS[kind]
        given_ = {key: value for key, value in (("q", q), ("p", p)) if key in wanted}
        expected = PROMETHEE_II(theirs[kind], **given_)(matrix, weights, np.ones(3))
        found = net_flows(list(matrix.T), weights, [Preference(kind=kind, q=0.11, p=0.37)] * 3)
        assert found == pytest.approx(expected, abs=1e-12), kind


def test_one_applicant_has_nobody_to_be_compared_with() -> None:
    with pytest.raises(ValueError, match="two applicants"):
        net_flows([np.array([3], np.int64)], np.ones(1), [Preference()])
