"""What should not have happened and needs a person at head office: one row per thing, with a count.

Kinds: `content_differs` (one event id came with two contents; the first stays), `token_used_twice`
(two visits showed one token; the first visit has it), `voucher_used_twice` and `coupon_used_too_often`
(stores that were offline took the same paper; each of them is named, and has paid), `points_overdrawn` (a
visit spent points that its member had not, most likely the same ones in two stores), and, read from the
fold, `event_parked` (data that does not fit its type).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import sqlalchemy as sa

from central.db import tables
from central.db.upsert import insert_or_add

TOO_OFTEN = {"voucher": "voucher_used_twice", "coupon": "coupon_used_too_often"}
"""What is said of paper that was used too often."""
PAPER = {kind: paper for paper, kind in TOO_OFTEN.items()}


@dataclass(frozen=True, slots=True)
class Alarm:
    """`about` is an event id, or a token's or a paper's id; `times` counts repeats; times in ms since 1970.

    `amount_minor` is what a paper used too often gave in this store, in all its uses.
    """

    kind: str
    store: str
    about: str
    first_ms: int
    last_ms: int
    times: int
    amount_minor: int | None = None


def raise_alarms(connection: sa.Connection, kind: str, about: Iterable[tuple[str, str]], now_ms: int) -> None:
    """Note alarms of one kind about (store, thing) pairs; a known one is only counted up."""
    rows = [
        {"kind": kind, "store": s, "about": a, "first_ms": now_ms, "last_ms": now_ms, "times": 1}
        for s, a in sorted(about)  # two writers that lock rows in one order cannot wait for each other
    ]
    insert_or_add(connection, tables.alarms, rows, add="times", top=("last_ms",))


def newest(connection: sa.Connection, limit: int) -> list[Alarm]:
    """The newest alarms of all kinds, at most `limit` noted and `limit` parked ones."""
    a, p, e = tables.alarms, tables.parked, tables.events
    noted = connection.execute(sa.select(a).order_by(a.c.last_ms.desc(), a.c.kind, a.c.about).limit(limit))
    parked = connection.execute(
        sa.select(p.c.store, p.c.epoch, p.c.number, e.c.received_ms)
        .join(e, sa.and_(e.c.store == p.c.store, e.c.epoch == p.c.epoch, e.c.number == p.c.number))
        .order_by(e.c.received_ms.desc(), p.c.store, p.c.epoch, p.c.number)
        .limit(limit)
    )
    found = [_with_amount(connection, Alarm(*row)) for row in noted]
    found += [Alarm("event_parked", s, f"{s}:{ep}:{n}", at, at, 1) for s, ep, n, at in parked]
    return sorted(found, key=lambda alarm: (-alarm.last_ms, alarm.kind, alarm.store, alarm.about))


def _with_amount(connection: sa.Connection, alarm: Alarm) -> Alarm:
    """What it cost, where it is about paper."""
    paper = PAPER.get(alarm.kind)
    if paper is None:
        return alarm
    r = tables.redeemed.c
    booked = sa.select(sa.func.sum(r.amount_minor)).where(
        r.paper == paper, r.id == alarm.about, r.store == alarm.store
    )
    return replace(alarm, amount_minor=int(connection.execute(booked).scalar() or 0))
