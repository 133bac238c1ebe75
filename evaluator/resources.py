"""Where the rubrics, templates and examples that come with Evaluator lie. No other module knows.

In an installed package they are inside it, under ``_shipped``; in a checkout they are the folders beside it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent


def _root() -> Path:
    shipped = _PACKAGE / "_shipped"
    return shipped if shipped.is_dir() else _PACKAGE.parent


def rubric_ids() -> tuple[str, ...]:
    """The ids of the shipped rubrics, sorted. A rubric's id is its file's name without ``.yaml``."""
    return tuple(sorted(path.stem for path in (_root() / "rubrics").glob("*.yaml")))


def rubric_path(rubric_id: str) -> Path | None:
    """The file of a shipped rubric, or None where no shipped rubric has this id.

    Only ids are looked up: text with a slash or ``..`` names no rubric, whatever lies there.
    """
    return _root() / "rubrics" / f"{rubric_id}.yaml" if rubric_id in rubric_ids() else None


def templates_dir() -> Path:
    """The folder of the Jinja2 templates, style sheets and message catalogues."""
    return _root() / "templates"


def examples_dir() -> Path:
    """The folder that holds the example round folders, one per id."""
    return _root() / "examples"


def example_ids() -> tuple[str, ...]:
    """The names of the shipped example rounds, sorted. A folder is an example when it holds a round.yaml."""
    return tuple(sorted(path.parent.name for path in examples_dir().glob("*/round.yaml")))


@cache
def message_catalogue(name: str, lang: str) -> Mapping[str, Any]:
    """The message catalogue ``name`` in one language: the content of ``messages/{name}.{lang}.toml``.

    A large catalogue is laid out by subject: the tables of ``messages/{name}-{subject}.{lang}.toml`` belong to it as
    well. Read once per process and shared by all callers, so it must not be changed. A catalogue that does not
    exist raises ``FileNotFoundError``: names and languages are the program's own, never a user's words.
    """
    folder = templates_dir() / "messages"
    whole: dict[str, Any] = tomllib.loads((folder / f"{name}.{lang}.toml").read_text(encoding="utf-8"))
    for path in sorted(folder.glob(f"{name}-*.{lang}.toml")):
        for key, value in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if isinstance(value, dict) and isinstance(whole.get(key), dict) and not whole[key].keys() & value.keys():
                whole[key] = {**whole[key], **value}
            elif key in whole:
                raise ValueError(f"{path.name}: {key} stands in the catalogue already")
            else:
                whole[key] = value
    return whole
