"""Shoppers' own phones: one comes in, has a lane of its own for a visit, and makes room again.

A phone is known by a secret that only it has; the store keeps a digest of it. There are as many lanes as the
shop says. One that nobody was heard of for a while goes to the next who asks, never while a basket with
something in it lies on it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from checkout import basket as states
from checkout import events
from checkout.basket import Basket
from checkout.endings import free_lane, give_up
from checkout.errors import Refused
from checkout.phone_lane import PHONES_MAX, Phone, lane_of_phone
from checkout.ports import Books, Chance, Page

SEEN_AGAIN = dt.timedelta(seconds=60)
"""How often it is written down that a phone was heard of."""
MAKES_ROOM = dt.timedelta(minutes=3)
"""In a full shop, a phone with nothing in its basket keeps its lane for so long."""


@dataclass(frozen=True, slots=True)
class PhoneRules:
    """How many phones there may be at once, and for how long one without a basket is remembered."""

    phones_max: int = 50
    idle: dt.timedelta = dt.timedelta(minutes=30)

    def __post_init__(self) -> None:
        assert 0 <= self.phones_max <= PHONES_MAX


def digest_of(secret: str) -> str:
    """What the store keeps of a phone's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Phones:
    """The use cases of coming in by phone and going again. All may raise `Refused`."""

    def __init__(
        self,
        books: Books,
        *,
        clock: Callable[[], dt.datetime],
        chance: Chance,
        rules: PhoneRules = PhoneRules(),
    ) -> None:
        self._books = books
        self._clock = clock
        self._chance = chance
        self._rules = rules

    def join(self, secret: str) -> Phone:
        """A lane for the phone with this secret; the one it has, if it has one. Refused(phones_full)."""
        key = digest_of(secret)
        with self._books.page() as page:
            known = page.phone_by_key(key)
            if known is not None:
                return known
            phones = page.phones()
            lane = self._free_lane(page, phones) or self._made_room(page, phones)
            if not lane:
                raise Refused("phones_full")
            now = self._now()
            phone = Phone(self._chance.id(), key, lane, now, now)
            page.save_phone(phone)
            page.announce(events.PhoneJoined(phone.id), lane)
            return phone

    def heard_of(self, phone: Phone) -> None:
        """Its shopper is there: write it down, now and then."""
        if self._age(phone.seen) < SEEN_AGAIN:
            return
        with self._books.page() as page:
            known = page.phone_by_key(phone.key)
            if known is not None:
                page.save_phone(replace(known, seen=self._now()))

    def keep_card(self, phone: Phone, mandate: str) -> None:
        """The shopper left a card with the payment provider, for this visit."""
        with self._books.page() as page:
            known = page.phone_by_key(phone.key)
            if known is None:
                raise Refused("phone_gone")
            page.save_phone(replace(known, mandate=mandate))

    def leave(self, phone: Phone, reason: str = "shopper") -> None:
        """The visit is over: an unpaid basket is given up, the lane is free. Refused(basket_being_paid)."""
        with self._books.page() as page:
            if page.phone_by_key(phone.key) is None:
                return
            self._end(page, phone, reason)

    def expire(self) -> int:
        """End every phone without a basket that nobody was heard of for long; says how many."""
        with self._books.page() as page:
            idle = [
                phone
                for phone in page.phones()
                if self._age(phone.seen) >= self._rules.idle and page.basket_on(phone.lane) is None
            ]
            for phone in idle:
                self._end(page, phone, "left")
            return len(idle)

    # How it is done

    def _free_lane(self, page: Page, phones: Sequence[Phone]) -> str:
        """The lowest number that nobody has, and on which nothing was left; "" if there is none."""
        taken = {phone.lane for phone in phones}
        lanes = (lane_of_phone(number) for number in range(1, self._rules.phones_max + 1))
        return next((lane for lane in lanes if lane not in taken and page.basket_on(lane) is None), "")

    def _made_room(self, page: Page, phones: Sequence[Phone]) -> str:
        """The lane of whoever has nothing in the basket and was not heard of the longest; "" if nobody."""
        for phone in sorted(phones, key=lambda one: (one.seen, one.lane)):
            basket = page.basket_on(phone.lane)
            if self._age(phone.seen) >= MAKES_ROOM and _is_idle(basket):
                self._end(page, phone, "left")
                return phone.lane
        return ""

    def _end(self, page: Page, phone: Phone, reason: str) -> None:
        basket = page.basket_on(phone.lane)
        if basket is not None and basket.state == states.PAYING:
            raise Refused("basket_being_paid")
        if basket is not None and basket.state == states.PAID:
            free_lane(page, basket)
        elif basket is not None:
            give_up(page, basket, reason)
        page.forget_phone(phone.id)
        page.announce(events.PhoneLeft(phone.id, reason), phone.lane)

    def _now(self) -> str:
        return self._clock().isoformat(timespec="seconds")

    def _age(self, at: str) -> dt.timedelta:
        """A clock that was set back makes nobody older."""
        return self._clock() - dt.datetime.fromisoformat(at)


def _is_idle(basket: Basket | None) -> bool:
    return basket is None or (basket.state == states.OPEN and not basket.standing)
