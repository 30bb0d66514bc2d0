"""Coupons at the counter: handed in, kept after all, and used up by the sale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from checkout import events
from checkout.basket import EMPTIES, Basket
from checkout.errors import Refused
from checkout.gs1 import CouponCode
from checkout.handed_in import COUPON, VOUCHER, HandedIn
from checkout.ports import Books, Page
from checkout.steps import Steps

COUPONS_MAX = 20
"""A basket with more of them is no shopper's."""


class CouponDesk:
    """The use cases of coupons, for all lanes of one store."""

    def __init__(self, books: Books, steps: Steps) -> None:
        self._books = books
        self._steps = steps

    def own(self, text: str) -> CouponCode | None:
        """The coupon that is known by a word of the shop's own."""
        text = text.strip()
        return CouponCode(text) if text in self._books.coupons.by_number else None

    def hand_in(
        self, lane: str, code: CouponCode, *, how: str, language: str = "", request_key: str = ""
    ) -> Basket:
        """Put a coupon into the lane's basket; it takes something off as soon as it fits.

        Raises Refused: coupon_unknown, coupon_expired, coupon_used, coupons_full.
        """
        coupon = self._books.coupons.by_number.get(code.number)
        if coupon is None:
            raise Refused("coupon_unknown")
        if not coupon.valid_on(self._steps.today()):
            raise Refused("coupon_expired")
        with self._books.page() as page:
            basket = self._steps.opened(page, lane, language)
            if page.seen_before(request_key):
                return basket
            if coupon.name in basket.circumstances.coupons:
                raise Refused("coupon_used")
            if len(basket.circumstances.coupons) >= COUPONS_MAX:
                raise Refused("coupons_full", limit=COUPONS_MAX)
            paper = HandedIn(COUPON, f"{code.number}{code.serial}", coupon.name)
            if coupon.times_max and not page.hand_in(basket.id, paper, coupon.times_max):
                raise Refused("coupon_used")
            basket = self._with(page, basket, (*basket.circumstances.coupons, coupon.name))
            page.announce(events.CouponHandedIn(basket.id, basket.version, coupon.name, how), lane)
            return basket

    def take_back(self, lane: str, name: str, request_key: str = "") -> Basket:
        """The shopper keeps a coupon; it may be handed in again. Raises `Refused`."""
        with self._books.page() as page:
            basket = self._steps.to_change(page, lane)
            if page.seen_before(request_key):
                return basket
            if name not in basket.circumstances.coupons:
                raise Refused("coupon_gone")
            return self.take_off(page, basket, name)

    def take_off(self, page: Page, basket: Basket, name: str) -> Basket:
        """A coupon that head office does not let count leaves the basket, on a page that is open already."""
        page.hand_back(basket.id, name)
        kept = tuple(other for other in basket.circumstances.coupons if other != name)
        basket = self._with(page, basket, kept)
        page.announce(events.CouponTakenBack(basket.id, basket.version, name), basket.lane)
        return basket

    def _with(self, page: Page, basket: Basket, names: tuple[str, ...]) -> Basket:
        circumstances = replace(basket.circumstances, coupons=names)
        basket = replace(basket, circumstances=circumstances, version=basket.version + 1)
        return self._steps.saved(page, basket)


def may_hold_paper(basket: Basket) -> bool:
    return bool(basket.circumstances.coupons) or any(line.kind == EMPTIES for line in basket.standing)


def used_up(page: Page, basket: Basket) -> Iterator[events.Event]:
    """What a sale used of the paper that lay in its basket; a coupon that took nothing off is free again."""
    held = page.handed_in(basket.id)
    for paper in held:
        if paper.paper != COUPON:
            amount_minor = -basket.lines[int(paper.about) - 1].total_minor
            yield events.VoucherRedeemed(basket.id, paper.id, amount_minor, paper.paper == VOUCHER)
    ids = {paper.about: paper.id for paper in held if paper.paper == COUPON}
    for coupon in page.coupons.of(basket):
        given = [r.amount_minor for line in basket.standing for r in line.reductions if r.by == coupon.by]
        if given:
            yield events.CouponRedeemed(
                basket.id, coupon.name, ids.get(coupon.name, ""), coupon.times_max, sum(given)
            )
        else:
            page.hand_back(basket.id, coupon.name)
