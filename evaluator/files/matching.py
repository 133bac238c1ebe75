"""Which figure of an applicant's result files stands for which benchmark of the rubric.

A figure belongs to a benchmark when it has one of its names and its metric, letter for letter (in one Unicode form):
what only looks like it is told, never taken. Of the figures of one benchmark those count that are of the declared
model, version and mode; what a file does not say about itself is as the declaration says. Then the strongest measurer
the rubric counts goes first: the agency, a third party, the applicant itself. Whatever is still open is a problem.

The figures come from ``results.read_results``, which has refused what no figure can be: a score off its own scale, a
negative standard error, fewer than one item.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import combinations

from evaluator.errors import Problem
from evaluator.files.problems import Problems, Suggestions, shorten, visible
from evaluator.model.numbers import show
from evaluator.model.performance import Benchmark, Measurement, PerformanceDeclaration, PerformanceRule, Result
from evaluator.model.performance_rules import answers_to, scales_of

STRONGEST = ("agency", "third_party", "self")
"""Who measured, from the strongest evidence to the weakest."""

_HUNDREDFOLD = (50, 200)
"""Two scores so many times apart are not two opinions but one score, taken for a fraction and for a percentage."""

_LISTED = 6
"""How many unused names one warning lists."""

_LINE = re.compile(r"line ([0-9]{1,9})")

_SAID_ONCE = ("n", "harness", "harness_version", "version", "mode")
"""Where figures of one benchmark may not say different things; what only one of them says is no difference."""


@dataclass(slots=True)
class Matching:
    """What one applicant has for the benchmarks of one criterion, by their ids.

    ``doubtful`` are benchmarks with a problem noted; ``missing`` those without a figure of the declared model, and
    ``named`` counts those with a figure of any model.
    """

    results: dict[str, Result] = field(default_factory=dict)
    set_aside: dict[str, Result] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    missing: list[Benchmark] = field(default_factory=list)
    named: int = 0


@dataclass(slots=True)
class Matcher:
    """Matches the measurements of one applicant; problems and warnings are noted as it goes."""

    declaration: PerformanceDeclaration
    measurements: Sequence[Measurement]
    found: Problems
    warnings: list[Problem]
    excuses_known: bool = True
    """Whether every excuse could be read: else nothing is said about partial runs that seem not to be excused."""
    evaluation_date: datetime.date | None = None
    """The last day on which something may have been measured; None where nobody says."""

    def match(self, rule: PerformanceRule, excused: Mapping[str, str]) -> Matching:
        """The results of one criterion. ``excused`` are the benchmarks of which a partial run counts, and why."""
        done = Matching()
        by_name: dict[str, list[Measurement]] = {}
        for measurement in self.measurements:
            by_name.setdefault(form(measurement.benchmark), []).append(measurement)
        elsewhere: list[tuple[Benchmark, list[Measurement]]] = []
        for benchmark in rule.benchmarks:
            figures = self._figures(benchmark, by_name, done)
            own = [m for m in figures if is_declared(m, self.declaration)]
            done.named += bool(figures)
            if own:
                self._choose(benchmark, own, rule, excused, done)
            elif benchmark.id not in done.doubtful:
                done.missing.append(benchmark)
                if figures:
                    elsewhere.append((benchmark, figures))
        self._note_others(elsewhere, done)
        self._check_groups(rule, done)
        return done

    def _figures(
        self, benchmark: Benchmark, by_name: Mapping[str, list[Measurement]], done: Matching
    ) -> list[Measurement]:
        """The figures with one of the benchmark's names and its metric.

        A metric without a filter stands for the same with one, where that is the only one: two filters are two ways
        of marking, and nobody has said which.
        """
        named = [m for name in answers_to(benchmark) for m in by_name.get(name, ())]
        wanted = form(benchmark.metric)
        figures = [m for m in named if form(m.metric) == wanted]
        if figures:
            return figures
        filtered = [m for m in named if form(m.metric).partition(",")[0] == wanted]
        metrics = sorted({m.metric for m in filtered})
        if len(metrics) > 1:
            shown = shorten("; ".join(metrics), 200)
            self._note("performance.several_filters", filtered[0], benchmark, metric=benchmark.metric, metrics=shown)
            done.doubtful.add(benchmark.id)
            done.named += 1
            return []
        return filtered

    def _choose(
        self,
        benchmark: Benchmark,
        figures: list[Measurement],
        rule: PerformanceRule,
        excused: Mapping[str, str],
        done: Matching,
    ) -> None:
        """The result of one benchmark, and the one that is set aside."""
        sound = [m for m in figures if self._is_sound(benchmark, m)]
        if len(sound) < len(figures) or not self._on_one_scale(benchmark, sound):
            done.doubtful.add(benchmark.id)
            return
        by_measurer: list[Result] = []
        for measurer in STRONGEST:
            group = [result_of(benchmark, m) for m in sound if m.measured_by == measurer]
            if group and not self._agree(benchmark, group):
                done.doubtful.add(benchmark.id)
                return
            by_measurer += [max(group, key=_detail)] if group else []
        counting = next((r for r in by_measurer if r.measurement.measured_by in rule.counts), None)
        if counting is not None:
            partial = partial_run(benchmark, counting.measurement)
            if partial and benchmark.id not in excused:
                if self.excuses_known:
                    self._note("performance.partial", counting.measurement, benchmark, partial=partial)
                done.doubtful.add(benchmark.id)
                return
            done.results[benchmark.id] = replace(counting, excuse=excused[benchmark.id]) if partial else counting
        others = [r for r in by_measurer if r is not counting]
        if others:
            done.set_aside[benchmark.id] = others[0]
        if len({r.score for r in by_measurer}) > 1:
            self._warn_of_measurers(benchmark, by_measurer)

    def _is_sound(self, benchmark: Benchmark, m: Measurement) -> bool:
        """Whether a figure can stand on the benchmark's scale; what is wrong with it is noted."""
        before = len(self.found)
        if m.low is None or m.high is None:
            self._note("performance.scale_undeclared", m, benchmark, score=show(m.score))
        elif (m.low, m.high) not in scales_of(benchmark):
            params = {"score": show(m.score), "scale": ends_shown(m.low, m.high), "allowed": scales_shown(benchmark)}
            self._note("performance.scale_other", m, benchmark, **params)
        if self.evaluation_date is not None and m.date > (last := self.evaluation_date.isoformat()):
            self._note("performance.after_evaluation", m, benchmark, date=m.date, last=last)
        if m.direction is not None and m.direction != benchmark.direction:
            self._note("performance.direction", m, benchmark, own=m.direction, declared=benchmark.direction)
        if m.n is not None and benchmark.items is not None and m.n > benchmark.items:
            self._note("performance.too_many_items", m, benchmark, n=f"{m.n:,}", items=f"{benchmark.items:,}")
        return len(self.found) == before

    def _on_one_scale(self, benchmark: Benchmark, figures: list[Measurement]) -> bool:
        """Whether no two figures contradict each other about the scale.

        Fractions in one file and percentages in another are fine as such, each says its own. But one file has one
        benchmark on one scale, and two scores a hundredfold apart after conversion are one that was taken for a
        fraction and a percentage.
        """
        for one, other in combinations(figures, 2):
            a, b = sorted((_share(one), _share(other)))
            far = a > 0 and _HUNDREDFOLD[0] * a <= b <= _HUNDREDFOLD[1] * a
            if far or (one.file == other.file and (one.low, one.high) != (other.low, other.high)):
                scores = ", ".join(f"{show(m.score)} ({_ends(m)}, {m.file} {m.path})" for m in (one, other))
                self._note("performance.mixed_scale", one, benchmark, scores=scores)
                return False
        return True

    def _agree(self, benchmark: Benchmark, group: list[Result]) -> bool:
        """Whether figures of one benchmark by one measurer say the same, as far as they say anything."""
        if len(group) == 1:
            return True
        told: dict[str, set[object]] = {"score": {r.score for r in group}, "stderr": {r.stderr for r in group}}
        told |= {name: {getattr(r.measurement, name) for r in group} for name in _SAID_ONCE}
        told["partial"] = {r.measurement.partial or "-" for r in group}
        for name, said in told.items():
            values = sorted(_shown(value) for value in said - {None, ""})
            if len(values) > 1:
                first = group[0].measurement
                places = ", ".join(sorted({f"{r.measurement.file} {r.measurement.path}".strip() for r in group}))
                params = {"what": name, "values": shorten(" / ".join(values), 200), "places": shorten(places, 300)}
                self._note("performance.results_disagree", first, benchmark, **params)
                return False
        return True

    def _warn_of_measurers(self, benchmark: Benchmark, results: Sequence[Result]) -> None:
        first = results[0].measurement
        scores = ", ".join(f"{_shown(r.score)} ({r.measurement.measured_by}, {r.measurement.file})" for r in results)
        self.warn("performance.measurers_disagree", first.file, first.path, benchmark=benchmark.id, scores=scores)

    def _note_others(self, elsewhere: list[tuple[Benchmark, list[Measurement]]], done: Matching) -> None:
        """Files that hold nothing of the declared model, although they hold benchmarks that have no result."""
        own = {m.file for m in self.measurements if is_declared(m, self.declaration)}
        by_key: dict[tuple[str, str], list[str]] = {}
        for benchmark, figures in elsewhere:
            for m in figures:
                if m.file not in own:
                    names = by_key.setdefault((m.file, _key(m.model, m.version, m.mode)), [])
                    names += [] if benchmark.id in names else [benchmark.id]
                    done.doubtful.add(benchmark.id)
        told = self.declaration
        declared = _key(told.model, told.version, told.mode)
        for (file, key), benchmarks in by_key.items():
            shown = shorten(", ".join(benchmarks), 200)
            self.found.add("performance.other_model", file, benchmarks=shown, key=key, declared=declared)

    def _check_groups(self, rule: PerformanceRule, done: Matching) -> None:
        """No item counts twice: not by a group and its member, nor by two groups that share members."""
        inside = {id_: {form(m) for m in r.measurement.members} for id_, r in done.results.items()}
        if not any(inside.values()):
            return
        called = {b.id: {*answers_to(b), form(done.results[b.id].measurement.benchmark)}
                  for b in rule.benchmarks if b.id in done.results}  # fmt: skip
        for one, other in combinations(done.results, 2):
            group, member = (one, other) if inside[one] & called[other] else (other, one)
            shared = ""
            if inside[group] & called[member]:
                code = "performance.group_and_member"
            elif both := inside[one] & inside[other]:
                code, shared = "performance.groups_overlap", shorten(", ".join(sorted(both)), 200)
            else:
                continue
            m = done.results[group].measurement
            params = {"group": m.benchmark, "member": done.results[member].measurement.benchmark, "shared": shared}
            self.found.add(code, m.file, place_of(m), m.path, **params)
            done.doubtful.update((group, member))

    def hint(self, benchmark: Benchmark, taken: set[str], guess: Suggestions | None) -> bool:
        """Say what may have been meant for a benchmark without a result; whether there was something to say.

        A name that differs in capitals, blanks and hyphens alone is a problem: somebody meant this benchmark. Another
        metric, and a name that is only like it, are warnings. ``taken`` are names that belong to a benchmark.
        """
        names = set(answers_to(benchmark))
        plain = {_plain(name) for name in names}
        metrics: dict[str, Measurement] = {}
        for m in self.measurements:
            name = form(m.benchmark)
            if name in names:
                metrics.setdefault(m.metric, m)
            elif name not in taken and _plain(name) in plain:
                self._note("performance.name_near", m, benchmark)
                return True
        if metrics:
            first, shown = metrics[min(metrics)], shorten("; ".join(sorted(metrics)), 200)
            params = {"benchmark": benchmark.id, "metric": benchmark.metric, "metrics": shown}
            self.warn("performance.other_metric", first.file, **params)
        elif guess is not None and (near := guess(benchmark.id)):
            file = next(m.file for m in self.measurements if form(m.benchmark) == near)
            self.warn("performance.name_like", file, benchmark=benchmark.id, near=near)
        else:
            return False
        return True

    def warn_of_unused(self, missing: Sequence[Benchmark], taken: set[str], matched: Iterable[Matching]) -> None:
        """Say what was handed in and stands for nothing, while benchmarks have no result: one may be the other.

        ``missing`` are the benchmarks about which nothing else was said. A figure stands for something where it has
        the name of a benchmark (``taken``) and is of the declared model, or is part of a group that does.
        """
        spent = [r.measurement for done in matched for r in (*done.results.values(), *done.set_aside.values())]
        parts = {form(name) for m in spent for name in m.members}
        called = {form(m.benchmark) for m in spent}
        names: dict[str, Measurement] = {}
        files: dict[str, bool] = {}
        for m in self.measurements:
            name = form(m.benchmark)
            stands = name in parts or (name in taken and is_declared(m, self.declaration))
            files[m.file] = files.get(m.file, False) or stands
            if not stands and name not in called:
                names.setdefault(name, m)
        if not missing or not names:
            return
        listed = sorted(names.values(), key=lambda m: (not is_declared(m, self.declaration), m.file, place_of(m)))
        shown = ", ".join(f"{shorten(m.benchmark)} ({_where(m)})" for m in listed[:_LISTED])
        params = {
            "benchmarks": shorten(", ".join(benchmark.id for benchmark in missing), 200),
            "names": f"{shown}, …" if len(listed) > _LISTED else shown,
            "count": f"{len(listed):,}",
        }
        self.warn("performance.unused", listed[0].file, **params)
        for file, stands in files.items():
            if not stands:
                self.warn("performance.file_unused", file)

    def warn(self, code: str, file: str, path: str = "", **params: object) -> None:
        """Note a warning: what a rule tolerates, and is printed."""
        shown = {name: visible(str(value)) for name, value in params.items()}
        self.warnings.append(Problem(code=code, file=file, path=path, params=shown))

    def _note(self, code: str, m: Measurement, benchmark: Benchmark, **params: object) -> None:
        params |= {"benchmark": benchmark.id, "name": shorten(m.benchmark)}
        self.found.add(code, m.file, place_of(m), m.path, **params)


def form(name: str) -> str:
    """A name in the one Unicode form in which names are compared."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def place_of(m: Measurement) -> tuple[int, int]:
    """The line of a figure in its file, where its place is one."""
    line = _LINE.fullmatch(m.path)
    return (int(line[1]), 0) if line else (0, 0)


def _where(m: Measurement) -> str:
    """The file of a figure and its line, where it has one; else its place inside the file."""
    line = place_of(m)[0]
    return f"{m.file}:{line}" if line else f"{m.file} {m.path}".strip()


def is_declared(m: Measurement, told: PerformanceDeclaration) -> bool:
    """Whether a figure may be of the declared model, version and mode: it says nothing else about them."""
    pairs = ((m.model, told.model), (m.version, told.version), (m.mode, told.mode))
    return all(not said or not declared or form(said) == form(declared) for said, declared in pairs)


def partial_run(benchmark: Benchmark, m: Measurement) -> str:
    """Why a figure does not cover its benchmark; empty where it does, or where nobody can tell."""
    if m.partial:
        return m.partial
    short = benchmark.items is not None and m.n is not None and m.n < benchmark.items
    return f"{m.n:,}/{benchmark.items:,}" if short else ""


def used(matchings: Iterable[Matching]) -> set[int]:
    """The measurements (by identity) that stand for a benchmark of some criterion."""
    return {id(r.measurement) for m in matchings for r in (*m.results.values(), *m.set_aside.values())}


def result_of(benchmark: Benchmark, m: Measurement) -> Result:
    """A figure on the rubric's scale, exactly: it is given on it, or as a fraction for a percentage, or the reverse."""
    if m.low is None or m.high is None:
        raise AssertionError("a figure without a scale stands for nothing")
    width = (benchmark.scale.max - benchmark.scale.min) / (m.high - m.low)
    return Result(
        benchmark=benchmark.id,
        score=benchmark.scale.min + (m.score - m.low) * width,
        stderr=None if m.stderr is None else m.stderr * width,
        n=m.n,
        measurement=m,
    )


