"""Random rounds whose criteria are fed by benchmark results, and their round folders.

``random_case(rng)`` draws everything from ``rng``; the same state gives the same case. Scores lie on a coarse grid more
often than not, so that ties, scores at the floor and figures on a rounding boundary are common.
"""

from __future__ import annotations

import csv
import json
import pathlib
import re
from collections.abc import Iterable
from fractions import Fraction
from random import Random
from typing import Any

from tests.oracle.generate import written
from tests.oracle.performance_oracle import STRONGEST_FIRST, Case, Row, Rule, rows_of

SCALES = [("0", "1"), ("0", "100"), ("0", "100"), ("1", "5"), ("-50", "50"), ("200", "800"), ("0", "0.5")]
INTERCHANGEABLE = [("0", "1"), ("0", "100")]
RELEASED = ["2025-07-15", "2025-09-01", "2025-12-24", "2026-01-15"]
NUMBERS = re.compile(r'"(min|max|chance|points|cap|target|at)": "(-?[0-9]+(?:\.[0-9]+)?)"')


def random_case(rng: Random) -> Case:
    rules = {"perf": _rule(rng, None)}
    if rng.random() < 0.2:
        rules["other"] = _rule(rng, rules["perf"])
    levels: dict[str, dict[str, dict[str, Fraction]]] = {}
    references = {
        criterion: _references(rng, rule, levels.setdefault(criterion, {})) for criterion, rule in rules.items()
    }
    results, targets, excuses = {}, {}, set()
    every = sorted({model for models in references.values() for model in models})
    for k in range(rng.randint(1, 4)):
        applicant = f"team-{k + 1}"
        results[applicant] = _results(rng, rules, levels)
        names_one = any(_policy(rule) == "named_target" for rule in rules.values()) or rng.random() < 0.5
        targets[applicant] = rng.choice(every) if names_one and every else ""
    case = Case(rules, references, results, targets)
    for applicant in results:
        for criterion, rule in rules.items():
            for benchmark in rule["benchmarks"]:
                row, _ = rows_of(case, rule, applicant, benchmark)
                if row is None and rng.random() < 0.35:
                    excuses.add((applicant, criterion, benchmark["id"], "missing"))
                elif row is not None and "items" in row and int(row["n"]) < int(row["items"]):
                    excuses.add((applicant, criterion, benchmark["id"], "partial"))
    return Case(rules, references, results, targets, frozenset(excuses))


def _policy(rule: Rule) -> str:
    return str(rule.get("reference", {}).get("policy", "best_single"))


# ---------------------------------------------------------------- the rubric


def _benchmark(rng: Random, id_: str) -> Rule:
    low, high = rng.choice(SCALES)
    benchmark: Rule = {"id": id_, "title": id_.upper(), "metric": rng.choice(["acc", "exact_match"])}
    benchmark["scale"] = {"min": low, "max": high}
    if rng.random() < 0.25:
        benchmark["direction"] = rng.choice(["lower", "lower", "higher"])
    if rng.random() < 0.45:
        chance = rng.choice([Fraction(0), Fraction(1, 10), Fraction(1, 4), Fraction(1, 2)])
        benchmark["chance"] = _at(benchmark, chance, low, high)
    if rng.random() < 0.3:
        benchmark["names"] = [f"{id_}_full"]
    if rng.random() < 0.5:
        benchmark["items"] = rng.choice([30, 198, 1000])
    return benchmark


def _at(benchmark: Rule, level: Fraction, low: str, high: str) -> str:
    """The score text on a scale of somebody who solves ``level``, 0 the worse end of the scale and 1 the better."""
    way = 1 - level if benchmark.get("direction") == "lower" else level
    return written(Fraction(low) + way * (Fraction(high) - Fraction(low)))


