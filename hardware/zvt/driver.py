"""Asks a card terminal for money, once, and never guesses how it ended.

Before the first byte of an authorisation a broken line is `Unreachable`. From
that byte on, silence, noise or a broken line is `OutcomeUnknown`: the caller
enquires (`last_payment`) and never asks again. Card numbers do not exist here:
the codec drops them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from hardware.errors import Busy, DeviceFault, Garbled, OutcomeUnknown, Unreachable
from hardware.readings import CardOutcome, LastPayment
from hardware.transport import Connect, Wire, open_wire, parse_address
from hardware.zvt.codec import (
    Authorisation,
    IntermediateStatus,
    Message,
    Registration,
    RepeatReceipt,
    StatusEnquiry,
    decode,
    encode,
)
from hardware.zvt.fields import AMOUNT_MINOR_MAX, STATUS_OF_LAST_PAYMENT
from hardware.zvt.framing import ApduBuffer
from hardware.zvt.session import Dialogue, State, last_payment, payment_outcome

CONFIG_BYTE = 0x02 | 0x04 | 0x08 | 0x10 | 0x20
"""Registration (2.1): we make payment (02) and other (04) receipts from the status information, want
intermediate status (08), and alone start payments (10) and administration (20)."""
STOP_LOOK_S = 0.1
"""How soon an `abort()` from another thread is passed on."""
STOP_RESERVE_S = 3.0
"""The end of a payment's time, kept for asking the terminal to stop and hearing its answer."""


