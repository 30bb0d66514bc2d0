"""How ZVT cuts a TCP stream into messages.

An APDU is a control field (class, instruction), a length (one byte, or FF and
two bytes, low one first) and a data block: PA00P016, chapter "APDU structure".
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hardware.errors import Garbled

APDU_DATA_BYTES_MAX = 16 * 1024
"""Far above the longest honest message, a text block of a receipt."""
PENDING_BYTES_MAX = 2 * APDU_DATA_BYTES_MAX
CLASSES = frozenset({0x04, 0x05, 0x06, 0x08, 0x0F, 0x80, 0x84})
"""First bytes of control fields that ZVT has; anything else is noise."""


@dataclass(frozen=True, slots=True)
class Apdu:
    """One framed message: its two control bytes and its data block."""

    control: bytes
    data: bytes
    extended: bool = field(default=False, compare=False)
    """True when its length was written in the long form though the short one would do."""

    @property
    def data_at(self) -> int:
        """Where the data block begins."""
        return 5 if self.extended or len(self.data) >= 0xFF else 3

    def __bytes__(self) -> bytes:
        """The message as it was framed."""
        return frame(self.control, self.data, extended=self.extended)


class ApduBuffer:
    """Bytes in, framed messages out.

    After Garbled the stream is lost: nothing in it says where the next message begins.
    """

    def __init__(self) -> None:
        self._pending = bytearray()

    @property
    def pending(self) -> int:
        """Bytes that wait for the rest of their message."""
        return len(self._pending)

    def feed(self, data: bytes) -> None:
        """Add received bytes. Raises Garbled when more than `PENDING_BYTES_MAX` wait."""
        if len(self._pending) + len(data) > PENDING_BYTES_MAX:
            raise Garbled("the terminal sends more than it may", PENDING_BYTES_MAX)
        self._pending += data

    def next_apdu(self) -> Apdu | None:
        """The next whole message, or None. Raises Garbled for what cannot begin one."""
        pending = self._pending
        if pending and pending[0] not in CLASSES:
            raise Garbled("the terminal sent something that is no ZVT", 0)
        if len(pending) < 3:
            return None
        start, size = 3, pending[2]
        if size == 0xFF:
            if len(pending) < 5:
                return None
            start, size = 5, int.from_bytes(pending[3:5], "little")
        if size > APDU_DATA_BYTES_MAX:
            raise Garbled("the terminal announced a message that is too long", 2)
        if len(pending) < start + size:
            return None
        data = bytes(pending[start : start + size])
        apdu = Apdu(bytes(pending[:2]), data, extended=start == 5 and size < 0xFF)
        del pending[: start + size]
        return apdu


def frame(control: bytes, data: bytes = b"", *, extended: bool = False) -> bytes:
    """Write one APDU. Raises ValueError when `data` is longer than a length field can say."""
    if len(data) < 0xFF and not extended:
        return control + bytes([len(data)]) + data
    if len(data) > 0xFFFF:
        raise ValueError("an APDU holds at most 65535 bytes")
    return control + b"\xff" + len(data).to_bytes(2, "little") + data
