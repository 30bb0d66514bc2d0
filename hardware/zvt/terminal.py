"""What the emulated card terminal does and remembers, apart from sockets: words, card slot, books."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hardware.zvt.books import Charge, ChargeBook
from hardware.zvt.codec import (
    Abort,
    Authorisation,
    Completion,
    EcrAbort,
    IntermediateStatus,
    Message,
    Negative,
    Positive,
    PrintLine,
    Registration,
    RepeatReceipt,
    StatusEnquiry,
    StatusInformation,
    TerminalStatus,
    encode,
)
from hardware.zvt.ecr_line import EcrLine
from hardware.zvt.fields import (
    ABORTED_BY_PERSON,
    APPROVED,
    NOT_REGISTERED,
    PLEASE_WAIT,
    UNKNOWN_COMMAND,
    WRONG_CURRENCY,
    build_field,
)
from hardware.zvt.framing import frame

CARDS = ("approve", "decline", "slow", "silent", "mute", "steadfast")
"""slow: approves after `slow_s`. silent: books and never answers. mute: does neither. steadfast: like slow,
but goes on without the line: when that is lost, it books `alone_s` later all the same, as real ones may."""
DECLINED_BY_BANK = 0x05
INSERT_CARD, ASKING_BANK, REMOVE_CARD = 0x0A, 0x04, 0x0B
"""Intermediate status codes (PA00P015, 04 FF)."""
RECEIPT_NUMBER_MAX = 9999
TERMINAL_ID = "52500009"
CURRENCY = 978
CARD_NUMBER = bytes.fromhex("6799999999999999999f")
"""A made-up card, sent as terminals send it: whoever surfaces it is caught by the tests."""


@dataclass(slots=True)
class _Payment:
    amount_minor: int
    tell_at: float
    give_up_at: float
    card: str = ""
    settle_at: float = 0.0
    alone: bool = False
    """True when it goes on though the ECR that asked for it is gone."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the terminal and its customers are, in seconds (see `TerminalEmulator`)."""

    think_s: float
    slow_s: float
    status_every_s: float
    card_wait_s: float
    alone_s: float


