"""More points on some goods; no money."""

from __future__ import annotations

from collections.abc import Sequence

from checkout.promotions import Part, Piece, Promotion, Terms

TIMES_MAX = 100


class PointsMultiplier(Promotion):
    """`times` the points (2 to 100), and a scope. It uses no piece up."""

    def __init__(self, id: str, terms: Terms) -> None:
        super().__init__(id, terms)
        self.points_times = terms.whole("times", 2, TIMES_MAX)
        self.parts = (Part(terms.scope(), weighed=True),)

    def takes_off(self, pieces: Sequence[Piece]) -> int:
        return 0
