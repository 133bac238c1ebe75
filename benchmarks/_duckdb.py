"""DuckDB as a contestant: the same consensus in one wide pass, and with the checks that Evaluator makes.

Every statement is the fastest of those tried on the rounds of ``_rounds.py`` (100,000 applicants, 2 cores):

- means: ``avg(...) FILTER`` per criterion in one GROUP BY, as fast as PIVOT; CASE instead of FILTER takes 1.15 times,
  grouping by applicant and criterion and then turning the long table 1.2 times as long;
- trimmed means: grouping by applicant and criterion first and then turning the long table; ``sum``, ``min`` and
  ``max`` with FILTER, thirty aggregates in one GROUP BY, take 1.75 times as long;
- checks: one table of sheets (applicant, reviewer) with everything that is asked of a sheet, and joins of that table,
  takes half as long as a query for each check. The scores stand in that table as well where marks or sheets are
  dropped; for plain means it is a tenth faster to read the file a second time.

DuckDB uses all cores. The results stay in Arrow tables; nothing is turned into Python objects in the timed part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks._child import Lap, Work
from benchmarks._rounds import CRITERIA, LEAVES, Rule, ScoreType

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

SIXTY = 60
"""Shares of kept sheets, (k - d)/k with k up to 5, are whole sixtieths."""


def wide_pass(folder: str, rule: Rule, tiny: str) -> Work:
    """Only the consensus, in floating point, from scores.parquet alone: nothing is checked. ``tiny`` is a round to get
    warm with.
    """
    connection = connect()

    def consensus(place: str) -> pa.Table:
        return connection.sql(wide_sql(rule, f"{place}/scores.parquet")).to_arrow_table()

    def answer(table: pa.Table) -> dict[str, Any]:
        import numpy as np

        sorted_ = table.sort_by("applicant")
        return {"value": np.stack([sorted_[leaf].to_numpy() for leaf in LEAVES], 1)}

    return Work(lambda _: consensus(folder), answer, lambda: consensus(tiny))


def same_checks(folder: str, rule: Rule, scores: ScoreType, tiny: str) -> Work:
    """What Evaluator checks of marks, and the consensus in DECIMAL: exact numerators and denominators. ``tiny`` is a
    round to get warm with.
    """
    connection = connect()

    def work(lap: Lap, place: str) -> pa.Table:
        with connection.cursor() as cursor:
            cursor.sql(sheets_sql(place, scores, with_scores=rule != "mean"))
            found = cursor.sql(faults_sql(place)).fetchall()
            lap("checks")
            if any(count for _, count in found):
                raise AssertionError(f"a made round has no faults: {found}")
            table = cursor.sql(exact_sql(rule, place, scores)).to_arrow_table()
            cursor.sql("DROP TABLE sheets")
            lap("consensus")
            return table

    def answer(table: pa.Table) -> dict[str, Any]:
        import numpy as np

        sorted_ = table.sort_by("applicant")
        num = np.stack([sorted_[leaf].cast("int64").to_numpy() for leaf in LEAVES], 1)
        return {"num": num, "den": np.broadcast_to(sorted_["den"].cast("int64").to_numpy()[:, None], num.shape)}

    return Work(lambda lap: work(lap, folder), answer, lambda: work(lambda _: None, tiny))


def connect() -> duckdb.DuckDBPyConnection:
    import os

    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads = {os.cpu_count()}")
    connection.execute("SET preserve_insertion_order = false")
    return connection


def _each(text: str) -> str:
    """The text once for each criterion, with its id for ``{leaf}``."""
    return ",\n    ".join(text.format(leaf=leaf) for leaf in LEAVES)


def wide_sql(rule: Rule, file: str) -> str:
    """The consensus of every applicant, one column a criterion."""
    marks = f"(SELECT applicant, reviewer, criterion, score::DOUBLE AS s FROM '{file}')"
    if rule == "mean":
        return f"""
SELECT applicant,
    {_each("avg(s) FILTER (criterion = '{leaf}') AS {leaf}")}
FROM {marks}
GROUP BY applicant"""
    if rule == "trimmed":
        return f"""
SELECT applicant,
    {_each("any_value(consensus) FILTER (criterion = '{leaf}') AS {leaf}")}
FROM (SELECT applicant, criterion, (sum(s) - min(s) - max(s)) / (count(s) - 2) AS consensus
      FROM {marks}
      GROUP BY applicant, criterion)
GROUP BY applicant"""
    return f"""
WITH sheets AS (
    SELECT applicant, reviewer, sum(s) AS total,
    {_each("sum(s) FILTER (criterion = '{leaf}') AS {leaf}")}
    FROM {marks}
    GROUP BY applicant, reviewer
)
SELECT applicant,
    {_each("sum(kept * {leaf}) / 3 AS {leaf}")}
