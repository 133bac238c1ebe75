"""The reviewers' marks: scores.csv or scores.parquet as columns of codes and exact scores."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluator.errors import Problem
from evaluator.files.cells import Cells
from evaluator.files.checks import EVERYBODY, Reading, check_choice, check_known, leaf_fault, score_fault
from evaluator.files.headings import criterion_headings
from evaluator.files.marks_proven import proven_marks
from evaluator.files.numerals import read_number
from evaluator.files.problems import Problems, Suggestions, shorten
from evaluator.files.registers import COLUMNS
from evaluator.files.scores_parts import ROWS, Parts
from evaluator.files.scores_values import ArrowCoding, is_number, is_text
from evaluator.files.sources import Source
from evaluator.files.tables import (
    Table,
    check_cells,
    check_names,
    duplicate_rows,
    read_table,
)
from evaluator.model.numbers import decimals_of
from evaluator.model.owed import Pairs
from evaluator.model.round import ABSTAINED, BLANK, RECUSED, SCORED, Marks, no_marks
from evaluator.model.rubric import Rubric

_STATES = ("scored", "abstained", "recused")
_Params = dict[str, object]


def read_parquet(source: Source, found: Problems, criteria: Collection[str] = ()) -> Table | None:
    """scores.parquet as a table; rows count as its lines. None, with problems noted, where it cannot be used.

    Scores may be text, whole numbers, decimals or doubles (read by their shortest decimal form); null is empty.
    ``criteria`` as in :func:`evaluator.files.tables.check_names`.
    """
    from pyarrow import ArrowException

    columns = COLUMNS["scores.csv"]
    try:
        rows, names, texts, kinds = _parquet_columns(source.data)
    except (ArrowException, ValueError, OSError, ArithmeticError):
        found.add("parquet.unreadable", source.name)
        return None
    header = check_names(names, [(0, 0)] * len(names), columns, source.name, found, criteria)
    cells: dict[str, Cells] = {}
    for name, text, kind in zip(header, texts, kinds, strict=True):
        if text is not None and name:
            cells[name] = text
        elif name:
            found.add("parquet.column_type", source.name, (0, 0), name, column=name, type=shorten(kind))
    return check_cells(Table(source.name, header, cells, rows), columns, found)


def _parquet_columns(data: bytes) -> tuple[int, list[str], list[Cells | None], list[str]]:
    """How many rows a parquet file has, and of its columns the names, the texts and the types.

    A column has no texts where its type is none that is read. Only so many rows are held as text at a time.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(pa.BufferReader(data))
    schema = file.schema_arrow
    codings = [_coding(column) for column in schema]
    rows = 0
    for batch in file.iter_batches(ROWS):
        batch.validate(full=True)
        rows += batch.num_rows
        for column, coding in zip(batch.columns, codings, strict=True):
            if coding is not None:
                coding.add_array(column)
    texts = [None if coding is None else coding.cells() for coding in codings]
    return rows, [str(name) for name in schema.names], texts, [str(kind) for kind in schema.types]


def _coding(column: Any) -> ArrowCoding | None:  # noqa: ANN401 -- a field of an arrow schema
    from pyarrow import types

    kind = column.type.value_type if types.is_dictionary(column.type) else column.type
    if is_text(kind) or types.is_null(kind):
        return ArrowCoding(numeric=False)
    return ArrowCoding(numeric=True) if column.name == "score" and is_number(kind) else None


def marks_in(source: Source, parts: Parts | None, reading: Reading) -> Marks | None:
    """The marks of scores.csv or scores.parquet, every problem noted; None where it cannot be read as a table.

    ``parts`` are those of the same file, if it has any. In which order the rows come says nothing: marks that could
    be proved right all at once are in order.
    """
    proven = None if parts is None else proven_marks(parts, reading)
    if proven is not None:
        return proven
    criteria = criterion_headings((reading.nodes or {}).values())
    if source.name.endswith(".parquet"):
        table = read_parquet(source, reading.found, criteria)
    else:
        table = read_table(source, COLUMNS["scores.csv"], reading.found, criteria)
    return None if table is None else read_marks(table, reading)


