"""An answer that is missing: the terminal may still be at work, and nobody is charged twice for that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from checkout.errors import Refused
from checkout.events import (
    DeviceLost,
    PaymentDeclined,
    PaymentEnquired,
    PaymentSent,
    PaymentStopAsked,
    PaymentTaken,
    PaymentUnknown,
    SaleCompleted,
)
from hardware.errors import OutcomeUnknown
from hardware.readings import CardOutcome, LastPayment
from hardware.zvt.driver import ZvtTerminal
from hardware.zvt.emulator import TerminalEmulator
from store_edge.devices import agent as agents
from store_edge.devices import terminal as agent
from store_edge.settings import DeviceSettings, Settings
from tests.store_edge.open_store import Store, store_settings, until

IMPATIENT = {"open_s": 1.0, "answer_s": 1.0, "enquiry_s": 2.0}
PAYMENT_S = 6.0
BANK_S = 1.5
"""How long the bank thinks after the line has gone: much longer than the first enquiry takes."""
CARD_IN_BYTES = 26
"""So many bytes into a payment's dialogue the card is in, and its line dies."""


@pytest.fixture
def terminal() -> Iterator[TerminalEmulator]:
    with TerminalEmulator(status_every_s=0.2, slow_s=BANK_S, alone_s=BANK_S) as emulator:
        yield emulator


@pytest.fixture
def settings_for(terminal: TerminalEmulator, tmp_path: Path) -> Callable[[float], Settings]:
    def settings(payment_s: float) -> Settings:
        device = DeviceSettings("terminal.zvt", terminal.address, options=IMPATIENT)
        return store_settings(tmp_path / "store", {"terminal-1": device}, payment_s=payment_s)

    return settings


@pytest.fixture
def settings(settings_for: Callable[[float], Settings]) -> Settings:
    return settings_for(PAYMENT_S)


def found_paid(store: Store, terminal: TerminalEmulator) -> None:
    """One sale for the one charge, found by asking, and the basket never opened again in between."""
    assert store.await_event(PaymentTaken).found_by == "enquiry"
    assert len(terminal.charges) == len(store.events(SaleCompleted)) == 1
    assert not store.events(PaymentDeclined)
    assert len(store.events(PaymentSent)) == 1


def agent_of(store: Store) -> agent.TerminalAgent:
    return next(worker for worker in store.box._workers if isinstance(worker, agent.TerminalAgent))


def sent_and_broken(store: Store, terminal: TerminalEmulator, card: str) -> None:
    """The box was killed while the terminal was at work: all it knows is that it had sent the payment."""
    payment = store.ask_payment()
    driver = ZvtTerminal(terminal.address, open_s=1.0, answer_s=1.0, enquiry_s=2.0)
    driver.open()
    assert store.box.cashier.send(payment.id, "terminal-1", driver.last_receipt_number)
    terminal.next_card(card)
    terminal.die_at(CARD_IN_BYTES)
    with pytest.raises(OutcomeUnknown):
        driver.pay(payment.amount_minor, lambda status: None, 5.0)
    driver.close()
    store.box.stop()


def test_an_old_receipt_right_after_the_line_broke_means_not_yet(
    settings: Settings, open_box: Callable[..., Store], terminal: TerminalEmulator
) -> None:
    store = open_box(settings)
    terminal.next_card("steadfast")
    terminal.die_at(CARD_IN_BYTES)
    payment = store.ask_payment()
    assert store.await_event(PaymentEnquired).payment == payment.id
    assert not terminal.charges, "the bank approves afterwards"
    found_paid(store, terminal)


def test_an_old_receipt_right_after_a_kill_means_not_yet(
    settings: Settings, open_box: Callable[..., Store], terminal: TerminalEmulator
) -> None:
    sent_and_broken(open_box(settings, start=False), terminal, "steadfast")
    found_paid(open_box(settings), terminal)


