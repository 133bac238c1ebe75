"""A criterion's mean as it is worked out: the marks that count in ascending order, with the conversion around them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from evaluator.model.rubric import Criterion, allowed_scale
from evaluator.report.figures import number

WRITTEN_OUT = 9
"""With more marks than this, equal ones stand once with the number of them before."""
_VULGAR = {
    Fraction(1, 2): "½",
    Fraction(1, 3): "⅓",
    Fraction(2, 3): "⅔",
    Fraction(1, 4): "¼",
    Fraction(3, 4): "¾",
}


def share(weight: Fraction) -> str:
    """A weight as printed: ½, ⅔, 5/7, 12."""
    return _VULGAR.get(weight, str(weight))


def mean_equation(leaf: Criterion, marks: Sequence[tuple[Fraction, Fraction]], *, converted: bool) -> str:
    """``10 × (4 + 4.5 + 5) ÷ 3 ÷ 5`` for marks with their kept weights, on a criterion of 10 points scored 0 to 5.

    ``converted`` says whether the mean is of points (then the conversion stands around it) or of the marks
    themselves. Marks of weight 0 are left out; a mark that counts in part has its share before it. Empty where no
    mark counts.
    """
    kept = [(value, weight) for value, weight in marks if weight]
    count = sum((weight for _, weight in kept), Fraction(0))
    if not kept:
        return ""
    if len(kept) > WRITTEN_OUT:
        together: dict[Fraction, Fraction] = {}
        for value, weight in kept:
            together[value] = together.get(value, Fraction(0)) + weight
        kept = list(together.items())
    convert, scale, full = leaf.convert, allowed_scale(leaf), number(leaf.points)
    kind = convert.kind if convert else "linear"
    if not converted:
        return _mean(kept, count)
    if kind == "grades" and convert and convert.grades:
        return f"{full} × {_mean([(convert.grades[value], weight) for value, weight in kept], count, unit=' %')}"
    if kind == "target" and convert and convert.at is not None:
        return f"{full} × {_mean([(min(v, convert.at), weight) for v, weight in kept], count)} ÷ {number(convert.at)}"
    high = scale.max if scale.max is not None else Fraction(0)
    if kind == "proportional" or (scale.min == 0 and scale.direction == "higher"):
        mean = _mean(kept, count)
        return mean if high == leaf.points else f"{full} × {mean} ÷ {number(high)}"
    below = number(high) if scale.min == 0 else f"({number(high)} – {number(scale.min)})"
    ends = f"({number(high)} – {_mean(kept, count)})" if scale.direction == "lower" else ""
    return f"{full} × {ends or f'({_mean(kept, count)} – {number(scale.min)})'} ÷ {below}"


def _mean(kept: Sequence[tuple[Fraction, Fraction]], count: Fraction, *, unit: str = "") -> str:
    terms = [f"{number(v)}{unit}" if weight == 1 else f"{share(weight)}×{number(v)}{unit}" for v, weight in kept]
    if count == 1 and len(terms) == 1:
        return terms[0]
    return f"({' + '.join(terms)}) ÷ {number(count)}"
