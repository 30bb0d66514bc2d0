"""What the terminal says to the shop, and how both say yes and no. Chapters of PA00P015, revision 13.09."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from hardware.errors import Garbled
from hardware.zvt.codes import WRONG_CURRENCY
from hardware.zvt.fields import Kind, ll_length, printable, read_bcd, read_ll_length
from hardware.zvt.masks import blotted
from hardware.zvt.message import Message, bmp, lead
from hardware.zvt.tlv import CHARSET, RECEIPT_KIND, TEXT_LINE, Tlv, read_length, walk

TOTALS_BYTES = 53
CARD_BRANDS = ("girocard", "JCB", "Mastercard", "American Express", "Visa", "Diners", "other")
"""In the order of the individual totals (BMP 60)."""


@dataclass(frozen=True)
class StatusInformation(Message):
    """04 0F (3.1): how a transaction went. None: the terminal did not say.

    `terminal_id` is eight digits, `time` HHMMSS, `date` MMDD; `card_number` shows four digits at most.
    """

    CONTROL: ClassVar[bytes] = b"\x04\x0f"
    result_code: int | None = bmp(0x27)
    amount_minor: int | None = bmp(0x04)
    receipt_number: int | None = bmp(0x87)
    currency: int | None = bmp(0x49)
    trace_number: int | None = bmp(0x0B)
    original_trace_number: int | None = bmp(0x37)
    """Of the payment that this one undoes."""
    time: str | None = bmp(0x0C)
    date: str | None = bmp(0x0D)
    terminal_id: str | None = bmp(0x29)
    card_type: int | None = bmp(0x8A)
    card_name: str | None = bmp(0x8B)
    card_number: str | None = bmp(0x22)
    text: str | None = bmp(0x3C)
    totals: bytes | None = bmp(0x60)
    tlv: tuple[Tlv, ...] | None = bmp(0x06)


@dataclass(frozen=True)
class IntermediateStatus(Message):
    """04 FF (3.7): what the person at the terminal should do now (0A: insert card).

    `timeout_min`: how long the terminal waits for it. With an extended registration it says so in words, too.
    """

    CONTROL: ClassVar[bytes] = b"\x04\xff"
    code: int = lead(Kind.BYTE, 1)
    timeout_min: int | None = lead(Kind.NUMBER, 1, absent=lambda left, _: not left or _is_tlv(left))
    tlv: tuple[Tlv, ...] | None = bmp(0x06)

    @property
    def text(self) -> str:
        """The terminal's own words, "" if it has none."""
        lines = (content.decode(CHARSET) for tag, content in walk(self.tlv or ()) if tag == TEXT_LINE)
        return printable(" ".join(lines))


def _is_tlv(data: bytes) -> bool:
    """Whether all of `data` is one TLV container, and not a timeout of six minutes."""
    if data[0] != 0x06 or len(data) == 1:
        return False
    try:
        return sum(read_length(data, 1, 0)) == len(data)
    except Garbled:
        return False


@dataclass(frozen=True)
class Completion(Message):
    """06 0F (3.2): done. After Registration with status byte, terminal id and currency."""

    CONTROL: ClassVar[bytes] = b"\x06\x0f"
    status_byte: int | None = bmp(0x19)
    terminal_id: str | None = bmp(0x29)
    currency: int | None = bmp(0x49)
    result_code: int | None = bmp(0x27)
    tlv: tuple[Tlv, ...] | None = bmp(0x06)


@dataclass(frozen=True)
class TerminalStatus(Message):
    """06 0F as it ends a Status-Enquiry (2.55): [LLL-VAR software version] status code [TLV]."""

    CONTROL: ClassVar[bytes] = b"\x06\x0f"
    code: int
    version: str | None = None
    tlv: tuple[Tlv, ...] | None = bmp(0x06)

    def body(self) -> bytes:
        version = b"" if self.version is None else self.version.encode(CHARSET)
        front = b"" if self.version is None else ll_length(len(version), 3) + version
        return front + bytes([self.code]) + self.fields_body()

    @classmethod
    def read(cls, data: bytes, at: int) -> Self:
        version, start = None, 0
        if tells_version(data):
            start = 3 + read_ll_length(data, 0, 3, at)
            version = data[3:start].decode(CHARSET)
        if len(data) <= start:
            raise Garbled("the terminal's message ends too early", at + len(data))
        return cls.with_fields(data[start + 1 :], at + start + 1, code=data[start], version=version)


