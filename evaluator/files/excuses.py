"""excuses.csv: why a benchmark has no result, or why a run on part of its items counts, as decided and recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from evaluator.files.checks import Reading, cell, check_choice, check_dates, check_known, check_repeats, note
from evaluator.files.matching import form
from evaluator.files.references import benchmark_fault, named_leaf
from evaluator.files.tables import MAX_ID, MAX_TEXT, Column, Table
from evaluator.model.performance import Benchmark, Excuse, PerformanceRule
from evaluator.model.performance_rules import answers_to

COLUMNS = (
    Column("applicant", needed=True, filled=True, limit=MAX_ID),
    Column("criterion", limit=MAX_ID),
    Column("benchmark", needed=True, filled=True),
    Column("kind", needed=True, filled=True),
    Column("decider", needed=True, filled=True),
    Column("date", needed=True, filled=True),
    Column("reason", needed=True, filled=True, limit=MAX_TEXT, free=True),
)
"""The columns of excuses.csv."""


@dataclass(frozen=True, slots=True)
class WrittenExcuse:
    """An excuse and where it stands."""

    excuse: Excuse
    place: tuple[int, int]


def read_excuses(table: Table, reading: Reading) -> tuple[WrittenExcuse, ...]:
    """The excuses, each well formed; whether its result is missing or partial is seen when results are matched."""
    found = reading.found
    check_known(table, "applicant", reading)
    check_choice(table, "kind", ("missing", "partial"), found)
    check_repeats(table, ("applicant", "criterion", "benchmark"), found)
    check_dates(table, found)
    if not reading.trusts("criteria") or reading.rubric is None:
        return ()
    leaves = [leaf for leaf in reading.rubric.leaves() if leaf.performance is not None]
    if not leaves:
        if table.rows and reading.rubric.use == "ranking":
            found.add("excuses.not_used", table.file)
        return ()
    done = []
    seen: dict[tuple[str, str, str], int] = {}
    for row in range(table.rows):
        leaf = named_leaf(table, row, leaves, reading, "excuses.criterion_needed")
        name, applicant, kind = (table.get(row, column) for column in ("benchmark", "applicant", "kind"))
        if leaf is None or leaf.performance is None or not name or not applicant or kind not in {"missing", "partial"}:
            continue
        benchmark = _benchmark(name, leaf.performance)
        if benchmark is None:
            note(table, row, "benchmark", benchmark_fault(name, leaf.performance), found)
            continue
        key = (applicant, leaf.id, benchmark.id)
        if key in seen:
            # The same in other words: once with the criterion, once without; once by id, once by name.
            if any(cell(table, row, column) != cell(table, seen[key], column) for column in ("criterion", "benchmark")):
                line = table.line(seen[key])
                found.add("table.row_repeated", table.file, table.place(row), key=", ".join(key), line=line)
            continue
        seen[key] = row
        excuse = Excuse(
            applicant=applicant,
            criterion=leaf.id,
            benchmark=benchmark.id,
            kind=cast("Literal['missing', 'partial']", kind),
            reason=cell(table, row, "reason"),
            decider=cell(table, row, "decider"),
            date=cell(table, row, "date"),
        )
        done.append(WrittenExcuse(excuse, table.place(row, "kind")))
    return tuple(done)


def _benchmark(name: str, rule: PerformanceRule) -> Benchmark | None:
    """The benchmark a row names by its id, or by a name that no other has; None where there is no such one."""
    for benchmark in rule.benchmarks:
        if benchmark.id == name:
            return benchmark
    named = [benchmark for benchmark in rule.benchmarks if form(name) in answers_to(benchmark)]
    return named[0] if len(named) == 1 else None
