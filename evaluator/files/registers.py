"""The tables of a round other than its marks: who, with whom, and what was decided about them."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from evaluator.files.checks import (
    EVERYBODY,
    Reading,
    cell,
    check_choice,
    check_dates,
    check_known,
    check_own_ids,
    check_repeats,
    introduced,
    leaf_named,
    named_cells,
    note,
    score_fault,
)
from evaluator.files.numerals import read_number
from evaluator.files.problems import Problems, nearest, shorten
from evaluator.files.tables import MAX_ID, MAX_TEXT, Column, Table
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
from evaluator.model.rubric import DECISION, Criterion, Panel, Scale, allowed_scale


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


def read_applicants(table: Table, reading: Reading) -> tuple[Applicant, ...]:
    """The applicants in the file's order."""
    found = reading.found
    reading.applicants = introduced(table)
    if not check_own_ids(table, found):
        reading.unsure.add("applicant")
    check_choice(table, "status", ("active", "withdrawn"), found, optional=True)
    if table.rows == 0:
        found.add("applicants.none", table.file, (len(table.lines), 1))
    _check_aliases(table, reading)
    columns = {name: table.texts(name) for name in ("id", "name", "lead", "size", "members", "alias")}
    withdrawn = [status == "withdrawn" for status in table.texts("status")]
    return _applicants({**columns, "withdrawn": withdrawn}, table.rows)


def _applicants(columns: Mapping[str, Sequence[object]], rows: int) -> tuple[Applicant, ...]:
    """An applicant a row. Their fields are set column by column: making them one by one takes twice as long."""
    made = [Applicant.__new__(Applicant) for _ in range(rows)]
    for name, values in columns.items():
        deque(map(getattr(Applicant, name).__set__, made, values), maxlen=0)
    return tuple(made)


def _check_aliases(table: Table, reading: Reading) -> None:
    """Every applicant of a blind round has an alias, and no two have the same."""
    told = [alias for alias in table.texts("alias") if alias]
    if len(set(told)) == len(told) and (len(told) == table.rows or not reading.blind):
        return
    found = reading.found
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


def read_reviewers(table: Table, reading: Reading) -> tuple[Reviewer, ...]:
    """The reviewers in the file's order, each with a panel; the only panel where the file names none."""
    found, rubric = reading.found, reading.rubric
    if not check_own_ids(table, found):
        reading.unsure.add("reviewer")
    trusted = rubric is not None and reading.trusts("panel", "panels")
    panels = [panel.id for panel in rubric.all_panels] if rubric is not None and trusted else None
    reviewers = []
    for row in range(table.rows):
        panel = table.get(row, "panel")
        who = cell(table, row, "id")
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
                name=cell(table, row, "name"),
                affiliation=cell(table, row, "affiliation"),
                role=cell(table, row, "role"),
            )
        )
    reading.reviewers = introduced(table)
    reading.reviewer_panels = [reviewer.panel for reviewer in reviewers]
    return tuple(reviewers)


def read_assignments(table: Table, reading: Reading) -> NDArray[np.int32]:
    """(applicant, reviewer) positions, one line an assignment."""
    check_known(table, "reviewer", reading)
    check_known(table, "applicant", reading)
    check_repeats(table, ("reviewer", "applicant"), reading.found)
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
    check_repeats(table, ("reviewer", "applicant", "kind"), reading.found)
    check_dates(table, reading.found)
    names = ("reviewer", "applicant", "kind", "reason", "decider", "date")
    return tuple(Conflict(**named_cells(table, row, names)) for row in range(table.rows))


def read_office(table: Table, reading: Reading) -> tuple[OfficeFigure, ...]:
    """The figures entered once for each applicant. An empty cell is a figure that is still missing: no figure."""
    found = reading.found
    check_known(table, "applicant", reading)
    check_repeats(table, ("applicant", "criterion"), found)
    nodes = reading.nodes
    figures = []
    for row in range(table.rows):
        criterion, text = table.get(row, "criterion"), table.get(row, "score")
        leaf = leaf_named(table, row, criterion, nodes, found)
        if leaf is not None and leaf.source in {None, "panel"}:
            place = table.place(row, "criterion")
            found.add("office.criterion_is_panels", table.file, place, "criterion", criterion=criterion or "")
            leaf = None
        if not text or not table.has("score"):
            continue
        value = read_number(text)
        if not isinstance(value, Fraction):
            note(table, row, "score", value, found)
            continue
        if leaf is not None and reading.trusts("criteria") and (fault := score_fault(leaf, value)):
            note(table, row, "score", fault, found)
        place = table.place(row, "criterion")
        reading.office_places.setdefault((cell(table, row, "applicant"), criterion or ""), place)
        figures.append(
            OfficeFigure(
                applicant=cell(table, row, "applicant"),
                criterion=criterion or "",
                score=value,
                source=cell(table, row, "source"),
            )
        )
    return tuple(figures)


