"""What the shop (ECR) says to the terminal. Numbers in brackets are chapters of PA00P015, revision 13.09."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from hardware.errors import Garbled
from hardware.zvt.fields import Kind, Value
from hardware.zvt.message import Message, bmp, lead
from hardware.zvt.tlv import DIAGNOSIS_KIND, Tlv, walk

TEXT_LINES_MAX = 8
"""Lines of a terminal's display (BMP F1 to F8)."""


@dataclass(frozen=True)
class Registration(Message):
    """06 00 (2.1): who we are and what we want to hear. `currency` is ISO 4217, numeric."""

    CONTROL: ClassVar[bytes] = b"\x06\x00"
    password: str = lead(Kind.DIGITS, 3, repr=False)
    config_byte: int = lead(Kind.BYTE, 1)
    currency: int | None = lead(Kind.NUMBER, 2, absent=lambda left, _: not left or left[0] in (0x03, 0x06))
    service_byte: int | None = bmp(0x03)
    tlv: tuple[Tlv, ...] | None = bmp(0x06)


@dataclass(frozen=True)
class Authorisation(Message):
    """06 01 (2.2): take this much money."""

    CONTROL: ClassVar[bytes] = b"\x06\x01"
    amount_minor: int = bmp(0x04)
    currency: int | None = bmp(0x49)
    payment_type: int | None = bmp(0x19)
    statuses_max: int | None = bmp(0x02)
    """How often we may answer "goods on their way" (84 9C); with it the terminal waits for the goods."""
    tlv: tuple[Tlv, ...] | None = bmp(0x06)

    @classmethod
    def with_fields(cls, data: bytes, at: int, **values: Value) -> Self:
        order = super().with_fields(data, at, **values)
        if order.amount_minor is None:
            raise Garbled("an order for money without an amount", at)
        return order


@dataclass(frozen=True)
class Reservation(Authorisation):
    """06 22 (2.8): set this much money aside."""

    CONTROL: ClassVar[bytes] = b"\x06\x22"
    trace_number: int | None = bmp(0x0B)


@dataclass(frozen=True)
class Refund(Message):
    """06 31 (2.15): give this much money back to a card, apart from any payment."""

    CONTROL: ClassVar[bytes] = b"\x06\x31"
    password: str = lead(Kind.DIGITS, 3, repr=False)
    amount_minor: int | None = bmp(0x04)
    currency: int | None = bmp(0x49)
    tlv: tuple[Tlv, ...] | None = bmp(0x06)


@dataclass(frozen=True)
class Reversal(Message):
    """06 30 (2.14): undo the payment with this receipt number, before the day is closed."""

    CONTROL: ClassVar[bytes] = b"\x06\x30"
    password: str = lead(Kind.DIGITS, 3, repr=False)
    receipt_number: int | None = bmp(0x87)
    amount_minor: int | None = bmp(0x04)
    currency: int | None = bmp(0x49)
    tlv: tuple[Tlv, ...] | None = bmp(0x06)


@dataclass(frozen=True)
class _Reserved(Message):
    receipt_number: int | None = bmp(0x87)
    amount_minor: int | None = bmp(0x04)
    payment_type: int | None = bmp(0x19)
    currency: int | None = bmp(0x49)
    tlv: tuple[Tlv, ...] | None = bmp(0x06)


@dataclass(frozen=True)
class PartialReversal(_Reserved):
    """06 23 (2.10): of a reservation, take only so much; `ALL_RECEIPTS` asks which ones are open."""

    CONTROL: ClassVar[bytes] = b"\x06\x23"


@dataclass(frozen=True)
class BookTotal(_Reserved):
    """06 24 (2.11): take a reservation."""

    CONTROL: ClassVar[bytes] = b"\x06\x24"


@dataclass(frozen=True)
class ReservationReversal(_Reserved):
    """06 25 (2.9): let a reservation go."""

    CONTROL: ClassVar[bytes] = b"\x06\x25"


@dataclass(frozen=True)
class EcrAbort(Message):
    """06 B0 (2.25): stop what you are doing, if you still can."""

    CONTROL: ClassVar[bytes] = b"\x06\xb0"


@dataclass(frozen=True)
class LogOff(Message):
    """06 02 (2.24): we are gone; the terminal may serve somebody else."""

    CONTROL: ClassVar[bytes] = b"\x06\x02"
    tlv: tuple[Tlv, ...] | None = bmp(0x06)


@dataclass(frozen=True)
class StatusEnquiry(Message):
    """05 01 (2.55): how is the terminal? It says nothing about the last payment."""

    CONTROL: ClassVar[bytes] = b"\x05\x01"
    password: str | None = lead(Kind.DIGITS, 3, absent=lambda left, _: len(left) < 3, repr=False)
    service_byte: int | None = bmp(0x03)


