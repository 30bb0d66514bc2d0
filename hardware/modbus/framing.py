"""What is around a Modbus message on a serial line (RTU) and over TCP, without I/O.

Sources: MODBUS over Serial Line V1.02, 2.5.1 (RTU: address, message, CRC-16 with polynomial A001, low byte
first); MODBUS Messaging on TCP/IP V1.0b, 3.1.3 (transaction, protocol 0, length, unit). RTU marks the end of
a frame by silence, which no computer hears reliably behind a USB converter: here its length follows from the
function.
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.errors import Garbled
from hardware.modbus.codec import FAILED, READ_COILS, WRITE_COIL

UNIT_MAX = 247
MESSAGE_BYTES_MAX = 253
MBAP_BYTES = 7
CRC_BYTES = 2
CRC_FIRST, CRC_POLYNOMIAL = 0xFFFF, 0xA001


@dataclass(frozen=True, slots=True)
class Framed:
    """A message, whose it is, and under which number it goes (TCP; 0 on a serial line)."""

    unit: int
    message: bytes
    number: int = 0


def crc16(data: bytes) -> bytes:
    """The check bytes as they stand on a serial line."""
    crc = CRC_FIRST
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ CRC_POLYNOMIAL if crc & 1 else crc >> 1
    return crc.to_bytes(CRC_BYTES, "little")


def to_rtu(framed: Framed) -> bytes:
    """A frame for a serial line."""
    body = bytes([framed.unit]) + framed.message
    return body + crc16(body)


def to_tcp(framed: Framed) -> bytes:
    """A frame for TCP."""
    length = len(framed.message) + 1
    return (
        framed.number.to_bytes(2, "big")
        + bytes(2)
        + length.to_bytes(2, "big")
        + bytes([framed.unit])
        + framed.message
    )


class RtuBuffer:
    """Bytes in, frames out. `answers`: what a board says, else what it is asked."""

    def __init__(self, *, answers: bool = True) -> None:
        self._answers = answers
        self._held = b""

    def feed(self, data: bytes) -> list[Framed]:
        """The frames that `data` completes. Raises Garbled, and drops all, for what is none."""
        self._held += data
        found = []
        while self._held and (length := self._length()) is not None and len(self._held) >= length:
            frame, self._held = self._held[:length], self._held[length:]
            if crc16(frame[:-CRC_BYTES]) != frame[-CRC_BYTES:]:
                self._held = b""
                raise Garbled("A Modbus frame's checksum is wrong", length - CRC_BYTES)
            found.append(Framed(frame[0], frame[1:-CRC_BYTES]))
        return found

    def _length(self) -> int | None:
        """How long the frame is that begins here; None while that cannot be told."""
        held = self._held
        if len(held) < 2:
            return None
        if held[1] == WRITE_COIL or (held[1] == READ_COILS and not self._answers):
            return 6 + CRC_BYTES
        if self._answers and held[1] & FAILED:
            return 3 + CRC_BYTES
        if held[1] == READ_COILS:
            return None if len(held) < 3 else 3 + held[2] + CRC_BYTES
        self._held = b""
        raise Garbled("A Modbus frame has a function that nobody asked for", 1)


class TcpBuffer:
    """Bytes in, frames out."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> list[Framed]:
        """The frames that `data` completes. Raises Garbled, and drops all, for what is none."""
        self._held += data
        found = []
        while len(self._held) >= MBAP_BYTES:
            head, length = self._held[:MBAP_BYTES], int.from_bytes(self._held[4:6], "big")
            if head[2:4] != b"\0\0" or not 2 <= length <= MESSAGE_BYTES_MAX + 1:
                self._held = b""
                raise Garbled("A Modbus frame has an impossible head", 2 if head[2:4] != b"\0\0" else 4)
            end = MBAP_BYTES - 1 + length
            if len(self._held) < end:
                break
            found.append(Framed(head[6], self._held[MBAP_BYTES:end], int.from_bytes(head[:2], "big")))
            self._held = self._held[end:]
        return found
