"""Numbers in tables: what is said about text that a person would read as one."""

from __future__ import annotations

import pytest

from evaluator.files.numerals import read_number


@pytest.mark.parametrize(
    ("text", "code", "plain"),
    [
        ("30억원", "number.unit", "3000000000"),
        ("30억 원", "number.unit", "3000000000"),
        ("1,000만원", "number.unit", "10000000"),
        ("3억 5천만원", "number.unit", "350000000"),
        ("-3억", "number.unit", "-300000000"),
        ("₩9,900", "number.unit", "9900"),
        ("8점", "number.unit", "8"),
        ("56장", "number.unit", "56"),
        ("56GPU", "number.unit", "56"),
        ("12 kg", "number.unit", "12"),
        ("30M", "number.not_a_number", None),
        ("3 million", "number.not_a_number", None),
        ("3억쯤", "number.not_a_number", None),
        ("2십만", "number.not_a_number", None),
        ("9999조", "number.not_a_number", None),  # longer than a number may be: no part of it is advised
    ],
)
def test_the_advice_never_changes_the_number(text: str, code: str, plain: str | None) -> None:
    told = read_number(text)
    assert isinstance(told, tuple)
    assert (told[0], told[1].get("plain")) == (code, plain)
