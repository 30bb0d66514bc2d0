"""The data fields of ZVT messages ("bitmaps", BMP): how long each is and what may be kept of it.

ECR-Interface ZVT-Protocol, PA00P015 (revisions 13.x): chapter "Data units"
for encodings, "Summary of utilised BMPs" for the table. A field has no length
of its own unless it is LL-VAR or LLL-VAR, so an unknown field number makes the
rest of a message unreadable.

Card numbers, tracks, expiry dates, check values and chip data are measured,
stepped over and never handed out: only fields marked `kept` leave this room.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hardware.errors import Garbled

AMOUNT_MINOR_MAX = 999_999_999_999
"""Six bytes of BCD."""
CHARSET = "cp437"
"""The character set of ZVT unless a terminal was told another."""

APPROVED = 0x00
UNKNOWN_COMMAND = 0x83
"""Negative acknowledgement: this side does not know (or allow) the command."""
PLEASE_WAIT = 0x9C
RECEIVER_NOT_READY = 0xA0
ABORTED_BY_PERSON = 0x6C
"""Aborted by key, by the ECR, or because no card came in time."""
NOT_REGISTERED = 0x6B
WRONG_CURRENCY = 0x6F

STATUS_OF_LAST_PAYMENT = 0x03
"""Service byte of Repeat Receipt: print nothing, send the Status-Information of the last transaction."""

LLVAR, LLLVAR, TLV = -2, -3, -4
"""Lengths that are written before the data: two or three bytes F0..F9, or as in BER."""

_LONG_NUMBER = re.compile(r"(?<![A-Za-z])[\d*E](?:[ \-.]?[\d*E]){11,}")
_LL_SIZES = {LLVAR: 99, LLLVAR: 999}


@dataclass(frozen=True, slots=True)
class Field:
    """One BMP: its length in bytes (or LLVAR, LLLVAR, TLV), whether its content may leave the codec, and
    whether that content is BCD digits."""

    name: str
    size: int
    kept: bool = False
    digits: bool = False


FIELDS: dict[int, Field] = {
    0x01: Field("timeout", 1),
    0x02: Field("most status informations", 1, kept=True),
    0x03: Field("service byte", 1, kept=True),
    0x04: Field("amount", 6, kept=True, digits=True),
    0x05: Field("pump number", 1),
    0x06: Field("TLV container", TLV),
    0x0B: Field("trace number", 3, kept=True, digits=True),
    0x0C: Field("time HHMMSS", 3, kept=True, digits=True),
    0x0D: Field("date MMDD", 2, kept=True, digits=True),
    0x0E: Field("card's expiry date", 2),
    0x17: Field("card sequence number", 2),
    0x19: Field("status byte, payment type or card type", 1, kept=True),
    0x22: Field("card number", LLVAR),
    0x23: Field("track 2", LLVAR),
    0x24: Field("track 3", LLLVAR),
    0x25: Field("synchronous chip data", LLVAR),
    0x27: Field("result code", 1, kept=True),
    0x29: Field("terminal id", 4, kept=True, digits=True),
    0x2A: Field("merchant's contract number", 15),
    0x2D: Field("track 1", LLVAR),
    0x2E: Field("synchronous chip data", LLLVAR),
    0x37: Field("trace number of the original", 3),
    0x3A: Field("card check value", 2),
    0x3B: Field("authorisation attribute", 8),
    0x3C: Field("additional text", LLLVAR, kept=True),
    0x3D: Field("password", 3),
    0x49: Field("currency", 2, kept=True, digits=True),
    0x60: Field("individual totals", LLLVAR),
    0x87: Field("receipt number", 2, kept=True, digits=True),
    0x88: Field("turnover record number", 3),
    0x8A: Field("card type", 1, kept=True),
    0x8B: Field("card name", LLVAR, kept=True),
    0x8C: Field("card type of the network", 1),
    0x92: Field("additional chip data", LLLVAR),
    0x9A: Field("GeldKarte records", LLLVAR),
    0xA0: Field("result code of the authorisation system", 1),
    0xA7: Field("chip data EF_ID", LLVAR),
    0xAA: Field("date YYMMDD", 3),
    0xAF: Field("chip data EF_Info", LLLVAR),
    0xBA: Field("authorisation parameter", 5),
    0xD0: Field("algorithm key", 1),
    0xD1: Field("PIN data", LLVAR),
    0xD2: Field("card output direction", 1),
    0xD3: Field("key identifier", 1),
    0xF0: Field("display duration", 1),
    0xFA: Field("card reader activation", 1),
    0xFB: Field("confirmation required", 1),
    0xFC: Field("dialog control", 1, kept=True),
    0xFD: Field("display device", 1),
}


def parse_fields(data: bytes, at: int = 0) -> dict[int, bytes]:
    """Split a run of fields; only kept ones come back, by number.

    `at` is where `data` begins in its message, for offsets. Raises Garbled at
    an unknown or repeated field, a bad length, or an end within a field.
    """
    kept: dict[int, bytes] = {}
    seen: set[int] = set()
    position = 0
    while position < len(data):
        number = data[position]
        field = FIELDS.get(number)
        if field is None or number in seen:
            problem = "an unknown" if field is None else "a repeated"
            raise Garbled(f"the terminal sent {problem} field {number:02X}", at + position)
        seen.add(number)
        start, size = _measure(field, data, position + 1, at)
        if start + size > len(data):
            raise Garbled(f"the terminal's field {number:02X} ends too early", at + len(data))
        if field.digits:
            read_bcd(data[start : start + size], at + start)
        if field.kept:
            kept[number] = data[start : start + size]
        elif field.size == TLV:
            check_tlv(data[start : start + size], at + start)
        position = start + size
    return kept


def _measure(field: Field, data: bytes, position: int, at: int) -> tuple[int, int]:
    """Where the field's content starts and how many bytes it has."""
    if field.size >= 0:
        return position, field.size
    if field.size == TLV:
        return _ber_length(data, position, at)
    digits = -field.size
    size = 0
    for index in range(position, position + digits):
        if index >= len(data) or data[index] not in range(0xF0, 0xFA):
            raise Garbled(f"the terminal's {field.name} has no length", at + index)
        size = size * 10 + data[index] - 0xF0
    return position + digits, size


