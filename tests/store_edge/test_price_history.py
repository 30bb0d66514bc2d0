"""The shelves remember what things used to cost, over every new price list and every start."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from checkout.prices import lowest_before
from store_edge.db.engine import Database
from store_edge.desk import Shelves
from tests.conftest import Shop, StandingClock


def test_a_new_price_list_keeps_what_the_old_one_asked_for(new_store_url: Callable[[], str]) -> None:
    database, clock = Database(new_store_url()), StandingClock()
    try:
        shelves = Shelves(database, lambda: clock().replace(tzinfo=None))
        shelves.put([Shop.milk, Shop.wine])
        clock.forward(days=10)
        shelves.put([replace(Shop.milk, price_minor=149), Shop.wine])
        clock.forward(days=10)
        opened_again = Shelves(database, lambda: clock().replace(tzinfo=None))
        opened_again.put([replace(Shop.milk, price_minor=149), Shop.wine])
        milk, wine = opened_again.article(Shop.milk.gtin), opened_again.article(Shop.wine.gtin)
        assert milk is not None
        assert milk.price_minor == 149
        now = clock().replace(tzinfo=None)
        assert lowest_before(milk, now) == 119
        assert lowest_before(milk, now + dt.timedelta(days=21)) == 149
        assert wine == Shop.wine  # never anything else: nothing to remember
    finally:
        database.close()
