"""An amount off each piece, or a price of its own: loose goods by the kilogram."""

from __future__ import annotations

from collections.abc import Sequence

from checkout.promotions import Part, Piece, Promotion, Terms
from checkout.promotions.terms import Effect


class AmountOff(Promotion):
    """`off` (money per piece, kilogram or metre), and a scope."""

    def __init__(self, id: str, terms: Terms) -> None:
        super().__init__(id, terms)
        self.effect = Effect(off_minor=terms.minor("off"))
        self.parts = (Part(terms.scope(), weighed=True),)

    def takes_off(self, pieces: Sequence[Piece]) -> int:
        return self.effect.takes_off(pieces)


class FixedPrice(Promotion):
    """`price` (money per piece, kilogram or metre), and a scope; what is cheaper stays as it is."""

    def __init__(self, id: str, terms: Terms) -> None:
        super().__init__(id, terms)
        self.effect = Effect(price_minor=terms.minor("price"))
        self.parts = (Part(terms.scope(), weighed=True),)

    def takes_off(self, pieces: Sequence[Piece]) -> int:
        return self.effect.takes_off(pieces)
