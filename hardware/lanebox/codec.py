"""Lines between a till and its lane box, without I/O; `lane_box/lane_line.h` is the other end.

A line is ASCII, at most `LINE_BYTES_MAX`:

    ":" number (2 hex digits) " " words "*" CRC (4 hex digits) "\\n"

The CRC is CRC-16/IBM-3740 (polynomial 1021, first value FFFF) over all from number to the last word. The till
asks, the box answers under the same number. A question may be asked again under its number at any time: each
says how things shall be, none says that something shall change, so it may be carried out twice.

    till                     box
    H 1                      H 1 emma-lane-box     hello, in version 1 of this protocol
    L 021                    S ...                 lamps red, yellow, green: 0 off, 1 on, 2 blinking
    Z                        S ... or N motion     what lies there now is the zero
    S                        S 1532 s 0 021        grams; s settled, m moving, o over, u under, e no cell;
                                               key; lamps
    anything else            N words               not understood, and why
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

from hardware.errors import Garbled
from hardware.readings import Bagged, Lamp, Lamps

VERSION = 1
NAME = "emma-lane-box"
LINE_BYTES_MAX = 48
NUMBERS = 0x100
CRC_FIRST = 0xFFFF

HELLO, STATE, ZERO = "H 1", "S", "Z"
_LINE = re.compile(rb":([0-9A-F]{2}) ([ -)+-~]{1,36})\*([0-9A-F]{4})\n")
_STATE = re.compile(r"S (-?\d{1,6}) ([smoue]) ([01]) ([012])([012])([012])")
_REASONS = {"s": "", "m": "motion", "o": "over", "u": "under", "e": "cell"}
_FLAGS = {reason: flag for flag, reason in _REASONS.items()}


@dataclass(frozen=True, slots=True)
class Said:
    """One line without what is around it."""

    number: int
    words: str


@dataclass(frozen=True, slots=True)
class State:
    """What the box answers: its load cell and key, and how its lamps burn."""

    bagged: Bagged
    lamps: Lamps


class LineBuffer:
    """Bytes in, lines out; it never holds more than `LINE_BYTES_MAX`."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._offset = 0

    def feed(self, data: bytes) -> list[Said]:
        """The lines that `data` completes. Raises Garbled with the offset in the stream; hang up after it."""
        self._held += data
        found = []
        while (end := self._held.find(b"\n")) >= 0:
            line = bytes(self._held[: end + 1])
            found.append(decode(line, self._offset))
            del self._held[: end + 1]
            self._offset += len(line)
        if len(self._held) > LINE_BYTES_MAX:
            raise Garbled("The lane box sent a line without an end", self._offset + LINE_BYTES_MAX)
        return found


def decode(line: bytes, offset: int = 0) -> Said:
    """Exactly one line with its end. Raises Garbled; `offset` is where it stands in the stream."""
    found = _LINE.fullmatch(line)
    if found is None or len(line) > LINE_BYTES_MAX:
        raise Garbled("The lane box sent something that is no line of its own", offset)
    if int(found[3], 16) != _crc(line[1 : found.end(2)]):
        raise Garbled("The lane box sent a line whose checksum is wrong", offset + found.start(3))
    return Said(int(found[1], 16), found[2].decode("ascii"))


def encode(said: Said) -> bytes:
    """A line as it goes over the wire. Raises ValueError for words that no line holds."""
    inner = b"%02X %s" % (said.number, said.words.encode("ascii"))
    line = b":%s*%04X\n" % (inner, _crc(inner))
    if _LINE.fullmatch(line) is None:
        raise ValueError(f"no line holds {said.words!r}")
    return line


def lamps_order(lamps: Lamps) -> str:
    """The words that make the lamps burn so."""
    return f"L {_digits(lamps)}"


def read_lamps(digits: str) -> Lamps:
    """Three digits, each 0, 1 or 2."""
    red, yellow, green = (Lamp(int(digit)) for digit in digits)
    return Lamps(red, yellow, green)


def state(words: str) -> State:
    """Read the words of a state. Raises Garbled."""
    found = _STATE.fullmatch(words)
    if found is None:
        raise Garbled("The lane box's answer is no state")
    reason = _REASONS[found[2]]
    weight_g = None if reason else int(found[1])
    return State(Bagged(weight_g, found[3] == "1", reason), read_lamps("".join(found.groups()[3:])))


def state_words(state: State) -> str:
    """The words that tell a state."""
    bagged = state.bagged
    return f"S {bagged.weight_g or 0} {_FLAGS[bagged.reason]} {int(bagged.key_on)} {_digits(state.lamps)}"


def _digits(lamps: Lamps) -> str:
    return f"{lamps.red:d}{lamps.yellow:d}{lamps.green:d}"


def _crc(data: bytes) -> int:
    return binascii.crc_hqx(data, CRC_FIRST)
