"""The scoring contract computed a second time, slowly and literally, on plain dictionaries and fractions.

Nothing here is shared with the toolkit, and nothing is clever: where the contract speaks of "every possible
decision" or "whichever of the equal extremes is dropped", this module tries every one of them.
It expects well-formed rounds; it refuses only what arithmetic alone can find.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, cached_property
from typing import Any

Rubric = dict[str, Any]
Row = dict[str, str]
Mark = tuple[str, str, str]

ZERO = Fraction(0)
ONE = Fraction(1)


@dataclass(frozen=True)
class Case:
    """One round as parsed from its files, with every number still as it was written (text or int)."""

    rubric: Rubric
    includes: dict[str, Rubric]
    tables: dict[str, list[Row]]


class Refused(Exception):  # noqa: N818 - reads as what the oracle did, and is no error of the program
    """The round holds an input problem that only the calculation can find."""


@dataclass(frozen=True)
class Votes:
    """Votes cast for one applicant; `eligible` counts the reviewers not recused from it, present or not."""

    yes: int
    no: int
    abstain: int
    eligible: int


@dataclass(frozen=True)
class Result:
    """What became of one applicant. Without a calculation for it `total` is None and the dicts are empty."""

    outcome: str
    rank: int | None = None
    total: Fraction | None = None
    ranking_total: Fraction | None = None
    reasons: tuple[str, ...] = ()
    points: dict[str, Fraction] = field(default_factory=dict)
    consensus: dict[str, Fraction] = field(default_factory=dict)
    votes: Votes | None = None


@dataclass(frozen=True)
class Missing:
    """Why a round is not rankable.

    `blanks` are (reviewer, applicant, criterion), with an empty reviewer for a missing office figure;
    `quorums` are (panel, applicant) or, at level criterion, (panel, applicant, criterion), with an empty
    panel in vote mode; `gates` are (applicant, gate) still open before scoring. All sorted.
    """

    blanks: tuple[Mark, ...] = ()
    quorums: tuple[tuple[str, ...], ...] = ()
    gates: tuple[tuple[str, str], ...] = ()

    def any(self) -> bool:
        return bool(self.blanks or self.quorums or self.gates)


@dataclass(frozen=True)
class CutLine:
    """The border of the selection, in ranking totals (in vote mode: yes votes)."""

    places: int
    filled: int
    last_selected: Fraction | None
    first_not_selected: Fraction | None
    margin: Fraction | None


@dataclass(frozen=True)
class Answer:
    """The whole answer. `ties` are the groups (sorted ids, best group first) that still share a rank."""

    rankable: bool
    applicants: dict[str, Result]
    kept: dict[Mark, Fraction] = field(default_factory=dict)
    missing: Missing = Missing()
    cut_line: CutLine | None = None
    ties: tuple[tuple[str, ...], ...] = ()
    nobody_recognised: bool = False
    """Vote mode with allow_none false, and no applicant has reached the majority."""


# ---------------------------------------------------------------- numbers


def number(value: Any) -> Fraction:
    """A written decimal (text or int) as a fraction."""
    text = str(value).strip()
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text):
        raise ValueError(f"not a decimal: {value!r}")
    return Fraction(text)


def share(value: Any) -> Fraction:
    """A share written as "2/3" or as a decimal."""
    top, slash, bottom = str(value).strip().partition("/")
    return Fraction(int(top), int(bottom)) if slash else number(top)


def percent_or_points(value: Any, full: Fraction, factor: Fraction) -> Fraction:
    """A limit: "60%" of `full`, or points written in a file whose points count `factor` here."""
    text = str(value).strip()
    if text.endswith("%"):
        return full * number(text[:-1]) / 100
    return number(text) * factor


def rounded(value: Fraction, decimals: int | None, mode: str) -> Fraction:
    """`value` at so many decimals (None: as it is); half_up is half away from zero, down is toward zero."""
    if decimals is None:
        return value
    scaled = abs(value) * 10**decimals
    whole = scaled.numerator // scaled.denominator
    rest = scaled - whole
    if mode == "half_up":
        up = rest >= Fraction(1, 2)
    elif mode == "half_even":
        up = rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2 == 1)
    elif mode == "down":
        up = False
    else:
        raise ValueError(f"unknown rounding mode {mode!r}")
    size = Fraction(whole + (1 if up else 0), 10**decimals)
    return size if value >= 0 else -size


def showable(value: Fraction, decimals: int | None) -> bool:
    """Whether `value` can be written exactly with so many decimals (None: always)."""
    return decimals is None or (value * 10**decimals).denominator == 1


# ---------------------------------------------------------------- kept weights


def kept_weights(values: Sequence[Fraction], low: int, high: int) -> list[Fraction]:
    """The share of each value that stays when the `low` lowest and the `high` highest are dropped.

    Which of several equal values goes is left to no one: every permitted choice counts the same, and the
    weight of a value is the share of the choices under which it stays. The weights sum to
    len(values) - low - high.
    """
    distinct = sorted(set(values))
    pattern = tuple(distinct.index(value) for value in values)
    return list(_weights_of_pattern(pattern, low, high))


@cache
def _weights_of_pattern(pattern: tuple[int, ...], low: int, high: int) -> tuple[Fraction, ...]:
    if len(pattern) <= 9:
        weights = weights_by_trying_all(pattern, low, high)
    else:
        weights = weights_by_counting(pattern, low, high)
    assert sum(weights) == len(pattern) - low - high
    return weights


def weights_by_trying_all(pattern: tuple[int, ...], low: int, high: int) -> tuple[Fraction, ...]:
    """Every choice of `low` lowest, then of `high` highest of the rest, and how often each one survives."""
    everybody = range(len(pattern))
    survived = [0] * len(pattern)
    choices = 0
    for lowest in itertools.combinations(everybody, low):
        left = [i for i in everybody if i not in lowest]
        if any(pattern[i] > pattern[j] for i in lowest for j in left):
            continue
        for highest in itertools.combinations(left, high):
            stay = [i for i in left if i not in highest]
            if any(pattern[i] < pattern[j] for i in highest for j in stay):
                continue
            choices += 1
            for i in stay:
                survived[i] += 1
    return tuple(Fraction(times, choices) for times in survived)


def weights_by_counting(pattern: tuple[int, ...], low: int, high: int) -> tuple[Fraction, ...]:
    """For panels too large to try everything: what must go of k equal values is shared among the k."""
    weights = []
    for value in pattern:
        k = pattern.count(value)
        below = sum(other < value for other in pattern)
        above = sum(other > value for other in pattern)
        go_low = min(k, max(0, low - below))
        go_high = min(k, max(0, high - above))
        weights.append(Fraction(max(0, k - go_low - go_high), k))
    return tuple(weights)


# ---------------------------------------------------------------- the rubric


@dataclass(frozen=True)
class Node:
    """A criterion of the resolved rubric, its points and absolute limits already scaled by every include."""

    id: str
    points: Fraction
    of: Fraction | None
    threshold: Fraction | None
    children: tuple[Node, ...]
    source: str
    low: Fraction | None
    high: Fraction | None
    direction: str
    convert: dict[str, Any]
    weight: Fraction

    def all(self) -> list[Node]:
        return [self, *(inner for child in self.children for inner in child.all())]

    def leaves(self) -> list[Node]:
        return [node for node in self.all() if not node.children]


@dataclass(frozen=True)
class Panel:
    id: str
    leaves: tuple[Node, ...]
    aggregate: str
    trim_high: int
    trim_low: int
    trim_from: int
    level: str
    order: str
    quorum: int


def resolve(case: Case) -> list[Node]:
    """The roots of the rubric with every include in its place."""
    return [_node(case, spec, ONE) for spec in case.rubric["criteria"]]


def full_total(rubric: Rubric) -> Fraction:
    return sum((number(root["points"]) for root in rubric["criteria"]), ZERO)


def _node(case: Case, spec: dict[str, Any], factor: Fraction) -> Node:
    own = number(spec["points"])
    points = own * factor
    children: tuple[Node, ...] = ()
    if "include" in spec:
        other = case.includes[spec["include"]]
        inner = points / full_total(other)
        children = tuple(_node(case, child, inner) for child in other["criteria"])
    elif "children" in spec:
        children = tuple(_node(case, child, factor) for child in spec["children"])
    threshold = None
    if spec.get("threshold") is not None:
        threshold = percent_or_points(spec["threshold"], points, factor)
    source = spec.get("source", "panel")
    convert = dict(spec.get("convert", {"kind": "linear"}))
    low: Fraction | None = ZERO
    high: Fraction | None = own
    direction = "higher"
    if "scale" in spec:
        low, high = number(spec["scale"]["min"]), number(spec["scale"]["max"])
        direction = spec["scale"].get("direction", "higher")
    elif "levels" in spec:
        values = [number(level["value"]) for level in spec["levels"]]
        low, high = min(values), max(values)
    elif source != "panel" and convert["kind"] in ("target", "relative_to_best"):
        low = high = None
    return Node(
        id=spec["id"],
        points=points,
        of=number(spec["of"]) * factor if spec.get("of") is not None else None,
        threshold=threshold,
        children=children,
        source=source,
        low=low,
        high=high,
        direction=direction,
        convert=convert,
        weight=number(spec.get("ranking_weight", 1)),
    )


def panels_of(case: Case, roots: list[Node]) -> list[Panel]:
    """The panels with the leaves they score; the short form covers every panel-scored leaf."""
    specs = case.rubric.get("panels")
    if specs is None:
        short = case.rubric.get("panel")
        specs = [] if short is None else [{"id": "panel", "criteria": [root.id for root in roots], **short}]
    nodes = {node.id: node for root in roots for node in root.all()}
    panels = []
    for spec in specs:
        leaves = [leaf for name in spec["criteria"] for leaf in nodes[name].leaves() if leaf.source == "panel"]
        aggregate = spec.get("aggregate", "mean")
        trim = spec.get("trim") or {}
        high, low = int(trim.get("high", 0)), int(trim.get("low", 0))
        panels.append(
            Panel(
                id=spec["id"],
                leaves=tuple(leaves),
                aggregate=aggregate,
                trim_high=high,
                trim_low=low,
                trim_from=int(trim.get("from", high + low + 1)),
                level=spec.get("level", "reviewer_total"),
                order=spec.get("order", "convert_first"),
                quorum=int(spec.get("quorum", 1)),
            )
        )
    return panels


def converted(leaf: Node, x: Fraction, best: Fraction | None = None) -> Fraction:
    """The points (unrounded) of mark or figure `x`."""
    kind = leaf.convert["kind"]
    if kind == "grades":
        percents = {number(level): number(percent) for level, percent in leaf.convert["grades"].items()}
        return leaf.points * percents[x] / 100
    if kind == "target":
        return leaf.points * min(ONE, x / number(leaf.convert["at"]))
    if kind == "relative_to_best":
        assert best is not None
        if leaf.direction == "lower":
            if x == 0:
                raise Refused(f"{leaf.id}: a consensus of 0 has no share of the lowest")
            return leaf.points * best / x
        return leaf.points * x / best if best != 0 else ZERO
    assert leaf.low is not None and leaf.high is not None
    if kind == "proportional":
        return leaf.points * x / leaf.high
    assert kind == "linear"
    if leaf.direction == "lower":
        return leaf.points * (leaf.high - x) / (leaf.high - leaf.low)
    return leaf.points * (x - leaf.low) / (leaf.high - leaf.low)


# ---------------------------------------------------------------- the round's tables


def cell(row: Row, column: str) -> str:
    return row.get(column, "")


@dataclass(frozen=True)
class Field:
    """Who takes part: every applicant, those out before any mark is read, and the state of all gates."""

    everybody: tuple[str, ...]
    withdrawn: frozenset[str]
    failed_before: dict[str, tuple[str, ...]]
    failed_after: dict[str, tuple[str, ...]]
    open_before: tuple[tuple[str, str], ...]
    open_after: frozenset[str]

    def active(self) -> list[str]:
        return [a for a in self.everybody if a not in self.withdrawn and not self.failed_before[a]]

    def entry_reasons(self, applicant: str) -> list[str]:
        reasons = ["withdrawn"] if applicant in self.withdrawn else []
        return reasons + [f"gate_failed:{gate}" for gate in self.failed_before[applicant]]

    def entry_outcome(self, applicant: str) -> str:
        return "withdrawn" if applicant in self.withdrawn else "gate_failed"


def field_of(case: Case) -> Field:
    rows = case.tables["applicants"]
    everybody = tuple(cell(row, "id") for row in rows)
    withdrawn = frozenset(cell(row, "id") for row in rows if cell(row, "status") == "withdrawn")
    outcomes = {
        (cell(row, "applicant"), cell(row, "gate")): cell(row, "outcome") for row in case.tables.get("gates", [])
    }
    failed: dict[str, dict[str, tuple[str, ...]]] = {}
    pending: dict[str, dict[str, tuple[str, ...]]] = {}
    for when in ("before_scoring", "after_ranking"):
        gates = [gate["id"] for gate in case.rubric.get("gates") or [] if gate["when"] == when]
        failed[when] = {a: tuple(g for g in gates if outcomes.get((a, g)) == "fail") for a in everybody}
        pending[when] = {a: tuple(g for g in gates if outcomes.get((a, g), "open") == "open") for a in everybody}
    before, after = "before_scoring", "after_ranking"
    open_before = [
        (a, gate) for a in everybody if a not in withdrawn and not failed[before][a] for gate in pending[before][a]
    ]
    return Field(
        everybody=everybody,
        withdrawn=withdrawn,
        failed_before=failed[before],
        failed_after=failed[after],
        open_before=tuple(sorted(open_before)),
        # one failed gate is enough: what is still open beside it changes nothing
        open_after=frozenset(a for a in everybody if pending[after][a] and not failed[after][a]),
    )


def adjustments_of(case: Case) -> dict[str, Fraction]:
    """Bonuses minus penalties per applicant, after the limits."""
    limits = case.rubric.get("adjustments") or {}
    sums: dict[tuple[str, str], Fraction] = {}
    for row in case.tables.get("adjustments", []):
        key = (cell(row, "applicant"), cell(row, "kind"))
        sums[key] = sums.get(key, ZERO) + number(cell(row, "points"))
    net: dict[str, Fraction] = {}
    for (applicant, kind), amount in sums.items():
        limit_name = f"{kind}_max"
        if limit_name not in limits:
            raise Refused(f"adjustments: the rubric allows no {kind} ({applicant})")
        if limits[limit_name] is not None and amount > number(limits[limit_name]):
            raise Refused(f"adjustments: {kind} of {applicant} over the limit")
        net[applicant] = net.get(applicant, ZERO) + (amount if kind == "bonus" else -amount)
    return net


def recusals_of(case: Case, applicants: Iterable[str]) -> set[tuple[str, str]]:
    """(reviewer, applicant) pairs: declared, for the whole round (`*`), or told by a mark's state."""
    everybody = list(applicants)
    pairs: set[tuple[str, str]] = set()
    for row in case.tables.get("conflicts", []):
        named = everybody if cell(row, "applicant") == "*" else [cell(row, "applicant")]
        pairs.update((cell(row, "reviewer"), a) for a in named)
    for row in case.tables.get("scores", []):
        if cell(row, "state") == "recused":
            pairs.add((cell(row, "reviewer"), cell(row, "applicant")))
    return pairs


