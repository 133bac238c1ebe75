"""What a declaration of how a figure follows from results must satisfy beyond the types of its fields. Pure."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction

from evaluator.errors import Loc
from evaluator.model.findings import Finding, repeats
from evaluator.model.numbers import show
from evaluator.model.performance import MET, NOT_MET, Benchmark, PerformanceRule
from evaluator.model.rubric import Criterion

MOST_UNROUNDED = 50
"""Benchmarks of which an unrounded ratio may consist: with more it would have thousands of digits."""

_INTERCHANGEABLE = ((Fraction(0), Fraction(1)), (Fraction(0), Fraction(100)))
"""The same figure as a fraction and as a percentage: the one conversion that leaves nobody a choice."""

_RATED = {"elo", "glicko", "trueskill"}
_RATED_PAIRS = (
    {"bradley", "terry"},
    {"arena", "score"},
    {"arena", "rating"},
    {"codeforces", "rating"},
    {"bt", "score"},
)


def performance_findings(node: Criterion, loc: Loc) -> Iterator[Finding]:
    """What is wrong with a leaf's ``performance``; nothing where it has none. ``loc`` is the place of the leaf."""
    rule, here = node.performance, (*loc, "performance")
    if rule is None:
        return
    if not rule.benchmarks:
        yield Finding("performance.no_benchmarks", (*here, "benchmarks"), {"id": node.id})
    yield from _categories(rule, here)
    for i, benchmark in enumerate(rule.benchmarks):
        yield from _benchmark(benchmark, (*here, "benchmarks", i))
    yield from _names(rule, here)
    yield from _aggregation(rule, here)
    yield from _verdict(rule, here)
    yield from _limits(rule, here)
    if not rule.counts:
        yield Finding("performance.counts_empty", (*here, "counts"), {"id": node.id})
    for i, name in repeats(rule.counts):
        yield Finding("performance.counts_duplicate", (*here, "counts", i), {"name": name})


def is_rated(metric: str) -> bool:
    """Whether a metric is Elo or another rating by comparisons, whose zero is arbitrary.

    A ratio of two such figures means nothing: adding 1,000 to everybody, which changes no comparison, changes it.
    """
    words = _words(metric)
    return bool(words & _RATED) or words == {"bt"} or any(pair <= words for pair in _RATED_PAIRS)


def _words(name: str) -> set[str]:
    return set(re.split(r"[\W_]+", unicodedata.normalize("NFKC", name).casefold()))


def answers_to(benchmark: Benchmark) -> tuple[str, ...]:
    """What result files may call a benchmark: its id and its names, in one Unicode form, each once."""
    return tuple(dict.fromkeys(unicodedata.normalize("NFC", name) for name in (benchmark.id, *benchmark.names)))


def scales_of(benchmark: Benchmark) -> tuple[tuple[Fraction, Fraction], ...]:
    """The scales a score of a benchmark may be given on: the rubric's own, and percentages for fractions of 1.

    Any other scale would be the submitter's choice, and with it the ratio: 78.5 on a scale from -400 to 100 is 95.7 %
    of the way.
    """
    own = (benchmark.scale.min, benchmark.scale.max)
    return (own, *(ends for ends in _INTERCHANGEABLE if own in _INTERCHANGEABLE and ends != own))


def _categories(rule: PerformanceRule, here: Loc) -> Iterator[Finding]:
    ids = [category.id for category in rule.categories]
    for i, id_ in repeats(ids):
        yield Finding("performance.category_duplicate", (*here, "categories", i, "id"), {"category": id_})
    for i, id_ in repeats([benchmark.id for benchmark in rule.benchmarks]):
        yield Finding("performance.benchmark_duplicate", (*here, "benchmarks", i, "id"), {"benchmark": id_})
    used = {benchmark.category for benchmark in rule.benchmarks}
    for i, category in enumerate(rule.categories):
        place = (*here, "categories", i)
        if category.id not in used:
            needs = tuple((*here, "benchmarks", at, "category") for at in range(len(rule.benchmarks)))
            yield Finding("performance.category_unused", (*place, "id"), {"category": category.id}, needs)
        if category.points is not None and category.points <= 0:
            params = {"id": category.id, "points": show(category.points)}
            yield Finding("performance.points_not_positive", (*place, "points"), params)
    by_category = rule.aggregation.weights == "categories"
    needs_ids: tuple[Loc, ...] = ((*here, "categories"),)
    if by_category and not ids:
        weights = (*here, "aggregation", "weights")
        yield Finding("performance.no_categories", weights, {}, (*needs_ids, weights))
    for i, benchmark in enumerate(rule.benchmarks):
        place = (*here, "benchmarks", i)
        if benchmark.category is None and by_category and ids:
            needs = ((*place, "category"), (*here, "aggregation"))
            params = {"benchmark": benchmark.id, "allowed": ", ".join(dict.fromkeys(ids))}
            yield Finding("performance.category_missing", place, params, needs)
        elif benchmark.category is not None and benchmark.category not in ids:
            near = difflib.get_close_matches(benchmark.category, ids, n=1)
            code = "performance.category_unknown_near" if near else "performance.category_unknown"
            params = {"benchmark": benchmark.id, "category": benchmark.category, "near": "".join(near)}
            yield Finding(code, (*place, "category"), params, needs_ids)


