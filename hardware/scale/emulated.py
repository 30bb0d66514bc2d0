"""What the emulated scales have in common: a platter, a cable, and faults of the line on demand."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from pathlib import Path

from hardware.cable import Cable
from hardware.scale.platter import Platter, Shown


class EmulatedScale(ABC):
    """A scale on a pty. Acts may be called from any thread."""

    def __init__(self, directory: str | Path | None = None, *, platter: Platter | None = None) -> None:
        self.platter = platter or Platter()
        self._cable = Cable("scale", directory, self._hear)
        self._lock = threading.Lock()
        self._flip: int | None = None
        self._hushed = False

    @abstractmethod
    def answers(self, data: bytes) -> bytes:
        """What it says to bytes that came in; b"" while a question is not whole."""

    @abstractmethod
    def restart(self) -> None:
        """What a power cut makes it forget."""

    def start(self) -> str:
        """Switch it on for the first time. Returns the driver's address, which stays the same."""
        return self._cable.start()

    def stop(self) -> None:
        """End for good."""
        self._cable.stop()

    def unplug(self) -> None:
        """Pull the cable."""
        self._cable.unplug()

    def plug(self) -> None:
        """Put it back; the scale starts anew."""
        with self._lock:
            self._hushed = False
            self.restart()
        self._cable.plug()

    def hush(self) -> None:
        """Say nothing any more while the line stays open. Plug in anew to heal."""
        self._hushed = True

    def flip(self, bit: int) -> None:
        """Let this bit of the next answer arrive wrong, counted from its first byte's lowest."""
        self._flip = bit

    def load(self, weight_g: int) -> None:
        """Let exactly this lie on it, 0 for nothing."""
        self.platter.load(weight_g)

    def shown(self) -> Shown:
        """What its display says."""
        return self.platter.shown()

    def _hear(self, data: bytes) -> None:
        with self._lock:
            answer = self.answers(data)
            if self._hushed or not answer:
                return
            if (bit := self._flip) is not None and bit < 8 * len(answer):
                self._flip = None
                wrong = bytearray(answer)
                wrong[bit // 8] ^= 1 << bit % 8
                answer = bytes(wrong)
        self._cable.say(answer)