def tells_version(data: bytes) -> bool:
    """Whether a Completion begins with an LLL-VAR: then it ends a Status-Enquiry."""
    return len(data) >= 3 and all(0xF0 <= byte <= 0xF9 for byte in data[:3])


@dataclass(frozen=True)
class Abort(Message):
    """06 1E (3.3): ended without success. `currency` is the right one, where ours was wrong."""

    CONTROL: ClassVar[bytes] = b"\x06\x1e"
    result_code: int = lead(Kind.BYTE, 1)
    currency: int | None = lead(
        Kind.NUMBER,
        2,
        absent=lambda left, read: (
            len(left) < 2 or read["result_code"] != WRONG_CURRENCY or left[0] in (0x49, 6)
        ),
    )
    receipt_number: int | None = bmp(0x87)
    tlv: tuple[Tlv, ...] | None = bmp(0x06)


@dataclass(frozen=True)
class SetTimeAndDate(Message):
    """04 01 (3.4): set your clock."""

    CONTROL: ClassVar[bytes] = b"\x04\x01"
    date: str | None = bmp(0xAA)
    time: str | None = bmp(0x0C)


@dataclass(frozen=True)
class PrintLine(Message):
    """06 D1 (3.5): one line of a receipt; numbers as long as a card's are blotted out."""

    CONTROL: ClassVar[bytes] = b"\x06\xd1"
    attribute: int = lead(Kind.BYTE, 1)
    text: str = ""

    def body(self) -> bytes:
        return bytes([self.attribute]) + self.text.encode(CHARSET)

    @classmethod
    def read(cls, data: bytes, at: int) -> Self:
        if not data:
            raise Garbled("the terminal's message ends too early", at)
        return cls(data[0], blotted(data[1:].decode(CHARSET)))


@dataclass(frozen=True)
class PrintTextBlock(Message):
    """06 D3 (3.6): a whole receipt as TLV."""

    CONTROL: ClassVar[bytes] = b"\x06\xd3"
    tlv: tuple[Tlv, ...] | None = bmp(0x06)

    @property
    def lines(self) -> tuple[str, ...]:
        """The receipt's lines, without the padding at their ends."""
        found = (content.decode(CHARSET) for tag, content in walk(self.tlv or ()) if tag == TEXT_LINE)
        return tuple(line.rstrip("\0 ") for line in found)

    @property
    def receipt_kind(self) -> int | None:
        """1 merchant's, 2 customer's, 3 administration."""
        content = dict(walk(self.tlv or ())).get(RECEIPT_KIND)
        return content[0] if content else None


@dataclass(frozen=True)
class Positive(Message):
    """80 00: received and understood."""

    CONTROL: ClassVar[bytes] = b"\x80\x00"
    tlv: tuple[Tlv, ...] | None = bmp(0x06)


@dataclass(frozen=True)
class Negative(Message):
    """84 xx: received and refused; `code` is the second control byte. 84 9D carries the changed amount.

    84 00 is what some terminals say for yes.
    """

    code: int
    amount_minor: int | None = bmp(0x04)


@dataclass(frozen=True)
class Unsupported(Message):
    """A command that ZVT may have and we do not; its data is dropped."""

    control: bytes


REPORTS: tuple[type[Message], ...] = (
    StatusInformation,
    IntermediateStatus,
    Completion,
    Abort,
    SetTimeAndDate,
    PrintLine,
    PrintTextBlock,
    Positive,
)


@dataclass(frozen=True, slots=True)
class BrandTotal:
    """What one brand of cards came to."""

    brand: str
    count: int
    amount_minor: int


def read_totals(data: bytes, at: int = 0) -> tuple[int, int, tuple[BrandTotal, ...]]:
    """Individual totals (BMP 60): first and last receipt number, each brand that was used. Raises Garbled."""
    if len(data) < TOTALS_BYTES:
        raise Garbled("the terminal's totals end too early", at + len(data))
    brands = []
    for index, brand in enumerate(CARD_BRANDS):
        start = 4 + 7 * index
        amount_minor = read_bcd(data[start + 1 : start + 7], at + start + 1)
        if data[start] or amount_minor:
            brands.append(BrandTotal(brand, data[start], amount_minor))
    return read_bcd(data[:2], at), read_bcd(data[2:4], at + 2), tuple(brands)
