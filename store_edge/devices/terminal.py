"""A payment terminal on a lane: carries the cashier's question to it, and the answer back.

The rule is HOUSE.md's flow 1: `PaymentSent` is written down before the first
byte leaves; after that a missing answer is *enquired*, never asked for again;
what the enquiry cannot settle, staff do.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from checkout.events import PaymentAsked, PaymentStopAsked
from checkout.payment import ASKED, SENT, UNKNOWN, Payment, answers
from hardware.errors import Busy, DeviceFault, Garbled, OutcomeUnknown, Unreachable
from hardware.readings import CardOutcome, LastPayment
from store_edge.devices.agent import LOOK_UP_S, DeviceAgent

if TYPE_CHECKING:
    from store_edge.box import Box

log = logging.getLogger(__name__)

ENQUIRY_S_MAX = 30.0
"""How long an unanswered payment is enquired about before staff are asked."""
ENQUIRY_PAUSE_S = 0.5
PRESENT_CHECK_S = 10.0
"""How often an idle terminal is asked whether it is still there."""


class Terminal(Protocol):
    """What a payment terminal driver does."""

    def open(self) -> None: ...
    def pay(self, amount_minor: int, on_status: Callable[[int], None], deadline_s: float) -> CardOutcome: ...
    def abort(self) -> None: ...
    def last_payment(self) -> LastPayment | None: ...
    @property
    def last_receipt_number(self) -> int: ...
    def close(self) -> None: ...


class TerminalAgent(DeviceAgent):
    def __init__(self, box: Box, device: str, driver: str, lane: str, terminal: Terminal) -> None:
        super().__init__(box, device, driver, lane)
        self._terminal = terminal
        self._read_to = 0
        self._next_check_s = 0.0
        self._stop_asked = ""
        """The payment that the shopper would rather not make."""
        self._stopper = threading.Thread(target=self._carry_stops, name=f"{device} stops", daemon=True)

    def start(self) -> None:
        self._read_to = self.box.journal.last_number()
        self._stopper.start()
        super().start()

    def connect(self) -> None:
        self._terminal.open()
        self._is_well()
        for left_open in self.box.payments.on_lane(self.lane, SENT, UNKNOWN):
            self._enquire(left_open)
        for waiting in self.box.payments.on_lane(self.lane, ASKED):
            self._pay(waiting)
        self._next_check_s = time.monotonic() + PRESENT_CHECK_S

    def work(self) -> None:
        for entry in self.box.journal.wait(self._read_to, LOOK_UP_S):
            self._read_to = entry.number
            if entry.type == PaymentAsked.__name__ and entry.lane == self.lane:
                for waiting in self.box.payments.on_lane(self.lane, ASKED):
                    self._pay(waiting)
        if time.monotonic() > self._next_check_s:
            self._terminal.last_payment()
            self._next_check_s = time.monotonic() + PRESENT_CHECK_S

    def let_go(self) -> None:
        self._terminal.close()

    def _pay(self, asked: Payment) -> None:
        sent = self.box.cashier.send(asked.id, self.device, self._terminal.last_receipt_number)
        if sent is None:
            return
        try:
            outcome = self._terminal.pay(
                sent.amount_minor,
                lambda status: self._progressed(sent, status),
                self.box.settings.limits.payment_s,
            )
        except (Unreachable, Busy) as fault:  # by contract: nothing was asked of it
            self.box.cashier.declined(sent.id, "terminal")
            raise Unreachable(str(fault)) from None
        except (OutcomeUnknown, Garbled):
            self._enquire(sent)
            raise
        self._book(sent, outcome)
        self._next_check_s = time.monotonic() + PRESENT_CHECK_S

    def _progressed(self, sent: Payment, status: int) -> None:
        """The terminal works on it: now it can hear a stop that came before it was asked."""
        if self._stop_asked == sent.id:
            self._terminal.abort()
        self.box.cashier.progressed(sent, status)

    def _book(self, sent: Payment, outcome: CardOutcome) -> None:
        if not outcome.approved:
            self.box.cashier.declined(sent.id, "shopper" if self._stop_asked == sent.id else "card")
        elif outcome.receipt_number is None or outcome.amount_minor != sent.amount_minor:
            log.error("terminal booked something else payment=%s", sent.id)
            self.box.cashier.unknown(sent.id)
        else:
            self.box.cashier.taken(sent.id, outcome.receipt_number, outcome.card_name, "answer")

    def _enquire(self, sent: Payment) -> None:
        """Find out what became of a payment whose answer is missing; never ask for it again."""
        give_up_s = time.monotonic() + ENQUIRY_S_MAX
        while not self._stopping.is_set():
            try:
                self._terminal.close()
                self._terminal.open()
                self._conclude(sent, self._terminal.last_payment())
                return
            except DeviceFault:
                if sent.state == UNKNOWN or time.monotonic() > give_up_s:
                    break
                self._stopping.wait(ENQUIRY_PAUSE_S)
        if not self._stopping.is_set():
            self.box.cashier.unknown(sent.id)

    def _conclude(self, sent: Payment, last: LastPayment | None) -> None:
        """The terminal's last transaction is this payment, or older than it, or somebody's else."""
        if last is None or last.receipt_number == sent.receipt_before:
            self.box.cashier.declined(sent.id, "enquiry")
        elif not answers(sent, last.amount_minor, last.receipt_number):
            self.box.cashier.unknown(sent.id)
        elif last.approved:
            self.box.cashier.taken(sent.id, last.receipt_number, "", "enquiry")
        else:
            self.box.cashier.declined(sent.id, "enquiry")

    def _carry_stops(self) -> None:
        """A stop must reach the terminal while the agent's own thread waits for the card."""
        read_to = self._read_to
        while not self._stopping.is_set():
            try:
                for entry in self.box.journal.wait(read_to, LOOK_UP_S):
                    read_to = entry.number
                    if entry.type == PaymentStopAsked.__name__ and entry.lane == self.lane:
                        self._stop_asked = entry.facts["payment"]
                        self._terminal.abort()
            except Exception:
                log.exception("a stop could not be carried device=%s", self.device)
                self._stopping.wait(LOOK_UP_S)
