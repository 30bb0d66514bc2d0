"""What the emulated card terminal does and remembers, apart from lines: words, card slot, books."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hardware.zvt.books import DAY, PAYMENT, REFUND, REVERSAL, Booking, Charge, ChargeBook
from hardware.zvt.codec import encode
from hardware.zvt.codes import (
    ABORTED_BY_PERSON,
    ALREADY_REVERSED,
    APPROVED,
    GOODS_NOT_ISSUED,
    NOT_REGISTERED,
    PARTLY_ISSUED,
    PLEASE_WAIT,
    REVERSAL_NOT_POSSIBLE,
    UNKNOWN_COMMAND,
    WRONG_CURRENCY,
)
from hardware.zvt.ecr_line import EcrLine
from hardware.zvt.message import Message
from hardware.zvt.orders import (
    Authorisation,
    Diagnosis,
    DisplayText,
    EcrAbort,
    EndOfDay,
    Initialisation,
    LogOff,
    Refund,
    Registration,
    RepeatReceipt,
    Reversal,
    SelectLanguage,
    StatusEnquiry,
)
from hardware.zvt.paper import (
    CURRENCY,
    TERMINAL_ID,
    VERSION,
    approval,
    receipt,
    text_block,
    totals,
)
from hardware.zvt.reports import (
    Abort,
    Completion,
    IntermediateStatus,
    Negative,
    Positive,
    StatusInformation,
    TerminalStatus,
)
from hardware.zvt.tlv import CHARSET, SHOWN_TEXT, TEXT_LINE, Tlv

__all__ = ["CARDS", "Pace", "Terminal", "known_card"]

CARDS = ("approve", "decline", "slow", "silent", "mute", "steadfast")
"""slow: approves after `slow_s`. silent: books and never answers. mute: does neither. steadfast: like slow,
but goes on without the line: when that is lost, it books `alone_s` later all the same, as real ones may."""
DECLINED_BY_BANK = 0x05
INSERT_CARD, ASKING_BANK, REMOVE_CARD = 0x0A, 0x04, 0x0B
"""Intermediate status codes (PA00P015, 04 FF)."""
_WORDS = {INSERT_CARD: "Bitte Karte", ASKING_BANK: "Bitte warten", REMOVE_CARD: "Karte entnehmen"}
CARD_WAIT_MIN = 2
"""What the terminal says of its own patience while it waits for a card."""
RECEIPT_NUMBER_MAX = 9999


@dataclass(slots=True)
class _Payment:
    amount_minor: int
    tell_at: float
    give_up_at: float
    kind: str = PAYMENT
    goods_left: int = 0
    """How often the ECR may still say that the goods are on their way; 0: it hands them out by itself."""
    card: str = ""
    settle_at: float = 0.0
    alone: bool = False
    """True when it goes on though the ECR that asked for it is gone."""
    asked_for_goods: bool = False


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
        self.books = books
        self.display: tuple[str, ...] = ()
        self.next_card = ""
        self._pace = pace
        last = books.last.receipt_number if books.last is not None else first_receipt_number - 1
        self._receipt_number = last % RECEIPT_NUMBER_MAX + 1
        self._clock = clock
        self._calendar = calendar
        self._payment: _Payment | None = None
        self._config_byte: int | None = None

    @property
    def paying(self) -> bool:
        """True from an order for money until its result is on the way."""
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
        if payment.asked_for_goods and not payment.alone:
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
            self._book(self._payment.kind, self._payment.amount_minor)
            self._payment = None

    def hang_up(self) -> None:
        """Lose the ECR: it must register again. A payment under way is forgotten, unless it is steadfast."""
        line, self.line = self.line, None
        self._lose_ecr()
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
        if payment is None or line is None or line.deaf or payment.asked_for_goods:
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
                line.acknowledged(message)
            case Registration(config_byte=config_byte, currency=currency):
                self._register(line, config_byte, currency)
            case Authorisation() | Refund():
                self._take_order(line, message)
            case Reversal(receipt_number=number):
                self._reverse(line, number)
            case RepeatReceipt():
                self._repeat(line, as_text=message.service_byte is None)
            case StatusEnquiry():
                at_work = self.occupied or self._payment is not None
                state = TerminalStatus(PLEASE_WAIT if at_work else APPROVED, VERSION)
                self._say(line, Positive(), state)
            case EcrAbort() if self.waiting_minor is not None:
                self._say(line, Positive())
                self._decline(ABORTED_BY_PERSON, "Abbruch durch Kasse")
            case EndOfDay() | Diagnosis() | Initialisation():
                self._administer(line, message)
            case DisplayText():
                self.display = message.lines
                self._say(line, Positive())
            case SelectLanguage():
                self._say(line, Positive())
            case LogOff():
                self._config_byte = None
                self._say(line, Positive())
            case _:
                self._say(line, Negative(UNKNOWN_COMMAND))

    def _say(self, line: EcrLine, *messages: Message) -> None:
        line.answer(*(encode(message) for message in messages))

    def _is_heard(self) -> bool:
        """True while an ECR is there to whom it speaks."""
        return self.line is not None and not self.line.deaf

    def _lose_ecr(self) -> None:
        payment = self._payment
        if payment is None or payment.card != "steadfast":
            self._payment = None
        elif not payment.alone:
            payment.alone = True
            payment.settle_at = self._clock() + self._pace.alone_s
        self._config_byte = None

    def _register(self, line: EcrLine, config_byte: int, currency: int | None) -> None:
        """Whoever registers is new on this line: what was said to somebody else before is not theirs."""
        self._lose_ecr()
        line.start_over()
        if currency not in (None, CURRENCY):
            self._say(line, Positive(), Abort(WRONG_CURRENCY))
            return
        self._config_byte = config_byte
        self._say(line, Positive(), Completion(0, TERMINAL_ID, CURRENCY))

    def _may_begin(self, line: EcrLine) -> bool:
        if self.occupied or self._payment is not None:
            self._say(line, Negative(PLEASE_WAIT))
        elif self._config_byte is None:
            self._say(line, Positive(), Abort(NOT_REGISTERED))
        else:
            return True
        return False

    def _take_order(self, line: EcrLine, order: Authorisation | Refund) -> None:
        if not self._may_begin(line):
            return
        if not order.amount_minor:
            self._say(line, Negative(UNKNOWN_COMMAND))
            return
        self._say(line, Positive())
        now = self._clock()
        kind, goods = REFUND, 0
        if isinstance(order, Authorisation):
            kind, goods = PAYMENT, order.statuses_max or 0
        self._payment = _Payment(order.amount_minor, now, now + self._pace.card_wait_s, kind, goods)
        card, self.next_card = self.next_card, ""
        if card or self.auto:
            self._tell(INSERT_CARD)
            self._meet(self._payment, card or "approve")

    def _reverse(self, line: EcrLine, number: int | None) -> None:
        if not self._may_begin(line):
            return
        self._say(line, Positive())
        today = [it for it in self.books.today() if it.kind == PAYMENT and it.receipt_number == number]
        if not today:
            self._refuse(line, REVERSAL_NOT_POSSIBLE, "Storno nicht moeglich")
        elif Charge(today[-1].amount_minor, today[-1].receipt_number) not in self.books.held:
            self._refuse(line, ALREADY_REVERSED, "Bereits storniert")
        else:
            booking = self._book(REVERSAL, today[-1].amount_minor, today[-1].receipt_number)
            self._finish(line, booking)

    def _administer(self, line: EcrLine, order: Message) -> None:
        if not self._may_begin(line):
            return
        self._say(line, Positive())
        when, lines = self._calendar(), ("DIAGNOSE", "Verbindung in Ordnung")
        if isinstance(order, EndOfDay):
            day = totals(self.books.today(), when)
            self._say(line, day)
            self.books.write(Booking(DAY, day.amount_minor or 0, 0))
            lines = ("KASSENSCHNITT", f"Summe {day.amount_minor}")
        elif isinstance(order, Initialisation):
            lines = ("INITIALISIERUNG", "Parameter geladen")
        self._say(line, *text_block(lines, self._config_byte), Completion())

    def _repeat(self, line: EcrLine, *, as_text: bool) -> None:
        last = self.books.last
        if last is None:
            self._say(line, Positive(), Abort(UNKNOWN_COMMAND))
            return
        said = receipt(last, self._config_byte) if as_text else [approval(last, self._calendar())]
        line.answer(encode(Positive()), *said, encode(Completion()))

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
        if payment.goods_left:
            self._ask_for_goods(payment, line)
            return
        booking = self._book(payment.kind, payment.amount_minor)
        if payment.card == "silent":
            line.deaf = True
            return
        self._payment = None
        self._tell(REMOVE_CARD)
        self._finish(line, booking)

    def _ask_for_goods(self, payment: _Payment, line: EcrLine) -> None:
        """Tell that it is approved, and book only once the ECR has said what became of the goods."""
        payment.asked_for_goods = True
        payment.goods_left -= 1
        booking = Booking(payment.kind, payment.amount_minor, self._receipt_number)
        status = approval(booking, self._calendar())
        line.answer(status, then=lambda answer: self._hear_of_goods(payment, line, answer))

    def _hear_of_goods(self, payment: _Payment, line: EcrLine, answer: Message) -> None:
        if payment is not self._payment:
            return
        payment.asked_for_goods = False
        match answer:
            case Negative(code=code) if code == PLEASE_WAIT and payment.goods_left:
                payment.settle_at = self._clock() + self._pace.status_every_s
                return
            case Negative(code=code, amount_minor=amount_minor) if code == PARTLY_ISSUED and amount_minor:
                payment.amount_minor = min(amount_minor, payment.amount_minor)
            case Negative():
                self._payment = None
                self._say(line, Abort(GOODS_NOT_ISSUED))
                return
        self._payment = None
        booking = self._book(payment.kind, payment.amount_minor)
        line.answer(*receipt(booking, self._config_byte), encode(Completion()))

    def _finish(self, line: EcrLine, booking: Booking) -> None:
        said = [approval(booking, self._calendar()), *receipt(booking, self._config_byte)]
        line.answer(*said, encode(Completion()))

    def _decline(self, code: int, text: str) -> None:
        self._payment = None
        if self.line is not None:
            self._refuse(self.line, code, text)

    def _refuse(self, line: EcrLine, code: int, text: str) -> None:
        self._say(line, StatusInformation(code, terminal_id=TERMINAL_ID, text=text), Abort(code))

    def _book(self, kind: str, amount_minor: int, original: int = 0) -> Booking:
        booking = Booking(kind, amount_minor, self._receipt_number, original)
        self.books.write(booking)
        self._receipt_number = self._receipt_number % RECEIPT_NUMBER_MAX + 1
        return booking

    def _tell(self, code: int) -> None:
        if self.line is not None and self._config_byte is not None and self._config_byte & 0x08:
            words = Tlv(SHOWN_TEXT, (Tlv(TEXT_LINE, _WORDS[code].encode(CHARSET)),))
            self._say(self.line, IntermediateStatus(code, CARD_WAIT_MIN, (words,)))


def known_card(card: str) -> str:
    """`card` itself. Raises ValueError when it is none of `CARDS`."""
    if card not in CARDS:
        raise ValueError(f"no such card: {card!r} (there are {', '.join(CARDS)})")
    return card
