"""One applicant's performance against its reference as strings, rows and dots on a line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from evaluator.model.performance import Alternative, BenchmarkLine, PerformanceDerivation, PerformanceRule
from evaluator.report.evidence import (
    Files,
    Note,
    Notes,
    Override,
    SourceFile,
    criterion_title,
    exact,
    interval,
    override,
    probability,
    ratio,
    share_text,
    shown_performance,
)
from evaluator.report.evidence_plot import LinePlot, benchmark_title, line_plots, without_ratio
from evaluator.report.frame import Frame, date_text
from evaluator.report.support import percent

ABOUT_METHOD = frozenset({"winners_curse", "equal_model_fails"})
"""Flags of a figure that speak of chances; like probabilities they are for the panel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkRow:
    """One benchmark in the table; ``counts`` is whether it enters the ratio.

    ``given`` is the score as it was handed in, on another scale; empty where it was not. ``own_normal`` and
    ``other_normal`` are the scores after correction for the floor, empty where that changes nothing.
    """

    title: str
    category: str
    reference: str
    own: str
    given: str
    own_normal: str
    other: str
    other_normal: str
    floor: str
    ratio: str
    interval: str
    weight: str
    n: str
    by: str
    notes: str
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternativeRow:
    """The ratio under another formula or reference policy; ``changed`` is whether its verdict is another."""

    policy: str
    formula: str
    ratio: str
    verdict: str
    word: str
    declared: bool
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceView:
    """Everything printed about one applicant on one performance criterion.

    ``worked`` puts the figures of one benchmark into the formula of its ratio; empty where no score is corrected.
    ``probability`` and ``equal_passes`` are empty, and ``alternatives`` too, where they are not for the reader.
    """

    criterion: str
    finding: str
    verdict: str
    word: str
    ratio: str
    target: str
    interval: str
    probability: str
    equal_passes: str
    facts: tuple[tuple[str, str], ...]
    rule: str
    reasons: tuple[str, ...]
    plots: tuple[LinePlot, ...]
    rows: tuple[BenchmarkRow, ...]
    worked: str
    notes: tuple[Note, ...]
    excuses: tuple[tuple[str, str], ...]
    files: tuple[SourceFile, ...]
    alternatives_finding: str
    alternatives: tuple[AlternativeRow, ...]
    override: Override | None


def performance_view(frame: Frame, found: PerformanceDerivation, *, internal: bool) -> PerformanceView:
    """One derivation as printed; only ``internal`` pages (the panel's) have probabilities and other formulas."""
    found, words = shown_performance(frame, found), frame.words
    rule = frame.criteria[found.criterion].performance
    notes, files = Notes(words), Files()
    rows = tuple(_row(frame, rule, found, line, notes, files) for line in _by_category(rule, found.lines))
    general = notes("performance_flag", (f for f in found.flags if internal or f not in ABOUT_METHOD))
    alternatives = tuple(_alternatives(frame, found)) if internal else ()
    return PerformanceView(
        criterion=criterion_title(frame, found.criterion),
        finding=performance_finding(frame, found),
        verdict=found.verdict,
        word=words(f"performance_verdict.{found.verdict}"),
        ratio=ratio(found.ratio),
        target=exact(found.target),
        interval=interval(found.low, found.high),
        probability=probability(found.probability) if internal else "",
        equal_passes=probability(found.equal_passes) if internal else "",
        facts=_facts(frame, found, general),
        rule=_rule(frame, rule),
        reasons=reasons(frame, found),
        plots=line_plots(frame, rule, found),
        rows=rows,
        worked=_worked(frame, rule, found),
        notes=notes.legend(),
        excuses=tuple(
            (benchmark_title(frame, rule, line.benchmark), line.excuse) for line in found.lines if line.excuse
        ),
        files=files.listed(),
        alternatives_finding=_alternatives_finding(frame, alternatives),
        alternatives=alternatives,
        override=override(frame, found.applicant, found.criterion),
    )


def performance_finding(frame: Frame, found: PerformanceDerivation) -> str:
    """The verdict with the ratio, the target and the interval in one or two sentences."""
    words = frame.words
    if found.ratio is None:
        return words(f"performance.{found.verdict}", target=exact(found.target), ratio="–")
    text = words(f"performance.{found.verdict}", ratio=ratio(found.ratio), target=exact(found.target))
    if found.low is None or found.high is None:
        return f"{text} {words('performance.no_interval')}"
    return f"{text} {words('performance.with_interval', low=ratio(found.low), high=ratio(found.high))}"


