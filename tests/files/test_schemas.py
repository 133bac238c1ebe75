"""The shipped JSON Schemas: current, and no stricter or laxer than the reader where an editor would notice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from evaluator.files.schemas import schema_names, schema_text, write_schemas
from tests.files.cases import ACCEPT, TESTS

SHIPPED = TESTS.parent / "rubrics"
RUBRICS = [
    *sorted(SHIPPED.glob("*.yaml")),
    *sorted(ACCEPT.glob("*/rubric.yaml")),
    *sorted(ACCEPT.glob("*/experts.yaml")),
]
ROUNDS = [*sorted(ACCEPT.glob("*/round.yaml")), *sorted((TESTS.parent / "examples").glob("*/round.yaml"))]


def plain(value: Any) -> Any:
    """A YAML document as an editor sees it: keys are text, dates are text."""
    if isinstance(value, dict):
        return {str(key): plain(inside) for key, inside in value.items()}
    if isinstance(value, list):
        return [plain(inside) for inside in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def faults(kind: str, document: Any) -> list[str]:
    validator = jsonschema.Draft202012Validator(json.loads(schema_text(kind)))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(plain(document))]


@pytest.mark.parametrize("name", schema_names())
def test_the_shipped_schema_is_current(name: str) -> None:
    shipped = SHIPPED / "schema" / f"{name}.schema.json"
    assert shipped.read_text(encoding="utf-8") == schema_text(name), "run: make schemas"


def test_they_are_written_where_one_says(tmp_path: Path) -> None:
    written = write_schemas(tmp_path / "new")
    assert [path.name for path in written] == [f"{name}.schema.json" for name in schema_names()]
    assert all(path.read_text(encoding="utf-8") == schema_text(path.name.partition(".")[0]) for path in written)


@pytest.mark.parametrize("path", RUBRICS, ids=str)
def test_rubrics_satisfy_their_schema(path: Path) -> None:
    assert faults("rubric", YAML(typ="safe", pure=True).load(path)) == []


@pytest.mark.parametrize("path", ROUNDS, ids=str)
def test_rounds_satisfy_their_schema(path: Path) -> None:
    assert faults("round", YAML(typ="safe", pure=True).load(path)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"treshold": "60%"},
        {"points": "ten"},
        {"points": None},
        {"title": {}},
        {"title": 17},
        {"source": "pannel"},
        {"threshold": "half"},
        {"id": "Two Words"},
        {"convert": {"kind": "square"}},
    ],
    ids=str,
)
def test_an_editor_sees_the_commonest_faults(change: dict[str, Any]) -> None:
    criterion = {"id": "a", "title": "A", "points": 10}
    rubric = {"schema": 1, "id": "r", "version": "1", "title": "R", "criteria": [criterion]}
    assert faults("rubric", rubric) == []
    assert faults("rubric", {**rubric, "criteria": [{**criterion, **change}]}) != []
