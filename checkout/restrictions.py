"""What may not be sold to everybody, at any hour, or in any number.

Ages are those of the Jugendschutzgesetz (JuSchG): beer, wine and sparkling wine from 16 (§ 9 (1) no. 1),
spirits and what is mixed with them from 18 (§ 9 (1) no. 2), tobacco, e-cigarettes and their liquids from 18
(§ 10). Staff look once per basket; what is kept is the age in years they confirmed, never a date of birth.

Hours at which a group of articles is not sold are the shop's or its state's to set (Baden-Württemberg forbade
alcohol from 22 to 5 o'clock until 2017); Germany has none of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from checkout.basket import GOODS, Basket, Line
from checkout.catalogue import Article
from checkout.errors import Refused

AGE_CHECK = "age_check"
"""The kind of task by which staff are asked to look."""


@dataclass(frozen=True, slots=True)
class SaleBan:
    """Groups or departments not sold from `since` to `until` by the shop's clock, also over midnight."""

    groups: frozenset[str]
    since: dt.time
    until: dt.time

    def forbids(self, groups: Iterable[str], at: dt.time) -> bool:
        by_day = self.since <= self.until
        inside = self.since <= at < self.until if by_day else at >= self.since or at < self.until
        return inside and not self.groups.isdisjoint(groups)


def refuse_banned(bans: Sequence[SaleBan], groups: Iterable[str], now: dt.datetime) -> None:
    """Raises Refused(not_sold_now), with the hour until which."""
    for ban in bans:
        if ban.forbids(groups, now.time()):
            raise Refused("not_sold_now", until=ban.until.isoformat("minutes"))


def refuse_too_many(basket: Basket, article: Article, more: int) -> None:
    """Raises Refused(too_many_of_it) if `more` pieces are above what one basket may hold of an article."""
    if not article.quantity_max:
        return
    there = sum(line.quantity for line in _bought(basket) if line.gtin == article.gtin)
    if there + more > article.quantity_max:
        raise Refused("too_many_of_it", limit=article.quantity_max)


def ages_asked(basket: Basket) -> tuple[int, ...]:
    """The ages, youngest first, that this basket asks for and nobody has confirmed yet."""
    known = basket.circumstances.age_confirmed
    return tuple(sorted({line.age_min for line in _bought(basket) if line.age_min > known}))


def too_young_for(basket: Basket, years: int) -> tuple[Line, ...]:
    """The lines that may not be sold to somebody of whom only so many years are sure."""
    return tuple(line for line in _bought(basket) if line.age_min > years)


def refuse_unchecked(basket: Basket, bans: Sequence[SaleBan], now: dt.datetime) -> None:
    """Before money is asked for. Raises Refused: age_check_waiting, not_sold_now."""
    if ages_asked(basket):
        raise Refused("age_check_waiting")
    for line in _bought(basket) if bans else ():
        refuse_banned(bans, line.groups, now)


def age_check_of(basket: Basket) -> str:
    """What the task is about: this basket's one check."""
    return f"age:{basket.id}"


def _bought(basket: Basket) -> tuple[Line, ...]:
    return tuple(line for line in basket.standing if line.kind == GOODS)
