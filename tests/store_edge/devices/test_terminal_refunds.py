"""Every way that money goes back to a card, or does not, against the emulated terminal's true books."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checkout.deposit import DepositKinds
from checkout.events import (
    CardRefundAsked,
    CardRefundDeclined,
    CardRefundMade,
    CardRefundSent,
    CardRefundUnknown,
    PaymentReturned,
    SaleCompleted,
)
from checkout.payment import Payment
from checkout.staff import Clerk
from hardware.zvt.books import REFUND, REVERSAL
from hardware.zvt.emulator import TerminalEmulator
from store_edge.devices import terminal as agent
from store_edge.settings import DeviceSettings, Settings
from tests.store_edge.open_store import Store, store_settings, until

IMPATIENT = {"open_s": 1.0, "answer_s": 1.0, "enquiry_s": 2.0}
PAYMENT_S = 1.0
CLERK = Clerk("clerk-1", frozenset({"serve"}))
OWED_MINOR = 75


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


def ask_refund(store: Store) -> Payment:
    """Hand three bottles in, and ask for their deposit on a card."""
    store.box.shelves.put(DepositKinds().articles())
    store.box.till.empties.take_empties("1", "single-use", 3, clerk=CLERK)
    return store.payment(store.box.cashier.ask_refund("1", CLERK))


def moved(terminal: TerminalEmulator, kind: str) -> list[int]:
    """The amounts of all bookings of a kind."""
    return [it.amount_minor for it in terminal.bookings if it.kind == kind]


def made(store: Store, terminal: TerminalEmulator, found_by: str) -> None:
    """The deposit went out once, and one receipt says so."""
    refund = store.await_event(CardRefundMade)
    sale = store.await_event(SaleCompleted)
    assert (refund.found_by, refund.amount_minor, sale.total_minor) == (found_by, OWED_MINOR, -OWED_MINOR)
    assert moved(terminal, REFUND) == [OWED_MINOR]
    assert len(store.events(CardRefundMade)) == len(store.events(SaleCompleted)) == 1


def not_made(store: Store, terminal: TerminalEmulator, reason: str) -> None:
    """No money moved, and the basket can be paid out in another way."""
    assert store.await_event(CardRefundDeclined).reason == reason
    until(lambda: (basket := store.basket()) is not None and basket.state == "open")
    assert not moved(terminal, REFUND)
    assert not store.events(SaleCompleted)


def test_a_refund_goes_to_the_card_that_is_held_there(store: Store, terminal: TerminalEmulator) -> None:
    terminal.next_card("approve")
    ask_refund(store)
    made(store, terminal, "answer")
    assert [type(e).__name__ for e in store.events(CardRefundAsked, CardRefundSent)] == [
        "CardRefundAsked",
        "CardRefundSent",
    ]


def test_a_card_that_takes_no_refund_leaves_the_basket_open(store: Store, terminal: TerminalEmulator) -> None:
    terminal.next_card("decline")
    ask_refund(store)
    not_made(store, terminal, "card")


def test_nobody_with_a_card_ends_in_a_clear_no(store: Store, terminal: TerminalEmulator) -> None:
    ask_refund(store)
    not_made(store, terminal, "card")


def test_a_refund_can_be_stopped_while_the_card_is_waited_for(
    store: Store, terminal: TerminalEmulator
) -> None:
    ask_refund(store)
    until(lambda: terminal.waiting_minor == OWED_MINOR)
    store.box.cashier.stop_payment("1")
    not_made(store, terminal, "shopper")


@pytest.mark.parametrize("byte_count", [1, 14, 26, 60, 100])
def test_wherever_the_line_dies_the_shop_believes_what_the_terminal_booked(
    store: Store, terminal: TerminalEmulator, byte_count: int
) -> None:
    terminal.next_card("approve")
    terminal.die_at(byte_count)
    ask_refund(store)
    until(lambda: store.events(CardRefundMade, CardRefundDeclined))
    assert len(store.events(CardRefundMade)) == len(moved(terminal, REFUND))
    assert len(store.events(CardRefundSent)) == 1
    assert not store.events(CardRefundUnknown)


def test_a_terminal_dead_after_booking_is_found_by_enquiry(store: Store, terminal: TerminalEmulator) -> None:
    terminal.next_card("silent")
    ask_refund(store)
    made(store, terminal, "enquiry")


def test_a_terminal_silent_and_gone_is_left_to_staff_and_never_asked_twice(
    store: Store, terminal: TerminalEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent, "ENQUIRY_S_MAX", 1.0)
    terminal.next_card("silent")
    refund = ask_refund(store)
    until(lambda: moved(terminal, REFUND))
    terminal.unplug()
    assert store.await_event(CardRefundUnknown).payment == refund.id
    assert ("refund_unknown", refund.id) in store.tasks()
    assert store.box.cashier.ask_refund("1", CLERK).state == "paying"
    terminal.plug()
    made(store, terminal, "enquiry")
    assert len(store.events(CardRefundAsked)) == len(store.events(CardRefundSent)) == 1
    assert ("refund_unknown", refund.id) not in store.tasks()


@pytest.mark.parametrize("booked", [True, False])
def test_a_refund_that_was_sent_before_a_restart_is_enquired(
    settings: Settings, open_box: Callable[..., Store], terminal: TerminalEmulator, booked: bool
) -> None:
    before = open_box(settings)
    terminal.next_card("silent" if booked else "mute")
    ask_refund(before)
    before.await_event(CardRefundSent)
    until(lambda: terminal.waiting_minor is None and (moved(terminal, REFUND) or not booked))
    before.box.stop()
    after = open_box(settings)
    if booked:
        made(after, terminal, "enquiry")
    else:
        not_made(after, terminal, "enquiry")
    assert len(after.events(CardRefundSent)) == 1


# A part that was paid for a sale that is given up


def give_up(store: Store, terminal: TerminalEmulator) -> Payment:
    """Pay one part of two by card, then think better of it."""
    basket = store.scan(2)
    terminal.next_card("approve")
    store.box.cashier.ask_payment("1", amount_minor=100)
    until(lambda: store.box.payments.held_for(basket.id))
    store.box.pay_desk.give_back("1")
    return store.box.payments.held_for(basket.id)[0]


def undone(store: Store, terminal: TerminalEmulator) -> None:
    store.await_event(PaymentReturned)
    until(lambda: (basket := store.basket()) is not None and basket.state == "open")
    assert (moved(terminal, REVERSAL), terminal.held) == ([100], [])
    assert not store.tasks()


def test_the_terminal_undoes_a_part_by_itself(store: Store, terminal: TerminalEmulator) -> None:
    give_up(store, terminal)
    undone(store, terminal)


@pytest.mark.parametrize("byte_count", [1, 12, 30])
def test_wherever_the_line_dies_a_part_is_undone_once(
    store: Store, terminal: TerminalEmulator, byte_count: int
) -> None:
    basket = store.scan(2)
    terminal.next_card("approve")
    store.box.cashier.ask_payment("1", amount_minor=100)
    until(lambda: store.box.payments.held_for(basket.id))
    terminal.die_at(byte_count)
    store.box.pay_desk.give_back("1")
    until(lambda: store.events(PaymentReturned))
    assert (moved(terminal, REVERSAL), terminal.held) == ([100], [])


def test_a_terminal_that_stays_away_leaves_it_to_staff(store: Store, terminal: TerminalEmulator) -> None:
    basket = store.scan(2)
    terminal.next_card("approve")
    store.box.cashier.ask_payment("1", amount_minor=100)
    until(lambda: store.box.payments.held_for(basket.id))
    terminal.unplug()
    store.box.pay_desk.give_back("1")
    declined = store.await_event(CardRefundDeclined)
    assert ("refund_due", declined.payment) in store.tasks()
    terminal.plug()
    store.await_health("terminal-1", "well")
    assert not moved(terminal, REVERSAL)  # a colleague may have done it on another one by now


def test_another_terminals_receipt_number_is_never_undone(
    settings: Settings, open_box: Callable[..., Store], terminal: TerminalEmulator
) -> None:
    store = open_box(settings)
    terminal.next_card("approve")
    part = store.ask_payment()
    store.await_event(SaleCompleted)
    with store.box.books.page() as page:
        elsewhere = replace(part, id="p-elsewhere", state="owed", terminal="terminal-9", receipt_number=1)
        page.save_payment(replace(elsewhere, back_asked_at=store.box.clock().isoformat()))
    store.box.stop()
    again = open_box(settings)
    until(lambda: ("refund_due", "p-elsewhere") in again.tasks())
    assert not moved(terminal, REVERSAL)
