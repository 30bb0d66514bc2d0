"""Links between identifiers as records: who proved them, when, and whether somebody has revoked them.

A link is never changed but for its revocation, and never deleted but by time or erasure. What follows from
the links that are active now is `central.profiles.person`'s to say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from central.clock import DAY_MS, Chance
from central.db import tables
from central.profiles.kinds import ACCOUNT, KINDS, kind_of

_IN_MAX = 400  # nodes in one IN list


class LinkUnknown(Exception):
    """No link has this id, or it is not one of this person's."""


class ProofNotForThis(Exception):
    """No such proof links these two kinds of identifier."""


@dataclass(frozen=True, slots=True)
class Link:
    """`node` sorts before `other`. `source` is the office client that told of it; times in ms since 1970."""

    link: str
    node: str
    other: str
    proof: str
    source: str
    at_ms: int
    revoked_ms: int | None = None
    revoked_by: str | None = None
    why: str | None = None


def tie(
    connection: sa.Connection, one: str, another: str, proof: str, source: str, now_ms: int, chance: Chance
) -> Link:
    """From now on these two belong together; told again by the same source it is the link already there.

    Raises `ProofNotForThis`, also for an identifier and itself.
    """
    node, other = sorted((one, another))
    if node == other or not _proves(proof, node, other):
        raise ProofNotForThis
    t = tables.links
    same = (t.c.node == node, t.c.other == other, t.c.proof == proof, t.c.source == source)
    kept = connection.execute(sa.select(t).where(*same, t.c.revoked_ms.is_(None))).first()
    if kept is not None:
        return Link(*kept)
    link = Link(chance(16).hex(), node, other, proof, source, now_ms)
    row = {"link": link.link, "node": node, "other": other, "proof": proof}
    connection.execute(sa.insert(t), row | {"source": source, "at_ms": now_ms})
    return link


def _proves(proof: str, node: str, other: str) -> bool:
    """Two accounts take a proof for accounts; anything else a proof for one of the two that is none."""
    kinds = {kind_of(node), kind_of(other)}
    return any(proof in KINDS[kind].proofs for kind in (kinds - {ACCOUNT} or kinds))


def revoke(connection: sa.Connection, link: str, by: str, why: str, now_ms: int) -> Link:
    """The link counts no more; done again it stays as it was revoked first. Raises `LinkUnknown`."""
    t = tables.links
    connection.execute(
        sa.update(t)
        .where(t.c.link == link, t.c.revoked_ms.is_(None))
        .values(revoked_ms=now_ms, revoked_by=by, why=why)
    )
    return read(connection, link)


def read(connection: sa.Connection, link: str) -> Link:
    """One link by its id. Raises `LinkUnknown`."""
    row = connection.execute(sa.select(tables.links).where(tables.links.c.link == link)).one_or_none()
    if row is None:
        raise LinkUnknown
    return Link(*row)


def _pairs(only: str = "") -> sa.CompoundSelect[Any]:
    """Every pair of a node and what is linked to it now; with `only`, what is of that kind."""
    t = tables.links.c
    nodes: sa.BindParameter[list[str]] = sa.bindparam("nodes", expanding=True)
    ends = [
        sa.select(mine.label("node"), its.label("other")).where(
            mine.in_(nodes), t.revoked_ms.is_(None), its.startswith(f"{only}:") if only else sa.true()
        )
        for mine, its in ((t.node, t.other), (t.other, t.node))
    ]
    return sa.union(*ends)


# Built once: they are asked again for every ring of every person.
_AROUND = _pairs()
_ACCOUNTS_AROUND = _pairs(ACCOUNT)
_all = _AROUND.subquery()
_DEGREES = sa.select(_all.c.node, sa.func.count().label("others")).group_by(_all.c.node)
_BLOCKED = sa.select(tables.blocked.c.node).where(
    tables.blocked.c.node.in_(sa.bindparam("nodes", expanding=True))
)


def degrees(connection: sa.Connection, nodes: Iterable[str]) -> dict[str, int]:
    """To how many others each of these nodes is linked now; nodes without a link are left out."""
    counted: dict[str, int] = {}
    for part in _parts(sorted(nodes)):
        counted |= {row.node: row.others for row in connection.execute(_DEGREES, {"nodes": part})}
    return counted


