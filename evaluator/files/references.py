"""references.csv: the models applicants are compared with, their release dates, and one figure a row."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from fractions import Fraction
from typing import cast

from evaluator.files.checks import Reading, cell, check_choice, check_dates, is_date, leaf_named, note
from evaluator.files.matching import ends_shown, form, result_of, scales_shown
from evaluator.files.numerals import read_number
from evaluator.files.problems import Problems, nearest, shorten
from evaluator.files.tables import MAX_ID, MAX_TEXT, Column, Table
from evaluator.model.numbers import MAX_INTEGER_DIGITS, parse_decimal, show
from evaluator.model.performance import Benchmark, MeasuredBy, Measurement, PerformanceRule, ReferenceModel, Result
from evaluator.model.performance_rules import answers_to, scales_of
from evaluator.model.rubric import Criterion

MEASURERS = ("self", "third_party", "agency")
ROUND_FILE = "round.yaml"
_NO_FIGURE = "number.not_finite"

COLUMNS = (
    Column("model", needed=True, filled=True),
    Column("organisation"),
    Column("released", needed=True),
    Column("source", needed=True, filled=True, limit=MAX_TEXT, free=True),
    Column("criterion", limit=MAX_ID),
    Column("benchmark", needed=True, filled=True),
    Column("metric", needed=True, filled=True),
    Column("score", needed=True, filled=True),
    Column("min", needed=True, filled=True),
    Column("max", needed=True, filled=True),
    Column("n"),
    Column("stderr"),
    Column("harness"),
    Column("harness_version"),
    Column("version"),
    Column("mode"),
    Column("measured_by", needed=True, filled=True),
    Column("date"),
)
"""The columns of references.csv."""


def read_references(
    table: Table, reading: Reading, evaluation_date: datetime.date | None, inputs: Mapping[str, str]
) -> tuple[ReferenceModel, ...]:
    """The reference models of each criterion, by criterion in the rubric's order, then by name.

    A model counts on a criterion only where it was released within that criterion's window: at most so many calendar
    months before the evaluation date (the day itself included, the last day of the month where the month is shorter),
    and not after it. Every other row is refused: a model nobody may be compared with does not belong in the file.
    """
    found = reading.found
    check_choice(table, "measured_by", MEASURERS, found)
    check_dates(table, found)
    released = _release_dates(table, found)
    _same_for_a_model(table, "organisation", "references.organisations_differ", found)
    _same_for_a_model(table, "version", "references.versions_differ", found)
    _same_for_a_model(table, "mode", "references.modes_differ", found)
    if not reading.trusts("criteria") or reading.rubric is None:
        return ()
    leaves = [leaf for leaf in reading.rubric.leaves() if leaf.performance is not None]
    if not leaves:
        if table.rows and reading.rubric.use == "ranking":
            found.add("references.not_used", table.file)
        return ()
    if evaluation_date is None and table.rows:
        found.add("references.no_evaluation_date", ROUND_FILE, (0, 0), "evaluation_date", table=table.file)
    results: dict[tuple[str, str], dict[str, Result]] = {}
    rows: dict[tuple[str, str, str], int] = {}
    outside: set[tuple[str, str]] = set()
    for row in range(table.rows):
        leaf = named_leaf(table, row, leaves, reading, "references.criterion_needed")
        model, day = table.get(row, "model"), released.get(row)
        if leaf is None or leaf.performance is None:
            continue
        benchmark = _named_benchmark(table, row, leaf.performance, found)
        if not model:
            continue
        key = (leaf.id, model)
        if day is not None and evaluation_date is not None and key not in outside:
            if not _check_window(table, row, leaf, leaf.performance, day, evaluation_date, found):
                outside.add(key)
        if benchmark is None:
            continue
        again = (*key, benchmark.id)
        if again in rows:
            line = table.line(rows[again])
            told = {"model": shorten(model), "benchmark": benchmark.id, "line": line}
            found.add("references.repeated", table.file, table.place(row), "benchmark", **told)
            continue
        rows[again] = row
        result = _result(table, row, benchmark, inputs.get(table.file, ""), evaluation_date, found)
        if result is not None:
            results.setdefault(key, {})[benchmark.id] = result
    return _models(table, leaves, results, rows, released)


def _models(
    table: Table,
    leaves: list[Criterion],
    results: Mapping[tuple[str, str], Mapping[str, Result]],
    rows: Mapping[tuple[str, str, str], int],
    released: Mapping[int, datetime.date],
) -> tuple[ReferenceModel, ...]:
    done = []
    for leaf in leaves:
        if leaf.performance is None:
            continue
        for criterion, model in sorted(results):
            if criterion != leaf.id:
                continue
            own = results[criterion, model]
            row = rows[criterion, model, next(iter(own))]
            if row in released:
                done.append(
                    ReferenceModel(
                        criterion=criterion,
                        model=model,
                        organisation=cell(table, row, "organisation"),
                        released=released[row],
                        results=tuple(own[b.id] for b in leaf.performance.benchmarks if b.id in own),
                    )
                )
    return tuple(done)


def named_leaf(table: Table, row: int, leaves: list[Criterion], reading: Reading, code: str) -> Criterion | None:
    """The leaf derived from results that a row is about; an empty cell means the only one there is."""
    name = table.get(row, "criterion")
    if name is None:
        return None
    if not name:
        if len(leaves) == 1:
            return leaves[0]
        allowed = ", ".join(leaf.id for leaf in leaves)
        reading.found.add(code, table.file, table.place(row, "criterion"), "criterion", allowed=allowed)
        return None
    leaf = leaf_named(table, row, name, reading.nodes, reading.found)
    if leaf is not None and leaf.performance is None:
        allowed = ", ".join(leaf.id for leaf in leaves)
        note(
            table,
            row,
            "criterion",
            ("performance.criterion_not_derived", {"id": name, "allowed": allowed}),
            reading.found,
        )
        return None
    return leaf


def benchmark_fault(name: str, rule: PerformanceRule) -> tuple[str, dict[str, object]]:
    """What is said about a name that no benchmark of a rule answers to."""
    names = {answer: benchmark.id for benchmark in rule.benchmarks for answer in answers_to(benchmark)}
    near = names.get(nearest(name, names), "")
    code = "performance.benchmark_unknown_near" if near else "performance.benchmark_unknown"
    allowed = shorten(", ".join(benchmark.id for benchmark in rule.benchmarks), 300)
    return code, {"value": shorten(name), "near": near, "allowed": allowed}


def _release_dates(table: Table, found: Problems) -> dict[int, datetime.date]:
    """The release date of each row's model; a problem for each model that lacks one and for each that has two."""
    dates: dict[int, datetime.date] = {}
    undated: set[str] = set()
    if not table.has("released"):
        return dates
    for row in range(table.rows):
        text, model = table.get(row, "released"), table.get(row, "model") or ""
        if text is None:
            continue
        if not text:
            if model not in undated:
                note(table, row, "released", ("references.no_date", {"model": shorten(model)}), found)
            undated.add(model)
        elif not is_date(text):
            note(table, row, "released", ("cell.not_a_date", {"value": shorten(text)}), found)
        else:
            dates[row] = datetime.date.fromisoformat(text)
    _same_for_a_model(table, "released", "references.dates_differ", found)
    return dates