def _ber_length(data: bytes, position: int, at: int) -> tuple[int, int]:
    """BER length (TLV chapter): one byte below 80, or 81 and one, or 82 and two."""
    first = data[position] if position < len(data) else None
    more = {0x81: 1, 0x82: 2}.get(first, 0) if first is not None else 0
    if first is None or (first >= 0x80 and not more) or position + 1 + more > len(data):
        raise Garbled("the terminal's TLV has no length", at + position)
    if not more:
        return position + 1, first
    return position + 1 + more, int.from_bytes(data[position + 1 : position + 1 + more])


def check_tlv(data: bytes, at: int = 0) -> None:
    """Walk over the tags of a TLV container without keeping any. Raises Garbled where it does not add up."""
    position = 0
    while position < len(data):
        start = position
        position += 1
        if data[start] & 0x1F == 0x1F:
            while position < len(data) and data[position] & 0x80:
                position += 1
            position += 1
        position, size = _ber_length(data, position, at)
        position += size
        if position > len(data):
            raise Garbled("the terminal's TLV ends too early", at + start)


def build_field(number: int, content: bytes) -> bytes:
    """Write one field. Raises ValueError when the content does not fit it, KeyError for an unknown field."""
    size = FIELDS[number].size
    if size == TLV:
        return bytes([number]) + ber_length(len(content)) + content
    if size >= 0:
        if len(content) != size:
            raise ValueError(f"field {number:02X} has {size} bytes, not {len(content)}")
        return bytes([number]) + content
    if len(content) > _LL_SIZES[size]:
        raise ValueError(f"field {number:02X} has at most {_LL_SIZES[size]} bytes, not {len(content)}")
    return bytes([number, *(0xF0 + int(digit) for digit in f"{len(content):0{-size}}")]) + content


def ber_length(size: int) -> bytes:
    """A BER length of one to three bytes. Raises ValueError above 65535."""
    if size < 0x80:
        return bytes([size])
    if size > 0xFFFF:
        raise ValueError("a TLV holds at most 65535 bytes")
    return bytes([0x81, size]) if size < 0x100 else b"\x82" + size.to_bytes(2)


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


def read_text(content: bytes) -> str:
    """Text for people: control characters go, and whatever looks like a card number becomes `****`."""
    text = "".join(char if char.isprintable() else " " for char in content.decode(CHARSET))
    return _LONG_NUMBER.sub("****", text).strip()