# ---------------------------------------------------------------- consensus


@dataclass(frozen=True)
class Marks:
    """Scored marks, and who owes which: (reviewer, applicant, criterion)."""

    scored: dict[Mark, Fraction]
    blanks: tuple[Mark, ...]

    @cached_property
    def givers(self) -> dict[tuple[str, str], list[str]]:
        """(applicant, criterion) -> who has given a mark, sorted."""
        found: dict[tuple[str, str], list[str]] = {}
        for reviewer, applicant, criterion in sorted(self.scored):
            found.setdefault((applicant, criterion), []).append(reviewer)
        return found


def marks_of(case: Case, panels: list[Panel], applicants: list[str], everybody: Iterable[str]) -> Marks:
    """The marks owed for `applicants`: those that are there, and the blanks among them."""
    members: dict[str, list[str]] = {panel.id: [] for panel in panels}
    for row in case.tables.get("reviewers", []):
        home = cell(row, "panel") or (panels[0].id if len(panels) == 1 else "")
        if home in members:
            members[home].append(cell(row, "id"))
    recused = recusals_of(case, everybody)
    assigned = None
    if "assignments" in case.tables:
        assigned = {(cell(row, "reviewer"), cell(row, "applicant")) for row in case.tables["assignments"]}
    rows = {
        (cell(row, "reviewer"), cell(row, "applicant"), cell(row, "criterion")): row
        for row in case.tables.get("scores", [])
    }
    scored: dict[Mark, Fraction] = {}
    blanks: list[Mark] = []
    for panel in panels:
        for reviewer in members[panel.id]:
            for applicant in applicants:
                if (reviewer, applicant) in recused:
                    continue
                if assigned is not None and (reviewer, applicant) not in assigned:
                    continue
                for leaf in panel.leaves:
                    mark = (reviewer, applicant, leaf.id)
                    row = rows.get(mark, {})
                    if cell(row, "state") == "abstained":
                        continue
                    if cell(row, "score") == "":
                        blanks.append(mark)
                    else:
                        scored[mark] = number(cell(row, "score"))
    return Marks(scored, tuple(sorted(blanks)))


