"""Random rounds over every combination of rule options, valid under the contract, and their round folders.

`random_case(rng)` draws everything from `rng`; the same state gives the same case. About one round in seven
is not rankable on purpose, and a few in a hundred carry an input problem that only arithmetic can find.
"""

from __future__ import annotations

import csv
import dataclasses
import json
import pathlib
import re
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from random import Random
from typing import Any

from tests.oracle.oracle import Answer, Case, Refused, Row, Rubric, panels_of, resolve, rounded, showable, solve

Spec = dict[str, Any]
Mark = tuple[str, str, str]

EVIDENCE = ("performance", "openness", "access")
CONFLICT_KINDS = ("제척", "기피", "회피")
# as many digits as a table may hold: what does not fit a machine word must still be exact
WIDE = ["0.000001", "1", "7.654321", "1234567.654321", "333333333333.333333", "999999999999.999999"]
MULTIPLIERS = [Fraction(a, b) for a in (1, 2, 3, 5, 10) for b in (1, 2, 3, 4, 5, 10)]


# ---------------------------------------------------------------- numbers as text


def finite(value: Fraction, decimals: int = 12) -> bool:
    """Whether `value` can be written as a decimal of so many places."""
    return bool((value * 10**decimals).denominator == 1)


def written(value: Fraction) -> str:
    """The shortest decimal text of a finite decimal."""
    decimals = 0
    while not finite(value, decimals):
        decimals += 1
        if decimals > 12:
            raise ValueError(f"no finite decimal: {value}")
    digits = str(abs(value.numerator * 10**decimals // value.denominator)).rjust(decimals + 1, "0")
    text = digits[: len(digits) - decimals] + ("." + digits[len(digits) - decimals :] if decimals else "")
    return "-" + text if value < 0 else text


def spelled(rng: Random, value: Fraction) -> str:
    """A decimal as people type it: sometimes with trailing zeros or a plus sign."""
    text = written(value)
    if rng.random() < 0.15:
        places = len(text.partition(".")[2])
        if places < 6:
            text += ("" if places else ".") + "0" * rng.randint(1, min(2, 6 - places))
    if value > 0 and rng.random() < 0.03:
        text = "+" + text
    return text


def yaml_number(rng: Random, value: Fraction) -> str | int:
    """A number of the rubric: an int now and then where it is one, else its text."""
    if value.denominator == 1 and rng.random() < 0.5:
        return int(value)
    return written(value)


# ---------------------------------------------------------------- the rubric's tree


@dataclass
class Build:
    """What is being put together.

    `leaf_points` holds the points of the leaves under a node, in the unit of the file the node is in.
    """

    rng: Random
    points_decimals: int | None
    units: list[Fraction]
    office_share: float
    includes: dict[str, Rubric] = field(default_factory=dict)
    points: dict[str, Fraction] = field(default_factory=dict)
    leaf_points: dict[str, list[Fraction]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    pool: dict[str, list[Fraction]] = field(default_factory=dict)

    def name(self, stem: str) -> str:
        while True:
            name = f"{stem}{self.rng.choice(['', '-', '_'])}{self.rng.randint(1, 99)}"
            if name not in self.names:
                self.names.add(name)
                return name

    def title(self, text: str) -> str | dict[str, str]:
        return {"ko": f"항목 {text}", "en": f"Item {text}"} if self.rng.random() < 0.3 else f"Item {text}"


def make_nodes(b: Build, count: int, depth: int) -> list[Spec]:
    return [make_node(b, depth) for _ in range(count)]


def make_node(b: Build, depth: int) -> Spec:
    rng = b.rng
    dice = rng.random()
    if depth < 3 and dice < 0.25:
        return make_group(b, depth)
    if depth < 3 and dice < 0.34 and len(b.includes) < 3:
        return make_include(b, depth)
    name = b.name(rng.choice(["c", "tech", "plan", "impact"]))
    points = rng.choice(b.units) * rng.randint(1, 20)
    b.points[name], b.leaf_points[name] = points, [points]
    spec: Spec = {"id": name, "title": b.title(name), "points": yaml_number(rng, points)}
    if rng.random() < b.office_share:
        spec["source"] = rng.choice(["office", "office", *EVIDENCE])
    elif rng.random() < 0.2:
        spec["source"] = "panel"
    if rng.random() < 0.1:
        spec["basis"] = {"status": rng.choice(["published", "regulation", "assumed"]), "source": "the call"}
    return spec


def make_group(b: Build, depth: int) -> Spec:
    rng = b.rng
    name = b.name("g")
    children = make_nodes(b, rng.randint(1, 3), depth + 1)
    total = sum((b.points[child["id"]] for child in children), Fraction(0))
    spec: Spec = {"id": name, "title": b.title(name)}
    points = total
    if rng.random() < 0.35:
        points = rng.choice([rng.choice(b.units) * rng.randint(1, 60), total, total * 2, total / 2])
        spec["of"] = yaml_number(rng, total)
    spec["points"] = yaml_number(rng, points)
    spec["children"] = children
    b.points[name] = points
    b.leaf_points[name] = [p for child in children for p in b.leaf_points[child["id"]]]
    return spec


def make_include(b: Build, depth: int) -> Spec:
    """A group filled from another rubric, at points under which every leaf can still be shown."""
    rng = b.rng
    name = b.name("inc")
    key = f"./{name}.yaml"
    b.includes[key] = {}
    roots = make_nodes(b, rng.randint(1, 3), depth + 1)
    total = sum((b.points[root["id"]] for root in roots), Fraction(0))
    inner = [p for root in roots for p in b.leaf_points[root["id"]]]
    fits = [
        m
        for m in MULTIPLIERS
        if finite(total * m, 6) and all(b.points_decimals is None or finite(p * m, b.points_decimals) for p in inner)
    ]
    multiplier = rng.choice(fits) if fits else Fraction(lcm(*(p.denominator for p in [*inner, total])))
    b.includes[key] = {
        "schema": 1,
        "id": f"{name}-rubric",
        "version": "1",
        "title": f"Included {name}",
        "criteria": roots,
    }
    b.points[name] = total * multiplier
    b.leaf_points[name] = [p * multiplier for p in inner]
    return {"id": name, "title": b.title(name), "points": yaml_number(rng, b.points[name]), "include": key}


def below(b: Build, spec: Spec) -> list[Spec]:
    """The node itself and everything under it, included rubrics too."""
    inner = b.includes[spec["include"]]["criteria"] if "include" in spec else spec.get("children", [])
    return [spec, *(node for child in inner for node in below(b, child))]


def is_leaf(spec: Spec) -> bool:
    return "include" not in spec and "children" not in spec


def panel_leaves(b: Build, spec: Spec) -> list[Spec]:
    return [node for node in below(b, spec) if is_leaf(node) and node.get("source", "panel") == "panel"]


# ---------------------------------------------------------------- scales and converts


def fill_leaf(b: Build, spec: Spec, grades: bool, relative: bool, coarse: bool) -> None:
    """Choose scale or levels and convert for one leaf, and the marks or figures that may be given on it."""
    rng = b.rng
    points = b.points[spec["id"]]
    office = spec.get("source", "panel") != "panel"
    kinds = ["default"] * 4 + ["linear"] * 3 + ["proportional"] * 2 + ["target"] * 2
    kinds += ["grades"] * 3 if grades else []
    kinds += ["relative_to_best"] * 4 if relative else []
    kind = rng.choice(kinds)
    lower = False
    if kind in ("default", "linear"):
        minimum = "zero" if kind == "default" else "any"
        shape = rng.choice(["none", "scale", "scale", "levels", "both"])
        lower = shape in ("scale", "both") and rng.random() < 0.3
    elif kind == "grades":
        minimum, shape = "any", "levels"
    else:
        minimum = "nonneg"
        shape = rng.choice(["none", "scale", "scale", "levels", "both"])
        if kind == "relative_to_best" and rng.random() < 0.5:
            lower, minimum, shape = True, "positive", rng.choice(["scale", "both"])
    lows = {
        "zero": ["0"],
        "any": ["0", "1", "1", "-2", "-5", "0.5", "-1.5", "10"],
        "nonneg": ["0", "0", "1", "0.5", "2"],
        "positive": ["1", "0.5", "2", "0.1"],
    }[minimum]
    low = Fraction(rng.choice(lows))
    step = Fraction(rng.choice(["1", "1", "0.5", "0.25", "0.1", "2", "3", "0.3"]))
    size = rng.randint(2, 10)
    grid = [low + step * i for i in range(size + 1)]
    wide = shape == "scale" and low == 0 and rng.random() < 0.04
    if wide:
        grid = sorted(Fraction(x) for x in ["0", *rng.sample(WIDE, rng.randint(3, len(WIDE)))])
    if shape == "none":
        open_ended = office and kind in ("target", "relative_to_best")
        if open_ended:
            pool = [Fraction(x) for x in ("0", "0.5", "0.95", "1", "2", "12.5", "37.25", "100")]
            if kind == "relative_to_best" and rng.random() < 0.08:
                pool = [Fraction(0)]
            elif rng.random() < 0.1:
                pool = [Fraction(x) for x in WIDE]
        else:
            parts = rng.choice([2, 4, 5, 10, 100])
            pool = [points * i / parts for i in range(parts + 1)]
    elif shape == "levels":
        pool = grid if len(grid) <= 6 else rng.sample(grid, rng.randint(2, 6))
    else:
        pool = grid
    if shape in ("scale", "both"):
        scale: Spec = {"min": yaml_number(rng, grid[0]), "max": yaml_number(rng, grid[-1])}
        if wide:
            pass  # such numbers lie on no common step
        elif rng.random() < 0.6:
            scale["step"] = yaml_number(rng, step)
        elif rng.random() < 0.5:
            pool = [grid[0] + (grid[-1] - grid[0]) * i / 100 for i in range(101)]
        if lower:
            scale["direction"] = "lower"
        elif rng.random() < 0.3:
            scale["direction"] = "higher"
        spec["scale"] = scale
    if shape == "both":
        anchors = rng.sample(grid, min(len(grid), rng.randint(2, 4)))
        spec["levels"] = [make_level(b, value) for value in anchors]
    elif shape == "levels":
        values = list(pool)
        if rng.random() < 0.5:
            rng.shuffle(values)
        spec["levels"] = [make_level(b, value) for value in values]
        if kind == "default" and min(pool) != 0:
            kind = "linear"
    if kind == "grades":
        spec["convert"] = {
            "kind": "grades",
            "grades": {
                written(value): rng.choice([0, 100, "87.5", 40, 60, 60, 80, 90, "33.3"])
                for value in rng.sample(pool, len(pool))
            },
        }
    elif kind == "target":
        at = rng.choice([value for value in (max(pool), pool[-1], Fraction("0.95"), Fraction(3)) if value > 0])
        spec["convert"] = {"kind": "target", "at": yaml_number(rng, at)}
    elif kind != "default":
        spec["convert"] = {"kind": kind}
    if coarse and len(pool) > 3:
        pool = rng.sample(pool, rng.randint(2, 3))
    b.pool[spec["id"]] = pool


def make_level(b: Build, value: Fraction) -> Spec:
    level: Spec = {"value": yaml_number(b.rng, value), "title": f"Level {written(value)}"}
    if b.rng.random() < 0.3:
        level["descriptor"] = f"What {written(value)} means"
    return level


# ---------------------------------------------------------------- panels


@dataclass
class Seat:
    """A panel under construction: its published keys, its leaves and its members."""

    spec: Spec
    leaves: list[Spec]
    members: list[str]

    def by_sheet(self) -> bool:
        return bool(self.spec.get("level", "reviewer_total") == "reviewer_total")


def make_panels(b: Build, roots: list[Spec], people: list[str]) -> tuple[list[Seat], bool]:
    """The panels over the panel-scored leaves; the flag says that the short form `panel` is to be written."""
    rng = b.rng
    nodes = [root for root in roots if panel_leaves(b, root)]
    if not nodes:
        return [], False
    wanted = rng.choice([1, 1, 1, 2, 2, 3])
    expandable = [node for node in nodes if not is_leaf(node)]
    while expandable and (len(nodes) < wanted or rng.random() < 0.15):
        chosen = rng.choice(expandable)
        inner = b.includes[chosen["include"]]["criteria"] if "include" in chosen else chosen["children"]
        nodes.remove(chosen)
        nodes += [child for child in inner if panel_leaves(b, child)]
        expandable = [node for node in nodes if not is_leaf(node)]
    rng.shuffle(nodes)
    wanted = min(wanted, len(nodes))
    shares: list[list[Spec]] = [[node] for node in nodes[:wanted]]
    for node in nodes[wanted:]:
        rng.choice(shares).append(node)
    seats = []
    for share in shares:
        leaves = [leaf for node in share for leaf in panel_leaves(b, node)]
        crowd = rng.choice([1, 2, 3, 3, 4, 5, 5, 6, 7, 8, 9])
        members = [people.pop() for _ in range(max(1, min(crowd, 60 // len(leaves))))]
        spec: Spec = {"id": b.name("p"), "criteria": [node["id"] for node in share]}
        spec.update(panel_rule(rng, len(members)))
        if rng.random() < 0.2:
            spec["title"] = {"ko": "전문가 평가위원회", "en": "Expert panel"}
        seats.append(Seat(spec, leaves, members))
    short = len(seats) == 1 and rng.random() < 0.6
    return seats, short


def panel_rule(rng: Random, size: int) -> Spec:
    rule: Spec = {}
    aggregate = rng.choice(["default", "mean", "median", "trimmed_mean", "trimmed_mean", "trimmed_mean"])
    if aggregate != "default":
        rule["aggregate"] = aggregate
    if aggregate == "trimmed_mean":
        high, low = rng.choice([(1, 1), (1, 1), (1, 1), (1, 0), (0, 1), (2, 1), (1, 2), (2, 2)])
        rule["trim"] = {"high": high, "low": low}
        if rng.random() < 0.6:
            rule["trim"]["from"] = high + low + rng.randint(1, 3)
    level = rng.choice(["default", "reviewer_total", "criterion"]) if aggregate != "median" else "criterion"
    if level != "default":
        rule["level"] = level
    order = rng.choice(["default", "convert_first", "consensus_first", "consensus_first"])
    if order != "default":
        rule["order"] = order
    return rule


def allows(spec: Spec) -> tuple[bool, bool]:
    """Whether a panel's leaves may use grades, and relative_to_best."""
    first = spec.get("order", "convert_first") == "consensus_first"
    no_sheet_total = spec.get("level", "reviewer_total") == "criterion" or spec.get("aggregate", "mean") == "mean"
    return not first, first and no_sheet_total


# ---------------------------------------------------------------- marks


@dataclass
class Sheets:
    """Every mark and state of the round while it is being drawn."""

    scored: dict[Mark, Fraction] = field(default_factory=dict)
    abstained: set[Mark] = field(default_factory=set)
    blank: set[Mark] = field(default_factory=set)
    recused: set[tuple[str, str]] = field(default_factory=set)
    conflicts: list[Row] = field(default_factory=list)
    assigned: set[tuple[str, str]] | None = None

    def owes(self, reviewer: str, applicant: str) -> bool:
        if (reviewer, applicant) in self.recused:
            return False
        return self.assigned is None or (reviewer, applicant) in self.assigned


def draw_sheets(b: Build, seats: list[Seat], applicants: list[str]) -> Sheets:
    rng = b.rng
    sheets = Sheets()
    if seats and rng.random() < 0.15:
        sheets.assigned = set()
        for seat in seats:
            for applicant in applicants:
                size = len(seat.members)
                for reviewer in rng.sample(seat.members, rng.randint((size + 1) // 2, size)):
                    sheets.assigned.add((reviewer, applicant))
    if rng.random() < 0.3:
        draw_recusals(rng, seats, applicants, sheets)
    abstain = rng.choice([0, 0, 0, 0.03, 0.08])
    for seat in seats:
        for applicant in applicants:
            for reviewer in seat.members:
                if not sheets.owes(reviewer, applicant):
                    continue
                for leaf in seat.leaves:
                    mark = (reviewer, applicant, leaf["id"])
                    sheets.scored[mark] = rng.choice(b.pool[leaf["id"]])
                    if rng.random() < abstain:
                        sheets.abstained.add(mark)
    return sheets


def draw_recusals(rng: Random, seats: list[Seat], applicants: list[str], sheets: Sheets) -> None:
    for seat in seats:
        for reviewer in rng.sample(seat.members, (len(seat.members) - 1) // 2):
            dice = rng.random()
            if dice < 0.15:
                named = ["*"]
            elif dice < 0.6:
                named = rng.sample(applicants, 1)
            else:
                continue
            for applicant in named:
                row = {
                    "reviewer": reviewer,
                    "applicant": applicant,
                    "kind": rng.choice(CONFLICT_KINDS),
                    "reason": "worked for the applicant",
                }
                hit = applicants if applicant == "*" else [applicant]
                by_state_only = rng.random() < 0.25 and applicant != "*"
                if by_state_only and not all(sheets.owes(reviewer, a) for a in hit):
                    continue
                sheets.recused.update((reviewer, a) for a in hit)
                if not by_state_only:
                    sheets.conflicts.append(row)


def copy_applicants(b: Build, seats: list[Seat], applicants: list[str], sheets: Sheets) -> list[tuple[str, str]]:
    """Give some applicants the marks of another, from other reviewers: same totals, exactly."""
    rng = b.rng
    pairs: list[tuple[str, str]] = []
    likeness = rng.choice([0.1, 0.4, 0.8])
    for twin in applicants[1:]:
        if rng.random() < likeness:
            pairs.append((rng.choice(applicants[: applicants.index(twin)]), twin))
    for original, twin in pairs:
        for seat in seats:
            givers = [r for r in seat.members if sheets.owes(r, original)]
            takers = [r for r in seat.members if sheets.owes(r, twin)]
            rng.shuffle(takers)
            for giver, taker in zip(givers, takers, strict=False):
                for leaf in seat.leaves:
                    source, target = (giver, original, leaf["id"]), (taker, twin, leaf["id"])
                    sheets.scored[target] = sheets.scored[source]
                    sheets.abstained.discard(target)
                    if source in sheets.abstained:
                        sheets.abstained.add(target)
    return pairs


def valid_counts(seat: Seat, sheets: Sheets, applicant: str) -> list[int]:
    """What the quorum counts: sheets, or at level criterion the marks of each criterion."""

    def there(reviewer: str, leaf: Spec) -> bool:
        mark = (reviewer, applicant, leaf["id"])
        return mark in sheets.scored and mark not in sheets.abstained and mark not in sheets.blank

    if seat.by_sheet():
        return [sum(all(there(r, leaf) for leaf in seat.leaves) for r in seat.members)]
    return [sum(there(r, leaf) for r in seat.members) for leaf in seat.leaves]


def score_rows(rng: Random, seats: list[Seat], applicants: list[str], sheets: Sheets, silent: set[str]) -> list[Row]:
    """Rows of scores.csv; `silent` applicants (out before scoring) have none."""
    rows: list[Row] = []
    say_scored = rng.random() < 0.3
    declared = {(row["reviewer"], row["applicant"]) for row in sheets.conflicts}
    for mark, value in sheets.scored.items():
        reviewer, applicant, criterion = mark
        if applicant in silent:
            continue
        row = {"reviewer": reviewer, "applicant": applicant, "criterion": criterion}
        if mark in sheets.abstained:
            row |= {"score": "", "state": "abstained"}
        elif mark in sheets.blank:
            if rng.random() < 0.5:
                continue
            row |= {"score": "", "state": ""}
        else:
            row |= {"score": spelled(rng, value), "state": "scored" if say_scored else ""}
        rows.append(row)
    for reviewer, applicant in sorted(sheets.recused):
        everywhere = (reviewer, "*") in declared
        if everywhere or (sheets.assigned is not None and (reviewer, applicant) not in sheets.assigned):
            continue
        if (reviewer, applicant) in declared and rng.random() < 0.6:
            continue
        leaves = next(seat.leaves for seat in seats if reviewer in seat.members)
        for leaf in leaves if rng.random() < 0.6 else rng.sample(leaves, 1):
            rows.append(
                {"reviewer": reviewer, "applicant": applicant, "criterion": leaf["id"], "score": "", "state": "recused"}
            )
    return rows


# ---------------------------------------------------------------- rules around the criteria


def make_gates(rng: Random, b: Build) -> list[Spec]:
    gates = []
    for _ in range(rng.choice([0, 0, 0, 1, 1, 2, 3])):
        gate = {"id": b.name("gate"), "title": "Eligibility", "when": rng.choice(["before_scoring", "after_ranking"])}
        gates.append(gate)
    return gates


def gate_rows(rng: Random, gates: list[Spec], applicants: list[str]) -> list[Row]:
    rows: list[Row] = []
    open_before = rng.random() < 0.16
    open_after = rng.random() < 0.35
    for gate in gates:
        may_be_open = open_before if gate["when"] == "before_scoring" else open_after
        for applicant in applicants:
            outcome = "fail" if rng.random() < 0.12 else "pass"
            if may_be_open and rng.random() < 0.25:
                outcome = "open"
                if rng.random() < 0.5:
                    continue
            rows.append(
                {"applicant": applicant, "gate": gate["id"], "outcome": outcome, "decider": "chair", "reason": "seen"}
            )
    return rows


def make_rounding(rng: Random, points_decimals: int | None, consensus: bool, ends: list[Fraction]) -> Spec | None:
    """The rounding key; `points_decimals` is fixed already, consensus rounding only where it is allowed.

    `ends` are the ends of the scales whose consensus is rounded: each must be showable at that rounding.
    """
    rounding: Spec = {}
    if rng.random() < 0.8:
        rounding["mode"] = rng.choice(["half_up", "half_up", "half_even", "down"])
    if points_decimals is not None or rng.random() < 0.3:
        rounding["points"] = points_decimals
    if consensus and rng.random() < 0.6:
        rounding["consensus"] = rng.choice([None, 0, 1, 2, 2, 3, 4])
        if not all(showable(value, rounding["consensus"]) for value in ends):
            rounding["consensus"] = next((d for d in (2, 4, 6) if all(showable(value, d) for value in ends)), None)
    elif rng.random() < 0.1:
        rounding["consensus"] = None
    if rng.random() < 0.75:
        rounding["total"] = rng.choice([None, 0, 1, 2, 2, 3, 4, 4])
    return rounding or None


def scale_ends(b: Build, leaf: Spec) -> list[Fraction]:
    """The least and the greatest mark of a leaf."""
    if "scale" in leaf:
        return [Fraction(str(leaf["scale"]["min"])), Fraction(str(leaf["scale"]["max"]))]
    if "levels" in leaf:
        values = [Fraction(str(level["value"])) for level in leaf["levels"]]
        return [min(values), max(values)]
    return [Fraction(0), b.points[leaf["id"]]]


def limit(rng: Random, points: Fraction, low: int, high: int) -> str | int:
    """A percent, or points: of a threshold or a pass mark."""
    if rng.random() < 0.5:
        return rng.choice([f"{rng.randint(low, high)}%", "62.5%", "60%", "50%"])
    tenths = points * rng.randint(low // 10, high // 10) / 10
    return yaml_number(rng, tenths)


def shuffled(rng: Random, rows: list[Row]) -> list[Row]:
    """Rows in another order, and all with one other order of columns."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    rng.shuffle(columns)
    rows = [{column: row[column] for column in columns if column in row} for row in rows]
    rng.shuffle(rows)
    return rows


def make_names(rng: Random, count: int, stems: list[str]) -> list[str]:
    stem = rng.choice(stems)
    return [f"{stem}{number}" for number in rng.sample(range(1, 100), count)]


def applicant_rows(rng: Random, applicants: list[str]) -> tuple[list[Row], list[str]]:
    """Rows of applicants.csv, and those withdrawn."""
    rate = 0.15 if rng.random() < 0.25 else 0.0
    withdrawn = [a for a in applicants if rng.random() < rate]
    with_status = bool(withdrawn) or rng.random() < 0.3
    rows = []
    for a in applicants:
        row = {"id": a, "name": f"신청기관 {a}"}
        if with_status:
            row["status"] = "withdrawn" if a in withdrawn else rng.choice(["", "active"])
        rows.append(row)
    return rows, withdrawn


def out_before_scoring(gates: list[Spec], rows: list[Row], withdrawn: list[str]) -> set[str]:
    before = {gate["id"] for gate in gates if gate["when"] == "before_scoring"}
    return set(withdrawn) | {r["applicant"] for r in rows if r["gate"] in before and r["outcome"] == "fail"}


# ---------------------------------------------------------------- whole rounds


def random_case(rng: Random) -> Case:
    """A random well-formed round; about 1 in 12 is a vote, about 1 in 7 is not rankable."""
    if rng.random() < 0.08:
        case = _vote_case(rng)
    else:
        case = _criteria_case(rng)
    case = _with_decisions(rng, _groups_showable(case))
    if rng.random() < 0.025:
        case = _spoiled(rng, case)
    return case


def _groups_showable(case: Case) -> Case:
    """The same case; points stay unrounded where a group with `of` could not show its maximum otherwise."""
    rounding = case.rubric.get("rounding") or {}
    decimals = rounding.get("points")
    if decimals is None or "criteria" not in case.rubric:
        return case
    nodes = [node for root in resolve(case) for node in root.all()]
    if all(node.of is None or showable(node.points, decimals) for node in nodes):
        return case
    return dataclasses.replace(case, rubric={**case.rubric, "rounding": {**rounding, "points": None}})


def _criteria_case(rng: Random) -> Case:
    points_decimals = rng.choice([None, None, 0, 1, 2, 2, 3, 4])
    fine = {None: ["1", "0.5", "0.25"], 0: ["1"], 1: ["1", "0.5", "0.1"]}.get(points_decimals, ["1", "0.5", "0.25"])
    b = Build(
        rng=rng,
        points_decimals=points_decimals,
        units=[Fraction(1), *(Fraction(u) for u in fine)],
        office_share=1.0 if rng.random() < 0.02 else rng.choice([0, 0, 0.2, 0.4]),
    )
    roots = make_nodes(b, rng.choice([1, 2, 2, 3, 3, 4]), 0)
    people = make_names(rng, 30, ["r", "R-", "위원"])
    seats, short = make_panels(b, roots, people)
    coarse = rng.random() < 0.55
    panel_of = {leaf["id"]: seat for seat in seats for leaf in seat.leaves}
    every_node = [node for root in roots for node in below(b, root)]
    for node in every_node:
        if is_leaf(node):
            seat = panel_of.get(node["id"])
            grades, relative = allows(seat.spec) if seat else (True, True)
            fill_leaf(b, node, grades, relative, coarse)
    _limits_and_weights(b, every_node)

    leaves = max(1, sum(len(seat.leaves) for seat in seats))
    crowd = rng.choice([1, 2, 3, 4, 4, 5, 5, 6, 7, 8, 9])
    applicants = make_names(rng, min(crowd, max(2, 240 // leaves)), ["a", "T-", "team"])
    rows, withdrawn = applicant_rows(rng, applicants)
    gates = make_gates(rng, b)
    verdicts = gate_rows(rng, gates, applicants)
    out = out_before_scoring(gates, verdicts, withdrawn)
    sheets = draw_sheets(b, seats, applicants)
    twins = copy_applicants(b, seats, applicants, sheets)
    active = [a for a in applicants if a not in out]
    _repair_and_quorum(rng, seats, sheets, active)

    tables: dict[str, list[Row]] = {"applicants": rows}
    if seats:
        tables["reviewers"] = _reviewer_rows(rng, seats)
        silent = out if rng.random() < 0.5 else set()
        tables["scores"] = score_rows(rng, seats, applicants, sheets, silent)
    if sheets.conflicts:
        tables["conflicts"] = sheets.conflicts
    if sheets.assigned:
        tables["assignments"] = [{"reviewer": r, "applicant": a} for r, a in sorted(sheets.assigned)]
    office = _office_rows(b, every_node, applicants, twins, out)
    if office:
        tables["office"] = office
    if verdicts:
        tables["gates"] = verdicts

    rubric: Rubric = {"schema": 1, "id": "random-rubric", "version": "1.0", "title": "A random rubric"}
    rubric["criteria"] = roots
    if short:
        rubric["panel"] = {k: v for k, v in seats[0].spec.items() if k not in ("id", "criteria")}
        if "reviewers" in tables:
            for row in tables["reviewers"]:
                if row.get("panel"):
                    row["panel"] = "panel"
    elif seats:
        rubric["panels"] = [seat.spec for seat in seats]
    _rules(b, rubric, every_node, gates, seats, applicants, tables)
    _finish_includes(b, seats)
    tables = {name: shuffled(rng, table) for name, table in tables.items()}
    return Case(rubric, b.includes, tables)


def _limits_and_weights(b: Build, nodes: list[Spec]) -> None:
    rng = b.rng
    threshold = rng.choice([0, 0, 0, 0.15, 0.3])
    weight = rng.choice([0, 0, 0, 0.5])
    for node in nodes:
        if rng.random() < threshold:
            node["threshold"] = limit(rng, b.points[node["id"]], 10, 70)
        if is_leaf(node) and rng.random() < weight:
            node["ranking_weight"] = rng.choice([1, 2, "1.5", "0.5", "1.25", 3])


def _repair_and_quorum(rng: Random, seats: list[Seat], sheets: Sheets, active: list[str]) -> None:
    """Mostly leave every applicant something to count; then blanks and quorums, now and then missed."""
    for seat in seats:
        for applicant in active:
            if min(valid_counts(seat, sheets, applicant)) == 0 and rng.random() < 0.9:
                sheets.abstained = {
                    mark for mark in sheets.abstained if mark[1] != applicant or mark[0] not in seat.members
                }
    owed = [mark for mark in sheets.scored if mark[1] in active and mark not in sheets.abstained]
    if owed and rng.random() < 0.07:
        sheets.blank.update(rng.sample(owed, min(len(owed), rng.randint(1, 3))))
    for seat in seats:
        counts = [n for a in active for n in valid_counts(seat, sheets, a)]
        least = min(counts, default=1)
        if rng.random() < 0.6:
            seat.spec["quorum"] = rng.randint(1, max(1, least))
            if rng.random() < 0.04:
                seat.spec["quorum"] = least + 1


def _reviewer_rows(rng: Random, seats: list[Seat]) -> list[Row]:
    name_panel = len(seats) > 1 or rng.random() < 0.5
    empty = len(seats) == 1 and rng.random() < 0.3
    rows = []
    for seat in seats:
        for reviewer in seat.members:
            row = {"id": reviewer, "name": f"평가위원 {reviewer}"}
            if name_panel:
                row["panel"] = "" if empty else seat.spec["id"]
            rows.append(row)
    return rows


def _office_rows(
    b: Build, nodes: list[Spec], applicants: list[str], twins: list[tuple[str, str]], out: set[str]
) -> list[Row]:
    rng = b.rng
    figures: dict[tuple[str, str], Fraction] = {}
    leaves = [node for node in nodes if is_leaf(node) and node.get("source", "panel") != "panel"]
    for leaf in leaves:
        for applicant in applicants:
            figures[applicant, leaf["id"]] = rng.choice(b.pool[leaf["id"]])
    for original, twin in twins:
        for leaf in leaves:
            if rng.random() < 0.9:
                figures[twin, leaf["id"]] = figures[original, leaf["id"]]
    lost = rng.random() < 0.05
    rows = []
    for (applicant, criterion), value in figures.items():
        row = {"applicant": applicant, "criterion": criterion, "score": spelled(rng, value)}
        if applicant in out and rng.random() < 0.5:
            continue
        if lost and rng.random() < 0.2:
            if rng.random() < 0.5:
                continue
            row["score"] = ""
        rows.append(row)
    return rows


def _rules(
    b: Build,
    rubric: Rubric,
    nodes: list[Spec],
    gates: list[Spec],
    seats: list[Seat],
    applicants: list[str],
    tables: dict[str, list[Row]],
) -> None:
    rng = b.rng
    consensus = any(seat.spec.get("order") == "consensus_first" for seat in seats)
    ends = [
        end
        for seat in seats
        if seat.spec.get("order") == "consensus_first"
        for leaf in seat.leaves
        for end in scale_ends(b, leaf)
    ]
    rounding = make_rounding(rng, b.points_decimals, consensus, ends)
    if rounding is not None:
        rubric["rounding"] = rounding
    full = sum((b.points[root["id"]] for root in rubric["criteria"]), Fraction(0))
    if rng.random() < 0.4:
        rubric["pass_mark"] = limit(rng, full, 10, 60)
    elif rng.random() < 0.2:
        rubric["pass_mark"] = None
    if rng.random() < 0.5:
        rubric["pass_compare"] = rng.choice(["rounded", "raw"])
    if gates:
        rubric["gates"] = gates
    if rng.random() < 0.8:
        ids = [node["id"] for node in nodes]
        chain = rng.sample(ids, min(len(ids), rng.choice([0, 0, 1, 2, 3])))
        if rng.random() < 0.7:
            chain.append("decision")
        if chain:
            rubric["tie_break"] = chain
    if rng.random() < 0.85:
        selection: Spec = {"places": rng.choice([1, 1, 2, 3, rng.randint(1, len(applicants) + 1)])}
        if rng.random() < 0.6:
            selection["reserve"] = rng.choice([0, 1, 1, 2, 3])
        if rng.random() < 0.7:
            selection["vacancy"] = rng.choice(["keep", "fill"])
        rubric["selection"] = selection
    if rng.random() < 0.1:
        rubric["method"] = "weighted_sum"
    if rng.random() < 0.35:
        _adjust(rng, rubric, full, applicants, tables)


def _adjust(rng: Random, rubric: Rubric, full: Fraction, applicants: list[str], tables: dict[str, list[Row]]) -> None:
    limits: Spec = {}
    rows: list[Row] = []
    for kind in rng.choice([["bonus"], ["penalty"], ["bonus", "penalty"]]):
        most = Fraction(rng.choice(["1", "2.5", "5", "10", written(Fraction(int(full) + 5))]))
        limits[f"{kind}_max"] = None if rng.random() < 0.3 else yaml_number(rng, most)
        for applicant in applicants:
            if rng.random() < 0.3:
                first = most * rng.choice([1, 2, 5, 10]) / 10
                parts = [first]
                if first < most and rng.random() < 0.3:
                    parts.append((most - first) * rng.choice([1, 5, 10]) / 10)
                for article, part in enumerate(parts, start=1):
                    reason = f"article {article}"
                    rows.append({"applicant": applicant, "kind": kind, "points": spelled(rng, part), "reason": reason})
    rubric["adjustments"] = limits
    if rows:
        tables["adjustments"] = rows


def _finish_includes(b: Build, seats: list[Seat]) -> None:
    """Make every included rubric valid by itself: a panel that its own leaves may be scored under."""
    relative_owner = {leaf["id"] for seat in seats for leaf in seat.leaves if allows(seat.spec)[1]}
    for rubric in b.includes.values():
        leaves = [leaf for root in rubric["criteria"] for leaf in panel_leaves(b, root)]
        if not leaves:
            continue
        relative = [leaf for leaf in leaves if leaf.get("convert", {}).get("kind") == "relative_to_best"]
        grades = any(leaf.get("convert", {}).get("kind") == "grades" for leaf in leaves)
        if relative and grades:
            for leaf in relative:
                assert leaf["id"] in relative_owner
                leaf["convert"] = {"kind": "linear"}
            relative = []
        rubric["panel"] = {"aggregate": "mean"}
        if relative:
            rubric["panel"]["order"] = "consensus_first"


def _vote_case(rng: Random) -> Case:
    b = Build(rng, None, [Fraction(1)], 0)
    applicants = make_names(rng, rng.choice([1, 1, 2, 3, 4, 5, 7]), ["a", "T-", "team"])
    reviewers = make_names(rng, rng.randint(2, 9), ["r", "R-", "위원"])
    rows, withdrawn = applicant_rows(rng, applicants)
    gates = make_gates(rng, b) if rng.random() < 0.4 else []
    verdicts = gate_rows(rng, gates, applicants)
    out = out_before_scoring(gates, verdicts, withdrawn)
    rule: Spec = {
        "kind": "vote",
        "quorum": rng.choice(["2/3", "1/2", "0.5", "0.6"]),
        "majority": rng.choice([">1/2", ">=1/2", "1/2", ">0.5", "0.5", "2/3", ">=2/3", ">1/3"]),
        "places": rng.randint(1, max(1, len(applicants))),
        "allow_none": rng.random() < 0.6,
    }
    if rng.random() < 0.5:
        rule["reserve"] = rng.randint(0, 2)
    rubric: Rubric = {"schema": 1, "id": "random-vote", "version": "1.0", "title": "A random vote", "decision": rule}
    if gates:
        rubric["gates"] = gates
    seats = [Seat({"id": "panel"}, [], reviewers)]
    sheets = Sheets()
    if rng.random() < 0.35:
        draw_recusals(rng, seats, applicants, sheets)
        # there are no score rows to carry a recusal here: only the declared ones exist
        sheets.recused = {
            (row["reviewer"], a)
            for row in sheets.conflicts
            for a in (applicants if row["applicant"] == "*" else [row["applicant"]])
        }
    away = rng.choice([0, 0, 0, 0.1, 0.25])
    yes = rng.choice([1, 2, 3, 4])
    votes: list[Row] = []
    for applicant in applicants:
        for reviewer in reviewers:
            if (reviewer, applicant) in sheets.recused or rng.random() < away:
                continue
            if applicant in out and rng.random() < 0.7:
                continue
            vote = rng.choice(["yes"] * yes + ["no", "abstain"])
            votes.append({"reviewer": reviewer, "applicant": applicant, "vote": vote, "reason": "discussed"})
    tables: dict[str, list[Row]] = {
        "applicants": rows,
        "reviewers": [{"id": r, "name": f"평가위원 {r}"} for r in reviewers],
        "votes": votes,
    }
    if sheets.conflicts:
        tables["conflicts"] = sheets.conflicts
    if verdicts:
        tables["gates"] = verdicts
    return Case(rubric, {}, {name: shuffled(rng, table) for name, table in tables.items()})


# ---------------------------------------------------------------- decisions, and a few deliberate problems


def decision_row(kind: str, applicant: str, criterion: str, before: str, after: str) -> Row:
    return {
        "kind": kind,
        "applicant": applicant,
        "criterion": criterion,
        "before": before,
        "after": after,
        "decider": "chair",
        "date": "2026-01-20",
        "reason": "as discussed by the panel",
    }


def with_rows(case: Case, table: str, rows: list[Row]) -> Case:
    if not rows:
        return case
    return Case(case.rubric, case.includes, case.tables | {table: [*case.tables.get(table, []), *rows]})


def half_up_text(value: Fraction, decimals: int) -> str:
    text = written(rounded(value, decimals, "half_up"))
    places = len(text.partition(".")[2])
    if decimals > places:
        text += ("" if places else ".") + "0" * (decimals - places)
    return text


def _with_decisions(rng: Random, case: Case) -> Case:
    """Recorded decisions that fit what the round comes to: consensus first, then the ties that remain."""
    try:
        answer = solve(case)
    except Refused:
        return case
    if not answer.rankable:
        return case
    if rng.random() < 0.05:
        someone = rng.choice(sorted(answer.applicants))
        case = with_rows(case, "decisions", [decision_row("condition", someone, "", "", "보고서를 보완할 것")])
    if "criteria" in case.rubric and rng.random() < 0.15:
        case = with_rows(case, "decisions", _consensus_rows(rng, case, answer))
        answer = solve(case)
    if "criteria" not in case.rubric or "decision" in (case.rubric.get("tie_break") or []):
        rows: list[Row] = []
        for group in answer.ties:
            if rng.random() < 0.6:
                order = list(range(1, len(group) + 1))
                rng.shuffle(order)
                rows += [decision_row("tie", a, "", "", str(place)) for a, place in zip(group, order, strict=True)]
        case = with_rows(case, "decisions", rows)
    if "decisions" in case.tables:
        case = Case(case.rubric, case.includes, case.tables | {"decisions": shuffled(rng, case.tables["decisions"])})
    return case


def _consensus_rows(rng: Random, case: Case, answer: Answer) -> list[Row]:
    """One or two decided consensus scores, within the unit of the panel that gives them."""
    choices = [
        (applicant, panel, leaf)
        for panel in panels_of(case, resolve(case))
        for leaf in panel.leaves
        for applicant, result in sorted(answer.applicants.items())
        if result.consensus
    ]
    rows = []
    for applicant, panel, leaf in rng.sample(choices, min(len(choices), rng.randint(1, 2))):
        assert leaf.low is not None and leaf.high is not None
        low, high = (leaf.low, leaf.high) if panel.order == "consensus_first" else (Fraction(0), leaf.points)
        after = low + (high - low) * rng.randint(0, 10) / 10
        if not finite(after, 6):
            after = rounded(after, 2, "down")
        if not low <= after <= high:
            after = low
        calculated = answer.applicants[applicant].consensus[leaf.id]
        before = half_up_text(calculated, rng.randint(0, 4)) if rng.random() < 0.7 else ""
        rows.append(decision_row("consensus", applicant, leaf.id, before, written(after)))
    return rows


def _spoiled(rng: Random, case: Case) -> Case:
    """The case with an input problem that only arithmetic finds, where one can be put in."""
    spoilers = [_over_limit, _not_showable, _stale_tie]
    rng.shuffle(spoilers)
    if rng.random() < 0.6:
        spoilers = [_stale_before, _partial_tie, *spoilers]  # seldom possible, so tried first
    for spoil in spoilers:
        spoiled = spoil(rng, case)
        if spoiled is not None:
            return spoiled
    return case


def _over_limit(rng: Random, case: Case) -> Case | None:
    limits = case.rubric.get("adjustments") or {}
    kinds = [kind for kind in ("bonus", "penalty") if limits.get(f"{kind}_max") is not None]
    if not kinds:
        return None
    kind = rng.choice(kinds)
    applicant = rng.choice(case.tables["applicants"])["id"]
    over = Fraction(str(limits[f"{kind}_max"])) + Fraction("0.5")
    row = {"applicant": applicant, "kind": kind, "points": written(over), "reason": "too much"}
    return with_rows(case, "adjustments", [row])


def _not_showable(rng: Random, case: Case) -> Case | None:
    if "criteria" not in case.rubric:
        return None
    leaves = [leaf for root in resolve(case) for leaf in root.leaves()]
    if all(leaf.points.denominator == 1 for leaf in leaves):
        return None
    rounding = (case.rubric.get("rounding") or {}) | {"points": 0}
    return Case(case.rubric | {"rounding": rounding}, case.includes, case.tables)


def _rankable_answer(case: Case) -> Answer | None:
    try:
        answer = solve(case)
    except Refused:
        return None
    return answer if answer.rankable else None


def _stale_tie(rng: Random, case: Case) -> Case | None:
    """A tie decision on somebody who is not tied, or is not ranked at all."""
    answer = _rankable_answer(case)
    if answer is None or ("criteria" in case.rubric and "decision" not in (case.rubric.get("tie_break") or [])):
        return None
    decided = {row["applicant"] for row in case.tables.get("decisions", []) if row["kind"] == "tie"}
    tied = {a for group in answer.ties for a in group}
    free = sorted(set(answer.applicants) - tied - decided)
    if not free:
        return None
    return with_rows(case, "decisions", [decision_row("tie", rng.choice(free), "", "", "1")])


def _partial_tie(rng: Random, case: Case) -> Case | None:
    """A recorded order that leaves a member out, or names one place twice."""
    rows = case.tables.get("decisions", [])
    ties = [row for row in rows if row["kind"] == "tie"]
    if not ties:
        return None
    victim = rng.choice(ties)
    kept = [row for row in rows if row is not victim]
    if rng.random() < 0.5:
        kept.append(victim | {"after": "7"})
    return Case(case.rubric, case.includes, case.tables | {"decisions": kept})


def _stale_before(rng: Random, case: Case) -> Case | None:
    rows = case.tables.get("decisions", [])
    dated = [row for row in rows if row["kind"] == "consensus" and row["before"]]
    if not dated:
        return None
    victim = rng.choice(dated)
    stale = victim | {"before": written(Fraction(victim["before"]) + 1)}
    changed = [stale if row is victim else row for row in rows]
    return Case(case.rubric, case.includes, case.tables | {"decisions": changed})


# ---------------------------------------------------------------- round folders

NUMERIC_KEYS = {
    *("schema", "points", "of", "min", "max", "step", "value", "at", "threshold", "ranking_weight"),
    *("pass_mark", "bonus_max", "penalty_max", "high", "low", "from", "quorum", "majority", "places"),
    *("reserve", "consensus", "total"),
}
REQUIRED_COLUMNS = {
    "applicants": ["id", "name"],
    "reviewers": ["id", "name"],
    "assignments": ["reviewer", "applicant"],
    "scores": ["reviewer", "applicant", "criterion", "score"],
    "conflicts": ["reviewer", "applicant", "kind", "reason"],
    "office": ["applicant", "criterion", "score"],
    "adjustments": ["applicant", "kind", "points", "reason"],
    "gates": ["applicant", "gate", "outcome"],
    "decisions": ["kind", "applicant", "criterion", "before", "after", "decider", "date", "reason"],
    "votes": ["reviewer", "applicant", "vote", "reason"],
}


def _scalar(value: Any, numeric: bool) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if numeric and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _yaml(value: Any, indent: int, numeric: bool = False) -> str:
    """A value as YAML after `key:`, on the same line or indented below it."""
    pad = "  " * indent
    if isinstance(value, dict):
        if not value:
            return " {}\n"
        return "\n" + "".join(f"{pad}{_pair(key, item, indent)}" for key, item in value.items())
    if isinstance(value, list):
        if not value:
            return " []\n"
        if not any(isinstance(item, dict) for item in value):
            return " [" + ", ".join(_scalar(item, numeric) for item in value) + "]\n"
        text = "\n"
        for item in value:
            lines = [_pair(key, inner, indent + 1) for key, inner in item.items()]
            text += f"{pad}- " + ("  " * (indent + 1)).join(lines)
        return text
    return " " + _scalar(value, numeric) + "\n"


def _pair(key: str, value: Any, indent: int) -> str:
    if key == "grades" and isinstance(value, dict):
        inner = ", ".join(f"{level}: {_scalar(percent, True)}" for level, percent in value.items())
        return f"grades: {{{inner}}}\n"
    return f"{key}:{_yaml(value, indent + 1, key in NUMERIC_KEYS)}"


def yaml_text(document: dict[str, Any]) -> str:
    """A rubric or round file; numbers are written bare, every other text quoted."""
    return "".join(_pair(key, value, 0) for key, value in document.items())


def write_case(case: Case, folder: pathlib.Path) -> pathlib.Path:
    """Write `case` as a round folder (made if absent) and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rubric.yaml").write_text(yaml_text(case.rubric), encoding="utf-8")
    for name, rubric in case.includes.items():
        (folder / name).write_text(yaml_text(rubric), encoding="utf-8")
    about = {
        "schema": 1,
        "id": "random-round",
        "title": "A random round",
        "project": "Random project",
        "organiser": "Random agency",
        "rubric": "./rubric.yaml",
        "evaluation_date": "2026-01-15",
        "language": "ko",
        "status": "draft",
    }
    (folder / "round.yaml").write_text(yaml_text(about), encoding="utf-8")
    for name, rows in case.tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        columns += [column for column in REQUIRED_COLUMNS[name] if column not in columns]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder
