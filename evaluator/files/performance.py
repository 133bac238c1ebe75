"""Global performance of the applicants: what their result files hold, matched to the benchmarks of the rubric.

Called once a round, after every result file has been read. Nothing is derived here: what comes out is at most one
result a benchmark, on the rubric's scale, and the reference models with theirs.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from evaluator.errors import Problem
from evaluator.files.checks import Reading
from evaluator.files.excuses import WrittenExcuse, read_excuses
from evaluator.files.matching import Matcher, Matching, form, partial_run, place_of, used
from evaluator.files.problems import Suggestions, nearest, shorten
from evaluator.files.references import read_references
from evaluator.files.tables import Table
from evaluator.model.numbers import show
from evaluator.model.performance import (
    Benchmark,
    Measurement,
    PerformanceDeclaration,
    PerformanceEvidence,
    PerformanceRule,
    ReferenceModel,
)
from evaluator.model.performance_rules import answers_to
from evaluator.model.rubric import Criterion

REFERENCES, EXCUSES = "references.csv", "excuses.csv"
_LIKENESSES = 100
"""For how many benchmarks without a result names that are like theirs are looked for: comparing takes time."""
_NAMES = 500
_PERCENT, _FAR = 100, 20

Leaf = tuple[Criterion, PerformanceRule]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What the evidence folder of one applicant holds about global performance.

    ``file`` is its performance.yaml as messages call it. ``declaration`` is None where it could not be read, and
    ``complete`` is False where some result file could not: then nothing is said about results that seem to be missing.
    """

    applicant: str
    file: str
    declaration: PerformanceDeclaration | None
    measurements: Sequence[Measurement] = ()
    complete: bool = True


def read_performance(
    submissions: Sequence[Submission],
    references: Table | None,
    excuses: Table | None,
    reading: Reading,
    *,
    evaluation_date: datetime.date | None,
    inputs: Mapping[str, str],
) -> tuple[tuple[PerformanceEvidence, ...], tuple[ReferenceModel, ...]]:
    """The evidence of every applicant with a performance.yaml on every criterion that is derived from results.

    ``references`` and ``excuses`` are references.csv and excuses.csv (columns: ``references.COLUMNS``,
    ``excuses.COLUMNS``), None where they are not there or cannot be read. ``reading`` knows the rubric and the
    applicants and takes problems and warnings. ``inputs`` holds the sha256 of each file by its name.

    Evidence comes by criterion in the rubric's order, then by applicant in the order of ``submissions``; references by
    criterion, then by model.
    """
    before = len(reading.found)
    written = () if excuses is None else read_excuses(excuses, reading)
    excuses_known = len(reading.found) == before and (excuses is not None or EXCUSES not in inputs)
    models = () if references is None else read_references(references, reading, evaluation_date, inputs)
    rubric = reading.rubric
    if rubric is None or not reading.trusts("criteria", "use"):
        return (), ()
    leaves = [(leaf, leaf.performance) for leaf in rubric.leaves() if leaf.performance is not None]
    if not leaves:
        return (), ()
    if submissions and references is None and REFERENCES not in inputs and rubric.use == "ranking":
        reading.found.add("references.missing", REFERENCES)
    taken = {name for _, rule in leaves for benchmark in rule.benchmarks for name in answers_to(benchmark)}
    excused: dict[str, list[WrittenExcuse]] = {}
    for one in written:
        excused.setdefault(one.excuse.applicant, []).append(one)
    _check_owners(excused, submissions, reading)
    hints = _Hints(taken)
    evidence: dict[tuple[str, str], PerformanceEvidence] = {}
    for submission in submissions:
        told = submission.declaration
        if told is None:
            continue
        if rubric.use == "ranking":
            _check_target(submission, told, leaves, references, reading)
        own = excused.get(submission.applicant, [])
        matcher = Matcher(
            told, submission.measurements, reading.found, reading.warnings, excuses_known, evaluation_date
        )
        matched = {leaf.id: matcher.match(rule, _reasons(own, leaf)) for leaf, rule in leaves}
        if submission.complete:
            hints.give(submission, matcher, leaves, matched, own)
            _check_excuses(own, leaves, matched, reading)
        for leaf, _ in leaves:
            _check_one_run(leaf, matched[leaf.id], reading)
        spent = used(matched.values())
        unused = tuple(m for m in submission.measurements if id(m) not in spent)
        for leaf, _ in leaves:
            evidence[leaf.id, submission.applicant] = PerformanceEvidence(
                applicant=submission.applicant,
                criterion=leaf.id,
                model=told.model,
                version=told.version,
                mode=told.mode,
                target=told.target,
                results=tuple(matched[leaf.id].results.values()),
                set_aside=tuple(matched[leaf.id].set_aside.values()),
                unused=unused,
                excuses=tuple(one.excuse for one in own if one.excuse.criterion == leaf.id),
            )
    _warn_of_hundredths(leaves, evidence.values(), models, reading)
    ordered = [evidence.get((leaf.id, submission.applicant)) for leaf, _ in leaves for submission in submissions]
    return tuple(one for one in ordered if one is not None), models


