"""The demo shop's stock: something of most things, somewhere, and always the same."""

from __future__ import annotations

from store_edge.demo import demo_stock, price_list


def test_garments_are_counted_and_have_a_place_and_some_are_sold_out() -> None:
    goods = price_list()
    pieces, positions = demo_stock(goods)
    garments = [article for article in goods if article.department == "fashion"]
    assert {article.gtin for article in garments} <= pieces.keys() == positions.keys()
    assert 0 in pieces.values()
    assert max(pieces.values()) > 1
    assert demo_stock(reversed(goods)) == (pieces, positions)


def test_one_style_hangs_in_one_place() -> None:
    goods = price_list()
    _, positions = demo_stock(goods)
    tees = {positions[article.gtin] for article in goods if article.style == "tee-organic"}
    assert len(tees) == 1


def test_food_is_not_counted_piece_by_piece() -> None:
    goods = price_list()
    pieces, _ = demo_stock(goods)
    assert not {article.gtin for article in goods if article.department == "groceries"} & pieces.keys()
