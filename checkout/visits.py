"""Who is shopping here: from the code they show to the end of the visit.

Each use case is a page in the books, as in `till.py`.
"""

from __future__ import annotations

from dataclasses import replace

from checkout import basket as states
from checkout import events
from checkout.basket import Basket, still_there
from checkout.errors import Refused
from checkout.ports import Books, Chance, Page, TokenCheck
from checkout.shopper import VisitCard
from checkout.steps import Steps


class Visits:
    """The use cases of a known shopper, for all lanes of one store."""

    def __init__(self, books: Books, steps: Steps, *, chance: Chance, check_token: TokenCheck) -> None:
        self._books = books
        self._steps = steps
        self._chance = chance
        self._check_token = check_token

    def identify(self, lane: str, text: str, language: str, request_key: str) -> Basket:
        """Greet the shopper whose one-time token this is. Raises `Refused`."""
        token = self.token_of(text)
        with self._books.page() as page:
            if page.seen_before(request_key):
                return still_there(page.basket_on(lane))
            return self.greet(page, lane, token, text, language)

    def token_of(self, text: str) -> str:
        """The random id of a good token. Raises Refused: token_unreadable, token_forged, token_expired."""
        return self._check_token(text)

    def greet(self, page: Page, lane: str, token: str, text: str, language: str) -> Basket:
        """The step of `identify` on the caller's page. Raises `Refused`."""
        basket = self._steps.opened(page, lane, language)
        if basket.visit:
            raise Refused("shopper_already_known")
        visit = self._chance.id()
        if not page.use_token(token, visit, basket.id, text):
            raise Refused("token_used")
        basket = self._steps.saved(page, replace(basket, visit=visit, version=basket.version + 1))
        page.announce(events.ShopperIdentified(basket.id, visit, token), lane)
        return basket

    def dismiss(self, lane: str, reason: str = "shopper", visit: str = "") -> None:
        """Make the basket a stranger's again: offers go, goods stay. `visit` guards against a late answer."""
        with self._books.page() as page:
            self.part(page, lane, reason, visit)

    def part(self, page: Page, lane: str, reason: str, visit: str) -> None:
        """The step of `dismiss` on the caller's page."""
        basket = page.basket_on(lane)
        if basket is None or not basket.visit or visit not in ("", basket.visit):
            return
        if basket.state == states.PAID:
            return  # the visit ended with the sale
        page.end_visit(basket.visit)
        page.announce(events.ShopperDismissed(basket.id, basket.visit, reason), lane)
        stranger = replace(basket, visit="", version=basket.version + 1)
        if basket.state == states.OPEN:
            self._steps.saved(page, stranger)
        else:
            page.save_basket(stranger)  # the amount that was asked for stands

    def welcome(self, visit: str, lane: str, card: VisitCard) -> None:
        """Head office answered for this visit: price the basket with the shopper's own offer."""
        with self._books.page() as page:
            basket = page.basket_on(lane)
            if basket is None or basket.visit != visit or basket.state not in (states.OPEN, states.PAYING):
                page.end_visit(visit)
                return
            page.save_visit_card(visit, card)
            if basket.state == states.OPEN:
                self._steps.saved(page, replace(basket, version=basket.version + 1))
            page.announce(events.ShopperWelcomed(basket.id, visit, card.personal), lane)

    def hear_again(self, visit: str, lane: str, card: VisitCard) -> None:
        """Head office was asked once more: what the shopper has taken back goes at once."""
        with self._books.page() as page:
            basket, known = page.basket_on(lane), page.visit_card(visit)
            if basket is None or basket.visit != visit or known is None:
                return
            left = known.still(card)
            if left == known or basket.state not in (states.OPEN, states.PAYING):
                return
            page.save_visit_card(visit, left)
            if basket.state == states.OPEN:  # an amount that was asked for stands
                self._steps.saved(page, replace(basket, version=basket.version + 1))
            page.announce(events.ShopperWelcomed(basket.id, visit, left.personal), lane)

    def decline_offer(self, lane: str, request_key: str = "") -> Basket:
        """Take the personal offer away at one tap. Raises Refused(offer_gone)."""
        with self._books.page() as page:
            basket = self._steps.to_change(page, lane)
            if page.seen_before(request_key):
                return basket
            card = page.visit_card(basket.visit) if basket.visit else None
            if card is None or card.offer is None:
                raise Refused("offer_gone")
            page.save_visit_card(basket.visit, card.without_offer())
            basket = self._steps.saved(page, replace(basket, version=basket.version + 1))
            page.announce(events.OfferDeclined(basket.id, basket.visit, card.offer.offer), lane)
            return basket