def _check_one_run(leaf: Criterion, done: Matching, reading: Reading) -> None:
    """Results of one model in one version and one mode: a ratio of several would be nobody's."""
    own = [result.measurement for result in done.results.values()]
    for what, said in (("version", [m.version for m in own]), ("mode", [m.mode for m in own])):
        different = sorted(set(filter(None, said)))
        if len(different) > 1:
            where = next(m for m, name in zip(own, said, strict=True) if name == different[1])
            params = {"criterion": leaf.id, "what": what, "values": shorten(", ".join(different), 200)}
            reading.found.add("performance.mixed_runs", where.file, place_of(where), where.path, **params)


def _reasons(excuses: Iterable[WrittenExcuse], leaf: Criterion) -> dict[str, str]:
    """The benchmarks of a criterion of which a partial run counts, and why."""
    told = [one.excuse for one in excuses if one.excuse.kind == "partial" and one.excuse.criterion == leaf.id]
    return {excuse.benchmark: excuse.reason for excuse in told}


@dataclass(slots=True)
class _Hints:
    """What may have been meant where a benchmark has no result. ``taken`` are the names of the rubric's benchmarks."""

    taken: set[str]
    left: int = _LIKENESSES

    def give(
        self,
        submission: Submission,
        matcher: Matcher,
        leaves: Sequence[Leaf],
        matched: Mapping[str, Matching],
        excuses: Iterable[WrittenExcuse],
    ) -> None:
        """Hints for one applicant; a problem where nothing at all belongs to a benchmark of the rubric."""
        before = len(matcher.found)
        excused = {(one.excuse.criterion, one.excuse.benchmark) for one in excuses if one.excuse.kind == "missing"}
        names = sorted({form(m.benchmark) for m in submission.measurements})
        guess = Suggestions([name for name in names if name not in self.taken][:_NAMES])
        nothing = bool(names) and not any(done.named for done in matched.values())
        unexplained: dict[str, Benchmark] = {}
        for leaf, _ in leaves:
            done = matched[leaf.id]
            for benchmark in done.missing:
                if (leaf.id, benchmark.id) in excused or benchmark.id in done.doubtful:
                    continue
                self.left -= 1
                if not matcher.hint(benchmark, self.taken, guess if self.left >= 0 and not nothing else None):
                    unexplained.setdefault(benchmark.id, benchmark)
        if nothing and len(matcher.found) == before:
            wanted = [f"{b.id} ({b.metric})" for _, rule in leaves for b in rule.benchmarks]
            held = sorted({f"{m.benchmark} ({m.metric})" for m in submission.measurements})
            params = {"found": shorten(", ".join(held), 200), "wanted": shorten(", ".join(wanted), 300)}
            matcher.found.add("performance.nothing_matches", submission.file, (0, 0), "", **params)
        matcher.warn_of_unused(tuple(unexplained.values()), self.taken, matched.values())


