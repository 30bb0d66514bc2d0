"""The journal: one corridor that everything walks through.

Append-only, numbered without gaps, each entry's hash covering the one before.
`epoch` names one life of the database: it is drawn anew when a backup is
restored, so that a number is never used twice. Order is (epoch, number).
Readers keep their place in a cursor and are woken by new entries.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, select, update

from checkout.events import Event
from store_edge.db.coding import decode, encode
from store_edge.db.engine import Database
from store_edge.db.prepared import Prepared, driver_of
from store_edge.db.tables import cursors, journal, meta

log = logging.getLogger(__name__)

POLL_S = 0.02
"""How often entries written by other processes are looked for while somebody waits."""
LOOK_AGAIN_S = 1.0
"""A waiting reader looks for itself this often, whoever forgot to wake it; and the watch ends after it."""
PAGE_ENTRIES_MAX = 500
FIRST_HASH = b"\0" * 32


@dataclass(frozen=True, slots=True)
class Entry:
    """One journal entry. `at` is ISO 8601 in UTC with milliseconds; `data` is the event as JSON."""

    number: int
    epoch: str
    at: str
    lane: str
    type: str
    data: bytes
    hash: bytes

    @property
    def facts(self) -> dict[str, Any]:
        """The event's fields."""
        return decode(self.data, dict)

    def event(self) -> Event:
        """The event as the value it was announced as."""
        return decode(self.data, Event.names[self.type])


class JournalBroken(Exception):
    """The past was changed: an entry's hash does not fit."""

    def __init__(self, number: int) -> None:
        super().__init__(f"the journal was changed at entry {number}")
        self.number = number


_tip = Prepared(
    select(journal.c.number, journal.c.hash).where(
        journal.c.number == select(func.max(journal.c.number)).scalar_subquery()
    )
)
_append = Prepared(insert(journal).values({column.name: bindparam(column.name) for column in journal.c}))
_after = Prepared(
    select(journal)
    .where(journal.c.number > bindparam("after"))
    .order_by(journal.c.number)
    .limit(bindparam("limit"))
)
_cursor = Prepared(select(cursors.c.number).where(cursors.c.reader == bindparam("who")))


class Journal:
    """Reading and appending, for one process; several processes may share one database."""

    def __init__(self, database: Database, clock: Callable[[], dt.datetime]) -> None:
        self._database = database
        self._clock = clock
        self._news = threading.Condition()
        self._wakes = 0
        self._waiting = 0
        self._watch: threading.Thread | None = None
        with database.read() as connection:
            self.epoch = connection.execute(select(meta.c.value).where(meta.c.key == "epoch")).scalar_one()

    def append(self, connection: Connection, event: Event, lane: str) -> int:
        """Write an event within the caller's transaction; gives its number."""
        driver = driver_of(connection)
        tip = _tip.run(driver).fetchone()
        number, before = (tip[0] + 1, tip[1]) if tip else (1, FIRST_HASH)
        data = encode(event)
        at = self._clock().astimezone(dt.UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
        kind = type(event).__name__
        _append.run(
            driver,
            number=number,
            epoch=self.epoch,
            at=at,
            lane=lane,
            type=kind,
            data=data,
            hash=chain(before, number, self.epoch, at, lane, kind, data),
        )
        return number

    def wake_readers(self) -> None:
        """Called after a commit: whoever waits in this process looks at once."""
        with self._news:
            self._wakes += 1
            self._news.notify_all()

    def read(self, after: int, limit: int = PAGE_ENTRIES_MAX) -> list[Entry]:
        """Entries with a number above `after`, oldest first."""
        with self._database.read() as connection:
            return [Entry(*row) for row in _after.run(driver_of(connection), after=after, limit=limit)]

    def wait(self, after: int, wait_s_max: float, limit: int = PAGE_ENTRIES_MAX) -> list[Entry]:
        """Like `read`, but waits up to `wait_s_max` seconds for the first entry."""
        until_s = time.monotonic() + wait_s_max
        while True:
            heard = self._wakes
            entries = self.read(after, limit)
            left_s = until_s - time.monotonic()
            if entries or left_s <= 0:
                return entries
            with self._news:
                if heard == self._wakes:  # else an entry came between the look and the wait
                    self._wait_for_news(min(LOOK_AGAIN_S, left_s))

    def _wait_for_news(self, wait_s_max: float) -> None:
        """Wait for a wake-up, with a watch over other processes; the condition is held."""
        self._waiting += 1
        if self._watch is None:
            self._watch = threading.Thread(target=self._watch_others, name="journal watch", daemon=True)
            self._watch.start()
        self._news.wait(wait_s_max)
        self._waiting -= 1

    def _watch_others(self) -> None:
        """Wake this process's readers when anybody has committed; one watch for all of them."""
        unneeded_s = 0.0
        try:
            with self._database.read() as connection:
                connection.detach()  # its own to the end: it may outlive the pool by a moment
                seen = self._database.change_mark(connection)
                while unneeded_s < LOOK_AGAIN_S:
                    time.sleep(POLL_S)
                    unneeded_s = 0.0 if self._waiting else unneeded_s + POLL_S
                    mark = self._database.change_mark(connection)
                    if mark != seen:
                        seen = mark
                        self.wake_readers()
        except Exception:
            log.exception("the journal watch stumbled")
        finally:
            with self._news:
                self._watch = None  # the next reader that waits starts another

    def last_number(self) -> int:
        with self._database.read() as connection:
            return _tip.scalar(driver_of(connection)) or 0

    def cursor(self, reader: str) -> int:
        """The last number that a reader has dealt with; 0 for a new reader."""
        with self._database.read() as connection:
            return _cursor.scalar(driver_of(connection), who=reader) or 0

    def move_cursor(self, reader: str, number: int) -> None:
        with self._database.write() as connection:
            set_cursor(connection, reader, number)

    def check(self, after: int = 0) -> int:
        """Verify the chain of hashes from an entry on; gives the last good number or raises JournalBroken."""
        before, last = FIRST_HASH, after
        if after:
            first = self.read(after - 1, 1)
            if not first:
                raise JournalBroken(after)
            before = first[0].hash
        while entries := self.read(last):
            for e in entries:
                wanted = chain(before, e.number, e.epoch, e.at, e.lane, e.type, e.data)
                if e.number != last + 1 or e.hash != wanted:
                    raise JournalBroken(last + 1)
                before, last = e.hash, e.number
        return last


def chain(before: bytes, number: int, epoch: str, at: str, lane: str, kind: str, data: bytes) -> bytes:
    """SHA-256 over the hash before and all that the entry says, lengths made unambiguous by JSON."""
    head = msgspec.json.encode([number, epoch, at, lane, kind])
    return hashlib.sha256(before + head + data).digest()


def set_cursor(connection: Connection, reader: str, number: int) -> None:
    """Remember how far a reader has come, within the caller's transaction."""
    moved = connection.execute(
        update(cursors).where(cursors.c.reader == reader).values(number=number)
    ).rowcount
    if not moved:
        connection.execute(insert(cursors).values(reader=reader, number=number))