def read_marks(table: Table, reading: Reading) -> Marks:
    """The marks of a table, with every mark that should not be there noted."""
    found, rubric = reading.found, reading.rubric
    check_known(table, "reviewer", reading)
    check_known(table, "applicant", reading)
    _check_repeats(table, found)
    state = _states(table, found)
    scores, decimals = _scores(table, state, found)
    if rubric is None:
        return no_marks()
    _check_criteria(table, reading)
    leaves = {leaf.id: i for i, leaf in enumerate(rubric.panel_leaves())}
    reviewer = _codes(table, "reviewer", reading.reviewers)
    applicant = _codes(table, "applicant", reading.applicants)
    criterion = _codes(table, "criterion", leaves)
    if reading.trusts("criteria"):
        _check_scores(table, rubric, criterion, state, found)
    if reading.trusts("criteria", "panel", "panels"):
        _check_panels(table, rubric, reading, reviewer, criterion, state)
    _check_assignments(table, reading, reviewer, applicant, state)
    _check_recusals(table, reading, reviewer, applicant, state)
    usable = (reviewer >= 0) & (applicant >= 0) & (criterion >= 0)
    comments = table.cells.get("comment")
    texts: tuple[tuple[int, str], ...] = ()
    if comments is not None:
        said = comments.rows_with(i for i, value in enumerate(comments.values) if value)
        texts = tuple((int(row), comments[int(row)]) for row in said)
    if not usable.all():
        return no_marks()
    return Marks(
        applicant=applicant,
        reviewer=reviewer,
        criterion=criterion,
        state=state,
        score=scores,
        decimals=decimals,
        comments=texts,
    )


def _codes(table: Table, name: str, known: Mapping[str, int] | None) -> NDArray[np.int32]:
    cells = table.cells.get(name)
    if cells is None or known is None:
        return np.full(table.rows, -1, np.int32)
    return cells.map_to(known)


def _check_repeats(table: Table, found: Problems) -> None:
    keys = ("reviewer", "applicant", "criterion")
    repeats = dict(duplicate_rows(table, keys))

    def problem(row: int) -> tuple[str, _Params]:
        first = repeats[row]
        names = {name: table.get(row, name) or "" for name in keys}
        both = table.get(row, "score"), table.get(first, "score")
        return "mark.repeated", {**names, "line": table.line(first), "score": both[0], "first": both[1]}

    table.note(found, list(repeats), "", problem)


def _states(table: Table, found: Problems) -> NDArray[np.uint8]:
    """The state of each row; SCORED where nothing is said and there is a score, else BLANK."""
    score = table.cells.get("score")
    has_score = np.zeros(table.rows, np.bool_)
    if score is not None:
        has_score = np.array([bool(value) for value in score.values] or [False])[score.codes]
    state = np.where(has_score, SCORED, BLANK).astype(np.uint8)
    cells = table.cells.get("state")
    if cells is None:
        return state
    said = cells.map_to({"scored": SCORED, "abstained": ABSTAINED, "recused": RECUSED})
    check_choice(table, "state", _STATES, found, optional=True)
    if score is not None:
        lacking = np.flatnonzero((said == SCORED) & ~has_score)
        table.note(found, lacking, "score", lambda _: ("mark.score_missing", {}))
        extra = np.flatnonzero(((said == ABSTAINED) | (said == RECUSED)) & has_score)
        table.note(
            found, extra, "score", lambda row: ("mark.score_with_state", {"state": cells[row], "score": score[row]})
        )
    return np.where(said > 0, said, state).astype(np.uint8)