def read_adjustments(table: Table, reading: Reading) -> tuple[Adjustment, ...]:
    """The bonuses and penalties, within the rubric's limits for each applicant and kind."""
    found, rubric = reading.found, reading.rubric
    check_known(table, "applicant", reading)
    check_choice(table, "kind", ("bonus", "penalty"), found)
    check_repeats(table, ("applicant", "kind", "reason"), found)
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
            note(table, row, "points", points, found)
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
                reason=cell(table, row, "reason"),
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
    check_choice(table, "outcome", ("pass", "fail", "open"), found)
    check_repeats(table, ("applicant", "gate"), found)
    check_dates(table, found)
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
    return tuple(GateRecord(**named_cells(table, row, names)) for row in range(table.rows))


def read_decisions(table: Table, reading: Reading) -> tuple[Decision, ...]:
    """The recorded decisions, each well formed for its kind; whether they fit the ranking is seen when it is made."""
    found = reading.found
    check_known(table, "applicant", reading)
    check_choice(table, "kind", ("tie", "consensus", "condition"), found)
    check_dates(table, found)
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
        beside = {"tie": "", "consensus": cell(table, row, "criterion")}.get(kind, cell(table, row, "after"))
        key = (kind, cell(table, row, "applicant"), beside)
        if key in seen:
            line = table.line(seen[key])
            found.add(
                "table.row_repeated", table.file, table.place(row), key=shorten(", ".join(filter(None, key))), line=line
            )
        seen.setdefault(key, row)
        names = ("kind", "applicant", "criterion", "before", "after", "decider", "date", "reason")
        done.append(Decision(**named_cells(table, row, names), line=table.line(row)))
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
            note(table, row, name, value, found)
    if criterion == "":
        place = table.place(row, "criterion")
        found.add("decision.field_missing", table.file, place, "criterion", kind="consensus", column="criterion")
        return
    leaf = leaf_named(table, row, criterion, reading.nodes, found)
    if leaf is None:
        return
    value = parse_decimal(table.get(row, "after") or "")
    if leaf.is_derived:
        if value is not None and reading.trusts("criteria") and (fault := score_fault(leaf, value)):
            note(table, row, "after", fault, found)
        return
    if leaf.source not in {None, "panel"}:
        place = table.place(row, "criterion")
        found.add("decision.criterion_not_panels", table.file, place, "criterion", criterion=criterion or "")
        return
    panel = _panel_of(leaf, reading)
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
    check_choice(table, "kind", ("summary", "strength", "weakness", "condition"), reading.found)
    check_repeats(table, ("applicant", "kind", "text"), reading.found)
    return tuple(Opinion(**named_cells(table, row, ("applicant", "kind", "text"))) for row in range(table.rows))


def read_votes(table: Table, reading: Reading) -> tuple[Ballot, ...]:
    """The votes of a round that selects by recognition; a recused reviewer has none."""
    found = reading.found
    check_known(table, "reviewer", reading)
    check_known(table, "applicant", reading)
    check_choice(table, "vote", ("yes", "no", "abstain"), found)
    check_repeats(table, ("reviewer", "applicant"), found)
    recused = {(c.reviewer, c.applicant) for c in reading.conflicts}
    for row in range(table.rows):
        who, about = table.get(row, "reviewer"), table.get(row, "applicant")
        if (who, about) in recused or (who, EVERYBODY) in recused:
            place = table.place(row, "vote")
            found.add("vote.recused", table.file, place, "vote", reviewer=who or "", applicant=about or "")
    return tuple(
        Ballot(**named_cells(table, row, ("reviewer", "applicant", "vote", "reason"))) for row in range(table.rows)
    )
