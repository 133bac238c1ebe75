"""Methods beside the libraries that have them: PROMETHEE II, TOPSIS, and what scikit-criteria costs to import.

    python benchmarks/methods.py
    python benchmarks/methods.py --applicants 1000 --many 10000        smaller, to try it out

Contestants that are to agree on every score and rank must (exit 1 otherwise). What is run is in ``_methods.py``. pymcdm
holds tables of all pairs: where there is no memory for them it runs on fewer applicants, and that is said.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from benchmarks import _rounds
from benchmarks._harness import Contestant, contest, measure
from benchmarks._results import Section, available_mib

COLUMNS = 20
OURS, NUMPY, LEAN, FULL = "Evaluator", "numpy, prefix sums", "pymcdm, PROMETHEE I flows", "pymcdm, PROMETHEE II"
LIBRARY, SECOND = "scikit-criteria, mkdm and pipeline", "pymcdm, TOPSIS"
INCLUDED = (
    "Evaluator: from columns of exact points to scores, ranks and Kendall's tau, as the record has them. "
    "The others: from a matrix of floating-point numbers to scores and ranks."
)
CHECKS = "topsis, vikor, promethee2"


def promethee(rows: int, kind: str, q: float, p: float, runs: int) -> Section:
    """Net flows, one preference function for all criteria."""
    args = {"rows": rows, "columns": COLUMNS, "kind": kind, "q": q, "p": p}
    shape = f"linear from {q} to {p}" if p else "usual"
    contestants = [
        Contestant(name=OURS, target="benchmarks._methods:promethee_ours", args=args, repeats=5),
        Contestant(name=NUMPY, target="benchmarks._methods:promethee_numpy", args=args, repeats=5),
    ]
    fewer = rows
    if kind == "continuous":
        contestants.append(pymcdm(LEAN, args))
        if not p:
            fewer = fitting(rows)
            name = FULL if fewer == rows else f"{FULL}, estimated"
            contestants.append(pymcdm(name, {**args, "rows": fewer}, compared=fewer == rows))
    data = "values drawn evenly" if kind == "continuous" else "marks in half points, with many ties"
    title = f"PROMETHEE II, {rows:,} applicants, {COLUMNS} criteria, {data}: {shape}"
    section = contest(title, contestants, runs=runs, base=OURS)
    section.notes.append(INCLUDED)
    if fewer < rows:
        row = section.rows[-1]
        row.first = [seconds * (rows / fewer) ** 2 for seconds in row.first]
        row.cpu = [seconds * (rows / fewer) ** 2 for seconds in row.cpu]
        section.notes.append(
            f"{FULL} holds {gib(rows):.0f} GiB of tables for {rows:,} applicants, for which there was no room: "
            f"measured with {fewer:,} (the peak is theirs), the times multiplied by the square of {rows / fewer:g}."
        )
    return section


def pymcdm(name: str, args: Mapping[str, object], *, compared: bool = True) -> Contestant:
    """pymcdm, once: it takes long."""
    target, told = "benchmarks._methods:promethee_pymcdm", {**args, "keep_tables": name != LEAN}
    return Contestant(name=name, target=target, args=told, repeats=1, runs=1, compared=compared)


def gib(rows: int) -> float:
    """What pymcdm's PROMETHEE II holds: a table of all pairs for each criterion, and some in passing."""
    return 8 * (COLUMNS + 6) * rows**2 / 2**30


def fitting(rows: int) -> int:
    """How many applicants it can be given: all, or a half, a quarter, ... of them."""
    while gib(rows) > 0.7 * available_mib() / 1024:
        rows //= 2
    return rows


