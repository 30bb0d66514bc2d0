"""Parked baskets: put aside on one lane, gone on with on another, by whoever holds the code.

A parked basket keeps its lines, its prices and its tags. The code is for the shopper alone: it stands
neither in the journal nor on the lane's screen once the next shopper has begun.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace

from checkout import basket as states
from checkout import events
from checkout.basket import Basket, Parked
from checkout.endings import free_lane, give_up
from checkout.errors import Refused
from checkout.ports import Books, Chance, Page
from checkout.pricing import priced
from checkout.restrictions import AGE_CHECK, age_check_of, ages_asked
from checkout.staff import By, acted

CODE_PREFIX = "EMMAP."
_CODE = re.compile(r"EMMAP\.[\w-]{1,64}", re.ASCII)
PARKED_MAX = 200
"""More at once are no shoppers who changed lanes."""
KEPT_HOURS = 4


def is_parking_code(text: str) -> bool:
    return text.strip().startswith(CODE_PREFIX)


def resume(page: Page, lane: str, code: str, now: dt.datetime, request_key: str = "") -> Basket:
    """Open the basket behind a code on this lane, as it was. A repeated request gives what is there.

    Raises Refused: parking_gone for a code without a basket, or whose time is over; lane_taken where
    another basket has something in it; basket_being_paid.
    """
    if page.seen_before(request_key) and (here := page.basket_on(lane)) is not None:
        return here
    parked = page.parked_under(code.strip()) if _CODE.fullmatch(code.strip()) else None
    basket = page.basket(parked.basket) if parked else None
    if parked is None or basket is None or dt.datetime.fromisoformat(parked.until) <= now:
        raise Refused("parking_gone")
    _clear_lane(page, lane)
    resumed = basket.resumed_on(lane)
    page.save_basket(resumed)
    page.forget_parked(basket.id)
    page.announce(events.BasketResumed(basket.id, parked.lane), lane)
    if ages_asked(resumed):
        page.open_task(AGE_CHECK, age_check_of(resumed), lane)
    return resumed


def _clear_lane(page: Page, lane: str) -> None:
    """Make room: an empty basket is given up, a paid one is over. Raises `Refused`."""
    here = page.basket_on(lane)
    if here is None:
        return
    if here.state == states.PAYING:
        raise Refused("basket_being_paid")
    if here.state == states.PAID:
        free_lane(page, here)
    elif here.standing:
        raise Refused("lane_taken")
    else:
        give_up(page, here, "shopper")


class Parking:
    """The use cases of parking, for all lanes of one store."""

    def __init__(
        self,
        books: Books,
        *,
        clock: Callable[[], dt.datetime],
        chance: Chance,
        kept: dt.timedelta = dt.timedelta(hours=KEPT_HOURS),
    ) -> None:
        """`kept` is how long a basket waits for its shopper."""
        self._books = books
        self._clock = clock
        self._chance = chance
        self._kept = kept

    def park(self, lane: str, reason: str = "shopper", request_key: str = "", by: By | None = None) -> Parked:
        """Put the lane's basket aside; the lane is free at once. The visit goes on with the basket.

        Raises Refused: basket_empty, basket_being_paid, parking_full, not_allowed. Asked twice with one
        key it gives the same answer twice, as long as the basket is parked.
        """
        with self._books.page() as page:
            basket = page.basket_on(lane)
            if page.seen_before(request_key):
                return _last_parked_on(page, lane)
            if basket is None or basket.state == states.PAID or not basket.standing:
                raise Refused("basket_empty")
            if basket.state == states.PAYING:
                raise Refused("basket_being_paid")
            parked = self._park(page, basket, reason)
            acted(page, by, "park", basket.id, lane)
            return parked

    def park_left(self, page: Page, basket: Basket, reason: str) -> None:
        """For a basket whose shopper walked away: nothing personal is kept, the goods may be fetched.

        An empty basket, or one too many, is given up instead.
        """
        if not basket.standing or len(page.parked()) >= PARKED_MAX:
            give_up(page, basket, reason)
            return
        if basket.visit:
            page.end_visit(basket.visit)
            page.announce(events.ShopperDismissed(basket.id, basket.visit, reason), basket.lane)
            stranger = replace(basket, visit="", version=basket.version + 1)
            basket = priced(stranger, page.promotions(""))
        self._park(page, basket, reason)

    def resume(self, lane: str, code: str, request_key: str = "", by: By | None = None) -> Basket | None:
        """Go on with a parked basket on this lane; see `resume`. A repeated request gives what is there."""
        with self._books.page() as page:
            if page.seen_before(request_key):
                return page.basket_on(lane)
            basket = resume(page, lane, code, self._clock())
            acted(page, by, "resume", basket.id, lane)
            return basket

    def expire(self) -> int:
        """Give up every parked basket whose time is over; says how many."""
        return self._end("expired", self._clock())

    def close_day(self) -> int:
        """Give up all parked baskets: the shop closes. Says how many."""
        return self._end("closing", dt.datetime.max.replace(tzinfo=dt.UTC))

    # How it is done

    def _park(self, page: Page, basket: Basket, reason: str) -> Parked:
        if len(page.parked()) >= PARKED_MAX:
            raise Refused("parking_full", limit=PARKED_MAX)
        now = self._clock()
        until = (now + self._kept).isoformat(timespec="seconds")
        code = CODE_PREFIX + self._chance.secret()
        parked = Parked(basket.id, code, basket.lane, now.isoformat(timespec="seconds"), until)
        circumstances = replace(basket.circumstances, gift_card="")  # whoever finds the code finds no money
        page.save_basket(replace(basket, circumstances=circumstances).in_state(states.PARKED))
        page.save_parked(parked)
        page.close_tasks(age_check_of(basket), "parked")
        page.announce(events.BasketParked(basket.id, reason, until), basket.lane)
        return parked

    def _end(self, reason: str, now: dt.datetime) -> int:
        with self._books.page() as page:
            over = [parked for parked in page.parked() if dt.datetime.fromisoformat(parked.until) <= now]
            for parked in over:
                basket = page.basket(parked.basket)
                assert basket is not None, "a parked basket is never deleted"
                page.forget_parked(basket.id)
                give_up(page, basket, reason)
            return len(over)


def _last_parked_on(page: Page, lane: str) -> Parked:
    """What a repeated request is answered with; Refused(parking_gone) if it was resumed or given up since."""
    here = [parked for parked in page.parked() if parked.lane == lane]
    if not here:
        raise Refused("parking_gone")
    return here[-1]
