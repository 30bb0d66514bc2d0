"""Parked baskets: where each waits, and under which code."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from checkout.basket import Parked
from store_edge.db import tables as t
from store_edge.db.pages.sheet import Sheet

_parked = select(*(t.parked_baskets.c[name] for name in ("basket", "code", "lane", "at", "until")))
parked_baskets = _parked.order_by(t.parked_baskets.c.at, t.parked_baskets.c.basket)
"""All of them, the oldest first."""


class ParkingPages(Sheet):
    """The page's parked baskets."""

    def parked(self) -> Sequence[Parked]:
        return [Parked(*row) for row in self.connection.execute(parked_baskets)]

    def parked_under(self, code: str) -> Parked | None:
        row = self.connection.execute(_parked.where(t.parked_baskets.c.code == code)).first()
        return Parked(*row) if row is not None else None

    def save_parked(self, parked: Parked) -> None:
        self.connection.execute(
            insert(t.parked_baskets).values(
                basket=parked.basket, code=parked.code, lane=parked.lane, at=parked.at, until=parked.until
            )
        )

    def forget_parked(self, basket: str) -> None:
        self.connection.execute(delete(t.parked_baskets).where(t.parked_baskets.c.basket == basket))
