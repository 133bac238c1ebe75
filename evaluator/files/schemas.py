"""JSON Schemas of the files people write and of the record, generated from the models: editors complete and check them.

``python -m evaluator.files.schemas FOLDER`` writes them; a test checks that the shipped ones are current.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from evaluator.files.difference import DifferenceShape
from evaluator.files.record_shape import EvidenceShape, RecordShape
from evaluator.model.access import AccessDeclaration
from evaluator.model.openness import OpennessDeclaration
from evaluator.model.performance import PerformanceDeclaration
from evaluator.model.round import RoundInfo
from evaluator.model.rubric import Rubric
from evaluator.model.support import SupportPolicy

_MODELS: Mapping[str, tuple[type[BaseModel], str]] = {
    "rubric": (Rubric, "Rubric"),
    "round": (RoundInfo, "round.yaml"),
    "evaluation": (RecordShape, "evaluation.json"),
    "evidence": (EvidenceShape, "evidence.json"),
    "difference": (DifferenceShape, "evaluator diff --json"),
    "performance": (PerformanceDeclaration, "performance.yaml"),
    "openness": (OpennessDeclaration, "openness.yaml"),
    "access": (AccessDeclaration, "access.yaml"),
    "support": (SupportPolicy, "support.yaml"),
}


def schema_names() -> tuple[str, ...]:
    """The names of the schemas there are."""
    return tuple(sorted(_MODELS))


def schema_text(name: str) -> str:
    """One schema as JSON text. An unknown name raises ``KeyError``."""
    model, title = _MODELS[name]
    schema: dict[str, Any] = model.model_json_schema(by_alias=True)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}
    text = json.dumps(_without_titles(schema, top=True), ensure_ascii=False, indent=2)
    return text.replace("``", "`") + "\n"


def write_schemas(folder: Path) -> tuple[Path, ...]:
    """Write every schema into a folder and tell which files were written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in schema_names():
        path = folder / f"{name}.schema.json"
        path.write_text(schema_text(name), encoding="utf-8")
        written.append(path)
    return tuple(written)


def _without_titles(value: Any, *, top: bool = False) -> Any:  # noqa: ANN401 -- JSON
    """A schema without the titles generated from field names, which say nothing the names do not say."""
    if isinstance(value, list):
        return [_without_titles(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: {name: _without_titles(inside) for name, inside in item.items()}
        if key in {"properties", "$defs", "patternProperties"}
        else _without_titles(item)
        for key, item in value.items()
        if not (key == "title" and isinstance(item, str) and not top)
    }


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))
