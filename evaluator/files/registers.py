"""The tables of a round other than its marks: who, with whom, and what was decided about them."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from evaluator.errors import Problem
from evaluator.files.numerals import read_number
from evaluator.files.problems import Problems, Suggestions, nearest, shorten
from evaluator.files.tables import MAX_ID, MAX_TEXT, Column, Table, duplicate_rows
from evaluator.model.numbers import parse_decimal, show
from evaluator.model.round import (
    Adjustment,
    Applicant,
    Ballot,
    Conflict,
    Decision,
    GateRecord,
    OfficeFigure,
    Opinion,
    Reviewer,
)
from evaluator.model.rubric import DECISION, Criterion, Panel, Rubric, Scale, allowed_scale, allows

EVERYBODY = "*"
"""What conflicts.csv says for the whole round."""


def _id(name: str) -> Column:
    return Column(name, needed=True, filled=True, limit=MAX_ID)


def _needed(name: str) -> Column:
    return Column(name, needed=True, filled=True)


def _text(name: str, *, needed: bool = False, filled: bool = False) -> Column:
    return Column(name, needed=needed, filled=filled, limit=MAX_TEXT, free=True)


_DECIDED = (Column("decider"), Column("date"))
COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "applicants.csv": (
        _id("id"),
        _needed("name"),
        Column("lead"),
        Column("size"),
        _text("members"),
        Column("alias"),
        Column("status"),
    ),
    "reviewers.csv": (
        _id("id"),
        Column("name", needed=True),
        Column("panel"),
        Column("affiliation"),
        Column("role"),
    ),
    "assignments.csv": (_id("reviewer"), _id("applicant")),
    "scores.csv": (
        _id("reviewer"),
        _id("applicant"),
        _id("criterion"),
        Column("score", needed=True),
        Column("state"),
        _text("comment"),
    ),
    "conflicts.csv": (
        _id("reviewer"),
        _id("applicant"),
        _needed("kind"),
        _text("reason", needed=True, filled=True),
        *_DECIDED,
    ),
    "office.csv": (_id("applicant"), _id("criterion"), Column("score", needed=True), _text("source")),
    "adjustments.csv": (
        _id("applicant"),
        _needed("kind"),
        _needed("points"),
        _text("reason", needed=True, filled=True),
    ),
    "gates.csv": (
        _id("applicant"),
        _id("gate"),
        _needed("outcome"),
        *_DECIDED,
        _text("evidence"),
        _text("reason"),
    ),
    "decisions.csv": (
        _needed("kind"),
        _id("applicant"),
        Column("criterion", needed=True),
        Column("before", needed=True),
        _text("after", needed=True, filled=True),
        Column("decider", needed=True),
        Column("date", needed=True),
        _text("reason", needed=True),
    ),
    "opinions.csv": (_id("applicant"), _needed("kind"), _text("text", needed=True, filled=True)),
    "votes.csv": (_id("reviewer"), _id("applicant"), _needed("vote"), _text("reason", needed=True)),
}
"""The tables of a round folder and their columns."""


@dataclass(slots=True)
class Reading:
    """What is known of the round while its tables are read.

    ``applicants`` and ``reviewers`` map ids to positions; None where their table could not be read. ``unsure`` names
    them where some id is wrong in that table itself, so that nobody is told that an id is unknown. ``rubric`` is None
    where criteria are not known; ``doubtful`` are its top keys under which something is wrong.
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


def read_applicants(table: Table, reading: Reading) -> tuple[Applicant, ...]:
    """The applicants in the file's order."""
    found = reading.found
    reading.applicants = _introduced(table)
    if not _check_own_ids(table, found):
        reading.unsure.add("applicant")
    _check_choice(table, "status", ("active", "withdrawn"), found, optional=True)
    if table.rows == 0:
        found.add("applicants.none", table.file, (len(table.lines), 1))
    aliases: dict[str, int] = {}
    for row in range(table.rows):
        alias = table.get(row, "alias")
        if alias == "" and reading.blind:
            who = table.get(row, "id") or ""
            found.add("applicant.alias_missing", table.file, table.place(row, "alias"), "alias", applicant=who)
        elif alias and alias in aliases:
            line = table.line(aliases[alias])
            found.add(
                "applicant.alias_duplicate", table.file, table.place(row, "alias"), "alias", alias=alias, line=line
            )
        elif alias:
            aliases[alias] = row
    return tuple(
        Applicant(
            id=_cell(table, row, "id"),
            name=_cell(table, row, "name"),
            lead=_cell(table, row, "lead"),
            size=_cell(table, row, "size"),
            members=_cell(table, row, "members"),
            alias=_cell(table, row, "alias"),
            withdrawn=table.get(row, "status") == "withdrawn",
        )
        for row in range(table.rows)
    )


