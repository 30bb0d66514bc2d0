"""A member's points: read out of what stores told, by the rules that the stores have too.

Nothing is kept but facts, so there is nothing that could be wrong or out of date (`checkout.loyalty.ledger`).
The facts come in one order whatever order they arrived in: by our clock, as `profiles.remembered` reads it,
then by their place in their journal. What is lent to a visit is kept, because it was promised.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from central.clock import from_ms
from central.db import tables
from central.db.upsert import insert_new
from central.profiles.identity import Claim, holder_of, token_of_visit
from central.profiles.purchases import BoughtLine, Purchase
from central.profiles.remembered import Remembered, moment_ms, remembered
from central.profiles.seal import PersonKey
from central.settings import Limits
from checkout.loyalty.earning import counted_minor
from checkout.loyalty.ledger import Bought, BroughtBack, Fact, GivenBack, Ledger, Spent, book
from checkout.loyalty.programme import Programme

_IN_MAX = 400  # pairs in one IN list
_MINUTE_MS = 60_000
_AFTER_ITS_SALE = 1

Pair = TypeVar("Pair", tuple[str, str], tuple[str, int])
_Order = tuple[int, int, str, str, int]


@dataclass(frozen=True, slots=True)
class Member:
    """A member's books; `receipts` finds the purchase behind an entry's `sale`."""

    ledger: Ledger
    receipts: Mapping[str, Purchase]
    visits: tuple[tuple[str, str], ...]
    paid: frozenset[tuple[str, str]]
    """The visits that have ended with a sale, by store and visit."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Points that a visit may spend without asking. `ends_ms` in ms since 1970."""

    points: int
    ends_ms: int


def member_of(
    connection: sa.Connection, key: PersonKey, programme: Programme, now_ms: int, *, visits_max: int
) -> Member | None:
    """The member's books as they stand now; None without consent to `loyalty`."""
    known = remembered(connection, key, since_ms=0, visits_max=visits_max, purpose="loyalty")
    if known is None:
        return None
    claims = {claim.place: claim for claim in known.visits}
    paid_ms = {
        sale.place: _moment(known, claims, (sale.store, sale.visit), sale.time_ms) for sale in known.purchases
    }
    facts = [
        *_bought(known.purchases, paid_ms, programme),
        *_moved(connection, known, claims, programme),
        *_brought_back(connection, known.purchases, paid_ms, programme),
    ]
    facts.sort(key=lambda one: one[0])
    return Member(
        book((fact for _, fact in facts), programme, programme.day(from_ms(now_ms))),
        {_sale(sale.store, sale.basket): sale for sale in known.purchases},
        tuple(claims),
        frozenset((sale.store, sale.visit) for sale in known.purchases),
    )


def member_at(
    connection: sa.Connection, store: str, visit: str, programme: Programme, now_ms: int, limits: Limits
) -> Member | None:
    """The books of whoever's visit this is; None for a stranger, and without consent."""
    claim = token_of_visit(connection, store, visit)
    key = holder_of(connection, claim.jti) if claim else None
    if key is None:
        return None
    return member_of(connection, key, programme, now_ms, visits_max=limits.ledger_visits_max)


def lend(
    connection: sa.Connection, member: Member, store: str, visit: str, programme: Programme, now_ms: int
) -> Lease:
    """Lend a visit what nobody else has been lent; asked again it is the same lease."""
    leases = tables.leases
    mine = sa.select(leases.c.points, leases.c.ends_ms).where(
        leases.c.store == store, leases.c.visit == visit
    )
    kept = connection.execute(mine).one_or_none()
    if kept is None:
        rules = programme.on(programme.day(from_ms(now_ms)))
        free = max(0, member.ledger.balance - _lent(connection, member, now_ms))
        points = min(free, rules.lease_points_max)
        row = {
            "store": store,
            "visit": visit,
            "points": points if points >= rules.spend_points_min else 0,
            "at_ms": now_ms,
            "ends_ms": now_ms + rules.lease_minutes * _MINUTE_MS,
        }
        insert_new(connection, leases, [row])
        kept = connection.execute(mine).one()
    return Lease(*kept)


