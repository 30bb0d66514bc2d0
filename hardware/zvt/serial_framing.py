"""How ZVT messages go over a serial line: DLE STX, the APDU, DLE ETX, two check bytes (PA00P016, "RS232").

A DLE within the APDU is doubled. The check is a CRC-16 (polynomial 0x8408, low bit first, initial value 0)
over the APDU, undoubled, and ETX; its low byte goes first, and is never doubled. Each frame is answered by
one byte.
"""

from __future__ import annotations

from enum import Enum, auto

from hardware.errors import Garbled
from hardware.zvt.framing import APDU_DATA_BYTES_MAX

DLE, STX, ETX, ACK, NAK = 0x10, 0x02, 0x03, 0x06, 0x15
POLYNOMIAL = 0x8408
FRAME_BYTES_MAX = 2 * (APDU_DATA_BYTES_MAX + 5) + 6
"""Every byte of the longest APDU doubled, and what stands around it."""


class Sign(Enum):
    """The one-byte answers."""

    ACK = auto()
    NAK = auto()


def _crc_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return tuple(table)


_TABLE = _crc_table()


def crc(data: bytes) -> int:
    """The check over `data`, 16 bits."""
    value = 0
    for byte in data:
        value = value >> 8 ^ _TABLE[(value ^ byte) & 0xFF]
    return value


def wrap(apdu: bytes) -> bytes:
    """One APDU as a serial frame."""
    check = crc(apdu + bytes([ETX])).to_bytes(2, "little")
    doubled = apdu.replace(bytes([DLE]), bytes([DLE, DLE]))
    return bytes([DLE, STX]) + doubled + bytes([DLE, ETX]) + check


class SerialBuffer:
    """Bytes in; APDUs and signs out. After Garbled it goes on with what follows the broken frame."""

    def __init__(self) -> None:
        self._pending = bytearray()

    @property
    def pending(self) -> int:
        """Bytes that wait for the rest of their frame."""
        return len(self._pending)

    def feed(self, data: bytes) -> None:
        """Add received bytes. Raises Garbled when more wait than a frame can have."""
        if len(self._pending) + len(data) > FRAME_BYTES_MAX:
            self._pending.clear()
            raise Garbled("the serial line brings more than a frame can have", FRAME_BYTES_MAX)
        self._pending += data

    def clear(self) -> None:
        """Forget half a frame: the rest of it did not come in time."""
        self._pending.clear()

    def next(self) -> bytes | Sign | None:
        """The next APDU or sign, None while a frame is not whole. Raises Garbled with the offset in it."""
        pending = self._pending
        if not pending:
            return None
        if pending[0] in (ACK, NAK):
            return Sign.ACK if pending.pop(0) == ACK else Sign.NAK
        if pending[0] != DLE or (len(pending) > 1 and pending[1] != STX):
            self._resync()
            raise Garbled("the serial line brings something that is no frame", int(pending[:1] == b"\x10"))
        end = self._end()
        if end is None or len(pending) < end + 4:
            return None
        frame = bytes(pending[: end + 4])
        del pending[: end + 4]
        apdu = frame[2:end].replace(bytes([DLE, DLE]), bytes([DLE]))
        if crc(apdu + bytes([ETX])) != int.from_bytes(frame[end + 2 :], "little"):
            raise Garbled("the serial frame's check is wrong", end + 2)
        return apdu

    def _end(self) -> int | None:
        """Where DLE ETX stands, None when it has not come yet. Raises Garbled at a DLE without sense."""
        position = 2
        while (position := self._pending.find(DLE, position)) >= 0 and position + 1 < len(self._pending):
            following = self._pending[position + 1]
            if following == ETX:
                return position
            if following != DLE:
                del self._pending[:position]
                self._resync()
                raise Garbled("the serial frame has a DLE that means nothing", position)
            position += 2
        return None

    def _resync(self) -> None:
        """Go on where a frame may begin."""
        start = self._pending.find(bytes([DLE, STX]), 0)
        del self._pending[: start if start >= 0 else len(self._pending)]
