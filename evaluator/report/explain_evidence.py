"""How a derived figure came about, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from evaluator.model.access import AccessDerivation
from evaluator.model.openness import OpennessDerivation
from evaluator.model.performance import BenchmarkLine, PerformanceDerivation
from evaluator.report.evidence import derived_overrides, exact, interval
from evaluator.report.evidence_openness import named, openness_finding
from evaluator.report.evidence_performance import performance_finding, reasons
from evaluator.report.frame import Frame
from evaluator.report.terminal import TerminalWords, one_line


def derived_lines(frame: Frame, words: TerminalWords, applicant: str, criterion: str) -> Iterator[str]:
    """The derivation of one applicant's figure on one criterion; nothing where it was not derived."""
    for performance in frame.performance.get(applicant, ()):
        if performance.criterion == criterion:
            yield from _performance(frame, words, performance)
    for openness in frame.openness.get(applicant, ()):
        if openness.criterion == criterion:
            yield from _openness(frame, words, openness)
    for access in frame.access.get(applicant, ()):
        if access.criterion == criterion:
            yield from _access(frame, words, access)


def _performance(frame: Frame, words: TerminalWords, found: PerformanceDerivation) -> Iterator[str]:
    leaf = frame.criteria[found.criterion]
    titles = {b.id: b.title.in_(frame.lang) for b in leaf.performance.benchmarks} if leaf.performance else {}
    yield one_line(performance_finding(frame, found))
    for line in found.lines:
        title = one_line(titles.get(line.benchmark, line.benchmark))
        if line.ratio is None:
            state = frame.words(f"line_state.{line.state}")
            yield words("explain_evidence.without", title=title, state=state, weight=exact(line.weight))
        else:
            yield words(
                "explain_evidence.benchmark",
                title=title,
                own=_figure(line),
                other=_other(line),
                ratio=exact(line.ratio),
                weight=exact(line.weight),
                reference=one_line(line.reference),
            )
    if found.low is not None:
        yield words("explain_evidence.interval", interval=interval(found.low, found.high))
    yield from (one_line(reason) for reason in reasons(frame, found))


def _figure(line: BenchmarkLine) -> str:
    return exact(line.own) if line.own == line.own_normal else f"{exact(line.own)} → {exact(line.own_normal)}"


def _other(line: BenchmarkLine) -> str:
    return exact(line.other) if line.other == line.other_normal else f"{exact(line.other)} → {exact(line.other_normal)}"


def _openness(frame: Frame, words: TerminalWords, found: OpennessDerivation) -> Iterator[str]:
    yield one_line(openness_finding(frame, found))
    for step in found.steps:
        if not step.met and step.missing:
            missing = ", ".join(named(frame, step.missing))
            yield words("explain_evidence.level_missing", level=step.level, missing=one_line(missing))
            break


def _access(frame: Frame, words: TerminalWords, found: AccessDerivation) -> Iterator[str]:
    yield words(
        "explain_evidence.access",
        level=found.level,
        counts=frame.words(f"delivery.{found.counts}"),
        claimed=found.claimed_promised if found.counts == "promised" else found.claimed_delivered,
        n=len(found.evidence),
    )
    if found.missing:
        kinds = ", ".join(frame.words.told("evidence_kind", kind) for kind in found.missing)
        yield words("explain_evidence.access_missing", missing=one_line(kinds))


def override_lines(frame: Frame) -> list[str]:
    """Decisions in the place of derived figures, one line each; no lines where there is none."""
    return [
        one_line(
            frame.words(
                "evidence.override",
                applicant_id=applicant,
                criterion=found.criterion,
                derived=found.derived,
                decided=found.decided,
                by=found.by or "–",
                reason=found.reason,
            )
        )
        for applicant, found in derived_overrides(frame)
    ]
