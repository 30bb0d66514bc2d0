"""So many per cent off each piece."""

from __future__ import annotations

from collections.abc import Sequence

from checkout.money import percent_of
from checkout.promotions import Part, Piece, Promotion, Terms


class PercentOff(Promotion):
    """`percent` (1 to 100), and a scope."""

    def __init__(self, id: str, terms: Terms) -> None:
        super().__init__(id, terms)
        self.percent = terms.whole("percent", 1, 100)
        self.parts = (Part(terms.scope(), weighed=True),)

    def takes_off(self, pieces: Sequence[Piece]) -> int:
        return sum(percent_of(piece.price_minor, self.percent) for piece in pieces)
