"""Money is a whole number of minor units (cents). Splitting conserves the sum."""

from __future__ import annotations

from collections.abc import Sequence


def divide_half_up(numerator: int, denominator: int) -> int:
    """The quotient rounded to the nearest whole number, halves away from zero (DIN 1333)."""
    assert denominator > 0
    if numerator < 0:
        return -divide_half_up(-numerator, denominator)
    return (2 * numerator + denominator) // (2 * denominator)


def price_of_measure(unit_price_minor: int, thousandths: int) -> int:
    """What so many grams (mm) cost at a price per kilogram (metre), in minor units, rounded half up."""
    return divide_half_up(unit_price_minor * thousandths, 1000)


def percent_of(amount_minor: int, percent: int) -> int:
    """`percent` per cent of an amount, in minor units, rounded half up."""
    return divide_half_up(amount_minor * percent, 100)


def prorate(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """Split an amount in proportion to weights; the parts sum to the amount.

    Parts that the rounding cheated most get the left-over cents first, earlier
    ones before later ones (largest remainder). With no weight at all the first
    part takes everything. Weights must not be negative.
    """
    assert weights, "nothing to split over"
    assert min(weights) >= 0, "a negative share"
    if amount_minor < 0:
        return [-part for part in prorate(-amount_minor, weights)]
    whole = sum(weights)
    if whole == 0:
        return [amount_minor, *[0] * (len(weights) - 1)]
    parts = [amount_minor * weight // whole for weight in weights]
    left_over = amount_minor - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: -(amount_minor * weights[i] % whole))
    for i in by_remainder[:left_over]:
        parts[i] += 1
    return parts
