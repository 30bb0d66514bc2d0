"""Something off as soon as enough was bought."""

from __future__ import annotations

from collections.abc import Sequence

from checkout.promotions import Part, Piece, Promotion, Terms, WrongTerms


class Threshold(Promotion):
    """From `spend` (money) on so much `off` once, or so many `percent` off everything; and a scope.

    Shelf prices count. Its group is "basket" unless another is written: it stacks on other promotions.
    """

    usual_group = "basket"

    def __init__(self, id: str, terms: Terms) -> None:
        super().__init__(id, terms)
        self.spend_minor = terms.minor("spend")
        self.effect = terms.effect()
        if self.effect.price_minor is not None:
            raise WrongTerms("price", "a threshold gives off or percent, not a price")
        if self.effect.off_minor > self.spend_minor:
            raise WrongTerms("off", "it would give more than must be spent")
        self.parts = (Part(terms.scope(), open_ended=True, weighed=True),)

    def takes_off(self, pieces: Sequence[Piece]) -> int:
        if sum(piece.price_minor for piece in pieces) < self.spend_minor:
            return 0
        return self.effect.takes_off(pieces)
