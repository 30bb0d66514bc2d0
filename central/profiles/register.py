"""The register: what was done with a person's data, when and on whose behalf (GDPR Art. 5(2), 30).

It knows an account by its random number and nothing else, so it may stay when the person has gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import sqlalchemy as sa

from central.clock import DAY_MS, Chance
from central.db import tables

Act = Literal[
    "corrected", "copied", "objected", "restricted", "released", "erased", "linked", "unlinked", "gpc_heard"
]
ACTS: tuple[str, ...] = get_args(Act)


@dataclass(frozen=True, slots=True)
class Done:
    """`source` is the office client that did it; `detail` holds ids and kinds only. `at_ms` since 1970."""

    entry: str
    account: str
    act: str
    source: str
    detail: str
    at_ms: int


def note(
    connection: sa.Connection,
    account: str,
    act: Act,
    *,
    source: str,
    now_ms: int,
    chance: Chance,
    detail: str = "",
) -> None:
    """Write down what is done in this very transaction."""
    row = {"entry": chance(16).hex(), "account": account, "act": act, "source": source}
    connection.execute(sa.insert(tables.register), row | {"detail": detail, "at_ms": now_ms})


def entries(
    connection: sa.Connection, limit: int, *, account: str = "", before: tuple[int, str] | None = None
) -> list[Done]:
    """The newest entries, of one account or of all; `before` is the (at_ms, entry) of the last one seen."""
    r = tables.register
    query = sa.select(r).order_by(r.c.at_ms.desc(), r.c.entry.desc()).limit(limit)
    if account:
        query = query.where(r.c.account == account)
    if before:
        at_ms, entry = before
        query = query.where(sa.tuple_(r.c.at_ms, r.c.entry) < sa.tuple_(sa.literal(at_ms), sa.literal(entry)))
    return [Done(*row) for row in connection.execute(query)]


def forget_old(connection: sa.Connection, now_ms: int, register_d: int) -> int:
    """Delete entries older than `register_d` days; returns how many."""
    r = tables.register
    return connection.execute(sa.delete(r).where(r.c.at_ms < now_ms - register_d * DAY_MS)).rowcount
