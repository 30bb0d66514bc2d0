"""Value added tax that is already inside the price.

Rates are basis points (1900 = 19 %) and have dates. German receipts tax the sum
of each rate once, not line by line (UStG § 10 (1), § 12; UStAE 14.5 (1)).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from checkout.events import VatPart
from checkout.money import divide_half_up


class Rates(NamedTuple):
    """What a tax class costs from a day on: taken away, and eaten or drunk in the shop."""

    since: dt.date
    take_away_bp: int
    eat_in_bp: int


_ALWAYS, _CUT, _AFTER_CUT = dt.date(2007, 1, 1), dt.date(2020, 7, 1), dt.date(2021, 1, 1)
GERMANY: dict[str, tuple[Rates, ...]] = {
    "standard": (Rates(_ALWAYS, 1900, 1900), Rates(_CUT, 1600, 1600), Rates(_AFTER_CUT, 1900, 1900)),
    "reduced": (Rates(_ALWAYS, 700, 700), Rates(_CUT, 500, 500), Rates(_AFTER_CUT, 700, 700)),
    "food": (
        Rates(_ALWAYS, 700, 1900),
        Rates(_CUT, 500, 500),
        Rates(_AFTER_CUT, 700, 700),
        Rates(dt.date(2024, 1, 1), 700, 1900),
        Rates(dt.date(2026, 1, 1), 700, 700),
    ),
    "outside": (Rates(_ALWAYS, 0, 0),),
    "milk_drink": (Rates(_ALWAYS, 700, 1900), Rates(_CUT, 500, 1600), Rates(_AFTER_CUT, 700, 1900)),
}
"""UStG § 12 (1) and (2) no. 1 with annex 2, no. 15; § 28 (1)-(3) for the second half of 2020.

`outside` is what is no supply at all: the sale of a multi-purpose voucher (UStG § 3 (15))."""


def vat_bp(vat: str, on: dt.date, *, eat_in: bool = False) -> int:
    """The rate of a tax class on a day; KeyError for an unknown class, ValueError before the oldest rate."""
    for rates in reversed(GERMANY[vat]):
        if on >= rates.since:
            return rates.eat_in_bp if eat_in else rates.take_away_bp
    raise ValueError(f"no rate of {vat} is known on {on}")


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
