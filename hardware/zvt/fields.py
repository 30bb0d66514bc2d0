"""The data fields of ZVT messages ("bitmaps", BMP): how long each is, and what it says.

ECR-Interface ZVT-Protocol, PA00P015 (revisions 13.x): chapter "Data units" for encodings, "Summary of
utilised BMPs" for the table. A field has no length of its own unless it is LL-VAR, LLL-VAR or TLV, so an
unknown field number makes the rest of a message unreadable. Card data is blotted out here (see `masks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from hardware.errors import Garbled
from hardware.zvt.masks import blotted, card_number, card_number_bytes, hidden
from hardware.zvt.tlv import CHARSET, Tlv, build_tlv, parse_tlv, read_length, tlv_length

AMOUNT_MINOR_MAX = 999_999_999_999
"""Six bytes of BCD."""
ALL_RECEIPTS = 0xFFFF
"""As a receipt number (BMP 87, PA00P015, 2.10): whichever pre-authorisations are open."""

LLVAR, LLLVAR, BER = -2, -3, -4
"""Lengths that are written before the data: two or three bytes F0..F9, or as in BER."""
_LL_SIZES = {LLVAR: 99, LLLVAR: 999}

Value = int | str | bytes | tuple[Tlv, ...]
"""What a field says: see `Kind`."""


class Kind(Enum):
    """How a field's content is read."""

    BYTE = auto()
    """int"""
    NUMBER = auto()
    """BCD as int"""
    RECEIPT = auto()
    """BCD as int, or `ALL_RECEIPTS`"""
    DIGITS = auto()
    """BCD as str, zeros in front kept"""
    TEXT = auto()
    """str, numbers as long as a card's blotted out"""
    LABEL = auto()
    """str, as it stands: a merchant's own number is no card's"""
    RAW = auto()
    """bytes"""
    CARD = auto()
    """str, `*` but for the last four digits"""
    HIDDEN = auto()
    """bytes, all of them blotted out"""
    TLV = auto()
    """tuple of Tlv"""


@dataclass(frozen=True, slots=True)
class Field:
    """One BMP: its length in bytes (or LLVAR, LLLVAR, BER), and how it is read."""

    name: str
    size: int
    kind: Kind


