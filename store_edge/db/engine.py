"""Opening the database: SQLite in WAL mode with FULL syncs, or PostgreSQL.

A page of the books is one write transaction, and there is one writer at a time:
SQLite by `BEGIN IMMEDIATE`, PostgreSQL by an advisory lock. That keeps journal
numbers in commit order (HOUSE.md: "one advisory lock around the append") and
makes read-price-write of a basket safe in several processes.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import ConnectionPoolEntry

from store_edge.db.prepared import driver_of

WRITER_LOCK = 0x454D4D41  # "EMMA"
POOL_MAX = 24
BUSY_WAIT_MS_MAX = 10_000
"""How long a writer in another process may keep us waiting before the till says so."""
MIGRATIONS = Path(__file__).parent / "migrations"


class _Writing(AbstractContextManager[Connection]):
    """A class, not a generator: this is on the path of every scan."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> Connection:
        return self._database.begin()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            self._database.commit()
        else:
            self._database.roll_back()


class Database:
    """One store's database: `write()` and `read()` give transactions."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self._engine = _engine(url, self.is_sqlite)
        # Threads of one process queue here, fairly; SQLite's own wait is a sleep that grows.
        self._turn = threading.Lock()
        self._writer: Connection | None = None
        self._begin = "BEGIN IMMEDIATE" if self.is_sqlite else f"SELECT pg_advisory_xact_lock({WRITER_LOCK})"

    def write(self) -> AbstractContextManager[Connection]:
        """The one writing transaction: committed when left in peace, rolled back otherwise."""
        return _Writing(self)

    def begin(self) -> Connection:
        """Wait for one's turn and begin; whoever calls this must call `commit` or `roll_back`, and once."""
        self._turn.acquire()
        try:
            connection = self._writer = self._writer or self._engine.connect()
            driver_of(connection).execute(self._begin)
        except BaseException:
            self.roll_back()
            raise
        return connection

    def commit(self) -> None:
        connection = self._writer
        assert connection is not None
        try:
            driver_of(connection).commit()
            if connection.in_transaction():  # SQLAlchemy took part and keeps a count of its own
                connection.commit()
        except BaseException:
            self.roll_back()
            raise
        self._turn.release()

    def roll_back(self) -> None:
        """Undo everything since `begin`; a connection that cannot even do that is thrown away."""
        try:
            if self._writer is not None:
                self._undo(self._writer)
        finally:
            self._turn.release()

    def _undo(self, connection: Connection) -> None:
        try:
            driver_of(connection).rollback()
            connection.rollback()
        except Exception:
            connection.invalidate()
            connection.close()
            self._writer = None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A reading connection; each statement sees what is committed."""
        with self._engine.connect() as connection:
            yield connection

    def migrate(self, to: str = "head") -> None:
        """Bring the schema to a version, the newest if none is given, in one transaction."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.write() as connection:
            connection.begin()  # or Alembic would commit after each migration
            config.attributes["connection"] = connection
            command.upgrade(config, to)

    def change_mark(self, connection: Connection) -> int:
        """A number that changes when another connection has committed; costs next to nothing to ask for."""
        asked = "PRAGMA data_version" if self.is_sqlite else "SELECT coalesce(max(number), 0) FROM journal"
        row = driver_of(connection).execute(asked).fetchone()
        if not self.is_sqlite:
            connection.rollback()  # end the transaction that asking began
        return int(row[0])

    def check(self) -> str:
        """ "ok", or what the engine's own integrity check complains about."""
        if not self.is_sqlite:
            return "ok"
        with self.read() as connection:
            return str(connection.execute(text("PRAGMA quick_check(1)")).scalar_one())

    def close(self) -> None:
        with self._turn:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
        self._engine.dispose()


def cannot_write(error: BaseException) -> bool:
    """True if the disk is full or read-only: no fault of what was asked, and none that asking again mends."""
    code = getattr(getattr(error, "orig", error), "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY)


def _engine(url: str, is_sqlite: bool) -> Engine:
    # hide_parameters: an error's text must not carry a token or a nickname into a log.
    sizes = {"pool_size": POOL_MAX, "max_overflow": POOL_MAX, "hide_parameters": True}
    if is_sqlite:
        # Nothing is open on a connection that comes back: each statement was its own transaction.
        engine = create_engine(url, pool_reset_on_return=None, **sizes)
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    from store_edge.db.discreet import DiscreetCursor  # needs the extra `postgres`

    # A server may be restarted under us: ask before use, and never wait for a lock for ever.
    options = {"options": f"-c lock_timeout={BUSY_WAIT_MS_MAX}", "cursor_factory": DiscreetCursor}
    return create_engine(url, pool_pre_ping=True, connect_args=options, **sizes)


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    """FULL: an acknowledged sale survives a power cut (NORMAL lost half of them in trials)."""
    connection.isolation_level = None  # we say BEGIN ourselves; the driver must not guess
    for pragma in (
        f"busy_timeout={BUSY_WAIT_MS_MAX}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "wal_autocheckpoint=1000",
    ):
        connection.execute(f"PRAGMA {pragma}")
