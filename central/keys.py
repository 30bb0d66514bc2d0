"""Who may call: one random key per store and per office client, kept only as its SHA-256 digest.

A key has 256 random bits, so a plain digest is enough; a slow password hash would protect nothing more.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from central.clock import Chance, Clock, random_bytes, to_ms, utc_now
from central.db import tables
from central.db.database import Database

log = logging.getLogger(__name__)

Kind = Literal["store", "office"]
_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True, slots=True)
class Caller:
    """The holder of a sound key: a store's name or an office client's."""

    kind: str
    name: str


def issue_key(
    database: Database, kind: Kind, name: str, *, clock: Clock = utc_now, chance: Chance = random_bytes
) -> str:
    """Make a key for store or office client `name` and return its text, which is kept nowhere.

    Older keys of the same name stay good until `revoke_keys`, so that a key can be changed without a gap.
    Raises ValueError for a name that is not 1 to 40 letters, digits, `-` or `_`.
    """
    if kind not in ("store", "office") or not _NAME.fullmatch(name):
        raise ValueError("a key is for a store or an office client, named by letters, digits, - and _")
    text = new_secret(chance)
    row = {"digest": digest(text), "kind": kind, "name": name, "created_ms": to_ms(clock())}
    with database.write("keys") as connection:
        connection.execute(sa.insert(tables.api_keys), row)
    log.info("key issued kind=%s name=%s", kind, name)
    return text


def revoke_keys(database: Database, kind: Kind, name: str, *, clock: Clock = utc_now) -> int:
    """Make every key of this name worthless at once. Returns how many there were."""
    k = tables.api_keys
    with database.write("keys") as connection:
        done = connection.execute(
            sa.update(k)
            .where(k.c.kind == kind, k.c.name == name, k.c.revoked_ms.is_(None))
            .values(revoked_ms=to_ms(clock()))
        )
    log.info("keys revoked kind=%s name=%s count=%d", kind, name, done.rowcount)
    return done.rowcount


def caller_of(connection: sa.Connection, key: str) -> Caller | None:
    """Whose key this is; None for a wrong or revoked one."""
    k = tables.api_keys
    row = connection.execute(
        sa.select(k.c.kind, k.c.name).where(k.c.digest == digest(key), k.c.revoked_ms.is_(None))
    ).one_or_none()
    return Caller(row.kind, row.name) if row else None


def new_secret(chance: Chance) -> str:
    """43 characters of base64url: 32 random bytes."""
    return base64.urlsafe_b64encode(chance(32)).rstrip(b"=").decode()


def digest(secret: str) -> bytes:
    """What is kept of a key."""
    return hashlib.sha256(secret.encode()).digest()
