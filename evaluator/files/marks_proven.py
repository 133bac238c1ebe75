"""Marks in which nothing is wrong, from very many rows: proved by a few passes, part by part, on every processor.

Every mark has a number in the list of marks owed. A row is right where its ids are known, its number exists and its
criterion allows its score; and as many different numbers as rows leave no mark given twice. Where anything is not
plainly right there are no marks here: the careful readers of ``marks`` find out what it is and say so.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluator.files.arrow import as_numbers, numbers
from evaluator.files.checks import EVERYBODY, Reading
from evaluator.files.known_ids import KnownIds
from evaluator.files.numerals import read_number
from evaluator.files.registers import COLUMNS
from evaluator.files.scores_parts import Parts
from evaluator.files.scores_values import coded, score_text
from evaluator.files.tables import all_clean
from evaluator.model.numbers import decimals_of
from evaluator.model.owed import Owed
from evaluator.model.round import ABSTAINED, BLANK, RECUSED, SCORED, Marks
from evaluator.model.rubric import Criterion, allows

_SOME = 100_000
_AT_A_TIME = 1 << 16
_MOST_KINDS = 100_000_000
_STATES = {"": BLANK, "scored": SCORED, "abstained": ABSTAINED, "recused": RECUSED}
_NO_ROW, _ABSTAINED, _RECUSED = -1, -2, -3
_COMMENT = COLUMNS["scores.csv"][-1]


class _NotPlainError(Exception):
    """Something is not plainly right."""


@dataclass(frozen=True, slots=True, eq=False)
class _Filling:
    """What the parts are put into. ``given`` has one place a mark owed: what was given, or ``_NO_ROW``.

    What was given is the number of a score's text in ``texts`` (from 1), 0 where the mark is blank, or one of the
    two numbers for the states without a score. ``marked`` are the (criterion, number) there are. ``lines`` as in
    ``Parts``.
    """

    owed: Owed
    first: NDArray[np.int64]
    ids: dict[str, KnownIds]
    given: NDArray[np.int32]
    lines: bool
    lock: threading.Lock = field(default_factory=threading.Lock)
    texts: dict[str, int] = field(default_factory=dict)
    marked: set[tuple[int, int]] = field(default_factory=set)
    comments: list[tuple[int, str]] = field(default_factory=list)


def proven_marks(parts: Parts, reading: Reading) -> Marks | None:
    """The marks in order of applicant, reviewer and criterion; None where they are not plainly right.

    The proof needs room for every mark owed and is not tried where there are far more of those than rows. The parts
    may be read in any order and at the same time.
    """
    from pyarrow import ArrowException

    rubric, applicants, reviewers = reading.rubric, reading.applicants, reading.reviewers
    if rubric is None or not reading.trusts("criteria", "panel", "panels") or reading.unsure:
        return None
    if applicants is None or reviewers is None:
        return None
    owed = Owed.of(rubric, reading.assigned, len(applicants), reading.reviewer_panels)
    if len(owed) > 4 * parts.rows + _SOME or len(owed) >= np.iinfo(np.int32).max:
        return None
    leaves = rubric.panel_leaves()
    filling = _Filling(
        owed=owed,
        first=owed.first(),
        ids={
            "applicant": KnownIds(sorted(applicants, key=applicants.__getitem__)),
            "reviewer": KnownIds(sorted(reviewers, key=reviewers.__getitem__)),
            "criterion": KnownIds([leaf.id for leaf in leaves]),
        },
        given=np.full(len(owed), _NO_ROW, np.int32),
        lines=parts.lines,
    )
    try:
        done = sum(parts.each(lambda tables: _put(tables, filling)))
        values, decimals = _values(filling, leaves)
        if np.count_nonzero(filling.given != _NO_ROW) != done:
            return None
        return _marks(filling, values, decimals, reading)
    except (_NotPlainError, ArrowException, ValueError, OSError, ArithmeticError):
        return None


def _put(tables: Iterable[Any], filling: _Filling) -> int:
    """Put the rows of a part in their places; how many there were. Raises ``_NotPlainError``, and what reading does."""
    rows = 0
    for table in tables:
        if table.num_rows:
            rows += table.num_rows
            _put_table(table, filling)
    return rows


def _put_table(table: Any, filling: _Filling) -> None:  # noqa: ANN401 -- pyarrow has no types
    applicant, reviewer, criterion = (
        _positions(table.column(name), filling.ids[name]) for name in ("applicant", "reviewer", "criterion")
    )
    kinds, kind = _kinds(table)
    if len(kinds) * len(filling.ids["criterion"]) > _MOST_KINDS:
        raise _NotPlainError
    numbers = _numbered(kinds, filling)
    seen = np.zeros((len(filling.ids["criterion"]), len(kinds)), np.bool_)
    places = []
    said = _said(table, lines=filling.lines)
    for start in range(0, len(kind), _AT_A_TIME):
        part = slice(start, start + _AT_A_TIME)
        at = filling.owed.find(applicant[part], reviewer[part], criterion[part], filling.first)
        if int(at.min()) < 0:
            raise _NotPlainError
        seen[criterion[part], kind[part]] = True
        filling.given[at] = numbers[kind[part]]
        if said is not None:
            places.append(at)
    wrong = numbers == _NO_ROW
    if seen[:, wrong].any():
        raise _NotPlainError
    scored = [(leaf, int(numbers[i])) for leaf, i in np.argwhere(seen & (numbers > 0)).tolist()]
    comments: list[tuple[int, str]] = []
    if said is not None:
        rows, texts = said
        if not all_clean(texts, _COMMENT):
            raise _NotPlainError
        comments = list(zip(np.concatenate(places)[rows].tolist(), texts, strict=True))
    with filling.lock:
        filling.marked.update(scored)
        filling.comments.extend(comments)


def _positions(column: Any, ids: KnownIds) -> NDArray[np.int32]:  # noqa: ANN401 -- pyarrow has no types
    """Where among the ids each of a column stands. Raises ``_NotPlainError`` where one does not."""
    from pyarrow import types

    if not types.is_dictionary(column.type):
        found = ids.find(column)
        if found is None:
            raise _NotPlainError
        return found
    values, codes = coded(column)
    # A value that no row has may well be unknown.
    used = np.bincount(codes, minlength=len(values)) > 0
    if len(used) > len(values):
        raise _NotPlainError  # null
    rows = np.flatnonzero(used)
    found = ids.find(values.take(numbers(rows)))
    if found is None:
        raise _NotPlainError
    of_value = np.zeros(len(values), np.int32)
    of_value[rows] = found
    return of_value.take(codes)


def _kinds(table: Any) -> tuple[list[tuple[str, str]], NDArray[np.int32]]:  # noqa: ANN401 -- pyarrow has no types
    """The different (score, state) of a table as text, and for each row which of them it has."""
    scores, kind = coded(table.column("score"))
    texts = [*map(score_text, scores.to_pylist()), ""]
    states, said = [""], None
    if "state" in table.column_names:
        values, said = coded(table.column("state"))
        states = [*(value or "" for value in values.to_pylist()), ""]
        kind = kind * np.int32(len(states)) + said
    return [(text, state) for text in texts for state in states], kind


def _numbered(kinds: Sequence[tuple[str, str]], filling: _Filling) -> NDArray[np.int32]:
    """What is written down for each (score, state); ``_NO_ROW`` where the two do not go together."""
    numbers = np.full(len(kinds), _NO_ROW, np.int32)
    with filling.lock:
        for i, (text, said) in enumerate(kinds):
            state = _STATES.get(said)
            if text and state in {BLANK, SCORED}:
                numbers[i] = filling.texts.setdefault(text, len(filling.texts) + 1)
            elif not text and state in {BLANK, ABSTAINED, RECUSED}:
                numbers[i] = {BLANK: 0, ABSTAINED: _ABSTAINED, RECUSED: _RECUSED}[state]
    return numbers


def _said(table: Any, *, lines: bool) -> tuple[NDArray[np.int64], list[str]] | None:  # noqa: ANN401 -- pyarrow has no types
    """The rows of a table that have a comment, and the comments; None where no row has one.

    In a file of lines every line break is one, whichever it was written as; elsewhere nothing is changed.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if "comment" not in table.column_names:
        return None
    column = table.column("comment").cast(pa.string())
    rows = as_numbers(pc.indices_nonzero(pc.greater(pc.binary_length(column), 0))).astype(np.int64)
    if not len(rows):
        return None
    texts = column.take(numbers(rows)).to_pylist()
    return rows, [text.replace("\r\n", "\n").replace("\r", "\n") for text in texts] if lines else texts