def reasons(frame: Frame, found: PerformanceDerivation) -> tuple[str, ...]:
    """Why there is no figure, and why there is no interval or probability."""
    words = frame.words
    return (
        *(words.told("performance_why", code) for code in found.why),
        *(words.told("performance_withheld", code) for code in found.withheld),
    )


def changed_alternatives(found: PerformanceDerivation) -> tuple[Alternative, ...]:
    """The formulas and policies under which the point verdict is another than under the declared ones."""
    declared = next((a.verdict for a in found.alternatives if a.declared), None)
    return tuple(a for a in found.alternatives if declared is not None and a.verdict != declared)


def alternative_name(frame: Frame, alternative: Alternative) -> str:
    """A formula and a policy as one name."""
    return f"{frame.words(f'policy.{alternative.policy}')} · {_formula(frame, alternative.formula, alternative.cap)}"


def _formula(frame: Frame, formula: str, cap: Fraction | None) -> str:
    words = frame.words
    name = words(f"formula.{formula}")
    return name if cap is None else words("formula.capped", formula=name, cap=exact(cap))


def _category(frame: Frame, rule: PerformanceRule | None, benchmark: str) -> str:
    if rule is None:
        return ""
    own = next((b.category for b in rule.benchmarks if b.id == benchmark), None)
    return next((c.title.in_(frame.lang) for c in rule.categories if c.id == own), "")


def _by_category(rule: PerformanceRule | None, lines: Iterable[BenchmarkLine]) -> list[BenchmarkLine]:
    """Lines of one category together: categories and, within them, benchmarks in the rubric's order."""
    place = {c.id: i for i, c in enumerate(rule.categories)} if rule else {}
    of = {b.id: place.get(b.category or "", len(place)) for b in rule.benchmarks} if rule else {}
    return sorted(lines, key=lambda line: of.get(line.benchmark, len(place)))


def _facts(frame: Frame, found: PerformanceDerivation, flags: str) -> tuple[tuple[str, str], ...]:
    words = frame.words
    facts = (
        (words("evidence_fact.model"), " ".join(p for p in (found.model, found.version) if p)),
        (words("evidence_fact.mode"), found.mode),
        (words("evidence_fact.reference"), ", ".join(_released(frame, found))),
        (words("evidence_fact.policy"), words(f"policy.{found.policy}")),
        (words("evidence_fact.coverage"), percent(found.coverage)),
        (words("evidence_fact.notes"), flags),
    )
    return tuple((label, value) for label, value in facts if value)


def _released(frame: Frame, found: PerformanceDerivation) -> list[str]:
    """The reference models, each with the day of its release."""
    outcome = frame.evaluation.evidence
    models = outcome.references if outcome is not None else ()
    days = {m.model: date_text(frame.lang, m.released) for m in models if m.criterion == found.criterion}
    return [
        frame.words("evidence_fact.released", model=name, date=days[name]) if name in days else name
        for name in found.references
    ]


def _rule(frame: Frame, rule: PerformanceRule | None) -> str:
    """The declared rule in words: reference, formula, weights, missing results, coverage, rounding, decision."""
    if rule is None:
        return ""
    words, how, verdict = frame.words, rule.aggregation, rule.verdict
    parts = [
        words(f"performance_rule.{rule.reference.policy}", months=rule.reference.window_months),
        words(f"performance_rule.weights_{how.weights}", formula=_formula(frame, how.formula, how.cap)),
        words(f"performance_rule.missing_{rule.missing}"),
    ]
    if rule.coverage is not None:
        parts.append(words("performance_rule.coverage", share=str(rule.coverage)))
    if how.round is not None:
        parts.append(words("performance_rule.round", n=how.round))
    if verdict.rule == "point":
        parts.append(words("performance_rule.point", target=exact(verdict.target)))
    else:
        parts.append(
            words(
                "performance_rule.probability",
                target=exact(verdict.target),
                met=str(verdict.met) if verdict.met is not None else "90%",
                not_met=str(verdict.not_met) if verdict.not_met is not None else "10%",
            )
        )
    return " ".join((*parts, words("performance_rule.points")))


