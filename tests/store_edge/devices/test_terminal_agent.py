"""Every way a payment can go, against the emulated terminal's true books."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from checkout.events import (
    DeviceBack,
    PaymentAsked,
    PaymentDeclined,
    PaymentProgressed,
    PaymentSent,
    PaymentTaken,
    PaymentUnknown,
    SaleCompleted,
    TaskDone,
)
from hardware.zvt.emulator import TerminalEmulator
from store_edge.devices import terminal as agent
from store_edge.settings import DeviceSettings, Settings
from tests.store_edge.open_store import Store, store_settings, until

IMPATIENT = {"open_s": 1.0, "answer_s": 1.0, "enquiry_s": 2.0}
PAYMENT_S = 2.0


@pytest.fixture
def terminal() -> Iterator[TerminalEmulator]:
    with TerminalEmulator(status_every_s=0.2) as emulator:
        yield emulator


@pytest.fixture
def settings(terminal: TerminalEmulator, tmp_path: Path) -> Settings:
    device = DeviceSettings("terminal.zvt", terminal.address, options=IMPATIENT)
    return store_settings(tmp_path / "store", {"terminal-1": device}, payment_s=PAYMENT_S)


@pytest.fixture
def store(settings: Settings, open_box: Callable[..., Store]) -> Store:
    return open_box(settings)


def sold(store: Store, terminal: TerminalEmulator, found_by: str, charges: int = 1) -> None:
    """One sale, one receipt, and exactly the money that moved."""
    taken = store.await_event(PaymentTaken)
    sale = store.await_event(SaleCompleted)
    assert taken.found_by == found_by
    assert sale.payment == taken.payment
    assert len(terminal.charges) == charges
    charge = terminal.charges[-1]
    assert (charge.amount_minor, charge.receipt_number) == (sale.total_minor, taken.receipt_number)
    receipt = store.box.receipts.by_number(sale.receipt)
    assert receipt is not None
    assert receipt.terminal_receipt == charge.receipt_number
    assert len(store.events(SaleCompleted)) == len(store.events(PaymentTaken)) == 1


def not_sold(store: Store, terminal: TerminalEmulator, reason: str, charges: int = 0) -> None:
    """No money moved, and the basket is open for another try."""
    assert store.await_event(PaymentDeclined).reason == reason
    until(lambda: (basket := store.basket()) is not None and basket.state == "open")
    assert len(terminal.charges) == charges
    assert not store.events(SaleCompleted)


def test_an_approved_card_completes_the_sale(store: Store, terminal: TerminalEmulator) -> None:
    terminal.next_card("approve")
    store.ask_payment()
    sold(store, terminal, "answer")
    assert store.events(PaymentProgressed)


def test_a_declined_card_opens_the_basket_again_and_another_one_pays(
    store: Store, terminal: TerminalEmulator
) -> None:
    terminal.next_card("decline")
    store.ask_payment()
    not_sold(store, terminal, "card")
    terminal.next_card("approve")
    store.box.cashier.ask_payment("1")
    sold(store, terminal, "answer")


def test_two_cards_pay_a_part_each_and_the_first_ones_receipt_does_not_count_for_the_second(
    store: Store, terminal: TerminalEmulator
) -> None:
    basket = store.scan(2)
    for _ in range(2):  # the same amount twice: the second looks like the first's repetition
        terminal.next_card("approve")
        store.box.cashier.ask_payment("1", amount_minor=100)
        until(lambda: store.box.payments.open_for(basket.id) is None)
    terminal.next_card("decline")
    store.box.cashier.ask_payment("1")
    store.await_event(PaymentDeclined)
    assert store.basket() is not None
    assert [charge.amount_minor for charge in terminal.charges] == [100, 100]
    terminal.next_card("approve")
    store.box.cashier.ask_payment("1")
    store.await_event(SaleCompleted)
    assert sum(charge.amount_minor for charge in terminal.charges) == basket.total_minor
    assert [event.due_minor for event in store.events(PaymentTaken)][-1] == 0


def test_a_stop_before_the_terminal_was_asked_is_a_clear_no(store: Store, terminal: TerminalEmulator) -> None:
    terminal.unplug()
    store.await_health("terminal-1", "lost")
    store.ask_payment()
    store.box.cashier.stop_payment("1")
    not_sold(store, terminal, "shopper")
    terminal.plug()
    store.await_health("terminal-1", "well")
    assert not store.events(PaymentSent)


def test_a_stop_while_the_card_is_waited_for_lets_the_terminal_go(
    store: Store, terminal: TerminalEmulator
) -> None:
    store.ask_payment()
    until(lambda: terminal.waiting_minor)
    store.box.cashier.stop_payment("1")
    not_sold(store, terminal, "shopper")
    assert terminal.waiting_minor is None


class HurriedShopper:
    """A terminal's driver whose shopper taps "stop" between the written word and the first byte."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self.before_pay: Callable[[], None] = lambda: None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._driver, name)

    def abort(self) -> None:
        self._driver.abort()
        self.aborted = True

    def pay(self, *how: Any) -> Any:
        self.before_pay()
        return self._driver.pay(*how)


