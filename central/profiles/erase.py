"""Forgetting a person: their key is shredded, and what hangs on it goes (GDPR Art. 17).

Raw events, sales and receipts stay whole, as tax law asks: they name a visit, and nothing leads from the
visit to the person any more. A replay of old events brings nobody back: their tokens are unknown now.
"""

from __future__ import annotations

import logging

import sqlalchemy as sa

from central.db import tables
from central.db.database import Database
from central.profiles.profile import AccountErased, key_of

log = logging.getLogger(__name__)


def erase(database: Database, account: str, now_ms: int) -> None:
    """Erase an account; doing it again changes nothing. Raises `AccountUnknown`, `Busy`."""
    with database.write("people") as connection:
        try:
            key = key_of(connection, account)
        except AccountErased:
            return
        t, r = tables.tokens, tables.redemptions
        theirs = sa.select(t.c.jti).where(t.c.key_id == key.key_id)
        connection.execute(sa.delete(r).where(r.c.jti.in_(theirs)))
        for table in (
            tables.tokens,
            tables.answers,
            tables.identifiers,
            tables.cards_on_file,
            tables.person_keys,
        ):
            connection.execute(sa.delete(table).where(table.c.key_id == key.key_id))
        connection.execute(sa.delete(tables.consents).where(tables.consents.c.account == account))
        persons = tables.persons
        connection.execute(
            sa.update(persons).where(persons.c.account == account).values(sealed=None, erased_ms=now_ms)
        )
    if database.wipe_journal():
        log.info("account erased account=%s", account)
    else:
        log.warning("account erased, write-ahead log not emptied yet account=%s", account)
