"""Empties at the counter: handed back by the piece or the crate, or as a machine's voucher.

Each is a line that the shop pays for, at the tax rate of what it once came with
(UStAE 10.1 (8)). A basket may pay out more than it takes.
"""

from __future__ import annotations

from dataclasses import replace

from checkout.basket import EMPTIES, Basket, Line, checked_quantity
from checkout.catalogue import Article
from checkout.deposit import VOUCHER, EmptiesRules, refuse_above_limits
from checkout.errors import Refused
from checkout.handed_in import SLIP, HandedIn
from checkout.handed_in import VOUCHER as SEALED
from checkout.measure import Measure
from checkout.ports import Books, Page
from checkout.staff import Clerk
from checkout.steps import Steps
from checkout.tax import vat_bp
from checkout.vouchers import Voucher


class EmptiesDesk:
    """The use cases of empties, for all lanes of one store."""

    def __init__(self, books: Books, steps: Steps, rules: EmptiesRules) -> None:
        self._books = books
        self._steps = steps
        self.rules = rules

    def begin(self, lane: str, language: str = "", request_key: str = "") -> Basket:
        """From now on a scan on this lane hands an empty back. Raises `Refused`."""
        return self._turn(lane, True, language, request_key)

    def end(self, lane: str, request_key: str = "") -> Basket:
        """From now on a scan sells again. Raises `Refused`."""
        return self._turn(lane, False, "", request_key)

    def take_empties(
        self,
        lane: str,
        what: str,
        quantity: int = 1,
        *,
        clerk: Clerk | None = None,
        how: str = "tapped",
        language: str = "",
        request_key: str = "",
    ) -> Basket:
        """Take so many empties back: `what` is an article's GTIN, or a kind of deposit by its id.

        With a clerk more is taken at once than from a shopper alone. Raises Refused: empties_not_taken,
        empties_limit, quantity_not_possible, code_unknown, not_allowed.
        """
        if clerk is not None:
            clerk.must("serve")
        checked_quantity(quantity)
        with self._books.page() as page:
            basket = self._steps.opened(page, lane, language)
            if page.seen_before(request_key):
                return basket
            article = page.article(self.rules.kinds.gtin(what))
            if article is None:
                raise Refused("code_unknown")
            return self.take(page, basket, article, quantity, how, attended=clerk is not None)

    def take(
        self,
        page: Page,
        basket: Basket,
        article: Article,
        quantity: int,
        how: str,
        *,
        attended: bool = False,
    ) -> Basket:
        """Take empties of an article back on a page that is open already. Raises `Refused`."""
        if not article.deposit_minor or not self.rules.kinds.taken(article.deposit):
            raise Refused("empties_not_taken")
        line = self._line(basket, article, -article.deposit_minor, how)
        line = replace(line, quantity=quantity)
        refuse_above_limits(basket.with_line(line), self.rules.limits, attended=attended)
        return self._steps.add(page, basket, line)

    def take_scanned(
        self, page: Page, basket: Basket, article: Article, measure: Measure, how: str
    ) -> Basket:
        """Take back what was scanned: a pack's code means so many empties. Raises `Refused`."""
        return self.take(page, basket, article, measure.quantity, how)

    def read(self, text: str) -> Voucher | None:
        """The voucher that a scanned text is, None if it is none. Raises Refused(voucher_not_valid)."""
        return self.rules.vouchers.read(text)

    def redeem(
        self, lane: str, voucher: Voucher, *, how: str, language: str = "", request_key: str = ""
    ) -> Basket:
        """Pay a voucher out into the lane's basket. Raises Refused(voucher_used), also if another has it."""
        with self._books.page() as page:
            basket = self._steps.opened(page, lane, language)
            if page.seen_before(request_key):
                return basket
            article = page.article(VOUCHER.gtin)
            if article is None:
                raise Refused("empties_not_taken")  # this store has no deposit at all
            line = self._line(basket, article, -voucher.amount_minor, how)
            line = replace(line, fixed_minor=-voucher.amount_minor)
            paper = HandedIn(SEALED if voucher.sealed else SLIP, voucher.id, str(len(basket.lines) + 1))
            if not page.hand_in(basket.id, paper):
                raise Refused("voucher_used")
            return self._steps.add(page, basket, line)

    def _turn(self, lane: str, on: bool, language: str, request_key: str) -> Basket:
        with self._books.page() as page:
            basket = self._steps.opened(page, lane, language) if on else self._steps.to_change(page, lane)
            if page.seen_before(request_key) or basket.circumstances.empties == on:
                return basket
            circumstances = replace(basket.circumstances, empties=on)
            basket = replace(basket, circumstances=circumstances, version=basket.version + 1)
            return self._steps.saved(page, basket)

    def _line(self, basket: Basket, article: Article, unit_price_minor: int, how: str) -> Line:
        eat_in = basket.circumstances.eat_in
        return Line(
            number=0,
            gtin=article.gtin,
            quantity=1,
            weight_g=0,
            unit_price_minor=unit_price_minor,
            vat_bp=vat_bp(article.vat, self._steps.today(), eat_in=eat_in),
            how=how,
            changed=0,
            kind=EMPTIES,
            vat=article.vat,
        )
