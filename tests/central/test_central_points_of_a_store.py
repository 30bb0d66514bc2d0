"""A store and head office together: what stands on the receipts is what is booked, to the point."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from central.tokens import verify
from checkout.loyalty.purse import Purse
from store_edge.sync.central_client import _card
from store_edge.sync.outbox import cloud_event
from tests.conftest import StoreShop

VISITS = 8


def welcome(desk: Any, shop: StoreShop, account: str, *, online: bool) -> None:
    """A code is shown; head office answers, unless the line is down."""
    token = desk.token(account)
    jti = verify(token, desk.centre.signer.public).jti
    basket = shop.till.scan("1", f"EMMA1.{jti}", how="serial")
    if online:
        answer = desk.store("POST", "/visits", {"visit": basket.visit, "token": token, "lane": "1"})
        shop.till.visits.welcome(basket.visit, "1", _card(answer.json))


def told(shop: StoreShop, after: int = 0) -> list[dict[str, Any]]:
    """What the store's outbox would send."""
    events: list[dict[str, Any]] = []
    while page := shop.journal.read(after):
        events += [cloud_event("demo", entry) for entry in page]
        after = page[-1].number
    return events


def balance(desk: Any, account: str) -> int:
    shown = desk.office("GET", f"/accounts/{account}/points").json
    assert sum(shown["accounts"].values()) == 0
    return int(shown["balance"])


@pytest.mark.parametrize("seed", range(2))
def test_the_receipts_of_a_store_are_booked_to_the_point(
    desk: Any, sqlite_shop: StoreShop, seed: int
) -> None:
    chance, shop, account = random.Random(seed), sqlite_shop, desk.account(loyalty=True)
    cigars = replace(shop.wine, gtin="9520001000997", groups=("tobacco",))
    cola = replace(shop.wine, gtin="9520001000980", deposit_minor=25)
    goods = [shop.milk, shop.wine, shop.shirt, cigars, cola]
    shop.put_on_the_shelf(*goods)
    purse, earned, spent, sent = Purse(clock=shop.clock), 0, 0, 0
    for _ in range(VISITS):
        desk.hands.turn(days=1)
        shop.clock.now = desk.hands.now
        online = chance.random() < 0.7
        for article in chance.choices(goods, k=chance.randrange(1, 5)):
            shop.scan(article)
        welcome(desk, shop, account, online=online)
        basket = shop.basket()
        assert basket is not None
        if online and basket.total_minor >= 150 and balance(desk, account) >= 150 and chance.random() < 0.5:
            with shop.books.page() as page:
                spent += purse.spend(page, basket, 150, "p")
        earned += purse.earned(basket)
        shop.pay()
        desk.hand_in(told(shop, sent))
        sent = shop.journal.last_number()
        receipt = shop.receipts()[-1]
        assert (receipt.points is not None) == online
        if receipt.points is not None:
            assert receipt.points.after == balance(desk, account)
    assert balance(desk, account) == earned - spent


def test_a_store_that_was_away_for_days_comes_to_the_same_points(desk: Any, sqlite_shop: StoreShop) -> None:
    """Everything at once, in pieces that overlap, the last ones first."""
    shop, account = sqlite_shop, desk.account(loyalty=True)
    purse, earned = Purse(clock=shop.clock), 0
    for _ in range(VISITS):
        desk.hands.turn(hours=3)
        shop.clock.now = desk.hands.now
        shop.scan(shop.shirt)
        welcome(desk, shop, account, online=False)
        basket = shop.basket()
        assert basket is not None
        earned += purse.earned(basket)
        shop.pay()
    events = told(shop)
    for start in range(len(events) - 1, -1, -5):
        desk.hand_in(events[start : start + 8])
    desk.hand_in(events)
    assert balance(desk, account) == earned == VISITS * 19