def _lent(connection: sa.Connection, member: Member, now_ms: int) -> int:
    """What other visits of this member may still spend: leases not over, less what they have spent."""
    spent: Counter[tuple[str, str]] = Counter()
    for store, visit, points in _of_visits(connection, tables.point_moves, member.visits, "points"):
        spent[store, visit] += points
    return sum(
        max(0, points - spent[store, visit])
        for store, visit, points, ends_ms in _of_visits(
            connection, tables.leases, member.visits, "points", "ends_ms"
        )
        if ends_ms > now_ms and (store, visit) not in member.paid
    )


# Facts, each with its place in the one order


def _bought(
    purchases: Iterable[Purchase], paid_ms: Mapping[tuple[str, str, int], int], programme: Programme
) -> Iterable[tuple[_Order, Fact]]:
    for sale in purchases:
        at_ms = paid_ms[sale.place]
        yield (
            (at_ms, 0, *sale.place),
            Bought(_sale(sale.store, sale.basket), programme.day(from_ms(at_ms)), counted_minor(sale.lines)),
        )


def _moved(
    connection: sa.Connection,
    known: Remembered,
    claims: Mapping[tuple[str, str], Claim],
    programme: Programme,
) -> Iterable[tuple[_Order, Fact]]:
    columns = ("epoch", "number", "time_ms", "basket", "points")
    for store, visit, epoch, number, time_ms, basket, points in _of_visits(
        connection, tables.point_moves, list(claims), *columns
    ):
        at_ms = _moment(known, claims, (store, visit), time_ms)
        on, sale = programme.day(from_ms(at_ms)), _sale(store, basket)
        fact = Spent(sale, on, points) if points > 0 else GivenBack(sale, on, -points)
        yield (at_ms, 0, store, epoch, number), fact


def _brought_back(
    connection: sa.Connection,
    purchases: Iterable[Purchase],
    paid_ms: Mapping[tuple[str, str, int], int],
    programme: Programme,
) -> Iterable[tuple[_Order, Fact]]:
    """What came back of these purchases; it counts as long after the sale as the store's clock says."""
    sold = {(sale.store, sale.receipt): sale for sale in purchases}
    r = tables.returned_lines.c
    for part in _parts(sorted(sold)):
        rows = connection.execute(
            sa.select(
                r.store,
                r.epoch,
                r.number,
                r.time_ms,
                r.of_receipt,
                r.of_line,
                r.gtin,
                r.quantity,
                r.total_minor,
            ).where(sa.tuple_(r.store, r.of_receipt).in_(part))
        )
        for row in rows:
            sale = sold[row.store, row.of_receipt]
            line = sale.lines[row.of_line - 1] if 0 < row.of_line <= len(sale.lines) else None
            if line is None or line.gtin != row.gtin:  # a receipt number that a restored store gave twice
                continue
            at_ms = paid_ms[sale.place] + max(0, row.time_ms - sale.time_ms)
            fact = BroughtBack(
                _sale(sale.store, sale.basket),
                programme.day(from_ms(at_ms)),
                _counted_back(line, row.quantity, -row.total_minor),
            )
            yield (at_ms, _AFTER_ITS_SALE, row.store, row.epoch, row.number), fact


def _counted_back(line: BoughtLine, quantity: int, total_minor: int) -> int:
    """What counted of pieces that came back, as `counted_minor` counted their line: without deposit."""
    deposit_minor = line.deposit_minor * quantity // line.quantity if line.quantity else 0
    back = BoughtLine(line.gtin, quantity, 0, total_minor, line.kind, deposit_minor, line.points_times)
    return counted_minor([back])


def _moment(
    known: Remembered, claims: Mapping[tuple[str, str], Claim], place: tuple[str, str], time_ms: int
) -> int:
    return moment_ms(time_ms, claims[place], known.shown_ms[place])


def _sale(store: str, basket: str) -> str:
    return f"{store}:{basket}"


def _of_visits(
    connection: sa.Connection, table: sa.Table, visits: Sequence[tuple[str, str]], *columns: str
) -> Iterable[Any]:
    """The rows of these (store, visit) pairs, each beginning with its pair."""
    c = table.c
    for part in _parts(visits):
        wanted = sa.select(c.store, c.visit, *(c[name] for name in columns))
        yield from connection.execute(wanted.where(sa.tuple_(c.store, c.visit).in_(part)))


def _parts(pairs: Sequence[Pair]) -> Iterable[list[Pair]]:
    for start in range(0, len(pairs), _IN_MAX):
        yield list(pairs[start : start + _IN_MAX])