def _row(
    frame: Frame,
    rule: PerformanceRule | None,
    found: PerformanceDerivation,
    line: BenchmarkLine,
    notes: Notes,
    files: Files,
) -> BenchmarkRow:
    words, corrected = frame.words, _corrected(rule, line)
    several = len(found.references) != 1
    return BenchmarkRow(
        title=benchmark_title(frame, rule, line.benchmark),
        category=_category(frame, rule, line.benchmark),
        reference=line.reference if several else "",
        own=exact(line.own),
        given=_given(line),
        own_normal=exact(line.own_normal) if corrected and line.own is not None else "",
        other=exact(line.other),
        other_normal=exact(line.other_normal) if corrected and line.other is not None else "",
        floor=exact(line.floor),
        ratio=ratio(line.ratio) if line.ratio is not None else without_ratio(frame, line),
        interval=interval(line.low, line.high),
        weight=share_text(line.weight) if line.weight else words("line_state.no_weight"),
        n=f"{line.n:,}" if line.n is not None else "–",
        by=words(f"measured_by.{line.measured_by}") if line.measured_by else "–",
        notes=" ".join(
            part
            for part in (
                files(line.file, line.sha256),
                notes.all(("performance_flag", line.flags), ("line_state_note", _states(line))),
            )
            if part
        ),
        counts=bool(line.weight),
    )


def _states(line: BenchmarkLine) -> tuple[str, ...]:
    """A state that needs a sentence; none where a flag says as much."""
    told = line.state == "measured" or "missing_counts_zero" in line.flags
    return () if told else (line.state,)


def _given(line: BenchmarkLine) -> str:
    """The score as it was handed in with its scale, where that is another than the benchmark's."""
    if line.given is None or line.given_low is None or line.given_high is None:
        return ""
    return f"{exact(line.given)} ({exact(line.given_low)}–{exact(line.given_high)})"


def _best(rule: PerformanceRule | None, line: BenchmarkLine) -> Fraction | None:
    """The better end of a benchmark's scale."""
    known = next((b for b in rule.benchmarks if b.id == line.benchmark), None) if rule else None
    if known is None:
        return None
    return known.scale.max if known.direction == "higher" else known.scale.min


def _corrected(rule: PerformanceRule | None, line: BenchmarkLine) -> bool:
    """Whether the ratio is another than that of the scores as they stand: the floor is not 0, or less is better."""
    best = _best(rule, line)
    return line.floor is not None and best is not None and not (line.floor == 0 < best)


def _worked(frame: Frame, rule: PerformanceRule | None, found: PerformanceDerivation) -> str:
    """The figures of the first corrected benchmark above its floor put into the formula."""
    for line in found.lines:
        best, own, other, normal = _best(rule, line), line.own, line.other, line.other_normal
        if line.ratio and best is not None and None not in (own, other, normal) and _corrected(rule, line):
            return frame.words(
                "performance.worked" if best > (line.floor or 0) else "performance.worked_lower",
                title=benchmark_title(frame, rule, line.benchmark),
                own=exact(own),
                other=exact(other),
                floor=exact(line.floor),
                best=exact(best),
                own_normal=exact(line.own_normal),
                other_normal=exact(normal),
                ratio=ratio(line.ratio),
            )
    return ""


def _alternatives(frame: Frame, found: PerformanceDerivation) -> Iterable[AlternativeRow]:
    changed = changed_alternatives(found)
    for a in found.alternatives:
        yield AlternativeRow(
            policy=frame.words(f"policy.{a.policy}"),
            formula=_formula(frame, a.formula, a.cap),
            ratio=ratio(a.ratio),
            verdict=a.verdict,
            word=frame.words(f"performance_verdict.{a.verdict}"),
            declared=a.declared,
            changed=a in changed,
        )


def _alternatives_finding(frame: Frame, rows: tuple[AlternativeRow, ...]) -> str:
    if not rows:
        return ""
    changed = sum(row.changed for row in rows)
    key = "performance.alternatives_change" if changed else "performance.alternatives_agree"
    return frame.words(key, n=len(rows) - sum(row.declared for row in rows), changed=changed)
