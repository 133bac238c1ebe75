"""Global performance: what a rubric declares, what result files hold, and what is derived from them.

One :class:`Measurement` is one figure of one result file. A :class:`Result` is a measurement (or a reference's figure)
that stands for a benchmark of the rubric, on that benchmark's scale. A :class:`PerformanceDerivation` is everything
that was concluded about one applicant, with every figure that led to it.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from evaluator.model.basis import Basis
from evaluator.model.numbers import Exact, Figure, Limit, LimitField
from evaluator.model.text import FileModel, Id, TextField

MeasuredBy = Literal["self", "third_party", "agency"]
Direction = Literal["higher", "lower"]
Statistic = Literal["proportion", "mean", "elo"]
Policy = Literal["best_single", "named_target", "envelope"]
Formula = Literal["ratio_of_means", "mean_of_ratios", "geometric"]
Verdict = Literal["met", "not_met", "undetermined", "not_assessable", "point_only"]
LineState = Literal["measured", "missing", "excused", "not_counted", "no_reference", "reference_at_floor"]
Count = Annotated[int, Field(ge=1, le=1_000_000_000, strict=True)]
Decimals = Annotated[int, Field(ge=0, le=12, strict=True)]

STRICT = ConfigDict(extra="forbid")

MET, NOT_MET = Limit(Fraction(90), percent=True), Limit(Fraction(10), percent=True)
"""The probabilities from which, and up to which, a target counts as met and as not met where a rubric names none."""


# What a rubric declares


class BenchmarkScale(FileModel):
    """The ends of a benchmark's scale, on which every result is compared."""

    min: Exact = Field(description="The least score")
    max: Exact = Field(description="The greatest score")


class Category(FileModel):
    """A group of benchmarks that is averaged within before it counts."""

    id: Id = Field(description="Its own name; benchmarks use it")
    title: TextField = Field(description="Its printed name")
    points: Exact | None = Field(None, description="What it counts among the categories (1 if absent)")


class Benchmark(FileModel):
    """One benchmark, as fixed before the evaluation."""

    id: Id = Field(description="Its own name")
    title: TextField = Field(description="Its printed name")
    category: Id | None = Field(None, description="The category it belongs to; absent where there are none")
    points: Exact | None = Field(None, description="What it counts within its category (1 if absent)")
    names: tuple[str, ...] = Field((), description="How result files call it; absent: its id")
    metric: str = Field(description="The metric as result files name it, such as acc")
    scale: BenchmarkScale = Field(description="The ends of its scale, such as {min: 0, max: 100}")
    chance: Exact | None = Field(
        None, description="What guessing scores, on the same scale; absent: the worse end of the scale"
    )
    direction: Direction = Field("higher", description="Whether a higher or a lower score is better")
    statistic: Statistic = Field(
        "proportion", description="proportion of items solved, mean of marks, or elo (refused)"
    )
    items: Count | None = Field(None, description="How many items it has; a run on fewer is partial")
    basis: Basis | None = Field(None, description="Where it comes from")


class ReferencePolicy(FileModel):
    """Which models an applicant is compared with."""

    policy: Policy = Field(
        "best_single",
        description="best_single (one model, best over all benchmarks), named_target (performance.yaml names it) or "
        "envelope (the best model of each benchmark)",
    )
    window_months: Count = Field(6, description="A reference was released at most so many months before the evaluation")


class Aggregation(FileModel):
    """How benchmarks become one ratio."""

    formula: Formula = Field(
        "mean_of_ratios", description="ratio_of_means, mean_of_ratios, or geometric (mean of ratios)"
    )
    weights: Literal["categories", "benchmarks"] = Field(
        "benchmarks",
        description="categories: averaged within each category by points, then across categories by points; "
        "benchmarks: by points at once",
    )
    cap: Exact | None = Field(None, description="The most one benchmark's ratio counts, such as 1; absent: no cap")
    round: Decimals | None = Field(4, description="Decimals of the ratio; null leaves it exact (not for geometric)")


class VerdictRule(FileModel):
    """When the target counts as met."""

    target: Exact = Field(description="The ratio to be reached, such as 0.95")
    rule: Literal["point", "probability"] = Field(
        "point", description="Whether the ratio itself decides, or the probability that the target is reached"
    )
    met: LimitField | None = Field(None, description=f"probability: met from this probability on ({MET} if absent)")
    not_met: LimitField | None = Field(
        None, description=f"probability: not met up to this probability ({NOT_MET} if absent)"
    )