def test_a_stop_between_the_written_word_and_the_first_byte_is_not_lost(
    settings: Settings, open_box: Callable[..., Store], terminal: TerminalEmulator
) -> None:
    store = open_box(settings, start=False)
    store.box.start()
    bridge = next(w for w in store.box._workers if isinstance(w, agent.TerminalAgent))
    hurried = HurriedShopper(bridge._terminal)

    def stop_and_wait() -> None:
        store.box.cashier.stop_payment("1")
        until(lambda: hasattr(hurried, "aborted"))

    hurried.before_pay = stop_and_wait
    bridge._terminal = hurried
    store.ask_payment()
    not_sold(store, terminal, "shopper")


def test_the_red_key_is_a_no_of_the_card_reader(store: Store, terminal: TerminalEmulator) -> None:
    store.ask_payment()
    until(lambda: terminal.waiting_minor)
    terminal.press_stop()
    not_sold(store, terminal, "card")


def test_nobody_with_a_card_ends_in_a_clear_no(store: Store, terminal: TerminalEmulator) -> None:
    store.ask_payment()
    not_sold(store, terminal, "card")


def test_fault_15_a_terminal_dead_after_booking_is_found_by_enquiry(
    store: Store, terminal: TerminalEmulator
) -> None:
    terminal.next_card("silent")
    store.ask_payment()
    sold(store, terminal, "enquiry")


def test_fault_15_a_line_dead_after_booking_is_found_by_enquiry(
    store: Store, terminal: TerminalEmulator
) -> None:
    terminal.next_card("approve")
    terminal.die_at(40, after_booking=True)
    store.ask_payment()
    sold(store, terminal, "enquiry")


def test_a_terminal_dead_before_booking_is_declined_by_enquiry(
    store: Store, terminal: TerminalEmulator
) -> None:
    terminal.next_card("mute")
    store.ask_payment()
    not_sold(store, terminal, "enquiry")


@pytest.mark.parametrize("byte_count", [1, 6, 14, 20, 26, 60, 100])
def test_wherever_the_line_dies_the_shop_believes_what_the_terminal_booked(
    store: Store, terminal: TerminalEmulator, byte_count: int
) -> None:
    terminal.next_card("approve")
    terminal.die_at(byte_count)
    store.ask_payment()
    until(lambda: store.events(PaymentTaken, PaymentDeclined))
    assert len(store.events(PaymentTaken)) == len(terminal.charges)
    assert not store.events(PaymentUnknown)


def test_fault_16_a_terminal_silent_and_gone_is_left_to_staff_and_never_asked_twice(
    store: Store, terminal: TerminalEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent, "ENQUIRY_S_MAX", 1.0)
    terminal.next_card("silent")
    payment = store.ask_payment()
    until(lambda: terminal.charges)
    terminal.unplug()
    assert store.await_event(PaymentUnknown).payment == payment.id
    assert ("payment_unknown", payment.id) in store.tasks()
    basket = store.box.cashier.ask_payment("1")  # the shopper taps on
    assert basket.state == "paying"
    assert len(store.events(PaymentAsked)) == len(store.events(PaymentSent)) == 1
    terminal.plug()
    sold(store, terminal, "enquiry")
    assert ("payment_unknown", payment.id) not in store.tasks()
    assert "taken" in [done.outcome for done in store.events(TaskDone)]


