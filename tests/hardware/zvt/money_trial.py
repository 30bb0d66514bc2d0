"""A till that pays, a terminal that keeps books, and a line between them that is cut at any byte.

The till follows the store's rule: it writes down what it is about to ask before the first byte leaves,
enquires after what it was not told, counts an answer only with a newer receipt number and the same amount,
takes an old number for "not yet" until the time of a payment is over and the terminal is at rest, and never
asks for money again. Either side may be killed at any byte; what it wrote down, and the terminal's books,
survive.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from checkout.payment import SENT, Payment, answers
from hardware.errors import Busy, DeviceFault, OutcomeUnknown, Unreachable
from hardware.transport import Wire, open_wire
from hardware.zvt.driver import ZvtTerminal
from hardware.zvt.emulator import Charge, TerminalEmulator
from tests.money_machine import Fuse, Killed

PAY_S = 0.08
"""What a payment may take; cards are quick here."""
ALONE_S = 0.02
PAYMENT_S = PAY_S + ALONE_S
TRIES_MAX = 60
PAUSE_S = 0.005


class CutWire:
    """A line whose till is killed when so many bytes, both ways, went over it."""

    def __init__(self, wire: Wire, fuse: Callable[[int], int]) -> None:
        self._wire = wire
        self._fuse = fuse

    def read(self, within_s: float) -> bytes:
        data = self._wire.read(within_s)
        if data and self._fuse(len(data)) < len(data):
            raise Killed
        return data

    def write(self, data: bytes, within_s: float) -> None:
        allowed = self._fuse(len(data))
        self._wire.write(data[:allowed], within_s)
        if allowed < len(data):
            raise Killed

    def close(self) -> None:
        self._wire.close()


@dataclass
class Attempt:
    """What the till wrote down about one payment, on a disk that outlives it."""

    amount_minor: int
    receipt_before: int
    sent_at: float
    outcome: str = "sent"
    receipt_number: int = 0
    reversed: bool = False

    def is_told_by(self, amount_minor: int, receipt_number: int) -> bool:
        """The shop's own rule for when an enquiry's answer is about this payment."""
        payment = Payment(
            id="p", basket="b", lane="1", amount_minor=self.amount_minor, state=SENT,
            receipt_before=self.receipt_before,
        )  # fmt: skip
        return answers(payment, amount_minor, receipt_number)


class MoneyTrial:
    """Both sides, and the reckoning."""

    def __init__(self, folder: Path, *, serial: bool) -> None:
        self._books = folder / "terminal.books"
        self._serial = serial
        self._port = 0
        self.attempts: list[Attempt] = []
        self._fuse = Fuse()
        self.cuts = 0
        self.emulator = self._switch_on()
        self._till = self._wake_till()

    def close(self) -> None:
        self._till.close()
        self.emulator.stop()

    # What may happen

    def pay(self, amount_minor: int, card: str) -> None:
        """A shopper pays; whatever breaks, it is settled before the next one comes."""
        self._reach()
        attempt = Attempt(amount_minor, self._till.last_receipt_number, time.monotonic())
        self.attempts.append(attempt)
        self.emulator.next_card(card)
        try:
            outcome = self._till.pay(amount_minor, lambda _: None, PAY_S)
        except (Unreachable, Busy):
            attempt.outcome = "declined"
        except (OutcomeUnknown, Killed) as fault:
            self._after(fault)
            self._enquire(attempt)
        else:
            attempt.outcome = "taken" if outcome.approved else "declined"
            attempt.receipt_number = outcome.receipt_number or 0
        self._disarm()

    def give_back(self, which: int) -> None:
        """A payment that was taken is reversed; the till asks until it is told that it was."""
        taken = [attempt for attempt in self.attempts if attempt.outcome == "taken" and not attempt.reversed]
        if not taken:
            return
        attempt = taken[which % len(taken)]
        for _ in range(TRIES_MAX):
            self._reach()
            try:
                attempt.reversed = self._till.reverse(attempt.receipt_number, 1.0).approved
            except (DeviceFault, Killed) as fault:
                self._after(fault)
                continue
            assert attempt.reversed, "the terminal does not know what it took"
            self._disarm()
            return
        raise AssertionError("the terminal never said that it gave the money back")

    def cut_line(self, byte_count: int, after_booking: bool, stays_dead: bool) -> None:
        """The terminal's line, or all of it, dies at that byte of the next order for money."""
        self.emulator.die_at(byte_count, after_booking, stays_dead=stays_dead)

    def kill_till_at(self, byte_count: int) -> None:
        """The till dies when it has said and heard so many bytes more."""
        self._fuse.bytes_left = byte_count

    def restart_terminal(self) -> None:
        """The power goes and comes back: only its books are left."""
        self.emulator.stop()
        self.emulator = self._switch_on()

    def restart_till(self) -> None:
        """Only what it wrote down is left."""
        self._till.close()
        self._till = self._wake_till()

    def reckon(self) -> None:
        """The books say the same as the till, payment by payment: nothing twice, nothing lost."""
        said = [Charge(it.amount_minor, it.receipt_number) for it in self.attempts if it.outcome == "taken"]
        kept = [
            Charge(it.amount_minor, it.receipt_number)
            for it in self.attempts
            if it.outcome == "taken" and not it.reversed
        ]
        assert all(it.outcome in ("taken", "declined") for it in self.attempts)
        assert self.emulator.charges == said
        assert self.emulator.held == kept

    # How the till finds out

    def _enquire(self, attempt: Attempt) -> None:
        for _ in range(TRIES_MAX):
            try:
                self._reach()
                is_over = time.monotonic() > attempt.sent_at + PAYMENT_S and self._till.status() == 0
                last = self._till.last_payment()
            except (DeviceFault, Killed) as fault:
                self._after(fault)
                continue
            if last is not None and attempt.is_told_by(last.amount_minor, last.receipt_number):
                attempt.outcome = "taken" if last.approved else "declined"
                attempt.receipt_number = last.receipt_number
                return
            if is_over:
                attempt.outcome = "declined"
                return
            time.sleep(PAUSE_S)
        raise AssertionError("nobody could tell how it ended")

    def _reach(self) -> None:
        """Stand at an open line. Whoever was killed comes back; a dead terminal is plugged in by somebody."""
        for _ in range(TRIES_MAX):
            try:
                if not self.emulator.plugged:
                    self.restart_terminal()
                    self.restart_till()
                self._till.last_payment()
            except (DeviceFault, Killed) as fault:
                self._after(fault)
                time.sleep(PAUSE_S)
                continue
            return
        raise AssertionError("the terminal cannot be reached any more")

    def _after(self, fault: BaseException) -> None:
        self.cuts += 1
        if isinstance(fault, Killed):
            self._fuse.bytes_left = None
            self.restart_till()

    def _disarm(self) -> None:
        self._fuse.bytes_left = None

    def _switch_on(self) -> TerminalEmulator:
        emulator = TerminalEmulator(
            self._port, serial=self._serial, slow_s=0.01, alone_s=ALONE_S, card_wait_s=1.0, ack_s=0.05,
            books=self._books,
        )  # fmt: skip
        address = emulator.start()
        if not self._serial:
            self._port = int(address.rsplit(":", 1)[1])
        return emulator

    def _wake_till(self) -> ZvtTerminal:
        def connect(_: str, within_s: float) -> Wire:
            return CutWire(open_wire(self.emulator.address, within_s), self._fuse.burn)

        return ZvtTerminal(
            self.emulator.address, connect=connect, open_s=1.0, answer_s=0.3, enquiry_s=0.5, ack_s=0.05
        )
