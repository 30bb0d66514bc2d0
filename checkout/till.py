"""The till: what can be done with a basket, in shop words.

Each use case is one page in the books: it reads, decides, saves and announces
together or not at all. What comes in from screens carries a `request_key`, so
that a request repeated after a lost answer is carried out once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import replace

from checkout import basket as states
from checkout import events, gs1
from checkout.basket import Basket, Line, checked_quantity
from checkout.catalogue import Article
from checkout.errors import Refused
from checkout.measure import ONE_PIECE, Measure, measured
from checkout.ports import Books, Chance, Page, TokenCheck
from checkout.pricing import priced
from checkout.shopper import VisitCard

TRAY_TAGS_MAX = 500
"""More tags than this at once are not a shopper's basket."""


class Till:
    """The use cases up to payment, for all lanes of one store."""

    def __init__(
        self,
        books: Books,
        *,
        clock: Callable[[], dt.datetime],
        chance: Chance,
        check_token: TokenCheck,
        timezone: dt.tzinfo = dt.UTC,
        language: str = "de",
    ) -> None:
        """`timezone` says which day it is in the shop, `language` what a new shopper is spoken to in."""
        self._language = language
        self._books = books
        self._clock = clock
        self._chance = chance
        self._check_token = check_token
        self._timezone = timezone

    def open(self, lane: str, language: str, request_key: str = "") -> Basket:
        """A new basket for the next shopper; an open one is kept as it is."""
        with self._books.page() as page:
            basket = page.basket_on(lane)
            if page.seen_before(request_key) and basket is not None:
                return basket
            return self._open_basket(page, lane, language)

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

        `how` is serial, camera, wedge, typed or tapped. Raises `Refused`, and
        announces it on the lane, because nobody waits for a scanner's answer.
        """
        try:
            return self._scan(lane, text, how, symbology, language, request_key)
        except Refused as refused:  # announced on a page of its own: the page it happened on is torn out
            self.refuse_scan(lane, refused.reason, how)
            raise

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
            basket = self._open_basket(page, lane, language)
            for epc in epcs:
                try:
                    basket = self._add_tagged(page, basket, epc)
                except Refused as refused:
                    refusals.append(refused.reason)
            for reason in sorted(set(refusals)):
                page.announce(events.ScanRefused(basket.id, reason, "tray"), lane)
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
                    basket = self._void(page, basket, line)
            return basket

    def change_quantity(self, lane: str, line_number: int, quantity: int, request_key: str = "") -> Basket:
        """Set how many pieces a line counts. Raises `Refused`."""
        with self._books.page() as page:
            basket = self._basket_to_change(page, lane)
            if page.seen_before(request_key):
                return basket
            line = basket.line(line_number)
            checked_quantity(quantity)
            if not line.countable:
                raise Refused("quantity_not_possible", limit=1)
            basket = basket.with_changed_line(replace(line, quantity=quantity))
            basket = self._saved(page, basket)
            line = basket.line(line_number)
            page.announce(
                events.LineChanged(basket.id, basket.version, line.number, quantity, line.total_minor), lane
            )
            return basket

    def void(self, lane: str, line_number: int, request_key: str = "") -> Basket:
        """Take a line off the roll; it stays to be seen as crossed out. Raises `Refused`."""
        with self._books.page() as page:
            basket = self._basket_to_change(page, lane)
            if page.seen_before(request_key):
                return basket
            return self._void(page, basket, basket.line(line_number))

    def stay(self, lane: str, request_key: str = "") -> None:
        """The shopper is still there: whoever wants to end the basket as it was seen before must not.

        Not announced: nothing has changed but the version.
        """
        with self._books.page() as page:
            basket = page.basket_on(lane)
            if not page.seen_before(request_key) and basket is not None and basket.state == states.OPEN:
                page.save_basket(replace(basket, version=basket.version + 1))

    def cancel(
        self, lane: str, reason: str = "shopper", request_key: str = "", *, seen: Basket | None = None
    ) -> None:
        """Give the whole basket up; the lane is free for the next shopper. Raises `Refused`.

        `seen` guards against a late decision: nothing is done if the basket has changed since.
        """
        with self._books.page() as page:
            if page.seen_before(request_key):
                return
            basket = page.basket_on(lane)
            if seen is not None and basket != seen:
                return
            if basket is None:
                raise Refused("nothing_to_cancel")
            if basket.state == states.PAID:
                self._close(page, basket)
                return
            if basket.state == states.PAYING:
                raise Refused("basket_being_paid")
            page.save_basket(basket.in_state(states.CANCELLED))
            for line in basket.standing:
                if line.epc:
                    page.release_epc(line.epc)
            if basket.visit:
                page.end_visit(basket.visit)
            page.announce(events.BasketCancelled(basket.id, reason), lane)

    def dismiss_shopper(self, lane: str, reason: str = "shopper", visit: str = "") -> None:
        """Make the basket a stranger's again: offers go, goods stay. `visit` guards against a late answer."""
        with self._books.page() as page:
            basket = page.basket_on(lane)
            if basket is None or not basket.visit or visit not in ("", basket.visit):
                return
            if basket.state == states.PAID:
                return  # the visit ended with the sale
            page.end_visit(basket.visit)
            page.announce(events.ShopperDismissed(basket.id, basket.visit, reason), lane)
            stranger = replace(basket, visit="", version=basket.version + 1)
            if basket.state == states.OPEN:
                self._saved(page, stranger)
            else:
                page.save_basket(stranger)  # the amount that was asked for stands

    def welcome_shopper(self, visit: str, lane: str, card: VisitCard) -> None:
        """Head office answered for this visit: price the basket with the shopper's own offer."""
        with self._books.page() as page:
            basket = page.basket_on(lane)
            if basket is None or basket.visit != visit or basket.state not in (states.OPEN, states.PAYING):
                page.end_visit(visit)
                return
            page.save_visit_card(visit, card)
            if basket.state == states.OPEN:
                self._saved(page, replace(basket, version=basket.version + 1))
            page.announce(events.ShopperWelcomed(basket.id, visit, card.personal), lane)

    def decline_offer(self, lane: str, request_key: str = "") -> Basket:
        """Take the personal offer away at one tap. Raises Refused(offer_gone)."""
        with self._books.page() as page:
            basket = self._basket_to_change(page, lane)
            if page.seen_before(request_key):
                return basket
            card = page.visit_card(basket.visit) if basket.visit else None
            if card is None or card.offer is None:
                raise Refused("offer_gone")
            page.save_visit_card(basket.visit, card.without_offer())
            basket = self._saved(page, replace(basket, version=basket.version + 1))
            page.announce(events.OfferDeclined(basket.id, basket.visit, card.offer.offer), lane)
            return basket

    def speak(self, lane: str, language: str, request_key: str = "") -> Basket:
        """Go on in another language; screen and receipt follow. Opens a basket where there is none.

        Not announced: it changes how the sale is told, not what it is. Raises `Refused`.
        """
        with self._books.page() as page:
            basket = self._open_basket(page, lane, language)
            if page.seen_before(request_key) or basket.language == language:
                return basket
            return self._saved(page, replace(basket, language=language, version=basket.version + 1))

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
        code = gs1.read_code(text, symbology)
        if isinstance(code, gs1.TokenCode):
            return self._identify(lane, code.text, language, request_key)
        with self._books.page() as page:
            if page.seen_before(request_key):
                return _still_there(page.basket_on(lane))
            article, measure = self._meaning(page, code)
            basket = self._open_basket(page, lane, language)
            return self._add(page, basket, article, measure, how)

    def _open_basket(self, page: Page, lane: str, language: str) -> Basket:
        """The lane's open basket; a new one if there is none or the last one is paid."""
        basket = page.basket_on(lane)
        if basket is not None and basket.state == states.OPEN:
            return basket
        if basket is not None and basket.state == states.PAYING:
            raise Refused("basket_being_paid")
        if basket is not None:
            self._close(page, basket)
        now = self._clock().isoformat()
        basket = Basket(self._chance.id(), lane, states.OPEN, 1, (), language or self._language, now)
        page.save_basket(basket)
        page.announce(events.BasketOpened(basket.id), lane)
        return basket

    def _basket_to_change(self, page: Page, lane: str) -> Basket:
        basket = page.basket_on(lane)
        if basket is None or basket.state == states.PAID:
            raise Refused("basket_empty")
        if basket.state == states.PAYING:
            raise Refused("basket_being_paid")
        return basket

    def _today(self) -> dt.date:
        """The day it is in the shop, which is not always the day it is in Greenwich."""
        return self._clock().astimezone(self._timezone).date()

    def _close(self, page: Page, basket: Basket) -> None:
        page.save_basket(basket.in_state(states.CLOSED))
        page.announce(events.LaneFreed(basket.id), basket.lane)

    def _meaning(self, page: Page, code: gs1.ArticleCode | gs1.WeighedCode) -> tuple[Article, Measure]:
        """The article a code means, and how much of it."""
        if isinstance(code, gs1.ArticleCode):
            article = page.article(code.gtin)
            if article is None:
                raise Refused("code_unknown")
            if code.expiry is not None and code.expiry < self._today():
                raise Refused("article_expired")
            if article.unit == "kg":
                raise Refused("label_damaged")  # loose goods need a label from the scale
            return article, ONE_PIECE
        weighed = page.article_of_item(code.item)
        if weighed is None:
            raise Refused("code_unknown")
        return weighed, measured(weighed, code)

    def _add(
        self, page: Page, basket: Basket, article: Article, measure: Measure, how: str, epc: str = ""
    ) -> Basket:
        line = Line(
            number=len(basket.lines) + 1,
            gtin=article.gtin,
            quantity=measure.quantity,
            weight_g=measure.weight_g,
            unit_price_minor=article.price_minor,
            vat_bp=article.vat_bp,
            how=how,
            changed=basket.version + 1,
            fixed_minor=measure.fixed_minor,
            epc=epc,
        )
        basket = self._saved(page, basket.with_line(line))
        page.announce(_line_added(basket, basket.lines[-1]), basket.lane)
        return basket

    def _add_tagged(self, page: Page, basket: Basket, epc: bytes) -> Basket:
        article = page.article(gs1.gtin_of_epc(epc))
        if article is None:
            raise Refused("tag_unknown")
        tag = epc.hex().upper()
        holder = page.epc_holder(tag)
        if holder == basket.id:
            return basket
        if holder is not None:
            raise Refused("tag_sold" if holder == "sold" else "tag_in_other_basket")
        basket = self._add(page, basket, article, ONE_PIECE, "tray", tag)
        page.hold_epc(tag, basket.id)  # not before: a full basket holds nothing
        return basket

    def _void(self, page: Page, basket: Basket, line: Line) -> Basket:
        if line.epc:
            page.release_epc(line.epc)
        basket = basket.with_changed_line(replace(line, voided=True, discount_minor=0, offer=""))
        basket = self._saved(page, basket)
        page.announce(events.LineVoided(basket.id, basket.version, line.number), basket.lane)
        return basket

    def _saved(self, page: Page, basket: Basket) -> Basket:
        basket = priced(basket, page.promotions(basket.visit))
        page.save_basket(basket)
        return basket

    def _identify(self, lane: str, text: str, language: str, request_key: str) -> Basket:
        token = self._check_token(text)
        with self._books.page() as page:
            if page.seen_before(request_key):
                return _still_there(page.basket_on(lane))
            basket = self._open_basket(page, lane, language)
            if basket.visit:
                raise Refused("shopper_already_known")
            visit = self._chance.id()
            if not page.use_token(token, visit, basket.id, text):
                raise Refused("token_used")
            basket = self._saved(page, replace(basket, visit=visit, version=basket.version + 1))
            page.announce(events.ShopperIdentified(basket.id, visit, token), lane)
            return basket


def _still_there(basket: Basket | None) -> Basket:
    """What a repeated request is answered with; Refused(basket_empty) if the basket was given up since."""
    if basket is None:
        raise Refused("basket_empty")
    return basket


def _line_added(basket: Basket, line: Line) -> events.LineAdded:
    return events.LineAdded(
        basket.id,
        basket.version,
        line.number,
        line.gtin,
        line.quantity,
        line.weight_g,
        line.unit_price_minor,
        line.total_minor,
        line.vat_bp,
        line.how,
        line.epc,
    )
