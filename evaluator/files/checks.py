"""Checks of cells, whatever table they stand in: ids, choices, dates, repeated rows, scores on their scales."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluator.errors import Problem
from evaluator.files.problems import Problems, Suggestions, nearest, shorten
from evaluator.files.tables import Table, duplicate_rows
from evaluator.model.numbers import show
from evaluator.model.round import Conflict
from evaluator.model.rubric import Criterion, Rubric, allows

Fault = tuple[str, dict[str, object]]
"""What is wrong with a value: the code of the problem and its parameters."""

EVERYBODY = "*"
"""What conflicts.csv says for the whole round."""


@dataclass(slots=True)
class Reading:
    """What is known of the round while its tables are read.

    ``applicants`` and ``reviewers`` map ids to positions; None where their table could not be read. ``unsure`` names
    them where some id is wrong in that table itself, so that nobody is told that an id is unknown. ``rubric`` is None
    where criteria are not known; ``doubtful`` are its top keys under which something is wrong. ``office_places`` is
    where office.csv has the figure of an applicant on a criterion.
    """

    found: Problems
    rubric: Rubric | None = None
    doubtful: frozenset[str] = frozenset()
    unsure: set[str] = field(default_factory=set)
    blind: bool = False
    applicants: dict[str, int] | None = None
    reviewers: dict[str, int] | None = None
    reviewer_panels: list[str] = field(default_factory=list)
    assigned: NDArray[np.int32] | None = None
    conflicts: tuple[Conflict, ...] = ()
    office_places: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    warnings: list[Problem] = field(default_factory=list)

    def trusts(self, *keys: str) -> bool:
        """Whether the rubric is known and nothing is wrong under some of its top keys."""
        return self.rubric is not None and self.doubtful.isdisjoint(keys)

    def known(self, name: str) -> dict[str, int] | None:
        """The ids of applicants or reviewers, None where they are not known for sure."""
        ids = self.applicants if name == "applicant" else self.reviewers
        return None if name in self.unsure else ids

    @property
    def nodes(self) -> dict[str, Criterion] | None:
        """The criteria and groups by id; None where they are not known."""
        return None if self.rubric is None else {node.id: node for node in self.rubric.nodes()}


def cell(table: Table, row: int, name: str) -> str:
    """A cell's text; a stand-in where a problem was noted about it, for a round that will not be used."""
    return table.get(row, name) or ""


def named_cells(table: Table, row: int, names: Iterable[str]) -> dict[str, Any]:
    """Some cells of a row by the names of their columns."""
    return {name: cell(table, row, name) for name in names}


def note(table: Table, row: int, name: str, fault: Fault, found: Problems) -> None:
    """Note what is wrong with one cell."""
    found.add(fault[0], table.file, table.place(row, name), name, **fault[1])


def introduced(table: Table) -> dict[str, int] | None:
    """The ids a table introduces, by position; None where some of its rows or its ids could not be read."""
    cells = table.cells.get("id")
    if cells is None or table.dropped or "" in cells.values:
        return None
    ids = cells.texts()
    places = dict(zip(ids, range(len(ids)), strict=True))
    if len(places) < len(ids):
        # Of ids that repeat, the first counts.
        places.update((ids[row], row) for row in reversed(range(len(ids))))
    return places


# Characters a file name cannot hold somewhere, and what separates ids in lists and tables.
_ODD_IN_IDS = '/\\<>:"|?*,;'
_NOT_IN_ID = re.compile(rf"[{re.escape(_ODD_IN_IDS)}\s]")
_NOT_FIRST = "=+-@."


def _plain_ids(ids: Sequence[str]) -> bool:
    """Whether ids without invisible characters are all well formed and distinct, by a look at all of them together."""
    text = "\n".join(ids)
    if any(char in text for char in _NOT_FIRST) and not {id_[:1] for id_ in ids}.isdisjoint(_NOT_FIRST):
        return False
    if "." in text and any(id_.endswith(".") for id_ in ids):
        return False
    if not all(ids) or any(char in text for char in _ODD_IN_IDS) or not "".join(ids).isprintable():
        return False
    # No character joins a line break: the form of the whole is the forms of the parts.
    forms = (text if text.isascii() else unicodedata.normalize("NFKC", text)).casefold().split("\n")
    return len(set(forms)) == len(ids)


def id_fault(value: str) -> Fault | None:
    """What is wrong with the id of an applicant or reviewer: ids become file names and stand in lists."""
    params: dict[str, object] = {"value": shorten(value)}
    if value[0] in _NOT_FIRST:
        return "id.first_character", {**params, "char": value[0]}
    hit = _NOT_IN_ID.search(value.replace(" ", "")) or _invisible(value)
    if hit:
        return "id.character", {**params, "char": hit[0]}
    if value.endswith("."):
        return "id.character", {**params, "char": "."}
    return None


def _invisible(value: str) -> re.Match[str] | None:
    odd = "".join(c for c in value if unicodedata.category(c) in {"Cf", "Zl", "Zp", "Co", "Cn"})
    return re.match(r".", odd)


