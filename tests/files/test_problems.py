from __future__ import annotations

import pytest

from evaluator.errors import InputProblems
from evaluator.files.problems import MAX_PER_FILE, Problems, nearest, shorten, visible


def test_nothing_found_raises_nothing() -> None:
    Problems().raise_if_any()


def test_problems_come_sorted_by_file_and_place() -> None:
    found = Problems()
    for file, place in (("b", (1, 1)), ("a", (2, 1)), ("a", (1, 9)), ("a", (1, 2))):
        found.add("file.empty", file, place)
    with pytest.raises(InputProblems) as raised:
        found.raise_if_any()
    assert [p.place for p in raised.value.problems] == ["a:1:2", "a:1:9", "a:2:1", "b:1:1"]


def test_of_many_problems_the_first_thousand_are_listed_and_the_others_counted() -> None:
    found = Problems()
    for line in range(MAX_PER_FILE + 5, 0, -1):
        found.add("file.empty", "a", (line, 1))
    found.add_unlisted("a", 10)
    found.add("file.empty", "b")
    listed = InputProblems(found.listed()).problems
    assert [p.line for p in listed[:MAX_PER_FILE]] == list(range(1, MAX_PER_FILE + 1))
    closing = listed[MAX_PER_FILE]
    assert (closing.code, dict(closing.params)) == ("file.more_problems", {"count": "15", "listed": "1,000"})
    assert listed[-1].file == "b"


@pytest.mark.parametrize(
    ("word", "options", "near"),
    [
        ("tecnology", ("technology", "price"), "technology"),
        ("Quality", ("quality",), "quality"),
        ("가운", ("가온", "나래"), "가온"),
        ("가온".encode().decode(), ("가온",), "가온"),
        ("zzz", ("technology",), ""),
        ("x" * 201, ("x" * 200,), ""),
        ("a", (), ""),
        ("v999", tuple(f"v{i:03}" for i in range(240)), ""),
        ("v01", ("v011", "v012"), ""),
        ("beta", ("alpha", "Beta", "betas"), "Beta"),
    ],
)
def test_the_nearest_word(word: str, options: tuple[str, ...], near: str) -> None:
    assert nearest(word, options) == near


def test_what_cannot_be_seen_is_shown_by_its_code() -> None:
    assert visible("a\nb\tc\x07\u202e\ud800") == "a\\nb\\tc\\x07\\u202e\\ud800"
    assert visible("가 나") == "가 나"
    assert len(visible("x" * 10_000)) < 1_000


def test_long_text_is_cut() -> None:
    assert shorten("x" * 60) == "x" * 60
    assert shorten("x" * 61) == "x" * 59 + "…"
