"""An RFID reader over LLRP: opened, read from, and never silently dead.

llrpkit's own client hides keepalives from its user and so cannot notice a reader
that falls silent while TCP stays open; that is why the socket is ours and only
the protocol layer is llrpkit's. A thread answers keepalives and fills a bounded
queue, so that a slow caller never makes the reader give us up.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llrpkit.protocol import messages

from hardware.errors import DeviceFault, Unreachable
from hardware.llrp.codec import Framer
from hardware.llrp.session import Session, Wish
from hardware.read_queue import QueuedReader
from hardware.transport import Wire, open_tcp, parse_address

OPEN_S_MAX = 5.0
"""From connecting to the first inventory round."""
KEEPALIVE_MS = 1000
SILENCE_S_MAX = 4.0
"""Neither keepalive nor report for this long: the reader is gone, TCP or not (FAULTS 21 asks for 5 s)."""
SEND_S_MAX = 1.0
CLOSE_S_MAX = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Talk:
    """One connection: its line, how far the dialogue is, half a message, and its number in the queue."""

    line: Wire
    session: Session
    framer: Framer
    connection: int


class LlrpReader(QueuedReader):
    """One reader at `tcp://host:port`. Blocking; `close()` may come from another thread."""

    def __init__(
        self,
        address: str,
        *,
        antennas: Sequence[int] = (),
        power_dbm: float | None = None,
        keepalive_ms: int = KEEPALIVE_MS,
        silence_s: float = SILENCE_S_MAX,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`silence_s` must leave room for two keepalives; ValueError otherwise, or for a bad address."""
        if keepalive_ms <= 0 or silence_s * 1000 < 2 * keepalive_ms:
            raise ValueError(f"silence_s={silence_s} leaves no room for two keepalives of {keepalive_ms} ms")
        self._place = parse_address(address)
        if not self._place.host:
            raise ValueError(f"an RFID reader is reached by tcp://host:port, not {address!r}")
        self._wish = Wish(tuple(antennas), power_dbm, keepalive_ms)
        super().__init__(silence_s, clock)
        self._line: Wire | None = None
        self._listener: threading.Thread | None = None

    def open(self) -> None:
        """Connect and start the inventory. Raises Unreachable, Busy (serves another client), Garbled."""
        self.close()
        deadline = self._clock() + OPEN_S_MAX
        line = open_tcp(self._place.host, self._place.port, OPEN_S_MAX)
        self._line = line
        talk = _Talk(line, Session(self._wish), Framer(), self._queue.start())
        try:
            while not talk.session.reading:
                self._converse(talk, deadline)
        except DeviceFault:
            self.close()
            raise
        self._listener = threading.Thread(target=self._listen, args=(talk,), name="llrp-reader", daemon=True)
        self._listener.start()

    def close(self) -> None:
        """Say good-bye and hang up. A `read()` waiting in another thread ends with Unreachable."""
        line, self._line = self._line, None
        self._queue.close()
        if line is None:
            return
        with contextlib.suppress(Unreachable):
            line.write(messages.CLOSE_CONNECTION().to_bytes(message_id=0xFFFF), CLOSE_S_MAX)
        line.close()
        listener = self._listener
        if listener is not None and listener is not threading.current_thread():
            listener.join(CLOSE_S_MAX)

    def _listen(self, talk: _Talk) -> None:
        try:
            while True:
                self._converse(talk, self._clock() + self._silence_s)
        except DeviceFault as fault:
            self._give_up(talk, fault)
        except BaseException:  # a bug of ours: it must not look like an empty tray
            self._give_up(talk, Unreachable("The RFID reader's listener stopped"))
            raise

    def _give_up(self, talk: _Talk, fault: DeviceFault) -> None:
        if self._queue.fail(talk.connection, fault):
            log.info("rfid reader lost port=%d fault=%s", self._place.port, type(fault).__name__)

    def _converse(self, talk: _Talk, deadline: float) -> None:
        """Take bytes until at least one whole message came, and answer. Bytes alone are no sign of life."""
        while True:
            found = talk.framer.feed(self._receive(talk.line, deadline))
            for message in found:
                turn = talk.session.take(message)
                for answer in turn.answers:
                    talk.line.write(answer, SEND_S_MAX)
                self._queue.hear(talk.connection, turn.reads)
            if found:
                return

    def _receive(self, line: Wire, deadline: float) -> bytes:
        while (left_s := deadline - self._clock()) > 0:
            data = line.read(left_s)
            if data:
                return data
        raise Unreachable("The RFID reader has fallen silent")
