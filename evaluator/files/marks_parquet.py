"""marks.parquet: the marks of a record that holds very many, one row a mark, for any program that reads Parquet.

Columns: applicant, reviewer, criterion, state (text), score (decimal, null unless scored), kept_num and kept_den (the
weight with which the mark counts, null where it takes no part), sheet_total (text as in the record; the unrounded
total of the mark's score sheet, null where the sheet has none), comment.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluator.files.arrow import numbers
from evaluator.files.arrow import texts as arrow_texts
from evaluator.files.column_text import column_of, written
from evaluator.files.parquet_decimals import SHORT, decimals
from evaluator.model.evaluation import Evaluation, MarkTable
from evaluator.model.exact import Column, segment_starts
from evaluator.model.numbers import parse_exact, show
from evaluator.model.round import SCORED, STATE_NAMES, Marks
from evaluator.model.standings import Standings

COLUMNS = (
    "applicant",
    "reviewer",
    "criterion",
    "state",
    "score",
    "kept_num",
    "kept_den",
    "sheet_total",
    "comment",
)


class DamagedMarksError(ValueError):
    """The bytes are no marks.parquet of this record. The message says what is wrong, in a few words."""


def marks_to_parquet(evaluation: Evaluation) -> bytes:
    """The marks of an evaluation in the record's order. The same marks give the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = evaluation.marks
    marks = table.marks
    takes_part = table.kept_num >= 0
    names = [leaf.id for leaf in evaluation.rubric.panel_leaves()]
    columns = {
        "applicant": _coded(marks.applicant, [a.id for a in evaluation.applicants]),
        "reviewer": _coded(marks.reviewer, [r.id for r in evaluation.reviewers]),
        "criterion": _coded(marks.criterion, names),
        "state": _coded(marks.state, list(STATE_NAMES)),
        "score": decimals(marks.score, marks.state == SCORED, marks.decimals),
        "kept_num": numbers(table.kept_num, takes_part),
        "kept_den": numbers(table.kept_den, takes_part),
        "sheet_total": _sheet_totals(evaluation),
        "comment": _comments(marks),
    }
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target, compression="zstd")
    return target.getvalue()


def _coded(codes: NDArray[Any], names: list[str]) -> Any:  # noqa: ANN401 -- pyarrow has no types
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(numbers(codes.astype(np.int32)), arrow_texts(names))


def _pairs(applicant: NDArray[np.int32], reviewer: NDArray[np.int32]) -> NDArray[np.int64]:
    return applicant.astype(np.int64) << 32 | reviewer


def _sheet_totals(evaluation: Evaluation) -> Any:  # noqa: ANN401 -- pyarrow has no types
    """For each mark the text of the total of its score sheet."""
    import pyarrow as pa

    marks = evaluation.marks.marks
    keys, texts = _sheets_told(evaluation)
    names = sorted(set(texts))
    places = {name: i for i, name in enumerate(names)}
    codes = np.array([places[text] for text in texts], np.int32)
    order = np.argsort(keys)
    known, codes = keys[order], codes[order]
    wanted = _pairs(marks.applicant, marks.reviewer)
    at = np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
    found = known[at] == wanted if len(known) else np.zeros(len(wanted), np.bool_)
    indices = numbers(codes[at] if len(known) else np.zeros(len(wanted), np.int32), found)
    return pa.DictionaryArray.from_arrays(indices, arrow_texts(names))


def _sheets_told(evaluation: Evaluation) -> tuple[NDArray[np.int64], list[str]]:
    """The score sheets as pairs of positions, and the text of each one's total."""
    standings = evaluation.ranking
    if not isinstance(standings, Standings) or standings.computed is None:
        return np.zeros(0, np.int64), []
    positions = {a.id: i for i, a in enumerate(evaluation.applicants)}
    reviewers = {r.id: i for i, r in enumerate(evaluation.reviewers)}
    scored = np.flatnonzero(standings.rows >= 0)
    applicant = np.empty(len(scored), np.int32)
    applicant[standings.rows[scored]] = [positions[standings.applicants[i]] for i in scored.tolist()]
    pairs: list[NDArray[np.int64]] = []
    texts: list[str] = []
    for sheets in standings.computed.sheets:
        reviewer = np.array([reviewers[r] for r in sheets.reviewers], np.int32)[sheets.reviewer]
        pairs.append(_pairs(np.repeat(applicant, np.diff(sheets.starts)), reviewer))
        texts += written(sheets.total, show)
    return np.concatenate(pairs) if pairs else np.zeros(0, np.int64), texts


def _comments(marks: Marks) -> Any:  # noqa: ANN401 -- pyarrow has no types

    rows = np.full(len(marks), -1, np.int32)
    for i, (row, _) in enumerate(marks.comments):
        rows[row] = i
    told = arrow_texts([text for _, text in marks.comments])
    return told.take(numbers(rows, rows >= 0))


