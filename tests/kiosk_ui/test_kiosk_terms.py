"""What the kiosk says of prices, age limits and where it is eaten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checkout.catalogue import Article, ListPrice
from checkout.shopper import PersonalOffer, VisitCard
from checkout.staff import RIGHTS, Clerk
from store_edge.box import Box
from store_edge.settings import PromotionSettings, ShopSettings
from tests.kiosk_ui.kiosk_shop import GRAPES, GRAPES_742_G, OIL, PASTA, Clock, Screen, make_app, open_box

CLERK = Clerk("c-1", RIGHTS)
RIESLING, LIQUEUR = "9521234110040", "9521234111023"
EURO = "\N{NO-BREAK SPACE}€"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def box(tmp_path: Path, clock: Clock) -> Iterator[Box]:
    week = PromotionSettings("percent", {"gtin": PASTA, "percent": 10}, {"de": "Nudelwoche"})
    box = open_box(tmp_path, clock, promotions={"pasta-week": week}, shop=ShopSettings(eat_in=True))
    yield box
    box.stop()


@pytest.fixture
def screen(box: Box) -> Screen:
    return Screen(make_app(box).test_client())


def put(box: Box, gtin: str, **facts: object) -> Article:
    article = box.shelves.article(gtin)
    assert article is not None
    box.shelves.put([replace(article, **facts)])  # type: ignore[arg-type]
    return article


# Prices


def test_a_reduction_for_everybody_shows_the_lowest_price_of_thirty_days(screen: Screen) -> None:
    screen.scan(PASTA)
    assert (
        f"Sie sparen 0,13{EURO} · Nudelwoche · Niedrigster Preis der letzten 30 Tage: 1,29{EURO}"
        in screen.text
    )
    assert f"500 g · 2,32{EURO}/kg" in screen.text  # the reduced price's own price per kilogram


def test_a_price_that_was_lower_before_is_no_saving(screen: Screen, box: Box, clock: Clock) -> None:
    put(box, PASTA, price_minor=109)
    clock.pass_s(86_400)
    put(box, PASTA, price_minor=129)
    clock.pass_s(86_400)
    screen.scan(PASTA)
    assert f"Niedrigster Preis der letzten 30 Tage: 1,09{EURO}" in screen.text
    assert "Sie sparen" not in screen.text
    assert "statt" not in screen.text


def test_a_special_price_says_until_when(screen: Screen, box: Box) -> None:
    day = dt.datetime.fromisoformat
    put(box, OIL, prices=(ListPrice(day("2026-11-20"), 199, day("2026-11-29")),))
    screen.scan(OIL)
    assert f"Sie sparen 0,50{EURO} · Aktionspreis bis 28. November 2026" in screen.text
    assert f"Niedrigster Preis der letzten 30 Tage: 2,49{EURO}" in screen.text


def test_a_personal_price_says_that_it_is_one_and_needs_no_comparison(screen: Screen, box: Box) -> None:
    _known_shopper(screen, box, PersonalOffer("o-1", OIL, 20, {"de": "Weil Sie es mögen"}))
    assert "Weil Sie es mögen · Ein Preis nur für Sie, automatisch berechnet" in screen.text
    assert f"1 l · 1,99{EURO}/l" in screen.text
    screen.scan(OIL)
    assert (
        f"Sie sparen 0,50{EURO} · Weil Sie es mögen · Ein Preis nur für Sie, automatisch berechnet"
        in screen.text
    )
    assert "Niedrigster Preis" not in screen.text


def _known_shopper(screen: Screen, box: Box, offer: PersonalOffer) -> None:
    """As if a code had been shown and head office had answered."""
    box.till.open("1", "de")
    with box.books.page() as page:
        basket = page.basket_on("1")
        assert basket is not None
        page.use_token("t-1", "v-1", basket.id, "")
        page.save_basket(replace(basket, visit="v-1", version=basket.version + 1))
    box.till.visits.welcome("v-1", "1", VisitCard(True, offer=offer))
    screen.look()


def test_a_price_that_staff_set_says_why(screen: Screen, box: Box) -> None:
    screen.scan(OIL)
    box.till.terms.override_price("1", 1, 150, "damaged", CLERK)
    screen.now()
    assert f"Sie sparen 0,99{EURO} · Günstiger, weil beschädigt" in screen.text
    assert "Niedrigster Preis" not in screen.text


def test_reduced_loose_goods_show_the_price_per_kilogram_to_be_paid(screen: Screen, box: Box) -> None:
    screen.scan(GRAPES_742_G)
    box.till.terms.override_price("1", 1, 300, "short_dated", CLERK)
    screen.now()
    assert f"0,742 kg × 4,49{EURO}/kg" in screen.text
    assert f"3,01{EURO}/kg" in screen.text  # 2.23 for 742 g, half a cent rounded
    assert box.shelves.article(GRAPES) is not None


# Age


def test_an_age_limit_is_told_calmly_and_paying_waits(screen: Screen, box: Box) -> None:
    screen.scan(OIL)
    screen.scan(RIESLING)
    assert "Etwas davon hat eine Altersgrenze" in screen.text
    assert "disabled" in screen.text
    assert screen.tap("pay").status_code == 409
    assert "Wegen der Altersgrenze schaut gleich kurz jemand vorbei." in screen.text
    box.till.terms.confirm_age("1", CLERK, 16)
    screen.now()
    assert "Altersgrenze" not in screen.text
    assert f"9,48{EURO} bezahlen" in screen.text


def test_what_may_not_be_sold_to_somebody_comes_off_without_blame(screen: Screen, box: Box) -> None:
    screen.scan(RIESLING)
    screen.scan(LIQUEUR)
    box.till.terms.confirm_age("1", CLERK, 16)
    screen.now()
    assert "Etwas mit Altersgrenze bleibt diesmal bei uns." in screen.text
    assert f"6,99{EURO} bezahlen" in screen.text


# Eaten here


def test_a_shop_with_tables_asks_first_and_lets_it_be_changed(screen: Screen, box: Box) -> None:
    assert 'id="take-away"' in screen.text
    assert 'id="start"' not in screen.text
    screen.tap("serving", {"eat_in": "yes"})
    assert screen.shown["state"] == "open"
    assert 'value="yes" data-closes aria-pressed="true"' in screen.text
    screen.scan(PASTA)
    assert 'id="serving"' not in screen.text  # what has not changed is not drawn again
    screen.tap("serving", {"eat_in": "no"})
    assert 'id="serving"' in screen.text
    assert 'value="no" data-closes aria-pressed="true"' in screen.text
    basket = box.books.basket_on("1")
    assert basket is not None
    assert not basket.circumstances.eat_in


def test_a_shop_without_tables_does_not_ask(tmp_path: Path, clock: Clock) -> None:
    box = open_box(tmp_path, clock)
    try:
        screen = Screen(make_app(box).test_client())
        assert 'id="serving"' not in screen.text
        assert screen.tap("serving", {"eat_in": "yes"}).status_code == 404
    finally:
        box.stop()
