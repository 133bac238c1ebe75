"""docs/benchmarks.md says what was measured and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs/benchmarks.md").read_text("utf-8")
MEASURED = json.loads((ROOT / "benchmarks/results.json").read_text("utf-8"))


def test_the_tables_are_what_was_measured() -> None:
    command = [sys.executable, str(ROOT / "scripts/benchmark_tables.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_every_row_has_as_many_cells_as_its_heading() -> None:
    tables = re.findall(r"(?:^\|.*\|\n)+", TEXT, re.MULTILINE)
    assert len(tables) >= len([name for name, one in MEASURED.items() if one["section"]["rows"]]) > 0
    for table in tables:
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(widths) == 1, table


def test_nothing_was_measured_with_an_unknown_program() -> None:
    for name, one in MEASURED.items():
        told = one["versions"]
        unknown = [program for program, version in told.items() if "not installed" in version]
        assert unknown == [], name
        assert "with changes" not in told["evaluator"], name