def _share(m: Measurement) -> Fraction:
    """Where a score lies between the ends of its own scale, from 0 to 1."""
    return Fraction(0) if m.low is None or m.high is None else (m.score - m.low) / (m.high - m.low)


def ends_shown(low: Fraction, high: Fraction) -> str:
    """The ends of a scale as messages show them."""
    return f"{show(low)}..{show(high)}"


def scales_shown(benchmark: Benchmark) -> str:
    """The scales on which scores of a benchmark are taken, as messages show them."""
    return ", ".join(ends_shown(*ends) for ends in scales_of(benchmark))


def _ends(m: Measurement) -> str:
    return "" if m.low is None or m.high is None else ends_shown(m.low, m.high)


def _detail(result: Result) -> tuple[int, str, str]:
    """How much a figure says, then its place, so that of equal figures the same one stands for them every time."""
    m = result.measurement
    known = sum(value not in {None, ""} for value in (m.stderr, m.n, m.harness, m.harness_version, m.date))
    return known, m.file, m.path


def _shown(value: object) -> str:
    return show(value) if isinstance(value, Fraction) else str(value)


def _key(model: str, version: str, mode: str) -> str:
    return " / ".join(shorten(part) for part in (model, version, mode) if part) or "-"


def _plain(name: str) -> str:
    """A name without what people write differently: capitals, blanks, hyphens, underscores, full-width forms."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())
