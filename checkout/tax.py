"""Value added tax that is already inside the price.

Rates are basis points (1900 = 19 %). German receipts tax the sum of each rate
once, not line by line (UStG § 10 (1), § 12; UStAE 14.5 (1)).
"""

from __future__ import annotations

from collections.abc import Iterable

from checkout.events import VatPart
from checkout.money import divide_half_up

VAT_BP_GERMANY = {"standard": 1900, "reduced": 700}


def vat_inside(gross_minor: int, rate_bp: int) -> int:
    """The tax contained in a gross amount, in minor units, rounded half up."""
    return divide_half_up(gross_minor * rate_bp, 10_000 + rate_bp)


def vat_table(amounts: Iterable[tuple[int, int]]) -> tuple[VatPart, ...]:
    """Sum `(rate_bp, gross_minor)` pairs by rate, highest rate first, and split each sum."""
    gross_by_rate: dict[int, int] = {}
    for rate_bp, gross_minor in amounts:
        gross_by_rate[rate_bp] = gross_by_rate.get(rate_bp, 0) + gross_minor
    return tuple(_part(rate_bp, gross_by_rate[rate_bp]) for rate_bp in sorted(gross_by_rate, reverse=True))


def _part(rate_bp: int, gross_minor: int) -> VatPart:
    vat_minor = vat_inside(gross_minor, rate_bp)
    return VatPart(rate_bp, gross_minor, gross_minor - vat_minor, vat_minor)