def read_reviewers(table: Table, reading: Reading) -> tuple[Reviewer, ...]:
    """The reviewers in the file's order, each with a panel; the only panel where the file names none."""
    found, rubric = reading.found, reading.rubric
    if not _check_own_ids(table, found):
        reading.unsure.add("reviewer")
    trusted = rubric is not None and reading.trusts("panel", "panels")
    panels = [panel.id for panel in rubric.all_panels] if rubric is not None and trusted else None
    reviewers = []
    for row in range(table.rows):
        panel = table.get(row, "panel")
        who = _cell(table, row, "id")
        if panel == "" and panels is not None:
            if len(panels) > 1:
                place = table.place(row, "panel")
                found.add("reviewer.panel_missing", table.file, place, "panel", reviewer=who, allowed=", ".join(panels))
            panel = panels[0] if len(panels) == 1 else ""
        elif panel and panels is not None and panel not in panels:
            near = nearest(panel, panels)
            code = "reviewer.panel_unknown" if panels else "reviewer.no_panels"
            found.add(
                "reviewer.panel_unknown_near" if near else code,
                table.file,
                table.place(row, "panel"),
                "panel",
                reviewer=who,
                value=shorten(panel),
                near=near,
                allowed=", ".join(panels),
            )
        reviewers.append(
            Reviewer(
                id=who,
                panel=panel or "",
                name=_cell(table, row, "name"),
                affiliation=_cell(table, row, "affiliation"),
                role=_cell(table, row, "role"),
            )
        )
    reading.reviewers = _introduced(table)
    reading.reviewer_panels = [reviewer.panel for reviewer in reviewers]
    return tuple(reviewers)


def read_assignments(table: Table, reading: Reading) -> NDArray[np.int32]:
    """(applicant, reviewer) positions, one line an assignment."""
    check_known(table, "reviewer", reading)
    check_known(table, "applicant", reading)
    _check_repeats(table, ("reviewer", "applicant"), reading.found)
    if not (table.has("reviewer") and table.has("applicant")):
        return np.zeros((0, 2), np.int32)
    columns = [
        table.cells["applicant"].map_to(reading.applicants or {}),
        table.cells["reviewer"].map_to(reading.reviewers or {}),
    ]
    pairs = np.stack(columns, axis=1)
    return pairs[(pairs >= 0).all(axis=1)]


def read_conflicts(table: Table, reading: Reading) -> tuple[Conflict, ...]:
    """The recusals, each for one applicant or for the whole round."""
    check_known(table, "reviewer", reading)
    check_known(table, "applicant", reading, besides=(EVERYBODY,))
    _check_repeats(table, ("reviewer", "applicant", "kind"), reading.found)
    _check_dates(table, reading.found)
    names = ("reviewer", "applicant", "kind", "reason", "decider", "date")
    return tuple(Conflict(**_named(table, row, names)) for row in range(table.rows))


def read_office(table: Table, reading: Reading) -> tuple[OfficeFigure, ...]:
    """The figures entered once for each applicant. An empty cell is a figure that is still missing: no figure."""
    found = reading.found
    check_known(table, "applicant", reading)
    _check_repeats(table, ("applicant", "criterion"), found)
    nodes = reading.nodes
    figures = []
    for row in range(table.rows):
        criterion, text = table.get(row, "criterion"), table.get(row, "score")
        leaf = _leaf(table, row, criterion, nodes, found)
        if leaf is not None and leaf.source in {None, "panel"}:
            place = table.place(row, "criterion")
            found.add("office.criterion_is_panels", table.file, place, "criterion", criterion=criterion or "")
            leaf = None
        if not text or not table.has("score"):
            continue
        value = read_number(text)
        if not isinstance(value, Fraction):
            _note(table, row, "score", value, found)
            continue
        if leaf is not None and reading.trusts("criteria") and (fault := score_fault(leaf, value)):
            _note(table, row, "score", fault, found)
        figures.append(
            OfficeFigure(
                applicant=_cell(table, row, "applicant"),
                criterion=criterion or "",
                score=value,
                source=_cell(table, row, "source"),
            )
        )
    return tuple(figures)