class Terminal:
    """One terminal. `line` is the ECR it serves now; every call comes under its owner's lock."""

    def __init__(
        self,
        pace: Pace,
        auto: bool,
        first_receipt_number: int,
        clock: Callable[[], float],
        calendar: Callable[[], datetime],
        books: ChargeBook,
    ) -> None:
        self.auto = auto
        self.occupied = False
        self.line: EcrLine | None = None
        self._books = books
        self.charges = books.charges
        self.next_card = ""
        self._pace = pace
        last = self.charges[-1].receipt_number if self.charges else first_receipt_number - 1
        self._receipt_number = last % RECEIPT_NUMBER_MAX + 1
        self._clock = clock
        self._calendar = calendar
        self._payment: _Payment | None = None
        self._config_byte: int | None = None

    @property
    def paying(self) -> bool:
        """True from an authorisation until its result is on the way."""
        return self._payment is not None

    @property
    def waiting_minor(self) -> int | None:
        """The amount for which it waits for a card, None when it waits for none."""
        return None if self._payment is None or self._payment.card else self._payment.amount_minor

    def due_s(self) -> float | None:
        """Seconds until `go_on` has something to do, None when nothing is planned."""
        payment = self._payment
        if payment is None or not (payment.alone or self._is_heard()):
            return None
        due = payment.settle_at if payment.card else min(payment.tell_at, payment.give_up_at)
        return max(0.0, due - self._clock())

    def insert(self, card: str) -> bool:
        """Meet a card. Returns False when no payment waits for one; ValueError for a card that is none."""
        known_card(card)
        if self._payment is None or self._payment.card:
            return False
        self._meet(self._payment, card)
        return True

    def press_stop(self) -> bool:
        """The customer's red key. Returns False when no payment waits for a card."""
        if self.waiting_minor is None:
            return False
        self._decline(ABORTED_BY_PERSON, "Abbruch durch Kunde")
        return True

    def book_anyway(self) -> None:
        """Book the payment under way, if its card would have been approved."""
        if self._payment is not None and self._payment.card not in ("decline", "mute"):
            self._book(self._payment.amount_minor)
            self._payment = None

    def hang_up(self) -> None:
        """Lose the ECR: it must register again. A payment under way is forgotten, unless it is steadfast."""
        line, self.line = self.line, None
        payment = self._payment
        if payment is None or payment.card != "steadfast":
            self._payment = None
        elif not payment.alone:
            payment.alone = True
            payment.settle_at = self._clock() + self._pace.alone_s
        self._config_byte = None
        if line is not None:
            line.close()

    def go_on(self) -> None:
        """What time brings: tell the person again, give up, or settle."""
        payment, line = self._payment, self.line
        now = self._clock()
        if payment is not None and payment.alone:
            if now >= payment.settle_at:
                self.book_anyway()
            return
        if payment is None or line is None or line.deaf:
            return
        if not payment.card and now >= payment.give_up_at:
            self._decline(ABORTED_BY_PERSON, "Zeit abgelaufen")
        elif not payment.card and now >= payment.tell_at:
            self._tell(INSERT_CARD)
            payment.tell_at = now + self._pace.status_every_s
        elif payment.card and now >= payment.settle_at:
            self._settle(payment, line)

    def serve(self, line: EcrLine, message: Message) -> None:
        """Do what the ECR says."""
        match message:
            case Positive() | Negative():
                line.acknowledged()
            case Registration(config_byte=config_byte, currency=currency):
                self._register(line, config_byte, currency)
            case Authorisation():
                self._authorise(line, message)
            case RepeatReceipt():
                self._repeat(line)
            case StatusEnquiry():
                at_work = self.occupied or self._payment is not None
                line.answer(encode(Positive()), encode(TerminalStatus(PLEASE_WAIT if at_work else APPROVED)))
            case EcrAbort() if self.waiting_minor is not None:
                line.answer(encode(Positive()))
                self._decline(ABORTED_BY_PERSON, "Abbruch durch Kasse")
            case _:
                line.answer(encode(Negative(UNKNOWN_COMMAND)))

    def _is_heard(self) -> bool:
        """True while an ECR is there to whom it speaks."""
        return self.line is not None and not self.line.deaf

    def _register(self, line: EcrLine, config_byte: int, currency: int | None) -> None:
        if currency not in (None, CURRENCY):
            line.answer(encode(Positive()), encode(Abort(WRONG_CURRENCY)))
            return
        self._config_byte = config_byte
        line.answer(encode(Positive()), encode(Completion(0, TERMINAL_ID, CURRENCY)))

    def _authorise(self, line: EcrLine, order: Authorisation) -> None:
        if self.occupied or self._payment is not None:
            line.answer(encode(Negative(PLEASE_WAIT)))
        elif self._config_byte is None:
            line.answer(encode(Positive()), encode(Abort(NOT_REGISTERED)))
        else:
            line.answer(encode(Positive()))
            now = self._clock()
            self._payment = _Payment(order.amount_minor, now, now + self._pace.card_wait_s)
            card, self.next_card = self.next_card, ""
            if card or self.auto:
                self._tell(INSERT_CARD)
                self._meet(self._payment, card or "approve")

    def _repeat(self, line: EcrLine) -> None:
        if not self.charges:
            line.answer(encode(Positive()), encode(Abort(UNKNOWN_COMMAND)))
            return
        line.answer(encode(Positive()), self._approval(self.charges[-1]), encode(Completion()))

    def _meet(self, payment: _Payment, card: str) -> None:
        payment.card = card
        payment.settle_at = self._clock() + {
            "slow": self._pace.slow_s,
            "steadfast": self._pace.slow_s,
            "approve": self._pace.think_s,
        }.get(card, 0.0)
        self._tell(ASKING_BANK)

    def _settle(self, payment: _Payment, line: EcrLine) -> None:
        if payment.card == "decline":
            self._decline(DECLINED_BY_BANK, "Karte abgelehnt")
            return
        if payment.card == "mute":
            line.deaf = True
            return
        charge = self._book(payment.amount_minor)
        if payment.card == "silent":
            line.deaf = True
            return
        self._payment = None
        self._tell(REMOVE_CARD)
        line.answer(self._approval(charge), *self._receipt(charge), encode(Completion()))

    def _decline(self, code: int, text: str) -> None:
        self._payment = None
        if self.line is not None:
            status = StatusInformation(code, terminal_id=TERMINAL_ID, text=text)
            self.line.answer(encode(status), encode(Abort(code)))

    def _book(self, amount_minor: int) -> Charge:
        charge = Charge(amount_minor, self._receipt_number)
        self._books.write(charge)
        self._receipt_number = self._receipt_number % RECEIPT_NUMBER_MAX + 1
        return charge

    def _tell(self, code: int) -> None:
        if self.line is not None and self._config_byte is not None and self._config_byte & 0x08:
            self.line.answer(encode(IntermediateStatus(code)))

    def _approval(self, charge: Charge) -> bytes:
        """Status-Information as terminals send it: with the card's number and a TLV container."""
        when = self._calendar()
        status = StatusInformation(
            APPROVED,
            charge.amount_minor,
            charge.receipt_number,
            CURRENCY,
            trace_number=charge.receipt_number,
            time=f"{when:%H%M%S}",
            date=f"{when:%m%d}",
            terminal_id=TERMINAL_ID,
            card_type=0x05,
            card_name="girocard",
        )
        card = build_field(0x22, CARD_NUMBER) + build_field(0x06, bytes.fromhex("1f100101"))
        return frame(StatusInformation.CONTROL, status.body() + card)

    def _receipt(self, charge: Charge) -> list[bytes]:
        """The receipt as lines, where the ECR registered to print them (config byte 80 and 02)."""
        if self._config_byte is None or self._config_byte & 0x82 != 0x82:
            return []
        lines = ("KUNDENBELEG", f"Beleg {charge.receipt_number:04}", f"Karte {CARD_NUMBER.hex()[:-1]}")
        return [encode(PrintLine(0x00, line)) for line in lines] + [encode(PrintLine(0x80))]


def known_card(card: str) -> str:
    """`card` itself. Raises ValueError when it is none of `CARDS`."""
    if card not in CARDS:
        raise ValueError(f"no such card: {card!r} (there are {', '.join(CARDS)})")
    return card
