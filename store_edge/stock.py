"""What is in stock, and where it should be found: `mirror.ports.Stock`, to look at and to fill.

A count is somebody's or something's that looked; what is sold and brought back moves it from then on
(`reactions.py`). An article that nobody counted is neither there nor not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import delete, insert, select, update

from store_edge.db import tables as t
from store_edge.db.engine import Database


@dataclass(frozen=True, slots=True)
class Counted:
    """What a list says of an article: so many here (None: nobody counted), where, and elsewhere by store."""

    gtin: str
    pieces: int | None = None
    position: str = ""
    elsewhere: Mapping[str, int] = field(default_factory=dict)


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

    def there(self) -> dict[str, int]:
        """All articles of which there is something to be sold, and how much."""
        query = select(t.stock.c.gtin, t.stock.c.pieces).where(t.stock.c.pieces > 0)
        with self._database.read() as connection:
            return {row.gtin: row.pieces for row in connection.execute(query)}

    def elsewhere(self, gtin: str) -> dict[str, int]:
        """The other stores that have some, by the name that shoppers know them by, and how many."""
        rows = t.stock_elsewhere.c
        query = select(rows.store, rows.pieces).where(rows.gtin == gtin, rows.pieces > 0).order_by(rows.store)
        with self._database.read() as connection:
            return {row.store: row.pieces for row in connection.execute(query)}

    def take_over(self, counted: Iterable[Counted]) -> None:
        """What a list says. A number of pieces counts only where nobody has counted here yet."""
        told = [one for one in counted if one.pieces is not None or one.position or one.elsewhere]
        known = self._counted_here()
        self.count({one.gtin: one.pieces for one in told if one.pieces is not None and one.gtin not in known})
        self.place({one.gtin: one.position for one in told if one.position})
        with self._database.write() as connection:
            for one in told:
                connection.execute(delete(t.stock_elsewhere).where(t.stock_elsewhere.c.gtin == one.gtin))
                for store, pieces in one.elsewhere.items():
                    row = {"gtin": one.gtin, "store": store, "pieces": pieces}
                    connection.execute(insert(t.stock_elsewhere).values(**row))

    def _counted_here(self) -> set[str]:
        query = select(t.stock.c.gtin).where(t.stock.c.pieces.is_not(None))
        with self._database.read() as connection:
            return set(connection.execute(query).scalars())

    def _put(self, facts: Mapping[str, Mapping[str, object]]) -> None:
        with self._database.write() as connection:
            for gtin, fact in facts.items():
                row = connection.execute(update(t.stock).where(t.stock.c.gtin == gtin).values(**fact))
                if not row.rowcount:
                    connection.execute(insert(t.stock).values(gtin=gtin, **fact))