def topsis(rows: int, runs: int) -> Section:
    """The whole path beside two libraries."""
    args = {"rows": rows, "columns": COLUMNS}
    contestants = [
        Contestant(name=OURS, target="benchmarks._methods:topsis_ours", args=args),
        Contestant(name=LIBRARY, target="benchmarks._methods:topsis_skcriteria", args=args),
        Contestant(name=SECOND, target="benchmarks._methods:topsis_pymcdm", args=args),
    ]
    title = f"TOPSIS, {rows:,} applicants, {COLUMNS} criteria"
    section = contest(title, contestants, runs=runs, base=OURS)
    section.notes.append(INCLUDED)
    return section


def imports(runs: int) -> Section:
    """What it takes to have the libraries at hand, in a process that has imported nothing."""
    plans = {
        "numpy": ["numpy"],
        "evaluator.workflow": ["evaluator.workflow"],
        "pandas": ["pandas"],
        "scikit-criteria": ["skcriteria"],
    }
    contestants = [
        Contestant(
            name=f"import {name}",
            target="benchmarks._methods:imports",
            args={"names": names},
            repeats=1,
            compared=False,
        )
        for name, names in plans.items()
    ]
    section = contest("Imports, each in a process of its own", contestants, runs=runs)
    section.notes = ["By -X importtime scikit-criteria spends most on: " + ", ".join(heaviest("skcriteria"))]
    return section


def heaviest(package: str) -> list[str]:
    """The packages that take most of an import, their own imports included, in milliseconds."""
    command = [sys.executable, "-X", "importtime", "-c", f"import {package}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    # import time: self [us] | cumulative | imported package
    lines = [line.removeprefix("import time:").split("|") for line in done.stderr.splitlines() if "|" in line]
    spent = {name.strip(): int(total) / 1000 for _, total, name in lines if total.strip().isdigit()}
    top = sorted((name for name in spent if "." not in name), key=lambda name: -spent[name])
    return [f"{name} {spent[name]:,.0f} ms" for name in top[:6]]


def commands(runs: int) -> Section:
    """`evaluator rank` on a small round, without and with a second opinion."""
    with tempfile.TemporaryDirectory() as place:
        contestants: list[Contestant] = []
        for name, checks in (("evaluator rank", ""), (f"evaluator rank, cross_checks: [{CHECKS}]", CHECKS)):
            folder = _rounds.write_round(Path(place) / f"round{len(contestants)}", 50, "trimmed")
            if checks:
                _rounds.write_rubric(folder, 50, "trimmed", more=f"cross_checks: [{checks}]\n")
            words = ["rank", str(folder), "-o", f"{place}/out"]
            target = "benchmarks._evaluator:command"
            one = Contestant(name=name, target=target, args={"words": words}, repeats=1, compared=False)
            contestants.append(one)
        title = "50 applicants: what a second opinion costs, and what is loaded for it"
        return contest(title, contestants, runs=runs, base="evaluator rank")


def main() -> int:
    """Run the tables, keep them; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--applicants", type=int, default=10_000, help="applicants for PROMETHEE II")
    parser.add_argument("--many", type=int, default=1_000_000, help="applicants for TOPSIS")
    parser.add_argument("--runs", type=int, default=5, help="processes of each contestant")
    parser.add_argument("--only", default="", help="tables, separated by commas; without it all of them")
    chosen = parser.parse_args()
    rows, runs, wanted = chosen.applicants, chosen.runs, set(filter(None, chosen.only.split(",")))
    plans: dict[str, Callable[[], Section]] = {
        "usual": partial(promethee, rows, "continuous", 0, 0, runs),
        "linear": partial(promethee, rows, "continuous", 0.5, 2.5, runs),
        "marks": partial(promethee, rows, "marks", 0.5, 2.5, runs),
        "topsis": partial(topsis, chosen.many, runs),
        "imports": partial(imports, runs),
        "commands": partial(commands, runs),
    }
    if unknown := wanted - plans.keys():
        parser.error(f"there is no table {', '.join(sorted(unknown))}")
    return measure("methods", {name: plan for name, plan in plans.items() if name in wanted or not wanted})


if __name__ == "__main__":
    sys.exit(main())
