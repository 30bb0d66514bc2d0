"""A worker of the store: a thread with a name that is asked to stop, not stopped."""

from __future__ import annotations

import threading

STOP_WAIT_S_MAX = 5.0


class Worker:
    """Base of everything in the box that has a thread of its own; what it does stands in `_live`."""

    def __init__(self, name: str) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._live, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask it to finish what it has in hand; `join` waits for that."""
        self._stopping.set()

    def join(self) -> None:
        self._thread.join(STOP_WAIT_S_MAX)

    def _live(self) -> None:
        """Work until `_stopping` is set; nothing that goes wrong may end the thread."""
        raise NotImplementedError
