"""ranking.csv: one row an applicant, for spreadsheet programs and scripts.

UTF-8 with a byte-order mark, so that Excel shows Korean; rows end in CRLF as RFC 4180 has it. Headings and outcomes
are the record's own words in every language; :mod:`evaluator.files.ranking_columns` says what the columns are. Text
never becomes a formula: a cell that a spreadsheet program would calculate begins with an apostrophe. Numbers stay
numbers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from evaluator.files.column_text import spread, written
from evaluator.files.ranking_columns import Cells, Figures, number_text, ranking_columns
from evaluator.model.evaluation import Evaluation

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def ranking_csv(evaluation: Evaluation) -> bytes:
    """The ranking as the bytes of ranking.csv, in the order of the record. A cell is empty where there is nothing."""
    columns, length = ranking_columns(evaluation), len(evaluation.ranking)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(zip(*(_cells(column, length) for column in columns.values()), strict=True))
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cells(column: Cells, length: int) -> Sequence[str | int | None]:
    if isinstance(column, Figures):
        texts = written(column.values, lambda value: number_text(value, column.decimals))
        return spread(texts, column.rows, length, "")
    return [guarded(cell) if isinstance(cell, str) else cell for cell in column]


def guarded(text: str) -> str:
    """Text that no spreadsheet program takes for a formula."""
    return "'" + text if text.startswith(_FORMULA) else text
