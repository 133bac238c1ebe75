"""Products of fractional powers, rounded half up without error, although they are irrational."""

from __future__ import annotations

import decimal
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

GUARD = Fraction(1, 2**48)
"""What the quick estimate is allowed to be wrong by, relative to (1 + the weighted sum of the logarithms' sizes): 16
units of the last binary digit, where the functions of a C library are off by about one."""


@dataclass(frozen=True, slots=True)
class Power:
    """base^exponent, with the binary logarithm of the base; the base is not negative."""

    base: Fraction
    exponent: Fraction
    log: float


def log(value: Fraction) -> float:
    """The natural logarithm of a fraction above 0, also one whose terms are too large for a binary number."""
    shift = value.numerator.bit_length() - value.denominator.bit_length()
    if abs(shift) < 1000:
        return math.log(value)
    return math.log(value / Fraction(2) ** shift) + shift * math.log(2)


def product_of_powers(powers: Sequence[Power], decimals: int) -> Fraction:
    """The product, rounded half up to a number of decimals; 0 where a base is 0 (its exponent is then above 0).

    The binary estimate settles it, unless a rounding boundary lies within its guard. Then the product is compared with
    that boundary by logarithms of as many digits as it takes; whether the two are equal, which no number of digits can
    tell, is decided by whole numbers alone.
    """
    if not all(power.base for power in powers):
        return Fraction(0)
    scale, half = 10**decimals, Fraction(1, 2)
    terms = [float(power.exponent) * power.log for power in powers]
    estimate = Fraction(math.exp(math.fsum(terms))) * scale
    allowance = estimate * GUARD * math.ceil(1 + math.fsum(map(abs, terms)))
    low, high = math.floor(estimate - allowance + half), math.floor(estimate + allowance + half)
    while low < high:
        middle = (low + high + 1) // 2
        if at_least(powers, (middle - half) / scale):
            low = middle
        else:
            high = middle - 1
    return Fraction(low, scale)


def at_least(powers: Sequence[Power], bound: Fraction) -> bool:
    """Whether the product is at least the bound. Bases and bound are above 0; exact."""
    digits = 40
    while True:
        difference, error = _log_difference(powers, bound, digits)
        if abs(difference) > error:
            return difference > 0
        if digits == 40 and _equal(powers, bound):
            return True
        digits *= 2


def _log_difference(powers: Sequence[Power], bound: Fraction, digits: int) -> tuple[decimal.Decimal, decimal.Decimal]:
    """log(product) - log(bound), and more than it can be wrong by.

    Decimal logarithms are rounded correctly, as the other operations are: each is off by at most a unit in its last
    digit. No logarithm here is above 10^6 and no exponent above 1, so that a term is off by less than 10^(8 - digits).
    """
    context = decimal.Context(prec=digits, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)

    def ln(value: Fraction) -> decimal.Decimal:
        return context.subtract(context.ln(decimal.Decimal(value.numerator)), context.ln(value.denominator))

    result = context.minus(ln(bound))
    for power in powers:
        share = context.divide(decimal.Decimal(power.exponent.numerator), decimal.Decimal(power.exponent.denominator))
        result = context.add(result, context.multiply(share, ln(power.base)))
    return result, decimal.Decimal(len(powers) + 1).scaleb(8 - digits, context)


def _equal(powers: Sequence[Power], bound: Fraction) -> bool:
    """Whether the product is exactly the bound.

    With whole exponents k (over their common denominator K), whether the product of base^k is bound^K. All numerators
    and denominators are written as products of numbers without a common factor; they are equal where every one of these
    has the exponent 0 on the whole. No power is ever computed.
    """
    common = math.lcm(*(power.exponent.denominator for power in powers))
    exponents: list[tuple[int, int]] = []
    for base, exponent in [*((power.base, power.exponent) for power in powers), (bound, Fraction(-1))]:
        k = int(exponent * common)
        exponents += [(base.numerator, k), (base.denominator, -k)]
    return all(
        sum(k * _multiplicity(number, base) for number, k in exponents) == 0
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