class PerformanceRule(FileModel):
    """How a criterion's figure follows from results."""

    categories: tuple[Category, ...] = Field((), description="The categories of benchmarks, if there are any")
    benchmarks: tuple[Benchmark, ...] = Field(description="The benchmarks, fixed before the evaluation")
    reference: ReferencePolicy = Field(ReferencePolicy(), description="Which models applicants are compared with")
    aggregation: Aggregation = Field(Aggregation(), description="How benchmarks become one ratio")
    missing: Literal["zero", "not_assessable"] = Field(
        "zero", description="What a benchmark without a result is, unless excused: 0, or no figure at all"
    )
    coverage: LimitField | None = Field(
        None, description="The least share of the weight with a result; below it there is no figure"
    )
    counts: tuple[MeasuredBy, ...] = Field(
        ("self", "third_party", "agency"), description="Whose measurements count: self, third_party, agency"
    )
    verdict: VerdictRule = Field(description="The target and when it counts as met")


# What an applicant declares (evidence/<applicant>/performance.yaml)


class ResultScale(FileModel):
    """The ends of the scale a file's scores are on, where the file does not say."""

    min: Exact = Field(description="The least score")
    max: Exact = Field(description="The greatest score")


class DeclaredFile(FileModel):
    """One result file (or folder) and what it does not say itself."""

    file: str = Field(min_length=1, max_length=400, description="Its path inside the folder performance/")
    model: str | None = Field(None, description="The model, where it is another than above")
    model_in_file: str | None = Field(
        None, description="What the file itself calls the model, where that is another name"
    )
    version: str | None = Field(None, description="The version of the model")
    mode: str | None = Field(None, description="The mode it ran in, such as thinking")
    measured_by: MeasuredBy | None = Field(None, description="Who measured: self, third_party or agency")
    date: datetime.date | None = Field(None, description="When it was measured, where the file does not say")
    harness: str | None = Field(None, description="The program that measured, where the file does not say")
    harness_version: str | None = Field(None, description="Its version")
    scale: ResultScale | None = Field(None, description="The ends of the scale, where the file does not say")
    source: TextField | None = Field(None, description="Where it can be read")


class PerformanceDeclaration(FileModel):
    """performance.yaml: which model was measured, by whom, and against which target."""

    schema_: Literal[1] = Field(alias="schema", description="Version of this format")
    model: str = Field(min_length=1, max_length=200, description="The model that was measured")
    version: str = Field("", max_length=200, description="Its version")
    mode: str = Field("", max_length=200, description="The mode it ran in, such as thinking")
    measured_by: MeasuredBy = Field("self", description="Who measured: self, third_party or agency")
    target: str = Field(
        "", max_length=200, description="named_target: the reference model by its name in references.csv"
    )
    files: tuple[DeclaredFile, ...] = Field((), description="Files about which more has to be said")


