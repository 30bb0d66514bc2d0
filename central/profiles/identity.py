"""Who is who: a sign-in key or a shown token to a person, and a person to their visits.

What leads to a person is sealed under the person's key beside a random key id; the table of keys alone
tells whose it is. Which visit a token belongs to is decided when read, from all that is known: a visit
redeemed online has it; otherwise the visit that showed it first. A visit, likewise, has one token. First
means the lowest number within one journal, and the earlier time between journals, which have no other order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from central import keys
from central.clock import Chance
from central.db import tables
from central.profiles.seal import PersonKey, SealBroken, key_by_id

SIGN_IN = "sign_in_key"


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """A token shown at a visit. `epoch` is "" and `number` 0 where it was redeemed online."""

    store: str
    visit: str
    jti: str
    time_ms: int
    lane: str
    epoch: str = ""
    number: int = 0
    basket: str = ""

    @property
    def place(self) -> tuple[str, str]:
        return (self.store, self.visit)


def link(
    connection: sa.Connection, key: PersonKey, kind: str, secret: str, now_ms: int, chance: Chance
) -> None:
    """From now on `secret` (a sign-in key, later a card's number) leads to this person."""
    digest = keys.digest(secret)
    row = {
        "kind": kind,
        "digest": digest,
        "key_id": key.key_id,
        "sealed": key.seal(key.account.encode(), f"identifiers:{kind}:{digest.hex()}", chance),
        "linked_ms": now_ms,
    }
    connection.execute(sa.insert(tables.identifiers), row)


def unlink(connection: sa.Connection, kind: str, secret: str) -> bool:
    """`secret` leads to nobody any more. False if it led to nobody before."""
    i = tables.identifiers
    done = connection.execute(sa.delete(i).where(i.c.kind == kind, i.c.digest == keys.digest(secret)))
    return done.rowcount == 1


def person_of(connection: sa.Connection, kind: str, secret: str) -> PersonKey | None:
    """Whom `secret` leads to; None if nobody."""
    i = tables.identifiers
    digest = keys.digest(secret)
    row = connection.execute(
        sa.select(i.c.key_id, i.c.sealed).where(i.c.kind == kind, i.c.digest == digest)
    ).one_or_none()
    return (
        _opened(connection, row.key_id, bytes(row.sealed), f"identifiers:{kind}:{digest.hex()}")
        if row
        else None
    )


def holder_of(connection: sa.Connection, jti: str) -> PersonKey | None:
    """Whose token this is; None if unknown or its owner erased."""
    t = tables.tokens
    row = connection.execute(sa.select(t.c.key_id, t.c.sealed).where(t.c.jti == jti)).one_or_none()
    return _opened(connection, row.key_id, bytes(row.sealed), f"tokens:{jti}") if row else None


def visit_of_token(connection: sa.Connection, jti: str) -> Claim | None:
    """The visit that a token was used for, if any."""
    claims = _claims(connection, tables.claims.c.jti == jti)
    redeemed = _redemptions(connection, tables.redemptions.c.jti == jti)
    return first(redeemed) or first(claims)


def token_of_visit(connection: sa.Connection, store: str, visit: str) -> Claim | None:
    """The token that was shown at a visit, if any."""
    c, r = tables.claims, tables.redemptions
    redeemed = _redemptions(connection, sa.and_(r.c.store == store, r.c.visit == visit))
    return first(redeemed) or first(_claims(connection, sa.and_(c.c.store == store, c.c.visit == visit)))


def visits_of(connection: sa.Connection, key: PersonKey, since_ms: int) -> list[Claim]:
    """The visits of a person since a time, newest first; what may be used is `remembered`'s to say."""
    c, r, t = tables.claims, tables.redemptions, tables.tokens
    theirs = sa.select(t.c.jti).where(t.c.key_id == key.key_id)
    mine = _claims(connection, c.c.jti.in_(theirs))
    redeemed = _redemptions(connection, r.c.jti.in_(theirs))
    # Rivals: other tokens shown at the same visits.
    also = sa.select(c.c.store, c.c.visit).where(c.c.jti.in_(theirs))
    also_online = sa.select(r.c.store, r.c.visit).where(r.c.jti.in_(theirs))
    at_mine = sa.tuple_(c.c.store, c.c.visit)
    rivals = _claims(connection, sa.or_(at_mine.in_(also), at_mine.in_(also_online)))
    rivals_online = _redemptions(connection, sa.tuple_(r.c.store, r.c.visit).in_(also))
    jtis = {claim.jti for claim in (*mine, *redeemed)}
    won = _winners({*mine, *rivals}, {*redeemed, *rivals_online})
    visits = [claim for claim in won if claim.jti in jtis and claim.time_ms >= since_ms]
    visits.sort(key=lambda claim: (-claim.time_ms, claim.place))
    return visits


def first(claims: Iterable[Claim]) -> Claim | None:
    """The earliest claim: by number within a journal, by time (then by name) between journals."""
    heads: dict[tuple[str, str], Claim] = {}
    for claim in claims:
        journal = (claim.store, claim.epoch)
        if journal not in heads or claim.number < heads[journal].number:
            heads[journal] = claim
    return min(heads.values(), key=lambda c: (c.time_ms, c.store, c.epoch, c.number), default=None)


def _winners(claims: set[Claim], redeemed: set[Claim]) -> list[Claim]:
    """One claim per visit that holds against every rival for its token and for its visit."""
    by_token: dict[str, list[Claim]] = defaultdict(list)
    by_visit: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for claim in claims:
        by_token[claim.jti].append(claim)
        by_visit[claim.place].append(claim)
    online_token = {claim.jti: claim.place for claim in redeemed}
    online_visit = {claim.place: claim.jti for claim in redeemed}
    won: dict[tuple[str, str], Claim] = {claim.place: claim for claim in redeemed}
    for claim in sorted(claims, key=lambda c: (c.place, c.epoch, c.number)):
        head, rival = first(by_token[claim.jti]), first(by_visit[claim.place])
        place = online_token.get(claim.jti, head.place if head else claim.place)
        jti = online_visit.get(claim.place, rival.jti if rival else claim.jti)
        known = won.get(claim.place)
        if (place, jti) == (claim.place, claim.jti) and (known is None or not known.epoch):
            won[claim.place] = claim  # the journal's own time counts, also where it was redeemed online
    return list(won.values())


def _claims(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[Claim]:
    c = tables.claims.c
    rows = connection.execute(
        sa.select(c.store, c.visit, c.jti, c.time_ms, c.lane, c.epoch, c.number, c.basket).where(which)
    )
    return [Claim(*row) for row in rows]


def _redemptions(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[Claim]:
    r = tables.redemptions.c
    rows = connection.execute(sa.select(r.store, r.visit, r.jti, r.at_ms, r.lane).where(which))
    return [Claim(*row) for row in rows]


def _opened(connection: sa.Connection, key_id: str, sealed: bytes, label: str) -> PersonKey | None:
    key = key_by_id(connection, key_id)
    if key is None:
        return None
    if key.unseal(sealed, label) != key.account.encode():
        raise SealBroken
    return key
