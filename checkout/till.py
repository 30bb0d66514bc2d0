"""The till: what can be done with a basket, in shop words.

Each use case is one page in the books: it reads, decides, saves and announces
together or not at all. What comes in from screens carries a `request_key`, so
that a request repeated after a lost answer is carried out once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from checkout import basket as states
from checkout import events, gs1, parking
from checkout.basket import Basket, Line, checked_quantity, still_there
from checkout.coupon_desk import CouponDesk
from checkout.deposit import EmptiesRules, refuse_above_limits
from checkout.empties import EmptiesDesk
from checkout.endings import free_lane, give_up
from checkout.errors import Refused
from checkout.gift_card_desk import GiftCardDesk
from checkout.gift_cards import is_gift_card
from checkout.measure import ONE_PIECE, goods_of, loose_goods, must_not_be_recalled
from checkout.paper_desk import PaperDesk
from checkout.ports import Books, Chance, Page, TokenCheck
from checkout.restrictions import SaleBan, refuse_too_many
from checkout.staff import By, acted
from checkout.steps import Steps
from checkout.terms import Terms
from checkout.visits import Visits
from checkout.weighing import WeighingDesk


class _Looked(Exception):
    """Tears out the page on which something was only looked at."""


TRAY_TAGS_MAX = 500
"""More tags than this at once are not a shopper's basket."""