FROM ({_kept("sheets", "1.0")})
GROUP BY applicant"""


def _kept(sheets: str, one: str) -> str:
    """Sheets with the weight at which each is kept: equal extremes share what is dropped, so names do not matter.

    ``equal`` sheets of an applicant have the same total; of the ``n`` sheets the lowest and the highest are dropped.
    """
    return f"""
    SELECT *, CASE WHEN total = low AND total = high THEN {one} * (equal - 2) / equal
                   WHEN total = low OR total = high THEN {one} * (equal - 1) / equal
                   ELSE {one} END AS kept
    FROM (SELECT *, min(total) OVER applicants AS low, max(total) OVER applicants AS high,
                 count(*) OVER (PARTITION BY applicant, total) AS equal
          FROM {sheets} WINDOW applicants AS (PARTITION BY applicant))"""


def _decimal(folder: str, scores: ScoreType) -> str:
    """The marks with their scores as DECIMAL(9, 4): four decimals are enough for the step of this rubric. What is no
    number becomes NULL.
    """
    number = "TRY_CAST(score AS DECIMAL(9, 4))" if scores == "string" else "score::DECIMAL(9, 4)"
    return f"(SELECT applicant, reviewer, criterion, {number} AS s FROM '{folder}/scores.parquet')"


def sheets_sql(folder: str, scores: ScoreType, *, with_scores: bool) -> str:
    """One row a sheet: how many marks it has, of how many criteria, how many are no mark at all, and its scores.

    A mark is faulty where it is empty, off the scale or between its steps. ``criteria`` has one bit a criterion, so
    that a mark that is given twice, or on a criterion that does not exist, leaves it short of ``marks``.
    """
    bits = " ".join(f"WHEN '{leaf}' THEN {1 << i}" for i, leaf in enumerate(LEAVES))
    sums = _each("sum(s) FILTER (criterion = '{leaf}') AS {leaf}") + ",\n    sum(s) AS total,"
    return f"""
CREATE TEMP TABLE sheets AS
SELECT applicant, reviewer,
    {sums if with_scores else ""}
    count(*) AS marks,
    bit_or(CASE criterion {bits} ELSE 0 END) AS criteria,
    count(*) FILTER (s IS NULL OR s < 0 OR s > 10 OR (s * 2) % 1 <> 0) AS faulty
FROM {_decimal(folder, scores)}
GROUP BY applicant, reviewer"""


def faults_sql(folder: str) -> str:
    """How many faults of each kind there are. Registers are read as text, as they are."""
    register = f"read_csv('{folder}/{{}}.csv', header = true, all_varchar = true)"
    applicants, reviewers, assignments = (register.format(n) for n in ("applicants", "reviewers", "assignments"))
    return f"""
WITH assigned AS MATERIALIZED (SELECT applicant, reviewer, count(*) AS times FROM {assignments} GROUP BY ALL),
     applicants AS MATERIALIZED (SELECT id FROM {applicants}),
     reviewers AS MATERIALIZED (SELECT id FROM {reviewers})
SELECT 'off the scale or its steps, or empty', coalesce(sum(faulty), 0) FROM sheets
UNION ALL SELECT 'twice, or on an unknown criterion', count(*) FROM sheets WHERE marks <> bit_count(criteria)
UNION ALL SELECT 'a mark is missing', count(*) FROM sheets WHERE bit_count(criteria) <> {CRITERIA}
UNION ALL SELECT unnest(['not assigned', 'a sheet is missing']),
                 unnest([count(*) FILTER (times IS NULL), count(*) FILTER (marks IS NULL)])
          FROM sheets FULL JOIN assigned USING (applicant, reviewer)
UNION ALL SELECT 'an unknown applicant', count(*)
          FROM (SELECT DISTINCT applicant FROM assigned) ANTI JOIN applicants ON id = applicant
UNION ALL SELECT 'an unknown reviewer', count(*)
          FROM (SELECT DISTINCT reviewer FROM assigned) ANTI JOIN reviewers ON id = reviewer
UNION ALL SELECT 'assigned twice', count(*) FROM assigned WHERE times > 1
UNION ALL SELECT 'registered twice', count(*) - count(DISTINCT id) FROM applicants
UNION ALL SELECT 'registered twice', count(*) - count(DISTINCT id) FROM reviewers"""


def exact_sql(rule: Rule, folder: str, scores: ScoreType) -> str:
    """The consensus as whole numbers: in half points (of which sixtieths, where sheets are kept in part), and ``den``
    by which they are to be divided.
    """
    if rule == "mean":
        return f"""
SELECT applicant, 2 * count(*) // {CRITERIA} AS den,
    {_each("(2 * sum(s) FILTER (criterion = '{leaf}'))::BIGINT AS {leaf}")}
FROM {_decimal(folder, scores)} GROUP BY applicant"""
    if rule == "trimmed":
        return f"""
SELECT applicant, 2 * (count(*) - 2) AS den,
    {_each("(2 * (sum({leaf}) - min({leaf}) - max({leaf})))::BIGINT AS {leaf}")}
FROM sheets GROUP BY applicant"""
    return f"""
SELECT applicant, 2 * {SIXTY} * (count(*) - 2) AS den,
    {_each("(2 * sum(kept * {leaf}))::BIGINT AS {leaf}")}
FROM ({_kept("sheets", str(SIXTY)).replace(") / equal", ") // equal")})
GROUP BY applicant"""
