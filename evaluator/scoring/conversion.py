"""From a score on a scale to points: the ``convert`` kinds of a rubric."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from evaluator.model.exact import Column
from evaluator.model.rubric import Convert, Criterion, allowed_scale

LINEAR = Convert(kind="linear")


def convert(leaf: Criterion, scores: Column) -> Column:
    """Points of scores on a leaf of a resolved rubric, unrounded, from 0 to the leaf's points.

    With P points and score x: linear P(x-min)/(max-min), reversed for direction lower; proportional P*x/max;
    grades a table of percentages; target P*min(1, x/at); relative_to_best P*x/best, for direction lower P*best/x,
    where best is the best value of the column itself (0 everywhere where the highest value is 0).
    """
    if len(scores) == 0:
        return scores
    rule, scale, most = leaf.convert or LINEAR, allowed_scale(leaf), leaf.points
    if rule.kind == "target":
        return scores.times(most / (rule.at or Fraction(1))).at_most(most)
    if rule.kind == "relative_to_best":
        return _relative(scores, most, lower=scale.direction == "lower")
    if rule.kind == "grades":
        return _graded(rule, scores, most)
    if scale.max is None:
        raise ValueError(f"{leaf.id}: {rule.kind} needs the maximum of the scale")
    if rule.kind == "proportional":
        return scores.times(most / scale.max)
    if scale.direction == "lower":
        return scores.times(Fraction(-1)).plus_constant(scale.max).times(most / (scale.max - scale.min))
    return scores.plus_constant(-scale.min).times(most / (scale.max - scale.min))


def _relative(scores: Column, most: Fraction, *, lower: bool) -> Column:
    codes = scores.keys()
    best = scores.take(np.array([int(codes.argmin() if lower else codes.argmax())])).fractions()[0]
    if lower:
        return scores.inverse_times(most * best)
    return scores.times(most / best if best else Fraction(0))


def _graded(rule: Convert, scores: Column, most: Fraction) -> Column:
    grades = rule.grades or {}
    values = list(grades)
    table = Column.of(most * grades[value] / 100 for value in values)
    chosen = np.zeros(len(scores), np.int64)
    for position, value in enumerate(values):
        chosen[scores.compare(value) == 0] = position
    return table.take(chosen)
