"""Bytes of the 8217 protocol: orders to the scale, and its answers between STX and CR.

Source: Mettler-Toledo, service manual of the Diva checkout scale (72191202, 05/2012), 6.1.4 "8213/8217":
host communications, command descriptions, scale status byte. 7 data bits, even parity, one stop bit. The
protocol has no checksum: parity is all that the line checks, so the driver asks twice (`driver.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hardware.errors import Garbled

STX, CR = b"\x02", b"\r"
ANSWER_BYTES_MAX = 16
"""STX, six digits and point, N, CR are ten; the longest answer there is stays below this."""
TARE_G_MAX = 99_999

ASK_WEIGHT = b"W"
SET_ZERO = b"Z"
CLEAR_TARE = b"C"

_KILOGRAMS = re.compile(rb"( *\d{1,3}\.\d{3})(N?)")
_POUNDS = re.compile(rb" *\d{1,3}\.\d{2}N?")
_FLAGS = ("motion", "over", "under", "outside_zero", "at_zero", "net")


@dataclass(frozen=True, slots=True)
class Weighed:
    """The weight on the display, in grams; `net` where a tare was taken off."""

    weight_g: int
    net: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """The status byte: sent instead of a weight, and after every other order."""

    motion: bool = False
    over: bool = False
    under: bool = False
    outside_zero: bool = False
    at_zero: bool = False
    net: bool = False


Answer = Weighed | Status


def tare_order(tare_g: int) -> bytes:
    """`T` and five digits, of which the scale takes three for decimals of a kilogram. Raises ValueError."""
    if not 0 < tare_g <= TARE_G_MAX:
        raise ValueError(f"a tare is 1 to {TARE_G_MAX} grams, not {tare_g}")
    return b"T%05d\r" % tare_g


class AnswerBuffer:
    """Bytes in, answers out; it never holds more than `ANSWER_BYTES_MAX`."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def clear(self) -> None:
        """Forget half an answer, as after a broken line."""
        self._pending.clear()

    def feed(self, data: bytes) -> Answer | None:
        """The answer that `data` completes; what comes after it is dropped, since nothing was asked.

        Raises Garbled, and drops all, for what is no answer.
        """
        self._pending += data
        end = self._pending.find(CR)
        if end < 0 and len(self._pending) <= ANSWER_BYTES_MAX:
            return None
        frame = bytes(self._pending[: end + 1] if end >= 0 else self._pending)
        self._pending.clear()
        return decode(frame)


def decode(frame: bytes) -> Answer:
    """Read one whole answer. Raises Garbled naming the first byte that cannot stand there."""
    if frame[:1] != STX:
        raise Garbled("the scale's answer has no beginning", 0)
    if len(frame) > ANSWER_BYTES_MAX:
        raise Garbled("the scale's answer is too long", ANSWER_BYTES_MAX)
    if frame[-1:] != CR:
        raise Garbled("the scale's answer has no end", len(frame))
    body = frame[1:-1]
    if body[:1] == b"?":
        return _status(body)
    if found := _KILOGRAMS.fullmatch(body):
        return Weighed(int(found[1].replace(b".", b"")), net=bool(found[2]))
    if _POUNDS.fullmatch(body):
        raise Garbled("the scale weighs in pounds", 1)
    raise Garbled("the scale's answer is no weight", 1 + _first_odd(body))


def _first_odd(body: bytes) -> int:
    """Where an answer stops to look like a weight."""
    likeness = re.match(rb" *\d{0,3}\.?\d{0,3}N?", body)
    return likeness.end() if likeness else 0


def _status(body: bytes) -> Status:
    if len(body) != 2:
        raise Garbled("the scale's status is not one byte", 2)
    bits = body[1]
    if bits & 0xC0 != 0x40:  # bit 6 is always set; bit 7 is the parity, which the line takes away
        raise Garbled("the scale's status is none", 2)
    return Status(*(bool(bits >> place & 1) for place in range(len(_FLAGS))))


def encode(answer: Answer) -> bytes:
    """The bytes that a scale answers. Raises ValueError for a weight that its six places cannot show."""
    if isinstance(answer, Weighed):
        if not 0 <= answer.weight_g <= TARE_G_MAX:
            raise ValueError(f"no scale of this kind shows {answer.weight_g} grams")
        kilograms, grams = divmod(answer.weight_g, 1000)
        return STX + b"%02d.%03d" % (kilograms, grams) + b"N" * answer.net + CR
    bits = sum(getattr(answer, flag) << place for place, flag in enumerate(_FLAGS))
    return STX + b"?" + bytes([0x40 | bits]) + CR