def _rule(rng: Random, first: Rule | None) -> Rule:
    """A rule for one criterion; where there is a ``first``, it shares some benchmarks with it."""
    benchmarks = []
    for k in range(rng.randint(1, 8)):
        shared = first["benchmarks"][k] if first is not None and k < len(first["benchmarks"]) else None
        if shared is not None and rng.random() < 0.5:
            same = {key: value for key, value in shared.items() if key not in {"points", "category"}}
            benchmarks.append(same)
        else:
            benchmarks.append(_benchmark(rng, f"{'b' if first is None else 'c'}{k + 1}"))
    rng.shuffle(benchmarks)
    rule: Rule = {}
    count = min(rng.randint(0, 3), len(benchmarks))
    if count:
        rule["categories"] = [{"id": f"k{i + 1}", "title": f"K{i + 1}"} for i in range(count)]
        for category in rule["categories"]:
            if rng.random() < 0.5:
                category["points"] = rng.choice(["1", "2", "3", "0.5", "12.5"])
        for i, benchmark in enumerate(benchmarks):
            benchmark["category"] = f"k{i + 1}" if i < count else f"k{rng.randint(1, count)}"
    for benchmark in benchmarks:
        if rng.random() < 0.4:
            benchmark["points"] = rng.choice(["1", "2", "3", "5", "0.5", "1.25"])
    rule["benchmarks"] = benchmarks
    if rng.random() < 0.85:
        rule["reference"] = {"policy": rng.choice(["best_single", "named_target", "envelope"])}
    formula = rng.choice(["ratio_of_means", "mean_of_ratios", "geometric"])
    target = rng.choice(["0.95", "0.95", "1", "0.5", "0.8333"])
    rule["verdict"] = {"target": target}
    if rng.random() < 0.2:
        rule["verdict"] |= {"rule": "probability", "met": "80%", "not_met": "20%"}
    told: Rule = {}
    if formula != "mean_of_ratios" or rng.random() < 0.5:
        told["formula"] = formula
    if count and rng.random() < 0.6:
        told["weights"] = "categories"
    if rng.random() < 0.5:
        told["cap"] = rng.choice(["0.7"] if formula == "ratio_of_means" and rng.random() < 0.3 else ["1", "1", "1.1"])
    if rng.random() < 0.5:
        told["round"] = rng.choice([0, 1, 2, 3, 4, 6] + ([] if formula == "geometric" else [None]))
    if told:
        rule["aggregation"] = told
    if rng.random() < 0.3:
        rule["missing"] = rng.choice(["zero", "not_assessable"])
    if rng.random() < 0.35:
        rule["coverage"] = rng.choice(["50%", "70%", "75%", "100%"])
    if rng.random() < 0.35:
        rule["counts"] = rng.sample(STRONGEST_FIRST, rng.randint(1, 3))
    return rule


# ---------------------------------------------------------------- results


def _level(rng: Random, known: Iterable[Fraction] = ()) -> Fraction:
    """How much somebody solves: sometimes all, nothing, what guessing solves, or exactly what another solves."""
    pool = list(known)
    if pool and rng.random() < 0.3:
        return rng.choice(pool)
    kind = rng.random()
    if kind < 0.03:
        return Fraction(rng.choice([0, 0, 1]))
    if kind < 0.05:
        return Fraction(rng.choice([10, 25, 50]), 100)
    if kind < 0.65:
        return Fraction(rng.randint(12, 20), 20)
    if kind < 0.9:
        return Fraction(rng.randint(40, 100), 100)
    return Fraction(rng.randint(50_000, 999_999), 1_000_000)


def _scored(rng: Random, benchmark: Rule, level: Fraction) -> Row:
    own = (benchmark["scale"]["min"], benchmark["scale"]["max"])
    # fractions and percentages stand for each other; any other scale is the rubric's own or refused
    low, high = rng.choice(INTERCHANGEABLE) if own in INTERCHANGEABLE and rng.random() < 0.6 else own
    row = {"metric": benchmark["metric"], "score": _at(benchmark, level, low, high), "min": low, "max": high}
    if rng.random() < 0.5:
        row["stderr"] = written((Fraction(high) - Fraction(low)) * rng.choice([Fraction(1, 50), Fraction(3, 100)]))
    if rng.random() < 0.7:
        row["n"] = str(benchmark.get("items", 500))
    if rng.random() < 0.8:
        row |= {"harness": "lm-evaluation-harness", "harness_version": "0.4.9"}
    return row


def _references(rng: Random, rule: Rule, levels: dict[str, dict[str, Fraction]]) -> dict[str, dict[str, Row]]:
    """Reference models, fresh, equal to another on every benchmark, or with the levels of another in another order."""
    ids = [b["id"] for b in rule["benchmarks"]]
    benchmark_of = {b["id"]: b for b in rule["benchmarks"]}
    models: dict[str, dict[str, Row]] = {}
    for model in rng.sample(["Ref-A", "Ref-B", "Ref-C", "Ref-D", "Ref-E"], rng.randint(1, 5)):
        if levels and rng.random() < 0.3:
            source = rng.choice(sorted(levels))
            mine = dict(levels[source])
            if rng.random() < 0.5:
                order = rng.sample(ids, len(ids))
                mine = {id_: levels[source].get(other, Fraction(1, 2)) for id_, other in zip(ids, order, strict=True)}
        else:
            mine = {id_: _level(rng) for id_ in ids}
        if rng.random() < 0.2:
            del mine[rng.choice(sorted(mine))]
        if mine or len(ids) == 1:
            mine = mine or {ids[0]: _level(rng)}
            levels[model] = mine
            models[model] = {
                id_: _scored(rng, benchmark_of[id_], level) | {"measured_by": rng.choice(STRONGEST_FIRST)}
                for id_, level in mine.items()
            }
    return models


