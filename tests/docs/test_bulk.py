"""The recomputation in bulk.md is run on the results of a round, and finds a consensus that was changed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from evaluator.files import load_round
from evaluator.files.record import write_record
from evaluator.workflow import evaluate
from tests.cli.conftest import change, write_round

DOCUMENT = Path(__file__).parents[2] / "docs" / "bulk.md"


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder, out = tmp_path / "round", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    write_round(folder)
    change(folder / "rubric.yaml", "max: 5, step: 0.5", "max: 40, step: 0.5")
    write_record(evaluate(*load_round(folder)), out, inline_marks=0)
    return out


def said(folder: Path) -> str:
    (code,) = re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


def test_an_auditor_recomputes_every_consensus(results: Path) -> None:
    assert said(results) == "4 compared, 0 differ"
    change(results / "evaluation.json", '"plan": {"consensus": "50"', '"plan": {"consensus": "51"')
    assert said(results) == "4 compared, 1 differ"
