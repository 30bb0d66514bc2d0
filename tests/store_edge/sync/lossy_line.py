"""A line to head office that loses what it is told to lose."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import Counter


class LossyLine:
    """A TCP proxy. `lose["request"]` so many requests get lost, `lose["answer"]` so many answers."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.lose: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        threading.Thread(target=self._accept, name="lossy line", daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                return
            for ends, kind in (((near, far), "request"), ((far, near), "answer")):
                threading.Thread(target=self._carry, args=(*ends, kind), daemon=True).start()

    def _carry(self, speaks: socket.socket, hears: socket.socket, kind: str) -> None:
        with contextlib.suppress(OSError):
            while data := speaks.recv(65536):
                if self.lose[kind] > 0:
                    self.lose[kind] -= 1
                    self.lost[kind] += 1
                    break
                hears.sendall(data)
        for end in (speaks, hears):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