def valid_sheets(panel: Panel, marks: Marks, applicant: str) -> list[str]:
    """Reviewers with a mark on every criterion of the panel for this applicant."""
    some = {r for leaf in panel.leaves for r in marks.givers.get((applicant, leaf.id), [])}
    return sorted(r for r in some if all((r, applicant, leaf.id) in marks.scored for leaf in panel.leaves))


def single_marks(marks: Marks, applicant: str, leaf: Node) -> list[str]:
    return marks.givers.get((applicant, leaf.id), [])


def missed_quorums(panels: list[Panel], marks: Marks, applicants: list[str]) -> list[tuple[str, ...]]:
    missed: list[tuple[str, ...]] = []
    for panel in panels:
        need = max(1, panel.quorum)
        for applicant in applicants:
            if panel.level == "reviewer_total":
                if len(valid_sheets(panel, marks, applicant)) < need:
                    missed.append((panel.id, applicant))
            else:
                for leaf in panel.leaves:
                    if len(single_marks(marks, applicant, leaf)) < need:
                        missed.append((panel.id, applicant, leaf.id))
    return sorted(missed)


def dropped(panel: Panel, n: int) -> tuple[int, int]:
    """How many of `n` items go at the low end and at the high end."""
    if panel.aggregate == "median":
        return (n - 1) // 2, (n - 1) // 2
    if panel.aggregate == "trimmed_mean" and n >= panel.trim_from:
        return panel.trim_low, panel.trim_high
    return 0, 0


