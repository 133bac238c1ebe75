"""docs/benchmarks.md says what was measured and nothing else."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
tables: Any = importlib.import_module("benchmark_tables")

CHANGED = "of a commit with changes"
TEXT = (ROOT / "docs/benchmarks.md").read_text("utf-8")
MEASURED = json.loads((ROOT / "benchmarks/results.json").read_text("utf-8"))


def test_the_tables_are_what_was_measured() -> None:
    command = [sys.executable, str(ROOT / "scripts/benchmark_tables.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def measured(evaluator: str, foreign: float) -> dict[str, Any]:
    rows = [{"name": "quiet", "foreign": []}, {"name": "busy", "foreign": [0.0, foreign]}]
    return {"versions": {"evaluator": evaluator}, "section": {"rows": rows}}


@pytest.mark.parametrize(
    ("evaluator", "foreign", "told"),
    [
        ("0.1.0 (abc)", 0.05, []),
        ("0.1.0 (abc)", 0.061, ["others used more than 5% of the cores: busy (6%)"]),
        ("0.1.0 (def)", 0.0, ["of 0.1.0 (def), other tables of 0.1.0 (abc)"]),
        ("0.1.0 (abc with changes)", 0.0, ["of 0.1.0 (abc with changes), other tables of 0.1.0 (abc)", CHANGED]),
    ],
)
def test_what_is_wrong_with_a_table_is_told(evaluator: str, foreign: float, told: list[str]) -> None:
    kept = {"a": measured("0.1.0 (abc)", 0), "b": measured("0.1.0 (abc)", 0), "c": measured(evaluator, foreign)}
    version = tables.usual_version(kept)
    assert [tables.doubts(kept[name], version) for name in "abc"] == [[], [], told]


def test_tables_of_several_commits_or_beside_others_are_not_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one = next(one for one in MEASURED.values() if one["section"]["rows"])
    row = {**one["section"]["rows"][0], "name": "busy", "foreign": [0.2]}
    disturbed = {**one, "section": {**one["section"], "rows": [row]}}
    (tmp_path / "table.json").write_text(json.dumps(disturbed), "utf-8")
    document, kept = tmp_path / "benchmarks.md", tmp_path / "results.json"
    name = f"{one['benchmark']} {one['section']['id']}"
    document.write_text(f"<!-- measured: {name} -->\n<!-- end -->\n", "utf-8")
    for key, value in {"RESULTS": tmp_path, "DOCUMENT": document, "KEPT": kept}.items():
        monkeypatch.setattr(tables, key, value)
    assert tables.main([]) == 1
    assert f"{name}: others used more than 5% of the cores: busy (20%)" in capsys.readouterr().err
    assert not kept.exists()
    assert tables.main(["--as-they-are"]) == 0
    told = document.read_text("utf-8")
    assert "> To be measured again: others used more than 5% of the cores: busy (20%).\n" in told
    assert "| busy |" in told
    assert tables.main(["--check"]) == 0


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
