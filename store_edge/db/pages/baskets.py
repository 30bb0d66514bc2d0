"""Baskets, each one versioned row with its lines beside it, and requests that were carried out."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from sqlalchemy import String, bindparam, exists, insert, select, update

from checkout.basket import ORDINARY, Basket, Circumstances, Line
from store_edge.db import tables as t
from store_edge.db.coding import decode, encode
from store_edge.db.pages.sheet import Sheet
from store_edge.db.prepared import Driver, Prepared

SHELF_BASKETS_MAX = 256

_bound = bindparam
_HEAD = ("id", "lane", "state", "version", "language", "opened_at", "visit", "circumstances")
_head = tuple(t.baskets.c[name] for name in _HEAD)
_current_basket = Prepared(select(*_head).where(t.baskets.c.lane == _bound("lane"), t.is_current_basket))
_basket = Prepared(select(*_head).where(t.baskets.c.id == _bound("id")))
_insert_basket = Prepared(insert(t.baskets).values({name: _bound(name) for name in _HEAD}))
_update_basket = Prepared(
    update(t.baskets)
    .where(t.baskets.c.id == _bound("which"), t.baskets.c.version < _bound("newer"))
    .values(
        {name: _bound(name) for name in ("lane", "state", "version", "language", "visit", "circumstances")}
    )
)
_lines = Prepared(
    select(t.basket_lines.c.body)
    .where(t.basket_lines.c.basket == _bound("basket"))
    .order_by(t.basket_lines.c.number)
)
_update_line = Prepared(
    update(t.basket_lines)
    .where(t.basket_lines.c.basket == _bound("of"), t.basket_lines.c.number == _bound("line"))
    .values(body=_bound("body"))
)
_insert_line = Prepared(
    insert(t.basket_lines).values({name: _bound(name) for name in ("basket", "number", "body")})
)
_remember_request = Prepared(
    insert(t.requests).from_select(
        ["key", "at"],
        select(_bound("key", type_=String), _bound("at", type_=String)).where(
            ~exists().where(t.requests.c.key == _bound("key"))
        ),
    )
)


class Shelf:
    """Baskets this process saw last, complete; a row of the same version needs no second reading."""

    def __init__(self) -> None:
        self._baskets: dict[str, Basket] = {}
        self._lock = threading.Lock()

    def put(self, baskets: Mapping[str, Basket]) -> None:
        with self._lock:
            self._baskets.update(baskets)
            while len(self._baskets) > SHELF_BASKETS_MAX:
                del self._baskets[next(iter(self._baskets))]

    def holds(self, basket: Basket) -> bool:
        return self._baskets.get(basket.id) is basket

    def basket_on(self, driver: Driver, lane: str) -> Basket | None:
        """The lane's current basket."""
        return self.complete(driver, _current_basket.run(driver, lane=lane).fetchone())

    def basket(self, driver: Driver, id: str) -> Basket | None:
        """Any basket."""
        return self.complete(driver, _basket.run(driver, id=id).fetchone())

    def complete(self, driver: Driver, head: tuple[Any, ...] | None) -> Basket | None:
        """The basket whose row was read, with its lines."""
        if head is None:
            return None
        id, lane, state, version, language, opened_at, visit, body = head
        known = self._baskets.get(id)
        if known is not None and known.version == version:
            return known
        rows = _lines.run(driver, basket=id).fetchall()
        lines = tuple(decode(row[0], Line) for row in rows)
        circumstances = decode(body, Circumstances) if body else ORDINARY
        return Basket(id, lane, state, version, lines, language, opened_at, visit, circumstances)


def _body(circumstances: Circumstances) -> bytes | None:
    """None for the ordinary purchase, so that most baskets cost nothing."""
    return None if circumstances == ORDINARY else encode(circumstances)


class BasketPages(Sheet):
    """The page's baskets. `touched` are those it saved, for whoever looks at them after the commit."""

    _shelf: Shelf
    _known: dict[str, Basket]
    touched: dict[str, Basket]

    def seen_before(self, request_key: str) -> bool:
        if not request_key:
            return False
        at = self._clock().isoformat()
        return bool(_remember_request.run(self._driver, key=request_key, at=at).rowcount == 0)

    def basket_on(self, lane: str) -> Basket | None:
        return self._known_basket(self._shelf.basket_on(self._driver, lane))

    def basket(self, id: str) -> Basket | None:
        return self._known_basket(self._shelf.basket(self._driver, id))

    def _known_basket(self, basket: Basket | None) -> Basket | None:
        if basket is not None:
            self._known[basket.id] = basket
        return basket

    def save_basket(self, basket: Basket) -> None:
        before = self._known.get(basket.id)
        facts = {
            "lane": basket.lane,
            "state": basket.state,
            "version": basket.version,
            "language": basket.language,
            "visit": basket.visit,
            "circumstances": _body(basket.circumstances),
        }
        if before is None:
            _insert_basket.run(self._driver, id=basket.id, opened_at=basket.opened_at, **facts)
        else:
            changed = _update_basket.run(self._driver, which=basket.id, newer=basket.version, **facts)
            assert changed.rowcount == 1, "every change makes a new version"
        self._save_lines(basket, before)
        self._known[basket.id] = self.touched[basket.id] = basket

    def _save_lines(self, basket: Basket, before: Basket | None) -> None:
        saved_version, saved_lines = (before.version, len(before.lines)) if before else (0, 0)
        for line in [line for line in basket.lines if line.changed > saved_version]:
            if line.number > saved_lines:
                _insert_line.run(self._driver, basket=basket.id, number=line.number, body=encode(line))
            else:
                _update_line.run(self._driver, of=basket.id, line=line.number, body=encode(line))
