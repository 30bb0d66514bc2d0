"""What staff are asked to bring to a cabin: the use cases of both sides, each a page in the books."""

from __future__ import annotations

from dataclasses import replace

from checkout.errors import Refused
from checkout.staff import Clerk
from mirror import events
from mirror.ports import Books, Chance, Page, Stock
from mirror.requests import ACCEPTED, ASKED, DELIVERED, NOT_THERE, ON_THE_WAY, TAKEN_BACK, Request
from mirror.session import REQUESTS_MAX, REQUESTS_WAITING_MAX, FittingSession
from mirror.stays import SIZE_REQUEST, Stays


class RequestDesk:
    """Requests of all cabins. A clerk must have the right to serve; told twice, it is announced once."""

    def __init__(self, books: Books, stays: Stays, *, chance: Chance, stock: Stock) -> None:
        self._books = books
        self._stays = stays
        self._chance = chance
        self._stock = stock

    def ask(self, cabin: str, gtin: str, wanted_gtin: str, request_key: str = "") -> Request:
        """Ask staff to bring an article beside one that is here, or was; nothing is asked for twice at once.

        Raises Refused: cabin_empty, garment_gone, code_unknown, out_of_stock, requests_full.
        """
        position, pieces = self._stock.position(wanted_gtin), self._stock.pieces(wanted_gtin)
        with self._books.page() as page:
            session = self._stays.here(page, cabin)
            repeated = page.seen_before(request_key)
            for known in reversed(session.requests):
                if known.wanted_gtin == wanted_gtin and (known.waits or repeated):
                    return known
            if gtin not in session.tried:
                raise Refused("garment_gone")
            if page.article(wanted_gtin) is None:
                raise Refused("code_unknown")
            if pieces == 0:
                raise Refused("out_of_stock")
            if len(session.waiting) >= REQUESTS_WAITING_MAX:
                raise Refused("requests_full", limit=REQUESTS_WAITING_MAX)
            now = self._stays.now()
            request = Request(
                self._chance.id(), session.id, cabin, gtin, wanted_gtin, now, now, position=position
            )
            over = [one for one in session.requests if not one.waits][-REQUESTS_MAX:]
            self._stays.keep(page, session, requests=(*over, *session.waiting, request))
            page.announce(events.SizeRequested(request.id, session.id, cabin, gtin, wanted_gtin), cabin)
            page.open_task(SIZE_REQUEST, request.id, cabin)
            return request

    def accept(self, request: str, clerk: Clerk) -> Request:
        """I will go. Raises Refused: request_over, request_taken, not_allowed."""
        return self._move(request, ACCEPTED, clerk)

    def on_the_way(self, request: str, clerk: Clerk) -> Request:
        """I have it and am coming. Raises as `accept`."""
        return self._move(request, ON_THE_WAY, clerk)

    def deliver(self, request: str, clerk: Clerk) -> Request:
        """It is there. Raises as `accept`."""
        return self._move(request, DELIVERED, clerk)

    def not_there(self, request: str, clerk: Clerk) -> Request:
        """It cannot be found. Raises as `accept`."""
        return self._move(request, NOT_THERE, clerk)

    def take_back(self, cabin: str, request: str) -> Request:
        """The shopper in this cabin would rather not. Raises Refused: cabin_empty, request_over."""
        with self._books.page() as page:
            session = self._stays.here(page, cabin)
            known = _of(session, request)
            if known.state != TAKEN_BACK:
                session = self._stays.request_moves(page, session, known, TAKEN_BACK)
            return _of(session, request)

    def escalate(self, request: str) -> None:
        """Nobody has taken it in time; nothing if somebody has by now."""
        with self._books.page() as page:
            session = _with_request(page, request)
            known = _of(session, request) if session is not None else None
            if session is None or known is None or known.state != ASKED or known.escalated:
                return
            urgent = replace(known, escalated=True)
            requests = tuple(urgent if one.id == request else one for one in session.requests)
            page.save_fitting(replace(session, requests=requests, version=session.version + 1))
            page.announce(events.RequestEscalated(request), session.cabin)

    def _move(self, request: str, state: str, clerk: Clerk) -> Request:
        clerk.must("serve")
        with self._books.page() as page:
            session = _with_request(page, request)
            if session is None:
                raise Refused("request_over")
            known = _of(session, request)
            if (known.state, known.clerk) == (state, clerk.id):
                return known
            return _of(self._stays.request_moves(page, session, known, state, clerk.id), request)


def _with_request(page: Page, request: str) -> FittingSession | None:
    for session in page.fittings():
        if any(one.id == request for one in session.requests):
            return session
    return None


def _of(session: FittingSession, request: str) -> Request:
    for one in session.requests:
        if one.id == request:
            return one
    raise Refused("request_over")
