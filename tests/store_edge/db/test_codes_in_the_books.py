"""The price list's other codes lie in the books, and change with it; so does what was called back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from store_edge.desk import Shelves
from tests.conftest import StoreShop, refuses

PACK, FORMER = "9520001099014", "9520001099038"


@pytest.fixture(params=["sqlite", "postgres"])
def shop(request: pytest.FixtureRequest) -> StoreShop:
    shop: StoreShop = request.getfixturevalue(f"{request.param}_shop")
    return shop


def test_a_new_list_replaces_an_articles_codes(shop: StoreShop) -> None:
    shelves = Shelves(shop.database)
    shelves.put([replace(shop.milk, codes={PACK: 6, FORMER: 1})])
    assert shop.till.scan("1", PACK, how="serial").lines[-1].quantity == 6
    shelves.put([replace(shop.milk, codes={PACK: 12})])
    assert shop.till.scan("1", PACK, how="serial").lines[-1].quantity == 12
    refuses("code_unknown", lambda: shop.till.scan("1", FORMER, how="serial"))


def test_a_recall_holds_after_the_books_were_opened_anew(shop: StoreShop) -> None:
    shop.recalls.recall(shop.milk.gtin)
    with shop.books.page() as page:
        assert page.is_recalled(shop.milk.gtin, "")
        assert page.is_recalled(shop.milk.gtin, "L7")
        assert not page.is_recalled(shop.wine.gtin, "")
