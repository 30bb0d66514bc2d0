"""Looking things up in the fitting room, for screens and watches."""

from __future__ import annotations

from sqlalchemy import select

from mirror.requests import Request
from mirror.session import FittingSession, Forsaken
from store_edge.db import tables as t
from store_edge.db.coding import decode
from store_edge.db.engine import Database


class Fittings:
    """Who is in which cabin now."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def in_cabin(self, cabin: str) -> FittingSession | None:
        query = select(t.fitting_sessions.c.body).where(t.fitting_sessions.c.cabin == cabin)
        with self._database.read() as connection:
            body = connection.execute(query).scalar()
            return decode(body, FittingSession) if body is not None else None

    def all(self) -> tuple[FittingSession, ...]:
        """All sessions, by cabin."""
        query = select(t.fitting_sessions.c.body).order_by(t.fitting_sessions.c.cabin)
        with self._database.read() as connection:
            return tuple(decode(body, FittingSession) for body in connection.execute(query).scalars())

    def request(self, id: str) -> Request | None:
        """A request of a session that goes on, waiting or over."""
        return next((one for session in self.all() for one in session.requests if one.id == id), None)

    def requests(self) -> tuple[Request, ...]:
        """What shoppers in cabins wait for, the longest first."""
        waiting = (request for session in self.all() for request in session.waiting)
        return tuple(sorted(waiting, key=lambda request: (request.at, request.id)))

    def forsaken(self) -> tuple[Forsaken, ...]:
        """What hangs in cabins after their sessions."""
        query = select(t.forsaken_garments.c.body).order_by(t.forsaken_garments.c.epc)
        with self._database.read() as connection:
            return tuple(decode(body, Forsaken) for body in connection.execute(query).scalars())
