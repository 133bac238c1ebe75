"""docs/access.md: its tables are current, and its example is valid and comes out as it says."""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
from pathlib import Path

from evaluator.evidence.access import derive_access
from evaluator.files import load_rubric
from evaluator.files.access import read_access
from evaluator.files.folder import Folder
from evaluator.files.problems import Problems
from evaluator.files.sources import YAML_BYTES
from evaluator.model.access import FLAGS, ITEM_FLAGS, AccessDerivation

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs/access.md").read_text("utf-8")
DAY = datetime.date(2026, 1, 15)


def test_tables_are_current() -> None:
    command = [sys.executable, str(ROOT / "scripts/access_tables.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def derived(parent: Path, text: str) -> dict[str, AccessDerivation]:
    home = parent / "evidence/garam"
    (home / "documents").mkdir(parents=True)
    (home / "access.yaml").write_text(text, encoding="utf-8")
    for name in set(re.findall(r"file: (\S+)", text)):
        (home / "documents" / name).write_text(name, encoding="utf-8")
    files = Folder(parent, Problems(), {"evidence"})
    source = files.source("evidence/garam/access.yaml", YAML_BYTES)
    leaves = load_rubric("public-ai-access").leaves()
    assert source is not None
    declaration = read_access(source, files, "evidence/garam/documents", DAY, leaves)
    assert files.found.listed() == [] and declaration is not None
    return {found.indicator: found for found in derive_access(leaves, {"garam": declaration}, DAY)}


def example() -> str:
    (text,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    return str(text)


def test_the_example_comes_out_as_it_says(tmp_path: Path) -> None:
    found = derived(tmp_path, example())
    rows = re.findall(r"^\| ([\w ]+) \| (\d), \*\*(\d)\*\* \| (\d), \*\*(\d)\*\* \|", TEXT, re.MULTILINE)
    said = {name: tuple(map(int, levels)) for name, *levels in rows}
    others = said.pop("the other seven")
    assert len(said) == 3
    for name, one in found.items():
        got = (one.claimed_promised, one.promised, one.claimed_delivered, one.delivered)
        assert got == said.get(name, others), name
    flags = {item.id: item.flags for one in found.values() for item in one.evidence}
    assert flags["contract"] == ("used_twice", "not_asked")
    assert found["price"].missing == ("price_comparison",)
    assert found["accessibility"].missing == ("accessibility_expert_report",)


def test_the_three_missing_documents_do_what_the_example_says(tmp_path: Path) -> None:
    more = {
        "  - id: accessibility\n": "price_comparison",
        "  - id: reliability\n": "accessibility_expert_report, conforms: [{standard: KWCAG 2.2, result: met}]",
        "": "service_target",
    }
    text = example()
    for i, (before, kind) in enumerate(more.items()):
        own = f"id: more{i}, url: 'https://more{i}.example'"
        line = f"      - {{{own}, delivery: delivered, title: 더 낸 것, date: 2026-01-02, kind: {kind}}}\n"
        text = text.replace(before, line + before) if before else text + line
    found = derived(tmp_path, text)
    assert (found["price"].promised, found["accessibility"].promised, found["reliability"].delivered) == (4, 3, 2)


def test_every_flag_is_explained() -> None:
    assert [flag for flag in (*FLAGS, *ITEM_FLAGS) if f"`{flag}`" not in TEXT] == []
