"""Write the tables of keys in docs/ from the models, between the markers that name a model.

``python scripts/reference.py`` rewrites the documents; with ``--check`` it only tells (exit 1) which are out of date.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from evaluator.model import access, basis, cross_check, openness, performance, round, rubric, support
from evaluator.model.text import FileModel, Text

DOCS = Path(__file__).parent.parent / "docs"
MODELS: dict[str, type[BaseModel]] = {
    name: model
    for module in (access, basis, cross_check, openness, performance, round, rubric, support)
    for name, model in vars(module).items()
    if isinstance(model, type) and issubclass(model, FileModel) and model not in {FileModel, Text}
}
BLOCK = re.compile(r"(<!-- keys of (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(model: type[BaseModel]) -> str:
    """A Markdown table of a model's keys: whether needed, what is allowed, what it means."""
    schema = model.model_json_schema(by_alias=True)
    own = schema if "properties" in schema else schema["$defs"][model.__name__]
    lines = ["| key | value | meaning |", "|---|---|---|"]
    for key, value in own["properties"].items():
        needed = " **needed**" if key in own.get("required", []) else ""
        lines.append(f"| `{key}`{needed} | {kind(value)}{default(value)} | {value.get('description', '')} |")
    return "\n".join(lines)


def kind(value: dict[str, Any]) -> str:
    """What a key may hold, in a few words."""
    if "$ref" in value:
        return str(value["$ref"]).rpartition("/")[2]
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return " or ".join(f"`{choice}`" for choice in value["enum"])
    if "anyOf" in value:
        told = [option for option in value["anyOf"] if option.get("type") != "null"]
        mapping = any("$ref" in option for option in told)  # its own table lists the names
        options = ["name" if mapping and "enum" in option else kind(option) for option in told]
        return "text" if "text" in options and len(options) > 1 else " or ".join(dict.fromkeys(options))
    if value.get("type") == "array":
        return f"list of {kind(value['items'])}"
    if value.get("type") == ["number", "string"]:
        return "number or percentage" if "%" in value.get("pattern", "") else "number"
    if value.get("format") == "date":
        return "date"
    plain = {"object": "mapping", "integer": "whole number", "boolean": "`true` or `false`"}
    return plain.get(str(value.get("type")), "id" if "pattern" in value else "text")


def default(value: dict[str, Any]) -> str:
    """What holds where the key is absent, if anything does."""
    found = value.get("default")
    if found in (None, "", [], {}) or isinstance(found, dict | list):
        return ""
    return f"; `{str(found).lower() if isinstance(found, bool) else found}`"


def rewritten(text: str) -> str:
    """A document with its tables made anew."""
    return BLOCK.sub(lambda m: f"{m[1]}{table(MODELS[m[2]])}\n{m[3]}", text)


def main(*, check: bool) -> int:
    """Rewrite or check every document; the exit code."""
    stale = [
        path for path in sorted(DOCS.glob("*.md")) if rewritten(path.read_text("utf-8")) != path.read_text("utf-8")
    ]
    for path in stale:
        if check:
            print(f"{path.name} is out of date: python scripts/reference.py", file=sys.stderr)
        else:
            path.write_text(rewritten(path.read_text("utf-8")), "utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
