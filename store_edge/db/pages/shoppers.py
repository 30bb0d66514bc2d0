"""One-time tokens and visits: what the till knows of a shopper, until the visit ends."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select, update

from checkout.shopper import VisitCard
from store_edge.db import tables as t
from store_edge.db.coding import decode, encode
from store_edge.db.pages.sheet import Sheet
from store_edge.db.prepared import Prepared

_bound = bindparam
_card = Prepared(select(t.visits.c.card).where(t.visits.c.visit == _bound("visit")))


class ShopperPages(Sheet):
    """The page's visits."""

    def use_token(self, token: str, visit: str, basket: str, text: str) -> bool:
        used = self.connection.execute(select(t.visits.c.visit).where(t.visits.c.token == token)).first()
        if used is not None:
            return False
        at = self._clock().isoformat()
        self.connection.execute(
            insert(t.visits).values(visit=visit, token=token, basket=basket, at=at, token_text=text)
        )
        return True

    def visit_card(self, visit: str) -> VisitCard | None:
        body = _card.scalar(self._driver, visit=visit)
        return decode(body, VisitCard) if body is not None else None

    def save_visit_card(self, visit: str, card: VisitCard) -> None:
        self.connection.execute(
            update(t.visits).where(t.visits.c.visit == visit).values(card=encode(card), token_text="")
        )

    def end_visit(self, visit: str) -> None:
        self.connection.execute(
            update(t.visits).where(t.visits.c.visit == visit).values(card=None, token_text="")
        )
