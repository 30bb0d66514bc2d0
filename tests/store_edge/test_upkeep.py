"""What is forgotten and what never is, on both engines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from checkout.coupons import Coupon
from store_edge import upkeep
from store_edge.db import tables as t
from store_edge.upkeep import BASKETS_KEPT, PAGE_ROWS_MAX, Upkeep
from tests.conftest import StoreShop, answer_or_reason, with_check_digit
from tests.store_edge.open_store import Store, store_settings, until


@pytest.fixture
def shop(open_shop: Callable[..., StoreShop], new_store_url: Callable[[], str]) -> StoreShop:
    return open_shop(new_store_url())


def forget(shop: StoreShop) -> int:
    return Upkeep(shop.database, shop.clock).forget()


def rows(shop: StoreShop, *tables: Any) -> list[int]:
    with shop.database.read() as connection:
        return [connection.execute(select(func.count()).select_from(one)).scalar_one() for one in tables]


def a_busy_day(shop: StoreShop) -> None:
    """A sale to somebody known with a tag in it, a basket given up, a task done, an event parked."""
    shop.till.scan("1", "EMMA1.token-1", how="camera")
    shop.till.lay_down("1", [shop.shirt_tag(1)])
    shop.scan(shop.milk, request_key="r1")
    shop.pay()
    shop.till.cancel("1")
    shop.scan(shop.wine)
    shop.till.cancel("1")
    shop.till.ask_for_help("1")
    with shop.books.page() as page:
        page.close_tasks("1", "staff")
    with shop.database.write() as connection:
        connection.execute(
            insert(t.parked_events).values(number=1, at=shop.clock().isoformat(), reason="unreadable")
        )


CRUTCHES = (t.requests, t.visits, t.baskets, t.basket_lines, t.tasks, t.parked_events)


@pytest.mark.parametrize(
    ("days", "left"),
    [
        (0.9, [1, 1, 2, 3, 1, 1]),
        (1.1, [1, 0, 2, 3, 1, 1]),
        (2.1, [0, 0, 2, 3, 1, 1]),
        (30.1, [0, 0, 0, 0, 0, 1]),
        (90.1, [0, 0, 0, 0, 0, 0]),
    ],
)
def test_each_crutch_is_forgotten_in_its_time(shop: StoreShop, days: float, left: list[int]) -> None:
    a_busy_day(shop)
    assert rows(shop, *CRUTCHES) == [1, 1, 2, 3, 1, 1]
    shop.clock.forward(days=days)
    forget(shop)
    assert rows(shop, *CRUTCHES) == left
    assert forget(shop) == 0


def test_journal_receipts_payments_and_sold_tags_are_never_forgotten(shop: StoreShop) -> None:
    a_busy_day(shop)
    said, written = shop.said(), shop.receipts()
    shop.clock.forward(days=20 * 365)
    forget(shop)
    assert shop.said() == said
    assert shop.journal.check() == len(said)
    assert shop.receipts() == written
    assert rows(shop, t.payments) == [1]
    assert shop.holder(shop.shirt_tag(1)) == "sold"


def test_what_is_not_over_is_kept_however_old_it_is(shop: StoreShop) -> None:
    shop.till.scan("1", "EMMA1.token-1", how="camera")  # head office has not answered this visit
    shop.till.lay_down("1", [shop.shirt_tag(1)])
    shop.scan(shop.milk, lane="2")
    shop.ask_and_send("2")
    shop.scan(shop.milk, lane="3")
    shop.pay("3")
    shop.till.ask_for_help("1")
    shop.clock.forward(days=365)
    assert forget(shop) == 0
    assert rows(shop, t.visits, t.baskets, t.tasks, t.held_tags) == [1, 3, 1, 1]


def test_many_old_rows_go_in_small_pages(shop: StoreShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "PAGE_PAUSE_S", 0.0)
    at, many = shop.clock().isoformat(), 2 * PAGE_ROWS_MAX + 1
    with shop.database.write() as connection:
        connection.execute(insert(t.requests), [{"key": f"k{i}", "at": at} for i in range(many)])
    pages: list[int] = []
    write = shop.database.write

    def counted() -> Any:
        pages.append(rows(shop, t.requests)[0])
        return write()

    monkeypatch.setattr(shop.database, "write", counted)
    shop.clock.forward(days=3)
    assert forget(shop) == many
    assert pages == [many, many - PAGE_ROWS_MAX, 1]


def test_a_started_box_keeps_house_by_itself(open_box: Callable[..., Store], tmp_path: Path) -> None:
    settings = store_settings(tmp_path / "store")
    asleep = open_box(settings, start=False)
    asleep.scan(1)
    asleep.box.till.cancel("1")
    asleep.box.stop()
    later = dt.datetime.now(dt.UTC) + BASKETS_KEPT + dt.timedelta(minutes=1)
    awake = open_box(settings, clock=lambda: later)

    def baskets() -> int:
        with awake.box.database.read() as connection:
            return int(connection.execute(select(func.count()).select_from(t.baskets)).scalar_one())

    until(lambda: baskets() == 0)


@pytest.mark.parametrize(("days", "reason"), [(179, "voucher_used"), (181, "")])
def test_a_machines_number_comes_again_but_a_coupon_stays_used(
    open_shop: Callable[..., StoreShop], new_store_url: Callable[[], str], days: float, reason: str
) -> None:
    slip = with_check_digit("980000070125")
    letter = Coupon("letter", "LETTER", {"de": "Brief"}, amount_minor=100, times_max=1)
    shop = open_shop(new_store_url(), coupons=[letter])
    shop.scan(shop.wine)
    for text in (slip, "LETTER"):
        shop.till.scan("1", text, how="serial")
    shop.pay()
    shop.clock.forward(days=days)
    forget(shop)
    assert answer_or_reason(lambda: shop.till.scan("1", slip, how="serial"))[1] == reason
    assert answer_or_reason(lambda: shop.till.scan("1", "LETTER", how="serial"))[1] == "coupon_used"


def test_a_code_for_the_gate_is_forgotten_the_next_day(shop: StoreShop) -> None:
    shop.scan(shop.milk, "phone-1")
    basket = shop.pay("phone-1")
    shop.exits.allow(basket.id)
    shop.clock.forward(hours=23)
    forget(shop)
    assert rows(shop, t.exit_passes) == [1]
    shop.clock.forward(hours=2)
    forget(shop)
    assert rows(shop, t.exit_passes) == [0]
