from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from evaluator.files.problems import Problems
from evaluator.files.sources import Source
from evaluator.files.yaml_source import Document, read_yaml


def read(text: str) -> Document:
    found = Problems()
    document = read_yaml(Source("x.yaml", text.encode(), ""), found)
    assert not found, found.listed()
    assert document is not None
    return document


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("+4", 4),
        ("0", 0),
        ("0.50", Fraction(1, 2)),
        ("-0.1", Fraction(-1, 10)),
        ("0.1000000000000000055511151231257827", Fraction("0.1000000000000000055511151231257827")),
        ("1e5", "1e5"),
        (".5", ".5"),
        ("5.", "5."),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("012", "012"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("9" * 65, "9" * 65),
        ("true", True),
        ("FALSE", False),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("y", "y"),
        ("2026-01-15", "2026-01-15"),
        ("~", None),
        ("", None),
        ("null", None),
        ('"12"', "12"),
        ("'true'", "true"),
        ("| \n  가\n  나\n", "가\n나\n"),
        ("[1, a, [true]]", (1, "a", (True,))),
        ("{b: 1}", {"b": 1}),
    ],
)
def test_what_a_value_means(text: str, value: Any) -> None:
    got = read(f"a: {text}\n").data["a"]
    assert (got, type(got)) == (value, type(value))


def test_where_everything_stands() -> None:
    document = read("a: 1\nb:\n  - {c: 2, 3: x}\n  -\n    d: 가\nempty:\n")
    assert document.place(("a",)) == (1, 4)
    assert document.place(("a",), key=True) == (1, 1)
    assert document.place(("b", 0, "c")) == (3, 9)
    assert document.place(("b", 0, "3"), key=True) == (3, 12)
    assert document.place(("b", 1, "d")) == (5, 8)
    assert document.place(("empty",)) == (6, 1)
    assert document.place(("b", 0, "not there")) == (3, 5)
    assert document.place(()) == (1, 1)


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter() -> None:
    found = Problems()
    document = read_yaml(Source("x.yaml", "\ufeffa: 1\r\nb: 2\r\n".encode(), ""), found)
    assert document is not None
    assert (document.data, document.place(("a",)), len(found)) == ({"a": 1, "b": 2}, (1, 4), 0)


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 10_000, "- " * 50_000 + "x"])
def test_depth_is_a_problem_and_never_a_crash(text: str) -> None:
    found = Problems()
    assert read_yaml(Source("x.yaml", text.encode(), ""), found) is None
    assert len(found) == 1


def test_the_first_of_repeated_keys_is_kept_for_further_checks() -> None:
    found = Problems()
    document = read_yaml(Source("x.yaml", b"a: 1\na: 2\n", ""), found)
    assert document is not None
    assert document.data == {"a": 1}
    assert [p.place for p in found.listed()] == ["x.yaml:2:1"]
