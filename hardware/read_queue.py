"""Tag reads between the thread that hears a reader and the one that asks for them."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from hardware.errors import DeviceFault, Unreachable
from hardware.readings import TagRead

READS_MAX = 10_000
"""Tag reads held for the caller. Beyond, the oldest are dropped and counted: the newest say what lies here
now, and a reader that is kept waiting would stop reading."""


class ReadQueue:
    """Bounded; closed until `start()`, and closed again by the fault that the hearing thread met.

    Each `start()` begins a new connection, numbered by what it returns: what a thread of an earlier one still
    puts in, or fails with, is nobody's concern any more.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._news = threading.Condition()
        self._reads: deque[TagRead] = deque()
        self._fault: DeviceFault | None = Unreachable("The RFID reader is not open")
        self._connection = 0
        self.heard_s = clock()
        """When the reader last said something whole, keepalives included, by the clock."""
        self.dropped = 0
        """Reads lost because nobody fetched them in time, since `start()`."""

    def start(self) -> int:
        """Begin empty and healthy; gives the connection's number."""
        with self._news:
            self._connection += 1
            self._reads.clear()
            self._fault = None
            self.dropped = 0
            return self._connection

    def close(self) -> None:
        """A `take()` that waits ends with Unreachable."""
        with self._news:
            self._connection += 1
            self._fault = Unreachable("The RFID reader is not open")
            self._news.notify_all()

    def hear(self, connection: int, reads: Sequence[TagRead] = ()) -> None:
        """The reader said something whole; `reads` may be in it."""
        with self._news:
            if connection != self._connection:
                return
            self.heard_s = self._clock()
            self._reads.extend(reads)
            while len(self._reads) > READS_MAX:
                self._reads.popleft()
                self.dropped += 1
            if reads:
                self._news.notify_all()

    def fail(self, connection: int, fault: DeviceFault) -> bool:
        """The line is lost: what was heard may still be taken, then `fault` is raised. False if closed."""
        with self._news:
            if connection != self._connection:
                return False
            self._fault = fault
            self._news.notify_all()
            return True

    def take(self, timeout_s: float) -> list[TagRead]:
        """Everything since the last call, oldest first; waits up to `timeout_s` for the first.

        Empty when nothing came. Raises the fault that ended the connection.
        """
        with self._news:
            self._news.wait_for(lambda: self._reads or self._fault, timeout=max(0.0, timeout_s))
            if self._reads:
                reads = list(self._reads)
                self._reads.clear()
                return reads
            if self._fault is not None:
                raise self._fault.with_traceback(None)
            return []


class QueuedReader:
    """A reader whose words a thread of its own hears: what its driver tells of the queue between them."""

    def __init__(self, silence_s: float, clock: Callable[[], float]) -> None:
        self._silence_s = silence_s
        self._clock = clock
        self._queue = ReadQueue(clock)

    @property
    def heard_s(self) -> float:
        """When the reader last said something whole, signs of life included, by the clock. Up to then silence
        about a tag means that the tag is gone; after it, perhaps, that the reader is."""
        return self._queue.heard_s

    @property
    def dropped(self) -> int:
        """Reads lost because nobody fetched them in time, since `open()`."""
        return self._queue.dropped

    def read(self, timeout_s: float) -> list[TagRead]:
        """Everything seen since the last call, oldest first; waits up to `timeout_s` for the first.

        Empty when nothing came. Raises Unreachable (line broken, or silent for `silence_s`) or Garbled;
        after that, `open()` again.
        """
        return self._queue.take(timeout_s)
