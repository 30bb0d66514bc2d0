"""Paper that counts once in the chain, and what becomes of it when head office says no."""

from __future__ import annotations

from collections.abc import Callable

from checkout import events
from checkout.basket import OPEN, PARKED, Basket, Line
from checkout.handed_in import COUPON
from checkout.ports import Books, Page


class PaperDesk:
    """The use case of an answer that came late, for all lanes of one store."""

    def __init__(
        self,
        books: Books,
        keep_coupon: Callable[[Page, Basket, str], Basket],
        void: Callable[[Page, Basket, Line], Basket],
    ) -> None:
        """`keep_coupon` gives a coupon back by its name, `void` takes a line off."""
        self._books = books
        self._keep_coupon = keep_coupon
        self._void = void

    def used_elsewhere(self, basket_id: str, paper: str, id: str) -> bool:
        """Take what was used in another store out of a basket; shopper and staff are told.

        False if it stays: what was asked for stands once somebody is paying.
        """
        with self._books.page() as page:
            basket = page.basket(basket_id)
            held = [one for one in page.handed_in(basket_id) if (one.paper, one.id) == (paper, id)]
            if basket is None or not held:
                return True
            if basket.state not in (OPEN, PARKED):
                return False
            for one in held:
                if paper == COUPON:
                    basket = self._keep_coupon(page, basket, one.about)
                else:
                    basket = self._void(page, basket, basket.line(int(one.about)))
            if basket.state == OPEN:  # who parked it is not there to hear
                page.announce(events.ScanRefused(basket.id, f"{paper}_used_elsewhere", "chain"), basket.lane)
                page.open_task("paper_used", basket.id, basket.lane)
            return True
