"""Where the emulated terminal is plugged in: a TCP port, or a pty under a name that stays."""

from __future__ import annotations

import contextlib
import os
import pty
import socket
import tempfile
import tty
from collections.abc import Callable
from pathlib import Path

from hardware.loopback import LOOPBACK
from hardware.zvt.ecr_line import EcrLine, PtyEnd, SocketEnd
from hardware.zvt.serial_link import SerialLink


class TcpPlug:
    """A port on this machine that stays ours while the cable is out."""

    def __init__(self, port: int, waiting_max: int) -> None:
        self._port = port
        self._waiting_max = waiting_max
        self._holder: socket.socket | None = None
        self._listener: socket.socket | None = None

    @property
    def address(self) -> str:
        return f"tcp://{LOOPBACK}:{self._port}"

    @property
    def plugged(self) -> bool:
        return self._listener is not None

    def open(self) -> None:
        """Take the port."""
        if self._holder is None:
            self._holder = _bound(self._port)
            self._port = self._holder.getsockname()[1]

    def plug(self) -> EcrLine | None:
        """Let ECRs in."""
        if self._listener is None and self._holder is not None:
            self._listener = _bound(self._port)
            self._listener.listen(self._waiting_max)
        return None

    def unplug(self) -> None:
        """Let none in."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def replug(self) -> EcrLine | None:
        """A line that died leaves the port open: the next ECR may come."""
        return None

    def close(self) -> None:
        """Give the port back."""
        self.unplug()
        if self._holder is not None:
            self._holder.close()
            self._holder = None

    def ears(self) -> list[int]:
        """Where to listen for newcomers."""
        return [] if self._listener is None else [self._listener.fileno()]

    def accept(self, ready: list[int]) -> EcrLine | None:
        """A newcomer's line, None where there is none."""
        if self._listener is None or self._listener.fileno() not in ready:
            return None
        try:
            newcomer, _ = self._listener.accept()
        except OSError:
            return None
        return EcrLine(SocketEnd(newcomer))


class PtyPlug:
    """A serial line. The pty's own number changes with every plug, so the address is a link to it."""

    def __init__(self, clock: Callable[[], float], ack_s: float) -> None:
        self._clock = clock
        self._ack_s = ack_s
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._ends: tuple[int, int] | None = None

    @property
    def address(self) -> str:
        return "" if self._folder is None else str(Path(self._folder.name) / "terminal")

    @property
    def plugged(self) -> bool:
        return self._ends is not None

    def open(self) -> None:
        """Take the name."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="emma-terminal-")

    def plug(self) -> EcrLine | None:
        """A new pty under the old name, and its line; None when there is one already."""
        if self._ends is not None or self._folder is None:
            return None
        master, slave = self._ends = pty.openpty()
        tty.setraw(slave)
        fresh = Path(f"{self.address}.new")
        fresh.symlink_to(os.ttyname(slave))
        fresh.replace(self.address)
        return EcrLine(PtyEnd(master, self.unplug), SerialLink(self._clock, self._ack_s))

    def unplug(self) -> None:
        """The ECR's line is gone, and so is the name."""
        ends, self._ends = self._ends, None
        if ends is not None:
            with contextlib.suppress(FileNotFoundError):
                Path(self.address).unlink()
            for end in ends:
                os.close(end)

    def replug(self) -> EcrLine | None:
        """A line that died took its pty with it: here is another."""
        return self.plug()

    def close(self) -> None:
        """Give the name back."""
        self.unplug()
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.cleanup()

    def ears(self) -> list[int]:
        """Nobody knocks on a serial line."""
        return []

    def accept(self, ready: list[int]) -> EcrLine | None:
        """Nobody comes."""
        return None


def _bound(port: int) -> socket.socket:
    end = socket.socket()
    end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    end.bind((LOOPBACK, port))
    return end
