"""Write the tables of docs/benchmarks.md from what the benchmarks have measured.

``python scripts/benchmark_tables.py`` takes what lies in out/benchmarks over into benchmarks/results.json, table by
table, and rewrites the document from there; with ``--check`` it only tells (exit 1) that the document is not what
benchmarks/results.json says.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks._results import RESULTS, cells  # noqa: E402 -- it lies beside this folder, in no package

DOCUMENT = ROOT / "docs" / "benchmarks.md"
KEPT = ROOT / "benchmarks" / "results.json"
BLOCK = re.compile(r"(<!-- measured: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)

Measured = Mapping[str, Any]
"""One file of out/benchmarks: benchmark, date, machine, versions, section."""


def table(measured: Measured) -> str:
    """One section: its title with the day and the commit, the table, the notes."""
    section = measured["section"]
    lines = [f"**{section['title']}** – {measured['date']}, Evaluator {measured['versions']['evaluator']}", ""]
    if section["rows"]:
        heading, *rows = cells(section)
        lines += [_row(heading), "|---|" + "---:|" * (len(heading) - 1), *map(_row, rows), ""]
    lines += [f"- {_escaped(note)}" for note in section["notes"]]
    return "\n".join(lines).rstrip() + "\n"


def where(kept: Mapping[str, Measured]) -> str:
    """The machines and versions of all tables, each once."""
    machines = dict.fromkeys(
        f"{m['processor']}, {m['cores']} cores, {m['memory_gib']} GiB, {m['system']}"
        for m in (measured["machine"] for measured in kept.values())
    )
    versions = dict.fromkeys(
        ", ".join(f"{name} {version}" for name, version in measured["versions"].items() if name != "evaluator")
        for measured in kept.values()
    )
    return "\n".join(f"- {line}" for line in [*machines, *versions]) + "\n"


def rewritten(text: str, kept: Mapping[str, Measured]) -> str:
    """The document with its tables made anew; :func:`differences` has found none missing."""
    return BLOCK.sub(lambda m: m[1] + (where(kept) if m[2] == "where" else table(kept[m[2]])) + m[3], text)


def differences(text: str, kept: Mapping[str, Measured]) -> list[str]:
    """Tables that the document shows and nobody has measured, and the other way round."""
    shown = {m[2] for m in BLOCK.finditer(text)} - {"where"}
    return [f"{name}: not measured" for name in sorted(shown - kept.keys())] + [
        f"{name}: measured, and not shown" for name in sorted(kept.keys() - shown)
    ]


def taken_over(kept: Mapping[str, Measured]) -> dict[str, Measured]:
    """What is kept, with what lies in out/benchmarks in its place, by name."""
    found = [json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob("*.json"))]
    new = {f"{measured['benchmark']} {measured['section']['id']}": measured for measured in found}
    return dict(sorted({**kept, **new}.items()))


def _row(values: list[str]) -> str:
    return "| " + " | ".join(map(_escaped, values)) + " |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def main(*, check: bool) -> int:
    """Rewrite or check the document; the exit code."""
    kept: dict[str, Measured] = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    if not check:
        kept = taken_over(kept)
        KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")
    old = DOCUMENT.read_text("utf-8")
    if found := differences(old, kept):
        print(f"{DOCUMENT.name} and {KEPT.name} do not fit:", *found, sep="\n  ", file=sys.stderr)
        return 1
    new = rewritten(old, kept)
    if check and new != old:
        print(f"{DOCUMENT.name} is not what {KEPT.name} says: python scripts/benchmark_tables.py", file=sys.stderr)
        return 1
    if not check:
        DOCUMENT.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