def _scores(table: Table, state: NDArray[np.uint8], found: Problems) -> tuple[NDArray[np.int64], int]:
    """Exact scores times a common power of ten, and that power; every text that is no decimal is noted."""
    cells = table.cells.get("score")
    if cells is None:
        return np.zeros(table.rows, np.int64), 0
    read = [read_number(text) if text and i not in cells.bad else None for i, text in enumerate(cells.values)]
    faults = {i: value for i, value in enumerate(read) if isinstance(value, tuple)}
    if faults:
        table.note(found, cells.rows_with(faults), "score", lambda row: faults[int(cells.codes[row])])
    exact = [value if isinstance(value, Fraction) else Fraction(0) for value in read]
    decimals = max((decimals_of(value) or 0 for value in exact), default=0)
    of_value = np.array([int(value * 10**decimals) for value in exact] or [0], np.int64)
    return np.where(state == SCORED, of_value[cells.codes], 0), decimals


def _check_criteria(table: Table, reading: Reading) -> None:
    """Every mark is on a criterion that reviewers score."""
    cells, nodes = table.cells.get("criterion"), reading.nodes
    if cells is None or nodes is None:
        return
    faults: dict[int, tuple[str, _Params]] = {}
    guess = Suggestions(nodes)
    for code, value in enumerate(cells.values):
        if code in cells.bad or not value:
            continue
        fault = leaf_fault(value, nodes, guess)
        if fault is None and nodes[value].source not in {None, "panel"}:
            fault = "mark.not_a_panel_criterion", {"criterion": value, "source": nodes[value].source}
        if fault is not None:
            faults[code] = fault
    if faults:
        table.note(reading.found, cells.rows_with(faults), "criterion", lambda row: faults[int(cells.codes[row])])


def _check_scores(
    table: Table, rubric: Rubric, criterion: NDArray[np.int32], state: NDArray[np.uint8], found: Problems
) -> None:
    """Every score is one its criterion allows: each pair of criterion and text is looked at once."""
    cells = table.cells.get("score")
    if cells is None:
        return
    rows = np.flatnonzero((state == SCORED) & (criterion >= 0))
    pairs = criterion[rows].astype(np.int64) * len(cells.values) + cells.codes[rows]
    leaves = rubric.panel_leaves()
    there = np.zeros(len(leaves) * len(cells.values), np.bool_)
    there[pairs] = True
    faults: dict[int, tuple[str, _Params]] = {}
    for pair in np.flatnonzero(there).tolist():
        leaf, code = divmod(pair, len(cells.values))
        value = read_number(cells.values[code]) if code not in cells.bad and cells.values[code] else None
        if isinstance(value, Fraction) and (fault := score_fault(leaves[leaf], value)):
            faults[pair] = fault
    if faults:
        there[:] = False
        there[list(faults)] = True
        wrong = rows[there[pairs]]
        pair_of = criterion.astype(np.int64) * len(cells.values) + cells.codes
        table.note(found, wrong, "score", lambda row: faults[int(pair_of[row])])


def _check_panels(
    table: Table,
    rubric: Rubric,
    reading: Reading,
    reviewer: NDArray[np.int32],
    criterion: NDArray[np.int32],
    state: NDArray[np.uint8],
) -> None:
    """Reviewers mark the criteria of their own panel."""
    panels = {panel.id: i for i, panel in enumerate(rubric.all_panels)}
    of_leaf = np.full(len(rubric.panel_leaves()) + 1, -1)
    position = {leaf.id: i for i, leaf in enumerate(rubric.panel_leaves())}
    for panel in rubric.all_panels:
        for leaf in rubric.leaves_of(panel):
            of_leaf[position[leaf.id]] = panels[panel.id]
    of_reviewer = np.array([panels.get(panel, -1) for panel in reading.reviewer_panels] + [-1])
    told = (state != BLANK) & (reviewer >= 0) & (criterion >= 0)
    known = told & (of_reviewer[reviewer] >= 0)
    names = [panel.id for panel in rubric.all_panels]

    def problem(row: int) -> tuple[str, _Params]:
        return "mark.other_panel", {
            "reviewer": table.get(row, "reviewer") or "",
            "criterion": table.get(row, "criterion") or "",
            "own": names[of_reviewer[reviewer[row]]],
            "panel": names[of_leaf[criterion[row]]],
        }

    table.note(
        reading.found, np.flatnonzero(known & (of_leaf[criterion] != of_reviewer[reviewer])), "criterion", problem
    )