def panel_consensus(panel: Panel, marks: Marks, applicant: str, kept: dict[Mark, Fraction]) -> dict[str, Fraction]:
    """The unrounded consensus of each of the panel's criteria; writes the kept weights into `kept`."""
    consensus: dict[str, Fraction] = {}
    sheet_weight: dict[str, Fraction] = {}
    if panel.level == "reviewer_total":
        sheets = valid_sheets(panel, marks, applicant)
        if panel.aggregate == "mean":
            sheet_weight = dict.fromkeys(sheets, ONE)
        else:
            sums = [
                sum((converted(leaf, marks.scored[r, applicant, leaf.id]) for leaf in panel.leaves), ZERO)
                for r in sheets
            ]
            sheet_weight = dict(zip(sheets, kept_weights(sums, *dropped(panel, len(sheets))), strict=True))
    for leaf in panel.leaves:
        if panel.level == "reviewer_total":
            reviewers = list(sheet_weight)
        else:
            reviewers = single_marks(marks, applicant, leaf)
        values = [marks.scored[r, applicant, leaf.id] for r in reviewers]
        if panel.order == "convert_first":
            values = [converted(leaf, value) for value in values]
        if panel.level == "reviewer_total":
            weights = [sheet_weight[r] for r in reviewers]
        else:
            weights = kept_weights(values, *dropped(panel, len(values)))
        for reviewer, weight in zip(reviewers, weights, strict=True):
            kept[reviewer, applicant, leaf.id] = weight
        weighted = sum((w * value for w, value in zip(weights, values, strict=True)), ZERO)
        consensus[leaf.id] = weighted / sum(weights, ZERO)
    return consensus


