"""The reference says what the program does: its tables are made from the models, its column lists match the readers."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from evaluator.files import excuses, references, support
from evaluator.files.registers import COLUMNS

ROOT = Path(__file__).parent.parent.parent


def test_tables_of_keys_are_current() -> None:
    command = [sys.executable, str(ROOT / "scripts/reference.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_round_folder_lists_the_columns_the_readers_know() -> None:
    rows = re.findall(
        r"^\| `(\w+\.csv)` \| ([^|]+) \|", (ROOT / "docs/round-folder.md").read_text("utf-8"), re.MULTILINE
    )
    listed = {name: (names(cell.partition("[")[0]), names(cell.partition("[")[2])) for name, cell in rows}
    tables = {
        **COLUMNS,
        "references.csv": references.COLUMNS,
        "excuses.csv": excuses.COLUMNS,
        "support.csv": support.COLUMNS,
    }
    known = {
        name: ([c.name for c in columns if c.needed], [c.name for c in columns if not c.needed])
        for name, columns in tables.items()
    }
    assert listed == known


def names(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)
