"""What ran when: announced once as it begins and ends, again in a new epoch, and kept for a while."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from checkout.compared import Charged
from checkout.events import Event, PromotionBegan, PromotionEnded
from store_edge.db import tables as t
from store_edge.promotion_log import SPELLS_KEPT, PromotionLog
from store_edge.settings import PromotionSettings
from tests.conftest import Shop, StoreShop

MILK = Shop.milk.gtin


def percent(percent: int, **more: Any) -> PromotionSettings:
    return PromotionSettings("percent", {"gtin": MILK, "percent": percent, **more})


@pytest.fixture
def shop(open_shop: Callable[..., StoreShop], new_store_url: Callable[[], str]) -> StoreShop:
    """One shop on each engine."""
    return open_shop(new_store_url())


@pytest.fixture
def log(shop: StoreShop) -> PromotionLog:
    return PromotionLog(shop.database, shop.books, lambda: shop.clock().replace(tzinfo=None))


def heard(shop: StoreShop) -> list[tuple[str, str]]:
    def said(event: Event) -> tuple[str, str]:
        assert isinstance(event, PromotionBegan | PromotionEnded)
        return type(event).__name__, event.promotion

    return [said(event) for event in shop.heard(PromotionBegan, PromotionEnded)]


def test_a_start_with_the_same_promotions_says_nothing(shop: StoreShop, log: PromotionLog) -> None:
    ends = percent(10, until=dt.date(2026, 12, 24))  # as a TOML file gives it
    log.bring_up_to_date({"a": ends, "b": percent(5)}, "e1")
    shop.clock.forward(days=1)
    log.bring_up_to_date({"b": percent(5), "a": ends}, "e1")
    assert heard(shop) == [("PromotionBegan", "a"), ("PromotionBegan", "b")]
    began = shop.heard(PromotionBegan)[0]
    assert isinstance(began, PromotionBegan)
    assert began.terms == {"gtin": MILK, "percent": 10, "until": "2026-12-24"}
    assert [spell.promotion.when.until for spell in log.spells()] == [dt.date(2026, 12, 24), dt.date.max]


def test_other_terms_end_it_and_begin_it_anew(shop: StoreShop, log: PromotionLog) -> None:
    first = shop.clock().replace(tzinfo=None)
    log.bring_up_to_date({"a": percent(10), "b": percent(5)}, "e1")
    shop.clock.forward(days=2)
    log.bring_up_to_date({"a": percent(20)}, "e1")
    assert heard(shop)[2:] == [("PromotionEnded", "a"), ("PromotionEnded", "b"), ("PromotionBegan", "a")]
    then = first + dt.timedelta(days=2)
    spells = [(spell.promotion.id, spell.since, spell.until) for spell in log.spells()]
    assert spells == [("a", first, then), ("a", then, None), ("b", first, then)]


def test_changed_twice_in_a_moment_only_the_last_one_ran(shop: StoreShop, log: PromotionLog) -> None:
    for off in (10, 20, 30):
        log.bring_up_to_date({"a": percent(off)}, "e1")
    (spell,) = log.spells()
    assert spell.until is None
    assert Charged([spell]).lowest_before(Shop.milk, spell.since + dt.timedelta(days=1)) == 119 - 36
    assert len(shop.heard(PromotionBegan)) == 3


def test_in_a_new_epoch_all_that_run_are_announced_again_and_have_not_begun_anew(
    shop: StoreShop, log: PromotionLog
) -> None:
    log.bring_up_to_date({"a": percent(10)}, "e1")
    (before,) = log.spells()
    shop.clock.forward(days=3)
    log.bring_up_to_date({"a": percent(10)}, "e2")
    log.bring_up_to_date({"a": percent(10)}, "e2")
    assert heard(shop) == [("PromotionBegan", "a")] * 2
    assert [spell.since for spell in log.spells()] == [before.since]


def test_what_ended_long_ago_is_forgotten_and_what_is_no_kind_any_more_is_passed_over(
    shop: StoreShop, log: PromotionLog
) -> None:
    log.bring_up_to_date({"a": percent(10), "b": percent(5)}, "e1")
    log_spells = t.promotion_spells
    with shop.database.write() as connection:
        body = b'{"kind":"of-somebody-else","terms":{}}'
        connection.execute(update(log_spells).where(log_spells.c.promotion == "b").values(body=body))
    assert [spell.promotion.id for spell in log.spells()] == ["a"]
    shop.clock.forward(days=1)
    log.bring_up_to_date({}, "e1")
    shop.clock.forward(days=SPELLS_KEPT.days)
    log.bring_up_to_date({}, "e1")
    assert [spell.promotion.id for spell in log.spells()] == ["a"]
    shop.clock.forward(days=1)
    log.bring_up_to_date({}, "e1")
    assert log.spells() == ()
