"""What is in stock, and where it should be found: `mirror.ports.Stock`, to look at and to fill.

A count is somebody's or something's that looked; what is sold and brought back moves it from then on
(`reactions.py`). An article that nobody counted is neither there nor not there.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import insert, select, update

from store_edge.db import tables as t
from store_edge.db.engine import Database


class StoreStock:
    """The stock of one store, by article."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pieces(self, gtin: str) -> int | None:
        """How many are there to be sold; None where nobody counted."""
        with self._database.read() as connection:
            return connection.execute(select(t.stock.c.pieces).where(t.stock.c.gtin == gtin)).scalar()

    def position(self, gtin: str) -> str:
        """Where it should be found, in the shop's own words; "" if nobody said."""
        with self._database.read() as connection:
            found = connection.execute(select(t.stock.c.position).where(t.stock.c.gtin == gtin)).scalar()
            return found or ""

    def count(self, pieces: Mapping[str, int]) -> None:
        """So many of each article were counted."""
        self._put({gtin: {"pieces": many} for gtin, many in pieces.items()})

    def place(self, positions: Mapping[str, str]) -> None:
        """Each article should be found there."""
        self._put({gtin: {"position": position} for gtin, position in positions.items()})

    def _put(self, facts: Mapping[str, Mapping[str, object]]) -> None:
        with self._database.write() as connection:
            for gtin, fact in facts.items():
                row = connection.execute(update(t.stock).where(t.stock.c.gtin == gtin).values(**fact))
                if not row.rowcount:
                    connection.execute(insert(t.stock).values(gtin=gtin, **fact))
