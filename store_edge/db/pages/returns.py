"""Receipts to bring goods back with, and the pieces that came back: each once, by the table's key."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, insert, select

from checkout.basket import Returned
from checkout.receipt import Receipt
from store_edge.db import tables as t
from store_edge.db.coding import decode
from store_edge.db.pages.sheet import Sheet
from store_edge.db.prepared import Prepared

_bound = bindparam
_by_number = Prepared(select(t.receipts.c.body).where(t.receipts.c.number == _bound("number")))
_by_link = Prepared(select(t.receipts.c.body).where(t.receipts.c.link == _bound("link")))


class ReturnPages(Sheet):
    """The page's former receipts, and what came back of them."""

    def receipt(self, number: int) -> Receipt | None:
        return _read(_by_number.scalar(self._driver, number=number))

    def receipt_by_link(self, link: str) -> Receipt | None:
        return _read(_by_link.scalar(self._driver, link=link))

    def returned_pieces(self, receipt: int, line: int) -> frozenset[int]:
        pieces = select(t.returned_pieces.c.piece).where(
            t.returned_pieces.c.receipt == receipt, t.returned_pieces.c.line == line
        )
        return frozenset(self.connection.execute(pieces).scalars())

    def hold_pieces(self, of: Returned, basket: str) -> None:
        rows = [
            {"receipt": of.receipt, "line": of.line, "piece": piece, "basket": basket} for piece in of.pieces
        ]
        self.connection.execute(insert(t.returned_pieces), rows)

    def release_pieces(self, of: Returned) -> None:
        self.connection.execute(
            delete(t.returned_pieces).where(
                t.returned_pieces.c.receipt == of.receipt,
                t.returned_pieces.c.line == of.line,
                t.returned_pieces.c.piece.in_(of.pieces),
            )
        )

    def free_epc(self, epc: str) -> None:
        self.connection.execute(delete(t.held_tags).where(t.held_tags.c.epc == epc))


def _read(body: bytes | None) -> Receipt | None:
    return decode(body, Receipt) if body is not None else None
