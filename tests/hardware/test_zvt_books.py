"""The emulated terminal remembers what it booked, as a real one does."""

from __future__ import annotations

from pathlib import Path

from hardware.readings import LastPayment
from hardware.zvt.books import Charge, ChargeBook
from hardware.zvt.driver import ZvtTerminal
from hardware.zvt.emulator import TerminalEmulator


def test_a_terminal_that_was_switched_off_knows_its_last_payment(tmp_path: Path) -> None:
    books = tmp_path / "emulators" / "terminal.books"
    with TerminalEmulator(auto=True, books=books) as first:
        terminal = ZvtTerminal(first.address)
        terminal.open()
        assert terminal.pay(1234, lambda _: None, 5.0).receipt_number == 1
        terminal.close()
    with TerminalEmulator(auto=True, books=books) as again:
        terminal = ZvtTerminal(again.address)
        terminal.open()
        assert terminal.last_payment() == LastPayment(1234, 1, True)
        assert terminal.pay(500, lambda _: None, 5.0).receipt_number == 2
        terminal.close()


def test_a_row_that_a_crash_tore_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "books"
    file.write_text("1234 1 .\n50", encoding="ascii")
    assert ChargeBook(file).charges == [Charge(1234, 1)]
