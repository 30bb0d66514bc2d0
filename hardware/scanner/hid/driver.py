"""Grabs a scanner that types, and reads its keys before the screen can."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable

from hardware.errors import Busy, Garbled, Unreachable
from hardware.readings import Scan
from hardware.scanner.hid.codec import KeyReader
from hardware.transport import FileWire, Wire

EVIOCGRAB = 0x40044590
"""Linux, include/uapi/linux/input.h: from now on the events of this device go to us alone."""
REST_S_MAX = 1.0
"""A scanner types a whole code in much less; what a finger left on the line must not join the next code."""


def grab(fd: int) -> None:
    """Take the device for us alone; a pipe cannot type into the screen, and is left. Raises OSError."""
    if stat.S_ISFIFO(os.fstat(fd).st_mode):
        return
    fcntl.ioctl(fd, EVIOCGRAB, 1)


class HidScanner:
    """A scanner in keyboard mode at its input device, such as /dev/input/by-id/usb-…-event-kbd.

    It must be set to a US keyboard and end codes with Enter; AIM identifiers are read where it sends them.
    """

    def __init__(
        self,
        address: str,
        *,
        take: Callable[[int], None] = grab,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not address.startswith("/"):
            raise ValueError(f"an input device is a path, not {address!r}")
        self._address = address
        self._take = take
        self._clock = clock
        self._reader = KeyReader()
        self._wire: Wire | None = None

    def open(self) -> None:
        """Open and grab the device. Raises Unreachable, or Busy when another program has grabbed it."""
        self.close()
        self._reader.clear()
        try:
            fd = os.open(self._address, os.O_RDONLY | os.O_NONBLOCK)
        except OSError as fault:
            raise Unreachable(f"no scanner at {self._address} ({os.strerror(fault.errno or 0)})") from fault
        try:
            self._take(fd)
        except OSError as fault:
            os.close(fd)
            if fault.errno == errno.EBUSY:
                raise Busy(f"another program has taken the scanner at {self._address}") from fault
            raise Unreachable(f"{self._address} cannot be taken for us alone") from fault
        self._wire = FileWire(fd, self._address, lambda: os.close(fd))

    def close(self) -> None:
        """Let go of it; a waiting `read` ends in Unreachable."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def read(self, timeout_s: float) -> Scan | None:
        """The next code, at once when it arrives, or None when none came within `timeout_s` seconds.

        Raises Unreachable when the scanner is gone, Garbled for keys that are no code.
        """
        wire = self._wire
        if wire is None:
            raise Unreachable(f"the scanner at {self._address} is not open")
        ends_s = self._clock() + timeout_s
        while (scan := self._reader.next_scan()) is None:
            left_s = max(0.0, ends_s - self._clock())
            data = self._listen(wire, REST_S_MAX if self._reader.half else left_s)
            if data:
                self._reader.feed(data)
            elif self._reader.half:
                self._reader.clear()
                raise Garbled("the scanner stopped within a code")
            else:
                return None
        return scan

    def _listen(self, wire: Wire, within_s: float) -> bytes:
        try:
            return wire.read(within_s)
        except Unreachable:
            self.close()
            raise
