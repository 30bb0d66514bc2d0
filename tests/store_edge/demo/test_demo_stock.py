"""The demo shop's stock: something of most garments, somewhere, and some are sold out."""

from __future__ import annotations

from store_edge.demo import counted, price_list

BY_GTIN = {one.gtin: one for one in counted()}


def test_garments_are_counted_and_have_a_place_and_some_are_sold_out() -> None:
    garments = [article for article in price_list() if article.department == "fashion"]
    assert {article.gtin for article in garments} == BY_GTIN.keys()
    assert all(one.position for one in BY_GTIN.values())
    pieces = [one.pieces for one in BY_GTIN.values()]
    assert 0 in pieces
    assert None not in pieces
    assert any(one.pieces == 0 and one.elsewhere.get("Altona") for one in BY_GTIN.values())


def test_one_style_hangs_in_one_place() -> None:
    tees = {BY_GTIN[article.gtin].position for article in price_list() if article.style == "tee-organic"}
    assert len(tees) == 1


def test_food_is_not_counted_piece_by_piece() -> None:
    groceries = {article.gtin for article in price_list() if article.department == "groceries"}
    assert not groceries & BY_GTIN.keys()
