"""Asks a card terminal for money, once, and never guesses how it ended.

Before the first byte of an order for money a broken line is `Unreachable`. From
that byte on, silence, noise or a broken line is `OutcomeUnknown`: the caller
enquires (`last_payment`) and never asks again. Only `reverse` may be asked again,
for a receipt is given back once. Card numbers do not exist here: the codec blots them out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from hardware.errors import Busy, DeviceFault, Garbled, OutcomeUnknown, Unreachable
from hardware.readings import CardOutcome, DayTotals, LastPayment
from hardware.transport import Connect, Wire, open_wire, parse_address
from hardware.zvt.conversation import Conversation, Wishes
from hardware.zvt.fields import AMOUNT_MINOR_MAX
from hardware.zvt.message import Message
from hardware.zvt.orders import (
    Authorisation,
    Diagnosis,
    DisplayText,
    EndOfDay,
    Initialisation,
    LogOff,
    Refund,
    Registration,
    RepeatReceipt,
    Reversal,
    StatusEnquiry,
)
from hardware.zvt.outcome import day_totals, done_or_busy, last_payment, payment_outcome, reversal_outcome
from hardware.zvt.reports import IntermediateStatus
from hardware.zvt.serial_link import ACK_S_MAX, SerialWire
from hardware.zvt.session import GOODS_ANSWERS_MAX, Dialogue, Goods, State

CONFIG_BYTE = 0x02 | 0x04 | 0x08 | 0x10 | 0x20
"""Registration (2.1): we make payment (02) and other (04) receipts from the status information, want
intermediate status (08), and alone start payments (10) and administration (20)."""
PRINT_LINES = 0x80
"""Registration (2.1): the terminal sends its receipts as text."""
STATUS_OF_LAST_PAYMENT = 0x03
"""Service byte of Repeat Receipt: print nothing, send the Status-Information of the last transaction."""
STOP_RESERVE_S = 3.0
"""The end of a payment's time, kept for asking the terminal to stop and hearing its answer."""

OnStatus = Callable[[int], None]
OnWords = Callable[[str], None]


