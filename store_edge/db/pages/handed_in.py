"""Vouchers and coupons that count once, or so and so often: which basket has which."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import bindparam, delete, exists, func, insert, literal_column, or_, select, update

from checkout.handed_in import ASKED, CHAIN_WIDE, LET_GO, HandedIn
from store_edge.db import tables as t
from store_edge.db.pages.sheet import Sheet
from store_edge.db.prepared import Prepared

_bound = bindparam
_held = t.handed_in.c
_holder = _held.basket == _bound("basket")
_all_of = Prepared(select(_held.paper, _held.id, _held.about).where(_holder))
_claims = t.paper_claims.c
_claim_again = Prepared(
    update(t.paper_claims)
    .where(
        _claims.paper == _bound("which"), _claims.id == _bound("whose"), _claims.basket == _bound("basket")
    )
    .values(state=ASKED, at=_bound("since"))
)
_give_back = Prepared(
    update(t.paper_claims)
    .where(
        _claims.basket == _bound("basket"),
        exists().where(
            _held.basket == _claims.basket,
            _held.paper == _claims.paper,
            _held.id == _claims.id,
            or_(_held.about == _bound("about"), literal_column("''") == _bound("about")),
        ),
    )
    .values(state=LET_GO)
)
_still_asked = Prepared(
    select(_claims.id).where(
        _claims.basket == _bound("basket"), _claims.state == ASKED, _claims.at > _bound("since")
    )
)
_let_go = Prepared(delete(t.handed_in).where(_holder))
_let_one_go = Prepared(delete(t.handed_in).where(_holder, _held.about == _bound("about")))


class HandedInPages(Sheet):
    """The page's vouchers and coupons. One page is written at a time: between count and row comes nobody."""

    def hand_in(self, basket: str, paper: HandedIn, times_max: int = 1) -> bool:
        query = select(func.count(), func.coalesce(func.max(_held.time), 0))
        same = query.where(_held.paper == paper.paper, _held.id == paper.id)
        times, last = self.connection.execute(same).one()
        if times >= times_max:
            return False
        at = self._clock().isoformat()
        self.connection.execute(
            insert(t.handed_in).values(
                paper=paper.paper, id=paper.id, time=last + 1, basket=basket, about=paper.about, at=at
            )
        )
        if paper.paper in CHAIN_WIDE:
            self._ask_head_office(basket, paper, times_max, at)
        return True

    def _ask_head_office(self, basket: str, paper: HandedIn, times_max: int, at: str) -> None:
        key = {"paper": paper.paper, "id": paper.id, "basket": basket}
        again = _claim_again.run(self._driver, which=paper.paper, whose=paper.id, basket=basket, since=at)
        if not again.rowcount:
            row = {**key, "state": ASKED, "times_max": times_max, "at": at}
            self.connection.execute(insert(t.paper_claims).values(**row))

    def still_asked(self, basket: str, since: dt.datetime) -> bool:
        return _still_asked.scalar(self._driver, basket=basket, since=since.isoformat()) is not None

    def hand_back(self, basket: str, about: str = "") -> None:
        _give_back.run(self._driver, basket=basket, about=about)
        if about:
            _let_one_go.run(self._driver, basket=basket, about=about)
        else:
            _let_go.run(self._driver, basket=basket)

    def handed_in(self, basket: str) -> tuple[HandedIn, ...]:
        return tuple(HandedIn(*row) for row in _all_of.run(self._driver, basket=basket).fetchall())
