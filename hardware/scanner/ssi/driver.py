"""Listens to a scanner that speaks SSI, and acknowledges what it read."""

from __future__ import annotations

import time
from collections.abc import Callable

from hardware.errors import Garbled, Unreachable
from hardware.readings import Scan
from hardware.scanner.ssi import codec
from hardware.scanner.ssi.codec import SCAN_ENABLE, Packet, PacketBuffer
from hardware.scanner.ssi.session import Session
from hardware.transport import Connect, Wire, open_wire, parse_address

OPEN_S_MAX = 2.0
ANSWER_S_MAX = 1.0
REST_S_MAX = 0.2
"""How long the rest of a packet may take; the scanner itself gives up then, and sends it anew."""


class SsiScanner:
    """A Zebra scanner set to SSI with decoded data in packets, ACK/NAK handshaking on, 9600 8N1.

    Raises ValueError for an address that is none.
    """

    def __init__(
        self,
        address: str,
        *,
        connect: Connect = open_wire,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        parse_address(address)
        self._address = address
        self._connect = connect
        self._clock = clock
        self._wire: Wire | None = None
        self._buffer = PacketBuffer()
        self._session = Session()

    def open(self) -> None:
        """Open the line and let the scanner scan. Raises Unreachable, or Busy when another program has it."""
        self.close()
        self._buffer.clear()
        self._session = Session()
        self._wire = self._connect(self._address, OPEN_S_MAX)
        self._say(Packet(SCAN_ENABLE))

    def close(self) -> None:
        """Let go of the line; a waiting `read` ends in Unreachable."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def read(self, timeout_s: float) -> Scan | None:
        """The next code, at once when it arrives, or None when none came within `timeout_s` seconds.

        Raises Unreachable when the scanner is gone, Garbled for a packet that was asked for anew.
        """
        ends_s = self._clock() + timeout_s
        while True:
            scan = self._next_scan()
            if scan is not None:
                return scan
            left_s = max(0.0, ends_s - self._clock())
            data = self._listen(min(left_s, REST_S_MAX) if self._buffer.half else left_s)
            if data:
                self._buffer.feed(data)
            elif self._buffer.half:
                self._buffer.clear()
                self._ask_anew()
                raise Garbled("the scanner stopped within a packet")
            elif left_s <= 0:
                return None

    def _next_scan(self) -> Scan | None:
        """A scan among what has come in; every packet on the way to it is answered."""
        while True:
            try:
                packet = self._buffer.next_packet()
            except Garbled:
                self._ask_anew()
                raise
            if packet is None:
                return None
            turn = self._session.take(packet)
            if turn.answer is not None:
                self._say(turn.answer)
            if turn.scan is not None:
                return turn.scan

    def _ask_anew(self) -> None:
        turn = self._session.take_garbage()
        if turn.answer is not None:
            self._say(turn.answer)

    def _say(self, packet: Packet) -> None:
        try:
            self._the_wire().write(codec.encode(packet), ANSWER_S_MAX)
        except Unreachable:
            self.close()
            raise

    def _listen(self, within_s: float) -> bytes:
        try:
            return self._the_wire().read(within_s)
        except Unreachable:
            self.close()
            raise

    def _the_wire(self) -> Wire:
        if self._wire is None:
            raise Unreachable(f"the scanner at {self._address} is not open")
        return self._wire
