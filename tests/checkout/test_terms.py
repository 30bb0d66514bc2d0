"""Eaten here or taken away, age limits, hours, numbers: under what terms a basket is sold."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import events
from checkout.catalogue import ListPrice
from checkout.restrictions import SaleBan, ages_asked
from checkout.staff import RIGHTS, Clerk
from checkout.tax import vat_table
from tests.conftest import Shop, refuses

CLERK = Clerk("c-1", RIGHTS)
PRETZEL = replace(Shop.rolls, vat="food", item="")
LATTE = replace(Shop.milk, vat="milk_drink", deposit_minor=100)
WINE = replace(Shop.wine, age_min=16, groups=("alcohol",))
GIN = replace(Shop.shirt, age_min=18, groups=("alcohol",))


def vat_of(basket):
    return vat_table((line.vat_bp, line.total_minor) for line in basket.standing)


# Eaten here

GOODS = st.lists(st.sampled_from([PRETZEL, LATTE, WINE, Shop.shirt, Shop.apples]), min_size=1, max_size=8)


def scan_all(shop, goods):
    for article in goods:
        code = "2808151012341" if article.unit == "kg" else article.gtin
        shop.till.scan("1", code, how="serial")
    return shop.basket()


@given(GOODS, st.data())
def test_eating_here_and_changing_one_s_mind_restores_the_basket(new_memory_shop, goods, data):
    shop = new_memory_shop()
    shop.put_on_the_shelf(PRETZEL, LATTE)
    before = scan_all(shop, goods)
    if data.draw(st.booleans()):
        before = shop.till.void("1", 1)
    here = shop.till.terms.eat_in("1", True)
    after = shop.till.terms.eat_in("1", False)
    assert here.total_minor == before.total_minor == after.total_minor
    same = tuple(
        replace(line, changed=was.changed) for line, was in zip(after.lines, before.lines, strict=True)
    )
    assert replace(after, version=before.version, lines=same) == before
    assert sum(part.gross_minor for part in vat_of(here)) == here.total_minor
    assert all(part.net_minor + part.vat_minor == part.gross_minor for part in vat_of(here))


@given(GOODS, st.randoms(use_true_random=False))
def test_saying_it_first_or_last_makes_the_same_tax(new_memory_shop, goods, chance):
    first, last = new_memory_shop(), new_memory_shop()
    for shop in (first, last):
        shop.put_on_the_shelf(PRETZEL, LATTE)
    first.till.terms.eat_in("1", True)
    scan_all(first, goods)
    shuffled = list(goods)
    chance.shuffle(shuffled)
    scan_all(last, shuffled)
    last.till.terms.eat_in("1", True)
    assert vat_of(first.basket()) == vat_of(last.basket())


def test_eating_here_is_said_once(shop):
    shop.scan(shop.milk)
    basket = shop.till.terms.eat_in("1", True)
    assert shop.till.terms.eat_in("1", True) == basket
    assert shop.heard(events.ServingChanged) == [events.ServingChanged(basket.id, basket.version, True)]
    assert shop.basket() == basket


def test_it_may_be_said_before_anything_is_scanned_and_not_while_it_is_paid(shop):
    assert shop.till.terms.eat_in("1", True, language="en").circumstances.eat_in
    assert shop.basket().language == "en"
    shop.scan(shop.milk)
    shop.cashier.ask_payment("1")
    refuses("basket_being_paid", lambda: shop.till.terms.eat_in("1", False))


# Age


def test_the_first_article_with_an_age_calls_a_colleague_once_a_basket(shop):
    shop.put_on_the_shelf(WINE)
    shop.scan(shop.milk)
    assert shop.waiting_tasks() == []
    basket = shop.scan(WINE)
    shop.scan(WINE)
    assert shop.waiting_tasks() == [("age_check", f"age:{basket.id}")]
    refuses("age_check_waiting", lambda: shop.cashier.ask_payment("1"))
    confirmed = shop.till.terms.confirm_age("1", CLERK, 16)
    assert shop.waiting_tasks() == []
    assert shop.heard(events.AgeChecked) == [events.AgeChecked(confirmed.id, confirmed.version, 16, "c-1")]
    shop.scan(WINE)
    assert shop.waiting_tasks() == []
    assert shop.pay().state == "paid"


def test_what_asks_for_more_comes_off_and_the_rest_may_be_paid_for(shop):
    shop.put_on_the_shelf(WINE, GIN)
    for article in (shop.milk, WINE, GIN):
        shop.scan(article)
    assert ages_asked(shop.basket()) == (16, 18)
    basket = shop.till.terms.confirm_age("1", CLERK, 16)
    assert [line.voided for line in basket.lines] == [False, False, True]
    refused = shop.till.terms.confirm_age("1", CLERK, 0)
    assert [line.voided for line in refused.lines] == [False, True, True]
    assert refused.total_minor == shop.milk.price_minor
    assert shop.said()[-2:] == ["LineVoided", "AgeChecked"]
    assert shop.pay().state == "paid"


def test_nobody_needs_to_come_when_it_was_put_back_or_given_up(shop):
    shop.put_on_the_shelf(WINE, GIN)
    shop.scan(WINE)
    shop.scan(GIN)
    shop.till.void("1", 1)
    assert len(shop.waiting_tasks()) == 1  # the gin still asks
    shop.till.void("1", 2)
    assert shop.waiting_tasks() == []
    shop.scan(WINE)
    shop.till.cancel("1")
    assert shop.waiting_tasks() == []


def test_an_answer_that_comes_late_is_not_the_next_shopper_s(shop):
    shop.put_on_the_shelf(WINE)
    late = shop.scan(WINE).id
    shop.till.cancel("1")
    basket = shop.scan(WINE)
    assert shop.till.terms.confirm_age("1", CLERK, 16, basket_id=late) == basket
    assert shop.waiting_tasks() == [("age_check", f"age:{basket.id}")]


def test_not_everybody_may_confirm_an_age(shop):
    shop.put_on_the_shelf(WINE)
    before = shop.scan(WINE)
    refuses("not_allowed", lambda: shop.till.terms.confirm_age("1", Clerk("c-2", RIGHTS - {"age"}), 18))
    assert shop.basket() == before


# Hours and numbers


@pytest.mark.parametrize(
    ("since", "until", "inside", "outside"),
    [
        ("22:00", "05:00", ["22:00", "23:59", "00:00", "04:59"], ["05:00", "12:00", "21:59"]),
        ("06:00", "08:00", ["06:00", "07:59"], ["08:00", "05:59", "00:00"]),
        ("12:00", "12:00", [], ["12:00", "00:00"]),
    ],
)
def test_a_ban_holds_from_its_hour_to_its_end_also_over_midnight(since, until, inside, outside):
    clock = dt.time.fromisoformat
    ban = SaleBan(frozenset({"alcohol"}), clock(since), clock(until))
    assert [at for at in inside + outside if ban.forbids(("drinks", "alcohol"), clock(at))] == inside
    assert not ban.forbids(("drinks",), clock(since))


def test_a_banned_article_is_refused_with_the_hour_and_told_on_the_lane(shop):
    shop.put_on_the_shelf(WINE)
    shop.open_counter([SaleBan(frozenset({"alcohol"}), dt.time(9), dt.time(11))])
    refuses("not_sold_now", lambda: shop.scan(WINE), until="11:00")
    assert shop.basket() is None
    assert [said.reason for said in shop.heard(events.ScanRefused)] == ["not_sold_now"]
    shop.clock.forward(hours=1)
    assert shop.scan(WINE).total_minor == WINE.price_minor


def test_a_tray_holds_no_more_of_it_than_a_basket_may(shop):
    shop.put_on_the_shelf(replace(shop.shirt, quantity_max=2))
    basket = shop.till.lay_down("1", [shop.shirt_tag(serial) for serial in (1, 2, 3)])
    assert len(basket.lines) == 2
    assert [said.reason for said in shop.heard(events.ScanRefused)] == ["too_many_of_it"]
    assert shop.holder(shop.shirt_tag(3)) is None


def test_a_voided_piece_makes_room_for_another(shop):
    shop.put_on_the_shelf(replace(shop.milk, quantity_max=2))
    shop.scan(shop.milk)
    shop.till.change_quantity("1", 1, 2)
    refuses("too_many_of_it", lambda: shop.scan(shop.milk), limit=2)
    refuses("too_many_of_it", lambda: shop.till.change_quantity("1", 1, 3), limit=2)
    shop.till.void("1", 1)
    assert shop.scan(shop.milk).pieces == 1


def test_tax_free_export_is_refused_clearly(shop):
    before = shop.scan(shop.shirt)
    refuses("tax_free_not_supported", lambda: shop.till.terms.sell_tax_free("1"))
    assert shop.basket() == before


# All of it together

DEEDS = st.lists(
    st.sampled_from(["eat in", "take away", "override", "take back", "staff", "pretzel", "latte", "wine"]),
    max_size=15,
)


@given(DEEDS)
def test_whatever_is_done_the_tax_is_in_the_total_and_nothing_costs_more_than_shown(new_memory_shop, deeds):
    shop = new_memory_shop()
    cheaper = ListPrice(dt.datetime.fromisoformat("2026-01-01"), 30, group="staff")
    shop.put_on_the_shelf(replace(PRETZEL, prices=(cheaper,)), LATTE, WINE)
    shop.scan(PRETZEL)
    acts = {
        "eat in": lambda: shop.till.terms.eat_in("1", True),
        "take away": lambda: shop.till.terms.eat_in("1", False),
        "override": lambda: shop.till.terms.override_price("1", 1, 20, "goodwill", CLERK),
        "take back": lambda: shop.till.terms.take_back_override("1", 1, CLERK),
        "staff": lambda: shop.till.terms.sell_to("1", "staff"),
        "pretzel": lambda: shop.scan(PRETZEL),
        "latte": lambda: shop.scan(LATTE),
        "wine": lambda: shop.scan(WINE),
    }
    for deed in deeds:
        acts[deed]()
    shown = {a.gtin: a.price_minor for a in (PRETZEL, LATTE, WINE)}
    basket = shop.till.terms.confirm_age("1", CLERK, 16)
    assert all(line.gross_minor - line.discount_minor <= shown[line.gtin] for line in basket.lines)
    assert sum(part.net_minor + part.vat_minor for part in vat_of(basket)) == basket.total_minor
    shop.pay()
    assert shop.receipts()[-1].total_minor == basket.total_minor
