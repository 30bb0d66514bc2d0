"""Which promotions ran in a store when it made a sale."""

from __future__ import annotations

from bisect import bisect_left
from functools import cache

import msgspec
import sqlalchemy as sa

from central.centre import Centre
from central.db import tables
from checkout.promotions import Promotion, WrongTerms, build

_terms = msgspec.json.Decoder(dict[str, object])


class RanThere:
    """Which promotions ran in one store, as its journal told it: by the order of entries, never by clocks."""

    def __init__(self, centre: Centre, store: str) -> None:
        self._centre = centre
        self._store = store
        self.of = cache(self._of)

    def before(self, epoch: str, number: int) -> tuple[Promotion, ...] | None:
        """What ran when this entry was written; None where one of them cannot be built here."""
        told = self.of(epoch)
        return told.at(bisect_left(told.numbers, number))

    def _of(self, epoch: str) -> _Told:
        p = tables.promotions.c
        query = (
            sa.select(p.number, p.promotion, p.kind, p.terms)
            .where(p.store == self._store, p.epoch == epoch)
            .order_by(p.number)
        )
        with self._centre.database.read() as connection:
            return _Told([tuple(row) for row in connection.execute(query)])


class _Told:
    """What one epoch told of its promotions."""

    def __init__(self, rows: list[tuple[int, str, str, str]]) -> None:
        self.numbers = [number for number, *_ in rows]
        self._rows = rows
        self.at = cache(self._at)

    def _at(self, count: int) -> tuple[Promotion, ...] | None:
        """What runs after so many rows."""
        running: dict[str, tuple[str, str]] = {}
        for _, promotion, kind, terms in self._rows[:count]:
            running.pop(promotion, None)
            if kind:
                running[promotion] = (kind, terms)
        built = [_built(id, kind, terms) for id, (kind, terms) in sorted(running.items())]
        known = tuple(promotion for promotion in built if promotion is not None)
        return known if len(known) == len(built) else None


def _built(id: str, kind: str, terms: str) -> Promotion | None:
    """The promotion as the store told it: times are those on its wall. None where that makes none here."""
    try:
        return build(kind, id, _terms.decode(terms))
    except WrongTerms:
        return None
