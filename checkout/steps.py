"""What the use cases of a basket share: find it, put a line on it, cross one out, price and save it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace

from checkout import basket as states
from checkout import events
from checkout.basket import Basket, Line, line_added
from checkout.catalogue import Article
from checkout.endings import free_lane, let_go
from checkout.errors import Refused
from checkout.measure import Measure
from checkout.ports import Chance, Page
from checkout.pricing import priced
from checkout.restrictions import (
    AGE_CHECK,
    SaleBan,
    age_check_of,
    ages_asked,
    refuse_banned,
    refuse_too_many,
)
from checkout.tax import vat_bp


class Steps:
    """The steps that the till and the rooms beside it take on their pages. All may raise `Refused`."""

    def __init__(
        self,
        *,
        clock: Callable[[], dt.datetime],
        chance: Chance,
        timezone: dt.tzinfo,
        language: str,
        bans: Sequence[SaleBan],
    ) -> None:
        """`timezone` says what time it is in the shop, `language` what a new shopper is spoken to in."""
        self._clock = clock
        self._chance = chance
        self._timezone = timezone
        self._language = language
        self._bans = bans

    def now(self) -> dt.datetime:
        """The moment, in UTC."""
        return self._clock()

    def here(self) -> dt.datetime:
        """The moment by the clock on the shop's wall, without a zone."""
        return self.now().astimezone(self._timezone).replace(tzinfo=None)

    def today(self) -> dt.date:
        """The day in the shop, which may be another one than in Greenwich."""
        return self.here().date()

    def day_of(self, at: str) -> dt.date:
        """The day in the shop of a moment in ISO 8601."""
        return dt.datetime.fromisoformat(at).astimezone(self._timezone).date()

    def opened(self, page: Page, lane: str, language: str) -> Basket:
        """The lane's open basket; a new one if there is none or the last one is paid."""
        basket = page.basket_on(lane)
        if basket is not None and basket.state == states.OPEN:
            return basket
        if basket is not None and basket.state == states.PAYING:
            raise Refused("basket_being_paid")
        if basket is not None:
            free_lane(page, basket)
        now = self.now().isoformat()
        basket = Basket(self._chance.id(), lane, states.OPEN, 1, (), language or self._language, now)
        page.save_basket(basket)
        page.announce(events.BasketOpened(basket.id), lane)
        return basket

    def to_change(self, page: Page, lane: str) -> Basket:
        """The lane's open basket, where there is one."""
        basket = page.basket_on(lane)
        if basket is None or basket.state == states.PAID:
            raise Refused("basket_empty")
        if basket.state == states.PAYING:
            raise Refused("basket_being_paid")
        return basket

    def saved(self, page: Page, basket: Basket) -> Basket:
        """Price and keep a basket that was changed."""
        basket = page.coupons.applied(priced(basket, page.promotions(basket.visit)))
        page.save_basket(basket)
        return basket

    def add(self, page: Page, basket: Basket, line: Line) -> Basket:
        """Put a line on the roll and say so. Its number and version are set here."""
        line = replace(line, number=len(basket.lines) + 1, changed=basket.version + 1)
        basket = self.saved(page, basket.with_line(line))
        page.announce(line_added(basket, basket.lines[-1]), basket.lane)
        if line.age_min and ages_asked(basket):
            page.open_task(AGE_CHECK, age_check_of(basket), basket.lane)
        return basket

    def put(self, page: Page, lane: str, line: Line) -> Basket:
        """Put a line on the roll of whichever basket is open on the lane."""
        return self.add(page, self.opened(page, lane, ""), line)

    def sell(
        self, page: Page, basket: Basket, article: Article, measure: Measure, how: str, epc: str = ""
    ) -> Basket:
        """Put so much of an article on the roll, at the price and the tax of this moment."""
        here = self.here()
        refuse_banned(self._bans, article.promoted_as, here)
        refuse_too_many(basket, article, measure.quantity)
        line = Line(
            number=0,
            gtin=article.gtin,
            quantity=measure.quantity,
            weight_g=measure.weight_g,
            length_mm=measure.length_mm,
            unit_price_minor=article.price_at(here, basket.circumstances.customer_group),
            vat_bp=vat_bp(article.vat, here.date(), eat_in=basket.circumstances.eat_in),
            how=how,
            changed=0,
            fixed_minor=measure.fixed_minor,
            epc=epc,
            vat=article.vat,
            groups=article.promoted_as,
            deposit_minor=article.deposit_minor,
            age_min=article.age_min,
        )
        return self.add(page, basket, line)

    def void(self, page: Page, basket: Basket, line: Line) -> Basket:
        """Cross a line out, and free what it held: tag, paper, pieces of a former receipt, a colleague."""
        let_go(page, line)
        if line.kind == states.EMPTIES:
            page.hand_back(basket.id, str(line.number))
        basket = basket.with_changed_line(replace(line, voided=True, reductions=()))
        basket = self.saved(page, basket)
        page.announce(events.LineVoided(basket.id, basket.version, line.number), basket.lane)
        if line.age_min > basket.circumstances.age_confirmed and not ages_asked(basket):
            page.close_tasks(age_check_of(basket), "gone")
        return basket
