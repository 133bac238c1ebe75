"""A round of many applicants: from the files to exact ranks, beside DuckDB and pandas on the same files.

    python benchmarks/bulk.py                          1,000, 10,000 and 100,000 applicants
    python benchmarks/bulk.py --million                the cost curve goes on to 1,000,000
    python benchmarks/bulk.py --applicants 1000        smaller, to try it out
    python benchmarks/bulk.py --only mean,curve        some of the tables; those measured before stay

Contestants that are to agree on every consensus score must (exit 1 otherwise). What is run is in ``_evaluator.py``,
``_duckdb.py`` and ``_pandas.py``; the rounds are made by ``_rounds.py`` under out/benchmarks/rounds and kept there.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

from benchmarks import _rounds
from benchmarks._harness import Contestant, DisagreementError, contest, measure, say
from benchmarks._results import RESULTS, ROOT, Row, Section, available_mib, exponent

ROUNDS = RESULTS / "rounds"
RULES: dict[_rounds.Rule, str] = {
    "mean": "mean of all marks",
    "trimmed": "mean without the highest and the lowest mark of each criterion",
    "sheets": "mean without the highest and the lowest sheet, equal sheets sharing",
}
EVALUATOR, WIDE, CHECKED = "Evaluator", "DuckDB, one wide pass, no check", "DuckDB, same checks, DECIMAL"
PANDAS, QUICK = "pandas, groupby-apply", "pandas, groupby-apply in numpy"
AGGREGATES = "pandas, aggregates of groups"
MILLION = 1_000_000
TINY = 1_000
"""Applicants of the round to get warm with: few, and still read the way large files are."""


def round_folder(applicants: int, rule: _rounds.Rule, scores: _rounds.ScoreType = "string") -> Path:
    """A made round, written where it is not there yet, its large files shared by all rules and in the page cache."""
    made_by = hashlib.sha256(Path(_rounds.__file__).read_bytes()).hexdigest()[:12]
    home = ROUNDS / made_by / f"{applicants}-{scores}"
    if not (home / "complete").exists():
        for old in ROUNDS.glob("*"):
            if old.name != made_by:
                shutil.rmtree(old)
        say(f"writing a round of {applicants:,} applicants")
        _rounds.write_round(home / "mean", applicants, "mean", scores)
        (home / "complete").touch()
    folder = home / rule
    if rule != "mean":
        _rounds.sibling(home / "mean", folder, rule, applicants)
    for path in folder.iterdir():
        path.read_bytes()
    return folder


def evaluator(folder: Path) -> Contestant:
    """Evaluator on a round."""
    return Contestant(name=EVALUATOR, target="benchmarks._evaluator:load_and_evaluate", args=where(folder))


def where(folder: Path) -> dict[str, str]:
    """A round, and a tiny one of the same rule and types to get warm with."""
    scores = cast("_rounds.ScoreType", folder.parent.name.rpartition("-")[2])
    return {"folder": str(folder), "tiny": str(round_folder(TINY, cast("_rounds.Rule", folder.name), scores))}


def duckdb(folder: Path, rule: _rounds.Rule, scores: _rounds.ScoreType = "string") -> list[Contestant]:
    """DuckDB on a round, twice."""
    args = {**where(folder), "rule": rule}
    return [
        Contestant(name=WIDE, target="benchmarks._duckdb:wide_pass", args=args),
        Contestant(name=CHECKED, target="benchmarks._duckdb:same_checks", args={**args, "scores": scores}),
    ]


def faults() -> Section:
    """Both sets of checks notice what is planted."""
    say("faults")
    command = [sys.executable, "-m", "benchmarks._faults"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=300)
    if done.returncode:
        raise DisagreementError(f"a planted fault was not noticed\n{done.stdout}{done.stderr[-2000:]}")
    told = done.stdout.splitlines()
    return Section(title="Planted faults, and who notices them", rows=[], notes=told)


def consensus(rule: _rounds.Rule, applicants: int, runs: int) -> Section:
    """One panel rule, everybody."""
    folder = round_folder(applicants, rule)
    contestants = [evaluator(folder), *duckdb(folder, rule)]
    if rule == "trimmed":
        args = where(folder)
        contestants += [
            Contestant(name=AGGREGATES, target="benchmarks._pandas:aggregates", args=args, repeats=1, runs=3),
            *(
                Contestant(
                    name=name,
                    target="benchmarks._pandas:groupby_apply",
                    args={**args, "quick": name == QUICK},
                    repeats=1,
                    runs=1,
                )
                for name in (QUICK, PANDAS)
            ),
        ]
    title = f"{applicants:,} applicants, {50 * applicants:,} marks: {RULES[rule]}"
    return with_ratios(contest(title, contestants, runs=runs, base=EVALUATOR))


def typed(scores: _rounds.ScoreType, applicants: int, runs: int) -> Section:
    """Scores that the file already has as numbers."""
    folder = round_folder(applicants, "trimmed", scores)
    title = f"The same, the score column of type {scores}: {RULES['trimmed']}"
    contestants = [evaluator(folder), *duckdb(folder, "trimmed", scores)]
    return with_ratios(contest(title, contestants, runs=runs, base=EVALUATOR))


def with_ratios(section: Section) -> Section:
    """Says in words how Evaluator compares with the others, and where its time goes."""
    own = section.row(EVALUATOR)
    for row in section.rows:
        if row is not own:
            told = f"{own.seconds() / row.seconds():.2f}"
            if row.again:
                told += f" (again: {own.seconds_again() / row.seconds_again():.2f})"
            section.notes.append(f"Evaluator takes {told} times as long as {row.name}.")
    section.notes.append(before(section.rows))
    return section


def before(rows: list[Row]) -> str:
    """What lay before the first times, in words."""
    told = [
        f"{row.name} {statistics.median(row.imports):.2f} s and {statistics.median(row.warm):.2f} s" for row in rows
    ]
    return f"Not in these times, imports and then a round of {TINY:,} applicants: {', '.join(told)}."


def outputs(applicants: int) -> Section:
    """What writing takes, one row an output."""
    args = where(round_folder(applicants, "sheets"))
    target = "benchmarks._evaluator:outputs"
    one = Contestant(name=EVALUATOR, target=target, args=args, repeats=1, compared=False)
    whole = contest("", [one], runs=3).rows[0]
    rows = [Row(name=name, first=seconds) for name, seconds in whole.laps.items()]
    note, whole.name, whole.laps = before([whole]), "all of it", {}
    return Section(
        title=f"{applicants:,} applicants: load, rank, make and write each output",
        rows=[*rows, whole],
        notes=[
            "The peak of memory is that of all of it in one process, each output made after the other.",
            note,
        ],
    )


def command(applicants: int) -> Section:
    """What an officer waits for, from the shell."""
    folder, out = round_folder(applicants, "sheets"), RESULTS / "written"
    commands = {"evaluator check": ["check", str(folder)], "evaluator rank": ["rank", str(folder), "-o", str(out)]}
    target = "benchmarks._evaluator:command"
    contestants = [
        Contestant(name=name, target=target, args={"words": words}, repeats=1, compared=False)
        for name, words in commands.items()
    ]
    try:
        return contest(f"{applicants:,} applicants: whole commands", contestants, runs=3)
    finally:
        shutil.rmtree(out, ignore_errors=True)


def curve(sizes: list[int], runs: int) -> Section:
    """The cost along the number of applicants."""
    rows, notes, peak = list[Row](), list[str](), 0.0
    for size in sizes:
        # Memory is that of one process at a time; a size that cannot fit is left out, and that is said.
        needed = peak * size / sizes[len(rows) - 1] if rows else 0.0
        if needed > 0.8 * available_mib():
            notes.append(f"{size:,} applicants are left out: {needed:,.0f} MiB might be needed.")
            break
        folder = round_folder(size, "trimmed")
        contestant = replace(evaluator(folder), repeats=1, runs=1 if size >= MILLION else runs)
        row = contest(f"{size:,} applicants", [contestant], runs=runs).rows[0]
        row.name, peak = f"{size:,}", max(row.peak_mib)
        rows.append(row)
    for fewer, more in itertools.pairwise(rows):
        power = exponent([_size(fewer.name), _size(more.name)], [fewer.seconds(), more.seconds()])
        notes.append(f"From {fewer.name} to {more.name} applicants the time grows as their number to the {power:.2f}.")
    if len(rows) > 2:
        power = exponent([_size(row.name) for row in rows], [row.seconds() for row in rows])
        notes.append(f"Over all of them: to the {power:.2f}.")
    title = f"Evaluator along the number of applicants: {RULES['trimmed']}"
    return Section(title=title, rows=rows, notes=notes)


def _size(name: str) -> int:
    return int(name.replace(",", ""))


def main() -> int:
    """Run the tables, keep them; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--applicants", default="1000,10000,100000", help="numbers of applicants, the last for tables")
    parser.add_argument(
        "--million", action="store_true", help="go on to 1,000,000 applicants (needs about 3 GB of disk)"
    )
    parser.add_argument("--runs", type=int, default=5, help="processes of each contestant")
    parser.add_argument("--only", default="", help="tables, separated by commas; without it all of them")
    chosen = parser.parse_args()
    sizes = sorted({int(size) for size in chosen.applicants.split(",")})
    wanted, largest, runs = set(filter(None, chosen.only.split(","))), sizes[-1], chosen.runs
    plans: dict[str, Callable[[], Section]] = {
        "faults": faults,
        **{rule: partial(consensus, rule, largest, runs) for rule in RULES},
        "double": partial(typed, "double", largest, runs),
        "decimal": partial(typed, "decimal", largest, runs),
        "outputs": partial(outputs, largest),
        "command": partial(command, largest),
        "curve": partial(curve, [*sizes, MILLION] if chosen.million else sizes, runs),
    }
    if unknown := wanted - plans.keys():
        parser.error(f"there is no table {', '.join(sorted(unknown))}")
    return measure("bulk", {name: plan for name, plan in plans.items() if name in wanted or not wanted})


if __name__ == "__main__":
    sys.exit(main())
