"""What the mirror may promise: stock here and elsewhere, what went home together, and the stylist's file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from checkout.events import SaleCompleted
from store_edge.bought_together import STYLES_MAX
from store_edge.demo import counted, price_list
from store_edge.settings import BadSettings, Settings
from store_edge.stock import Counted
from tests.store_edge.open_store import Store

GARMENTS = {article.style: article for article in price_list() if article.garment}
JEANS, SHIRT = GARMENTS["trousers-jeans"], GARMENTS["shirt-oxford"]


@pytest.fixture
def store(open_box: Callable[..., Store], tmp_path: Path) -> Store:
    return open_box(Settings(home=tmp_path / "store", devices={}), start=False)


def test_a_list_s_count_holds_until_somebody_counts(store: Store) -> None:
    stock = store.box.stock
    stock.take_over([Counted("1", 3, "wall 2", {"Altona": 2, "Wedel": 0}), Counted("2")])
    stock.count({"1": 1})
    stock.take_over([Counted("1", 9, "wall 4", {"Wedel": 5})])
    assert (stock.pieces("1"), stock.position("1")) == (1, "wall 4")
    assert stock.elsewhere("1") == {"Wedel": 5}
    assert stock.pieces("2") is None


def test_only_what_is_there_is_there(store: Store) -> None:
    store.box.stock.count({"1": 3, "2": 0})
    store.box.stock.place({"3": "table 1"})
    assert store.box.stock.there() == {"1": 3}


def test_every_demo_garment_says_its_label_its_place_and_its_count() -> None:
    assert all(
        article.garment.made_of and article.garment.care for article in GARMENTS.values() if article.garment
    )
    assert all(one.position and one.pieces is not None for one in counted())
    assert len(counted()) == sum(bool(article.style) for article in price_list())


def test_what_is_not_in_stock_is_never_suggested(store: Store) -> None:
    assert store.box.styling.goes_with(JEANS) == ()
    store.box.stock.count({SHIRT.gtin: 1})
    (one,) = store.box.styling.goes_with(JEANS)
    assert one.article == SHIRT
    store.box.stock.count({SHIRT.gtin: 0})
    assert store.box.styling.goes_with(JEANS) == ()


def test_pairs_are_learned_from_sales_once_for_each_basket(store: Store) -> None:
    bought = store.box.styling.bought
    for _ in range(2):
        sell(store, JEANS.gtin, JEANS.gtin, SHIRT.gtin)
    bought.catch_up()
    sell(store, JEANS.gtin)
    bought.catch_up()
    assert bought.times(SHIRT.style, JEANS.style) == bought.times(JEANS.style, SHIRT.style) == 2
    assert (bought.of(JEANS.style), bought.of(SHIRT.style)) == (3, 2)
    assert len(GARMENTS) <= STYLES_MAX  # a basket of all of them still counts


def test_a_mistake_in_the_stylist_s_file_is_said_when_the_shop_opens(
    open_box: Callable[..., Store], tmp_path: Path
) -> None:
    rules = tmp_path / "styling.toml"
    rules.write_text('[[with]]\nthese = ["a"]\nthose = ["b"]\nweigth = 2\n', encoding="utf-8")
    with pytest.raises(BadSettings, match="did you mean 'weight'"):
        open_box(Settings(home=tmp_path / "store", devices={}, styling=str(rules)), start=False)


def sell(store: Store, *gtins: str) -> None:
    """A sale, paid by hand."""
    box = store.box
    for gtin in gtins:
        box.till.scan("1", gtin, how="typed")
    payment = store.payment(box.cashier.ask_payment("1"))
    number = len(store.events(SaleCompleted))
    box.cashier.send(payment.id, "terminal-1", number)
    box.cashier.taken(payment.id, number + 1, "girocard", "answer")
    assert len(store.events(SaleCompleted)) == number + 1