def _benchmark(benchmark: Benchmark, here: Loc) -> Iterator[Finding]:
    params = {"benchmark": benchmark.id}
    for place, text in [((*here, "metric"), benchmark.metric)] + [
        ((*here, "names", i), name) for i, name in enumerate(benchmark.names)
    ]:
        if not text or text != text.strip():
            yield Finding("performance.name_blank", place, {**params, "value": text})
    if benchmark.points is not None and benchmark.points <= 0:
        shown = {"id": benchmark.id, "points": show(benchmark.points)}
        yield Finding("performance.points_not_positive", (*here, "points"), shown)
    if benchmark.statistic == "elo":
        yield Finding("performance.elo", (*here, "statistic"), {**params, "name": "elo"})
    elif is_rated(benchmark.metric):
        yield Finding("performance.elo", (*here, "metric"), {**params, "name": benchmark.metric})
    elif rated := [name for name in answers_to(benchmark) if _words(name) & _RATED]:
        yield Finding("performance.elo", here, {**params, "name": rated[0]}, ((*here, "names"), (*here, "id")))
    low, high, chance = benchmark.scale.min, benchmark.scale.max, benchmark.chance
    ends: tuple[Loc, ...] = ((*here, "scale"), (*here, "scale", "min"), (*here, "scale", "max"))
    params |= {"min": show(low), "max": show(high)}
    if low >= high:
        yield Finding("performance.scale_empty", (*here, "scale", "max"), params, ends)
        return
    best = high if benchmark.direction == "higher" else low
    if chance is not None and (not low <= chance <= high or chance == best):
        params |= {"chance": show(chance), "best": show(best)}
        yield Finding("performance.chance", (*here, "chance"), params, (*ends, (*here, "direction")))


def _names(rule: PerformanceRule, here: Loc) -> Iterator[Finding]:
    """No figure of a result file may belong to two benchmarks."""
    owners: dict[tuple[str, str], Benchmark] = {}
    for i, benchmark in enumerate(rule.benchmarks):
        metric = unicodedata.normalize("NFC", benchmark.metric)
        for name in answers_to(benchmark):
            owner = owners.setdefault((name, metric), benchmark)
            if owner.id != benchmark.id:
                place = (*here, "benchmarks", i)
                params = {"benchmark": benchmark.id, "other": owner.id, "name": name, "metric": benchmark.metric}
                yield Finding("performance.name_shared", place, params, ((*place, "names"), (*place, "metric")))


def _aggregation(rule: PerformanceRule, here: Loc) -> Iterator[Finding]:
    told, place = rule.aggregation, (*here, "aggregation")
    if told.formula != "geometric" and told.round is None and len(rule.benchmarks) > MOST_UNROUNDED:
        params = {"n": str(len(rule.benchmarks)), "most": str(MOST_UNROUNDED)}
        yield Finding("performance.too_many_unrounded", (*place, "round"), params, ((*here, "benchmarks"),))
    if told.formula == "geometric" and told.round is None:
        yield Finding("performance.geometric_exact", (*place, "round"), {}, ((*place, "formula"),))
    if told.cap is None:
        return
    target = rule.verdict.target
    params = {"cap": show(told.cap), "target": show(target)}
    if told.cap <= 0:
        yield Finding("performance.cap_not_positive", (*place, "cap"), params)
    elif told.formula != "ratio_of_means" and told.cap < target:
        needs = ((*here, "verdict"), (*here, "verdict", "target"), (*place, "formula"))
        yield Finding("performance.cap_below_target", (*place, "cap"), params, needs)


def _verdict(rule: PerformanceRule, here: Loc) -> Iterator[Finding]:
    verdict, place = rule.verdict, (*here, "verdict")
    if verdict.target <= 0:
        yield Finding("performance.target_not_positive", (*place, "target"), {"target": show(verdict.target)})
    if verdict.rule == "point":
        for key in ("met", "not_met"):
            if getattr(verdict, key) is not None:
                yield Finding("performance.threshold_not_used", (*place, key), {"key": key}, ((*place, "rule"),))
        return
    met, not_met = verdict.met or MET, verdict.not_met or NOT_MET
    if met.percent and not_met.percent and met.value <= not_met.value:
        params = {"met": str(met), "not_met": str(not_met)}
        yield Finding("performance.thresholds_crossed", place, params, ((*place, "met"), (*place, "not_met")))


def _limits(rule: PerformanceRule, here: Loc) -> Iterator[Finding]:
    """Shares and probabilities are percentages: 0.9 might mean 90 % or 0.9 %."""
    limits = {
        ("coverage",): rule.coverage,
        ("verdict", "met"): rule.verdict.met,
        ("verdict", "not_met"): rule.verdict.not_met,
    }
    for way, limit in limits.items():
        if limit is not None and not limit.percent:
            yield Finding("performance.not_a_percentage", (*here, *way), {"key": way[-1], "value": str(limit)})
