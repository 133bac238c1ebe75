"""The values in columns of scores.parquet as text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluator.files.arrow import as_numbers, as_texts
from evaluator.files.cells import Coding


class ArrowCoding(Coding):
    """A column of a Parquet file as text, put together from parts; null is empty text.

    ``numeric``: the values are numbers and become decimal text.
    """

    def __init__(self, *, numeric: bool) -> None:
        super().__init__()
        self._numeric = numeric

    def add_array(self, column: Any) -> None:  # noqa: ANN401 -- pyarrow has no types
        """Add the rows of an array."""
        import pyarrow as pa
        from pyarrow import types

        # Not as the dictionary that may be there already: it may hold values that no row has.
        plain = column.type.value_type if types.is_dictionary(column.type) else column.type
        values, codes = coded(pa.chunked_array([column.cast(plain if self._numeric else pa.string())]))
        if self._numeric:
            texts = list(map(score_text, values.to_pylist()))
        else:
            texts = [text or "" for text in as_texts(values)]
        if codes.max(initial=-1) == len(texts):
            texts.append("")
        self.add(texts, codes)


def coded(column: Any) -> tuple[Any, NDArray[np.int32]]:  # noqa: ANN401 -- pyarrow has no types
    """The distinct values of a chunked array as an array, and for each row which it has; beyond the last: null."""
    import pyarrow as pa
    from pyarrow import types

    if not types.is_dictionary(column.type):
        column = column.dictionary_encode()
    whole = column.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0) if whole.num_chunks else pa.nulls(0, whole.type)
    values, codes = whole.dictionary, whole.indices.cast(pa.int32())
    if is_text(values.type):
        values = values.cast(pa.string())
    if codes.null_count:
        codes = codes.fill_null(len(values))
    return values, as_numbers(codes)


def is_text(kind: Any) -> bool:  # noqa: ANN401 -- pyarrow has no types
    """Whether a type of Arrow is text."""
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def is_number(kind: Any) -> bool:  # noqa: ANN401 -- pyarrow has no types
    """Whether a type of Arrow is a number that is read as a score: whole, decimal or double."""
    from pyarrow import types

    return bool(types.is_integer(kind) or types.is_decimal(kind) or types.is_float64(kind))


def score_text(value: str | float | Decimal | None) -> str:
    """A score as plain decimal text: a double by the shortest form that gives it back; zeros at the end go."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not number.is_finite():
        return str(value)
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
