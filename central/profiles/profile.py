"""The account of a person: a random id, and the nickname and language they chose, sealed."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from central.clock import Chance
from central.db import tables
from central.profiles.seal import PersonKey, key_of_account, make_key


class AccountUnknown(Exception):
    """No account has this id."""


class AccountErased(Exception):
    """There was such an account; its owner had it erased."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What head office calls a customer; times in ms since 1970. Restricted: kept, but not used."""

    account: str
    nickname: str
    language: str
    created_ms: int
    restricted_ms: int | None = None


class _Sealed(msgspec.Struct):
    nickname: str
    language: str


def create_profile(
    connection: sa.Connection, nickname: str, language: str, now_ms: int, chance: Chance
) -> PersonKey:
    """A new person with a key of their own."""
    account = chance(16).hex()
    key = make_key(connection, account, chance)
    sealed = key.seal(msgspec.json.encode(_Sealed(nickname, language)), f"persons:{account}", chance)
    row = {"account": account, "sealed": sealed, "created_ms": now_ms}
    connection.execute(sa.insert(tables.persons), row)
    return key


def key_of(connection: sa.Connection, account: str) -> PersonKey:
    """The key of a living account. Raises `AccountUnknown`, `AccountErased`."""
    key = key_of_account(connection, account)
    if key is not None:
        return key
    p = tables.persons
    if connection.execute(sa.select(p.c.erased_ms).where(p.c.account == account)).one_or_none() is None:
        raise AccountUnknown
    raise AccountErased


def read_profile(connection: sa.Connection, key: PersonKey) -> Profile:
    """The profile that this key opens."""
    p = tables.persons
    row = connection.execute(sa.select(p).where(p.c.account == key.account)).one()
    plain = msgspec.json.decode(key.unseal(bytes(row.sealed), f"persons:{key.account}"), type=_Sealed)
    return Profile(key.account, plain.nickname, plain.language, row.created_ms, row.restricted_ms)


def correct_profile(
    connection: sa.Connection, key: PersonKey, nickname: str, language: str, chance: Chance
) -> None:
    """What the person is called and spoken to in, put right by them."""
    sealed = key.seal(msgspec.json.encode(_Sealed(nickname, language)), f"persons:{key.account}", chance)
    p = tables.persons
    connection.execute(sa.update(p).where(p.c.account == key.account).values(sealed=sealed))


def restrict_profile(connection: sa.Connection, key: PersonKey, since_ms: int | None) -> bool:
    """Keep what is stored and use none of it since then; None lets it be used again. False: it was so."""
    p = tables.persons
    now_so = p.c.restricted_ms.is_(None) if since_ms is None else p.c.restricted_ms.is_not(None)
    done = connection.execute(
        sa.update(p).where(p.c.account == key.account, ~now_so).values(restricted_ms=since_ms)
    )
    return done.rowcount == 1
