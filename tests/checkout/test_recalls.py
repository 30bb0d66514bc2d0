"""What was called back is not sold, however it comes to the till; and who may call back."""

from __future__ import annotations

import pytest

from checkout.events import ArticleRecalled, LineAdded, RecallLifted, ScanRefused
from checkout.staff import Clerk
from tests.conftest import refuses, sgtin_96

KEEPER = Clerk("c-1", frozenset({"serve", "approve"}))
CASHIER = Clerk("c-2", frozenset({"serve"}))
FNC1 = "\x1d"


def batch_code(shop, batch):
    return f"01{shop.milk.gtin:0>14}10{batch}{FNC1}"


def test_a_recalled_batch_is_refused_until_the_recall_is_lifted(shop):
    shop.recalls.recall(shop.milk.gtin, "L7", KEEPER)
    refuses(
        "article_recalled", lambda: shop.till.scan("1", batch_code(shop, "L7"), how="serial", symbology="]d2")
    )
    shop.till.scan("1", batch_code(shop, "L8"), how="serial", symbology="]d2")
    shop.scan(shop.milk)
    shop.recalls.lift(shop.milk.gtin, "L7", KEEPER)
    shop.till.scan("1", batch_code(shop, "L7"), how="serial", symbology="]d2")
    assert len(shop.heard(LineAdded)) == 3
    assert [refused.reason for refused in shop.heard(ScanRefused)] == ["article_recalled"]


def test_all_of_an_article_is_refused_at_every_door(shop):
    for article in (shop.milk, shop.apples, shop.shirt):
        shop.recalls.recall(article.gtin)
    refuses("article_recalled", lambda: shop.scan(shop.milk))
    refuses(
        "article_recalled", lambda: shop.till.scan("1", batch_code(shop, "L9"), how="serial", symbology="]d2")
    )
    refuses("article_recalled", lambda: shop.till.scan("1", "2808151012341", how="serial"))
    refuses("article_recalled", lambda: shop.till.add_measured("1", shop.apples.gtin, weight_g=500))
    assert shop.till.lay_down("1", [sgtin_96(shop.shirt.gtin, 1)]).lines == ()
    assert shop.holder(sgtin_96(shop.shirt.gtin, 1)) is None


def test_a_recall_is_announced_once_and_so_is_its_end(shop):
    for _ in range(2):
        shop.recalls.recall(shop.milk.gtin, "L7")
    for _ in range(2):
        shop.recalls.lift(shop.milk.gtin, "L7")
    assert shop.heard() == [ArticleRecalled(shop.milk.gtin, "L7"), RecallLifted(shop.milk.gtin, "L7")]


def test_not_everybody_may_call_back(shop):
    refuses("not_allowed", lambda: shop.recalls.recall(shop.milk.gtin, "", CASHIER))
    refuses("not_allowed", lambda: shop.recalls.lift(shop.milk.gtin, "", CASHIER))
    assert shop.heard() == []


@pytest.mark.parametrize(
    ("gtin", "batch"), [("", ""), ("milk", ""), ("123", ""), ("9520001000019", "L" * 21)]
)
def test_what_is_no_article_or_batch_is_not_called_back(shop, gtin, batch):
    refuses("code_unreadable", lambda: shop.recalls.recall(gtin, batch))