class Till:
    """The use cases up to payment, for all lanes of one store.

    What else happens to a basket has rooms of its own: `terms` of the sale, `visits` of known shoppers,
    `empties`, `coupons`, `gift_cards` and the `weighing` of loose goods. All of them take the same `steps`.
    """

    def __init__(
        self,
        books: Books,
        *,
        clock: Callable[[], dt.datetime],
        chance: Chance,
        check_token: TokenCheck,
        timezone: dt.tzinfo = dt.UTC,
        language: str = "de",
        bans: Sequence[SaleBan] = (),
        empties: EmptiesRules | None = None,
        when_left: Callable[[Page, Basket, str], None] = give_up,
    ) -> None:
        """`timezone` says what time it is in the shop, `language` what a new shopper is spoken to in.

        `bans` are the hours at which some things are not sold; `when_left` ends a basket left behind.
        """
        self._books = books
        self._when_left = when_left
        self.steps = Steps(clock=clock, chance=chance, timezone=timezone, language=language, bans=bans)
        self.terms = Terms(books, self.steps)
        self.visits = Visits(books, self.steps, chance=chance, check_token=check_token)
        self.empties = EmptiesDesk(books, self.steps, empties or EmptiesRules())
        self.coupons = CouponDesk(books, self.steps)
        self.paper = PaperDesk(books, self.coupons.take_off, self.steps.void)
        self.gift_cards = GiftCardDesk(books, self.steps, chance=chance)
        self.weighing = WeighingDesk(books, self.steps, chance=chance)

    def open(self, lane: str, language: str, request_key: str = "") -> Basket:
        """A new basket for the next shopper; an open one is kept as it is."""
        with self._books.page() as page:
            basket = page.basket_on(lane)
            if page.seen_before(request_key) and basket is not None:
                return basket
            return self.steps.opened(page, lane, language)

    def scan(
        self,
        lane: str,
        text: str,
        *,
        how: str,
        symbology: str = "",
        language: str = "",
        request_key: str = "",
    ) -> Basket:
        """Put what a code means into the lane's basket, or greet the shopper whose token it is.

        A voucher is paid out, a coupon or a gift card handed in; while empties are handed back, what is
        scanned is one.

        `how` is serial, camera, wedge, typed, tapped or phone. Raises `Refused`, and
        announces it on the lane, because nobody waits for a scanner's answer.
        """
        try:
            return self._scan(lane, text, how, symbology, language, request_key)
        except Refused as refused:  # announced on a page of its own: the page it happened on is torn out
            self.refuse_scan(lane, refused.reason, how)
            raise

    def look(self, lane: str, text: str, *, symbology: str = "") -> Line:
        """The line that a code would put on the roll, priced with all that lies there; nothing is kept.

        Raises `Refused` as `scan` does, and announces nothing; code_unknown for what is no goods.
        """
        code = gs1.read_code(text, symbology)
        if isinstance(code, gs1.TokenCode | gs1.CouponCode):
            raise Refused("code_unknown")
        seen: list[Line] = []
        try:
            with self._books.page() as page:
                basket = self.steps.opened(page, lane, "")
                for article, measure in goods_of(page, code, self.steps.here()):
                    if not article.for_sale:
                        raise Refused("empties_first")
                    basket = self.steps.sell(page, basket, article, measure, "")
                seen.append(basket.lines[-1])
                raise _Looked
        except _Looked:
            return seen[0]

    def add_measured(
        self,
        lane: str,
        gtin: str,
        *,
        weight_g: int = 0,
        length_mm: int = 0,
        how: str = "typed",
        request_key: str = "",
    ) -> Basket:
        """Put loose goods into the basket that a clerk has measured or cut off.

        Raises `Refused`: code_unknown, article_recalled, quantity_not_possible if not sold like that.
        """
        with self._books.page() as page:
            if page.seen_before(request_key):
                return still_there(page.basket_on(lane))
            article, measure = loose_goods(page, gtin, weight_g, length_mm)
            return self.steps.sell(page, self.steps.opened(page, lane, ""), article, measure, how)

    def refuse_scan(self, lane: str, reason: str, how: str) -> None:
        """Say on the lane that something could not be read at all."""
        with self._books.page() as page:
            basket = page.basket_on(lane)
            page.announce(events.ScanRefused(basket.id if basket else "", reason, how), lane)

    def lay_down(self, lane: str, epcs: Iterable[bytes], *, language: str = "") -> Basket:
        """Put all tagged pieces on the tray into the basket at once; pieces already in it stay.

        Unknown and foreign tags are passed over: whoever laid them down is told
        by `ScanRefused`, and nothing is charged for them. So are those above `TRAY_TAGS_MAX`.
        """
        laid = sorted(set(epcs))
        epcs, refusals = laid[:TRAY_TAGS_MAX], ["basket_full"] * (len(laid) > TRAY_TAGS_MAX)
        with self._books.page() as page:
            basket = self.steps.opened(page, lane, language)
            for epc in epcs:
                try:
                    basket = self.lay(page, basket, epc, "tray")
                except Refused as refused:
                    refusals.append(refused.reason)
            for reason in sorted(set(refusals)):
                page.announce(events.ScanRefused(basket.id, reason, "tray"), lane)
        return basket

    def lay(self, page: Page, basket: Basket, epc: bytes, how: str) -> Basket:
        """Put one tagged piece into an open basket, on the caller's page; one that lies in it stays.

        Raises `Refused`: tag_unknown, tag_sold, tag_in_other_basket, article_recalled, or as `Steps.sell`.
        """
        article = page.article(gs1.gtin_of_epc(epc))
        if article is None:
            raise Refused("tag_unknown")
        tag = epc.hex().upper()
        holder = page.epc_holder(tag)
        if holder == basket.id:
            return basket
        must_not_be_recalled(page, article)
        if holder is not None:
            raise Refused("tag_sold" if holder == "sold" else "tag_in_other_basket")
        basket = self.steps.sell(page, basket, article, ONE_PIECE, how, tag)
        page.hold_epc(tag, basket.id)  # not before: a full basket holds nothing
        return basket

    def lift(self, lane: str, epcs: Iterable[bytes]) -> Basket | None:
        """Take tagged pieces that left the tray out of the basket, if it is still open."""
        gone = {epc.hex().upper() for epc in epcs}
        with self._books.page() as page:
            basket = page.basket_on(lane)
            if basket is None or basket.state != states.OPEN:
                return basket
            for line in basket.standing:
                if line.epc in gone:
                    basket = self.steps.void(page, basket, line)
            return basket

    def change_quantity(self, lane: str, line_number: int, quantity: int, request_key: str = "") -> Basket:
        """Set how many pieces a line counts. Raises `Refused`."""
        with self._books.page() as page:
            basket = self.steps.to_change(page, lane)
            if page.seen_before(request_key):
                return basket
            line = basket.line(line_number)
            checked_quantity(quantity)
            if not line.countable:
                raise Refused("quantity_not_possible", limit=1)
            article = page.article(line.gtin)
            if article is not None:
                refuse_too_many(basket, article, quantity - line.quantity)
            basket = basket.with_changed_line(replace(line, quantity=quantity))
            if line.kind == states.EMPTIES and quantity > line.quantity:
                refuse_above_limits(basket, self.empties.rules.limits, attended=False)
            basket = self.steps.saved(page, basket)
            line = basket.line(line_number)
            page.announce(
                events.LineChanged(basket.id, basket.version, line.number, quantity, line.total_minor), lane
            )
            return basket

    def void(self, lane: str, line_number: int, request_key: str = "", by: By | None = None) -> Basket:
        """Take a line off the roll; it stays to be seen as crossed out. Raises `Refused`."""
        with self._books.page() as page:
            basket = self.steps.to_change(page, lane)
            if page.seen_before(request_key):
                return basket
            acted(page, by, "void", basket.id, lane)
            return self.steps.void(page, basket, basket.line(line_number))

    def stay(self, lane: str, request_key: str = "") -> None:
        """The shopper is still there: whoever wants to end the basket as it was seen before must not.

        Not announced: nothing has changed but the version.
        """
        with self._books.page() as page:
            basket = page.basket_on(lane)
            if not page.seen_before(request_key) and basket is not None and basket.state == states.OPEN:
                page.save_basket(replace(basket, version=basket.version + 1))

    def cancel(
        self,
        lane: str,
        reason: str = "shopper",
        request_key: str = "",
        by: By | None = None,
        *,
        seen: Basket | None = None,
    ) -> None:
        """Give the whole basket up, if it is still as it was `seen`; the lane is free. Raises `Refused`."""
        with self._books.page() as page:
            if page.seen_before(request_key):
                return
            basket = page.basket_on(lane)
            if seen is not None and basket != seen:
                return
            if basket is None:
                raise Refused("nothing_to_cancel")
            if basket.state == states.PAID:
                free_lane(page, basket)
            elif basket.state == states.PAYING:
                raise Refused("basket_being_paid")
            else:
                acted(page, by, "cancel", basket.id, lane, worth_minor=basket.total_minor)
                (self._when_left if reason == "left" else give_up)(page, basket, reason)

    def ask_for_help(self, lane: str, request_key: str = "") -> None:
        """Call a human to the lane."""
        with self._books.page() as page:
            if page.seen_before(request_key):
                return
            basket = page.basket_on(lane)
            page.announce(events.HelpAsked(basket.id if basket else ""), lane)
            page.open_task("help", lane, lane)

    # How it is done

    def _scan(
        self, lane: str, text: str, how: str, symbology: str, language: str, request_key: str
    ) -> Basket:
        voucher = self.empties.read(text)
        if voucher is not None:
            return self.empties.redeem(lane, voucher, how=how, language=language, request_key=request_key)
        if parking.is_parking_code(text):
            with self._books.page() as page:
                return parking.resume(page, lane, text, self.steps.now(), request_key)
        if is_gift_card(text, symbology):
            return self.gift_cards.hand_in(lane, text, request_key, language)
        code = self.coupons.own(text) or gs1.read_code(text, symbology)
        if isinstance(code, gs1.TokenCode):
            return self.visits.identify(lane, code.text, language, request_key)
        if isinstance(code, gs1.CouponCode):
            return self.coupons.hand_in(lane, code, how=how, language=language, request_key=request_key)
        with self._books.page() as page:
            if page.seen_before(request_key):
                return still_there(page.basket_on(lane))
            goods = goods_of(page, code, self.steps.here())
            basket = self.steps.opened(page, lane, language)
            for article, measure in goods:
                if not (basket.circumstances.empties or article.for_sale):
                    raise Refused("empties_first")
                add = self.empties.take_scanned if basket.circumstances.empties else self.steps.sell
                basket = add(page, basket, article, measure, how)
            return basket