def _check_excuses(
    excuses: Iterable[WrittenExcuse], leaves: Sequence[Leaf], matched: Mapping[str, Matching], reading: Reading
) -> None:
    """An excuse changes a figure, so it must fit what was handed in: it is a problem where it is not needed."""
    benchmarks = {(leaf.id, benchmark.id): benchmark for leaf, rule in leaves for benchmark in rule.benchmarks}
    for one in excuses:
        excuse = one.excuse
        done = matched[excuse.criterion]
        result = done.results.get(excuse.benchmark)
        if excuse.benchmark in done.doubtful:
            continue
        if result is None:
            code = "excuses.nothing_partial" if excuse.kind == "partial" else ""
        elif excuse.kind == "missing":
            code = "excuses.not_missing"
        else:
            benchmark = benchmarks[excuse.criterion, excuse.benchmark]
            code = "" if partial_run(benchmark, result.measurement) else "excuses.not_partial"
        if code:
            where = "" if result is None else f"{result.measurement.file} {result.measurement.path}".strip()
            params = {"applicant": excuse.applicant, "benchmark": excuse.benchmark, "result": where}
            reading.found.add(code, EXCUSES, one.place, "kind", **params)


def _check_owners(
    excused: Mapping[str, Sequence[WrittenExcuse]], submissions: Iterable[Submission], reading: Reading
) -> None:
    """Nobody is excused who has handed in nothing: without performance.yaml no figure is derived."""
    having = {submission.applicant for submission in submissions}
    known = reading.known("applicant") or {}
    for applicant, excuses in excused.items():
        if applicant in known and applicant not in having:
            file = f"evidence/{applicant}/performance.yaml"
            for one in excuses:
                params = {"applicant": applicant, "wanted": file}
                reading.found.add("excuses.no_evidence", EXCUSES, one.place, "applicant", **params)


def _check_target(
    submission: Submission,
    told: PerformanceDeclaration,
    leaves: Iterable[Leaf],
    references: Table | None,
    reading: Reading,
) -> None:
    """Where the rubric compares with a target that is named, performance.yaml names one of references.csv.

    Where it does not, a target is only compared with among the alternatives: an unknown one is a warning.
    """
    named = [leaf.id for leaf, rule in leaves if rule.reference.policy == "named_target"]
    models = (
        [value for value in references.cells["model"].values if value]
        if references is not None and references.has("model")
        else None
    )
    if named and not told.target:
        params = {"applicant": submission.applicant, "criterion": ", ".join(named)}
        reading.found.add("performance.target_missing", submission.file, (0, 0), "target", **params)
    elif told.target and models is not None and told.target not in models:
        near = nearest(told.target, models)
        code = "performance.target_unknown_near" if near else "performance.target_unknown"
        told_of = {"value": shorten(told.target), "near": near, "allowed": shorten(", ".join(sorted(models)), 300)}
        if named:
            reading.found.add(code, submission.file, (0, 0), "target", **told_of)
        else:
            warning = Problem(
                code="performance.target_passed_over", file=submission.file, path="target", params=told_of
            )
            reading.warnings.append(warning)


def _warn_of_hundredths(
    leaves: Iterable[Leaf],
    evidence: Iterable[PerformanceEvidence],
    models: Iterable[ReferenceModel],
    reading: Reading,
) -> None:
    """Results of at most 1 on a scale of 100 beside references far above: fractions, perhaps, taken for percentages."""
    wanted = {(leaf.id, b.id): b for leaf, rule in leaves for b in rule.benchmarks if b.direction == "higher"}
    best: dict[tuple[str, str], Fraction] = {}
    for model in models:
        for result in model.results:
            key = (model.criterion, result.benchmark)
            best[key] = max(best.get(key, result.score), result.score)
    for one in evidence:
        for result in one.results:
            key, m = (one.criterion, result.benchmark), result.measurement
            if key not in best or key not in wanted or m.low != 0 or m.high != _PERCENT or not 0 < m.score <= 1:
                continue
            scale = wanted[key].scale
            if best[key] - scale.min >= _FAR * (result.score - scale.min):
                params = {"benchmark": result.benchmark, "score": show(m.score), "best": show(best[key])}
                params |= {"min": show(scale.min), "max": show(scale.max)}
                reading.warnings.append(Problem(code="performance.hundredth", file=m.file, path=m.path, params=params))
