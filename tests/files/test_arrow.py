"""Arrow arrays made and read straight from memory are what pyarrow makes and reads, without pandas."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import csv as pa_csv

from evaluator.files.arrow import as_numbers, as_texts, numbers, texts

TYPES = dict.fromkeys(("reviewer", "applicant", "criterion", "score", "state", "comment"), pa.string())
ACCEPT = Path(__file__).parent.parent / "accept"
some_texts = st.lists(st.none() | st.text(max_size=5), max_size=20)


@given(some_texts, st.integers(0, 5))
def test_texts_go_there_and_back(values: list[str | None], start: int) -> None:
    made = texts(values)
    made.validate(full=True)
    assert made.equals(pa.array(values, pa.string()))
    assert as_texts(made) == values
    assert as_texts(made[start:]) == values[start:]
    assert as_texts(pa.array(values, pa.string())[start:-1]) == values[start:-1]


@given(st.lists(st.tuples(st.integers(-(2**31), 2**31 - 1), st.booleans()), max_size=20), st.integers(0, 5))
@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_numbers_go_there_and_back(kind: type, rows: list[tuple[int, bool]], start: int) -> None:
    values: np.ndarray = np.array([v for v, _ in rows], kind)
    known = np.array([k for _, k in rows], np.bool_)
    made = numbers(values)
    made.validate(full=True)
    assert made.equals(pa.array(values))
    assert as_numbers(made[start:]).tolist() == values[start:].tolist()
    assert as_numbers(pa.chunked_array([made[:start], made[start:]])).tolist() == values.tolist()
    assert numbers(values, known).equals(pa.array(values, mask=~known))


def test_numbers_of_a_strided_view_are_its_own() -> None:
    assert numbers(np.arange(10)[::3]).to_pylist() == [0, 3, 6, 9]


def test_a_round_in_parquet_is_read_without_pandas(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from evaluator.files.rounds import load_round
load_round(Path(sys.argv[1]))
sys.exit("pandas" in sys.modules)
"""
    folder = tmp_path / "round"
    shutil.copytree(ACCEPT / "two-panels", folder)
    table = pa_csv.read_csv(folder / "scores.csv", convert_options=pa_csv.ConvertOptions(column_types=TYPES))
    pq.write_table(table, folder / "scores.parquet")
    (folder / "scores.csv").unlink()
    assert subprocess.run([sys.executable, "-c", code, str(folder)], check=False).returncode == 0
