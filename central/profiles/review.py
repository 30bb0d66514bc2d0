"""What a person at head office should look at: things of two people, too many of a kind, likely matches.

All of it is worked out when asked, and nothing follows from it by itself: a likely match becomes one person
only when somebody proves it with a link. Names are compared only between people who share a thing and who
agree to be remembered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import sqlalchemy as sa
from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from central.db import tables
from central.profiles import consent
from central.profiles.kinds import ACCOUNT, KINDS, key_id_of
from central.profiles.links import blocked_of
from central.profiles.person import read_person
from central.profiles.profile import read_profile
from central.profiles.seal import PersonKey, key_by_id

LIKELY_MIN = 85
"""So alike, out of 100, must two nicknames be (rapidfuzz's WRatio)."""
ACCOUNTS_COMPARED_MAX = 8
_NOBODY = frozenset({"", "guest", "gast"})  # what the account page writes for those who gave no name
_A = f"{ACCOUNT}:"
_FEW = min(kind.each_max for kind in KINDS.values())


class ReviewUnknown(Exception):
    """This is no review's id."""


@dataclass(frozen=True, slots=True)
class Review:
    """`kind`: shared (a thing of several people), likely (two people who may be one), too_many.

    `about` is the thing's node, or the trouble. `alike` is 0 to 100 for likely matches.
    """

    review: str
    kind: Literal["shared", "likely", "too_many"]
    about: str
    accounts: tuple[str, ...]
    alike: int | None = None


def queue(connection: sa.Connection, limit: int) -> list[Review]:
    """At most `limit` of each kind that nobody has looked at yet."""
    found = [*_shared(connection, limit), *_too_many(connection, limit)]
    seen = _seen(connection, [one.review for one in found])
    return [one for one in found if one.review not in seen]


def settle(connection: sa.Connection, review: str, outcome: str, source: str, now_ms: int) -> None:
    """Somebody has looked: it does not come again unless who is in it changes. Raises `ReviewUnknown`."""
    if len(review) != 32 or set(review) - set("0123456789abcdef"):
        raise ReviewUnknown
    r = tables.reviewed
    connection.execute(sa.delete(r).where(r.c.review == review))
    row = {"review": review, "outcome": outcome, "source": source, "at_ms": now_ms}
    connection.execute(sa.insert(r), row)


def _shared(connection: sa.Connection, limit: int) -> Iterator[Review]:
    t = tables.links.c
    several = (
        sa.select(t.other)
        .where(t.node.startswith(_A), ~t.other.startswith(_A), t.revoked_ms.is_(None))
        .group_by(t.other)
        .having(sa.func.count(t.node.distinct()) > 1)
        .order_by(t.other)
        .limit(limit)
    )
    nodes = list(connection.execute(several).scalars())
    blocked = blocked_of(connection, nodes)
    for node in nodes:
        if node in blocked:
            continue
        linked = sa.select(t.node).where(t.other == node, t.node.startswith(_A), t.revoked_ms.is_(None))
        few = linked.distinct().order_by(t.node).limit(ACCOUNTS_COMPARED_MAX)
        theirs = list(connection.execute(few).scalars())
        persons = {read_person(connection, account).accounts for account in theirs}
        if len(persons) > 1:
            keys = _keys(connection, sorted(person[0] for person in persons))
            yield _review("shared", node, keys)
            yield from _likely(connection, node, keys)


def _likely(connection: sa.Connection, node: str, keys: list[PersonKey]) -> Iterator[Review]:
    named = [(key, name) for key in keys if (name := _name(connection, key)) not in _NOBODY]
    for (one, name), (other, another) in combinations(named, 2):
        alike = round(fuzz.WRatio(name, another))
        if alike >= LIKELY_MIN:
            yield _review("likely", node, [one, other], alike)


def _name(connection: sa.Connection, key: PersonKey) -> str:
    if "history" not in consent.granted(connection, key.account):
        return ""
    return default_process(read_profile(connection, key).nickname)


def _too_many(connection: sa.Connection, limit: int) -> Iterator[Review]:
    t = tables.links.c
    many = (
        sa.select(t.node)
        .where(t.node.startswith(_A), t.revoked_ms.is_(None))
        .group_by(t.node)
        .having(sa.func.count(t.other.distinct()) > _FEW)
        .order_by(t.node)
        .limit(limit)
    )
    for node in connection.execute(many).scalars().all():
        person = read_person(connection, node)
        for trouble in person.troubles:
            yield _review("too_many", trouble, _keys(connection, person.accounts))


def _keys(connection: sa.Connection, nodes: Iterable[str]) -> list[PersonKey]:
    keys = (key_by_id(connection, key_id_of(node)) for node in nodes)
    return [key for key in keys if key]


def _review(
    kind: Literal["shared", "likely", "too_many"], about: str, keys: list[PersonKey], alike: int | None = None
) -> Review:
    told = "|".join([kind, about, *sorted(key.key_id for key in keys)])
    accounts = tuple(sorted(key.account for key in keys))
    return Review(hashlib.sha256(told.encode()).hexdigest()[:32], kind, about, accounts, alike)


def _seen(connection: sa.Connection, reviews: list[str]) -> set[str]:
    r = tables.reviewed.c
    return set(connection.execute(sa.select(r.review).where(r.review.in_(reviews))).scalars())
