"""A scanner that types, made of software: the kernel's events in a named pipe, which needs no rights.

A pipe cannot type into the screen, so there is nothing to grab; that a grab works, only a real device shows.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from pathlib import Path

from hardware.scanner.hid.codec import keys_of


class HidEmulator:
    """`start()` gives the driver's address, which stays the same. Acts may be called from any thread."""

    def __init__(self, directory: str | Path | None = None) -> None:
        self._own = tempfile.TemporaryDirectory(prefix="emma-typing-") if directory is None else None
        self._path = Path(self._own.name if self._own else directory or "") / "event-kbd"
        self._lock = threading.Lock()
        self._end: int | None = None

    def start(self) -> str:
        """Plug it in for the first time."""
        self.plug()
        return str(self._path)

    def stop(self) -> None:
        """Unplug it and tidy up."""
        self.unplug()
        if self._own is not None:
            self._own.cleanup()

    def plug(self) -> None:
        """Put the cable in."""
        with self._lock:
            if self._end is None:
                os.mkfifo(self._path)
                self._end = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)

    def unplug(self) -> None:
        """Pull the cable: the driver's device is gone, and so is the address."""
        with self._lock:
            end, self._end = self._end, None
            if end is not None:
                self._path.unlink()
                os.close(end)

    def show(self, text: str, symbology: str = "") -> bool:
        """Hold a code before it. Returns False when it is unplugged, or nobody reads what it types.

        Raises ValueError for what it has no key for.
        """
        strokes = list(keys_of(symbology + text))
        with self._lock:
            if self._end is None:
                return False
            with contextlib.suppress(BlockingIOError):
                for stroke in strokes:
                    os.write(self._end, stroke)
                return True
        return False