def _same_for_a_model(table: Table, name: str, code: str, found: Problems) -> None:
    """Note where rows of one model say different things: what fewer of them say, once for each thing that is said.

    Where as many say the one as the other, what stands first is taken for what is meant.
    """
    told: dict[str, dict[str, list[int]]] = {}
    for row in range(table.rows):
        model, text = table.get(row, "model"), table.get(row, name)
        if model and text:
            told.setdefault(model, {}).setdefault(text, []).append(row)
    for model, said in told.items():
        most = max(said, key=lambda text: len(said[text]))
        for text, rows in said.items():
            if text != most:
                params: dict[str, object] = {"model": shorten(model), "value": shorten(text), "other": shorten(most)}
                note(table, rows[0], name, (code, {**params, "line": table.line(said[most][0])}), found)


def window_start(end: datetime.date, months: int) -> datetime.date:
    """The day so many calendar months before another; the last day of its month where the month is shorter."""
    count = end.year * 12 + end.month - 1 - months
    year, month = divmod(count, 12)
    if year < 1:
        return datetime.date.min
    after = datetime.date(year + month // 11, month + 2 if month < 11 else 1, 1)
    return datetime.date(year, month + 1, min(end.day, (after - datetime.timedelta(days=1)).day))


def _check_window(
    table: Table,
    row: int,
    leaf: Criterion,
    rule: PerformanceRule,
    released: datetime.date,
    evaluation_date: datetime.date,
    found: Problems,
) -> bool:
    months = rule.reference.window_months
    start = window_start(evaluation_date, months)
    if start <= released <= evaluation_date:
        return True
    code = "references.after_evaluation" if released > evaluation_date else "references.before_window"
    params: dict[str, object] = {
        "model": shorten(cell(table, row, "model")),
        "criterion": leaf.id,
        "released": released,
        "months": months,
        "first": start,
        "last": evaluation_date,
    }
    note(table, row, "released", (code, params), found)
    return False


def _named_benchmark(table: Table, row: int, rule: PerformanceRule, found: Problems) -> Benchmark | None:
    """The benchmark a row is about, by its id or one of its names, with the metric the rubric compares."""
    name, metric = table.get(row, "benchmark"), table.get(row, "metric")
    if not name or not metric:
        return None
    named = [benchmark for benchmark in rule.benchmarks if form(name) in answers_to(benchmark)]
    if not named:
        note(table, row, "benchmark", benchmark_fault(name, rule), found)
        return None
    wanted = form(metric)
    for benchmark in named:
        if form(benchmark.metric) == wanted:
            return benchmark
    allowed = ", ".join(benchmark.metric for benchmark in named)
    params: dict[str, object] = {"benchmark": named[0].id, "value": shorten(metric), "allowed": allowed}
    note(table, row, "metric", ("references.other_metric", params), found)
    return None


def _number(table: Table, row: int, name: str, found: Problems) -> Fraction | None:
    """The exact number in a cell; None where it is empty or, with a problem noted, no plain number.

    Unlike a mark, a measured figure may have many decimals: result files give them all.
    """
    text = table.get(row, name)
    if not text:
        return None
    value = parse_decimal(text)
    if value is None or abs(value) >= 10**MAX_INTEGER_DIGITS:
        told = read_number(text)
        if not isinstance(told, Fraction):
            params: dict[str, object] = {"value": shorten(text), "column": name}
            note(table, row, name, ("references.no_figure", params) if told[0] == _NO_FIGURE else told, found)
            return None
    return value


def _count(table: Table, row: int, found: Problems) -> int | None:
    value = _number(table, row, "n", found)
    if value is not None and (value.denominator != 1 or value < 1):
        note(table, row, "n", ("performance.n_not_whole", {"value": cell(table, row, "n")}), found)
        return None
    return None if value is None else int(value)


def _result(
    table: Table, row: int, benchmark: Benchmark, sha256: str, latest: datetime.date | None, found: Problems
) -> Result | None:
    """One row as a result on the rubric's scale; None, with problems noted, where it is none."""
    before = len(found)
    score, low, high = (_number(table, row, name, found) for name in ("score", "min", "max"))
    stderr, n = _number(table, row, "stderr", found), _count(table, row, found)
    measured_by = table.get(row, "measured_by")
    if score is None or low is None or high is None or len(found) > before or measured_by not in MEASURERS:
        return None
    params: dict[str, object] = {"benchmark": benchmark.id, "min": show(low), "max": show(high), "score": show(score)}
    if low >= high:
        note(table, row, "max", ("references.scale_empty", params), found)
    elif (low, high) not in scales_of(benchmark):
        params |= {"scale": ends_shown(low, high), "allowed": scales_shown(benchmark)}
        note(table, row, "max" if low == benchmark.scale.min else "min", ("references.scale_other", params), found)
    elif not low <= score <= high:
        note(table, row, "score", ("references.off_scale", params), found)
    day = cell(table, row, "date")
    if latest is not None and is_date(day) and day > latest.isoformat():
        told = {"benchmark": benchmark.id, "date": day, "last": latest}
        note(table, row, "date", ("references.measured_after", told), found)
    if stderr is not None and stderr < 0:
        note(table, row, "stderr", ("references.stderr_negative", {"value": show(stderr)}), found)
    if n is not None and benchmark.items is not None and n != benchmark.items:
        code = "references.partial" if n < benchmark.items else "references.too_many_items"
        note(table, row, "n", (code, {"benchmark": benchmark.id, "n": n, "items": benchmark.items}), found)
    if len(found) > before:
        return None
    measurement = Measurement(
        benchmark=cell(table, row, "benchmark"),
        metric=cell(table, row, "metric"),
        score=score,
        low=low,
        high=high,
        n=n,
        stderr=stderr,
        measured_by=cast("MeasuredBy", measured_by),
        file=table.file,
        sha256=sha256,
        path=f"line {table.line(row)}",
        model=cell(table, row, "model"),
        version=cell(table, row, "version"),
        mode=cell(table, row, "mode"),
        harness=cell(table, row, "harness"),
        harness_version=cell(table, row, "harness_version"),
        date=cell(table, row, "date"),
        source=cell(table, row, "source"),
    )
    return result_of(benchmark, measurement)
