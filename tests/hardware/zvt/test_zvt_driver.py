"""The terminal's driver: against the emulator on a real socket, and against recorded dialogues."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hardware.errors import Busy, DeviceFault, Garbled, OutcomeUnknown, Unreachable
from hardware.readings import CardOutcome, LastPayment
from hardware.transport import ReplayWire, open_wire, parse_recording
from hardware.zvt.codec import encode
from hardware.zvt.codes import ALREADY_REVERSED, PLEASE_WAIT
from hardware.zvt.driver import ZvtTerminal
from hardware.zvt.emulator import CARDS, Charge, TerminalEmulator
from hardware.zvt.orders import Authorisation
from hardware.zvt.paper import CARD_NUMBER

RECORDINGS = Path(__file__).parents[2] / "recordings" / "zvt"


def nobody(_: int) -> None:
    """A shop without a screen."""


def terminal_at(address: str, **options: float) -> ZvtTerminal:
    return ZvtTerminal(address, open_s=2.0, answer_s=options.get("answer_s", 2.0), enquiry_s=2.0)


def until(condition: Callable[[], object], within_s: float = 3.0) -> None:
    ends = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < ends, "it never happened"
        time.sleep(0.002)


@pytest.fixture
def emulator() -> Iterator[TerminalEmulator]:
    with TerminalEmulator(status_every_s=0.05, slow_s=0.1) as emulator:
        yield emulator


@pytest.fixture
def terminal(emulator: TerminalEmulator) -> Iterator[ZvtTerminal]:
    terminal = terminal_at(emulator.address)
    terminal.open()
    yield terminal
    terminal.close()


def enquire(terminal: ZvtTerminal) -> LastPayment | None:
    """As the shop does: the line may break once more while we ask."""
    try:
        return terminal.last_payment()
    except Unreachable:
        return terminal.last_payment()


def when_waiting(emulator: TerminalEmulator, act: Callable[[], object]) -> threading.Thread:
    """A person who acts as soon as the terminal asks for a card."""

    def person() -> None:
        until(lambda: emulator.waiting_minor is not None)
        act()

    thread = threading.Thread(target=person)
    thread.start()
    return thread


def test_a_person_pays(emulator: TerminalEmulator, terminal: ZvtTerminal) -> None:
    assert terminal.last_receipt_number == 0
    assert terminal.last_payment() is None
    statuses: list[int] = []
    person = when_waiting(emulator, lambda: emulator.insert_card("approve"))
    assert terminal.pay(1234, statuses.append, 5.0) == CardOutcome(True, 1234, 1, 0, "girocard")
    person.join()
    assert statuses[0] == 0x0A
    assert statuses[-2:] == [0x04, 0x0B]
    assert emulator.charges == [Charge(1234, 1)]
    assert terminal.last_receipt_number == 1
    assert terminal.last_payment() == LastPayment(1234, 1, True)
    assert terminal.status() == 0


def test_a_steadfast_card_goes_on_without_the_line_and_the_terminal_says_that_it_is_busy() -> None:
    with TerminalEmulator(slow_s=5.0, alone_s=0.5) as emulator:
        terminal = terminal_at(emulator.address)
        terminal.open()
        emulator.next_card("steadfast")
        emulator.die_at(26)
        with pytest.raises(OutcomeUnknown):
            terminal.pay(1234, nobody, 5.0)
        terminal.open()
        assert terminal.last_payment() is None
        assert terminal.status() == PLEASE_WAIT
        with pytest.raises(Busy):
            terminal.pay(1234, nobody, 5.0)
        assert emulator.charges == [], "it is asked before it has booked"
        until(lambda: emulator.charges == [Charge(1234, 1)])
        assert terminal.last_payment() == LastPayment(1234, 1, True)
        assert terminal.status() == 0
        terminal.close()


def test_declined_moves_nothing(emulator: TerminalEmulator, terminal: ZvtTerminal) -> None:
    emulator.next_card("decline")
    outcome = terminal.pay(1234, nobody, 5.0)
    assert outcome == CardOutcome(False, 1234, None, 0x05, text="Karte abgelehnt")
    assert emulator.charges == []
    emulator.next_card("slow")
    assert terminal.pay(500, nobody, 5.0).receipt_number == 1


def test_many_payments_one_after_the_other() -> None:
    with TerminalEmulator(auto=True, first_receipt_number=9998) as emulator:
        terminal = terminal_at(emulator.address)
        terminal.open()
        numbers = [terminal.pay(100 + n, nobody, 5.0).receipt_number for n in range(4)]
        terminal.close()
    assert numbers == [9998, 9999, 1, 2]
    assert [charge.amount_minor for charge in emulator.charges] == [100, 101, 102, 103]


@pytest.mark.parametrize("act", ["shop", "customer"])
def test_stopped_before_the_card(emulator: TerminalEmulator, terminal: ZvtTerminal, act: str) -> None:
    person = when_waiting(emulator, terminal.abort if act == "shop" else emulator.press_stop)
    began = time.monotonic()
    outcome = terminal.pay(1234, nobody, 20.0)
    person.join()
    assert (outcome.approved, outcome.result_code) == (False, 0x6C)
    assert time.monotonic() - began < 3.0
    emulator.next_card("approve")
    assert terminal.pay(1234, nobody, 5.0).approved
    assert emulator.charges == [Charge(1234, 1)]


def test_an_abort_that_comes_too_late_changes_nothing(
    emulator: TerminalEmulator, terminal: ZvtTerminal
) -> None:
    emulator.next_card("slow")
    assert terminal.pay(1234, lambda _: terminal.abort(), 5.0).approved
    assert emulator.charges == [Charge(1234, 1)]


def test_a_customer_who_walks_away_ends_in_a_clear_no(
    emulator: TerminalEmulator, terminal: ZvtTerminal
) -> None:
    began = time.monotonic()
    outcome = terminal.pay(1234, nobody, 1.6)
    assert (outcome.approved, outcome.result_code) == (False, 0x6C)
    assert time.monotonic() - began < 1.6
    assert not emulator.insert_card("approve")
    assert emulator.charges == []


@pytest.mark.parametrize(("card", "charged"), [("silent", True), ("mute", False)])
def test_silence_is_unknown_and_the_enquiry_tells(
    emulator: TerminalEmulator, terminal: ZvtTerminal, card: str, charged: bool
) -> None:
    emulator.next_card("approve")
    terminal.pay(100, nobody, 5.0)
    emulator.next_card(card)
    began = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        terminal.pay(1234, nobody, 0.6)
    assert time.monotonic() - began < 3.0
    assert terminal.last_payment() == (LastPayment(1234, 2, True) if charged else LastPayment(100, 1, True))
    assert terminal.last_receipt_number == len(emulator.charges) == (2 if charged else 1)
    emulator.next_card("approve")
    assert terminal.pay(300, nobody, 5.0).approved


@pytest.mark.parametrize("after_booking", [True, False])
def test_a_line_that_dies_at_any_byte_never_makes_us_guess(after_booking: bool) -> None:
    seen, outlived = set[str](), 0
    with TerminalEmulator(auto=True) as emulator:
        terminal = terminal_at(emulator.address)
        for byte_count in range(400):
            terminal.open()
            known, booked = terminal.last_receipt_number, len(emulator.charges)
            emulator.die_at(byte_count, after_booking)
            try:
                outcome = "approved" if terminal.pay(1000 + byte_count, nobody, 2.0).approved else "declined"
            except OutcomeUnknown:
                outcome = "unknown"
            seen.add(outcome)
            new = emulator.charges[booked:]
            last = enquire(terminal)
            found = (
                last is not None and last.receipt_number > known and last.amount_minor == 1000 + byte_count
            )
            assert found == (new == [Charge(1000 + byte_count, known + 1)])
            assert len(new) <= 1
            assert outcome == "unknown" or (outcome == "approved") == bool(new)
            outlived += outcome == "approved"
            if outlived == 5:  # the last acknowledgement has three bytes: every byte has had its turn
                break
        terminal.close()
    assert 80 < byte_count < 399
    assert seen == {"unknown", "approved"}


def test_a_declined_payment_is_never_charged_wherever_the_line_dies(emulator: TerminalEmulator) -> None:
    terminal = terminal_at(emulator.address)
    for byte_count in range(0, 400, 3):
        terminal.open()
        emulator.next_card("decline")
        emulator.die_at(byte_count, after_booking=True)
        with contextlib.suppress(OutcomeUnknown):
            assert not terminal.pay(1000, nobody, 2.0).approved
            break
        emulator.next_card("decline")
        if len(emulator.charges):  # the order was heard, the card was not yet seen: that one was booked
            assert terminal.last_payment() == LastPayment(1000, len(emulator.charges), True)
    terminal.close()
    assert 50 < byte_count < 399


def test_before_the_first_byte_a_broken_line_is_unreachable(
    emulator: TerminalEmulator, terminal: ZvtTerminal
) -> None:
    emulator.unplug()
    with pytest.raises(Unreachable):
        terminal.pay(1234, nobody, 5.0)
    with pytest.raises(Unreachable):
        terminal.pay(1234, nobody, 5.0)
    with pytest.raises(Unreachable):
        terminal.open()
    emulator.plug()
    terminal.open()
    emulator.next_card("approve")
    assert terminal.pay(1234, nobody, 5.0).approved


def test_unplugged_while_paying_is_unknown_and_books_survive(
    emulator: TerminalEmulator, terminal: ZvtTerminal
) -> None:
    emulator.next_card("approve")
    terminal.pay(100, nobody, 5.0)
    address = emulator.address
    person = when_waiting(emulator, emulator.unplug)
    with pytest.raises(OutcomeUnknown):
        terminal.pay(1234, nobody, 5.0)
    person.join()
    with pytest.raises(Unreachable):
        terminal.last_payment()
    emulator.plug()
    assert emulator.address == address
    assert terminal.last_payment() == LastPayment(100, 1, True)


def test_closing_from_another_thread_ends_a_payment_as_unknown(
    emulator: TerminalEmulator, terminal: ZvtTerminal
) -> None:
    person = when_waiting(emulator, terminal.close)
    with pytest.raises(OutcomeUnknown):
        terminal.pay(1234, nobody, 10.0)
    person.join()
    assert terminal.last_payment() is None


def test_a_busy_terminal_says_so(emulator: TerminalEmulator, terminal: ZvtTerminal) -> None:
    emulator.occupied = True
    with pytest.raises(Busy):
        terminal.pay(1234, nobody, 5.0)
    emulator.occupied = False
    emulator.next_card("approve")
    assert terminal.pay(1234, nobody, 5.0).approved


def test_one_shop_at_a_time_and_a_dead_one_makes_room(
    emulator: TerminalEmulator, terminal: ZvtTerminal
) -> None:
    other = terminal_at(emulator.address)
    with pytest.raises(Busy):
        other.open()
    assert terminal.last_payment() is None
    terminal.close()
    other.open()
    other.close()


def test_a_wrong_currency_is_refused_at_registration(emulator: TerminalEmulator) -> None:
    terminal = ZvtTerminal(emulator.address, currency="756", enquiry_s=2.0)
    with pytest.raises(Busy, match="6F"):
        terminal.open()


def test_a_terminal_that_wants_its_receipt_printed_is_heard_and_its_card_number_is_not(
    emulator: TerminalEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    terminal = ZvtTerminal(emulator.address, config_byte=0xBE)
    terminal.open()
    emulator.next_card("approve")
    outcome = terminal.pay(1234, nobody, 5.0)
    last = terminal.last_payment()
    terminal.close()
    assert outcome.approved
    number = CARD_NUMBER.hex()[:-1]
    shown = repr((outcome, last, vars(terminal), caplog.text))
    assert number not in shown
    assert number[:8] not in shown


def test_without_intermediate_status_there_is_none(emulator: TerminalEmulator) -> None:
    terminal = ZvtTerminal(emulator.address, config_byte=0x36)
    terminal.open()
    emulator.next_card("approve")
    statuses: list[int] = []
    assert terminal.pay(1234, statuses.append, 5.0).approved
    terminal.close()
    assert statuses == []


def test_an_order_without_registration_is_refused(emulator: TerminalEmulator) -> None:
    wire = open_wire(emulator.address, 1.0)
    wire.write(encode(Authorisation(100)), 1.0)
    heard = b""
    while len(heard) < 7:
        heard += wire.read(1.0)
    assert heard == bytes.fromhex("800000061e016b")
    wire.close()


def test_the_emulator_hangs_up_on_garbage_and_lives(emulator: TerminalEmulator) -> None:
    wire = open_wire(emulator.address, 1.0)
    wire.write(b"GET / HTTP/1.1\r\n\r\n", 1.0)
    with pytest.raises(Unreachable):
        wire.read(2.0)
    wire.close()
    terminal = terminal_at(emulator.address)
    terminal.open()
    terminal.close()


def test_cards_that_are_none(emulator: TerminalEmulator) -> None:
    for act in (emulator.next_card, emulator.insert_card):
        with pytest.raises(ValueError, match="no such card"):
            act("platinum")
    assert [emulator.insert_card(card) for card in CARDS] == [False] * len(CARDS)
    assert not emulator.press_stop()


def replayed(name: str, extra: str = "") -> tuple[ZvtTerminal, ReplayWire]:
    wire = ReplayWire(parse_recording((RECORDINGS / name).read_text() + extra))
    ticks = iter(range(1_000_000))
    terminal = ZvtTerminal("tcp://127.0.0.1:1", connect=lambda *_: wire, clock=lambda: next(ticks) / 100)
    return terminal, wire


def test_a_recorded_payment_plays_back() -> None:
    terminal, wire = replayed("approved.txt")
    terminal.open()
    assert terminal.last_receipt_number == 41
    statuses: list[int] = []
    assert terminal.pay(1234, statuses.append, 60.0) == CardOutcome(True, 1234, 42, 0, "girocard")
    assert wire.finished
    assert statuses == [0x0A]


def test_a_recorded_reversal_plays_back() -> None:
    terminal, wire = replayed("reversed.txt")
    terminal.open()
    assert terminal.reverse(42, 60.0) == CardOutcome(True, 1234, 43)
    again = terminal.reverse(42, 60.0)
    assert (again.approved, again.result_code) == (True, ALREADY_REVERSED)
    assert wire.finished


def test_a_result_without_its_end_is_unknown() -> None:
    terminal, _ = replayed("broken_after_result.txt")
    terminal.open()
    with pytest.raises(OutcomeUnknown):
        terminal.pay(1234, nobody, 60.0)


@pytest.mark.parametrize("noise", ["15 15", "04 0f 01 99", "06 0f 00 06 0f 00", "80 00 00", "04 0f ff ff ff"])
def test_garbage_while_paying_is_unknown(noise: str) -> None:
    terminal, _ = replayed("approved.txt")
    terminal.open()
    steps = (RECORDINGS / "approved.txt").read_text().splitlines()
    asked = next(number for number, line in enumerate(steps) if line.startswith("> 06 01"))
    text = "\n".join([*steps[: asked + 2], f"< {noise}", "> 80 00 00"])
    wire = ReplayWire(parse_recording(text))
    terminal = ZvtTerminal("tcp://127.0.0.1:1", connect=lambda *_: wire)
    terminal.open()
    with pytest.raises(OutcomeUnknown):
        terminal.pay(1234, nobody, 0.3)


def test_a_terminal_that_speaks_out_of_turn_is_not_asked_for_money() -> None:
    steps = (RECORDINGS / "approved.txt").read_text().splitlines()
    asked = next(number for number, line in enumerate(steps) if line.startswith("> 06 01"))
    wire = ReplayWire(parse_recording("\n".join([*steps[:asked], "< 80 00 00"])))
    terminal = ZvtTerminal("tcp://127.0.0.1:1", connect=lambda *_: wire)
    terminal.open()
    with pytest.raises(Garbled):
        terminal.pay(1234, nobody, 5.0)
    with pytest.raises(Unreachable):
        terminal.pay(1234, nobody, 5.0)


@pytest.mark.parametrize("heard", ["06 0f 00", "06 1e 01 a0", "04 01 00"])
def test_a_terminal_that_cannot_tell_its_last_payment_is_not_opened(heard: str) -> None:
    steps = (RECORDINGS / "approved.txt").read_text().splitlines()
    asked = next(number for number, line in enumerate(steps) if line.startswith("> 06 20"))
    answer = "> 84 83 00" if heard.startswith("04") else "> 80 00 00"
    wire = ReplayWire(parse_recording("\n".join([*steps[: asked + 2], f"< {heard}", answer])))
    terminal = ZvtTerminal("tcp://127.0.0.1:1", enquiry_s=0.2, connect=lambda *_: wire)
    with pytest.raises(DeviceFault):
        terminal.open()
    with pytest.raises(Unreachable):
        terminal.status()


def test_options_that_are_none_are_refused() -> None:
    for options in ({"password": "12"}, {"currency": "EUR"}):
        with pytest.raises(ValueError, match="password of six digits"):
            ZvtTerminal("tcp://127.0.0.1:1", **options)
    with pytest.raises(ValueError, match="not an amount"):
        ZvtTerminal("tcp://127.0.0.1:1").pay(0, nobody, 1.0)
    with pytest.raises(ValueError, match="address"):
        ZvtTerminal("")


def test_an_abort_that_crosses_the_end_leaves_no_answer_on_the_line() -> None:
    steps = (RECORDINGS / "approved.txt").read_text().splitlines()
    asked = next(number for number, line in enumerate(steps) if line.startswith("> 06 01"))
    crossing = ["< 04 ff 01 0a", "> 80 00 00", "> 06 b0 00", "< 06 1e 01 6c", "> 80 00 00", "< 80 00 00"]
    wire = ReplayWire(parse_recording("\n".join([*steps[: asked + 2], *crossing])))
    terminal = ZvtTerminal("tcp://127.0.0.1:1", connect=lambda *_: wire)
    terminal.open()
    assert terminal.pay(1234, lambda _: terminal.abort(), 5.0).result_code == 0x6C
    with pytest.raises(Unreachable):
        terminal.pay(1234, nobody, 5.0)


def test_a_screen_that_fails_does_not_leave_half_a_payment_on_the_line(
    emulator: TerminalEmulator, terminal: ZvtTerminal
) -> None:
    def broken(_: int) -> None:
        raise RuntimeError("the screen fell down")

    emulator.next_card("approve")
    with pytest.raises(RuntimeError):
        terminal.pay(1234, broken, 5.0)
    last = enquire(terminal)
    assert (last is not None) == bool(emulator.charges)
