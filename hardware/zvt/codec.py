"""ZVT messages over TCP: bytes to meaning and back, without I/O.

Documents: PA00P015, "ECR-Interface, ZVT-Protocol: Commands, Bitmaps, Error
Messages"; chapters are found there by the control field; numbers in brackets
are those of revision 13.09. What a card number could stand in is dropped here (see `fields`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Self

from hardware.errors import Garbled
from hardware.zvt.fields import CHARSET, WRONG_CURRENCY, bcd, build_field, parse_fields, read_bcd, read_text
from hardware.zvt.framing import Apdu, frame


class Message:
    """What one side says to the other."""

    CONTROL: ClassVar[bytes] = b""

    def body(self) -> bytes:
        """The data block. Raises ValueError for values that do not fit their fields."""
        return b""

    @classmethod
    def read(cls, data: bytes, at: int) -> Self:
        """Read the data block, which begins at byte `at`. Raises Garbled."""
        parse_fields(data, at)
        return cls()


def _number(fields: Mapping[int, bytes], field_number: int) -> int | None:
    content = fields.get(field_number)
    return None if content is None else read_bcd(content)


def _byte(fields: Mapping[int, bytes], field_number: int) -> int | None:
    content = fields.get(field_number)
    return None if content is None else content[0]


def _head(data: bytes, size: int, at: int) -> bytes:
    if len(data) < size:
        raise Garbled("the terminal's message ends too early", at + len(data))
    return data[:size]


def _password(data: bytes, at: int) -> str:
    return f"{read_bcd(_head(data, 3, at), at):06}"


def _optional(number: int, content: bytes | None) -> bytes:
    return b"" if content is None else build_field(number, content)


def _optional_bcd(number: int, value: int | None, size: int) -> bytes:
    return b"" if value is None else build_field(number, bcd(value, size))


def _optional_byte(number: int, value: int | None) -> bytes:
    return b"" if value is None else build_field(number, bytes([value]))


@dataclass(frozen=True, slots=True)
class Registration(Message):
    """06 00, ECR to terminal (2.1): who we are and what we want to hear. `currency` is ISO 4217, numeric."""

    CONTROL: ClassVar[bytes] = b"\x06\x00"
    password: str = field(repr=False)
    config_byte: int
    currency: int | None = None
    service_byte: int | None = None

    def body(self) -> bytes:
        currency = b"" if self.currency is None else bcd(self.currency, 2)
        head = bcd(int(self.password), 3) + bytes([self.config_byte])
        return head + currency + _optional_byte(0x03, self.service_byte)

    @classmethod
    def read(cls, data: bytes, at: int) -> Self:
        config_byte = _head(data, 4, at)[3]
        rest, currency = data[4:], None
        if rest and rest[0] not in (0x03, 0x06):
            currency = read_bcd(_head(rest, 2, at + 4), at + 4)
            rest = rest[2:]
        fields = parse_fields(rest, at + len(data) - len(rest))
        return cls(_password(data, at), config_byte, currency, _byte(fields, 0x03))


@dataclass(frozen=True, slots=True)
class Authorisation(Message):
    """06 01, ECR to terminal (2.2): take this much money."""

    CONTROL: ClassVar[bytes] = b"\x06\x01"
    amount_minor: int
    currency: int | None = None
    payment_type: int | None = None
    statuses_max: int | None = None

    def body(self) -> bytes:
        return (
            build_field(0x04, bcd(self.amount_minor, 6))
            + _optional_bcd(0x49, self.currency, 2)
            + _optional_byte(0x19, self.payment_type)
            + _optional_byte(0x02, self.statuses_max)
        )

    @classmethod
    def read(cls, data: bytes, at: int) -> Self:
        fields = parse_fields(data, at)
        amount_minor = _number(fields, 0x04)
        if amount_minor is None:
            raise Garbled("an authorisation without an amount", at)
        return cls(amount_minor, _number(fields, 0x49), _byte(fields, 0x19), _byte(fields, 0x02))


@dataclass(frozen=True, slots=True)
class StatusInformation(Message):
    """04 0F, terminal to ECR (3.1): how a transaction went. None: the terminal did not say.

    `terminal_id` is eight digits, `time` HHMMSS, `date` MMDD. There is no field for a card number.
    """

    CONTROL: ClassVar[bytes] = b"\x04\x0f"
    result_code: int | None
    amount_minor: int | None = None
    receipt_number: int | None = None
    currency: int | None = None
    trace_number: int | None = None
    time: str = ""
    date: str = ""
    terminal_id: str = ""
    card_type: int | None = None
    card_name: str = ""
    text: str = ""

    def body(self) -> bytes:
        return (
            _optional_byte(0x27, self.result_code)
            + _optional_bcd(0x04, self.amount_minor, 6)
            + _optional_bcd(0x49, self.currency, 2)
            + _optional_bcd(0x0B, self.trace_number, 3)
            + _optional(0x0C, bytes.fromhex(self.time) or None)
            + _optional(0x0D, bytes.fromhex(self.date) or None)
            + _optional_bcd(0x87, self.receipt_number, 2)
            + _optional(0x29, bytes.fromhex(self.terminal_id) or None)
            + _optional_byte(0x8A, self.card_type)
            + _optional(0x8B, self.card_name.encode(CHARSET) or None)
            + _optional(0x3C, self.text.encode(CHARSET) or None)
        )

    @classmethod
    def read(cls, data: bytes, at: int) -> Self:
        fields = parse_fields(data, at)
        return cls(
            result_code=_byte(fields, 0x27),
            amount_minor=_number(fields, 0x04),
            receipt_number=_number(fields, 0x87),
            currency=_number(fields, 0x49),
            trace_number=_number(fields, 0x0B),
            time=fields.get(0x0C, b"").hex(),
            date=fields.get(0x0D, b"").hex(),
            terminal_id=fields.get(0x29, b"").hex(),
            card_type=_byte(fields, 0x8A),
            card_name=read_text(fields.get(0x8B, b"")),
            text=read_text(fields.get(0x3C, b"")),
        )


@dataclass(frozen=True, slots=True)
class IntermediateStatus(Message):
    """04 FF, terminal to ECR: what the person at the terminal should do now (0A: insert card)."""

    CONTROL: ClassVar[bytes] = b"\x04\xff"
    code: int

    def body(self) -> bytes:
        return bytes([self.code])

    @classmethod
    def read(cls, data: bytes, at: int) -> Self:
        return cls(_head(data, 1, at)[0])  # a timeout and a TLV may follow; nobody here needs them


@dataclass(frozen=True, slots=True)
class Completion(Message):
    """06 0F, terminal to ECR: done. After Registration with status byte, terminal id and currency."""

    CONTROL: ClassVar[bytes] = b"\x06\x0f"
    status_byte: int | None = None
    terminal_id: str = ""
    currency: int | None = None
    result_code: int | None = None

    def body(self) -> bytes:
        terminal_id = _optional(0x29, bytes.fromhex(self.terminal_id) or None)
        return (
            _optional_byte(0x19, self.status_byte)
            + terminal_id
            + _optional_bcd(0x49, self.currency, 2)
            + _optional_byte(0x27, self.result_code)
        )

    @classmethod
    def read(cls, data: bytes, at: int) -> Self:
        fields = parse_fields(data, at)
        terminal_id = fields.get(0x29, b"").hex()
        return cls(_byte(fields, 0x19), terminal_id, _number(fields, 0x49), _byte(fields, 0x27))


@dataclass(frozen=True, slots=True)
class TerminalStatus(Message):
    """06 0F as it ends a Status-Enquiry: [LLL-VAR software version] status code [TLV]."""

    CONTROL: ClassVar[bytes] = b"\x06\x0f"
    code: int

    def body(self) -> bytes:
        return bytes([self.code])

    @classmethod
    def read(cls, data: bytes, at: int) -> Self:
        start, digits = 0, [byte - 0xF0 for byte in data[:3]]
        if len(digits) == 3 and all(0 <= digit <= 9 for digit in digits):
            start = 3 + 100 * digits[0] + 10 * digits[1] + digits[2]
        code = _head(data, start + 1, at)[start]
        parse_fields(data[start + 1 :], at + start + 1)
        return cls(code)


@dataclass(frozen=True, slots=True)
class Abort(Message):
    """06 1E, terminal to ECR: ended without success."""

    CONTROL: ClassVar[bytes] = b"\x06\x1e"
    result_code: int

    def body(self) -> bytes:
        return bytes([self.result_code])

    @classmethod
    def read(cls, data: bytes, at: int) -> Self:
        result_code = _head(data, 1, at)[0]
        start = 3 if result_code == WRONG_CURRENCY and len(data) >= 3 else 1  # the right one, untagged
        parse_fields(data[start:], at + start)
        return cls(result_code)


@dataclass(frozen=True, slots=True)
class EcrAbort(Message):
    """06 B0, ECR to terminal: stop what you are doing, if you still can."""

    CONTROL: ClassVar[bytes] = b"\x06\xb0"


@dataclass(frozen=True, slots=True)
class _WithPassword(Message):
    password: str = field(repr=False)
    service_byte: int | None = None

    def body(self) -> bytes:
        return bcd(int(self.password), 3) + _optional_byte(0x03, self.service_byte)

    @classmethod
    def read(cls, data: bytes, at: int) -> Self:
        password = _password(data, at)
        return cls(password, _byte(parse_fields(data[3:], at + 3), 0x03))


@dataclass(frozen=True, slots=True)
class StatusEnquiry(_WithPassword):
    """05 01, ECR to terminal: how is the terminal? It says nothing about the last payment."""

    CONTROL: ClassVar[bytes] = b"\x05\x01"


@dataclass(frozen=True, slots=True)
class RepeatReceipt(_WithPassword):
    """06 20, ECR to terminal (2.20): the last transaction again, to find out how a lost one ended."""

    CONTROL: ClassVar[bytes] = b"\x06\x20"


@dataclass(frozen=True, slots=True)
class EndOfDay(_WithPassword):
    """06 50, ECR to terminal: settle the day with the network operator."""

    CONTROL: ClassVar[bytes] = b"\x06\x50"


@dataclass(frozen=True, slots=True)
class ReadCard(Message):
    """06 C0, ECR to terminal: read a card without paying. We only recognise it."""

    CONTROL: ClassVar[bytes] = b"\x06\xc0"
    timeout_s: int
    card_type: int | None = None
    dialog_control: int | None = None

    @classmethod
    def read(cls, data: bytes, at: int) -> Self:
        timeout_s = _head(data, 1, at)[0]
        fields = parse_fields(data[1:], at + 1)
        return cls(timeout_s, _byte(fields, 0x19), _byte(fields, 0xFC))


@dataclass(frozen=True, slots=True)
class PrintLine(Message):
    """06 D1, terminal to ECR (3.5): one line of a receipt; numbers as long as a card's are blotted out."""

    CONTROL: ClassVar[bytes] = b"\x06\xd1"
    attribute: int
    text: str = ""

    def body(self) -> bytes:
        return bytes([self.attribute]) + self.text.encode(CHARSET)

    @classmethod
    def read(cls, data: bytes, at: int) -> Self:
        return cls(_head(data, 1, at)[0], read_text(data[1:]))


