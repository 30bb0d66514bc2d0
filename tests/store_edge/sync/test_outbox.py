"""What the journal holds comes to head office: once, in order, whatever happens to the line between them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from checkout.events import DeviceBack, DeviceLost, SaleCompleted, SoldLine
from store_edge.db.tables import parked_events
from store_edge.devices.health import LOST, WELL
from store_edge.settings import Settings
from store_edge.sync import outbox
from store_edge.sync.central_client import HeadOffice
from store_edge.sync.outbox import READER, cloud_event
from tests.store_edge.open_store import PIECES, HeadOfficeHouse, Store, store_settings, until
from tests.store_edge.sync.lossy_line import LossyLine


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return store_settings(tmp_path / "store")


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "BACKOFF_S_MIN", 0.05)
    monkeypatch.setattr(outbox, "BACKOFF_S_MAX", 0.2)


@pytest.fixture
def line(head_office: HeadOfficeHouse) -> Iterator[LossyLine]:
    lossy = LossyLine(head_office.port)
    yield lossy
    lossy.close()


def all_there(store: Store, house: HeadOfficeHouse) -> None:
    """Head office has exactly what the journal has, in its order, and nothing to be alarmed about."""
    journal = store.box.journal
    until(lambda: len(house.event_ids()) >= journal.last_number())
    assert house.event_ids() == [(journal.epoch, n) for n in range(1, journal.last_number() + 1)]
    assert house.alarms() == []


def test_what_happens_is_told(
    settings: Settings, open_box: Callable[..., Store], head_office: HeadOfficeHouse
) -> None:
    store = open_box(settings, head_office.client())
    store.scan(3)
    all_there(store, head_office)


def test_fault_8_head_office_away_and_back_drains_once_and_in_order(
    settings: Settings,
    open_box: Callable[..., Store],
    head_office: HeadOfficeHouse,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox, "BATCH_EVENTS_MAX", 7)
    store = open_box(settings, head_office.client())
    store.scan(2)
    all_there(store, head_office)
    head_office.close()
    for _ in range(20):
        store.scan(3)
    store.await_health(READER, LOST)
    store.scan(3)
    until(lambda: ("device_lost", READER) in store.tasks())
    assert len(head_office.event_ids()) < store.box.journal.last_number()
    head_office.open()
    store.await_health(READER, WELL)
    store.await_event(DeviceBack)
    all_there(store, head_office)
    until(lambda: ("device_lost", READER) not in store.tasks())
    assert len(store.events(DeviceLost)) == len(store.events(DeviceBack)) == 1


def test_a_box_that_was_stopped_goes_on_where_it_was(
    settings: Settings, open_box: Callable[..., Store], head_office: HeadOfficeHouse
) -> None:
    before = open_box(settings, head_office.client())
    before.scan(2)
    all_there(before, head_office)
    before.box.stop()
    after = open_box(settings, head_office.client())
    after.scan(2)
    all_there(after, head_office)


def test_fault_9_a_lost_request_is_said_again_and_is_one_event(
    settings: Settings, open_box: Callable[..., Store], head_office: HeadOfficeHouse, line: LossyLine
) -> None:
    line.lose["request"] = 3
    store = open_box(settings, head_office.client(line.url))
    store.scan(5)
    all_there(store, head_office)
    assert line.lost["request"] == 3


def test_fault_10_a_lost_answer_is_asked_for_again_and_is_one_event(
    settings: Settings, open_box: Callable[..., Store], head_office: HeadOfficeHouse, line: LossyLine
) -> None:
    store = open_box(settings, head_office.client(line.url))
    line.lose["answer"] = 3
    store.scan(5)
    all_there(store, head_office)
    until(lambda: line.lost["answer"] == 3)


def test_fault_12_duplicates_in_any_order_change_nothing(
    settings: Settings, open_box: Callable[..., Store], head_office: HeadOfficeHouse
) -> None:
    store = open_box(settings, head_office.client())
    store.scan(9)
    all_there(store, head_office)
    events = [cloud_event("demo", entry) for entry in store.box.journal.read(0)] * 2
    random.Random(12).shuffle(events)
    delivery = store.box.head_office.deliver(events)
    assert (delivery.accepted, delivery.repeated, delivery.refused) == (0, len(events), {})
    all_there(store, head_office)


def large_sale(receipt: int) -> SaleCompleted:
    """A cash-and-carry customer's: its event has some 90 kB."""
    lines = tuple(SoldLine(PIECES[0].gtin, 1, 0, 100, 700) for _ in range(1000))
    return SaleCompleted(f"b{receipt}", receipt, 100_000, "EUR", lines, (), "", "card", f"p{receipt}")


def test_many_large_sales_do_not_make_a_body_that_head_office_will_not_read(
    settings: Settings, open_box: Callable[..., Store], head_office: HeadOfficeHouse
) -> None:
    store = open_box(settings, head_office.client(), start=False)
    with store.box.books.page() as page:
        for receipt in range(1, 21):
            page.announce(large_sale(receipt), "1")
    store.box.start()
    all_there(store, head_office)
    assert not store.events(DeviceLost)


def test_what_head_office_refuses_for_good_is_parked_and_holds_nothing_up(
    settings: Settings, open_box: Callable[..., Store], head_office: HeadOfficeHouse
) -> None:
    store = open_box(settings, head_office.client(), start=False)
    with store.box.books.page() as page:
        page.announce(DeviceLost("scanner-1", "x" * 800_000))
    store.box.start()
    store.scan(2)

    def all_but_the_first() -> bool:
        last = store.box.journal.last_number()  # the store goes on: a lost device calls staff
        return [number for _, number in head_office.event_ids()] == list(range(2, last + 1))

    until(all_but_the_first)

    def parked() -> list[int]:
        with store.box.database.read() as connection:
            return list(connection.execute(select(parked_events.c.number)).scalars())

    until(lambda: parked() == [1])


def test_a_wrong_key_stops_no_sale(
    settings: Settings, open_box: Callable[..., Store], head_office: HeadOfficeHouse
) -> None:
    store = open_box(settings, HeadOffice(head_office.url, "wrong"))
    store.scan(2)
    store.await_health(READER, LOST)
    store.scan(2)
    assert head_office.event_ids() == []
    health = store.box.health.of(READER)
    assert health is not None
    assert "key-wrong" in health.reason