# ---------------------------------------------------------------- ranks and seats


def ranked_groups(keys: dict[str, tuple[Fraction, ...]], case: Case, decidable: bool) -> list[list[str]]:
    """Applicants in groups of equal rank, best first; recorded tie decisions have split theirs."""
    orders: dict[str, list[str]] = {}
    for row in case.tables.get("decisions", []):
        if cell(row, "kind") == "tie":
            orders.setdefault(cell(row, "applicant"), []).append(cell(row, "after"))
    if orders and not decidable:
        raise Refused("tie decision without `decision` in the tie-break chain")
    groups: list[list[str]] = []
    for key in sorted(set(keys.values()), reverse=True):
        tied = sorted(a for a in keys if keys[a] == key)
        named = [a for a in tied if a in orders]
        if not named:
            groups.append(tied)
            continue
        places = [order for a in tied for order in orders.pop(a, [])]
        if len(tied) == 1 or len(named) != len(tied):
            raise Refused(f"tie decision does not cover a tied group: {tied}")
        if sorted(number(place) for place in places) != [Fraction(i + 1) for i in range(len(tied))]:
            raise Refused(f"tie decision is not an order of its group: {tied}")
        order_of = dict(zip(tied, (number(p) for p in places), strict=True))
        groups.extend([a] for a in sorted(tied, key=lambda a: order_of[a]))
    if orders:
        raise Refused(f"tie decision for applicants that are not ranked: {sorted(orders)}")
    return groups


def ranks_of(groups: list[list[str]]) -> dict[str, int]:
    ranks: dict[str, int] = {}
    for group in groups:
        better = len(ranks)
        ranks.update(dict.fromkeys(group, better + 1))
    return ranks


def seat_at(position: int, places: int, reserve: int) -> str:
    if position <= places:
        return "selected"
    return "reserve" if position <= places + reserve else "not_selected"


