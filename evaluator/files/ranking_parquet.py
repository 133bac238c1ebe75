"""ranking.parquet: the table of ranking.csv with types, for pandas, DuckDB, Excel's Power Query and others.

Whole numbers are int32. Exact numbers are decimals with as many places as the rubric rounds to, or as the longest of
the column needs. A column of which one value has no finite decimal (a third, where nothing is rounded), or needs more
than 38 digits, is text as in evaluation.json: ``205/3``. Text is text, and null where there is nothing.
"""

from __future__ import annotations

import io
from decimal import Context
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluator.files.arrow import numbers, texts
from evaluator.files.column_text import spread, written
from evaluator.files.parquet_decimals import SHORT, decimals
from evaluator.files.ranking_columns import Cells, Figures, ranking_columns
from evaluator.model.evaluation import Evaluation
from evaluator.model.exact import Column, peak, times
from evaluator.model.numbers import show

_LONG = 38
"""The most digits a decimal of 128 bits has."""


def ranking_parquet(evaluation: Evaluation) -> bytes:
    """The ranking as the bytes of ranking.parquet. The same evaluation gives the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    length = len(evaluation.ranking)
    columns = {name: _array(column, length) for name, column in ranking_columns(evaluation).items()}
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target, compression="zstd")
    return target.getvalue()


def _array(column: Cells, length: int) -> Any:  # noqa: ANN401 -- pyarrow has no types
    if isinstance(column, Figures):
        return _figures(column, length)
    if any(isinstance(cell, str) for cell in column):
        return texts([str(cell) if cell else None for cell in column])
    known = np.array([cell is not None for cell in column], np.bool_)
    return numbers(np.array([cell or 0 for cell in column], np.int32), known)


def _figures(column: Figures, length: int) -> Any:  # noqa: ANN401 -- pyarrow has no types
    """Exact numbers as decimals, or as text where not all of them have one."""
    import pyarrow as pa

    values = column.values.reduced()
    places = _places(values)
    if places is not None:
        places = max(places, column.decimals or 0)
        scaled = times(values.num, _factors(values, places))
        if places <= SHORT and peak(scaled) < 10**SHORT:
            known = np.zeros(length, np.bool_)
            whole = np.zeros(length, np.int64)
            known[column.rows], whole[column.rows] = True, scaled
            return decimals(whole, known, places)
        if places <= _LONG and peak(scaled) < 10**_LONG:
            exact = Context(prec=_LONG)
            numbers = [exact.create_decimal(int(value)).scaleb(-places, exact) for value in scaled.tolist()]
            return pa.array(spread(numbers, column.rows, length, None), pa.decimal128(_LONG, places))
    return texts(spread(written(values, show), column.rows, length, None))


def _places(values: Column) -> int | None:
    """How many decimals show all of some fractions in lowest terms; None where none do."""
    most = 0
    for den in np.unique(np.asarray(values.den)).tolist():
        rest, twos, fives = int(den), 0, 0
        while rest % 2 == 0:
            rest, twos = rest // 2, twos + 1
        while rest % 5 == 0:
            rest, fives = rest // 5, fives + 1
        if rest != 1:
            return None
        most = max(most, twos, fives)
    return most


def _factors(values: Column, places: int) -> NDArray[Any]:
    """What each numerator is multiplied by to count units of the last decimal."""
    scale = 10**places
    if scale < 1 << 62 and values.num.dtype != object and np.asarray(values.den).dtype != object:
        return np.asarray(scale // np.asarray(values.den))
    return np.asarray(scale // np.asarray(values.den, dtype=object), dtype=object)
