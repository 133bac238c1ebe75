"""Our own table of results, for figures no program wrote: ``benchmark,metric,score`` and whatever else is known.

Further columns, all optional: ``model``, ``version``, ``mode``, ``min`` and ``max`` (both or neither), ``direction``
(higher or lower), ``n`` (items scored), ``items`` (items there are), ``stderr``, ``harness``, ``harness_version``,
``measured_by`` (self, third_party or agency), ``date`` (YYYY-MM-DD) and ``source``. An empty cell says nothing.
"""

from __future__ import annotations

from fractions import Fraction
from typing import cast

from evaluator.errors import Loc
from evaluator.files.checks import check_choice, check_dates, is_date
from evaluator.files.numerals import read_number
from evaluator.files.problems import Problems
from evaluator.files.results.figures import Figure, run_of
from evaluator.files.results.json_text import MAX_PLACES, MAX_WHOLE
from evaluator.files.sources import Source
from evaluator.files.tables import MAX_TEXT, Column, Table, read_table
from evaluator.model.numbers import parse_decimal, show
from evaluator.model.performance import Direction, MeasuredBy

COLUMNS = (
    Column("benchmark", needed=True, filled=True),
    Column("metric", needed=True, filled=True),
    Column("score", needed=True, filled=True),
    Column("model"),
    Column("version"),
    Column("mode"),
    Column("min"),
    Column("max"),
    Column("direction"),
    Column("n"),
    Column("items"),
    Column("stderr"),
    Column("harness"),
    Column("harness_version"),
    Column("measured_by"),
    Column("date"),
    Column("source", limit=MAX_TEXT, free=True),
)


def is_own_table(header: list[str]) -> bool:
    """Whether the names in the first line of a table are those of this format (two of them will do)."""
    return len({column.name for column in COLUMNS} & set(header)) >= 2


def read_own_table(source: Source, found: Problems) -> tuple[list[Figure], Table | None]:
    """Every figure of a table of ours; rows with a fault are noted and left out."""
    table = read_table(source, COLUMNS, found)
    if table is None:
        return [], None
    if table.rows == 0 and not table.dropped:
        found.add("results.nothing", source.name)
    check_choice(table, "direction", ("higher", "lower"), found, optional=True)
    check_choice(table, "measured_by", ("self", "third_party", "agency"), found, optional=True)
    check_dates(table, found)
    figures = []
    for row in range(table.rows):
        figure = _row(table, row, found)
        if figure is not None:
            figures.append(figure)
    return figures, table


def place_in(table: Table, loc: Loc) -> tuple[int, int]:
    """Line and column of a place (row, column) of a table."""
    row = next((part for part in loc if isinstance(part, int)), 0)
    return table.place(row, str(loc[-1]) if isinstance(loc[-1], str) else "")


def show_column(loc: Loc) -> str:
    """A place of a table as messages show it: the name of its column."""
    return next((part for part in reversed(loc) if isinstance(part, str)), "")


def _row(table: Table, row: int, found: Problems) -> Figure | None:
    before = len(found)
    text = {column.name: table.get(row, column.name) for column in COLUMNS}
    number = {name: number_in(table, row, name, found) for name in ("score", "min", "max", "stderr")}
    count = {name: _count(table, row, name, found) for name in ("n", "items")}
    low, high = number["min"], number["max"]
    if bool(text["min"]) != bool(text["max"]):
        there, missing = ("min", "max") if text["min"] else ("max", "min")
        found.add("results.half_scale", table.file, table.place(row, missing), missing, there=there, missing=missing)
    # A cell with a problem is None in a row that is left out.
    if (
        number["score"] is None
        or not text["benchmark"]
        or not text["metric"]
        or None in text.values()
        or len(found) != before
    ):
        return None
    cells = cast("dict[str, str]", text)
    n, items = count["n"], count["items"]
    return Figure(
        benchmark=cells["benchmark"],
        metric=cells["metric"],
        score=number["score"],
        loc=(row, "score"),
        path=f"line {table.line(row)}",
        model=cells["model"],
        version=cells["version"],
        mode=cells["mode"],
        scale=None if low is None or high is None else (low, high),
        direction=cast("Direction", cells["direction"]) if cells["direction"] in {"higher", "lower"} else None,
        n=n,
        items=items,
        stderr=number["stderr"],
        harness=cells["harness"],
        harness_version=cells["harness_version"],
        measured_by=cast("MeasuredBy", cells["measured_by"])
        if cells["measured_by"] in {"self", "third_party", "agency"}
        else None,
        date=cells["date"] if is_date(cells["date"]) else "",
        partial=run_of(n, items),
        notes=[cells["source"]] if cells["source"] else [],
    )


def number_in(table: Table, row: int, name: str, found: Problems) -> Fraction | None:
    """The number in a cell; None where it is empty or, with a problem noted, holds something else."""
    text = table.get(row, name)
    if not text:
        return None
    value = parse_decimal(text)
    whole, _, decimals = text.lstrip("+-").partition(".")
    if value is not None and len(whole) <= MAX_WHOLE and len(decimals) <= MAX_PLACES:
        return value
    # Programs print more decimals than people type; only what is no number at all is told as in other tables.
    fault = read_number(text)
    if isinstance(fault, Fraction) or value is not None:
        found.add("results.number_size", table.file, table.place(row, name), name, value=text)
    else:
        found.add(fault[0], table.file, table.place(row, name), name, **fault[1])
    return None


def _count(table: Table, row: int, name: str, found: Problems) -> int | None:
    before = len(found)
    value = number_in(table, row, name, found)
    if value is None or len(found) != before:
        return None
    if value.denominator != 1 or value < 1:
        found.add("results.not_a_count", table.file, table.place(row, name), name, value=show(value), least=1)
        return None
    return int(value)