@dataclass(frozen=True, slots=True)
class PrintTextBlock(Message):
    """06 D3, terminal to ECR (3.6): a whole receipt as TLV. Its text is dropped."""

    CONTROL: ClassVar[bytes] = b"\x06\xd3"


@dataclass(frozen=True, slots=True)
class Positive(Message):
    """80 00: received and understood."""

    CONTROL: ClassVar[bytes] = b"\x80\x00"


@dataclass(frozen=True, slots=True)
class Negative(Message):
    """84 xx: received and refused; `code` is the second control byte. 84 9D may carry a changed amount."""

    code: int
    amount_minor: int | None = None

    def body(self) -> bytes:
        return _optional_bcd(0x04, self.amount_minor, 6)


@dataclass(frozen=True, slots=True)
class Unsupported(Message):
    """A command that ZVT may have and we do not; its data is dropped."""

    control: bytes


_KINDS: dict[bytes, type[Message]] = {
    kind.CONTROL: kind
    for kind in (
        Registration,
        Authorisation,
        StatusInformation,
        IntermediateStatus,
        Completion,
        Abort,
        EcrAbort,
        StatusEnquiry,
        RepeatReceipt,
        EndOfDay,
        ReadCard,
        PrintLine,
        PrintTextBlock,
        Positive,
    )
}


def encode(message: Message) -> bytes:
    """One message as it goes over TCP. Raises ValueError for values that do not fit their fields."""
    control = bytes([0x84, message.code]) if isinstance(message, Negative) else message.CONTROL
    if not control:
        raise ValueError(f"{type(message).__name__} is only ever heard")
    return frame(control, message.body())


def decode(apdu: Apdu, *, answers: type[Message] | None = None) -> Message:
    """What one framed message means. `answers` is the command it ends, which tells Completions apart.

    Raises Garbled with the offset within the message.
    """
    at = apdu.data_at
    if apdu.control[0] == 0x84:
        return Negative(apdu.control[1], _number(parse_fields(apdu.data, at), 0x04))
    kind = _KINDS.get(apdu.control)
    if kind is None:
        return Unsupported(apdu.control)
    if kind is Completion and answers is StatusEnquiry:
        kind = TerminalStatus
    return kind.read(apdu.data, at)
