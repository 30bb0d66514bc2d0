"""A payment terminal on a lane: carries the cashier's question to it, and the answer back.

The rule is HOUSE.md's flow 1: `PaymentSent` is written down before the first
byte leaves; after that a missing answer is *enquired*, never asked for again;
what the enquiry cannot settle, staff do.

A terminal repeats its *previous* receipt for as long as it is at work on ours
(a PIN is being typed, the bank is being asked). So an old receipt number means
"not yet" until the time that a payment may take has passed since it was sent,
over a restart too, and only then "no".

Money that goes back to a card walks the same way, as a payment of a negative
amount. A part of a sale that was given up is undone instead, by its receipt
number: a terminal does that once however often it is asked, so after silence
it is asked again, for as long as a payment may take; then it is for staff.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from checkout.errors import Refused
from checkout.events import CardRefundAsked, PaymentAsked, PaymentStopAsked, RefundAsked
from checkout.payment import ASKED, CARD, OWED, SENT, UNKNOWN, Payment, answers, is_newer
from hardware.errors import Busy, DeviceFault, Garbled, OutcomeUnknown, Unreachable
from hardware.readings import CardOutcome, LastPayment
from store_edge.devices.agent import LOOK_UP_S, DeviceAgent

if TYPE_CHECKING:
    from store_edge.box import Box

log = logging.getLogger(__name__)

STOPS = (PaymentStopAsked.__name__,)
ASKS = (PaymentAsked.__name__, CardRefundAsked.__name__, RefundAsked.__name__)
ENQUIRY_S_MAX = 30.0
"""How long a terminal may be out of reach, or stay busy beyond a payment's time, before staff are asked."""
ENQUIRY_PAUSE_S = 0.5
ASKED_S_MAX = 60.0
"""A payment that was asked for so long ago is not sent any more: the next person must not be asked to pay."""
PRESENT_CHECK_S = 10.0
"""How often an idle terminal is asked whether it is still there."""
READY = 0
"""A terminal's own word (ZVT, 06 0F) that it is at work on nothing."""


class Terminal(Protocol):
    """What a payment terminal driver does."""

    def open(self) -> None: ...
    def pay(self, amount_minor: int, on_status: Callable[[int], None], deadline_s: float) -> CardOutcome: ...
    def refund(
        self, amount_minor: int, on_status: Callable[[int], None], deadline_s: float
    ) -> CardOutcome: ...
    def reverse(self, receipt_number: int, deadline_s: float) -> CardOutcome: ...
    def abort(self) -> None: ...
    def last_payment(self) -> LastPayment | None: ...
    def status(self) -> int: ...
    @property
    def last_receipt_number(self) -> int: ...
    def close(self) -> None: ...


