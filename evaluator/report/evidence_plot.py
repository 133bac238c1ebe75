"""The 95 % line: one dot a benchmark on an axis of ratios, with its interval and the target."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from evaluator.model.performance import BenchmarkLine, PerformanceDerivation, PerformanceRule
from evaluator.report.evidence import exact, folded, ratio
from evaluator.report.figures import position
from evaluator.report.frame import Frame
from evaluator.report.worked import Tick

ROWS_OF_PLOT = 16
"""Benchmarks in one drawing; more are drawn in several, so that no page stays half empty."""
_TENTH = Fraction(1, 10)
_LEAST_SPAN = Fraction(3, 20)
_GREATEST = Fraction(3, 2)
_LABEL_COLUMNS = 31
_WIDE = Fraction(4, 5)

_Axis = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One row of the line: places from 0 to 1 along the axis, None where there is none.

    ``lines`` is the label folded for the drawing. ``shape`` is counts, capped, hollow (does not count), missing (counts
    as 0), whole (all benchmarks together), or none. ``beyond`` is low or high where the ratio lies outside the axis.
    """

    label: str
    lines: tuple[str, ...]
    text: str
    shape: str
    x: float | None
    low: float | None
    high: float | None
    beyond: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePlot:
    """Ratios on a horizontal axis with the target as an upright line; ``alt`` says the same in words."""

    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    target: float
    target_text: str
    alt: str


def benchmark_title(frame: Frame, rule: PerformanceRule | None, benchmark: str) -> str:
    """The printed name of a benchmark of the rule; its id where the rule is not known."""
    known = next((b for b in rule.benchmarks if b.id == benchmark), None) if rule else None
    return known.title.in_(frame.lang) if known else benchmark


def without_ratio(frame: Frame, line: BenchmarkLine) -> str:
    """A word where there is no ratio, or 0 where the missing result counts as that."""
    zero = "missing_counts_zero" in line.flags
    return frame.words("line_state.zero") if zero else frame.words(f"line_state.{line.state}")


def _shape(line: BenchmarkLine) -> str:
    if "missing_counts_zero" in line.flags:
        return "missing"
    if line.ratio is None:
        return "none"
    if not line.weight:
        return "hollow"
    return "capped" if "capped" in line.flags else "counts"


def _axis(found: PerformanceDerivation) -> tuple[Fraction, Fraction]:
    """The ends of the axis: tenths around the target and every ratio with its interval, 0 and 1.5 at the most."""
    values = [found.target - _LEAST_SPAN, found.target + _LEAST_SPAN]
    ones: list[BenchmarkLine | PerformanceDerivation] = [found, *found.lines]
    for one in ones:
        values += [v for v in (one.ratio, one.low, one.high) if v is not None]
    least, most = max(min(values), Fraction(0)), min(max(values), max(_GREATEST, found.target + _LEAST_SPAN))
    return Fraction(floor(least / _TENTH), 10), Fraction(ceil(most / _TENTH), 10)


def _ticks(low: Fraction, high: Fraction) -> tuple[Tick, ...]:
    step = _TENTH if high - low <= _WIDE else 2 * _TENTH
    first = ceil(low / step)
    return tuple(
        Tick(text=f"{float(step * i):.1f}", x=position(step * i, low, high))
        for i in range(first, floor(high / step) + 1)
    )


def _dot(label: str, one: BenchmarkLine | PerformanceDerivation, shape: str, text: str, axis: _Axis) -> Dot:
    low, high = axis
    beyond = ""
    if one.ratio is not None and not low <= one.ratio <= high:
        beyond = "low" if one.ratio < low else "high"
    return Dot(
        label=label,
        lines=folded(label, _LABEL_COLUMNS),
        text=text,
        shape=shape,
        x=position(one.ratio, low, high) if one.ratio is not None else None,
        low=position(one.low, low, high) if one.low is not None else None,
        high=position(one.high, low, high) if one.high is not None else None,
        beyond=beyond,
    )


def line_plots(frame: Frame, rule: PerformanceRule | None, found: PerformanceDerivation) -> tuple[LinePlot, ...]:
    """The line in as few drawings of about equal size as the rows need; the whole stands last in the last one."""
    words, axis = frame.words, _axis(found)
    dots = []
    for line in found.lines:
        label, text = benchmark_title(frame, rule, line.benchmark), ratio(line.ratio)
        if line.ratio is None:
            text = without_ratio(frame, line)
        dots.append(_dot(label, line, _shape(line), text, axis))
    if found.ratio is not None:
        dots.append(_dot(words("line_plot.whole"), found, "whole", ratio(found.ratio), axis))
    if not any(dot.x is not None for dot in dots):
        return ()
    pieces = -(-len(dots) // ROWS_OF_PLOT)
    size = -(-len(dots) // pieces)
    return tuple(
        LinePlot(
            dots=tuple(dots[start : start + size]),
            ticks=_ticks(*axis),
            target=position(found.target, *axis),
            target_text=words("line_plot.target", target=exact(found.target)),
            alt=_alt(frame, found, dots[start : start + size]),
        )
        for start in range(0, len(dots), size)
    )


def _alt(frame: Frame, found: PerformanceDerivation, dots: Iterable[Dot]) -> str:
    listed = "; ".join(f"{dot.label} {dot.text}" for dot in dots)
    return frame.words("line_plot.alt", target=exact(found.target), listed=listed)