def _results(rng: Random, rules: dict[str, Rule], levels: dict[str, dict[str, dict[str, Fraction]]]) -> list[Row]:
    rows: list[Row] = []
    done: set[tuple[str, str]] = set()
    diligence = rng.choice([0.6, 0.9, 1])
    for criterion, rule in rules.items():
        before = len(rows)
        for k, benchmark in enumerate(rule["benchmarks"]):
            if (benchmark["id"], benchmark["metric"]) in done:
                before = -1
                continue
            last = k + 1 == len(rule["benchmarks"]) and len(rows) == before
            if rng.random() > diligence and not last:
                continue
            done.add((benchmark["id"], benchmark["metric"]))
            known = [of[benchmark["id"]] for of in levels[criterion].values() if benchmark["id"] in of]
            called = rng.choice([benchmark["id"], *benchmark.get("names", ())])
            for who in rng.sample(STRONGEST_FIRST, rng.choice([1, 1, 1, 2, 3])):
                row = {"benchmark": called, "measured_by": who} | _scored(rng, benchmark, _level(rng, known))
                if "items" in benchmark and rng.random() < 0.15:
                    row |= {"n": str(benchmark["items"] - 10), "items": str(benchmark["items"])}
                rows.append(row)
    return rows


# ---------------------------------------------------------------- the folder


def _yaml(document: dict[str, Any]) -> str:
    """JSON is YAML; numbers stand there bare."""
    return NUMBERS.sub(r'"\1": \2', json.dumps(document, ensure_ascii=False, indent=1))


def _table(path: pathlib.Path, rows: list[Row]) -> None:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_case(rng: Random, case: Case, folder: pathlib.Path) -> pathlib.Path:
    """Write a case as a round folder (made if absent), its rows in any order, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    criteria = [
        {
            "id": criterion,
            "title": criterion,
            "points": "100",
            "source": "performance",
            "convert": {"kind": "target", "at": "0.95"},
            "performance": rule,
        }
        for criterion, rule in case.rules.items()
    ]
    rubric = {"schema": 1, "id": "random", "version": "1", "title": "Random", "criteria": criteria}
    (folder / "rubric.yaml").write_text(_yaml(rubric), encoding="utf-8")
    about = {"schema": 1, "id": "random-round", "title": "Random", "rubric": "./rubric.yaml"}
    about["evaluation_date"] = "2026-01-15"
    (folder / "round.yaml").write_text(json.dumps(about), encoding="utf-8")
    _table(folder / "applicants.csv", [{"id": a, "name": f"Fictional {a}"} for a in case.results])
    released = {model: rng.choice(RELEASED) for models in case.references.values() for model in models}
    rows = [
        {"model": model, "released": released[model], "source": "table 1", "criterion": criterion, "benchmark": id_}
        | row
        for criterion, models in case.references.items()
        for model, of in models.items()
        for id_, row in of.items()
    ]
    rng.shuffle(rows)
    _table(folder / "references.csv", rows)
    if case.excuses:
        excuses = [
            {"applicant": a, "criterion": c, "benchmark": b, "kind": kind, "decider": "the panel", "date": "2026-01-14"}
            | {"reason": "recorded"}
            for a, c, b, kind in sorted(case.excuses)
        ]
        rng.shuffle(excuses)
        _table(folder / "excuses.csv", excuses)
    for applicant, results in case.results.items():
        place = folder / "evidence" / applicant / "performance"
        place.mkdir(parents=True)
        about = {"schema": 1, "model": f"Fictional-{applicant}"}
        if case.targets[applicant]:
            about["target"] = case.targets[applicant]
        (place.parent / "performance.yaml").write_text(json.dumps(about), encoding="utf-8")
        for who in STRONGEST_FIRST:
            if mine := [row for row in results if row["measured_by"] == who]:
                _table(place / f"{who}.csv", rng.sample(mine, len(mine)))
    return folder
