"""What was tried on and what became of it: for buyers and product development, article by article.

An article is one size and colour. It was tried where its tag hung in a cabin, once for each stay; it was
bought where that very tag was laid into a basket afterwards and the basket was paid for, in the cabin or at a
till. What shoppers asked for instead says why: the next size up is another reason than another colour.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from central.db import tables

_m, _s, _l = tables.garment_moves, tables.sales, tables.sale_lines


@dataclass(slots=True)
class Fitted:
    """One article: in how many stays it was tried, in how many of them bought, and what was asked for."""

    gtin: str
    tried: int = 0
    bought: int = 0
    asked_instead: dict[str, int] = field(default_factory=dict)
    """How often each other article was asked for by who had this one."""


def fitted(
    connection: sa.Connection, stores: tuple[str, ...], from_ms: int, until_ms: int, *, most: int
) -> list[Fitted]:
    """What was tried on from one moment up to another, the most tried first, at most so many articles.

    No stores means all of them. What was bought later than `until_ms` counts, too.
    """
    found: dict[str, Fitted] = {}
    for gtin, times in connection.execute(_stays(stores, from_ms, until_ms).limit(most)):
        found[gtin] = Fitted(gtin, tried=times)
    for gtin, times in connection.execute(_stays(stores, from_ms, until_ms).where(_was_bought())):
        if gtin in found:
            found[gtin].bought = times
    asked: dict[str, dict[str, int]] = defaultdict(dict)
    for gtin, wanted, times in connection.execute(_asked(stores, from_ms, until_ms)):
        asked[gtin][wanted] = times
    for gtin, wanted_times in asked.items():
        if gtin in found:
            found[gtin].asked_instead = wanted_times
    return list(found.values())


def _span(what: str, stores: tuple[str, ...], from_ms: int, until_ms: int) -> list[sa.ColumnElement[bool]]:
    where = [_m.c.what == what, _m.c.time_ms >= from_ms, _m.c.time_ms < until_ms]
    return [*where, _m.c.store.in_(stores)] if stores else where


def _stays(stores: tuple[str, ...], from_ms: int, until_ms: int) -> sa.Select[Any]:
    """Each article with the number of stays in which it was tried."""
    times = sa.func.count(sa.distinct(_m.c.store + "/" + _m.c.about))
    return (
        sa.select(_m.c.gtin, times)
        .where(*_span("tried", stores, from_ms, until_ms))
        .group_by(_m.c.gtin)
        .order_by(times.desc(), _m.c.gtin)
    )


def _was_bought() -> sa.ColumnElement[bool]:
    """The very tag was laid into a basket at that time or later, and that was paid with the article in it."""
    laid = _m.alias("laid")
    return sa.exists().where(
        laid.c.store == _m.c.store,
        laid.c.epc == _m.c.epc,
        laid.c.what == "laid",
        laid.c.time_ms >= _m.c.time_ms,
        _s.c.store == laid.c.store,
        _s.c.basket == laid.c.about,
        _l.c.store == _s.c.store,
        _l.c.epoch == _s.c.epoch,
        _l.c.number == _s.c.number,
        _l.c.gtin == _m.c.gtin,
        _l.c.kind == "goods",
    )


def _asked(stores: tuple[str, ...], from_ms: int, until_ms: int) -> sa.Select[Any]:
    return (
        sa.select(_m.c.gtin, _m.c.wanted_gtin, sa.func.count())
        .where(*_span("asked", stores, from_ms, until_ms))
        .group_by(_m.c.gtin, _m.c.wanted_gtin)
        .order_by(_m.c.gtin, sa.func.count().desc(), _m.c.wanted_gtin)
    )