@pytest.mark.parametrize("hours", [9, -9])
def test_an_old_receipt_means_no_when_the_time_has_passed_whatever_the_clock_did(
    settings_for: Callable[[float], Settings],
    open_box: Callable[..., Store],
    terminal: TerminalEmulator,
    hours: int,
) -> None:
    settings = settings_for(PAYMENT_S if hours > 0 else 1.0)
    sent_and_broken(open_box(settings, start=False), terminal, "slow")
    later = open_box(settings, clock=lambda: dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours))
    assert later.await_event(PaymentDeclined, within_s=PAYMENT_S).reason == "enquiry"
    assert not terminal.charges


def test_a_terminal_that_stays_busy_beyond_the_time_is_left_to_staff_and_found_in_the_end(
    settings_for: Callable[[float], Settings],
    open_box: Callable[..., Store],
    terminal: TerminalEmulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(agent, "ENQUIRY_S_MAX", 0.2)
    monkeypatch.setattr(agent, "ENQUIRY_PAUSE_S", 0.1)
    monkeypatch.setattr(agent, "PRESENT_CHECK_S", 0.2)
    terminal.next_card("steadfast")
    terminal.die_at(CARD_IN_BYTES)
    store = open_box(settings_for(0.5))
    payment = store.ask_payment()
    assert store.await_event(PaymentUnknown).payment == payment.id
    assert ("payment_unknown", payment.id) in store.tasks()
    found_paid(store, terminal)
    assert ("payment_unknown", payment.id) not in store.tasks()


def test_an_old_receipt_is_no_proof_for_a_payment_that_was_left_to_staff(
    settings_for: Callable[[float], Settings],
    open_box: Callable[..., Store],
    terminal: TerminalEmulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(agent, "ENQUIRY_S_MAX", 0.5)
    monkeypatch.setattr(agent, "PRESENT_CHECK_S", 0.1)
    store = open_box(settings_for(1.0))
    payment = store.ask_payment()
    until(lambda: terminal.waiting_minor)
    terminal.unplug()
    store.await_event(PaymentUnknown)
    store.await_event(DeviceLost)
    looks: list[LastPayment | None] = []
    look = agent_of(store)._terminal.last_payment
    monkeypatch.setattr(agent_of(store)._terminal, "last_payment", lambda: looks.append(look()) or looks[-1])
    terminal.plug()
    until(lambda: len(looks) > 3)
    assert looks[-1] is None
    assert ("payment_unknown", payment.id) in store.tasks()
    assert not store.events(PaymentDeclined)


def test_a_terminal_gone_since_before_a_restart_is_left_to_staff_and_found_in_the_end(
    settings: Settings,
    open_box: Callable[..., Store],
    terminal: TerminalEmulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(agent, "ENQUIRY_S_MAX", 0.5)
    sent_and_broken(open_box(settings, start=False), terminal, "steadfast")
    terminal.unplug()
    store = open_box(settings)
    payment = store.await_event(PaymentUnknown).payment
    assert ("payment_unknown", payment) in store.tasks()
    until(lambda: terminal.charges)
    terminal.plug()
    found_paid(store, terminal)


# What a terminal may say when it is asked again


class Scripted:
    """A terminal that breaks off each payment, and whose last transaction is told in advance."""

    def __init__(self, before: LastPayment | None, afterwards: LastPayment | None) -> None:
        self._last, self._afterwards = before, afterwards
        self.last_receipt_number = before.receipt_number if before else 0

    def open(self) -> None: ...
    def close(self) -> None: ...
    def abort(self) -> None: ...

    def pay(self, amount_minor: int, on_status: Callable[[int], None], deadline_s: float) -> CardOutcome:
        self._last = self._afterwards
        raise OutcomeUnknown("the line broke")

    def last_payment(self) -> LastPayment | None:
        return self._last

    def status(self) -> int:
        return 0


@pytest.fixture
def bridged(
    open_box: Callable[..., Store], tmp_path: Path
) -> Iterator[Callable[[Any], tuple[Store, agent.TerminalAgent]]]:
    """A sleeping store with one agent awake, on a terminal of the test's."""
    awake: list[agent.TerminalAgent] = []

    def bridge(terminal: Any) -> tuple[Store, agent.TerminalAgent]:
        store = open_box(store_settings(tmp_path / "store", payment_s=60.0), start=False)
        awake.append(agent.TerminalAgent(store.box, "terminal-1", "terminal.test", "1", terminal))
        awake[0].start()
        store.await_health("terminal-1", "well")
        return store, awake[0]

    yield bridge
    for one in awake:
        one.stop()
        one.join()


Bridged = Callable[[Any], tuple[Store, agent.TerminalAgent]]


def test_a_terminal_that_has_forgotten_everything_is_for_staff(bridged: Bridged) -> None:
    store, _ = bridged(Scripted(LastPayment(500, 41, True), None))
    store.ask_payment()
    store.await_event(PaymentUnknown)
    assert not store.events(PaymentDeclined)


def test_another_count_of_receipts_is_another_terminal_and_for_staff(bridged: Bridged) -> None:
    terminal = Scripted(LastPayment(500, 1203, True), None)
    store, _ = bridged(terminal)
    terminal._afterwards = LastPayment(store.scan(1).total_minor, 57, True)
    store.box.cashier.ask_payment("1")
    store.await_event(PaymentUnknown)
    assert not store.events(PaymentTaken)


def test_a_newer_failure_of_this_amount_opens_the_basket_at_once(bridged: Bridged) -> None:
    terminal = Scripted(LastPayment(500, 9999, True), None)
    store, _ = bridged(terminal)
    terminal._afterwards = LastPayment(store.scan(1).total_minor, 1, False)
    store.box.cashier.ask_payment("1")
    assert store.await_event(PaymentDeclined).reason == "enquiry"


def test_a_failure_without_a_number_may_be_the_one_before(
    bridged: Bridged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent, "ENQUIRY_PAUSE_S", 0.01)
    terminal = Scripted(LastPayment(500, 41, True), None)
    looks: list[int] = []
    last_payment = terminal.last_payment

    def look() -> LastPayment | None:
        looks.append(1)
        return last_payment()

    store, _ = bridged(terminal)
    amount_minor = store.scan(1).total_minor
    terminal._afterwards = LastPayment(amount_minor, 0, False)
    terminal.last_payment = look  # type: ignore[method-assign]
    store.box.cashier.ask_payment("1")
    until(lambda: len(looks) > 5)
    assert not store.events(PaymentDeclined, PaymentUnknown)
    terminal._last = LastPayment(amount_minor, 42, True)
    assert store.await_event(PaymentTaken).receipt_number == 42


def test_a_refused_cards_own_number_does_not_answer_for_the_next_card(bridged: Bridged) -> None:
    class Refusing(Scripted):
        """Refuses the first card under a number of its own, and breaks off with the second."""

        cards = 0

        def pay(self, amount_minor: int, on_status: Callable[[int], None], deadline_s: float) -> CardOutcome:
            self.cards += 1
            if self.cards > 1:
                raise OutcomeUnknown("the line broke")
            self._last = LastPayment(amount_minor, 42, False)
            return CardOutcome(False, amount_minor, None, 5)

        def last_payment(self) -> LastPayment | None:
            self.last_receipt_number = self._last.receipt_number if self._last else 0
            return self._last

    store, _ = bridged(Refusing(LastPayment(500, 41, True), None))
    store.ask_payment()
    assert store.await_event(PaymentDeclined).reason == "card"
    store.box.cashier.ask_payment("1")
    store.await_event(PaymentEnquired)
    assert [sent.receipt_before for sent in store.events(PaymentSent)] == [41, 42]
    assert len(store.events(PaymentDeclined)) == 1


# What goes wrong beside the payment


def test_a_progress_that_cannot_be_written_does_not_hang_up_on_a_card(
    settings: Settings, open_box: Callable[..., Store], terminal: TerminalEmulator
) -> None:
    store = open_box(settings, start=False)

    def disk_full(*_: object) -> None:
        raise OSError("no space left on device")

    store.box.cashier.progressed = disk_full  # type: ignore[method-assign,assignment]
    store.box.start()
    terminal.next_card("approve")
    store.ask_payment()
    assert store.await_event(PaymentTaken).found_by == "answer"


def test_money_for_a_payment_that_was_given_up_is_for_staff_to_give_back(
    settings: Settings, open_box: Callable[..., Store], terminal: TerminalEmulator
) -> None:
    store = open_box(settings)
    payment = store.ask_payment()
    until(lambda: terminal.waiting_minor)
    store.box.cashier.declined(payment.id, "staff")
    assert terminal.insert_card("approve")
    until(lambda: ("payment_taken_after_all", payment.id) in store.tasks())
    found = store.box.payments.payment(payment.id)
    assert found is not None
    assert (found.state, found.receipt_number) == ("declined", terminal.charges[0].receipt_number)
    assert not store.events(SaleCompleted, DeviceLost)


def test_a_stop_of_an_earlier_payment_does_not_stop_this_one(
    settings: Settings,
    open_box: Callable[..., Store],
    terminal: TerminalEmulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = open_box(settings)
    bridge = agent_of(store)
    stops: list[str] = []
    monkeypatch.setattr(bridge._terminal, "abort", lambda: stops.append("stop"))
    payment = store.ask_payment()
    until(lambda: terminal.waiting_minor)
    with store.box.books.page() as page:
        page.announce(PaymentStopAsked(payment.basket, "an earlier one"), "1")
    until(lambda: bridge._stop_asked == "an earlier one")
    assert terminal.insert_card("approve")
    assert store.await_event(PaymentTaken).found_by == "answer"
    assert stops == []


def test_an_agent_that_gives_up_leaves_its_payment_to_staff(
    bridged: Bridged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agents, "BUGS_AN_HOUR_MAX", 2)
    monkeypatch.setattr(agents, "BACKOFF_S_MIN", 0.01)

    class Broken(Scripted):
        def pay(self, *_: object) -> CardOutcome:
            raise RuntimeError("a bug")

        def last_payment(self) -> LastPayment | None:
            if self._asked():
                raise RuntimeError("the same bug")
            return None

        _asked = staticmethod(lambda: False)

    terminal = Broken(None, None)
    store, _ = bridged(terminal)
    terminal._asked = lambda: bool(store.events(PaymentSent))
    payment = store.ask_payment()
    assert store.await_event(PaymentUnknown).payment == payment.id
    store.await_health("terminal-1", "lost")
    assert ("payment_unknown", payment.id) in store.tasks()


# Who asked long ago


def test_a_payment_asked_long_ago_is_not_asked_of_the_next_person(
    settings: Settings, open_box: Callable[..., Store], terminal: TerminalEmulator
) -> None:
    before = open_box(settings, start=False)
    before.ask_payment()
    before.box.stop()
    late_s = agent.ASKED_S_MAX + 1
    after = open_box(settings, clock=lambda: dt.datetime.now(dt.UTC) + dt.timedelta(seconds=late_s))
    assert after.await_event(PaymentDeclined).reason == "terminal"
    after.await_health("terminal-1", "well")
    assert not after.events(PaymentSent)
    basket = after.basket()
    assert basket is not None
    assert basket.state == "open"


def test_a_terminal_that_stays_away_holds_no_basket_for_ever(
    settings: Settings,
    open_box: Callable[..., Store],
    terminal: TerminalEmulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(agent, "ASKED_S_MAX", 0.3)
    terminal.unplug()
    store = open_box(settings)
    store.await_health("terminal-1", "lost")
    store.ask_payment()
    assert store.await_event(PaymentDeclined).reason == "terminal"
    assert not store.events(PaymentSent)


def test_only_a_lane_with_a_terminal_asks_for_money(
    settings: Settings, open_box: Callable[..., Store]
) -> None:
    store = open_box(settings, start=False)
    store.scan(lane="2")
    with pytest.raises(Refused) as refused:
        store.box.cashier.ask_payment("2")
    assert refused.value.reason == "no_terminal"
    assert store.ask_payment("1").state == "asked"
