"""The weighted geometric mean of fractions, rounded half up without error, although it is irrational."""

from __future__ import annotations

import decimal
import math
from collections.abc import Sequence
from fractions import Fraction

GUARD = Fraction(1, 2**48)
"""What the quick estimate is allowed to be wrong by, relative to (1 + the weighted sum of the logarithms' sizes): 16
units of the last binary digit, where the functions of a C library are off by about one."""


def geometric_mean(values: Sequence[Fraction], weights: Sequence[Fraction], decimals: int) -> Fraction:
    """The product of v^w, rounded half up to a number of decimals. Weights are above 0 and sum to 1.

    0 where any value is 0. The binary estimate settles it, unless a rounding boundary lies within its guard. Then the
    mean is compared with that boundary by logarithms of as many digits as it takes; whether the two are equal, which no
    number of digits can tell, is decided by whole numbers alone.
    """
    if not all(values):
        return Fraction(0)
    scale = 10**decimals
    terms = [float(w) * _log(v) for v, w in zip(values, weights, strict=True)]
    estimate = Fraction(math.exp(math.fsum(terms))) * scale
    allowance = estimate * GUARD * math.ceil(1 + math.fsum(map(abs, terms)))
    half = Fraction(1, 2)
    low, high = math.floor(estimate - allowance + half), math.floor(estimate + allowance + half)
    while low < high:
        middle = (low + high + 1) // 2
        if at_least(values, weights, (middle - half) / scale):
            low = middle
        else:
            high = middle - 1
    return Fraction(low, scale)


def _log(value: Fraction) -> float:
    """The logarithm of a fraction of any size: the ratio is formed first, so that values near 1 keep their digits."""
    shift = value.numerator.bit_length() - value.denominator.bit_length()
    scaled = value / 2**shift if shift >= 0 else value * 2**-shift
    return math.log(scaled) + shift * math.log(2) if abs(shift) > 1 else math.log(value)


def at_least(values: Sequence[Fraction], weights: Sequence[Fraction], bound: Fraction) -> bool:
    """Whether the product of v^w is at least the bound. Values, weights and bound are above 0; exact."""
    digits = 40
    while True:
        difference, error = _log_difference(values, weights, bound, digits)
        if abs(difference) > error:
            return difference > 0
        if digits == 40 and _equal(values, weights, bound):
            return True
        digits *= 2


def _log_difference(
    values: Sequence[Fraction], weights: Sequence[Fraction], bound: Fraction, digits: int
) -> tuple[decimal.Decimal, decimal.Decimal]:
    """log(product of v^w) - log(bound), and more than it can be wrong by.

    Decimal logarithms are rounded correctly, as the other operations are: each is off by at most a unit in its last
    digit. A logarithm of this module's numbers is below 10^6 in size, so that the bound of a term is 10^(7 - digits).
    """
    context = decimal.Context(prec=digits, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)

    def log(value: Fraction) -> decimal.Decimal:
        return context.subtract(context.ln(decimal.Decimal(value.numerator)), context.ln(value.denominator))

    result = context.minus(log(bound))
    for value, weight in zip(values, weights, strict=True):
        share = context.divide(decimal.Decimal(weight.numerator), decimal.Decimal(weight.denominator))
        result = context.add(result, context.multiply(share, log(value)))
    return result, decimal.Decimal(10 * (len(values) + 1)).scaleb(7 - digits, context)


def _equal(values: Sequence[Fraction], weights: Sequence[Fraction], bound: Fraction) -> bool:
    """Whether the product of v^w is exactly the bound.

    With whole exponents k (weights over their common denominator K), whether the product of v^k is bound^K. All
    numerators and denominators are written as products of numbers without a common factor; they are equal where every
    one of these has the exponent 0 on the whole. No power is ever computed.
    """
    common = math.lcm(*(weight.denominator for weight in weights))
    exponents: list[tuple[int, int]] = []
    for value, weight in [*zip(values, weights, strict=True), (bound, Fraction(-1))]:
        power = int(weight * common)
        exponents += [(value.numerator, power), (value.denominator, -power)]
    return all(
        sum(power * _multiplicity(number, base) for number, power in exponents) == 0
        for base in coprime_base([number for number, _ in exponents])
    )


def _multiplicity(number: int, base: int) -> int:
    times = 0
    while number % base == 0:
        number, times = number // base, times + 1
    return times


def coprime_base(numbers: Sequence[int]) -> list[int]:
    """Numbers above 1 without common factors, such that every given number (above 0) is a product of their powers."""
    base: list[int] = []
    waiting = [number for number in numbers if number > 1]
    while waiting:
        number = waiting.pop()
        for position, known in enumerate(base):
            common = math.gcd(number, known)
            if common > 1:
                del base[position]
                waiting += [part for part in (common, known // common, number // common) if part > 1]
                break
        else:
            base.append(number)
    return base
