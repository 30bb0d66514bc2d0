"""The printer's drawer opens where cash moves, and paper that ends is missed at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from checkout.events import CashMoved, ReceiptPrinted
from store_edge.devices import printer
from store_edge.settings import CashSettings, DeviceSettings, Settings
from tests.store_edge.open_store import Store, until

CASH_LANE = CashSettings(lanes=("1",))


@pytest.fixture
def open_lane(open_box: Callable[..., Store], tmp_path: Path) -> Callable[[CashSettings], Store]:
    def open_it(cash: CashSettings) -> Store:
        devices = {"printer-1": DeviceSettings("printer.escpos", emulated=True)}
        store = open_box(Settings(home=tmp_path / "store", devices=devices, cash=cash))
        store.await_health("printer-1", "well")
        return store

    return open_it


def pay_by_card(store: Store) -> None:
    payment = store.ask_payment()
    store.box.cashier.send(payment.id, "by hand", 7)
    store.box.cashier.taken(payment.id, 8, "girocard", "staff")


def test_a_cash_sale_opens_the_drawer_and_a_card_does_not(open_lane: Callable[..., Store]) -> None:
    store = open_lane(CASH_LANE)
    basket = store.scan(1)
    store.box.pay_desk.pay_cash("1", basket.total_minor)
    store.await_event(ReceiptPrinted)
    assert store.emulator("printer-1").kicks == 1
    pay_by_card(store)
    store.await_event(ReceiptPrinted, 2)
    assert store.emulator("printer-1").kicks == 1


def test_cash_that_moves_without_a_sale_opens_it(open_lane: Callable[..., Store]) -> None:
    store = open_lane(CASH_LANE)
    with store.box.books.page() as page:
        page.announce(CashMoved("drop", "", -5000, "c1"), "2")
        page.announce(CashMoved("drop", "", -5000, "c1"), "1")
    until(lambda: store.emulator("printer-1").kicks == 1)


def test_a_lane_without_a_drawer_kicks_nothing(open_lane: Callable[..., Store]) -> None:
    store = open_lane(CashSettings())
    with store.box.books.page() as page:
        page.announce(CashMoved("drop", "", -5000, "c1"), "1")
    pay_by_card(store)
    store.await_event(ReceiptPrinted)
    assert store.emulator("printer-1").kicks == 0


def test_fault_18_paper_that_ends_is_missed_at_once_though_nobody_asks(
    open_lane: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printer, "CHECK_S", 3600.0)
    store = open_lane(CashSettings())
    store.emulator("printer-1").paper_out()
    store.await_health("printer-1", "lost")
    health = store.box.health.of("printer-1")
    assert health is not None
    assert health.reason == "The printer is out of paper"
    store.emulator("printer-1").paper_in()
    store.await_health("printer-1", "well")