FIELDS: dict[int, Field] = {
    0x01: Field("timeout", 1, Kind.BYTE),
    0x02: Field("most status informations", 1, Kind.BYTE),
    0x03: Field("service byte", 1, Kind.BYTE),
    0x04: Field("amount", 6, Kind.NUMBER),
    0x05: Field("pump number", 1, Kind.BYTE),
    0x06: Field("TLV container", BER, Kind.TLV),
    0x0B: Field("trace number", 3, Kind.NUMBER),
    0x0C: Field("time HHMMSS", 3, Kind.DIGITS),
    0x0D: Field("date MMDD", 2, Kind.DIGITS),
    0x0E: Field("card's expiry date YYMM", 2, Kind.HIDDEN),
    0x17: Field("card sequence number", 2, Kind.RAW),
    0x19: Field("status byte, payment type or card type", 1, Kind.BYTE),
    0x22: Field("card number", LLVAR, Kind.CARD),
    0x23: Field("track 2", LLVAR, Kind.HIDDEN),
    0x24: Field("track 3", LLLVAR, Kind.HIDDEN),
    0x25: Field("synchronous chip data", LLVAR, Kind.HIDDEN),
    0x27: Field("result code", 1, Kind.BYTE),
    0x29: Field("terminal id", 4, Kind.DIGITS),
    0x2A: Field("merchant's contract number", 15, Kind.LABEL),
    0x2D: Field("track 1", LLVAR, Kind.HIDDEN),
    0x2E: Field("synchronous chip data", LLLVAR, Kind.HIDDEN),
    0x37: Field("trace number of the original", 3, Kind.NUMBER),
    0x3A: Field("card check value", 2, Kind.HIDDEN),
    0x3B: Field("authorisation attribute", 8, Kind.RAW),
    0x3C: Field("additional text", LLLVAR, Kind.TEXT),
    0x3D: Field("password", 3, Kind.HIDDEN),
    0x49: Field("currency", 2, Kind.NUMBER),
    0x60: Field("individual totals", LLLVAR, Kind.RAW),
    0x70: Field("image request", 4, Kind.RAW),
    0x71: Field("image size", 4, Kind.RAW),
    0x72: Field("image type", 1, Kind.BYTE),
    0x73: Field("image encoding", 1, Kind.BYTE),
    0x74: Field("image parts", 1, Kind.BYTE),
    0x75: Field("image part", 1, Kind.BYTE),
    0x87: Field("receipt number", 2, Kind.RECEIPT),
    0x88: Field("turnover record number", 3, Kind.RAW),
    0x8A: Field("card type", 1, Kind.BYTE),
    0x8B: Field("card name", LLVAR, Kind.TEXT),
    0x8C: Field("card type of the network", 1, Kind.BYTE),
    0x92: Field("additional chip data", LLLVAR, Kind.HIDDEN),
    0x9A: Field("GeldKarte records", LLLVAR, Kind.HIDDEN),
    0xA0: Field("result code of the authorisation system", 1, Kind.BYTE),
    0xA7: Field("chip data EF_ID", LLVAR, Kind.HIDDEN),
    0xAA: Field("date YYMMDD", 3, Kind.DIGITS),
    0xAF: Field("chip data EF_Info", LLLVAR, Kind.HIDDEN),
    0xBA: Field("authorisation parameter", 5, Kind.RAW),
    0xD0: Field("algorithm key", 1, Kind.BYTE),
    0xD1: Field("PIN data", LLVAR, Kind.HIDDEN),
    0xD2: Field("card output direction", 1, Kind.BYTE),
    0xD3: Field("key identifier", 1, Kind.BYTE),
    0xE0: Field("shortest input", 1, Kind.BYTE),
    **{number: Field("second text's line", LLVAR, Kind.TEXT) for number in range(0xE1, 0xE9)},
    0xE9: Field("longest input", 1, Kind.BYTE),
    0xEA: Field("echo of the input", 1, Kind.BYTE),
    0xEB: Field("check value over the texts", 8, Kind.RAW),
    0xF0: Field("display duration", 1, Kind.BYTE),
    **{number: Field("text line", LLVAR, Kind.TEXT) for number in range(0xF1, 0xF9)},
    0xF9: Field("beeps", 1, Kind.BYTE),
    0xFA: Field("card reader activation", 1, Kind.BYTE),
    0xFB: Field("confirmation required", 1, Kind.BYTE),
    0xFC: Field("dialog control", 1, Kind.BYTE),
    0xFD: Field("display device", 1, Kind.BYTE),
}


def parse_fields(data: bytes, at: int = 0) -> dict[int, Value]:
    """Split a run of fields into values by number, in the order in which they stand.

    `at` is where `data` begins in its message, for offsets. Raises Garbled at
    an unknown or repeated field, a bad length, or an end within a field.
    """
    values: dict[int, Value] = {}
    position = 0
    while position < len(data):
        number = data[position]
        field = FIELDS.get(number)
        if field is None or number in values:
            problem = "an unknown" if field is None else "a repeated"
            raise Garbled(f"the terminal sent {problem} field {number:02X}", at + position)
        start, size = _measure(field, data, position + 1, at)
        position = start + size
        if position > len(data):
            raise Garbled(f"the terminal's field {number:02X} ends too early", at + len(data))
        values[number] = read_value(field.kind, data[start:position], at + start)
    return values


def build_fields(values: Mapping[int, Value]) -> bytes:
    """Write fields in this order. Raises ValueError for values that do not fit, KeyError for no field."""
    return b"".join(build_field(number, value) for number, value in values.items())