@dataclass(frozen=True, slots=True, eq=False)
class SheetRows:
    """Score sheets as columns, one value a sheet: positions of applicant and reviewer, total, and weight.

    ``applicants`` are the ids that ``applicant`` counts along.
    """

    applicants: Sequence[str]
    applicant: NDArray[np.int32]
    reviewer: NDArray[np.int32]
    total: Column
    kept_num: NDArray[np.int64]
    kept_den: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class ReadMarks:
    """Marks read back, and the score sheets they tell of."""

    table: MarkTable
    sheets: SheetRows


def marks_from_parquet(data: bytes, applicants: list[str], reviewers: list[str], criteria: list[str]) -> ReadMarks:
    """The marks in the bytes of a marks.parquet. Raises ``DamagedMarksError`` for bytes that hold none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        names = tuple(file.schema_arrow.names)
        if names != COLUMNS:
            raise DamagedMarksError("columns " + ", ".join(names))
        kind = file.schema_arrow.field("score").type
        if not pa.types.is_decimal128(kind) or kind.precision != SHORT:
            raise DamagedMarksError(f"score {kind}")
        # One column at a time: all of them together take several times the memory of what is kept.
        state = _codes(_column(file, "state"), list(STATE_NAMES)).astype(np.uint8)
        scaled = _scaled(_column(file, "score"), state == SCORED)
        marks = Marks(
            applicant=_codes(_column(file, "applicant"), applicants),
            reviewer=_codes(_column(file, "reviewer"), reviewers),
            criterion=_codes(_column(file, "criterion"), criteria),
            state=state,
            score=scaled,
            decimals=kind.scale,
            comments=_commented(_column(file, "comment")),
        )
        kept_num = _whole(_column(file, "kept_num"), -1)
        kept_den = _whole(_column(file, "kept_den"), 1)
        result = MarkTable(marks=marks, kept_num=kept_num, kept_den=kept_den)
        return ReadMarks(result, _sheets(result, _column(file, "sheet_total"), applicants))
    except (pa.ArrowException, OSError) as error:
        raise DamagedMarksError("no Parquet file") from error


def _column(file: Any, name: str) -> Any:  # noqa: ANN401 -- pyarrow has no types
    return file.read(columns=[name]).column(0).combine_chunks()


def _whole(column: Any, missing: int) -> NDArray[np.int64]:  # noqa: ANN401 -- pyarrow has no types
    numbers: NDArray[np.int64] = column.fill_null(missing).to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers


def _commented(column: Any) -> tuple[tuple[int, str], ...]:  # noqa: ANN401 -- pyarrow has no types
    """The rows that have a comment, and the comments."""
    rows = np.flatnonzero(np.asarray(column.is_valid()))
    return tuple(zip(rows.tolist(), column.drop_null().to_pylist(), strict=True))


def _codes(column: Any, names: list[str]) -> NDArray[np.int32]:  # noqa: ANN401 -- pyarrow has no types
    """Positions along ``names``; a value that is not among them is damage."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    places = {name: i for i, name in enumerate(names)}
    found = [places.get(name, -1) for name in column.dictionary.to_pylist()]
    used = column.indices.fill_null(len(found)).to_numpy(zero_copy_only=False)
    codes: NDArray[np.int32] = np.array([*found, -1], np.int32)[used]
    if len(codes) and int(codes.min()) < 0:
        raise DamagedMarksError("an id the record does not list")
    return codes


def _scaled(column: Any, scored: NDArray[np.bool_]) -> NDArray[np.int64]:  # noqa: ANN401 -- pyarrow has no types
    """The scores times a power of ten, 0 where there is none; there must be one exactly where a mark is ``scored``."""
    if not np.array_equal(np.asarray(column.is_valid()), scored):
        raise DamagedMarksError("a state without its score")
    if len(column) == 0:
        return np.zeros(0, np.int64)
    words = np.frombuffer(column.buffers()[1], np.int64)[: 2 * (len(column) + column.offset)]
    # What lies in the file under a null means nothing.
    return np.where(scored, words.reshape(-1, 2)[column.offset :, 0], 0)


def _sheets(table: MarkTable, totals: Any, applicants: Sequence[str]) -> SheetRows:  # noqa: ANN401 -- pyarrow has no types
    import pyarrow as pa

    if not pa.types.is_dictionary(totals.type):
        totals = totals.dictionary_encode()
    values = [parse_exact(str(text)) for text in totals.dictionary.to_pylist()]
    if None in values:
        raise DamagedMarksError("a sheet's total")
    known = np.flatnonzero(np.asarray(totals.is_valid()))
    pairs = _pairs(table.marks.applicant[known], table.marks.reviewer[known])
    first = segment_starts(pairs) if (pairs[1:] >= pairs[:-1]).all() else np.unique(pairs, return_index=True)[1]
    rows = known[first]
    if len(rows) and int(table.kept_num[rows].min()) < 0:
        raise DamagedMarksError("a sheet's total")
    codes = totals.indices.fill_null(0).to_numpy(zero_copy_only=False)[rows].astype(np.intp)
    return SheetRows(
        applicants=applicants,
        applicant=table.marks.applicant[rows],
        reviewer=table.marks.reviewer[rows],
        total=column_of([value for value in values if value is not None], codes),
        kept_num=table.kept_num[rows],
        kept_den=table.kept_den[rows],
    )