def outcomes_if(
    groups: list[list[str]], passes: dict[str, bool], places: int, reserve: int, vacancy: str
) -> dict[str, str]:
    """Outcomes of those who pass, if the gates go as `passes` says: over every order of every tied group."""
    outcomes: dict[str, str] = {}
    used = 0
    for group in groups:
        good = [a for a in group if passes[a]]
        seats: dict[str, set[str]] = {a: set() for a in good}
        if len(good) <= 4:
            for order in itertools.permutations(good):
                for position, applicant in enumerate(order, start=used + 1):
                    seats[applicant].add(seat_at(position, places, reserve))
        else:
            # some order puts anybody at any position, and 9! orders are too many to walk
            for applicant in good:
                seats[applicant] = {seat_at(used + i, places, reserve) for i in range(1, len(good) + 1)}
        for applicant in good:
            possible = seats[applicant]
            if len(possible) == 1:
                outcomes[applicant] = next(iter(possible))
            else:
                outcomes[applicant] = "tied_at_cut" if "selected" in possible else "tied_at_reserve"
        used += len(good)
        if vacancy == "keep":
            used += len(group) - len(good)
    return outcomes


def seat_outcomes(groups: list[list[str]], who: Field, selection: dict[str, Any] | None) -> dict[str, str]:
    """The outcome of every ranked applicant, under every way the open gates can still go."""
    ranked = [a for group in groups for a in group]
    failed = {a for a in ranked if who.failed_after[a]}
    undecided = [a for a in ranked if a in who.open_after]
    outcomes = dict.fromkeys(ranked, "ranked")
    if selection is not None:
        places, reserve = int(selection["places"]), int(selection.get("reserve", 0))
        vacancy = selection.get("vacancy", "keep")
        possible: dict[str, set[str]] = {a: set() for a in ranked}
        for answers in itertools.product((True, False), repeat=len(undecided)):
            passes = {a: a not in failed for a in ranked} | dict(zip(undecided, answers, strict=True))
            for applicant, outcome in outcomes_if(groups, passes, places, reserve, vacancy).items():
                possible[applicant].add(outcome)
        for applicant in ranked:
            if applicant not in failed:
                seen = possible[applicant]
                outcomes[applicant] = next(iter(seen)) if len(seen) == 1 else "open"
    for applicant in failed:
        outcomes[applicant] = "gate_failed"
    for applicant in undecided:
        outcomes[applicant] = "open"
    return outcomes


def cut_line_of(
    groups: list[list[str]],
    outcomes: dict[str, str],
    figures: dict[str, Fraction],
    selection: dict[str, Any] | None,
) -> CutLine | None:
    if selection is None:
        return None
    places = int(selection["places"])
    order = [a for group in groups for a in group]
    selected = [a for a in order if outcomes[a] == "selected"]
    beaten = ("reserve", "not_selected", "tied_at_cut", "tied_at_reserve")
    rest = [a for a in order if outcomes[a] in beaten]
    last = figures[selected[-1]] if selected else None
    first = figures[rest[0]] if rest else None
    margin = None
    if last is not None and first is not None and len(selected) >= places:
        if "tied_at_cut" not in outcomes.values():
            margin = last - first
    return CutLine(places, len(selected), last, first, margin)