def build_field(number: int, value: Value) -> bytes:
    """Write one field. Raises ValueError when the value does not fit it, KeyError for an unknown field."""
    field = FIELDS[number]
    content = write_value(field.kind, value, field.size)
    size = field.size
    if size == BER:
        return bytes([number]) + tlv_length(len(content)) + content
    if size >= 0:
        if len(content) != size:
            raise ValueError(f"field {number:02X} has {size} bytes, not {len(content)}")
        return bytes([number]) + content
    if len(content) > _LL_SIZES[size]:
        raise ValueError(f"field {number:02X} has at most {_LL_SIZES[size]} bytes, not {len(content)}")
    return bytes([number]) + ll_length(len(content), -size) + content


def read_value(kind: Kind, content: bytes, at: int) -> Value:
    """What `content`, which begins at byte `at`, says. Raises Garbled."""
    match kind:
        case Kind.BYTE:
            return content[0]
        case Kind.RECEIPT if content == b"\xff\xff":
            return ALL_RECEIPTS
        case Kind.NUMBER | Kind.RECEIPT:
            return read_bcd(content, at)
        case Kind.DIGITS:
            read_bcd(content, at)
            return content.hex()
        case Kind.TEXT:
            return blotted(content.decode(CHARSET))
        case Kind.LABEL:
            return content.decode(CHARSET)
        case Kind.CARD:
            return card_number(content)
        case Kind.HIDDEN:
            return hidden(content)
        case Kind.TLV:
            return parse_tlv(content, at)
        case Kind.RAW:
            return content


def write_value(kind: Kind, value: Value, size: int) -> bytes:
    """The content that says `value`. Raises ValueError when it cannot, in `size` bytes."""
    match kind, value:
        case Kind.BYTE, int():
            return value.to_bytes(1) if 0 <= value < 0x100 else b""
        case Kind.RECEIPT, 0xFFFF:
            return b"\xff\xff"
        case ((Kind.NUMBER | Kind.RECEIPT), int()):
            return bcd(value, size)
        case Kind.DIGITS, str():
            return bytes.fromhex(value)
        case ((Kind.TEXT | Kind.LABEL), str()):
            return value.encode(CHARSET)
        case Kind.CARD, str():
            return card_number_bytes(value)
        case Kind.TLV, tuple():
            return build_tlv(value)
        case ((Kind.RAW | Kind.HIDDEN), bytes()):
            return value
    raise ValueError(f"a field that holds {kind.name.lower()} cannot say {type(value).__name__}")


def _measure(field: Field, data: bytes, position: int, at: int) -> tuple[int, int]:
    """Where the field's content starts and how many bytes it has."""
    if field.size >= 0:
        return position, field.size
    if field.size == BER:
        return read_length(data, position, at)
    return position - field.size, read_ll_length(data, position, -field.size, at)


def read_ll_length(data: bytes, position: int, digits: int, at: int) -> int:
    """A length written as bytes F0 to F9. Raises Garbled."""
    size = 0
    for index in range(position, position + digits):
        if index >= len(data) or data[index] not in range(0xF0, 0xFA):
            raise Garbled("the terminal sent a field without its length", at + index)
        size = size * 10 + data[index] - 0xF0
    return size


def ll_length(size: int, digits: int) -> bytes:
    """The other way: `size` in so many bytes F0 to F9."""
    return bytes(0xF0 + int(digit) for digit in f"{size:0{digits}}")


def bcd(number: int, size: int) -> bytes:
    """`number` as packed BCD of `size` bytes. Raises ValueError when it does not fit."""
    text = f"{number:0{2 * size}}"
    if number < 0 or len(text) > 2 * size:
        raise ValueError(f"{number} does not fit into {size} bytes of BCD")
    return bytes.fromhex(text)


def read_bcd(content: bytes, at: int = 0) -> int:
    """The number that packed BCD holds. Raises Garbled at a nibble above 9."""
    for index, byte in enumerate(content):
        if byte >> 4 > 9 or byte & 0x0F > 9:
            raise Garbled("the terminal sent digits that are none", at + index)
    return int(content.hex() or "0")


def printable(text: str | None) -> str:
    """Text for people: control characters and the padding around it go."""
    return "".join(char if char.isprintable() else " " for char in text or "").strip()
