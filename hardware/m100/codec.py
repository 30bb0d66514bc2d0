"""Frames of M100 modules and what they mean, without I/O.

Source: M100/QM100 user manual, "firmware command set": every frame is

    BB  type  command  length (2)  parameters  checksum  7E

with type 0 a command, 1 its answer, 2 a notice; the checksum is the low byte of the sum of all from type on.
A tag's notice holds RSSI (dBm, two's complement), PC (2), EPC, and the tag's own CRC-16 (2) over PC and EPC.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass

from hardware.errors import Garbled
from hardware.readings import TagRead

BEGIN, END = 0xBB, 0x7E
COMMAND, ANSWER, NOTICE = 0, 1, 2
INFO, POLL, POLL_MANY, STOP, SET_POWER, ERROR = 0x03, 0x22, 0x27, 0x28, 0xB6, 0xFF
NO_TAG = 0x15
"""Error code of a round that read nothing: a sign of life."""
AROUND_BYTES = 7
"""What a frame has around its parameters."""
PARAMETERS_BYTES_MAX = 512
TAG_BYTES_MIN = 1 + 2 + 2 + 2
"""RSSI, PC, one word of EPC, CRC."""
CRC_SEED = 0xFFFF
POLLS_MAX = 0xFFFF


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame without what is around it."""

    type: int
    command: int
    parameters: bytes = b""


class Framer:
    """Cuts a byte stream into frames. `feed` may be given any pieces, down to single bytes."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._offset = 0

    def feed(self, data: bytes) -> list[Frame]:
        """The frames completed by `data`. Raises Garbled with the offset in the stream; hang up after it."""
        self._held += data
        found = []
        while len(self._held) >= AROUND_BYTES:
            length = self._length()
            if len(self._held) < length:
                break
            found.append(decode(bytes(self._held[:length]), self._offset))
            del self._held[:length]
            self._offset += length
        return found

    def _length(self) -> int:
        length = int.from_bytes(self._held[3:5], "big")
        if self._held[0] != BEGIN:
            raise Garbled("The RFID module sent something that is no frame", self._offset)
        if length > PARAMETERS_BYTES_MAX:
            raise Garbled("The RFID module announced a frame of impossible length", self._offset + 3)
        return length + AROUND_BYTES


def decode(data: bytes, offset: int = 0) -> Frame:
    """Exactly one frame. Raises Garbled; `offset` is where it stands in the stream."""
    if (
        len(data) < AROUND_BYTES
        or data[0] != BEGIN
        or len(data) != AROUND_BYTES + int.from_bytes(data[3:5], "big")
    ):
        raise Garbled("The RFID module sent something that is no frame", offset)
    if data[-1] != END or data[-2] != sum(data[1:-2]) & 0xFF:
        raise Garbled("The RFID module sent a frame whose checksum is wrong", offset + len(data) - 2)
    return Frame(data[1], data[2], data[5:-2])


def encode(frame: Frame) -> bytes:
    """A frame as it goes over the line."""
    body = bytes([frame.type, frame.command]) + len(frame.parameters).to_bytes(2, "big") + frame.parameters
    return bytes([BEGIN]) + body + bytes([sum(body) & 0xFF, END])


def tag_read(frame: Frame) -> TagRead:
    """What a tag's notice says was seen; a module has one antenna. Raises Garbled, also for a wrong CRC."""
    told = frame.parameters
    if len(told) < TAG_BYTES_MIN:
        raise Garbled("The RFID module reported a tag without an EPC")
    if tag_crc(told[1:-2]) != int.from_bytes(told[-2:], "big"):
        raise Garbled("The RFID module reported a tag whose CRC is wrong", len(told) - 2)
    level = told[0]
    return TagRead(bytes(told[3:-2]), 1, float(level - 256 if level > 127 else level))


def tag_notice(read: TagRead) -> Frame:
    """The notice that a module sends for `read`."""
    words = (len(read.epc) + 1) // 2
    told = (words << 11).to_bytes(2, "big") + read.epc
    level = round(read.rssi_dbm or 0) & 0xFF
    return Frame(NOTICE, POLL, bytes([level]) + told + tag_crc(told).to_bytes(2, "big"))


def tag_crc(told: bytes) -> int:
    """The tag's CRC-16 over PC and EPC (ISO/IEC 18000-63, annex F): CCITT, seed FFFF, complemented."""
    return binascii.crc_hqx(told, CRC_SEED) ^ 0xFFFF


def start_polling(polls: int) -> Frame:
    """Read tags `polls` times over (1 to `POLLS_MAX`)."""
    return Frame(COMMAND, POLL_MANY, bytes([POLL]) + polls.to_bytes(2, "big"))


def set_power(dbm: float) -> Frame:
    """Send with so many dBm."""
    return Frame(COMMAND, SET_POWER, round(dbm * 100).to_bytes(2, "big"))
