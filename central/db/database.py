"""The one way to a connection: readers in parallel, writers in turn, nothing ever left open.

SQLite runs in WAL mode with `synchronous=FULL`; its writers take a lock of this process and then
`BEGIN IMMEDIATE`, so that no transaction is ever upgraded half-way. On PostgreSQL writers of one topic
take turns by an advisory lock of the transaction, which also goes when the transaction goes.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

_WRITES = "emma_writes"


class Busy(Exception):
    """Another writer held the database longer than `write_wait_s_max`; nothing was written."""


class Database:
    """Connections to one database, given by a SQLAlchemy URL of SQLite (a file) or PostgreSQL (psycopg).

    `write_wait_s_max` bounds the wait for the turn to write; `connections_max` the pool.
    """

    def __init__(self, url: str, *, write_wait_s_max: float, connections_max: int) -> None:
        self._wait_s = write_wait_s_max
        self._turn = threading.Lock()
        # hide_parameters: an error's text must not carry a person's data into a log.
        self.engine = sa.create_engine(
            _with_driver(url), pool_size=connections_max, max_overflow=0, pool_timeout=write_wait_s_max,
            hide_parameters=True,
        )  # fmt: skip
        self.sqlite = self.engine.dialect.name == "sqlite"
        if self.sqlite:
            sa.event.listen(self.engine, "connect", self._prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection with one consistent view; rolled back at the end, whatever happened."""
        with self.engine.connect() as connection:
            if not self.sqlite:  # SQLite's readers see one moment anyway
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def write(self, topic: str) -> Iterator[sa.Connection]:
        """One transaction: committed at the end, rolled back on any exception.

        Writers of the same `topic` take turns (on SQLite all writers do). Raises `Busy`.
        """
        with self._my_turn(), self.engine.connect() as plain:
            connection = plain.execution_options(**{_WRITES: True})
            with _begun(connection):
                if not self.sqlite:
                    self._lock_topic(connection, topic)
                yield connection

    def wipe_journal(self) -> bool:
        """After a key was shredded: move SQLite's write-ahead log into the file and empty it.

        False when a reader kept that from happening; the next call does it then. `secure_delete` has
        overwritten the bytes in the file itself. PostgreSQL keeps old row versions until vacuum and its
        own log until recycled: that is for its keeper to configure.
        """
        if not self.sqlite:
            return True
        with self._my_turn():
            raw = self.engine.raw_connection()
            try:
                row = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                raw.close()
        return bool(row[0] == 0)

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if not self.sqlite:
            with nullcontext():
                yield
            return
        if not self._turn.acquire(timeout=self._wait_s):
            raise Busy
        try:
            yield
        finally:
            self._turn.release()

    def _lock_topic(self, connection: sa.Connection, topic: str) -> None:
        number = int.from_bytes(hashlib.sha256(topic.encode()).digest()[:8], "big", signed=True)
        connection.execute(sa.text(f"SET LOCAL lock_timeout = {int(self._wait_s * 1000)}"))
        try:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
        except sa.exc.OperationalError as error:
            raise Busy from error

    def _prepare_sqlite(self, raw: Any, _record: object) -> None:
        raw.isolation_level = None  # BEGIN is ours to say, see _begin_sqlite
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "secure_delete=ON",
            f"busy_timeout={int(self._wait_s * 1000)}",
        ):
            raw.execute(f"PRAGMA {pragma}").fetchall()


def _with_driver(url: str) -> URL:
    """Plain `postgresql://` addresses use psycopg 3, the driver that we ship."""
    parsed = make_url(url)
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _begun(connection: sa.Connection) -> Iterator[None]:
    try:
        transaction = connection.begin()
    except sa.exc.OperationalError as error:
        if "locked" in str(error.orig) or "busy" in str(error.orig):
            raise Busy from error
        raise
    with transaction:
        yield