class ZvtTerminal:
    """A payment terminal on `tcp://host:20007`, or on a serial line, such as `serial:///dev/ttyS0?baud=9600`.

    `password` is six digits, `currency` ISO 4217 numeric. `open_s` limits
    connecting, `answer_s` the wait for each acknowledgement, `enquiry_s` a
    whole registration or enquiry, `ack_s` (T2) a serial frame's one-byte answer.
    Raises ValueError for values that are none.
    """

    def __init__(
        self,
        address: str,
        *,
        password: str = "000000",
        config_byte: int = CONFIG_BYTE,
        service_byte: int | None = None,
        currency: str = "978",
        open_s: float = 5.0,
        answer_s: float = 5.0,
        enquiry_s: float = 15.0,
        ack_s: float = ACK_S_MAX,
        connect: Connect = open_wire,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._is_serial = not parse_address(address).host
        if len(password) != 6 or not password.isdecimal() or len(currency) != 3 or not currency.isdecimal():
            raise ValueError("a terminal needs a password of six digits and a currency of three")
        self._address = address
        self._password = password
        self._hello = Registration(password, config_byte, int(currency), service_byte)
        self._currency = int(currency)
        self._open_s = open_s
        self._answer_s = answer_s
        self._enquiry_s = enquiry_s
        self._ack_s = ack_s
        self._connect = connect
        self._clock = clock
        self._line: Conversation | None = None
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
        wire: Wire = self._connect(self._address, self._open_s)
        if self._is_serial:
            wire = SerialWire(wire, self._clock, self._ack_s)
        self._line = Conversation(wire, self._answer_s, self._clock)
        hello = self._ask(self._hello)
        if hello.state is not State.COMPLETED:
            self.close()
            raise Busy(f"the terminal refuses the registration (code {hello.refusal or 0:02X})")
        self._enquire()

    def close(self) -> None:
        """Let go of the line, from any thread; a payment under way ends in OutcomeUnknown."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    # Money

    def pay(
        self,
        amount_minor: int,
        on_status: OnStatus,
        deadline_s: float,
        *,
        on_words: OnWords | None = None,
        goods: Callable[[], Goods] | None = None,
    ) -> CardOutcome:
        """Take `amount_minor` within `deadline_s` seconds (ZVT: Authorisation).

        `on_status` hears the code of each intermediate status, `on_words` what the terminal itself would
        have the shopper read. Where a machine hands out goods, `goods` is asked what became of them once
        the money is approved, and the terminal takes no more than that.

        Shortly before the deadline the terminal is asked to stop, so that a
        customer who walked away ends in a clear no. Raises Unreachable or Garbled
        when nothing was asked yet, Busy when the terminal refused to begin,
        OutcomeUnknown in all other doubt; ValueError for an amount that is none.
        After Unreachable, Garbled and OutcomeUnknown the line is closed.
        """
        statuses_max = None if goods is None else GOODS_ANSWERS_MAX
        order = Authorisation(_amount(amount_minor), self._currency, statuses_max=statuses_max)
        return self._move_money(
            Dialogue(order, goods),
            lambda dialogue: payment_outcome(dialogue, amount_minor),
            deadline_s,
            _telling(on_status, on_words),
        )

    def refund(self, amount_minor: int, on_status: OnStatus, deadline_s: float) -> CardOutcome:
        """Give `amount_minor` back to a card that is held to the terminal. Raises what `pay` raises."""
        order = Refund(self._password, _amount(amount_minor), self._currency)
        return self._move_money(
            Dialogue(order),
            lambda dialogue: payment_outcome(dialogue, amount_minor),
            deadline_s,
            _telling(on_status, None),
        )

    def reverse(self, receipt_number: int, deadline_s: float) -> CardOutcome:
        """Undo the payment with this receipt number, before the terminal's day is closed.

        Approved, too, where it was undone already: after OutcomeUnknown it is asked for again.
        Raises what `pay` raises.
        """
        order = Reversal(self._password, receipt_number)
        return self._move_money(Dialogue(order), reversal_outcome, deadline_s, None)

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

    # All else: no money moves, so silence is Unreachable, and a no is Busy, in words

    def status(self) -> int:
        """The terminal's own state (Status-Enquiry): 0 when it is ready. Raises what `open` raises."""
        dialogue = self._ask(StatusEnquiry(self._password))
        if dialogue.terminal_status is None:
            raise Busy(f"the terminal does not tell its state (code {dialogue.refusal or 0:02X})")
        return dialogue.terminal_status.code

    def end_of_day(self, deadline_s: float) -> DayTotals:
        """Hand in the day's payments. Raises Busy when it could not, Unreachable, Garbled."""
        return day_totals(self._ask(EndOfDay(self._password), deadline_s))

    def repeat_receipt(self, deadline_s: float) -> tuple[str, ...]:
        """The last receipt's lines, none if the terminal prints itself. Raises Busy, Unreachable, Garbled."""
        dialogue = self._ask(RepeatReceipt(self._password), deadline_s)
        done_or_busy(dialogue)
        return tuple(dialogue.paper)

    def diagnose(self, deadline_s: float) -> tuple[str, ...]:
        """Try the line to the network operator; gives what is printed. Raises as `repeat_receipt`."""
        dialogue = self._ask(Diagnosis(), deadline_s)
        done_or_busy(dialogue)
        return tuple(dialogue.paper)

    def initialise(self, deadline_s: float) -> None:
        """Fetch keys and parameters from the network operator. Raises as `repeat_receipt`."""
        done_or_busy(self._ask(Initialisation(self._password), deadline_s))

    def show(self, text: str, deadline_s: float, *, seconds: int = 0) -> None:
        """Put up to eight lines on the terminal's display for so many `seconds` (0: until the next).

        Raises as `repeat_receipt`, ValueError for too much text.
        """
        shown = self._ask(DisplayText.of(tuple(text.splitlines()), seconds), deadline_s)
        done_or_busy(shown)

    def log_off(self) -> None:
        """Leave the terminal to others, and close the line. Raises what `open` raises."""
        done_or_busy(self._ask(LogOff()))
        self.close()

    def _move_money(
        self,
        dialogue: Dialogue,
        outcome_of: Callable[[Dialogue], CardOutcome],
        deadline_s: float,
        on_status: Callable[[IntermediateStatus], None] | None,
    ) -> CardOutcome:
        line = self._quiet_line()
        self._stop.clear()
        ends = self._clock() + deadline_s
        stop_at = None if on_status is None else ends - min(STOP_RESERVE_S, deadline_s / 4)
        try:
            line.hold(dialogue, Wishes(ends, on_status, stop_at, self._stop))
            outcome = outcome_of(dialogue)
        except (Unreachable, Garbled, OutcomeUnknown) as fault:
            self.close()
            raise OutcomeUnknown(f"the terminal was asked to move money, and then: {fault}") from fault
        except Busy:
            raise
        except BaseException:
            self.close()
            raise
        self._remember(dialogue, outcome)
        return outcome

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
        numberless = outcome.approved and outcome.receipt_number is None
        if dialogue.stop_unanswered or (numberless and not isinstance(dialogue.command, Reversal)):
            self.close()

    def _quiet_line(self) -> Conversation:
        """The open line, on which nothing waits to be heard: it could be taken for an answer."""
        line = self._line
        if line is None:
            raise Unreachable(f"the terminal at {self._address} is not open")
        try:
            line.quiet()
        except DeviceFault:
            self.close()
            raise
        return line

    def _line_stands(self) -> bool:
        try:
            self._quiet_line()
        except DeviceFault:
            return False
        return True

    def _ask(self, command: Message, deadline_s: float | None = None) -> Dialogue:
        """Converse where no money can move."""
        line = self._quiet_line()
        dialogue = Dialogue(command)
        within_s = self._enquiry_s if deadline_s is None else deadline_s
        try:
            line.hold(dialogue, Wishes(self._clock() + within_s))
        except BaseException:
            self.close()
            raise
        return dialogue


def _amount(amount_minor: int) -> int:
    if not 0 < amount_minor <= AMOUNT_MINOR_MAX:
        raise ValueError(f"not an amount: {amount_minor}")
    return amount_minor


def _telling(on_status: OnStatus, on_words: OnWords | None) -> Callable[[IntermediateStatus], None]:
    def tell(status: IntermediateStatus) -> None:
        on_status(status.code)
        if on_words is not None and status.text:
            on_words(status.text)

    return tell
