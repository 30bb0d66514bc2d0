"""What a terminal does beyond taking money: giving back, closing the day, telling, showing, minding goods."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hardware.errors import Busy, OutcomeUnknown, Unreachable
from hardware.readings import CardOutcome, DayTotals, LastPayment
from hardware.zvt.books import Booking, ChargeBook
from hardware.zvt.codes import ALREADY_REVERSED, GOODS_NOT_ISSUED, REVERSAL_NOT_POSSIBLE
from hardware.zvt.driver import CONFIG_BYTE, PRINT_LINES, ZvtTerminal
from hardware.zvt.emulator import Charge, TerminalEmulator
from hardware.zvt.message import Message
from hardware.zvt.orders import (
    Authorisation,
    Diagnosis,
    DisplayText,
    EndOfDay,
    Initialisation,
    Refund,
    Registration,
    RepeatReceipt,
    Reversal,
    StatusEnquiry,
)
from hardware.zvt.paper import CARD_NUMBER
from hardware.zvt.session import ISSUED, NOT_ISSUED, ON_THEIR_WAY, Goods, partly_issued


def nobody(_: int) -> None:
    """A shop without a screen."""


@pytest.fixture(params=["tcp", "serial"])
def emulator(request: pytest.FixtureRequest) -> Iterator[TerminalEmulator]:
    serial = request.param == "serial"
    with TerminalEmulator(serial=serial, auto=True, status_every_s=0.01, ack_s=0.3) as emulator:
        yield emulator


@pytest.fixture
def terminal(emulator: TerminalEmulator) -> Iterator[ZvtTerminal]:
    terminal = ZvtTerminal(emulator.address, answer_s=2.0, enquiry_s=2.0, ack_s=0.3)
    terminal.open()
    yield terminal
    terminal.close()


def test_a_payment_is_reversed_once(emulator: TerminalEmulator, terminal: ZvtTerminal) -> None:
    terminal.pay(500, nobody, 5.0)
    terminal.pay(700, nobody, 5.0)
    assert terminal.reverse(1, 5.0) == CardOutcome(True, 500, 3, 0, "girocard")
    assert emulator.held == [Charge(700, 2)]
    assert terminal.reverse(1, 5.0).result_code == ALREADY_REVERSED
    assert terminal.reverse(1, 5.0).approved
    outcome = terminal.reverse(9, 5.0)
    assert (outcome.approved, outcome.result_code) == (False, REVERSAL_NOT_POSSIBLE)
    assert [booking.kind for booking in emulator.bookings] == ["payment", "payment", "reversal"]


def test_a_reversal_is_not_taken_for_a_payment(emulator: TerminalEmulator, terminal: ZvtTerminal) -> None:
    terminal.pay(500, nobody, 5.0)
    terminal.reverse(1, 5.0)
    assert terminal.last_payment() == LastPayment(0, 2, False)
    assert terminal.last_receipt_number == 2
    assert terminal.pay(500, nobody, 5.0).receipt_number == 3


def test_a_refund_needs_a_card_and_moves_money_the_other_way(
    emulator: TerminalEmulator, terminal: ZvtTerminal
) -> None:
    statuses: list[int] = []
    assert terminal.refund(300, statuses.append, 5.0) == CardOutcome(True, 300, 1, 0, "girocard")
    assert statuses[0] == 0x0A
    assert emulator.bookings == [Booking("refund", 300, 1)]
    assert emulator.charges == []
    emulator.next_card("decline")
    assert not terminal.refund(300, nobody, 5.0).approved
    with pytest.raises(ValueError, match="not an amount"):
        terminal.refund(0, nobody, 5.0)


@pytest.mark.parametrize("order", [Refund, Reversal])
def test_a_line_that_dies_while_money_goes_back_is_unknown(
    emulator: TerminalEmulator, terminal: ZvtTerminal, order: type
) -> None:
    terminal.pay(500, nobody, 5.0)
    emulator.die_at(30, orders=(order,))
    give_back = {
        Refund: lambda: terminal.refund(300, nobody, 5.0),
        Reversal: lambda: terminal.reverse(1, 5.0),
    }
    with pytest.raises(OutcomeUnknown):
        give_back[order]()
    with pytest.raises(Unreachable):
        terminal.status()


def test_a_terminal_without_power_stays_away_until_it_is_plugged_in(
    emulator: TerminalEmulator, terminal: ZvtTerminal
) -> None:
    emulator.die_at(25, stays_dead=True)
    with pytest.raises(OutcomeUnknown):
        terminal.pay(500, nobody, 5.0)
    with pytest.raises(Unreachable):
        terminal.open()
    emulator.plug()
    terminal.open()
    assert terminal.last_payment() is None


def test_the_day_is_closed_and_what_was_in_it_stays(
    emulator: TerminalEmulator, terminal: ZvtTerminal
) -> None:
    for amount_minor in (500, 700, 900):
        terminal.pay(amount_minor, nobody, 5.0)
    terminal.reverse(2, 5.0)
    assert terminal.end_of_day(5.0) == DayTotals(1400, 1, 4, (("girocard", 4, 1400),))
    assert terminal.end_of_day(5.0) == DayTotals(0, 0, 0)
    outcome = terminal.reverse(1, 5.0)
    assert (outcome.approved, outcome.result_code) == (False, REVERSAL_NOT_POSSIBLE)
    assert terminal.last_payment() == LastPayment(0, 4, False)
    emulator.occupied = True
    with pytest.raises(Busy):
        terminal.end_of_day(5.0)
    with pytest.raises(Busy):
        terminal.diagnose(5.0)
    with pytest.raises(Busy):
        terminal.reverse(1, 5.0)


def test_a_day_that_is_cut_off_is_no_unknown_money(emulator: TerminalEmulator, terminal: ZvtTerminal) -> None:
    emulator.die_at(20, orders=(EndOfDay,))
    with pytest.raises(Unreachable):
        terminal.end_of_day(5.0)


def test_what_the_terminal_shows(emulator: TerminalEmulator, terminal: ZvtTerminal) -> None:
    terminal.show("Guten Tag\nBitte warten", 2.0, seconds=5)
    assert emulator.display == ("Guten Tag", "Bitte warten")
    with pytest.raises(ValueError, match="8 lines"):
        terminal.show("\n".join("123456789"), 2.0)
    assert terminal.status() == 0


def test_what_the_terminal_prints_comes_without_the_card(emulator: TerminalEmulator) -> None:
    terminal = ZvtTerminal(emulator.address, config_byte=CONFIG_BYTE | PRINT_LINES, ack_s=0.3)
    terminal.open()
    terminal.pay(1234, nobody, 5.0)
    lines = terminal.repeat_receipt(5.0)
    assert lines[:2] == ("KUNDENBELEG", "Beleg 0001")
    assert "Karte ***************9999" in lines
    assert CARD_NUMBER.hex()[:8] not in str(lines)
    assert terminal.diagnose(5.0) == ("DIAGNOSE", "Verbindung in Ordnung")
    terminal.initialise(5.0)
    terminal.close()


def test_a_terminal_that_prints_itself_gives_no_lines(terminal: ZvtTerminal) -> None:
    with pytest.raises(Busy, match="cannot do that"):
        terminal.repeat_receipt(5.0)
    terminal.pay(1234, nobody, 5.0)
    assert terminal.repeat_receipt(5.0) == ()


def test_logged_off_it_takes_no_money_for_us(emulator: TerminalEmulator, terminal: ZvtTerminal) -> None:
    terminal.log_off()
    with pytest.raises(Unreachable):
        terminal.pay(500, nobody, 5.0)
    terminal.open()
    assert terminal.pay(500, nobody, 5.0).approved


def test_the_terminal_s_own_words_for_the_shopper(terminal: ZvtTerminal) -> None:
    words: list[str] = []
    terminal.pay(500, nobody, 5.0, on_words=words.append)
    assert words[0] == "Bitte Karte"


class Machine:
    """Hands out goods, or does not: says one after the other what became of them."""

    def __init__(self, *said: Goods) -> None:
        self.said = list(said)

    def __call__(self) -> Goods:
        return self.said.pop(0) if len(self.said) > 1 else self.said[0]


def test_goods_that_come_out_after_a_while_are_paid(
    emulator: TerminalEmulator, terminal: ZvtTerminal
) -> None:
    outcome = terminal.pay(500, nobody, 5.0, goods=Machine(ON_THEIR_WAY, ON_THEIR_WAY, ISSUED))
    assert (outcome.approved, outcome.receipt_number) == (True, 1)
    assert emulator.charges == [Charge(500, 1)]


def test_goods_that_come_out_in_part_are_paid_in_part(
    emulator: TerminalEmulator, terminal: ZvtTerminal
) -> None:
    outcome = terminal.pay(500, nobody, 5.0, goods=Machine(ON_THEIR_WAY, partly_issued(220)))
    assert (outcome.approved, outcome.amount_minor) == (True, 220)
    assert emulator.charges == [Charge(220, 1)]


@pytest.mark.parametrize("said", [(NOT_ISSUED,), (ON_THEIR_WAY,)])
def test_goods_that_never_come_out_are_not_paid(
    emulator: TerminalEmulator, terminal: ZvtTerminal, said: tuple[Goods, ...]
) -> None:
    outcome = terminal.pay(500, nobody, 5.0, goods=Machine(*said))
    assert (outcome.approved, outcome.result_code) == (False, GOODS_NOT_ISSUED)
    assert emulator.charges == []
    assert terminal.pay(500, nobody, 5.0).approved


def test_books_keep_every_kind_of_line_over_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "books"
    file.write_text("1234 1 .\n50", encoding="ascii")  # as older books wrote payments; and a torn row
    book = ChargeBook(file)
    booked = [Booking("reversal", 1234, 2, 1), Booking("day", 0, 0), Booking("payment", 700, 3)]
    for booking in booked:
        book.write(booking)
    again = ChargeBook(file)
    assert again.bookings == [Booking("payment", 1234, 1), *booked]
    assert again.held == [Charge(700, 3)]
    assert again.last == Booking("payment", 700, 3)
    assert again.today() == [Booking("payment", 700, 3)]


DIALOGUES: dict[str, tuple[type[Message], Callable[[ZvtTerminal], object]]] = {
    "registration": (Registration, lambda terminal: terminal.open()),
    "enquiry": (RepeatReceipt, lambda terminal: terminal.last_payment()),
    "status": (StatusEnquiry, lambda terminal: terminal.status()),
    "refund": (Refund, lambda terminal: terminal.refund(100, nobody, 2.0)),
    "reversal": (Reversal, lambda terminal: terminal.reverse(1, 2.0)),
    "end of day": (EndOfDay, lambda terminal: terminal.end_of_day(2.0)),
    "diagnosis": (Diagnosis, lambda terminal: terminal.diagnose(2.0)),
    "initialisation": (Initialisation, lambda terminal: terminal.initialise(2.0)),
    "display": (DisplayText, lambda terminal: terminal.show("Guten Tag", 2.0)),
}


@pytest.mark.parametrize("name", DIALOGUES)
def test_whatever_is_under_way_dies_at_any_byte_in_words_and_comes_back(name: str) -> None:
    order, act = DIALOGUES[name]
    moves_money = order in (Refund, Reversal)
    with TerminalEmulator(auto=True) as emulator:
        terminal = ZvtTerminal(
            emulator.address, config_byte=CONFIG_BYTE | PRINT_LINES, answer_s=1.0, enquiry_s=1.0
        )
        terminal.open()
        terminal.pay(500, nobody, 2.0)
        outlived, byte_count = 0, -1
        while outlived < 4:  # the last acknowledgement has three bytes: every byte has had its turn
            byte_count += 1
            assert byte_count < 700
            emulator.die_at(byte_count, orders=(order,))
            try:
                act(terminal)
                outlived += 1
            except OutcomeUnknown:
                assert moves_money
            except Unreachable:
                assert not moves_money
            emulator.die_at(10_000, orders=(Authorisation,))
            terminal.open()
        assert len(emulator.charges) == 1
        terminal.close()
