"""The examples in evidence-files.md are read as the page says."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

from evaluator.files.problems import Problems
from evaluator.files.results import read_results
from evaluator.files.results.own_csv import COLUMNS
from evaluator.files.sources import Source
from evaluator.files.validation import validate
from evaluator.files.yaml_source import read_yaml
from evaluator.model.performance import PerformanceDeclaration

PAGE = (Path(__file__).parents[2] / "docs" / "evidence-files.md").read_text("utf-8")


def test_the_declaration_is_one() -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    found = Problems()
    document = read_yaml(Source("performance.yaml", example[1].encode(), ""), found)
    assert document is not None
    declaration = validate(PerformanceDeclaration, document, found).model
    assert found.listed() == []
    assert declaration is not None
    assert [entry.model_in_file for entry in declaration.files] == [None, "k-alpha-hf", None, None]


def test_the_table_is_read(tmp_path: Path) -> None:
    lines = [line.strip() for line in PAGE.split("\n") if line.startswith("    ")]
    (tmp_path / "own.csv").write_text("\n".join(lines[-2:]) + "\n", "utf-8")
    found = Problems()
    declaration = PerformanceDeclaration.model_validate({"schema": 1, "model": "K-Alpha"})
    (result,) = read_results(tmp_path, "performance", declaration, found, {})
    assert found.listed() == []
    assert (result.score, result.high, result.n, result.source) == (
        Fraction("71.3"),
        100,
        35030,
        "Model card, table 3",
    )


def test_every_column_is_explained() -> None:
    table = PAGE[PAGE.index("| column | |") :]
    assert [column.name for column in COLUMNS if f"`{column.name}`" not in table] == []
