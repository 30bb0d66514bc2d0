"""The wall socket of the emulators: a TCP port on this machine whose plug can be pulled.

While unplugged the port stays ours (bound, not listening), so that connecting is
refused as with a dead device and `plug()` brings back the very same address.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable

LOOPBACK = "127.0.0.1"
CLIENTS_MAX = 8
"""Connections served at once; the next one is closed at the door."""
JOIN_S_MAX = 2.0

log = logging.getLogger(__name__)


class Outlet:
    """Serves each connection by `serve(line)` in a thread of its own, until `serve` returns."""

    def __init__(self, serve: Callable[[socket.socket], None], name: str) -> None:
        self._serve = serve
        self._name = name
        self._gate = threading.Lock()
        self._lines: dict[socket.socket, threading.Thread] = {}
        self._listener: socket.socket | None = None
        self._reserved: socket.socket | None = None
        self._accepting: threading.Thread | None = None
        self.port = 0

    @property
    def plugged(self) -> bool:
        """Whether a client can reach us now."""
        return self._listener is not None

    def plug(self) -> int:
        """Listen and give the port (the same one each time). Does nothing when plugged already."""
        with self._gate:
            if self._listener is None:
                listener = self._reserved or _bound(self.port)
                self._reserved = None
                listener.listen(CLIENTS_MAX)
                self.port = listener.getsockname()[1]
                self._listener = listener
                self._accepting = threading.Thread(
                    target=self._accept, args=(listener,), name=f"{self._name}-door", daemon=True
                )
                self._accepting.start()
        return self.port

    def unplug(self) -> None:
        """Drop every connection and refuse new ones, keeping the port for `plug()`."""
        with self._gate:
            listener, self._listener = self._listener, None
            if listener is None:
                return
            hang_up(listener)
            self._reserved = _bound(self.port)
            lines = dict(self._lines)
            door = self._accepting
        for line in lines:
            hang_up(line)
        for thread in (door, *lines.values()):
            if thread is not None and thread is not threading.current_thread():
                thread.join(JOIN_S_MAX)

    def stop(self) -> None:
        """Unplug for good and give the port back."""
        self.unplug()
        with self._gate:
            if self._reserved is not None:
                self._reserved.close()
                self._reserved = None

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with self._gate:
                if self._listener is not listener or len(self._lines) >= CLIENTS_MAX:
                    line.close()
                    continue
                thread = threading.Thread(
                    target=self._talk, args=(line,), name=f"{self._name}-line", daemon=True
                )
                self._lines[line] = thread
                thread.start()

    def _talk(self, line: socket.socket) -> None:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._serve(line)
        except OSError:
            log.debug("emulator line ended emulator=%s", self._name)
        finally:
            hang_up(line)
            with self._gate:
                self._lines.pop(line, None)


def hang_up(line: socket.socket) -> None:
    """Close so that a thread blocked in recv() or accept() on this socket wakes up too."""
    with contextlib.suppress(OSError):  # the other side may have been faster
        line.shutdown(socket.SHUT_RDWR)
    line.close()


def _bound(port: int) -> socket.socket:
    holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        holder.bind((LOOPBACK, port))
    except OSError:
        holder.close()
        raise
    return holder
