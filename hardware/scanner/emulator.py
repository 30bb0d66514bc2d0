"""A scanner made of software: a pty that says what a person holds before it."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import tempfile
import threading
import tty
from pathlib import Path

from hardware.readings import Scan
from hardware.scanner.codec import encode

SHOW_WAIT_MS = 1_000
"""How long a shown code waits for a driver that does not read; then the rest of it is lost."""


class ScannerEmulator:
    """A serial scanner on a pty, under a name that stays.

    The pty's own number changes with every plug, so the address is a symbolic
    link in `directory` (one of its own if none is given) which `plug()` points
    to the new pty, as udev does for `/dev/serial/by-id`.
    """

    def __init__(
        self,
        directory: str | Path | None = None,
        *,
        name: str = "scanner",
        prefix: bytes = b"",
        suffix: bytes = b"\r\n",
        aim: bool = True,
    ) -> None:
        self._given = None if directory is None else Path(directory)
        self._own: tempfile.TemporaryDirectory[str] | None = None
        self._name = name
        self._prefix = prefix
        self._suffix = suffix
        self._aim = aim
        self._link: Path | None = None
        self._pty: tuple[int, int] | None = None
        self._lock = threading.Lock()

    def start(self) -> str:
        """Plug the scanner in for the first time. Returns the driver's address, which stays the same."""
        if self._link is None:
            if self._given is None:
                self._own = tempfile.TemporaryDirectory(prefix="emma-scanner-")
            directory = self._given or Path(self._own.name if self._own else "")
            directory.mkdir(parents=True, exist_ok=True)
            self._link = directory / self._name
        self.plug()
        return str(self._link)

    def stop(self) -> None:
        """Unplug it and tidy up."""
        self.unplug()
        own, self._own = self._own, None
        if own is not None:
            own.cleanup()
        self._link = None

    def __enter__(self) -> ScannerEmulator:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def address(self) -> str:
        """What `start()` returned; "" before it."""
        return "" if self._link is None else str(self._link)

    @property
    def plugged(self) -> bool:
        """True while the cable is in."""
        return self._pty is not None

    def plug(self) -> None:
        """Put the cable in: a new pty under the old address."""
        with self._lock:
            if self._pty is not None or self._link is None:
                return
            master, slave = pty.openpty()
            tty.setraw(slave)  # or the line would echo what it says until a driver opens it
            os.set_blocking(master, False)
            fresh = self._link.with_name(f".{self._name}.{os.getpid()}")
            with contextlib.suppress(FileNotFoundError):
                fresh.unlink()
            fresh.symlink_to(os.ttyname(slave))
            fresh.replace(self._link)
            self._pty = (master, slave)

    def unplug(self) -> None:
        """Pull the cable: the driver's line is gone, and so is the address."""
        with self._lock:
            ends, self._pty = self._pty, None
            if ends is None or self._link is None:
                return
            with contextlib.suppress(FileNotFoundError):
                self._link.unlink()
            for end in ends:
                os.close(end)

    def show(self, text: str, symbology: str = "") -> bool:
        """Hold a code before the scanner. Returns False when nothing was sent: unplugged, or nobody listens.

        Raises ValueError for what no scanner could send.
        """
        return self.send(
            encode(Scan(text, symbology), prefix=self._prefix, suffix=self._suffix, aim=self._aim),
        )

    def send(self, data: bytes) -> bool:
        """Put raw bytes on the line, garbage included. Returns False when they did not all leave."""
        with self._lock:
            if self._pty is None:
                return False
            master = self._pty[0]
            while data:
                waiting = select.poll()
                waiting.register(master, select.POLLOUT)
                if not waiting.poll(SHOW_WAIT_MS):
                    return False
                with contextlib.suppress(BlockingIOError):
                    data = data[os.write(master, data) :]
        return True