def read_adjustments(table: Table, reading: Reading) -> tuple[Adjustment, ...]:
    """The bonuses and penalties, within the rubric's limits for each applicant and kind."""
    found, rubric = reading.found, reading.rubric
    check_known(table, "applicant", reading)
    _check_choice(table, "kind", ("bonus", "penalty"), found)
    _check_repeats(table, ("applicant", "kind", "reason"), found)
    if rubric is not None and reading.trusts("adjustments") and rubric.adjustments is None and table.rows:
        found.add("adjustments.not_allowed", table.file, table.place(0))
    sums: dict[tuple[str, str], Fraction] = {}
    last: dict[tuple[str, str], int] = {}
    done = []
    for row in range(table.rows):
        text, kind, who = table.get(row, "points"), table.get(row, "kind"), table.get(row, "applicant")
        if not text or kind not in {"bonus", "penalty"}:
            continue
        points = read_number(text)
        if not isinstance(points, Fraction):
            _note(table, row, "points", points, found)
            continue
        if points <= 0:
            found.add("adjustments.not_positive", table.file, table.place(row, "points"), "points", value=shorten(text))
            continue
        key = (who or "", kind)
        sums[key], last[key] = sums.get(key, Fraction(0)) + points, row
        done.append(
            Adjustment(
                applicant=who or "",
                kind=cast("Literal['bonus', 'penalty']", kind),
                points=points,
                reason=_cell(table, row, "reason"),
            )
        )
    if rubric is not None and reading.trusts("adjustments") and rubric.adjustments is not None:
        limits = {"bonus": rubric.adjustments.bonus_max, "penalty": rubric.adjustments.penalty_max}
        for (who, kind), total in sums.items():
            limit = limits[kind]
            if limit is not None and total > limit:
                place = table.place(last[who, kind], "points")
                code = "adjustments.bonus_above_limit" if kind == "bonus" else "adjustments.penalty_above_limit"
                found.add(code, table.file, place, "points", applicant=who, sum=show(total), limit=show(limit))
    return tuple(done)


def read_gates(table: Table, reading: Reading) -> tuple[GateRecord, ...]:
    """How applicants stand at the rubric's gates."""
    found = reading.found
    check_known(table, "applicant", reading)
    _check_choice(table, "outcome", ("pass", "fail", "open"), found)
    _check_repeats(table, ("applicant", "gate"), found)
    _check_dates(table, found)
    if reading.rubric is not None and reading.trusts("gates"):
        gates = [gate.id for gate in reading.rubric.gates]
        if not gates and table.rows:
            found.add("gate.none", table.file, table.place(0))
        for row in range(table.rows if gates else 0):
            gate = table.get(row, "gate")
            if gate and gate not in gates:
                near = nearest(gate, gates)
                code = "gate.unknown_near" if near else "gate.unknown"
                place = table.place(row, "gate")
                found.add(code, table.file, place, "gate", value=shorten(gate), near=near, allowed=", ".join(gates))
    names = ("applicant", "gate", "outcome", "decider", "date", "evidence", "reason")
    return tuple(GateRecord(**_named(table, row, names)) for row in range(table.rows))


def read_decisions(table: Table, reading: Reading) -> tuple[Decision, ...]:
    """The recorded decisions, each well formed for its kind; whether they fit the ranking is seen when it is made."""
    found = reading.found
    check_known(table, "applicant", reading)
    _check_choice(table, "kind", ("tie", "consensus", "condition"), found)
    _check_dates(table, found)
    checks: dict[str, Callable[[Table, int, Reading], None]] = {
        "tie": _check_tie,
        "consensus": _check_consensus,
        "condition": _check_condition,
    }
    seen: dict[tuple[str, ...], int] = {}
    done = []
    for row in range(table.rows):
        kind = table.get(row, "kind") or ""
        if kind not in checks:
            continue
        checks[kind](table, row, reading)
        beside = {"tie": "", "consensus": _cell(table, row, "criterion")}.get(kind, _cell(table, row, "after"))
        key = (kind, _cell(table, row, "applicant"), beside)
        if key in seen:
            line = table.line(seen[key])
            found.add(
                "table.row_repeated", table.file, table.place(row), key=shorten(", ".join(filter(None, key))), line=line
            )
        seen.setdefault(key, row)
        names = ("kind", "applicant", "criterion", "before", "after", "decider", "date", "reason")
        done.append(Decision(**_named(table, row, names), line=table.line(row)))
    return tuple(done)


def _check_unused(table: Table, row: int, kind: str, names: Iterable[str], found: Problems) -> None:
    for name in names:
        if table.get(row, name):
            found.add("decision.field_not_used", table.file, table.place(row, name), name, kind=kind, column=name)


