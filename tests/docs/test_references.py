"""The page on references.csv and excuses.csv lists the columns that are read, and which of them must be filled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from evaluator.files import excuses, references
from evaluator.files.tables import Column

PAGE = (Path(__file__).parent.parent.parent / "docs/references.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("heading", "columns"), [("references.csv", references.COLUMNS), ("excuses.csv", excuses.COLUMNS)]
)
def test_the_columns_on_the_page_are_those_that_are_read(heading: str, columns: Sequence[Column]) -> None:
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \| ([^|]+) \|", section, re.MULTILINE)
    listed = [(name, filled) for names, filled in rows for name in re.findall(r"`(\w+)`", names)]
    assert [name for name, _ in listed] == [column.name for column in columns]
    # A release date that is missing is told in words of its own, so its column is not marked as one to be filled.
    needed = {column.name for column in columns if column.filled or column.name == "released"}
    assert {name for name, filled in listed if filled == "yes"} == needed