@dataclass(frozen=True)
class _WithPassword(Message):
    password: str = lead(Kind.DIGITS, 3, repr=False)
    service_byte: int | None = bmp(0x03)


@dataclass(frozen=True)
class RepeatReceipt(_WithPassword):
    """06 20 (2.20): the last transaction again, to find out how a lost one ended."""

    CONTROL: ClassVar[bytes] = b"\x06\x20"


@dataclass(frozen=True)
class EndOfDay(_WithPassword):
    """06 50 (2.16): settle the day with the network operator."""

    CONTROL: ClassVar[bytes] = b"\x06\x50"


@dataclass(frozen=True)
class Initialisation(_WithPassword):
    """06 93 (2.18): fetch keys and parameters from the network operator."""

    CONTROL: ClassVar[bytes] = b"\x06\x93"


@dataclass(frozen=True)
class Diagnosis(Message):
    """06 70 (2.17): try the line to the network operator."""

    CONTROL: ClassVar[bytes] = b"\x06\x70"
    tlv: tuple[Tlv, ...] | None = bmp(0x06)

    @property
    def kind(self) -> int | None:
        """1 line, 2 extended, 3 configuration, 4 EMV, 5 ep2; None where the terminal decides."""
        content = dict(walk(self.tlv or ())).get(DIAGNOSIS_KIND)
        return content[0] if content else None


@dataclass(frozen=True)
class DisplayText(Message):
    """06 E0 (2.26): show up to eight lines for so many seconds (0: until the next)."""

    CONTROL: ClassVar[bytes] = b"\x06\xe0"
    seconds: int | None = bmp(0xF0)
    line_1: str | None = bmp(0xF1)
    line_2: str | None = bmp(0xF2)
    line_3: str | None = bmp(0xF3)
    line_4: str | None = bmp(0xF4)
    line_5: str | None = bmp(0xF5)
    line_6: str | None = bmp(0xF6)
    line_7: str | None = bmp(0xF7)
    line_8: str | None = bmp(0xF8)
    beeps: int | None = bmp(0xF9)

    @classmethod
    def of(cls, lines: tuple[str, ...], seconds: int | None = None) -> Self:
        """These lines from the top. Raises ValueError for more than `TEXT_LINES_MAX`."""
        if len(lines) > TEXT_LINES_MAX:
            raise ValueError(f"a terminal shows {TEXT_LINES_MAX} lines, not {len(lines)}")
        numbered: dict[str, str] = {f"line_{number}": line for number, line in enumerate(lines, start=1)}
        return cls(seconds=seconds, **numbered)  # type: ignore[arg-type]

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines that are there, from the top."""
        every = (getattr(self, f"line_{number}") for number in range(1, TEXT_LINES_MAX + 1))
        return tuple(line for line in every if line is not None)


@dataclass(frozen=True)
class ReadCard(Message):
    """06 C0 (2.21): read a card without paying."""

    CONTROL: ClassVar[bytes] = b"\x06\xc0"
    timeout_s: int = lead(Kind.BYTE, 1)
    card_type: int | None = bmp(0x19)
    dialog_control: int | None = bmp(0xFC)
    tlv: tuple[Tlv, ...] | None = bmp(0x06)


@dataclass(frozen=True)
class ResetTerminal(Message):
    """06 18 (2.43): start anew."""

    CONTROL: ClassVar[bytes] = b"\x06\x18"


@dataclass(frozen=True)
class PrintSystemConfiguration(Message):
    """06 1A (2.44): print how the terminal is set up."""

    CONTROL: ClassVar[bytes] = b"\x06\x1a"


@dataclass(frozen=True)
class SetTerminalId(Message):
    """06 1B (2.45): take this terminal id, or none."""

    CONTROL: ClassVar[bytes] = b"\x06\x1b"
    password: str = lead(Kind.DIGITS, 3, repr=False)
    terminal_id: str | None = bmp(0x29)


@dataclass(frozen=True)
class SelectLanguage(Message):
    """08 30 (2.36): speak this language (0 German, 1 English)."""

    CONTROL: ClassVar[bytes] = b"\x08\x30"
    language: int = lead(Kind.BYTE, 1)


ORDERS: tuple[type[Message], ...] = (
    Registration,
    Authorisation,
    Reservation,
    Refund,
    Reversal,
    PartialReversal,
    BookTotal,
    ReservationReversal,
    EcrAbort,
    LogOff,
    StatusEnquiry,
    RepeatReceipt,
    EndOfDay,
    Initialisation,
    Diagnosis,
    DisplayText,
    ReadCard,
    ResetTerminal,
    PrintSystemConfiguration,
    SetTerminalId,
    SelectLanguage,
)
