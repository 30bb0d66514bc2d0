"""Listens to a serial barcode scanner and hands out what it read."""

from __future__ import annotations

import time
from collections.abc import Callable

from hardware.errors import Unreachable
from hardware.readings import Scan
from hardware.scanner.codec import ScanBuffer
from hardware.transport import Connect, Wire, open_wire, parse_address


class SerialScanner:
    """A scanner in serial (not keyboard) mode: USB-COM, RS-232 or a pty.

    `prefix`, `suffix` and `aim` are as the scanner is configured: bytes, or
    text as settings files have it. Raises ValueError for an address that is none.
    """

    def __init__(
        self,
        address: str,
        *,
        prefix: bytes | str = b"",
        suffix: bytes | str = b"\r\n",
        aim: bool = True,
        open_s: float = 2.0,
        connect: Connect = open_wire,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        parse_address(address)
        self._address = address
        self._open_s = open_s
        self._connect = connect
        self._clock = clock
        self._buffer = ScanBuffer(prefix=_bytes(prefix), suffix=_bytes(suffix), aim=aim)
        self._wire: Wire | None = None

    def open(self) -> None:
        """Open the line within `open_s` seconds. Raises Unreachable, or Busy when another program has it."""
        self.close()
        self._buffer.clear()
        self._wire = self._connect(self._address, self._open_s)

    def close(self) -> None:
        """Let go of the line; a waiting `read` ends in Unreachable."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def read(self, timeout_s: float) -> Scan | None:
        """The next code, at once when it arrives, or None when none came within `timeout_s` seconds.

        Raises Unreachable when the scanner is gone, Garbled for bytes that are
        no code (the next call goes on with the next code).
        """
        wire = self._wire
        if wire is None:
            raise Unreachable(f"the scanner at {self._address} is not open")
        ends = self._clock() + timeout_s
        while (scan := self._buffer.next_scan()) is None:
            data = self._listen(wire, ends - self._clock())
            if not data:
                return None
            self._buffer.feed(data)
        return scan

    def _listen(self, wire: Wire, within_s: float) -> bytes:
        try:
            return wire.read(max(0.0, within_s))
        except Unreachable:
            self.close()
            raise


def _bytes(framing: bytes | str) -> bytes:
    return framing.encode("latin-1") if isinstance(framing, str) else framing
