"""Paying with the card that a known shopper left with the provider."""

from __future__ import annotations

from dataclasses import replace

from checkout.payment import ON_FILE
from checkout.shopper import CardOnFile, VisitCard
from tests.conftest import refuses

CARD = VisitCard(on_file=CardOnFile("mandate-7", "Visa 4242"))


def known(shop, card=CARD):
    """Milk in the basket of a shopper whom head office has answered for."""
    shop.scan(shop.milk)
    visit = shop.till.scan("1", "EMMA1.anna", how="camera").visit
    if card:
        shop.till.visits.welcome(visit, "1", card)
    return visit


def open_payment(shop):
    basket = shop.basket()
    with shop.books.page() as page:
        return page.open_payment(basket.id)


def test_the_shopper_s_own_card_is_asked_for(shop):
    known(shop)
    shop.cashier.ask_payment("1", tender=ON_FILE)
    asked = open_payment(shop)
    assert (asked.tender, asked.mandate, asked.amount_minor) == (ON_FILE, "mandate-7", shop.milk.price_minor)


def test_its_token_is_in_no_event_and_is_forgotten_with_the_visit(shop):
    visit = known(shop)
    shop.cashier.ask_payment("1", tender=ON_FILE)
    asked = open_payment(shop)
    shop.cashier.send(asked.id, "on-file-1", 0)
    shop.cashier.taken(asked.id, 0, "", "answer")
    assert all("mandate-7" not in repr(event) for event in shop.heard())
    with shop.books.page() as page:
        assert page.visit_card(visit) is None
        assert page.payment(asked.id).mandate == ""


def test_another_card_may_be_named(shop):
    known(shop)
    shop.cashier.ask_payment("1", tender=ON_FILE, mandate="mandate-8")
    assert open_payment(shop).mandate == "mandate-8"


def test_without_one_nothing_is_asked_and_the_basket_stays_open(shop):
    shop.scan(shop.milk)
    refuses("no_card_on_file", lambda: shop.cashier.ask_payment("1", tender=ON_FILE))
    visit = known(shop, card=None)
    refuses("no_card_on_file", lambda: shop.cashier.ask_payment("1", tender=ON_FILE))
    shop.till.visits.welcome(visit, "1", replace(CARD, on_file=None))
    refuses("no_card_on_file", lambda: shop.cashier.ask_payment("1", tender=ON_FILE))
    assert shop.basket().state == "open"


def test_whoever_is_forgotten_pays_otherwise(shop):
    known(shop)
    shop.till.visits.dismiss("1")
    refuses("no_card_on_file", lambda: shop.cashier.ask_payment("1", tender=ON_FILE))
