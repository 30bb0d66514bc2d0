"""Who is in which cabin, and what was left behind there."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, insert, select, update

from mirror.session import FittingSession, Forsaken
from store_edge.db import tables as t
from store_edge.db.coding import decode, encode
from store_edge.db.pages.sheet import Sheet
from store_edge.db.prepared import Prepared

_bound = bindparam
_in_cabin = Prepared(select(t.fitting_sessions.c.body).where(t.fitting_sessions.c.cabin == _bound("where")))
_sessions = Prepared(select(t.fitting_sessions.c.body).order_by(t.fitting_sessions.c.cabin))
_save_again = Prepared(
    update(t.fitting_sessions)
    .where(t.fitting_sessions.c.id == _bound("which"), t.fitting_sessions.c.version < _bound("newer"))
    .values(version=_bound("newer"), body=_bound("body"))
)
_save_first = Prepared(
    insert(t.fitting_sessions).values({name: _bound(name) for name in ("cabin", "id", "version", "body")})
)
_forsaken = Prepared(select(t.forsaken_garments.c.body).where(t.forsaken_garments.c.epc == _bound("which")))
_forsaken_in = Prepared(
    select(t.forsaken_garments.c.body)
    .where(t.forsaken_garments.c.cabin == _bound("where"))
    .order_by(t.forsaken_garments.c.epc)
)


class CabinPages(Sheet):
    """`mirror.ports.CabinPages`: the page's cabins."""

    def fitting_in(self, cabin: str) -> FittingSession | None:
        body = _in_cabin.scalar(self._driver, where=cabin)
        return decode(body, FittingSession) if body is not None else None

    def fitting_with(self, epc: str) -> FittingSession | None:
        return next((one for one in self.fittings() if one.garment(epc) is not None), None)

    def fittings(self) -> Sequence[FittingSession]:
        return [decode(row[0], FittingSession) for row in _sessions.run(self._driver).fetchall()]

    def save_fitting(self, session: FittingSession) -> None:
        body = encode(session)
        known = _save_again.run(self._driver, which=session.id, newer=session.version, body=body)
        if not known.rowcount:
            facts = {"cabin": session.cabin, "id": session.id, "version": session.version}
            _save_first.run(self._driver, body=body, **facts)

    def forget_fitting(self, session: FittingSession) -> None:
        self.connection.execute(delete(t.fitting_sessions).where(t.fitting_sessions.c.id == session.id))

    def forsaken_in(self, cabin: str) -> Sequence[Forsaken]:
        return [decode(row[0], Forsaken) for row in _forsaken_in.run(self._driver, where=cabin).fetchall()]

    def forsaken(self, epc: str) -> Forsaken | None:
        body = _forsaken.scalar(self._driver, which=epc)
        return decode(body, Forsaken) if body is not None else None

    def save_forsaken(self, garment: Forsaken) -> None:
        self.forget_forsaken(garment.epc)
        row = {"epc": garment.epc, "cabin": garment.cabin, "body": encode(garment)}
        self.connection.execute(insert(t.forsaken_garments).values(**row))

    def forget_forsaken(self, epc: str) -> None:
        self.connection.execute(delete(t.forsaken_garments).where(t.forsaken_garments.c.epc == epc))
