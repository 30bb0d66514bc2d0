"""A basket scanned once more: all is there, something was forgotten, something is not there."""

from __future__ import annotations

import random

from checkout.basket import Basket
from checkout.events import LossChecked
from checkout.loss import SPOT
from checkout.rescan import PIECES_MAX, compared, pieces_meant
from checkout.staff import Clerk
from tests.conftest import Shop, refuses


def full_basket(shop: Shop) -> Basket:
    shop.scan(shop.milk)
    shop.scan(shop.wine)
    shop.till.change_quantity("1", 2, 3)
    return shop.till.scan("1", "2808151012341", how="serial")  # 1234 g of apples, by their label


def test_all_of_it_in_any_order_is_whole(shop: Shop) -> None:
    basket = full_basket(shop)
    pieces = [shop.milk.gtin, *[shop.wine.gtin] * 3, shop.apples.gtin]
    random.Random(3).shuffle(pieces)
    beside = compared(basket, pieces)
    assert beside.is_whole
    assert beside.seen == {1: 1, 2: 3, 3: 1}


def test_what_is_not_on_the_roll_and_what_is_only_there(shop: Shop) -> None:
    basket = full_basket(shop)
    beside = compared(basket, [shop.milk.gtin, shop.milk.gtin, shop.shirt.gtin, shop.wine.gtin])
    assert beside.forgotten == {shop.milk.gtin: 1, shop.shirt.gtin: 1}
    assert (beside.missing, beside.is_whole) == (3, False)


def test_a_line_that_was_crossed_out_is_not_on_the_roll(shop: Shop) -> None:
    shop.scan(shop.milk)
    basket = shop.scan(shop.milk)
    basket = shop.till.void("1", 1)
    assert compared(basket, [shop.milk.gtin]).is_whole
    assert compared(basket, [shop.milk.gtin] * 2).forgotten == {shop.milk.gtin: 1}


def test_what_a_code_means_is_counted_by_the_piece(shop: Shop) -> None:
    with shop.books.page() as page:
        now = shop.clock().replace(tzinfo=None)
        assert pieces_meant(page, shop.milk.gtin, now) == [shop.milk.gtin]
        assert pieces_meant(page, "2808151012341", now) == [shop.apples.gtin]
        refuses("code_unknown", lambda: pieces_meant(page, "EMMA1.somebody", now))
        refuses("code_unreadable", lambda: pieces_meant(page, "nonsense", now))


def test_no_more_than_anybody_could_carry_is_counted(shop: Shop) -> None:
    basket = full_basket(shop)
    assert sum(compared(basket, [shop.shirt.gtin] * 10_000).forgotten.values()) == PIECES_MAX


def test_looking_at_a_code_keeps_nothing(shop: Shop) -> None:
    basket = full_basket(shop)
    said = len(shop.heard())
    line = shop.till.look("1", shop.shirt.gtin)
    assert (line.gtin, line.total_minor) == (shop.shirt.gtin, shop.shirt.price_minor)
    assert shop.basket() == basket
    assert len(shop.heard()) == said
    assert shop.till.look("2", shop.cola.gtin).deposit_minor == 25
    assert shop.basket("2") is None
    refuses("code_unknown", lambda: shop.till.look("1", "EMMA1.somebody"))
    refuses("code_unreadable", lambda: shop.till.look("1", "nonsense"))
    assert len(shop.heard()) == said


def test_after_the_rescan_the_shopper_may_pay(shop: Shop) -> None:
    basket = full_basket(shop)
    with shop.books.page() as page:
        task = page.open_task(SPOT, basket.id, "1")
    refuses("check_waiting", lambda: shop.cashier.ask_payment("1"))
    shop.watch.checked(task, Clerk("c1", frozenset({"serve"})), "forgotten", 2)
    assert shop.heard(LossChecked)[-1] == LossChecked(basket.id, task, SPOT, "forgotten", 2, "c1")
    shop.cashier.ask_payment("1")