def test_the_previous_customers_payment_of_the_same_amount_does_not_count(
    store: Store, terminal: TerminalEmulator
) -> None:
    terminal.next_card("approve")
    first = store.ask_payment()
    store.await_event(SaleCompleted)
    terminal.next_card("mute")
    second = store.ask_payment()
    assert second.amount_minor == first.amount_minor
    declined = store.await_event(PaymentDeclined)
    assert (declined.payment, declined.reason) == (second.id, "enquiry")
    assert len(terminal.charges) == len(store.events(SaleCompleted)) == 1


def test_a_newer_booking_of_another_amount_is_for_staff_to_decide(
    store: Store, terminal: TerminalEmulator, settings: Settings, open_box: Callable[..., Store]
) -> None:
    """Somebody used the terminal by hand while the box was away."""
    terminal.next_card("mute")
    payment = store.ask_payment(pieces=2)
    store.await_event(PaymentSent)
    store.box.stop()
    other = open_box(store_settings(settings.home.parent / "other", settings.devices, payment_s=PAYMENT_S))
    terminal.next_card("approve")
    other.ask_payment(pieces=1)
    other.await_event(SaleCompleted)
    other.box.stop()
    again = open_box(settings)
    assert again.await_event(PaymentUnknown).payment == payment.id
    assert ("payment_unknown", payment.id) in again.tasks()


def test_a_payment_that_was_asked_before_a_restart_is_asked_of_the_terminal_afterwards(
    settings: Settings, open_box: Callable[..., Store], terminal: TerminalEmulator
) -> None:
    before = open_box(settings, start=False)
    before.ask_payment()
    before.box.stop()
    terminal.next_card("approve")
    sold(open_box(settings), terminal, "answer")


@pytest.mark.parametrize("booked", [True, False])
def test_a_payment_that_was_sent_before_a_restart_is_enquired(
    settings: Settings, open_box: Callable[..., Store], terminal: TerminalEmulator, booked: bool
) -> None:
    before = open_box(settings)
    terminal.next_card("silent" if booked else "mute")
    before.ask_payment()
    before.await_event(PaymentSent)
    until(lambda: terminal.waiting_minor is None and (terminal.charges or not booked))
    before.box.stop()
    after = open_box(settings)
    if booked:
        sold(after, terminal, "enquiry")
    else:
        not_sold(after, terminal, "enquiry")
    assert len(after.events(PaymentSent)) == 1


def test_a_terminal_busy_with_itself_was_asked_nothing(store: Store, terminal: TerminalEmulator) -> None:
    terminal.occupied = True
    store.ask_payment()
    not_sold(store, terminal, "terminal")
    terminal.occupied = False
    store.await_health("terminal-1", "well")
    terminal.next_card("approve")
    store.box.cashier.ask_payment("1")
    sold(store, terminal, "answer")


def test_an_idle_terminal_that_is_gone_is_noticed_before_anybody_pays(
    settings: Settings,
    open_box: Callable[..., Store],
    terminal: TerminalEmulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(agent, "PRESENT_CHECK_S", 0.2)
    store = open_box(settings)
    store.await_health("terminal-1", "well")
    terminal.unplug()
    store.await_health("terminal-1", "lost")
    until(lambda: ("device_lost", "terminal-1") in store.tasks())
    terminal.plug()
    store.await_health("terminal-1", "well")
    until(lambda: ("device_lost", "terminal-1") not in store.tasks())


def test_a_box_stopped_while_a_device_was_gone_calls_nobody_once_it_is_there(
    settings: Settings, open_box: Callable[..., Store], terminal: TerminalEmulator
) -> None:
    terminal.unplug()
    before = open_box(settings)
    until(lambda: ("device_lost", "terminal-1") in before.tasks())
    before.box.stop()
    terminal.plug()
    after = open_box(settings)
    assert after.await_event(DeviceBack).device == "terminal-1"
    until(lambda: ("device_lost", "terminal-1") not in after.tasks())
