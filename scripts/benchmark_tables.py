"""Write the tables of docs/benchmarks.md from what the benchmarks have measured.

``python scripts/benchmark_tables.py`` takes what lies in out/benchmarks over into benchmarks/results.json, table by
table, and rewrites the document from there; with ``--check`` it only tells (exit 1) that the document is not what
benchmarks/results.json says.

Tables of several commits, or of one with changes, are no picture of anything, and where others used more than 5 % of
the cores a time says little: then nothing is taken over (exit 1), and it is told which tables are to be measured again.
With ``--as-they-are`` they are taken over all the same, and the document says beside each table what is wrong with it.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from documents import keep  # noqa: E402 -- after the line above, which the next one needs

from benchmarks._results import NOTABLE, RESULTS, cells  # noqa: E402 -- it lies beside this folder, in no package

DOCUMENT = ROOT / "docs" / "benchmarks.md"
KEPT = ROOT / "benchmarks" / "results.json"
BLOCK = re.compile(r"(<!-- measured: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)

Measured = Mapping[str, Any]
"""One file of out/benchmarks: benchmark, date, machine, versions, section."""


def usual_version(kept: Mapping[str, Measured]) -> str:
    """The version of Evaluator, with its commit, that most tables are of."""
    counts = Counter(measured["versions"]["evaluator"] for measured in kept.values())
    return min(counts, key=lambda version: (-counts[version], version), default="")


def doubts(measured: Measured, version: str) -> list[str]:
    """What is wrong with one table beside others of a ``version``; empty where nothing is."""
    found, own = [], measured["versions"]["evaluator"]
    if own != version:
        found.append(f"of {own}, other tables of {version}")
    if "with changes" in own:
        found.append("of a commit with changes")
    disturbed = [row for row in measured["section"]["rows"] if max(row["foreign"], default=0) > NOTABLE]
    if disturbed:
        rows = ", ".join(f"{row['name']} ({max(row['foreign']):.0%})" for row in disturbed)
        found.append(f"others used more than {NOTABLE:.0%} of the cores: {rows}")
    return found


def table(measured: Measured, version: str) -> str:
    """One section: its title with the day and the commit, what is wrong with it, the table, the notes."""
    section = measured["section"]
    lines = [f"**{section['title']}** – {measured['date']}, Evaluator {measured['versions']['evaluator']}", ""]
    if wrong := doubts(measured, version):
        lines += [f"> To be measured again: {_escaped('; '.join(wrong))}.", ""]
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
    version = usual_version(kept)
    return BLOCK.sub(lambda m: m[1] + (where(kept) if m[2] == "where" else table(kept[m[2]], version)) + m[3], text)


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


def main(words: list[str] | None = None) -> int:
    """Rewrite or check the document; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only tell whether the document is what was measured")
    parser.add_argument("--as-they-are", action="store_true", help="take over tables that should be measured again")
    chosen = parser.parse_args(words)
    kept: dict[str, Measured] = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    if not chosen.check:
        kept = taken_over(kept)
        version = usual_version(kept)
        wrong = [f"{name}: {told}" for name, measured in kept.items() for told in doubts(measured, version)]
        if wrong and not chosen.as_they_are:
            print("to be measured again (or --as-they-are):", *wrong, sep="\n  ", file=sys.stderr)
            return 1
        KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")
    old = DOCUMENT.read_text("utf-8")
    if found := differences(old, kept):
        print(f"{DOCUMENT.name} and {KEPT.name} do not fit:", *found, sep="\n  ", file=sys.stderr)
        return 1
    return keep(DOCUMENT, rewritten(old, kept), check=chosen.check, made_by="benchmark_tables.py")


if __name__ == "__main__":
    sys.exit(main())
