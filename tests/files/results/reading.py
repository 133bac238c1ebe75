"""Result files as the tests read them: small folders of files, and what was told about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evaluator.errors import Problem
from evaluator.files.problems import Problems
from evaluator.files.results import read_results
from evaluator.model.performance import Measurement, PerformanceDeclaration

DATA = Path(__file__).resolve().parents[2] / "data" / "results"
NAME = "evidence/a1/performance"


def declaration(**told: Any) -> PerformanceDeclaration:
    return PerformanceDeclaration.model_validate({"schema": 1, "model": "K-Alpha", **told})


def read(folder: Path, **told: Any) -> tuple[list[Measurement], list[Problem], dict[str, str]]:
    """The measurements, problems and hashes of a folder under a declaration."""
    found, inputs = Problems(), dict[str, str]()
    measurements = read_results(folder, NAME, declaration(**told), found, inputs)
    return measurements, found.listed(), inputs


def good(folder: Path, **told: Any) -> list[Measurement]:
    measurements, problems, _ = read(folder, **told)
    assert problems == []
    return measurements


def codes(folder: Path, **told: Any) -> list[str]:
    return [problem.code for problem in read(folder, **told)[1]]


def put(folder: Path, files: dict[str, bytes | str]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder
