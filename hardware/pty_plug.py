"""The wall socket of emulated serial devices: a pty whose plug can be pulled, under a name that stays.

The pty's own number changes with every plug, so the address is a symbolic link which `plug()` points to the
new pty, as udev does for `/dev/serial/by-id`.
"""

from __future__ import annotations

import contextlib
import os
import pty
import tempfile
import tty
from pathlib import Path


class PtyPlug:
    """`start()` gives the address, `plug()` the device's end. Called from one thread at a time."""

    def __init__(self, name: str, directory: str | Path | None = None) -> None:
        """The link lies in `directory`, or in one of its own if none is given."""
        self._name = name
        self._given = None if directory is None else Path(directory)
        self._own: tempfile.TemporaryDirectory[str] | None = None
        self._link: Path | None = None
        self._pty: tuple[int, int] | None = None

    @property
    def address(self) -> str:
        """What `start()` returned; "" before it."""
        return "" if self._link is None else str(self._link)

    @property
    def line(self) -> int | None:
        """The device's end, non-blocking; None while the plug is out."""
        return None if self._pty is None else self._pty[0]

    def start(self) -> str:
        """Give the driver's address, which stays the same; the plug is still out."""
        if self._link is None:
            if self._given is None:
                self._own = tempfile.TemporaryDirectory(prefix=f"emma-{self._name}-")
            directory = self._given or Path(self._own.name if self._own else "")
            directory.mkdir(parents=True, exist_ok=True)
            self._link = directory / self._name
        return str(self._link)

    def stop(self) -> None:
        """Unplug it and tidy up."""
        self.unplug()
        own, self._own = self._own, None
        if own is not None:
            own.cleanup()
        self._link = None

    def plug(self) -> int | None:
        """Put the cable in: a new pty under the old address. Gives the device's end; None if not started."""
        if self._pty is None and self._link is not None:
            master, slave = pty.openpty()
            tty.setraw(slave)  # or the line would echo what it says until a driver opens it
            os.set_blocking(master, False)
            fresh = self._link.with_name(f".{self._name}.{os.getpid()}")
            with contextlib.suppress(FileNotFoundError):
                fresh.unlink()
            fresh.symlink_to(os.ttyname(slave))
            fresh.replace(self._link)
            self._pty = (master, slave)
        return self.line

    def unplug(self) -> None:
        """Pull the cable: the driver's line is gone, and so is the address."""
        ends, self._pty = self._pty, None
        if ends is None or self._link is None:
            return
        with contextlib.suppress(FileNotFoundError):
            self._link.unlink()
        for end in ends:
            os.close(end)