class TerminalAgent(DeviceAgent):
    def __init__(self, box: Box, device: str, driver: str, lane: str, terminal: Terminal) -> None:
        super().__init__(box, device, driver, lane)
        self._terminal = terminal
        self._read_to = 0
        self._next_check_s = 0.0
        self._stop_lock = threading.Lock()
        self._stop_asked = ""
        """The payment that the shopper would rather not make."""
        self._at_terminal = ""
        """The payment that the terminal is at work on: only that one can be stopped."""
        self._stopper = threading.Thread(target=self._carry_stops, name=f"{device} stops", daemon=True)

    def start(self) -> None:
        self._read_to = self.box.journal.last_number()
        self._stopper.start()
        super().start()

    def connect(self) -> None:
        self._drop_stale()
        for sent in self._payments(SENT):  # first: staff hear of it though nobody answers
            self._enquire(sent, time.monotonic() + self._left_s(sent))
        self._terminal.open()
        self._is_well()
        self._look_after_unknown(self._terminal.last_payment())
        self._do_what_is_asked()
        self._next_check_s = time.monotonic() + PRESENT_CHECK_S

    def work(self) -> None:
        for entry in self.box.journal.wait(self._read_to, LOOK_UP_S, kinds=ASKS):
            self._read_to = entry.number
            if entry.lane == self.lane:
                self._do_what_is_asked()
        if time.monotonic() > self._next_check_s:
            self._look_after_unknown(self._terminal.last_payment())
            self._next_check_s = time.monotonic() + PRESENT_CHECK_S

    def let_go(self) -> None:
        self._terminal.close()

    def give_up(self) -> None:
        """Nobody asks this terminal any more: what it may have been paid is for staff to find out."""
        for asked in self._payments(ASKED):
            self.box.cashier.declined(asked.id, "terminal")
        for sent in self._payments(SENT):
            self.box.cashier.unknown(sent.id)
        for owed in self._to_undo():
            self.box.pay_desk.left_to_staff(owed.id, "terminal")

    # Asking for money

    def _drop_stale(self) -> None:
        """Whoever asked to pay while the terminal was away is no longer there."""
        for asked in self._payments(ASKED):
            if not asked.asked_at or self._age_s(asked.asked_at) > ASKED_S_MAX:
                self.box.cashier.declined(asked.id, "terminal")
        for owed in self._to_undo():
            if self._age_s(owed.back_asked_at) > self.box.settings.limits.payment_s:
                self.box.pay_desk.left_to_staff(owed.id, "left")

    def _do_what_is_asked(self) -> None:
        self._drop_stale()
        for asked in self._payments(ASKED):
            self._pay(asked)
        for owed in self._to_undo():
            self._undo(owed)

    def _pay(self, asked: Payment) -> None:
        sent = self.box.cashier.send(asked.id, self.device, self._terminal.last_receipt_number)
        if sent is None:
            return
        payment_s = self.box.settings.limits.payment_s
        over_s = time.monotonic() + payment_s
        try:
            outcome = self._take(sent, payment_s)
        except (Unreachable, Busy) as fault:  # by contract: nothing was asked of it
            self.box.cashier.declined(sent.id, "terminal")
            raise Unreachable(str(fault)) from None
        except (OutcomeUnknown, Garbled):
            self._enquire(sent, over_s)
            raise
        self._book(sent, outcome)
        self._next_check_s = time.monotonic() + PRESENT_CHECK_S

    def _take(self, sent: Payment, payment_s: float) -> CardOutcome:
        self._now_at(sent.id)
        try:
            move = self._terminal.refund if sent.goes_out else self._terminal.pay
            return move(abs(sent.amount_minor), lambda status: self._progressed(sent, status), payment_s)
        finally:
            self._now_at("")

    def _progressed(self, sent: Payment, status: int) -> None:
        """The terminal works on it: now it can hear a stop that came before it was asked."""
        if self._stop_asked == sent.id:
            self._terminal.abort()
        self._tell(sent, lambda: self.box.cashier.progressed(sent, status))

    def _tell(self, sent: Payment, tell: Callable[[], None]) -> None:
        """Say how far it is; a full disk here must not hang up on a terminal that is taking money."""
        try:
            tell()
        except Exception:
            log.exception("a payment's progress could not be told payment=%s", sent.id)

    def _book(self, sent: Payment, outcome: CardOutcome) -> None:
        if not outcome.approved:
            self.box.cashier.declined(sent.id, "shopper" if self._stop_asked == sent.id else "card")
            self._terminal.last_payment()  # a failed transaction may have a receipt number, too
        elif outcome.receipt_number is None or outcome.amount_minor != abs(sent.amount_minor):
            log.error("terminal booked something else payment=%s", sent.id)
            self.box.cashier.unknown(sent.id)
        else:
            self._taken(sent, outcome.receipt_number, outcome.card_name, "answer")

    def _taken(self, sent: Payment, receipt_number: int, card_name: str, found_by: str) -> None:
        """The money is there; where the payment was given up in the meantime, staff give it back."""
        try:
            self.box.cashier.taken(sent.id, receipt_number, card_name, found_by)
        except Refused as refused:
            if refused.reason != "payment_not_open":
                raise
            log.error("money was taken for a payment that is closed payment=%s", sent.id)
            self.box.cashier.taken_after_all(sent.id, receipt_number)

    # Undoing what was paid for a sale that was given up

    def _to_undo(self) -> list[Payment]:
        return [owed for owed in self._payments(OWED) if owed.back_asked_at]

    def _undo(self, owed: Payment) -> None:
        """Any DeviceFault leads here again once the terminal is back, until the time for it is over."""
        if not self._may_be_ours(owed):
            log.error("a payment was taken by another terminal payment=%s", owed.id)
            self.box.pay_desk.left_to_staff(owed.id, "terminal")
            return
        self.box.pay_desk.undoing(owed, self._terminal.last_receipt_number)
        outcome = self._terminal.reverse(owed.receipt_number, self.box.settings.limits.payment_s)
        if not outcome.approved:
            self.box.pay_desk.left_to_staff(owed.id, "card")
        elif outcome.amount_minor not in (0, owed.amount_minor):  # 0: it did not say
            log.error("terminal undid something else payment=%s", owed.id)
            self.box.pay_desk.left_to_staff(owed.id, "terminal")
        else:
            self.box.pay_desk.returned(owed.id)

    def _may_be_ours(self, owed: Payment) -> bool:
        """A receipt number means another customer's payment at a terminal that counts otherwise."""
        last = self._terminal.last_receipt_number
        counts_on = last == owed.receipt_number or is_newer(last, owed.receipt_number)
        return owed.terminal == self.device and counts_on

    # Finding out

    def _enquire(self, sent: Payment, over_s: float) -> None:
        """Find out what became of a payment whose answer is missing; never ask for it again.

        Until `over_s`, by the monotonic clock, the terminal may still be at work on it. Raises
        the DeviceFault for which the enquiry was given up, when staff were asked.
        """
        self._tell(sent, lambda: self.box.cashier.enquired(sent))
        give_up_s = time.monotonic() + ENQUIRY_S_MAX
        fault: DeviceFault = Busy("the terminal is still at work")
        while not self._stopping.is_set():
            try:
                last = self._terminal.last_payment()
                at_rest = time.monotonic() > over_s and self._terminal.status() == READY
                if at_rest:
                    last = self._terminal.last_payment()  # it may have ended between the two answers
                if self._conclude(sent, last, at_rest):
                    return
                is_there = True
            except DeviceFault as error:
                fault, is_there = error, isinstance(error, Busy)
            if is_there:
                give_up_s = max(give_up_s, min(time.monotonic(), over_s) + ENQUIRY_S_MAX)
            if time.monotonic() > give_up_s:
                self.box.cashier.unknown(sent.id)
                raise fault
            self._stopping.wait(ENQUIRY_PAUSE_S)

    def _conclude(self, sent: Payment, last: LastPayment | None, at_rest: bool) -> bool:
        """True when it is settled, or left to staff; False for "not yet".

        The terminal's last transaction is this payment, or older than it, or somebody else's, or a
        failure without a number, of which nobody can tell. `at_rest`: the time of a payment is over, and
        the terminal was at work on nothing before it told of the last one.
        """
        if last is not None and answers(sent, last.amount_minor, last.receipt_number):
            self._settle(sent, last)
        elif not _may_be_from_before(sent, last):
            self.box.cashier.unknown(sent.id)
        elif at_rest:
            self.box.cashier.declined(sent.id, "enquiry")
        else:
            return False
        return True

    def _look_after_unknown(self, last: LastPayment | None) -> None:
        """A payment that was left to staff is settled by proof, and by nothing less."""
        for unknown in self._payments(UNKNOWN):
            if last is not None and answers(unknown, last.amount_minor, last.receipt_number):
                self._settle(unknown, last)

    def _settle(self, sent: Payment, last: LastPayment) -> None:
        if last.approved:
            self._taken(sent, last.receipt_number, "", "enquiry")
        else:
            self.box.cashier.declined(sent.id, "enquiry")

    def _left_s(self, sent: Payment) -> float:
        """How long the terminal may still be at work on it; a clock that was set back makes it no longer."""
        payment_s = self.box.settings.limits.payment_s
        gone_s = self._age_s(sent.sent_at) if sent.sent_at else 0.0
        return min(max(0.0, payment_s - gone_s), payment_s)

    def _payments(self, state: str) -> tuple[Payment, ...]:
        """The lane's payments by card; its others are for their providers."""
        return tuple(one for one in self.box.payments.on_lane(self.lane, state) if one.tender == CARD)

    def _age_s(self, at: str) -> float:
        return (self.box.clock() - dt.datetime.fromisoformat(at)).total_seconds()

    # Stopping

    def _now_at(self, payment: str) -> None:
        with self._stop_lock:
            self._at_terminal = payment

    def _carry_stops(self) -> None:
        """A stop must reach the terminal while the agent's own thread waits for the card."""
        read_to = self._read_to
        while not self._stopping.is_set():
            try:
                for entry in self.box.journal.wait(read_to, LOOK_UP_S, kinds=STOPS):
                    read_to = entry.number
                    if entry.type == PaymentStopAsked.__name__ and entry.lane == self.lane:
                        self._stop(entry.facts["payment"])
            except Exception:
                log.exception("a stop could not be carried device=%s", self.device)
                self._stopping.wait(LOOK_UP_S)

    def _stop(self, payment: str) -> None:
        """Under one lock, so that a stop that comes late cannot meet the next payment."""
        with self._stop_lock:
            self._stop_asked = payment
            if self._at_terminal == payment:
                self._terminal.abort()


def _may_be_from_before(sent: Payment, last: LastPayment | None) -> bool:
    """True if the terminal knows nothing newer than when it was asked.

    A terminal that knew a receipt and remembers none any more was changed: nobody can tell.
    """
    if last is None:
        return sent.receipt_before == 0
    return last.receipt_number in (0, sent.receipt_before)