def _pairs(table: Table, row: int) -> _Params:
    return {name: table.get(row, name) or "" for name in ("reviewer", "applicant", "criterion")}


def _check_assignments(
    table: Table,
    reading: Reading,
    reviewer: NDArray[np.int32],
    applicant: NDArray[np.int32],
    state: NDArray[np.uint8],
) -> None:
    if reading.assigned is None or reading.applicants is None or reading.reviewers is None:
        return
    assigned = Pairs.of(reading.assigned, len(reading.applicants), len(reading.reviewers))
    told = np.flatnonzero((state != BLANK) & (reviewer >= 0) & (applicant >= 0))
    stray = told[assigned.find(applicant[told], reviewer[told]) < 0]
    table.note(reading.found, stray, "reviewer", lambda row: ("mark.not_assigned", _pairs(table, row)))


def _check_recusals(
    table: Table,
    reading: Reading,
    reviewer: NDArray[np.int32],
    applicant: NDArray[np.int32],
    state: NDArray[np.uint8],
) -> None:
    """A recused reviewer has no mark for the applicant; a recusal that only the marks tell is a warning."""
    applicants, reviewers = reading.applicants, reading.reviewers
    if applicants is None or reviewers is None:
        return
    everywhere = np.zeros(len(reviewers) + 1, np.bool_)
    registered = set()
    for conflict in reading.conflicts:
        about, who = applicants.get(conflict.applicant, -1), reviewers.get(conflict.reviewer, -1)
        if conflict.applicant == EVERYBODY and who >= 0:
            everywhere[who] = True
        elif about >= 0 and who >= 0:
            registered.add((about, who))
    known = (reviewer >= 0) & (applicant >= 0)
    said = np.flatnonzero(known & (state == RECUSED))
    first: dict[tuple[int, int], int] = {}
    for row in said.tolist():
        first.setdefault((int(applicant[row]), int(reviewer[row])), row)
    if not (everywhere.any() or registered or first):
        return
    told = np.array(sorted(registered.union(first)), np.int32).reshape(-1, 2)
    pairs = Pairs.of(told, len(applicants), len(reviewers))
    marked = np.flatnonzero(known & ((state == SCORED) | (state == ABSTAINED)))
    recused = everywhere[reviewer[marked]] | (pairs.find(applicant[marked], reviewer[marked]) >= 0)

    def is_registered(pair: tuple[int, int]) -> bool:
        return pair in registered or bool(everywhere[pair[1]])

    def problem(row: int) -> tuple[str, _Params]:
        pair = (int(applicant[row]), int(reviewer[row]))
        if is_registered(pair):
            return "mark.by_recused", _pairs(table, row)
        return "mark.recused_elsewhere", {**_pairs(table, row), "line": table.line(first[pair])}

    table.note(reading.found, marked[recused], "score", problem)
    for pair, row in first.items():
        if not is_registered(pair):
            place = table.place(row, "state")
            reading.warnings.append(
                Problem(
                    code="recusal.not_registered",
                    file=table.file,
                    line=place[0],
                    column=place[1],
                    path="state",
                    params={
                        "reviewer": table.get(row, "reviewer") or "",
                        "applicant": table.get(row, "applicant") or "",
                    },
                )
            )


def unused_marks(marks: Marks, unused: Mapping[int, str], file: str) -> list[Problem]:
    """A warning for each applicant (position to id) that is out of the running and has marks all the same."""
    if not unused:
        return []
    given = (marks.state == SCORED) | (marks.state == ABSTAINED)
    counts = np.bincount(marks.applicant[given], minlength=max(unused, default=-1) + 1)
    return [
        Problem(code="mark.not_used", file=file, params={"applicant": id_, "count": str(int(counts[position]))})
        for position, id_ in unused.items()
        if counts[position]
    ]
