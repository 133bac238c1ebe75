"""Numbers of JSON files keep their value exactly, and a key written twice is found where it stands."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluator.files.problems import Problems
from evaluator.files.results.json_text import MAX_PLACES, MAX_WHOLE, Number, exact, read_json, show_path


@given(st.floats(-1e17, 1e17, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-20))
def test_a_float_is_read_as_its_text_says(value: float) -> None:
    assert exact(Number(json.dumps(value))) == Fraction(repr(value))


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,45})?([eE][+-]?[0-9]{1,4})?", fullmatch=True))
def test_a_number_is_exact_or_refused_for_its_length(text: str) -> None:
    value = exact(Number(text))
    mantissa, _, exponent = text.lower().partition("e")
    if value is None:
        whole = Fraction(mantissa)
        power = int(exponent or 0)
        assert power > 0 or len(mantissa) > MAX_WHOLE or power < MAX_WHOLE - MAX_PLACES
        assert whole != 0
    else:
        assert value == Fraction(text)
        assert abs(value) < 10**MAX_WHOLE
        assert (value * 10**MAX_PLACES).denominator == 1


@pytest.mark.parametrize("text", ["1e999999999", "1e-999999999", "9" * 10**6, "NaN", "Infinity", "1e9999", "-1e-41"])
def test_what_no_score_can_be_costs_nothing(text: str) -> None:
    assert exact(Number(text)) is None


def test_zero_is_zero_however_it_is_written() -> None:
    assert [exact(Number(text)) for text in ("0", "-0", "0.000", "0e9999", "-0.0E-9999")] == [0] * 5


def test_a_key_written_twice_is_told_with_both_places() -> None:
    found = Problems()
    text = '{"a": [{"x": 1}, {"x": 1,\n "y": "x\\"y{", "x": 2}],\n "a": {}, "b.c": {"\\u0061": 1, "a": 2}}'
    assert read_json(text, "f", found) is None
    told = [(p.line, p.column, p.path, p.params["line"]) for p in found.listed()]
    assert told == [(2, 16, "a[1].x", "1"), (3, 2, "a", "1"), (3, 32, '["b.c"].a', "3")]


def test_the_same_key_in_different_maps_is_fine() -> None:
    found = Problems()
    assert read_json('[{"a": 1.50}, {"a": {"a": true}}]', "f", found) == [{"a": "1.50"}, {"a": {"a": True}}]
    assert not found


def test_numbers_are_not_text_and_text_is_not_a_number() -> None:
    value = read_json('[1, "1", 1.0, true]', "f", Problems())
    assert [type(part) for part in value] == [Number, str, Number, bool]


def test_paths_show_names_that_would_be_misread_in_quotes() -> None:
    assert show_path(("results", "a.b", "acc,none", 3, "가")) == 'results["a.b"]["acc,none"][3].가'
    assert show_path((0, "a\u202eb")) == '[0]["a\\u202eb"]'
