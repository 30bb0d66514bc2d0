"""Paper that counts once, or so often, in the whole chain: kept for a basket before it counts there.

A store asks when a voucher or coupon is handed in. It is granted as long as fewer baskets than `times_max`
have used it or hold it now; the same basket may ask again, and holds it longer. A basket that lets go gives
it back; one that is never heard of again loses it when its time is over. Sales of stores that could not ask
are taken in all the same: `central.ingest` finds what was used too often, and tells a person.
"""

from __future__ import annotations

import logging

import sqlalchemy as sa

from central.centre import Centre
from central.db import tables
from central.db.upsert import insert_or_add

log = logging.getLogger(__name__)

_MINUTE_MS = 60_000


class PaperUsed(Exception):
    """Other baskets have used it, or hold it, as often as it may be."""


def claim(centre: Centre, store: str, paper: str, id: str, basket: str, times_max: int) -> int:
    """Keep a paper for a store's basket; gives until when, in ms since 1970. Raises `PaperUsed`, `Busy`."""
    now_ms = centre.now_ms()
    ends_ms = now_ms + centre.settings.paper_claim_minutes * _MINUTE_MS
    row = {"paper": paper, "id": id, "store": store, "basket": basket, "ends_ms": ends_ms}
    with centre.database.write("paper") as connection:
        if _taken(connection, paper, id, (store, basket), now_ms) >= times_max:
            log.info("paper refused store=%s paper=%s", store, paper)
            raise PaperUsed
        insert_or_add(connection, tables.paper_claims, [row], top=("ends_ms",))
    return ends_ms


def give_back(centre: Centre, store: str, paper: str, id: str, basket: str) -> None:
    """A basket does not need it any more; doing it again changes nothing. Raises `Busy`."""
    c = tables.paper_claims.c
    mine = (c.paper == paper, c.id == id, c.store == store, c.basket == basket)
    with centre.database.write("paper") as connection:
        connection.execute(sa.delete(tables.paper_claims).where(*mine))


def drop_ended(connection: sa.Connection, now_ms: int) -> int:
    """Forget claims whose time is over; returns how many."""
    c = tables.paper_claims.c
    return connection.execute(sa.delete(tables.paper_claims).where(c.ends_ms <= now_ms)).rowcount


def _taken(connection: sa.Connection, paper: str, id: str, mine: tuple[str, str], now_ms: int) -> int:
    """How many others have used it or hold it. Old stores did not say for which basket."""
    c, r = tables.paper_claims.c, tables.redeemed.c
    used = connection.execute(sa.select(r.store, r.basket).where(r.paper == paper, r.id == id)).all()
    held = connection.execute(
        sa.select(c.store, c.basket).where(c.paper == paper, c.id == id, c.ends_ms > now_ms)
    ).all()
    unnamed = sum(not basket for _, basket in used)
    named = {(store, basket) for store, basket in (*used, *held) if basket}
    return unnamed + len(named - {mine})
