"""The till understands what stands on the demo store's shelves: codes, scale labels and tags."""

from __future__ import annotations

import pytest

from checkout.errors import Refused
from checkout.gs1 import ArticleCode, WeighedCode, gtin_of_epc, read_code
from store_edge.demo import load_assortment, price_label, price_list, tags_of, weight_label

BY_GTIN = {article.gtin: article for article in price_list()}
LOOSE = [article for article in load_assortment() if article.unit == "kg"]


def test_each_demo_article_is_on_the_price_list_under_the_code_it_carries() -> None:
    assert len(BY_GTIN) == len(load_assortment())
    for gtin in BY_GTIN:
        assert read_code(gtin) == ArticleCode(gtin)


def test_the_till_reads_the_scales_labels() -> None:
    for article in LOOSE:
        item = BY_GTIN[article.gtin].item
        assert read_code(weight_label(article, 735)) == WeighedCode(item, weight_g=735)
        assert read_code(price_label(article, 219)) == WeighedCode(item, price_minor=219)


def test_a_label_whose_weight_was_changed_is_a_damaged_label() -> None:
    light, heavy = weight_label(LOOSE[0], 200), weight_label(LOOSE[0], 1300)
    with pytest.raises(Refused):
        read_code(heavy[:7] + light[7:])


def test_the_till_reads_the_tags() -> None:
    for article in load_assortment():
        for epc in tags_of(article):
            assert BY_GTIN[gtin_of_epc(epc)].called("de") == article.name.de


def test_rates_and_base_prices_arrive_at_the_till() -> None:
    by_name = {article.called("en"): article for article in BY_GTIN.values()}
    assert (by_name["Espresso beans"].vat, by_name["Sparkling mineral water"].vat) == ("reduced", "standard")
    assert (by_name["Espresso beans"].base_amount, by_name["Espresso beans"].base_unit) == (500, "kg")
    assert (by_name["Mascara, black"].base_amount, by_name["Bananas"].base_unit) == (0, "")
    shirt = by_name["Oxford shirt, light blue, M"]
    assert (shirt.style, shirt.size, shirt.colour["de"]) == ("shirt-oxford", "M", "Hellblau")
