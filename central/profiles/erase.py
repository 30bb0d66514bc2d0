"""Forgetting a person: their key is shredded, and what hangs on it goes (GDPR Art. 17).

Raw events, sales and receipts stay whole, as tax law asks: they name a visit, and nothing leads from the
visit to the person any more. A replay of old events brings nobody back: their tokens are unknown now. Of
what led to the person, only what leads to another account of theirs, too, is kept for that one.
"""

from __future__ import annotations

import logging

import sqlalchemy as sa

from central.centre import Centre
from central.db import tables
from central.profiles import links, register
from central.profiles.kinds import account_node, is_account
from central.profiles.person import read_person
from central.profiles.profile import AccountErased, key_of
from central.profiles.seal import PersonKey

log = logging.getLogger(__name__)


def erase(centre: Centre, account: str, source: str) -> None:
    """Erase an account; doing it again changes nothing. Raises `AccountUnknown`, `Busy`."""
    now_ms = centre.now_ms()
    with centre.database.write("people") as connection:
        try:
            key = key_of(connection, account)
        except AccountErased:
            return
        _forget_links(connection, key)
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
        register.note(connection, account, "erased", source=source, now_ms=now_ms, chance=centre.chance)
    if centre.database.wipe_journal():
        log.info("account erased account=%s", account)
    else:
        log.warning("account erased, write-ahead log not emptied yet account=%s", account)


def _forget_links(connection: sa.Connection, key: PersonKey) -> None:
    """Delete the account's links, revoked ones too, and those of what leads to nobody any more."""
    mine = account_node(key.key_id)
    before = read_person(connection, mine)
    hung = links.ever_beside(connection, [mine]) | set(before.identifiers)
    links.forget_at(connection, [mine])
    kept: set[str] = {mine, *before.accounts, *before.contested}
    for other in before.accounts:
        if other != mine:
            kept |= set(read_person(connection, other).identifiers)
    loose = {node for node in hung - kept if not is_account(node)}
    links.forget_at(connection, loose - links.with_an_account(connection, loose))
