"""What was bought at given visits: the one question about sales that is asked for a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from central.db import tables

_IN_MAX = 400  # pairs in one IN list


@dataclass(frozen=True, slots=True)
class BoughtLine:
    """Money in minor units, weight in grams (0 where sold by the piece).

    `brought_back` is how many of its pieces came back with this receipt, as far as stores have told.
    """

    gtin: str
    quantity: int
    weight_g: int
    total_minor: int
    kind: str = "goods"
    deposit_minor: int = 0
    points_times: int = 1
    brought_back: int = 0


@dataclass(frozen=True, slots=True)
class Purchase:
    """One paid sale. `time_ms` by the store's clock, in ms since 1970."""

    store: str
    epoch: str
    number: int
    lane: str
    time_ms: int
    visit: str
    receipt: int
    total_minor: int
    currency: str
    lines: tuple[BoughtLine, ...]
    basket: str = ""

    @property
    def place(self) -> tuple[str, str, int]:
        return (self.store, self.epoch, self.number)


def purchases_at(connection: sa.Connection, visits: Sequence[tuple[str, str]]) -> list[Purchase]:
    """Every sale of these (store, visit) pairs with its lines, newest first."""
    found: list[Purchase] = []
    for start in range(0, len(visits), _IN_MAX):
        found += _part(connection, visits[start : start + _IN_MAX])
    found.sort(key=lambda purchase: (-purchase.time_ms, purchase.place))
    return found


def _part(connection: sa.Connection, visits: Iterable[tuple[str, str]]) -> list[Purchase]:
    s, n = tables.sales.c, tables.sale_lines.c
    theirs = sa.tuple_(s.store, s.visit).in_(list(visits))
    rows = connection.execute(
        sa.select(
            n.store,
            n.epoch,
            n.number,
            n.gtin,
            n.quantity,
            n.weight_g,
            n.total_minor,
            n.kind,
            n.deposit_minor,
            n.points_times,
        )
        .join(tables.sales, sa.and_(s.store == n.store, s.epoch == n.epoch, s.number == n.number))
        .where(theirs)
        .order_by(n.line)
    )
    lines: dict[tuple[str, str, int], list[BoughtLine]] = defaultdict(list)
    for store, epoch, number, *line in rows:
        lines[store, epoch, number].append(BoughtLine(*line))
    sales = connection.execute(
        sa.select(
            s.store,
            s.epoch,
            s.number,
            s.lane,
            s.time_ms,
            s.visit,
            s.receipt,
            s.total_minor,
            s.currency,
            s.basket,
        ).where(theirs)
    )
    purchases = [
        Purchase(**row._mapping, lines=tuple(lines[row.store, row.epoch, row.number])) for row in sales
    ]
    return _without_returns(connection, purchases)


def _without_returns(connection: sa.Connection, purchases: list[Purchase]) -> list[Purchase]:
    """The purchases, each line knowing what came back of it."""
    r = tables.returned_lines.c
    of = sa.tuple_(r.store, r.of_receipt).in_({(sale.store, sale.receipt) for sale in purchases})
    rows = connection.execute(
        sa.select(r.store, r.of_receipt, r.of_line, r.gtin, sa.func.sum(r.quantity))
        .where(of)
        .group_by(r.store, r.of_receipt, r.of_line, r.gtin)
    )
    back = {(store, receipt, line, gtin): int(pieces) for store, receipt, line, gtin, pieces in rows}
    return [replace(sale, lines=tuple(_lines(sale, back))) for sale in purchases] if back else purchases


def _lines(sale: Purchase, back: dict[tuple[str, int, int, str], int]) -> Iterable[BoughtLine]:
    """A receipt number that a restored store gave twice is told apart by the article."""
    for number, line in enumerate(sale.lines, start=1):
        pieces = back.get((sale.store, sale.receipt, number, line.gtin), 0)
        yield replace(line, brought_back=pieces) if pieces else line
