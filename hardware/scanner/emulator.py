"""A scanner made of software: a pty that says what a person holds before it."""

from __future__ import annotations

from pathlib import Path

from hardware.cable import Cable
from hardware.readings import Scan
from hardware.scanner.codec import encode


class ScannerEmulator(Cable):
    """A serial scanner on a cable under `name` in `directory`, set up like its driver."""

    def __init__(
        self,
        directory: str | Path | None = None,
        *,
        name: str = "scanner",
        prefix: bytes = b"",
        suffix: bytes = b"\r\n",
        aim: bool = True,
    ) -> None:
        super().__init__(name, directory)
        self._prefix = prefix
        self._suffix = suffix
        self._aim = aim

    def __enter__(self) -> ScannerEmulator:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def show(self, text: str, symbology: str = "") -> bool:
        """Hold a code before the scanner. Returns False when nothing was sent: unplugged, or nobody listens.

        Raises ValueError for what no scanner could send.
        """
        return self.send(
            encode(Scan(text, symbology), prefix=self._prefix, suffix=self._suffix, aim=self._aim),
        )

    def send(self, data: bytes) -> bool:
        """Put raw bytes on the line, garbage included. Returns False when they did not all leave."""
        return self.say(data)
