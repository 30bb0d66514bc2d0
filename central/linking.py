"""Telling that two identifiers are one person's, taking it back, and finding whom an identifier leads to."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import sqlalchemy as sa

from central.centre import Centre
from central.db import tables
from central.profiles import consent, identity, links, register
from central.profiles.kinds import (
    ACCOUNT,
    BOTH_KEYS,
    KINDS,
    account_node,
    is_account,
    key_id_of,
    kind_of,
    node_of,
)  # fmt: skip
from central.profiles.links import Link, LinkUnknown, ProofNotForThis
from central.profiles.person import accounts_behind, read_person
from central.profiles.profile import AccountUnknown, key_of
from central.profiles.seal import PersonKey, key_by_id

log = logging.getLogger(__name__)


class ConsentMissing(Exception):
    """What is left behind unasked is linked to a person only with their consent to `journey`."""


@dataclass(frozen=True, slots=True)
class Named:
    """An identifier as it is told: one of `KINDS`, or an account by its `sign_in_key`."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Found:
    """`node` is the identifier's; `accounts` are those of the one person it leads to, if it does."""

    node: str
    accounts: tuple[str, ...]
    blocked: bool


def link(centre: Centre, one: Named, another: Named, proof: str, source: str) -> Link:
    """Tell that two identifiers are one person's.

    Raises `ProofNotForThis`, `IdentifierWrong`, `ConsentMissing`, `AccountUnknown`, `AccountErased`, `Busy`.
    """
    with centre.database.write("people") as connection:
        if (proof == BOTH_KEYS) != (identity.SIGN_IN in (one.kind, another.kind)):
            raise ProofNotForThis
        nodes = (_node(centre, connection, one), _node(centre, connection, another))
        owners = [_owner(connection, node) for node in nodes if is_account(node)]
        if any(KINDS[kind_of(node)].passive for node in nodes):
            for owner in owners:
                if "journey" not in consent.granted(connection, owner.account):
                    raise ConsentMissing
        made = links.tie(connection, *nodes, proof, source, centre.now_ms(), centre.chance)
        _note(centre, connection, owners, "linked", made, source)
    log.info("identifiers linked link=%s proof=%s", made.link, proof)
    return made


def revoke(centre: Centre, which: str, why: str, source: str, account: str | None = None) -> Link:
    """Take a link back; with `account`, only one that is about its person.

    Raises `LinkUnknown`, `AccountUnknown`, `AccountErased`, `Busy`.
    """
    with centre.database.write("people") as connection:
        known = links.read(connection, which)
        if account is not None:
            mine = account_node(key_of(connection, account).key_id)
            person = read_person(connection, mine)
            if not {known.node, known.other} & {*person.accounts, *person.identifiers, *person.contested}:
                raise LinkUnknown
        gone = links.revoke(connection, which, source, why, centre.now_ms())
        owners = [
            key
            for node in (gone.node, gone.other)
            if is_account(node) and (key := key_by_id(connection, key_id_of(node)))
        ]
        if known.revoked_ms is None:
            _forget_answers(connection, owners, known.at_ms)
            _note(centre, connection, owners, "unlinked", gone, source)
    log.info("link revoked link=%s", which)
    return gone


def look_up(centre: Centre, named: Named) -> Found:
    """Whom an identifier leads to now, as far as they agree. Raises `IdentifierWrong`."""
    node = node_of(named.kind, named.value, secret(centre))
    with centre.database.read() as connection:
        blocked = bool(links.blocked_of(connection, [node]))
        keys = [key_by_id(connection, key_id_of(one)) for one in accounts_behind(connection, node)]
        accounts = sorted(key.account for key in keys if key)
        if KINDS[named.kind].passive:
            accounts = [one for one in accounts if "journey" in consent.granted(connection, one)]
    return Found(node, tuple(accounts), blocked)


def secret(centre: Centre) -> bytes:
    """What identifiers are hashed with."""
    return centre.signer.secret_for("identifiers")


def _forget_answers(connection: sa.Connection, owners: list[PersonKey], since_ms: int) -> None:
    """What open visits were told while these were one person is worked out anew when they ask again."""
    a = tables.answers
    nodes = [account_node(key.key_id) for key in owners]
    theirs = {key_id_of(other) for node in nodes for other in read_person(connection, node).accounts}
    connection.execute(sa.delete(a).where(a.c.key_id.in_(theirs), a.c.at_ms >= since_ms))


def _node(centre: Centre, connection: sa.Connection, named: Named) -> str:
    if named.kind == identity.SIGN_IN:
        key = identity.person_of(connection, identity.SIGN_IN, named.value)
        if key is None:
            raise AccountUnknown
        return account_node(key.key_id)
    if named.kind == ACCOUNT:
        return account_node(key_of(connection, named.value).key_id)
    return node_of(named.kind, named.value, secret(centre))


def _owner(connection: sa.Connection, node: str) -> PersonKey:
    key = key_by_id(connection, key_id_of(node))
    if key is None:
        raise AccountUnknown
    return key


def _note(
    centre: Centre,
    connection: sa.Connection,
    owners: list[PersonKey],
    act: register.Act,
    which: Link,
    by: str,
) -> None:
    detail = f"{kind_of(which.other)} {which.proof} {which.link}"
    for owner in owners:
        account, now_ms = owner.account, centre.now_ms()
        register.note(connection, account, act, source=by, now_ms=now_ms, chance=centre.chance, detail=detail)