# What was read


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One figure of one result file, as the file has it. (benchmark, metric, model, version, mode) is its key.

    ``low`` and ``high`` are the ends of the scale, None where nobody declares them; ``n`` the items that were scored,
    ``items`` those the benchmark has, None where unknown; ``stderr`` the standard error on the same scale. ``partial``
    says why the run does not cover the benchmark, empty where it does (or where the file cannot tell). ``members`` are
    the benchmarks (by name) that this one averages, where it is a group. ``path`` is the place inside the file.
    """

    benchmark: str
    metric: str
    model: str
    version: str = ""
    mode: str = ""
    score: Figure
    low: Figure | None = None
    high: Figure | None = None
    direction: Direction | None = None
    n: int | None = None
    items: int | None = None
    stderr: Figure | None = None
    harness: str = ""
    harness_version: str = ""
    measured_by: MeasuredBy
    date: str = ""
    file: str
    sha256: str
    path: str = ""
    partial: str = ""
    members: tuple[str, ...] = ()
    source: str = ""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What stands for a benchmark of the rubric: a measurement, and its figures on the rubric's scale.

    ``n`` is None where the sample size is unknown. ``excuse`` is the recorded reason why a partial run counts.
    """

    benchmark: str
    score: Figure
    stderr: Figure | None = None
    n: int | None = None
    excuse: str = ""
    measurement: Measurement

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Excuse:
    """A recorded reason why a benchmark has no result (missing), or why a partial run counts (partial)."""

    applicant: str
    criterion: str
    benchmark: str
    kind: Literal["missing", "partial"]
    reason: str
    decider: str = ""
    date: str = ""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    @property
    def told(self) -> str:
        """The reason, and who decided it when."""
        by = ", ".join(part for part in (self.decider, self.date) if part)
        return f"{self.reason} ({by})" if by else self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceEvidence:
    """What one applicant has on one criterion: at most one result a benchmark, in the rubric's order.

    ``set_aside`` are results by somebody whose measurements do not count under the rubric, at most one a benchmark;
    ``unused`` are measurements of no benchmark of the rubric. ``target`` is the reference model the applicant named.
    """

    applicant: str
    criterion: str
    model: str
    version: str = ""
    mode: str = ""
    target: str = ""
    results: tuple[Result, ...] = ()
    set_aside: tuple[Result, ...] = ()
    unused: tuple[Measurement, ...] = ()
    excuses: tuple[Excuse, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceModel:
    """A model applicants may be compared with on one criterion, with its release date and its results."""

    criterion: str
    model: str
    organisation: str = ""
    released: datetime.date
    results: tuple[Result, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


# What is derived


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkLine:
    """One benchmark of one applicant beside its reference.

    ``weight`` is the share of the whole (sum 1 over the lines that count, 0 for one that does not). ``own`` and
    ``other`` are the scores on the rubric's scale. Where the applicant handed its score in on another scale (0 to 1
    for 0 to 100, or the other way round), ``given`` is that score as it stood, ``given_low`` and ``given_high`` the
    ends of its scale. ``floor`` is what guessing scores, or else the worse end of the rubric's scale; ``own_normal``
    and ``other_normal`` are the scores after chance correction, from 0 at the floor to 1. ``ratio`` is
    own_normal/other_normal before the cap, ``low`` and ``high`` its 90 % interval (four
    decimals), None where it cannot be given. ``n`` and who measured, by what and when are given for a result that does
    not count, too, but not its score. ``flags`` are among ``evidence.doubts.OF_LINES``, in that order.
    """

    benchmark: str
    state: LineState
    weight: Figure
    own: Figure | None = None
    other: Figure | None = None
    given: Figure | None = None
    given_low: Figure | None = None
    given_high: Figure | None = None
    floor: Figure | None = None
    own_normal: Figure | None = None
    other_normal: Figure | None = None
    ratio: Figure | None = None
    low: Figure | None = None
    high: Figure | None = None
    n: int | None = None
    reference: str = ""
    measured_by: MeasuredBy | None = None
    harness: str = ""
    reference_harness: str = ""
    date: str = ""
    file: str = ""
    sha256: str = ""
    flags: tuple[str, ...] = ()
    excuse: str = ""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """What another formula or reference policy would have given. ``ratio`` is rounded as the rule rounds.

    ``verdict`` is that of the point rule (met, not_met), or not_assessable.
    """

    policy: Policy
    formula: Formula
    cap: Figure | None = None
    ratio: Figure | None = None
    verdict: Verdict
    declared: bool = False

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceDerivation:
    """The figure of one applicant on one criterion, and the whole way to it.

    ``ratio`` is the exact figure after the declared rounding, None where it is not assessable (``why`` says why).
    ``low`` and ``high`` are its 90 % interval and ``probability`` that of reaching the target, four decimals, None
    where withheld (``withheld`` says why) and where there is no ratio. ``equal_passes`` is the probability that a model
    exactly as good as its reference would pass under the same rule and sample sizes; it is given, too, where nothing
    but luck in the choice of the reference withholds the others. ``coverage`` is the share of the weight with results.
    The interval of a quotient need not lie evenly about ``ratio``: noise in a denominator and caps are allowed for.
    ``references`` are the models compared with, by name: all that were entitled where several are equally good on the
    whole; under the envelope the one taken on each benchmark (of equal results the least certain).
    ``flags`` are among ``evidence.doubts.OVERALL``, ``withheld`` among ``WITHHELD``, in that order.
    """

    applicant: str
    criterion: str
    model: str
    version: str = ""
    mode: str = ""
    policy: Policy
    references: tuple[str, ...] = ()
    lines: tuple[BenchmarkLine, ...] = ()
    coverage: Figure
    ratio: Figure | None = None
    low: Figure | None = None
    high: Figure | None = None
    probability: Figure | None = None
    equal_passes: Figure | None = None
    target: Figure
    verdict: Verdict
    why: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    flags: tuple[str, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
