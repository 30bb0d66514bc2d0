"""What is in stock, as far as anybody counted."""

from __future__ import annotations

from sqlalchemy import update

from store_edge.db import tables as t
from store_edge.db.pages.sheet import Sheet


class StockPages(Sheet):
    """The page's stock."""

    def move_stock(self, gtin: str, pieces: int) -> None:
        """So many more are there, or fewer; never less than none. Nothing where nobody counted."""
        after = t.stock.c.pieces + pieces
        where = (t.stock.c.gtin == gtin, t.stock.c.pieces.is_not(None))
        self.connection.execute(update(t.stock).where(*where, after >= 0).values(pieces=after))
        self.connection.execute(update(t.stock).where(*where, after < 0).values(pieces=0))
