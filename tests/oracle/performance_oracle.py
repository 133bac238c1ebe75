"""The performance criterion computed a second time, slowly and literally, on plain dictionaries and fractions.

Written from docs/performance.md and docs/references.md alone; nothing is shared with the toolkit. Every number is still
the text that stands in the file. It expects rounds without faults: what has to be refused is tested elsewhere.
Intervals and probabilities are not computed here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Rule = dict[str, Any]
"""``performance`` of a criterion, as written in the rubric."""
Row = dict[str, str]
"""A row of a table of results or of references, empty cells left out."""

POLICIES = ("best_single", "named_target", "envelope")
FORMULAS = ("ratio_of_means", "mean_of_ratios", "geometric")
STRONGEST_FIRST = ("agency", "third_party", "self")
ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Case:
    """One round.

    ``rules`` are by criterion. ``references`` are by criterion, model and benchmark (its id), ``results`` by applicant;
    ``targets`` are the models that applicants name. ``excuses`` are (applicant, criterion, benchmark, kind).
    """

    rules: dict[str, Rule]
    references: dict[str, dict[str, dict[str, Row]]]
    results: dict[str, list[Row]]
    targets: dict[str, str]
    excuses: frozenset[tuple[str, str, str, str]] = frozenset()


@dataclass(frozen=True)
class Opponent:
    """What an applicant is compared with: ``normal`` scores by benchmark, and the models each may come from.

    ``scores`` are those before that, by benchmark and model: two may differ and both be at the floor.
    """

    normal: dict[str, Fraction]
    scores: dict[str, dict[str, Fraction]]


@dataclass(frozen=True)
class Line:
    """One benchmark of an applicant. ``state`` is measured, missing, not_counted or excused."""

    state: str
    weight: Fraction
    own: Fraction | None
    normal: Fraction


@dataclass(frozen=True)
class Figure:
    """The ratio under one policy, formula and cap; ``opponents`` are those with which it is reached.

    Where there is none, ``why`` has every reason that holds.
    """

    ratio: Fraction | None
    why: frozenset[str]
    opponents: tuple[Opponent, ...] = ()


@dataclass(frozen=True)
class Answer:
    """Everything about one applicant on one criterion that does not depend on sampling error."""

    lines: dict[str, Line]
    coverage: Fraction
    figure: Figure
    verdict: str
    references: frozenset[str]


# ---------------------------------------------------------------- scores


def best_end(benchmark: Rule) -> Fraction:
    scale = benchmark["scale"]
    return Fraction(str(scale["max" if benchmark.get("direction", "higher") == "higher" else "min"]))


def floor_of(benchmark: Rule) -> Fraction:
    if "chance" in benchmark:
        return Fraction(str(benchmark["chance"]))
    scale = benchmark["scale"]
    return Fraction(str(scale["min" if benchmark.get("direction", "higher") == "higher" else "max"]))


def on_scale_of(benchmark: Rule, row: Row) -> Fraction:
    """The score of a row, on the scale of the benchmark."""
    low, high = (Fraction(str(benchmark["scale"][end])) for end in ("min", "max"))
    way = (Fraction(row["score"]) - Fraction(row["min"])) / (Fraction(row["max"]) - Fraction(row["min"]))
    return low + way * (high - low)


def normal(benchmark: Rule, score: Fraction) -> Fraction:
    floor = floor_of(benchmark)
    return max(ZERO, (score - floor) / (best_end(benchmark) - floor))


# ---------------------------------------------------------------- weights


def shares(rule: Rule, left_out: frozenset[str] = frozenset()) -> dict[str, Fraction]:
    """What each benchmark weighs where some are left out: 0 for those, 1 in all (if any is left)."""
    kept = [b for b in rule["benchmarks"] if b["id"] not in left_out]
    points = {b["id"]: Fraction(str(b.get("points", 1))) for b in kept}
    weights = dict.fromkeys((b["id"] for b in rule["benchmarks"]), ZERO)
    if rule.get("aggregation", {}).get("weights", "benchmarks") == "benchmarks":
        for b in kept:
            weights[b["id"]] = points[b["id"]] / sum(points.values())
        return weights
    alive = [c for c in rule["categories"] if any(b["category"] == c["id"] for b in kept)]
    whole = sum((Fraction(str(c.get("points", 1))) for c in alive), ZERO)
    for c in alive:
        members = [b["id"] for b in kept if b["category"] == c["id"]]
        for id_ in members:
            within = points[id_] / sum((points[m] for m in members), ZERO)
            weights[id_] = Fraction(str(c.get("points", 1))) / whole * within
    return weights


# ---------------------------------------------------------------- the applicant


def rows_of(case: Case, rule: Rule, applicant: str, benchmark: Rule) -> tuple[Row | None, bool]:
    """The row that counts, and whether there is any row at all."""
    names = {benchmark["id"], *benchmark.get("names", ())}
    rows = [r for r in case.results[applicant] if r["benchmark"] in names and r["metric"] == benchmark["metric"]]
    for who in STRONGEST_FIRST:
        if who in rule.get("counts", STRONGEST_FIRST):
            for row in rows:
                if row["measured_by"] == who:
                    return row, True
    return None, bool(rows)


def lines_of(case: Case, criterion: str, applicant: str) -> dict[str, Line]:
    rule = case.rules[criterion]
    found = {b["id"]: rows_of(case, rule, applicant, b) for b in rule["benchmarks"]}
    excused = frozenset(
        id_ for id_, (row, _) in found.items() if row is None and (applicant, criterion, id_, "missing") in case.excuses
    )
    weights = shares(rule, excused)
    lines = {}
    for b in rule["benchmarks"]:
        row, anything = found[b["id"]]
        if row is not None:
            score = on_scale_of(b, row)
            lines[b["id"]] = Line("measured", weights[b["id"]], score, normal(b, score))
        else:
            state = "excused" if b["id"] in excused else "not_counted" if anything else "missing"
            lines[b["id"]] = Line(state, weights[b["id"]], None, ZERO)
    return lines


# ---------------------------------------------------------------- what it is compared with


def opponents(case: Case, criterion: str, policy: str, target: str) -> tuple[list[Opponent], str]:
    """All that are entitled to be the reference, or why there is none."""
    rule, models = case.rules[criterion], case.references[criterion]
    scores = {
        name: {b["id"]: on_scale_of(b, rows[b["id"]]) for b in rule["benchmarks"] if b["id"] in rows}
        for name, rows in models.items()
    }
    normals = {
        name: {b["id"]: normal(b, scores[name][b["id"]]) for b in rule["benchmarks"] if b["id"] in scores[name]}
        for name in models
    }

    def alone(name: str) -> Opponent:
        return Opponent(normals[name], {id_: {name: score} for id_, score in scores[name].items()})

    if policy == "named_target":
        if not target:
            return [], "no_target"
        return ([alone(target)], "") if target in models else ([], "target_unknown")
    if not models:
        return [], "no_reference"
    if policy == "best_single":
        weights = shares(rule)
        means = {
            name: sum((weights[id_] * g for id_, g in of.items()), ZERO)
            for name, of in normals.items()
            if len(of) == len(rule["benchmarks"])
        }
        best = [alone(name) for name, mean in means.items() if mean == max(means.values())]
        return best, "" if best else "no_eligible_reference"
    tops, holders = {}, {}
    for b in rule["benchmarks"]:
        having = {name: of[b["id"]] for name, of in normals.items() if b["id"] in of}
        if having:
            tops[b["id"]] = top = max(having.values())
            holders[b["id"]] = {name: scores[name][b["id"]] for name, g in having.items() if g == top}
    return [Opponent(tops, holders)], ""


# ---------------------------------------------------------------- formulas


def half_up(value: Fraction, decimals: int | None) -> Fraction:
    if decimals is None:
        return value
    return Fraction(math.floor(value * 10**decimals + Fraction(1, 2)), 10**decimals)


def geometric(pairs: list[tuple[Fraction, Fraction]], decimals: int) -> Fraction:
    """The product of all ratios to the power of their weights (weight, ratio), rounded half up, exactly.

    With D the common denominator of the weights, the D-th power of the mean is rational, so the mean is compared with
    every boundary by comparing D-th powers.
    """
    if any(r == 0 for _, r in pairs):
        return ZERO
    root = math.lcm(*(w.denominator for w, _ in pairs))
    power = math.prod((r ** int(w * root) for w, r in pairs), start=ONE)
    estimate = math.exp(sum(float(w) * (math.log(r.numerator) - math.log(r.denominator)) for w, r in pairs))
    k = int(estimate * 10**decimals)

    def at_least(boundary: Fraction) -> bool:
        return boundary <= 0 or power >= boundary**root

    while at_least(Fraction(2 * k + 1, 2 * 10**decimals)):
        k += 1
    while not at_least(Fraction(2 * k - 1, 2 * 10**decimals)):
        k -= 1
    return Fraction(k, 10**decimals)


def ratio_with(rule: Rule, lines: dict[str, Line], opponent: Opponent, formula: str, cap: Fraction | None) -> Figure:
    """The rounded ratio of an applicant to one opponent, or why there is none."""
    counting = {id_: line for id_, line in lines.items() if line.state != "excused"}
    why = set()
    if any(id_ not in opponent.normal for id_ in counting):
        why.add("no_reference_result")
    others = {id_: opponent.normal.get(id_, ZERO) for id_ in counting}
    known = [g for id_, g in opponent.normal.items() if id_ in counting]
    if formula == "ratio_of_means":
        if known and not any(known):
            why.add("reference_at_floor")
    elif not all(known):
        why.add("reference_at_floor")
    if why:
        return Figure(None, frozenset(why))
    decimals = rule.get("aggregation", {}).get("round", 4)
    if formula == "ratio_of_means":
        above = below = ZERO
        for id_, line in counting.items():
            a = line.normal if cap is None else min(line.normal, cap * others[id_])
            above += line.weight * a
            below += line.weight * others[id_]
        return Figure(half_up(above / below, decimals), frozenset(), (opponent,))
    pairs = []
    for id_, line in counting.items():
        r = line.normal / others[id_]
        pairs.append((line.weight, r if cap is None else min(r, cap)))
    if formula == "mean_of_ratios":
        return Figure(half_up(sum((w * r for w, r in pairs), ZERO), decimals), frozenset(), (opponent,))
    return Figure(geometric(pairs, 4 if decimals is None else decimals), frozenset(), (opponent,))


def figure(case: Case, criterion: str, applicant: str, policy: str, formula: str, cap: Fraction | None) -> Figure:
    """The ratio of an applicant under a policy and formula: with several equally good references, the least."""
    rule = case.rules[criterion]
    lines = lines_of(case, criterion, applicant)
    why = set()
    if all(line.state == "excused" for line in lines.values()):
        why.add("nothing_compared")
    if rule.get("missing", "zero") == "not_assessable" and any(
        line.state in ("missing", "not_counted") for line in lines.values()
    ):
        why.add("missing_result")
    if "coverage" in rule and coverage(case, criterion, applicant) < Fraction(rule["coverage"].rstrip("%")) / 100:
        why.add("coverage")
    against, reason = opponents(case, criterion, policy, case.targets.get(applicant, ""))
    if reason:
        return Figure(None, frozenset(why | {reason}))
    if "nothing_compared" in why:
        return Figure(None, frozenset(why))
    each = [ratio_with(rule, lines, opponent, formula, cap) for opponent in against]
    ratios = [one.ratio for one in each if one.ratio is not None]
    if not ratios:
        why |= set().union(*(one.why for one in each))
    if why:
        return Figure(None, frozenset(why))
    least = min(
        ratios
    )  # the page does not say what becomes of an equally good reference that divides by zero: passed over
    return Figure(least, frozenset(), tuple(o for one in each if one.ratio == least for o in one.opponents))


def coverage(case: Case, criterion: str, applicant: str) -> Fraction:
    weights = shares(case.rules[criterion])
    lines = lines_of(case, criterion, applicant)
    return sum((weights[id_] for id_, line in lines.items() if line.state == "measured"), ZERO)


def verdict(rule: Rule, ratio: Fraction | None) -> str:
    """By the point rule."""
    if ratio is None:
        return "not_assessable"
    return "met" if ratio >= Fraction(str(rule["verdict"]["target"])) else "not_met"


def answer(case: Case, criterion: str, applicant: str) -> Answer:
    rule = case.rules[criterion]
    told = rule.get("aggregation", {})
    policy = rule.get("reference", {}).get("policy", "best_single")
    cap = Fraction(str(told["cap"])) if "cap" in told else None
    result = figure(case, criterion, applicant, policy, told.get("formula", "mean_of_ratios"), cap)
    entitled, _ = opponents(case, criterion, policy, case.targets.get(applicant, ""))
    return Answer(
        lines_of(case, criterion, applicant),
        coverage(case, criterion, applicant),
        result,
        verdict(rule, result.ratio),
        frozenset().union(*(names for one in entitled for names in one.scores.values())),
    )
