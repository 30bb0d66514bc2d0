"""Who is one person: what the active links say, worked out whenever it is asked.

Nothing of a merge is stored but its link, so a revoked link leaves no trace and the order of links and
revocations cannot matter. The rules, the same from wherever one looks:

1. Accounts are one person where a link between the two says so. Nothing else makes two accounts one.
2. An identifier linked to an account is that person's. Linked to accounts of two persons it is *contested*:
   it leads to neither.
3. Identifiers linked to no account belong, as a group, to the person whose identifiers they hang on. A group
   that touches two persons, or something contested, is contested.
4. What is blocked, or linked to more than CROWD_MAX others, leads to nobody.
5. Beyond a limit (accounts of one person, their identifiers in all, those of a kind) nothing is joined that
   goes beyond it, and a person is told: `Person.troubles`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from central.db import tables
from central.profiles.kinds import ACCOUNT, KINDS, account_node, is_account, key_id_of, kind_of
from central.profiles.links import active_around, blocked_of, degrees
from central.profiles.seal import PersonKey, key_by_id

ACCOUNTS_MAX = KINDS[ACCOUNT].each_max
CROWD_MAX = 200
IDENTIFIERS_MAX = 2_000
RINGS_MAX = 16
"""So many steps from an account is an identifier looked for."""


@dataclass(frozen=True, slots=True)
class Person:
    """`accounts` and `identifiers` are nodes in order; `contested` are theirs and somebody else's too.

    `troubles`: too_many_accounts, too_many_identifiers, or too_many_ and a kind.
    """

    accounts: tuple[str, ...]
    identifiers: tuple[str, ...] = ()
    contested: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()


def read_person(connection: sa.Connection, account: str) -> Person:
    """The person of an account, given as its node. At most IDENTIFIERS_MAX identifiers are looked at."""
    cluster = _cluster(connection, account)
    if cluster is None:
        return Person((account,), troubles=("too_many_accounts",))
    accounts = frozenset(cluster)
    found = _Found(connection, accounts)
    try:
        found.look()
    except _TooMany:
        return Person(tuple(sorted(accounts)), troubles=("too_many_identifiers",))
    counted = Counter(kind_of(node) for node in found.mine)
    over = {kind for kind, count in counted.items() if count > KINDS[kind].each_max}
    mine = (node for node in found.mine if kind_of(node) not in over)
    return Person(
        tuple(sorted(accounts)),
        tuple(sorted(mine)),
        tuple(sorted(found.contested)),
        tuple(sorted(f"too_many_{kind}" for kind in over)),
    )


def keys_of(connection: sa.Connection, key: PersonKey) -> list[PersonKey]:
    """The keys of all accounts of this person, this one first."""
    cluster = _cluster(connection, account_node(key.key_id)) or ()
    others = (key_by_id(connection, key_id_of(node)) for node in sorted(cluster))
    return [key, *(other for other in others if other and other.key_id != key.key_id)]


def accounts_behind(connection: sa.Connection, node: str) -> tuple[str, ...]:
    """The accounts, as nodes, of the one person whom an identifier leads to; empty if to nobody."""
    seen, frontier = {node}, {node}
    anchors: set[str] = set()
    for _ in range(RINGS_MAX + 1):
        if anchors or not frontier or len(seen) > IDENTIFIERS_MAX:
            break
        around = _open_around(connection, frontier)
        anchors = {other for others in around.values() for other in others if is_account(other)}
        beside = {other for others in around.values() for other in others} - seen
        frontier = beside - blocked_of(connection, beside)
        seen |= beside
    if not anchors:
        return ()
    person = read_person(connection, min(anchors))
    return person.accounts if node in person.identifiers else ()


def dump_persons(connection: sa.Connection) -> bytes:
    """Every person as one canonical text: equal bytes mean that the links say the same."""
    keys = connection.execute(sa.select(tables.person_keys.c.key_id)).scalars().all()
    persons = {read_person(connection, account_node(key_id)) for key_id in keys}
    return msgspec.json.encode(sorted(persons, key=lambda person: person.accounts))


class _TooMany(Exception):
    pass


class _Found:
    """What hangs on a person's accounts: looked at once, ring by ring."""

    def __init__(self, connection: sa.Connection, accounts: frozenset[str]) -> None:
        self._connection = connection
        self._accounts = accounts
        self._around: dict[str, set[str]] = {}
        self.mine: set[str] = set()
        self.contested: set[str] = set()

    def look(self) -> None:
        """Fill `mine` and `contested`. Raises `_TooMany`."""
        linked = degrees(self._connection, self._accounts)
        if sum(linked.values()) > IDENTIFIERS_MAX:
            raise _TooMany
        around = active_around(self._connection, self._accounts)
        direct = {node for others in around.values() for node in others if not is_account(node)}
        self._read(direct)
        self.contested = {node for node in direct if not self._only_mine(node)}
        self.mine = direct - self.contested - blocked_of(self._connection, direct)
        self.contested -= blocked_of(self._connection, self.contested)
        for group in self._groups():
            border = {other for node in group for other in self._around[node]} - group
            free = border - blocked_of(self._connection, border)
            theirs = self.mine if free <= self.mine else self.contested
            theirs |= group

    def _groups(self) -> list[set[str]]:
        """Identifiers without an account that hang on mine, each group with all that hangs together."""
        loose: set[str] = set()
        frontier = self._loose_beside(self.mine)
        for _ in range(RINGS_MAX):
            loose |= frontier
            frontier = self._loose_beside(frontier) - loose
        if frontier:
            raise _TooMany
        groups: list[set[str]] = []
        while loose:
            group, edge = set[str](), {min(loose)}
            while edge:
                group |= edge
                edge = {other for node in edge for other in self._around[node]} & loose - group
            loose -= group
            groups.append(group)
        return groups

    def _loose_beside(self, nodes: Iterable[str]) -> set[str]:
        beside = {other for node in nodes for other in self._around[node] if not is_account(other)}
        self._read(beside - self._around.keys())
        blocked = blocked_of(self._connection, beside)
        return {node for node in beside - blocked if self._around[node] and not self._anchors(node)}

    def _read(self, nodes: set[str]) -> None:
        """What is around these nodes; nothing around one in a crowd, so that it leads nowhere."""
        self._around |= {node: set() for node in nodes} | _open_around(self._connection, nodes)
        if len(self._around) > IDENTIFIERS_MAX:
            raise _TooMany

    def _anchors(self, node: str) -> set[str]:
        return {other for other in self._around[node] if is_account(other)}

    def _only_mine(self, node: str) -> bool:
        anchors = self._anchors(node)
        return bool(anchors) and anchors <= self._accounts


def _open_around(connection: sa.Connection, nodes: Iterable[str]) -> dict[str, set[str]]:
    """What is around these identifiers, without those in a crowd."""
    counted = degrees(connection, nodes)
    return active_around(connection, {node for node, count in counted.items() if count <= CROWD_MAX})


def _cluster(connection: sa.Connection, account: str) -> set[str] | None:
    """The accounts that links between accounts make one person; None if they are too many."""
    cluster, frontier = {account}, {account}
    while frontier:
        around = active_around(connection, frontier, accounts_only=True)
        frontier = {other for others in around.values() for other in others} - cluster
        cluster |= frontier
        if len(cluster) > ACCOUNTS_MAX:
            return None
    return cluster
