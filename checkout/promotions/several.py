"""Several pieces of a scope together: 3 for 2, the second at half price, the more the cheaper."""

from __future__ import annotations

from collections.abc import Sequence

from checkout.money import percent_of
from checkout.promotions import Part, Piece, Promotion, Terms, WrongTerms
from checkout.promotions.terms import PIECES_MAX


class NForM(Promotion):
    """Take `take` pieces, pay the `pay` dearest of them; and a scope."""

    def __init__(self, id: str, terms: Terms) -> None:
        super().__init__(id, terms)
        take = terms.whole("take", 2, PIECES_MAX)
        self.pay = terms.whole("pay", 1, take - 1)
        self.parts = (Part(terms.scope(), take),)

    def takes_off(self, pieces: Sequence[Piece]) -> int:
        return sum(piece.price_minor for piece in pieces[self.pay :])


class CheapestFree(Promotion):
    """Of each `take` pieces the cheapest is free, or `percent` cheaper where that is written; and a scope."""

    def __init__(self, id: str, terms: Terms) -> None:
        super().__init__(id, terms)
        self.percent = terms.whole("percent", 1, 100, otherwise=100)
        self.parts = (Part(terms.scope(), terms.whole("take", 2, PIECES_MAX)),)

    def takes_off(self, pieces: Sequence[Piece]) -> int:
        return percent_of(pieces[-1].price_minor, self.percent)


class QuantitySteps(Promotion):
    """`steps` from a number of pieces to per cent off all of them, `{ 3 = 5, 6 = 10 }`; and a scope."""

    def __init__(self, id: str, terms: Terms) -> None:
        super().__init__(id, terms)
        self.steps = terms.numbered("steps")
        percents = [percent for _, percent in self.steps]
        if percents != sorted(percents):
            raise WrongTerms("steps", "more pieces must not get fewer per cent")
        self.parts = (Part(terms.scope(), self.steps[0][0], open_ended=True),)

    def takes_off(self, pieces: Sequence[Piece]) -> int:
        percent = max((percent for count, percent in self.steps if count <= len(pieces)), default=0)
        return sum(percent_of(piece.price_minor, percent) for piece in pieces)