def shared_ranks(groups: list[list[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(sorted(group)) for group in groups if len(group) > 1)


def not_rankable(who: Field, missing: Missing, votes: dict[str, Votes] | None = None) -> Answer:
    applicants = {}
    for a in who.everybody:
        reasons = who.entry_reasons(a)
        outcome = who.entry_outcome(a) if reasons else "not_rankable"
        applicants[a] = Result(outcome, reasons=tuple(sorted(reasons)), votes=(votes or {}).get(a))
    return Answer(False, applicants, missing=missing)


# ---------------------------------------------------------------- the whole story


def solve(case: Case) -> Answer:
    """The answer to a round; raises Refused where the calculation meets an input problem."""
    if "criteria" not in case.rubric:
        return _solve_votes(case)
    return _solve_criteria(case)


def _solve_criteria(case: Case) -> Answer:
    roots = resolve(case)
    nodes = [node for root in roots for node in root.all()]
    leaves = [node for node in nodes if not node.children]
    rounding = {"mode": "half_up", "consensus": None, "points": None, "total": None}
    rounding.update(case.rubric.get("rounding") or {})
    mode = str(rounding["mode"])

    def at(stage: str, value: Fraction) -> Fraction:
        decimals = rounding[stage]
        return rounded(value, None if decimals is None else int(decimals), mode)

    for node in nodes:
        if (not node.children or node.of is not None) and at("points", node.points) != node.points:
            raise Refused(f"{node.id}: {node.points} points cannot be shown at rounding.points")
    net = adjustments_of(case)
    chain = [str(name) for name in case.rubric.get("tie_break") or []]
    if "decision" not in chain:
        if any(cell(row, "kind") == "tie" for row in case.tables.get("decisions", [])):
            raise Refused("tie decision without `decision` in the tie-break chain")

    who = field_of(case)
    active = who.active()
    panels = panels_of(case, roots)
    marks = marks_of(case, panels, active, who.everybody)
    figures = {
        (cell(row, "applicant"), cell(row, "criterion")): number(cell(row, "score"))
        for row in case.tables.get("office", [])
        if cell(row, "score") != ""
    }
    office = [leaf for leaf in leaves if leaf.source != "panel"]
    no_figure = [("", a, leaf.id) for a in active for leaf in office if (a, leaf.id) not in figures]
    missing = Missing(
        blanks=tuple(sorted([*marks.blanks, *no_figure])),
        quorums=tuple(missed_quorums(panels, marks, active)),
        gates=who.open_before,
    )
    if missing.any():
        return not_rankable(who, missing)

    kept: dict[Mark, Fraction] = {}
    consensus: dict[str, dict[str, Fraction]] = {a: {} for a in active}
    for applicant in active:
        for panel in panels:
            for name, value in panel_consensus(panel, marks, applicant, kept).items():
                on_scale = panel.order == "consensus_first"
                consensus[applicant][name] = at("consensus", value) if on_scale else value
        for leaf in office:
            consensus[applicant][leaf.id] = figures[applicant, leaf.id]
    _apply_consensus_decisions(case, panels, consensus)

    points: dict[str, dict[str, Fraction]] = {}
    rank_points: dict[str, dict[str, Fraction]] = {}
    unconverted = {leaf.id for leaf in office}
    unconverted |= {leaf.id for panel in panels if panel.order == "consensus_first" for leaf in panel.leaves}
    for applicant in active:
        mine: dict[str, Fraction] = {}
        weighted: dict[str, Fraction] = {}
        for leaf in leaves:
            value = consensus[applicant][leaf.id]
            if leaf.id in unconverted:
                pool = [consensus[a][leaf.id] for a in active]
                value = converted(leaf, value, min(pool) if leaf.direction == "lower" else max(pool))
            mine[leaf.id] = at("points", value)
            weighted[leaf.id] = leaf.weight * mine[leaf.id]
        # children come after their group in `nodes`, so backwards every child is known before its group
        for node in reversed(nodes):
            if node.children:
                for table in (mine, weighted):
                    amount = sum((table[child.id] for child in node.children), ZERO)
                    if node.of is not None:
                        amount = at("points", amount * node.points / node.of)
                    table[node.id] = amount
        points[applicant] = mine
        rank_points[applicant] = weighted

    full = sum((root.points for root in roots), ZERO)
    pass_mark = None
    if case.rubric.get("pass_mark") is not None:
        pass_mark = percent_or_points(case.rubric["pass_mark"], full, ONE)
    compare_raw = case.rubric.get("pass_compare", "rounded") == "raw"
    total: dict[str, Fraction] = {}
    ranking_total: dict[str, Fraction] = {}
    reasons: dict[str, list[str]] = {a: who.entry_reasons(a) for a in who.everybody}
    for applicant in active:
        adjusted = net.get(applicant, ZERO)
        raw = sum((points[applicant][root.id] for root in roots), ZERO) + adjusted
        raw_ranking = sum((rank_points[applicant][root.id] for root in roots), ZERO) + adjusted
        total[applicant] = at("total", raw)
        ranking_total[applicant] = at("total", raw_ranking)
        for node in nodes:
            if node.threshold is not None and points[applicant][node.id] < node.threshold:
                reasons[applicant].append(f"below_threshold:{node.id}")
        if pass_mark is not None and (raw if compare_raw else total[applicant]) < pass_mark:
            reasons[applicant].append("below_pass_mark")

    ranked = [a for a in active if not reasons[a]]
    keys = {a: (ranking_total[a], *(points[a][name] for name in chain if name != "decision")) for a in ranked}
    groups = ranked_groups(keys, case, "decision" in chain)
    ranks = ranks_of(groups)
    selection = case.rubric.get("selection")
    outcomes = seat_outcomes(groups, who, selection)
    results: dict[str, Result] = {}
    for a in who.everybody:
        if a not in active:
            outcome = who.entry_outcome(a)
        elif a not in ranks:
            below = any(reason.startswith("below_threshold") for reason in reasons[a])
            outcome = "below_threshold" if below else "below_pass_mark"
        else:
            outcome = outcomes[a]
            reasons[a].extend(f"gate_failed:{gate}" for gate in who.failed_after[a])
        results[a] = Result(
            outcome=outcome,
            rank=ranks.get(a),
            total=total.get(a),
            ranking_total=ranking_total.get(a),
            reasons=tuple(sorted(reasons[a])),
            points=points.get(a, {}),
            consensus=consensus.get(a, {}),
        )
    return Answer(
        rankable=True,
        applicants=results,
        kept=kept,
        cut_line=cut_line_of(groups, outcomes, ranking_total, selection),
        ties=shared_ranks(groups),
    )


def _apply_consensus_decisions(case: Case, panels: list[Panel], consensus: dict[str, dict[str, Fraction]]) -> None:
    leaf_of = {leaf.id: (panel, leaf) for panel in panels for leaf in panel.leaves}
    seen: set[tuple[str, str]] = set()
    for row in case.tables.get("decisions", []):
        if cell(row, "kind") != "consensus":
            continue
        applicant, criterion = cell(row, "applicant"), cell(row, "criterion")
        if (applicant, criterion) in seen or applicant not in consensus or criterion not in leaf_of:
            raise Refused(f"consensus decision on nothing, or twice: {applicant} {criterion}")
        seen.add((applicant, criterion))
        panel, leaf = leaf_of[criterion]
        before, after = cell(row, "before"), number(cell(row, "after"))
        if before:
            decimals = len(before.partition(".")[2])
            if rounded(consensus[applicant][criterion], decimals, "half_up") != number(before):
                raise Refused(f"consensus decision is stale: {applicant} {criterion}")
        assert leaf.low is not None and leaf.high is not None
        low, high = (leaf.low, leaf.high) if panel.order == "consensus_first" else (ZERO, leaf.points)
        if not low <= after <= high:
            raise Refused(f"consensus decision outside {low}..{high}: {applicant} {criterion}")
        consensus[applicant][criterion] = after


def _solve_votes(case: Case) -> Answer:
    rule = case.rubric["decision"]
    quorum = share(rule["quorum"])
    majority_text = str(rule["majority"]).strip()
    strict = majority_text.startswith(">") and not majority_text.startswith(">=")
    majority = share(majority_text.lstrip(">="))
    who = field_of(case)
    reviewers = [cell(row, "id") for row in case.tables.get("reviewers", [])]
    recused = recusals_of(case, who.everybody)
    votes: dict[str, Votes] = {}
    quorums: list[tuple[str, ...]] = []
    for applicant in who.active():
        eligible = [r for r in reviewers if (r, applicant) not in recused]
        cast = [
            cell(row, "vote")
            for row in case.tables.get("votes", [])
            if cell(row, "applicant") == applicant and cell(row, "reviewer") in eligible
        ]
        votes[applicant] = Votes(cast.count("yes"), cast.count("no"), cast.count("abstain"), len(eligible))
        if len(cast) < quorum * len(eligible):
            quorums.append(("", applicant))
    missing = Missing(quorums=tuple(sorted(quorums)), gates=who.open_before)
    if missing.any():
        return not_rankable(who, missing, votes)

    def recognised(applicant: str) -> bool:
        yes, needed = Fraction(votes[applicant].yes), majority * votes[applicant].eligible
        return yes > needed if strict else yes >= needed

    yes_votes = {a: Fraction(votes[a].yes) for a in who.active()}
    groups = ranked_groups({a: (yes_votes[a],) for a in yes_votes if recognised(a)}, case, decidable=True)
    ranks = ranks_of(groups)
    selection = {"places": rule["places"], "reserve": rule.get("reserve", 0)}
    outcomes = seat_outcomes(groups, who, selection)
    results = {}
    for a in who.everybody:
        reasons = who.entry_reasons(a)
        if reasons:
            outcome = who.entry_outcome(a)
        elif a in ranks:
            outcome = outcomes[a]
            reasons = [f"gate_failed:{gate}" for gate in who.failed_after[a]]
        else:
            outcome = "below_majority"
            reasons = ["below_majority"]
        results[a] = Result(outcome, ranks.get(a), reasons=tuple(sorted(reasons)), votes=votes.get(a))
    return Answer(
        rankable=True,
        applicants=results,
        cut_line=cut_line_of(groups, outcomes, yes_votes, selection),
        ties=shared_ranks(groups),
        nobody_recognised=not ranks and not rule.get("allow_none", True),
    )
