"""The ear for a provider's notices: a door on this machine, behind the shop's front door and its certificate.

What does not carry the provider's signature is turned away; the rest waits, so much of it and no more,
until it is fetched. Nothing is believed here but that something happened.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import time
from collections.abc import Callable

import h11

from hardware.loopback import LOOPBACK, Outlet
from hardware.web.server import Answer, HungUp, Question, bytes_of, hear
from hardware.web.webhook import Doorkeeper, NotGood

WAITING_MAX = 1_000
TALK_S_MAX = 5.0
PATH = "/notices"


class HookDoor:
    """`open()` gives the address to knock at, the same one each time."""

    def __init__(self, key: bytes, name: str, wall_clock: Callable[[], float] = time.time) -> None:
        self._keeper = Doorkeeper(key)
        self._wall_clock = wall_clock
        self._outlet = Outlet(self._serve, name)
        self._waiting: queue.Queue[tuple[str, bytes]] = queue.Queue(WAITING_MAX)
        self.turned_away = 0
        """How many were not good."""

    def open(self) -> str:
        """Listen."""
        return f"http://{LOOPBACK}:{self._outlet.plug()}{PATH}"

    def close(self) -> None:
        """Hear nobody any more; what waits may still be fetched."""
        self._outlet.stop()

    def fetch(self) -> tuple[tuple[str, bytes], ...]:
        """(name, body) of what came in since, oldest first."""
        found = []
        with contextlib.suppress(queue.Empty):
            while True:
                found.append(self._waiting.get_nowait())
        return tuple(found)

    def _serve(self, line: socket.socket) -> None:
        line.settimeout(TALK_S_MAX)
        talk = h11.Connection(h11.SERVER)
        with contextlib.suppress(HungUp, h11.ProtocolError, UnicodeDecodeError):
            question, _ = hear(line, talk)
            line.sendall(bytes_of(talk, self._answer(question)))

    def _answer(self, question: Question) -> Answer:
        if question.method != "POST" or question.path != PATH:
            return Answer(404)
        try:
            is_new = self._keeper.admit(question.headers, question.body, self._wall_clock())
        except NotGood:
            self.turned_away += 1
            return Answer(401)
        if is_new:
            try:
                self._waiting.put_nowait((question.headers["webhook-id"], question.body))
            except queue.Full:
                self._keeper.forget(question.headers["webhook-id"])
                return Answer(503)
        return Answer(204)