def _check_signed(table: Table, row: int, kind: str, found: Problems) -> None:
    for name in ("decider", "reason"):
        if table.get(row, name) == "" and table.has(name):
            found.add("decision.field_missing", table.file, table.place(row, name), name, kind=kind, column=name)


def _check_tie(table: Table, row: int, reading: Reading) -> None:
    found, rubric, after = reading.found, reading.rubric, table.get(row, "after")
    _check_unused(table, row, "tie", ("criterion", "before"), found)
    _check_signed(table, row, "tie", found)
    trusted = rubric is not None and reading.trusts("tie_break", "decision")
    if rubric is not None and trusted and rubric.decision is None and DECISION not in rubric.tie_break:
        found.add("decision.tie_not_in_chain", table.file, table.place(row, "kind"), "kind")
    if after and not re.fullmatch(r"[1-9][0-9]{0,5}", after):
        found.add("decision.tie_order", table.file, table.place(row, "after"), "after", value=shorten(after))


def _check_consensus(table: Table, row: int, reading: Reading) -> None:
    found, criterion = reading.found, table.get(row, "criterion")
    _check_signed(table, row, "consensus", found)
    for name in ("before", "after"):
        text = table.get(row, name)
        value = read_number(text) if text else None
        if isinstance(value, tuple):
            _note(table, row, name, value, found)
    if criterion == "":
        place = table.place(row, "criterion")
        found.add("decision.field_missing", table.file, place, "criterion", kind="consensus", column="criterion")
        return
    leaf = _leaf(table, row, criterion, reading.nodes, found)
    if leaf is None:
        return
    if leaf.source not in {None, "panel"}:
        place = table.place(row, "criterion")
        found.add("decision.criterion_not_panels", table.file, place, "criterion", criterion=criterion or "")
        return
    panel = _panel_of(leaf, reading)
    value = parse_decimal(table.get(row, "after") or "")
    if not reading.trusts("criteria", "panel", "panels") or panel is None or value is None:
        return
    ends = allowed_scale(leaf) if panel.order == "consensus_first" else Scale(min=Fraction(0), max=leaf.points)
    if not ends.model_copy(update={"step": None}).allows(value):
        found.add(
            "decision.consensus_off_scale",
            table.file,
            table.place(row, "after"),
            "after",
            value=show(value),
            criterion=leaf.id,
            min=show(ends.min),
            max=show(ends.max) if ends.max is not None else "",
        )


def _check_condition(table: Table, row: int, reading: Reading) -> None:
    _check_unused(table, row, "condition", ("criterion", "before"), reading.found)


def _panel_of(leaf: Criterion, reading: Reading) -> Panel | None:
    if reading.rubric is None:
        return None
    panels = (p for p in reading.rubric.all_panels if leaf in reading.rubric.leaves_of(p))
    return next(panels, None)


def read_opinions(table: Table, reading: Reading) -> tuple[Opinion, ...]:
    """The panel's merged opinions."""
    check_known(table, "applicant", reading)
    _check_choice(table, "kind", ("summary", "strength", "weakness", "condition"), reading.found)
    _check_repeats(table, ("applicant", "kind", "text"), reading.found)
    return tuple(Opinion(**_named(table, row, ("applicant", "kind", "text"))) for row in range(table.rows))


def read_votes(table: Table, reading: Reading) -> tuple[Ballot, ...]:
    """The votes of a round that selects by recognition; a recused reviewer has none."""
    found = reading.found
    check_known(table, "reviewer", reading)
    check_known(table, "applicant", reading)
    _check_choice(table, "vote", ("yes", "no", "abstain"), found)
    _check_repeats(table, ("reviewer", "applicant"), found)
    recused = {(c.reviewer, c.applicant) for c in reading.conflicts}
    for row in range(table.rows):
        who, about = table.get(row, "reviewer"), table.get(row, "applicant")
        if (who, about) in recused or (who, EVERYBODY) in recused:
            place = table.place(row, "vote")
            found.add("vote.recused", table.file, place, "vote", reviewer=who or "", applicant=about or "")
    return tuple(Ballot(**_named(table, row, ("reviewer", "applicant", "vote", "reason"))) for row in range(table.rows))


def _cell(table: Table, row: int, name: str) -> str:
    """A cell's text; a stand-in where a problem was noted about it, for a round that will not be used."""
    return table.get(row, name) or ""


def _named(table: Table, row: int, names: Iterable[str]) -> dict[str, Any]:
    return {name: _cell(table, row, name) for name in names}


