"""How much a code means: packs and bundles all or not at all, and what a clerk measures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkout.events import LineAdded
from checkout.measure import MEASURE_MAX
from tests.conftest import refuses, with_check_digit

PACK = with_check_digit("1952000109901")
BUNDLE = with_check_digit("952000109902")


@pytest.fixture
def cloth(shop):
    article = replace(shop.apples, gtin=with_check_digit("952000109904"), item="", unit="m", price_minor=1280)
    shop.put_on_the_shelf(
        article,
        replace(shop.milk, codes={PACK: 12, BUNDLE: 1}),
        replace(shop.wine, codes={BUNDLE: 2}),
    )
    return article


@pytest.mark.usefixtures("cloth")
def test_a_pack_is_so_many_pieces_and_a_bundle_so_many_lines(shop):
    shop.till.scan("1", PACK, how="serial")
    basket = shop.till.scan("1", BUNDLE, how="serial")
    assert [(line.gtin, line.quantity) for line in basket.lines] == [
        (shop.milk.gtin, 12),
        (shop.milk.gtin, 1),
        (shop.wine.gtin, 2),
    ]
    assert basket.total_minor == 13 * 119 + 2 * 499
    assert len(shop.heard(LineAdded)) == 3


@pytest.mark.usefixtures("cloth")
def test_a_bundle_of_which_a_part_is_refused_leaves_the_basket_as_it_was(shop):
    before = shop.scan(shop.rolls)
    shop.recalls.recall(shop.wine.gtin)
    refuses("article_recalled", lambda: shop.till.scan("1", BUNDLE, how="serial"))
    assert shop.basket() == before


def test_a_request_repeated_is_measured_once(shop, cloth):
    for _ in range(2):
        basket = shop.till.add_measured("1", cloth.gtin, length_mm=1250, request_key="k")
    (line,) = basket.lines
    assert (line.length_mm, line.weight_g, line.total_minor, line.countable) == (1250, 0, 1600, False)
    (added,) = shop.heard(LineAdded)
    assert (added.length_mm, added.how) == (1250, "typed")


@pytest.mark.parametrize(
    "measure",
    [
        {},
        {"length_mm": 0},
        {"length_mm": -5},
        {"length_mm": MEASURE_MAX + 1},
        {"weight_g": 100},
        {"weight_g": 100, "length_mm": 100},
    ],
)
def test_a_length_that_is_none_is_refused(shop, cloth, measure):
    refuses(
        "quantity_not_possible", lambda: shop.till.add_measured("1", cloth.gtin, **measure), limit=MEASURE_MAX
    )
    assert shop.basket() is None


def test_only_what_is_sold_by_measure_is_measured(shop, cloth):
    refuses("quantity_not_possible", lambda: shop.till.add_measured("1", shop.milk.gtin, weight_g=100))
    refuses("quantity_not_possible", lambda: shop.till.add_measured("1", shop.apples.gtin, length_mm=100))
    refuses("code_unknown", lambda: shop.till.add_measured("1", "9520001999999", weight_g=100))
    assert shop.till.add_measured("1", shop.apples.gtin, weight_g=742).total_minor == 222


def test_more_pieces_than_a_line_can_count_are_refused(shop, cloth):
    text = f"01{PACK}3099"
    refuses("quantity_not_possible", lambda: shop.till.scan("1", text, how="serial", symbology="]C1"))