def check_own_ids(table: Table, found: Problems) -> bool:
    """Whether the ids a table introduces are well formed, each there once, and distinct as file names."""
    cells = table.cells.get("id")
    if cells is not None and not cells.bad and not table.dropped and _plain_ids(cells.texts()):
        return True
    seen: dict[str, tuple[str, int]] = {}
    before = len(found)
    for row in range(table.rows):
        id_ = table.get(row, "id")
        if not id_:
            continue
        fault = id_fault(id_)
        if fault:
            note(table, row, "id", fault, found)
        form = unicodedata.normalize("NFKC", id_).casefold()
        first, at = seen.setdefault(form, (id_, row))
        if at != row:
            code = "id.repeated" if first == id_ else "id.alike"
            place, line = table.place(row, "id"), table.line(at)
            found.add(code, table.file, place, "id", value=shorten(id_), other=shorten(first), line=line)
    return len(found) == before and not (cells and cells.bad)


_UNKNOWN = {
    "applicant": ("id.unknown_applicant", "id.unknown_applicant_near"),
    "reviewer": ("id.unknown_reviewer", "id.unknown_reviewer_near"),
    "criterion": ("id.unknown_criterion", "id.unknown_criterion_near"),
}


def check_known(table: Table, name: str, reading: Reading, besides: tuple[str, ...] = ()) -> None:
    """Note every cell of a column (applicant, reviewer) that holds an id nobody introduced."""
    cells, known, found = table.cells.get(name), reading.known(name), reading.found
    if cells is None or known is None:
        return
    if all(map(known.__contains__, cells.values)):
        return
    options = [*known, *besides]
    inside = set(options)
    unknown = [i for i, value in enumerate(cells.values) if value and value not in inside and i not in cells.bad]
    if not unknown:
        return
    forms = {unicodedata.normalize("NFC", option) for option in options}
    guess = Suggestions(options)

    def problem(row: int) -> Fault:
        value = cells[row]
        if unicodedata.normalize("NFC", value) in forms:
            return "id.unicode_form", {"value": shorten(value)}
        near = guess(value)
        return _UNKNOWN[name][1 if near else 0], {"value": shorten(value), "near": near}

    table.note(found, cells.rows_with(unknown), name, problem)


def check_choice(table: Table, name: str, options: tuple[str, ...], found: Problems, *, optional: bool = False) -> None:
    """Note every cell of a column that holds none of some words (or, where it may be left empty, nothing)."""
    cells = table.cells.get(name)
    if cells is None:
        return
    allowed = set(options) | ({""} if optional else set())
    odd = [i for i, value in enumerate(cells.values) if value not in allowed and i not in cells.bad]
    if not odd:
        return

    def problem(row: int) -> Fault:
        near = nearest(cells[row], options)
        params: dict[str, object] = {"value": shorten(cells[row]), "near": near, "allowed": ", ".join(options)}
        return "cell.not_a_choice_near" if near else "cell.not_a_choice", params

    table.note(found, cells.rows_with(odd), name, problem)


def check_repeats(table: Table, names: tuple[str, ...], found: Problems) -> None:
    """Note every row that repeats an earlier one in some columns."""
    for row, first in duplicate_rows(table, names):
        key = ", ".join(shorten(cell(table, row, name), 30) for name in names)
        found.add("table.row_repeated", table.file, table.place(row), key=key, line=table.line(first))


def check_dates(table: Table, found: Problems) -> None:
    """Note every cell of the column date that holds something else."""
    for row in range(table.rows):
        text = table.get(row, "date")
        if text and not is_date(text):
            found.add("cell.not_a_date", table.file, table.place(row, "date"), "date", value=shorten(text))


def is_date(text: str) -> bool:
    """Whether text is a day of the calendar written YYYY-MM-DD."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def leaf_named(
    table: Table, row: int, id_: str | None, nodes: Mapping[str, Criterion] | None, found: Problems
) -> Criterion | None:
    """The leaf a cell names; None, with a problem noted, where there is none."""
    if not id_ or nodes is None:
        return None
    fault = leaf_fault(id_, nodes)
    if fault:
        note(table, row, "criterion", fault, found)
        return None
    return nodes[id_]


def leaf_fault(id_: str, nodes: Mapping[str, Criterion], guess: Suggestions | None = None) -> Fault | None:
    """What is wrong with an id where a scored criterion is needed."""
    node = nodes.get(id_)
    if node is None:
        near = (guess or Suggestions(nodes))(id_)
        return _UNKNOWN["criterion"][1 if near else 0], {"value": shorten(id_), "near": near}
    if not node.is_leaf:
        children = ", ".join(child.id for child in node.children)
        return "criterion.not_scored", {"criterion": id_, "children": shorten(children, 200)}
    return None


def score_fault(leaf: Criterion, value: Fraction) -> Fault | None:
    """What is wrong with a mark or figure on a leaf of a resolved rubric: off its scale, its step or its levels."""
    if allows(leaf, value):
        return None
    params: dict[str, object] = {"criterion": leaf.id, "value": show(value)}
    scale = leaf.scale
    if scale is None:
        values = sorted(level.value for level in leaf.levels)
        return "score.not_a_level", {**params, "allowed": shorten(", ".join(map(show, values)), 200)}
    params["min"] = show(scale.min)
    if scale.max is None and value < scale.min:
        return "score.below_minimum", params
    if value < scale.min or (scale.max is not None and value > scale.max):
        return "score.off_scale", {**params, "max": show(scale.max) if scale.max is not None else ""}
    step = scale.step or Fraction(1)
    below = value - (value - scale.min) % step
    return "score.off_step", {**params, "step": show(step), "below": show(below), "above": show(below + step)}