def _note(table: Table, row: int, name: str, fault: tuple[str, dict[str, object]], found: Problems) -> None:
    found.add(fault[0], table.file, table.place(row, name), name, **fault[1])


def _introduced(table: Table) -> dict[str, int] | None:
    """The ids a table introduces, by position; None where some of its rows or its ids could not be read."""
    cells = table.cells.get("id")
    if cells is None or table.dropped or "" in cells.values:
        return None
    return {cells[row]: row for row in reversed(range(table.rows))}


# Characters a file name cannot hold somewhere, and what separates ids in lists and tables.
_NOT_IN_ID = re.compile(r'[/\\<>:"|?*,;\s]')
_NOT_FIRST = "=+-@."


def id_fault(value: str) -> tuple[str, dict[str, object]] | None:
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


def _check_own_ids(table: Table, found: Problems) -> bool:
    """Whether the ids a table introduces are well formed, each there once, and distinct as file names."""
    seen: dict[str, tuple[str, int]] = {}
    before = len(found)
    for row in range(table.rows):
        id_ = table.get(row, "id")
        if not id_:
            continue
        fault = id_fault(id_)
        if fault:
            _note(table, row, "id", fault, found)
        form = unicodedata.normalize("NFKC", id_).casefold()
        first, at = seen.setdefault(form, (id_, row))
        if at != row:
            code = "id.repeated" if first == id_ else "id.alike"
            place, line = table.place(row, "id"), table.line(at)
            found.add(code, table.file, place, "id", value=shorten(id_), other=shorten(first), line=line)
    cells = table.cells.get("id")
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
    options = [*known, *besides]
    inside = set(options)
    unknown = [i for i, value in enumerate(cells.values) if value and value not in inside and i not in cells.bad]
    if not unknown:
        return
    forms = {unicodedata.normalize("NFC", option) for option in options}
    guess = Suggestions(options)

    def problem(row: int) -> tuple[str, dict[str, object]]:
        value = cells[row]
        if unicodedata.normalize("NFC", value) in forms:
            return "id.unicode_form", {"value": shorten(value)}
        near = guess(value)
        return _UNKNOWN[name][1 if near else 0], {"value": shorten(value), "near": near}

    table.note(found, cells.rows_with(unknown), name, problem)


def _check_choice(
    table: Table, name: str, options: tuple[str, ...], found: Problems, *, optional: bool = False
) -> None:
    cells = table.cells.get(name)
    if cells is None:
        return
    allowed = set(options) | ({""} if optional else set())
    odd = [i for i, value in enumerate(cells.values) if value not in allowed and i not in cells.bad]
    if not odd:
        return

    def problem(row: int) -> tuple[str, dict[str, object]]:
        near = nearest(cells[row], options)
        params: dict[str, object] = {"value": shorten(cells[row]), "near": near, "allowed": ", ".join(options)}
        return "cell.not_a_choice_near" if near else "cell.not_a_choice", params

    table.note(found, cells.rows_with(odd), name, problem)


def _check_repeats(table: Table, names: tuple[str, ...], found: Problems) -> None:
    for row, first in duplicate_rows(table, names):
        key = ", ".join(shorten(_cell(table, row, name), 30) for name in names)
        found.add("table.row_repeated", table.file, table.place(row), key=key, line=table.line(first))


def _check_dates(table: Table, found: Problems) -> None:
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


def _leaf(
    table: Table, row: int, id_: str | None, nodes: Mapping[str, Criterion] | None, found: Problems
) -> Criterion | None:
    """The leaf a cell names; None, with a problem noted, where there is none."""
    if not id_ or nodes is None:
        return None
    fault = leaf_fault(id_, nodes)
    if fault:
        _note(table, row, "criterion", fault, found)
        return None
    return nodes[id_]


def leaf_fault(
    id_: str, nodes: Mapping[str, Criterion], guess: Suggestions | None = None
) -> tuple[str, dict[str, object]] | None:
    """What is wrong with an id where a scored criterion is needed."""
    node = nodes.get(id_)
    if node is None:
        near = (guess or Suggestions(nodes))(id_)
        return _UNKNOWN["criterion"][1 if near else 0], {"value": shorten(id_), "near": near}
    if not node.is_leaf:
        children = ", ".join(child.id for child in node.children)
        return "criterion.not_scored", {"criterion": id_, "children": shorten(children, 200)}
    return None


def score_fault(leaf: Criterion, value: Fraction) -> tuple[str, dict[str, object]] | None:
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
