"""Whether the journal still adds up: looked at whenever the store opens."""

from __future__ import annotations

import sqlite3

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from store_edge.db.engine import Database
from store_edge.db.journal import Journal, JournalBroken
from store_edge.db.tables import cursors

RECENT_ENTRIES = 1_000
"""So much of the chain is verified at each start: some ten milliseconds. `emma check` verifies all of it."""


def fault_in_recent_past(database: Database, journal: Journal) -> str:
    """What is wrong with the journal's last `RECENT_ENTRIES`, or with a cursor: a sentence, or ""."""
    try:
        tip = journal.check(max(0, journal.last_number() - RECENT_ENTRIES))
        return fault_in_cursors(database, tip)
    except (JournalBroken, sqlite3.DatabaseError, DBAPIError) as broken:
        return str(getattr(broken, "orig", broken))


def fault_in_cursors(database: Database, tip: int) -> str:
    """Which reader claims to have read what was not written yet, and so would miss it; "" if none does."""
    with database.read() as connection:
        beyond = select(cursors).where(cursors.c.number > tip).order_by(cursors.c.reader)
        row = connection.execute(beyond).first()
    return f"the reader {row.reader} is at entry {row.number}, but the journal ends at {tip}" if row else ""
