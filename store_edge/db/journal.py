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
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, select, update

from checkout.events import Event
from mirror import events as _fitting_events  # noqa: F401  (their names are known to the journal, too)
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


class Tip(NamedTuple):
    """The newest entry's number and hash."""

    number: int
    hash: bytes


NOTHING_YET = Tip(0, FIRST_HASH)


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


class _Reader:
    """Somebody who has read as far as `after` and waits for news of some kinds; of all, if there are none."""

    def __init__(self, after: int, kinds: Collection[str]) -> None:
        self.after = after
        self._kinds = frozenset(kinds)
        self.news = threading.Event()

    def wants(self, kinds: Collection[str]) -> bool:
        return not self._kinds or not self._kinds.isdisjoint(kinds)


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


def _entries(connection: Connection, after: int, limit: int) -> list[Entry]:
    return [Entry(*row) for row in _after.run(driver_of(connection), after=after, limit=limit)]


class Journal:
    """Reading and appending, for one process; several processes may share one database."""

    def __init__(self, database: Database, clock: Callable[[], dt.datetime]) -> None:
        self._database = database
        self._clock = clock
        self._door = threading.Lock()
        self._waiting: set[_Reader] = set()
        self._watch: threading.Thread | None = None
        with database.read() as connection:
            self.epoch = connection.execute(select(meta.c.value).where(meta.c.key == "epoch")).scalar_one()

    def append(self, connection: Connection, event: Event, lane: str, tip: Tip | None = None) -> Tip:
        """Write an event within the caller's transaction; after `tip` if it wrote one before."""
        driver = driver_of(connection)
        last, before = tip or _tip.run(driver).fetchone() or NOTHING_YET
        number = last + 1
        data = encode(event)
        at = self._clock().astimezone(dt.UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
        kind = type(event).__name__
        mark = chain(before, number, self.epoch, at, lane, kind, data)
        _append.run(
            driver,
            number=number,
            epoch=self.epoch,
            at=at,
            lane=lane,
            type=kind,
            data=data,
            hash=mark,
        )
        return Tip(number, mark)

    def wake_readers(self, kinds: Collection[str], newest: int) -> None:
        """Called after a commit up to `newest`: whoever here waits for one of these kinds looks at once."""
        with self._door:
            for one in self._waiting:
                if one.after < newest and one.wants(kinds):
                    one.news.set()

    def read(self, after: int, limit: int = PAGE_ENTRIES_MAX) -> list[Entry]:
        """Entries with a number above `after`, oldest first."""
        with self._database.read() as connection:
            return _entries(connection, after, limit)

    def wait(
        self, after: int, wait_s_max: float, limit: int = PAGE_ENTRIES_MAX, kinds: Collection[str] = ()
    ) -> list[Entry]:
        """Like `read`, but waits up to `wait_s_max` seconds for the first entry.

        Where `kinds` are given, only those are worth waking for; others are found at the next look.
        """
        until_s = time.monotonic() + wait_s_max
        with self._in_waiting(_Reader(after, kinds)) as reader:
            while True:
                entries = self.read(after, limit)
                left_s = until_s - time.monotonic()
                if entries or left_s <= 0:
                    return entries
                reader.news.wait(min(LOOK_AGAIN_S, left_s))
                reader.news.clear()  # before the next look, so that nothing falls between

    @contextmanager
    def _in_waiting(self, reader: _Reader) -> Iterator[_Reader]:
        """Among those who are woken, from before the first look on; a watch sees to other processes."""
        with self._door:
            self._waiting.add(reader)
            if self._watch is None:
                self._watch = threading.Thread(target=self._watch_others, name="journal watch", daemon=True)
                self._watch.start()
        try:
            yield reader
        finally:
            with self._door:
                self._waiting.discard(reader)

    def _watch_others(self) -> None:
        """Wake this process's readers when another one has committed; one watch for all of them."""
        unneeded_s = 0.0
        try:
            with self._database.read() as connection:
                connection.detach()  # its own to the end: it may outlive the pool by a moment
                seen, told = self._database.change_mark(connection), _tip.scalar(driver_of(connection)) or 0
                while unneeded_s < LOOK_AGAIN_S:
                    time.sleep(POLL_S)
                    unneeded_s = 0.0 if self._waiting else unneeded_s + POLL_S
                    mark = self._database.change_mark(connection)
                    if mark != seen:
                        seen = mark
                        # Our own pages too, but their readers are further by now.
                        news = _entries(connection, told, PAGE_ENTRIES_MAX)
                        told = news[-1].number if news else told
                        self.wake_readers({entry.type for entry in news}, told)
        except Exception:
            log.exception("the journal watch stumbled")
        finally:
            with self._door:
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
