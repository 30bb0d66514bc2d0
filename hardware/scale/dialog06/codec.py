"""Bytes of Checkout-Dialog 06, both ways.

    till                                    scale
    EOT STX record ETX                      ACK, NAK, or STX record ETX
    EOT ENQ                                 STX record ETX, or NAK
    EOT

A record is two digits and fields, each after an ESC. 9600 baud, 7 data bits, odd parity, one stop bit.

Sources: Ohaus, service manual of the Aviator 7000 (11/2012), 6.1.3 "Dialog 06" and 6.1.6; Dibal, manual of
the DPOS-400, 4.39; the table of statuses as two public drivers for Mettler-Toledo's Ariva-S have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hardware.errors import Garbled

STX, ETX, EOT, ENQ, ACK, NAK, ESC = b"\x02", b"\x03", b"\x04", b"\x05", b"\x06", b"\x15", b"\x1b"
PRICE_MINOR_MAX = 999_999
TARE_G_MAX = 9_999
WEIGHT_G_MAX = 99_999
TEXT_CHARS = 13
PAIRS_MAX = 5
KILOGRAMS = b"3"
"""How record 02 says that its weight is in kilograms with three decimals; 0, 1, 2 are pounds."""
RECORD_BYTES_MAX = 64
"""The longest record is number 10 with five pairs: 46 bytes."""


# What the till says


@dataclass(frozen=True, slots=True)
class PriceSet:
    """Records 01, 03, 04, 05: what a kilogram costs, and perhaps a tare and a text for the display."""

    unit_price_minor: int
    tare_g: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class StatusAsked:
    """Record 08: why was that a NAK?"""


@dataclass(frozen=True, slots=True)
class ChecksumsSent:
    """Record 10: one to five pairs of 16-bit numbers, turned as the scale asked (`checksums.py`)."""

    pairs: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ResultAsked:
    """EOT ENQ: what came of the last record?"""


# What the scale says


@dataclass(frozen=True, slots=True)
class Accepted:
    """ACK."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """NAK; record 08 asks why."""


@dataclass(frozen=True, slots=True)
class Result:
    """Record 02: what the display shows."""

    weight_g: int
    unit_price_minor: int
    price_minor: int


@dataclass(frozen=True, slots=True)
class Status:
    """Record 09: two digits, `MEANINGS`."""

    code: str


@dataclass(frozen=True, slots=True)
class ChecksumsAsked:
    """Record 11 with D0 = 2: the checksums, please, turned by the two halves of this random byte."""

    turn: int


@dataclass(frozen=True, slots=True)
class ChecksumsJudged:
    """Record 11 with D0 = 0 or 1: whether they were right."""

    right: bool


ToScale = PriceSet | StatusAsked | ChecksumsSent | ResultAsked
FromScale = Accepted | Rejected | Result | Status | ChecksumsAsked | ChecksumsJudged

MEANINGS = {
    "00": "no error",
    "01": "general error",
    "02": "wrong parity, or more than it can keep",
    "10": "no such record",
    "11": "impossible price per kilogram",
    "12": "impossible tare",
    "13": "impossible text",
    "20": "still in motion",
    "21": "not in motion since the last weighing",
    "22": "not finished, or no price was sent",
    "30": "less than the smallest weight",
    "31": "below zero",
    "32": "overloaded",
    "33": "price to pay has too many digits",
    "34": "no weight",
}

_ANSWERS: dict[bytes, FromScale] = {ACK: Accepted(), NAK: Rejected()}
_RESULT = re.compile(rb"(\d)\x1b(\d{5})\x1b(\d{6})\x1b(\d{6})")
_CHECKSUMS_ASKED = re.compile(rb"2([0-9A-F]{2})")
_PRICE = re.compile(rb"(\d{6})(\x1b)?")
_PRICE_AND_TARE = re.compile(rb"(\d{6})\x1b(\d{4})")
_PRICE_AND_TEXT = re.compile(rb"(\d{6})\x1b([ -~]{13})")
_PRICE_TARE_TEXT = re.compile(rb"(\d{6})\x1b(\d{4})\x1b([ -~]{13})")
_ORDER = re.compile(rb"\x05|\x02[^\x02-\x05]*\x03")
_PAIRS = re.compile(rb"(?:[0-9A-F]{8}){1,5}")


def encode(message: ToScale | FromScale) -> bytes:
    """The bytes of a message, with the EOT before what the till says. Raises ValueError for lack of room."""
    match message:
        case PriceSet():
            return EOT + _record(*_price_fields(message))
        case StatusAsked():
            return EOT + _record(b"08")
        case ChecksumsSent(pairs):
            if not 1 <= len(pairs) <= PAIRS_MAX:
                raise ValueError(f"there are 1 to {PAIRS_MAX} pairs of checksums")
            digits = b"".join(_number(number, 4, base=16) for pair in pairs for number in pair)
            return EOT + _record(b"10", digits)
        case ResultAsked():
            return EOT + ENQ
        case Accepted():
            return ACK
        case Rejected():
            return NAK
        case Result(weight_g, unit_price_minor, price_minor):
            amounts = (_number(weight_g, 5), _number(unit_price_minor, 6), _number(price_minor, 6))
            return _record(b"02", KILOGRAMS, *amounts)
        case Status(code):
            return _record(b"09", code.encode("ascii"))
        case ChecksumsAsked(turn):
            return _record(b"11", b"2" + _number(turn, 2, base=16))
        case ChecksumsJudged(right):
            return _record(b"11", b"1" if right else b"0")


def _price_fields(order: PriceSet) -> Iterator[bytes]:
    """Record number and fields; the shortest record that says it all. Number 01 ends in an ESC."""
    text = order.text.encode("ascii", "replace")[:TEXT_CHARS].ljust(TEXT_CHARS) if order.text else b""
    yield {(False, False): b"01", (True, False): b"03", (False, True): b"04", (True, True): b"05"}[
        order.tare_g is not None, bool(text)
    ]
    yield _number(order.unit_price_minor, 6)
    if order.tare_g is not None:
        yield _number(order.tare_g, 4)
    if text:
        yield text
    if order.tare_g is None and not text:
        yield b""


def _record(number: bytes, *fields: bytes) -> bytes:
    return STX + ESC.join((number, *fields)) + ETX


def _number(value: int, digits: int, base: int = 10) -> bytes:
    if not 0 <= value < base**digits:
        raise ValueError(f"{value} has no room in {digits} digits")
    return f"{value:0{digits}{'X' if base == 16 else 'd'}}".encode("ascii")


def from_scale(data: bytes) -> FromScale:
    """Read one whole answer. Raises Garbled naming the byte."""
    if data in _ANSWERS:
        return _ANSWERS[data]
    number, fields = _opened(data)
    if number == b"02" and (found := _RESULT.fullmatch(fields)):
        if found[1] != KILOGRAMS:
            raise Garbled("the scale weighs in pounds", 4)
        return Result(int(found[2]), int(found[3]), int(found[4]))
    if number == b"09" and fields.decode("latin-1") in MEANINGS:
        return Status(fields.decode("ascii"))
    if number == b"11" and (found := _CHECKSUMS_ASKED.fullmatch(fields)):
        return ChecksumsAsked(int(found[1], 16))
    if number == b"11" and fields in (b"0", b"1"):
        return ChecksumsJudged(fields == b"1")
    raise Garbled("the scale sent a record that does not exist", 1 if number not in _FROM_SCALE else 4)


_FROM_SCALE = (b"02", b"09", b"11")
_TO_SCALE = (b"01", b"03", b"04", b"05", b"08", b"10")


def to_scale(data: bytes) -> ToScale:
    """Read what a till says, without the EOT before it. Raises Garbled naming the byte."""
    if data == ENQ:
        return ResultAsked()
    number, fields = _opened(data)
    if number == b"08" and not fields:
        return StatusAsked()
    if number == b"10" and _PAIRS.fullmatch(fields):
        numbers = [int(fields[at : at + 4], 16) for at in range(0, len(fields), 4)]
        return ChecksumsSent(tuple(zip(numbers[::2], numbers[1::2], strict=True)))
    if number == b"01" and (found := _PRICE.fullmatch(fields)):
        return PriceSet(int(found[1]))
    if number == b"03" and (found := _PRICE_AND_TARE.fullmatch(fields)):
        return PriceSet(int(found[1]), int(found[2]))
    if number == b"04" and (found := _PRICE_AND_TEXT.fullmatch(fields)):
        return PriceSet(int(found[1]), text=found[2].decode("ascii").rstrip())
    if number == b"05" and (found := _PRICE_TARE_TEXT.fullmatch(fields)):
        return PriceSet(int(found[1]), int(found[2]), found[3].decode("ascii").rstrip())
    raise Garbled("the till sent a record that does not exist", 1 if number not in _TO_SCALE else 4)


def _opened(data: bytes) -> tuple[bytes, bytes]:
    """Number and fields of a record. Raises Garbled."""
    if data[:1] != STX:
        raise Garbled("a record has no beginning", 0)
    if data[-1:] != ETX or len(data) < 2:
        raise Garbled("a record has no end", len(data))
    number, separator, fields = data[1:3], data[3:4], data[4:-1]
    if len(data) > 4 and separator != ESC:
        raise Garbled("a record's number does not end", 3)
    return number, fields


class AnswerBuffer:
    """Bytes in, answers of the scale out; it never holds more than `RECORD_BYTES_MAX`."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def clear(self) -> None:
        """Forget half an answer."""
        self._pending.clear()

    def feed(self, data: bytes) -> FromScale | None:
        """The answer that `data` completes; what comes after it is dropped, since nothing was asked.

        Raises Garbled, and drops all, for what is no answer.
        """
        self._pending += data
        pending = bytes(self._pending)
        if not pending:
            return None
        if pending[:1] in _ANSWERS:
            whole = pending[:1]
        elif (end := pending.find(ETX)) >= 0:
            whole = pending[: end + 1]
        elif pending[:1] == STX and len(pending) <= RECORD_BYTES_MAX:
            return None
        else:
            whole = pending
        self._pending.clear()
        return from_scale(whole)


class OrderBuffer:
    """Bytes in, what the till says out: the emulator's ear. An EOT makes it forget half a record."""

    def __init__(self) -> None:
        self._pending = b""

    def clear(self) -> None:
        """Forget half a record."""
        self._pending = b""

    def feed(self, data: bytes) -> Iterator[ToScale | None]:
        """The orders that `data` completes, None for a record that does not exist."""
        self._pending += data
        while found := _ORDER.search(self._pending):
            self._pending = self._pending[found.end() :]
            try:
                yield to_scale(found[0])
            except Garbled:
                yield None
        self._pending = self._pending[-RECORD_BYTES_MAX:]
