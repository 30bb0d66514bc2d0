"""Paying by bank: the code on the screen, and money that comes as it likes: short, long, late, twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from checkout.errors import Refused
from checkout.events import (
    MoneyUnmatched,
    PaymentAsked,
    PaymentCodeShown,
    PaymentDeclined,
    PaymentTaken,
    SaleCompleted,
    TransferPaidBack,
    TransferReceived,
)
from checkout.payment import TRANSFER, Payment
from hardware.transfer.emulator import BankEmulator
from hardware.transfer.epc import read_code, reference_of
from store_edge.settings import DeviceSettings
from tests.store_edge.open_store import Store, store_settings, until

BANK = {
    "bank-1": DeviceSettings(
        "transfer.sepa", emulated=True, options={"poll_s": 0.05, "answer_s": 0.6, "try_s": 0.3}
    )
}
Open = Callable[..., Store]


@pytest.fixture
def store(open_box: Open, tmp_path: Path) -> Store:
    return opened(open_box, tmp_path)


def opened(open_box: Open, folder: Path, **limits: float) -> Store:
    found = open_box(store_settings(folder / "store", BANK, **limits))
    found.await_health("bank-1", "well")
    return found


def bank(store: Store) -> BankEmulator:
    found = store.emulator("bank-1")
    assert isinstance(found, BankEmulator)
    return found


def ask(store: Store, pieces: int = 1) -> Payment:
    """Scan something, choose to pay by bank, and wait for the code."""
    shown = len(store.events(PaymentCodeShown))
    store.scan(pieces)
    asked = store.payment(store.box.cashier.ask_payment("1", tender=TRANSFER))
    store.await_event(PaymentCodeShown, shown + 1)
    return payment(store, asked)


def payment(store: Store, of: Payment) -> Payment:
    found = store.box.payments.payment(of.id)
    assert found is not None
    return found


def waiting(store: Store, kind: str) -> list[str]:
    return [about for task, about in store.tasks() if task == kind]


def test_a_basket_is_paid_by_scanning_the_code(store: Store) -> None:
    asked = ask(store)
    transfer = read_code(asked.code)
    assert (transfer.amount_minor, transfer.remittance) == (asked.amount_minor, reference_of(asked.id))
    bank(store).scan(asked.code)
    sale = store.await_event(SaleCompleted)
    assert [(part.kind, part.amount_minor) for part in sale.tenders] == [(TRANSFER, asked.amount_minor)]
    assert store.await_event(PaymentTaken).found_by in ("notice", "enquiry")
    receipt = store.box.receipts.by_number(sale.receipt)
    assert receipt is not None
    assert receipt.paid_by == TRANSFER
    until(lambda: not bank(store).unreceipted)
    assert store.duties() == []


def test_too_little_is_waited_on_and_the_rest_completes_the_sale(store: Store) -> None:
    asked = ask(store)
    bank(store).scan(asked.code, 1)
    assert store.await_event(TransferReceived).received_minor == 1
    assert payment(store, asked).state == "sent"
    bank(store).scan(asked.code, asked.amount_minor - 1)
    store.await_event(SaleCompleted)
    assert store.duties() == []


def test_too_much_completes_the_sale_and_the_rest_goes_back(store: Store) -> None:
    asked = ask(store)
    bank(store).scan(asked.code, asked.amount_minor + 250)
    store.await_event(SaleCompleted)
    until(lambda: waiting(store, "pay_back") == [asked.id])
    assert payment(store, asked).back_minor == 250
    store.box.providers.paid_back(asked.id)
    store.box.providers.paid_back(asked.id)
    assert [one.amount_minor for one in store.events(TransferPaidBack)] == [250]
    assert store.duties() == []


def test_twice_is_once_too_much(store: Store) -> None:
    asked = ask(store)
    bank(store).scan(asked.code)
    store.await_event(SaleCompleted)
    bank(store).scan(asked.code)
    until(lambda: waiting(store, "pay_back") == [asked.id])
    assert payment(store, asked).back_minor == asked.amount_minor
    assert len(store.events(SaleCompleted)) == 1


def test_what_comes_after_the_shopper_stopped_goes_back(store: Store) -> None:
    asked = ask(store)
    store.box.cashier.stop_payment("1")
    assert store.await_event(PaymentDeclined).reason == "shopper"
    basket = store.basket()
    assert basket is not None
    assert basket.state == "open"
    bank(store).scan(asked.code)
    until(lambda: waiting(store, "pay_back") == [asked.id])
    assert payment(store, asked).back_minor == asked.amount_minor
    assert store.events(SaleCompleted) == []
    again = ask(store)
    assert again.code != asked.code
    bank(store).scan(again.code)
    store.await_event(SaleCompleted)
    assert waiting(store, "pay_back") == [asked.id], "each attempt has a reference of its own"


def test_time_is_over_and_what_came_until_then_was_too_little(open_box: Open, tmp_path: Path) -> None:
    store = opened(open_box, tmp_path, transfer_s=0.5)
    asked = ask(store)
    bank(store).scan(asked.code, 1)
    assert store.await_event(PaymentDeclined).reason == "late"
    until(lambda: waiting(store, "pay_back") == [asked.id])
    assert payment(store, asked).back_minor == 1


def test_a_wrong_reference_is_looked_into_by_staff(store: Store) -> None:
    asked = ask(store)
    wrong = reference_of(asked.id)[:-1] + ("1" if asked.id[-1] != "1" else "2")
    for remittance in ("Danke!", wrong, reference_of("0123456789abcdef")):
        bank(store).book(remittance, asked.amount_minor)
    bank(store).book(reference_of(asked.id), 77, credit_debit="DBIT")
    until(lambda: len(waiting(store, "money_unmatched")) == 3)
    until(lambda: not bank(store).unreceipted)
    assert [one.amount_minor for one in store.events(MoneyUnmatched)] == [asked.amount_minor] * 3
    assert payment(store, asked).state == "sent"
    typed = " ".join(("Rechnung", reference_of(asked.id)[:4], reference_of(asked.id)[4:].lower(), "danke"))
    bank(store).book(typed, asked.amount_minor)
    store.await_event(SaleCompleted)


def test_the_bank_is_away_and_nothing_is_lost(store: Store) -> None:
    asked = ask(store)
    bank(store).unplug()
    store.await_health("bank-1", "lost")
    bank(store).scan(asked.code)
    bank(store).plug()
    store.await_event(SaleCompleted)
    until(lambda: not bank(store).unreceipted)
    assert waiting(store, "pay_back") == []


def test_away_when_asked_it_says_so_and_the_basket_is_open(store: Store) -> None:
    bank(store).unplug()
    store.scan()
    store.box.cashier.ask_payment("1", tender=TRANSFER)
    assert store.await_event(PaymentDeclined).reason == "provider"
    basket = store.basket()
    assert basket is not None
    assert basket.state == "open"


def test_away_for_a_while_nobody_waits_for_it(store: Store) -> None:
    bank(store).unplug()
    store.await_health("bank-1", "lost")
    store.scan()
    store.box.cashier.ask_payment("1", tender=TRANSFER)
    assert store.await_event(PaymentDeclined).reason == "provider"


def test_a_restart_in_the_middle_goes_on_with_the_same_code(open_box: Open, tmp_path: Path) -> None:
    store = opened(open_box, tmp_path)
    asked = ask(store)
    store.box.stop()
    with BankEmulator(books=tmp_path / "store" / "emulators" / "bank-1.books") as elsewhere:
        elsewhere.scan(asked.code)
    again = opened(open_box, tmp_path)
    again.await_event(SaleCompleted)
    assert payment(again, asked).code == asked.code
    assert [one.received_minor for one in again.events(TransferReceived)] == [asked.amount_minor]


def test_where_it_is_not_offered_it_is_refused(open_box: Open, tmp_path: Path) -> None:
    store = open_box(store_settings(tmp_path / "store", {}))
    store.scan()
    with pytest.raises(Refused, match="not_offered_here"):
        store.box.cashier.ask_payment("1", tender=TRANSFER)
    assert store.events(PaymentAsked) == []