class ZvtTerminal:
    """A payment terminal on `tcp://host:port`.

    `password` is six digits, `currency` ISO 4217 numeric. `open_s` limits
    connecting, `answer_s` the wait for each acknowledgement, `enquiry_s` a
    whole registration or enquiry. Raises ValueError for values that are none.
    """

    def __init__(
        self,
        address: str,
        *,
        password: str = "000000",
        config_byte: int = CONFIG_BYTE,
        currency: str = "978",
        open_s: float = 5.0,
        answer_s: float = 5.0,
        enquiry_s: float = 15.0,
        connect: Connect = open_wire,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        parse_address(address)
        if len(password) != 6 or not password.isdecimal() or len(currency) != 3 or not currency.isdecimal():
            raise ValueError("a terminal needs a password of six digits and a currency of three")
        self._address = address
        self._password = password
        self._config_byte = config_byte
        self._currency = int(currency)
        self._open_s = open_s
        self._answer_s = answer_s
        self._enquiry_s = enquiry_s
        self._connect = connect
        self._clock = clock
        self._wire: Wire | None = None
        self._inbox = ApduBuffer()
        self._last: LastPayment | None = None
        self._last_receipt_number = 0
        self._stop = threading.Event()

    @property
    def last_receipt_number(self) -> int:
        """Receipt number of the last payment that the terminal told us of; 0 when it remembers none."""
        return self._last_receipt_number

    def open(self) -> None:
        """Connect, register, and learn the last receipt number.

        Raises Unreachable (nobody there, or silent), Busy (it serves somebody
        else, or refuses us), Garbled (no ZVT, or it cannot tell its last payment).
        """
        self.close()
        self._inbox = ApduBuffer()
        self._wire = self._connect(self._address, self._open_s)
        hello = self._ask(Registration(self._password, self._config_byte, self._currency))
        if hello.state is not State.COMPLETED:
            self.close()
            raise Busy(f"the terminal refuses the registration (code {hello.refusal or 0:02X})")
        self._enquire()

    def close(self) -> None:
        """Let go of the line, from any thread; a payment under way ends in OutcomeUnknown."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def pay(self, amount_minor: int, on_status: Callable[[int], None], deadline_s: float) -> CardOutcome:
        """Take `amount_minor` within `deadline_s` seconds; `on_status` hears each intermediate status.

        Shortly before the deadline the terminal is asked to stop, so that a
        customer who walked away ends in a clear no. Raises Unreachable or Garbled
        when nothing was asked yet, Busy when the terminal refused to begin,
        OutcomeUnknown in all other doubt; ValueError for an amount that is none.
        After Unreachable, Garbled and OutcomeUnknown the line is closed.
        """
        if not 0 < amount_minor <= AMOUNT_MINOR_MAX:
            raise ValueError(f"not an amount: {amount_minor}")
        wire = self._quiet_wire()
        self._stop.clear()
        dialogue = Dialogue(Authorisation(amount_minor, self._currency))
        ends = self._clock() + deadline_s
        stop_at = ends - min(STOP_RESERVE_S, deadline_s / 4)
        try:
            self._converse(wire, dialogue, ends, on_status, stop_at)
            outcome = payment_outcome(dialogue, amount_minor)
        except (Unreachable, Garbled, OutcomeUnknown) as fault:
            self.close()
            raise OutcomeUnknown(f"the payment was asked for, and then: {fault}") from fault
        except Busy:
            raise
        except BaseException:
            self.close()
            raise
        self._remember(dialogue, outcome)
        return outcome

    def abort(self) -> None:
        """Ask the terminal, from any thread, to stop the payment under way. `pay` tells whether it did."""
        self._stop.set()

    def last_payment(self) -> LastPayment | None:
        """The last transaction that the terminal remembers, None for none. Connects again where it must.

        Raises what `open` raises.
        """
        if self._line_stands():
            self._enquire()
        else:
            self.open()
        return self._last

    def status(self) -> int:
        """The terminal's own state (Status-Enquiry): 0 when it is ready. Raises what `open` raises."""
        dialogue = self._ask(StatusEnquiry(self._password))
        if dialogue.terminal_status is None:
            raise Busy(f"the terminal does not tell its state (code {dialogue.refusal or 0:02X})")
        return dialogue.terminal_status.code

    def _enquire(self) -> None:
        dialogue = self._ask(RepeatReceipt(self._password, STATUS_OF_LAST_PAYMENT))
        try:
            self._last = last_payment(dialogue)
        except DeviceFault:
            self.close()
            raise
        if self._last is not None and self._last.receipt_number:
            self._last_receipt_number = self._last.receipt_number

    def _remember(self, dialogue: Dialogue, outcome: CardOutcome) -> None:
        """Keep the receipt number; a line of which we could not be sure next time is closed."""
        if outcome.receipt_number is not None:
            self._last_receipt_number = outcome.receipt_number
        if dialogue.stop_unanswered or (outcome.approved and outcome.receipt_number is None):
            self.close()

    def _quiet_wire(self) -> Wire:
        """The open line, on which nothing waits to be heard: it could be taken for an answer."""
        wire = self._wire
        if wire is None:
            raise Unreachable(f"the terminal at {self._address} is not open")
        try:
            if wire.read(0.0) or self._inbox.pending:
                raise Garbled("the terminal spoke out of turn")
        except DeviceFault:
            self.close()
            raise
        return wire

    def _line_stands(self) -> bool:
        try:
            self._quiet_wire()
        except DeviceFault:
            return False
        return True

    def _ask(self, command: Message) -> Dialogue:
        """Converse where no money can move."""
        wire = self._quiet_wire()
        dialogue = Dialogue(command)
        try:
            self._converse(wire, dialogue, self._clock() + self._enquiry_s)
        except BaseException:
            self.close()
            raise
        return dialogue

    def _converse(
        self,
        wire: Wire,
        dialogue: Dialogue,
        ends: float,
        on_status: Callable[[int], None] | None = None,
        stop_at: float | None = None,
    ) -> None:
        """Say the command and play the dialogue to its end. Raises Unreachable (silence, too), Garbled."""
        self._say(wire, dialogue.command)
        answer_by = self._clock() + self._answer_s
        while not dialogue.ended:
            if stop_at is not None and self._should_stop(stop_at) and (stop := dialogue.stop()) is not None:
                self._stop.clear()
                stop_at = ends if self._clock() >= stop_at else stop_at
                self._say(wire, stop)
            limit = min(ends, answer_by) if dialogue.state is State.ASKED else ends
            message = self._hear(wire, dialogue, limit, stop_at)
            if message is None:
                continue
            answer = dialogue.hear(message)
            if answer is not None:
                self._say(wire, answer)
            if on_status is not None and isinstance(message, IntermediateStatus):
                on_status(message.code)

    def _should_stop(self, stop_at: float) -> bool:
        return self._stop.is_set() or self._clock() >= stop_at

    def _say(self, wire: Wire, message: Message) -> None:
        wire.write(encode(message), self._answer_s)

    def _hear(self, wire: Wire, dialogue: Dialogue, ends: float, stop_at: float | None) -> Message | None:
        """The next message, or None when it is time to look whether to stop. Raises Unreachable, Garbled."""
        while (apdu := self._inbox.next_apdu()) is None:
            left_s = ends - self._clock()
            if left_s <= 0:
                raise Unreachable("the terminal is silent")
            data = wire.read(left_s if stop_at is None else min(left_s, STOP_LOOK_S))
            if data:
                self._inbox.feed(data)
            elif stop_at is not None and self._should_stop(stop_at):
                return None
        return decode(apdu, answers=type(dialogue.command))
