"""What loss prevention remembers: weights of articles, bags, draws, tags seen at the gate."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select, update

from checkout.ports import Memory
from store_edge.db import tables as t
from store_edge.db.coding import decode, encode
from store_edge.db.pages.sheet import Sheet
from store_edge.db.prepared import Prepared

_bound = bindparam
_this = (t.loss_memory.c.kind == _bound("what"), t.loss_memory.c.about == _bound("whose"))
_remembered = Prepared(select(t.loss_memory.c.body).where(*_this))
_again = Prepared(update(t.loss_memory).where(*_this).values(at=_bound("at"), body=_bound("body")))
_first = Prepared(
    insert(t.loss_memory).values({name: _bound(name) for name in ("kind", "about", "at", "body")})
)


class LossPages(Sheet):
    """The page's memory of losses: a value of each kind about each thing."""

    def remembered(self, kind: type[Memory], about: str) -> Memory | None:
        body = _remembered.scalar(self._driver, what=kind.__name__, whose=about)
        return decode(body, kind) if body is not None else None

    def remember(self, about: str, value: object) -> None:
        kind, body, at = type(value).__name__, encode(value), self._clock().isoformat(timespec="seconds")
        if not _again.run(self._driver, what=kind, whose=about, at=at, body=body).rowcount:
            _first.run(self._driver, kind=kind, about=about, at=at, body=body)
