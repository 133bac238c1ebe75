"""What the checks are worth that are timed: faults are planted in a round, one at a time, and both must notice each."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import _duckdb
from benchmarks._rounds import write_round

APPLICANTS = 200


def planted() -> dict[str, Callable[[list[dict[str, str]]], list[dict[str, str]]]]:
    """Each fault as a change of the rows of scores.parquet."""

    def first(**change: str) -> Callable[[list[dict[str, str]]], list[dict[str, str]]]:
        return lambda rows: [rows[0] | change, *rows[1:]]

    def without_sheet(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        sheet = (rows[0]["applicant"], rows[0]["reviewer"])
        return [row for row in rows if (row["applicant"], row["reviewer"]) != sheet]

    def not_assigned(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        own = rows[0]["applicant"]
        theirs = {row["reviewer"] for row in rows if row["applicant"] == own}
        other = next(row["reviewer"] for row in rows if row["reviewer"] not in theirs)
        return [*rows, rows[0] | {"reviewer": other}]

    return {
        "a mark twice": lambda rows: [*rows, rows[7]],
        "a mark twice, not the same": lambda rows: [
            *rows,
            rows[7] | {"score": "0" if rows[7]["score"] != "0" else "1"},
        ],
        "between the steps": first(score="7.25"),
        "above the scale": first(score="10.5"),
        "below the scale": first(score="-0.5"),
        "no number": first(score="seven"),
        "no score": first(score=""),
        "a mark missing": lambda rows: rows[1:],
        "a sheet missing": without_sheet,
        "a mark by somebody not assigned": not_assigned,
        "an unknown criterion": first(criterion="c99"),
        "an unknown applicant": first(applicant="nobody"),
        "an unknown reviewer": first(reviewer="nobody"),
    }


def by_evaluator(folder: Path) -> str:
    """The problems or open ends of the round; empty where there are none."""
    from evaluator.errors import InputProblems
    from evaluator.files.rounds import load_round
    from evaluator.workflow import evaluate

    try:
        found = evaluate(*load_round(folder)).unresolved
    except InputProblems as error:
        return ", ".join(sorted({problem.code for problem in error.problems}))
    return ", ".join(sorted({one.kind for one in found if one.kind != "tie"}))


def by_duckdb(folder: Path) -> str:
    """The checks that count something; empty where none does."""
    connection = _duckdb.connect()
    connection.sql(_duckdb.sheets_sql(str(folder), "string", with_scores=True))
    found = connection.sql(_duckdb.faults_sql(str(folder))).fetchall()
    return ", ".join(name for name, count in found if count)


def main() -> None:
    """Print who notices what. Raises ``AssertionError`` where a fault passes, or a round without one does not."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory() as place:
        clean = write_round(Path(place) / "clean", APPLICANTS, "trimmed")
        assert not by_evaluator(clean)
        assert not by_duckdb(clean)
        rows: list[dict[str, Any]] = pq.read_table(clean / "scores.parquet").to_pylist()
        for name, plant in planted().items():
            folder = Path(shutil.copytree(clean, Path(place) / "faulty", dirs_exist_ok=True))
            pq.write_table(pa.Table.from_pylist(plant(rows)), folder / "scores.parquet")
            evaluator, duckdb = by_evaluator(folder), by_duckdb(folder)
            print(f"{name}: Evaluator says {evaluator or 'NOTHING'}, DuckDB counts under: {duckdb or 'NOTHING'}")
            assert evaluator, name
            assert duckdb, name


if __name__ == "__main__":
    main()
