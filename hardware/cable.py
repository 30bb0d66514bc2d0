"""The serial cable of the emulators, from any thread: what the device says, and an ear for what it hears."""

from __future__ import annotations

import contextlib
import os
import select
import threading
from collections.abc import Callable
from pathlib import Path

from hardware.pty_plug import PtyPlug

SAY_WAIT_MS = 1_000
"""How long what a device says waits for a driver that does not read; then the rest of it is lost."""
HEAR_BYTES = 4096
JOIN_S_MAX = 2.0


class Cable:
    """The device's end of the cable: it says things, and `hear` is called with what the driver says."""

    def __init__(
        self, name: str, directory: str | Path | None = None, hear: Callable[[bytes], None] | None = None
    ) -> None:
        """The address is `name` in `directory`, or in a folder of its own if none is given."""
        self._name = name
        self._plug = PtyPlug(name, directory)
        self._hear = hear
        self._listening: tuple[threading.Thread, int] | None = None
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        """Where a driver finds the device; "" before the cable was plugged in for the first time."""
        return self._plug.address

    @property
    def plugged(self) -> bool:
        """True while the cable is in."""
        return self._plug.line is not None

    def start(self) -> str:
        """Plug it in for the first time. Returns the address, which stays the same."""
        address = self._plug.start()
        self.plug()
        return address

    def stop(self) -> None:
        """Unplug it and tidy up."""
        self.unplug()
        self._plug.stop()

    def plug(self) -> None:
        """Put the cable in: a new pty under the old address."""
        with self._lock:
            if self._plug.line is not None:
                return
            line = self._plug.plug()
            if line is not None and self._hear is not None:
                self._listen(line, self._hear)

    def unplug(self) -> None:
        """Pull the cable: the driver's line is gone, and so is the address."""
        with self._lock:
            listening, self._listening = self._listening, None
            if listening is not None:
                thread, wake = listening
                os.close(wake)
                if thread is not threading.current_thread():
                    thread.join(JOIN_S_MAX)
            self._plug.unplug()

    def say(self, data: bytes) -> bool:
        """Put bytes on the line. Returns False when they did not all leave: unplugged, or nobody reads."""
        with self._lock:
            master = self._plug.line
            if master is None:
                return False
            while data:
                waiting = select.poll()
                waiting.register(master, select.POLLOUT)
                if not waiting.poll(SAY_WAIT_MS):
                    return False
                with contextlib.suppress(BlockingIOError):
                    data = data[os.write(master, data) :]
        return True

    def _listen(self, master: int, hear: Callable[[bytes], None]) -> None:
        asleep, wake = os.pipe()
        thread = threading.Thread(
            target=_listen_until, args=(master, asleep, hear), name=f"{self._name}-line", daemon=True
        )
        self._listening = (thread, wake)
        thread.start()


def _listen_until(master: int, asleep: int, hear: Callable[[bytes], None]) -> None:
    """Hand on what comes in until the other end of `asleep` is closed."""
    waiting = select.poll()
    waiting.register(master, select.POLLIN)
    waiting.register(asleep, select.POLLIN)
    while asleep not in (ready := dict(waiting.poll())):
        if master in ready:
            with contextlib.suppress(BlockingIOError):
                hear(os.read(master, HEAR_BYTES))
    os.close(asleep)