def active_around(
    connection: sa.Connection, nodes: Iterable[str], *, accounts_only: bool = False
) -> dict[str, set[str]]:
    """What is linked to each of these nodes now; with `accounts_only`, the accounts among that."""
    around: dict[str, set[str]] = defaultdict(set)
    pairs = _ACCOUNTS_AROUND if accounts_only else _AROUND
    for part in _parts(sorted(nodes)):
        for node, neighbour in connection.execute(pairs, {"nodes": part}):
            around[node].add(neighbour)
    return around


def records_at(connection: sa.Connection, nodes: Iterable[str], limit: int) -> list[Link]:
    """The links that touch these nodes, revoked ones included, newest first, at most `limit`."""
    t = tables.links
    found: dict[str, Link] = {}
    for part in _parts(sorted(nodes)):
        touching = sa.or_(t.c.node.in_(part), t.c.other.in_(part))
        newest = sa.select(t).where(touching).order_by(t.c.at_ms.desc(), t.c.link).limit(limit)
        found |= {row.link: Link(*row) for row in connection.execute(newest)}
    return sorted(found.values(), key=lambda link: (-link.at_ms, link.link))[:limit]


def ever_beside(connection: sa.Connection, nodes: Iterable[str]) -> set[str]:
    """What any link of these nodes, revoked ones too, has on its other end."""
    t = tables.links.c
    found: set[str] = set()
    for part in _parts(sorted(nodes)):
        for mine, its in ((t.node, t.other), (t.other, t.node)):
            found |= set(connection.execute(sa.select(its).where(mine.in_(part)).distinct()).scalars())
    return found


def with_an_account(connection: sa.Connection, nodes: Iterable[str]) -> set[str]:
    """Which of these identifiers have a link to an account, revoked or not."""
    t = tables.links.c  # an account sorts before every other kind, so it is always `node`
    found: set[str] = set()
    for part in _parts(sorted(nodes)):
        tied = sa.select(t.other).where(t.other.in_(part), t.node.startswith(f"{ACCOUNT}:"))
        found |= set(connection.execute(tied.distinct()).scalars())
    return found


def forget_at(connection: sa.Connection, nodes: Iterable[str]) -> int:
    """Delete every link that touches these nodes; returns how many."""
    t = tables.links
    gone = 0
    for part in _parts(sorted(nodes)):
        touching = sa.or_(t.c.node.in_(part), t.c.other.in_(part))
        gone += connection.execute(sa.delete(t).where(touching)).rowcount
    return gone


def forget_old(connection: sa.Connection, now_ms: int, revoked_d: int) -> int:
    """Delete links whose kind is kept for a time only, and those revoked `revoked_d` days ago."""
    t = tables.links
    over: list[Any] = [t.c.revoked_ms < now_ms - revoked_d * DAY_MS]
    for name, kind in KINDS.items():
        if kind.keep_d:
            ends = sa.or_(t.c.node.startswith(f"{name}:"), t.c.other.startswith(f"{name}:"))
            over.append(sa.and_(ends, t.c.at_ms < now_ms - kind.keep_d * DAY_MS))
    return connection.execute(sa.delete(t).where(sa.or_(*over))).rowcount


def block(connection: sa.Connection, node: str, why: str, source: str, now_ms: int) -> None:
    """This identifier leads to nobody; blocked again, the newer reason counts."""
    unblock(connection, node)
    row = {"node": node, "why": why, "source": source, "at_ms": now_ms}
    connection.execute(sa.insert(tables.blocked), row)


def unblock(connection: sa.Connection, node: str) -> bool:
    """It may lead to somebody again. False if it was not blocked."""
    b = tables.blocked
    return connection.execute(sa.delete(b).where(b.c.node == node)).rowcount == 1


def blocked_of(connection: sa.Connection, nodes: Iterable[str]) -> set[str]:
    """Which of these nodes are blocked."""
    found: set[str] = set()
    for part in _parts(sorted(nodes)):
        found |= set(connection.execute(_BLOCKED, {"nodes": part}).scalars())
    return found


def _parts(nodes: Sequence[str]) -> Iterable[Sequence[str]]:
    for start in range(0, len(nodes), _IN_MAX):
        yield nodes[start : start + _IN_MAX]