def _values(filling: _Filling, leaves: Sequence[Criterion]) -> tuple[NDArray[np.int64], int]:
    """The exact score of every number, times a common power of ten, and that power; each allowed where it stands."""
    used = {number for _, number in filling.marked}
    exact = {number: read_number(text) for text, number in filling.texts.items() if number in used}
    fractions = {number: value for number, value in exact.items() if isinstance(value, Fraction)}
    if len(fractions) < len(exact) or not all(allows(leaves[leaf], fractions[n]) for leaf, n in filling.marked):
        raise _NotPlainError
    decimals = max((decimals_of(value) or 0 for value in fractions.values()), default=0)
    values = np.zeros(len(filling.texts) + 1, np.int64)
    for number, value in fractions.items():
        values[number] = int(value * 10**decimals)
    return values, decimals


def _marks(filling: _Filling, values: NDArray[np.int64], decimals: int, reading: Reading) -> Marks:
    """The marks given. Raises ``_NotPlainError`` where a recusal and a mark are at odds."""
    given, owed = filling.given, filling.owed
    _check_recusals(filling, reading)
    applicant, reviewer, criterion = owed.columns()
    comments = sorted(filling.comments)
    there = given != _NO_ROW
    if not there.all():
        row = np.cumsum(there) - 1
        comments = [(int(row[at]), text) for at, text in comments]
        applicant, reviewer, criterion, given = applicant[there], reviewer[there], criterion[there], given[there]
    state = (given > 0).astype(np.uint8)  # SCORED or BLANK
    if len(given) and int(given.min()) < 0:
        state[given == _ABSTAINED] = ABSTAINED
        state[given == _RECUSED] = RECUSED
        given = np.maximum(given, 0)
    return Marks(
        applicant=applicant,
        reviewer=reviewer,
        criterion=criterion,
        state=state,
        score=values[given],
        decimals=decimals,
        comments=tuple(comments),
    )


def _check_recusals(filling: _Filling, reading: Reading) -> None:
    """Nothing was given by a recused reviewer, and every recusal among the marks is one of conflicts.csv."""
    applicants, reviewers, pairs = reading.applicants or {}, reading.reviewers or {}, filling.owed.pairs
    recusals = filling.given == _RECUSED
    if not reading.conflicts and not recusals.any():
        return
    registered = np.zeros(len(pairs), np.bool_)
    for conflict in reading.conflicts:
        who = reviewers.get(conflict.reviewer, -1)
        about = (
            list(applicants.values()) if conflict.applicant == EVERYBODY else [applicants.get(conflict.applicant, -1)]
        )
        if who < 0 or -1 in about:
            raise _NotPlainError
        found = pairs.find(np.array(about, np.int64), np.full(len(about), who, np.int64))
        registered[found[found >= 0]] = True
    expected = np.repeat(registered, np.diff(filling.first))
    marked = (filling.given > 0) | (filling.given == _ABSTAINED)
    if (marked & expected).any() or (recusals & ~expected).any():
        raise _NotPlainError
