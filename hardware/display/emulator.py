"""A customer display that is not there: takes its commands from a pty and remembers what stands on it."""

from __future__ import annotations

import threading
from pathlib import Path

from hardware.cable import Cable
from hardware.display.codec import Glass, Shows
from hardware.errors import Garbled


class DisplayEmulator:
    """`start()` gives the driver's address. Acts may be called from any thread."""

    def __init__(self, directory: str | Path | None = None) -> None:
        self._cable = Cable("display", directory, self._hear)
        self._lock = threading.Lock()
        self._glass = Glass()
        self.garbled = 0
        """How often it was told what no display understands."""

    def start(self) -> str:
        """Switch it on for the first time. Returns the driver's address, which stays the same."""
        return self._cable.start()

    def stop(self) -> None:
        """End for good."""
        self._cable.stop()

    def unplug(self) -> None:
        """Pull the cable: it goes dark."""
        self._cable.unplug()
        with self._lock:
            self._glass = Glass()

    def plug(self) -> None:
        """Put it back."""
        self._cable.plug()

    @property
    def shows(self) -> Shows:
        """What stands on it."""
        with self._lock:
            return self._glass.shows

    def _hear(self, data: bytes) -> None:
        with self._lock:
            try:
                self._glass.feed(data)
            except Garbled:
                self._glass = Glass()
                self.garbled += 1
