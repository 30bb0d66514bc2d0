"""What staff are asked to bring to a cabin: the use cases of both sides, each a page in the books."""

from __future__ import annotations

from checkout.staff import Clerk
from mirror.ports import Books, Chance, Clock, Stock
from mirror.requests import Request

SIZE_REQUEST = "size_request"
"""The kind of task; it is about the request's id, on the cabin as its lane."""


class RequestDesk:
    """Requests of all cabins. A clerk must have the right to serve; told twice, it is announced once."""

    def __init__(self, books: Books, *, clock: Clock, chance: Chance, stock: Stock) -> None:
        self._books = books
        self._clock = clock
        self._chance = chance
        self._stock = stock

    def ask(self, cabin: str, gtin: str, wanted_gtin: str, request_key: str = "") -> Request:
        """Ask staff to bring an article beside one that is here, or was. What is on its way is not asked twice.

        Raises Refused: cabin_empty, garment_gone, code_unknown, out_of_stock, requests_full.
        """
        raise NotImplementedError

    def accept(self, request: str, clerk: Clerk) -> Request:
        """I will go. Raises Refused: request_over, request_taken, not_allowed."""
        raise NotImplementedError

    def on_the_way(self, request: str, clerk: Clerk) -> Request:
        """I have it and am coming. Raises as `accept`."""
        raise NotImplementedError

    def deliver(self, request: str, clerk: Clerk) -> Request:
        """It is there. Raises as `accept`."""
        raise NotImplementedError

    def not_there(self, request: str, clerk: Clerk) -> Request:
        """It cannot be found. Raises as `accept`."""
        raise NotImplementedError

    def take_back(self, request: str, request_key: str = "") -> Request:
        """The shopper would rather not. Raises Refused(request_over)."""
        raise NotImplementedError

    def escalate(self, request: str) -> None:
        """Nobody has taken it in time; nothing if somebody has by now."""
        raise NotImplementedError
