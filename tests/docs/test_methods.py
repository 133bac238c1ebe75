"""docs/methods.md names every method, preference function and reason there is."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from evaluator.model.cross_check import (
    POOL_RELATIVE,
    PREFERENCE_THRESHOLDS,
    MethodName,
    PreferenceName,
    WhyNoRanks,
    WhyNoTau,
)
from evaluator.model.text import LANGUAGES
from evaluator.resources import message_catalogue
from evaluator.scoring.methods import NEEDS_POSITIVE

PAGE = (Path(__file__).parent.parent.parent / "docs/methods.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading row that begins with some words."""
    lines = PAGE.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| {heading}"))
    found = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def test_the_table_of_methods_is_true() -> None:
    table = {name.strip("`"): (others == "yes", zero == "yes") for name, _, others, zero in rows("name in the rubric")}
    names: tuple[MethodName, ...] = get_args(MethodName)
    assert table == {name: (name in POOL_RELATIVE, name not in NEEDS_POSITIVE) for name in names}
    assert all(f"\n**`{name}`.** *" in PAGE for name in names)


def test_the_table_of_preference_functions_is_true() -> None:
    names: tuple[PreferenceName, ...] = get_args(PreferenceName)
    table = {row[0].split("`")[1]: row[2] for row in rows("`preference`")}
    assert tuple(table) == names
    for name in names:
        wanted = PREFERENCE_THRESHOLDS[name]
        assert table[name] == (", ".join(f"`{key}`" for key in wanted) or "–")


def test_every_reason_is_told() -> None:
    assert [row[0].strip("`") for row in rows("reason")] == list(get_args(WhyNoRanks))
    assert all(f"`{why}`" in PAGE for why in get_args(WhyNoTau))


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_has_words_in_print(language: str) -> None:
    catalogue = message_catalogue("report", language)
    told = {"method_name": MethodName, "preference": PreferenceName, "method_why": WhyNoRanks, "tau_why": WhyNoTau}
    for table, names in told.items():
        assert list(catalogue[table]) == list(get_args(names)), table
