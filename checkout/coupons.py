"""Coupons: paper or a code that takes something off, on conditions, once or as often as its issuer says.

A shop takes the coupons of its own list; what a coupon's number means stands there. GS1 coupons of the
euro area say their amount themselves (prefix 981: three digits in tenths of a euro, 982: in cents; before
them the issuer's four digits and two of its own choice), so the list need not repeat it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from checkout.basket import GOODS, Basket, Line, Reduction
from checkout.money import percent_of, prorate

BY = "coupon:"
"""How a coupon's reduction begins, before the coupon's name."""
_TENTHS, _CENTS = "981", "982"


@dataclass(frozen=True, slots=True)
class Coupon:
    """One coupon of the shop's list. `number` is what a scanner reads: 13 digits, or a word of our own.

    It takes off an amount or a percentage, of everything or of what is called in `on` (GTINs and groups);
    or it makes the promotion named `promotion` possible, which knows the coupon by its name. `times_max` is
    how often one number with one serial may be used, 0 for any number of times; in one basket it is once.
    Conditions: from `first_day` to `last_day`, and goods for `goods_minor_min` after promotions.
    """

    name: str
    number: str
    called: Mapping[str, str]
    amount_minor: int = 0
    percent: int = 0
    promotion: str = ""
    on: tuple[str, ...] = ()
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    goods_minor_min: int = 0
    times_max: int = 0

    @property
    def by(self) -> str:
        """What stands on the reductions that it makes possible."""
        return self.promotion or f"{BY}{self.name}"

    def valid_on(self, day: dt.date) -> bool:
        return (self.first_day or day) <= day <= (self.last_day or day)

    def means(self, line: Line) -> bool:
        """Whether it is for this line: goods, and among those that it names."""
        if line.voided or line.kind != GOODS:
            return False
        return not self.on or line.gtin in self.on or not set(self.on).isdisjoint(line.groups)

    def missing_minor(self, basket: Basket) -> int | None:
        """For how much more goods it takes; 0 if it fits, None if nothing it is for lies in the basket.

        What other coupons take off does not count against it.
        """
        goods_minor = sum(_promoted_minor(line) for line in basket.lines if self.means(line))
        return max(0, self.goods_minor_min - goods_minor) if goods_minor else None


def euro_amount_minor(number: str) -> int:
    """What a GS1 coupon of the euro area is worth, in cents; 0 if its number does not say."""
    if number.startswith(_TENTHS):
        return int(number[9:12]) * 10
    return int(number[9:12]) if number.startswith(_CENTS) else 0


class Coupons:
    """The coupons that a shop takes."""

    def __init__(self, coupons: Iterable[Coupon] = ()) -> None:
        self._by_name = {coupon.name: coupon for coupon in coupons}

    def __iter__(self) -> Iterator[Coupon]:
        return iter(self._by_name.values())

    def named(self, name: str) -> Coupon | None:
        return self._by_name.get(name)

    @cached_property
    def by_number(self) -> Mapping[str, Coupon]:
        return {coupon.number: coupon for coupon in self}

    def of(self, basket: Basket) -> tuple[Coupon, ...]:
        """Those that were handed in, in their order; one that has left the list since is passed over."""
        names = basket.circumstances.coupons
        return tuple(self._by_name[name] for name in names if name in self._by_name)

    def applied(self, basket: Basket) -> Basket:
        """The basket with what its coupons take off, after all promotions.

        Percentages come before amounts, then by name: the order of handing in changes nothing, and this
        one is never worse for the shopper. Lines whose discount changes are marked as changed.
        """
        if not basket.circumstances.coupons:
            return basket
        for coupon in sorted(self.of(basket), key=lambda coupon: (-coupon.percent, coupon.name)):
            basket = _taken_off(basket, coupon)
        return basket


NO_COUPONS = Coupons()


def _promoted_minor(line: Line) -> int:
    """What the goods of a line cost after promotions, before any coupon."""
    others = (reduction.amount_minor for reduction in line.reductions if not reduction.by.startswith(BY))
    return line.gross_minor - sum(others)


def _taken_off(basket: Basket, coupon: Coupon) -> Basket:
    """What one coupon takes off, line by line; an amount is split so that the parts sum to it."""
    if coupon.missing_minor(basket) != 0 or not (coupon.percent or coupon.amount_minor):
        return basket
    meant = [line for line in basket.lines if coupon.means(line)]
    left = [line.gross_minor - line.discount_minor for line in meant]
    if coupon.percent:
        parts = [percent_of(minor, coupon.percent) for minor in left]
    else:
        parts = prorate(min(coupon.amount_minor, sum(left)), left)
    off = dict(zip((line.number for line in meant), parts, strict=True))
    lines = tuple(_cheaper(line, coupon, off.get(line.number, 0), basket.version) for line in basket.lines)
    return replace(basket, lines=lines)


def _cheaper(line: Line, coupon: Coupon, off_minor: int, version: int) -> Line:
    if not off_minor:
        return line
    return replace(line, reductions=(*line.reductions, Reduction(coupon.by, off_minor)), changed=version)
