"""Goods of several groups together: mix and match, and bundles of given articles."""

from __future__ import annotations

from collections.abc import Sequence

from checkout.promotions import Part, Piece, Promotion, Terms, WrongTerms
from checkout.promotions.pieces import Scope
from checkout.promotions.terms import PIECES_MAX

PARTS_MAX = 8


class MixAndMatch(Promotion):
    """`parts`, each with a scope and its number of `pieces` (1 if not written); all of them together for a
    `price`, with so much `off`, or so many `percent` cheaper."""

    def __init__(self, id: str, terms: Terms) -> None:
        super().__init__(id, terms)
        self.effect = terms.effect()
        parts = []
        for table in terms.tables("parts"):
            parts.append(Part(table.scope(), table.whole("pieces", 1, PIECES_MAX, otherwise=1)))
            table.refuse_the_rest()
        if len(parts) > PARTS_MAX:
            raise WrongTerms("parts", f"parts are {len(parts)}; there may be {PARTS_MAX}")
        self.parts = tuple(parts)

    def takes_off(self, pieces: Sequence[Piece]) -> int:
        return self.effect.takes_off(pieces)


class Bundle(Promotion):
    """One of each article in `gtins`: together for a `price`, with so much `off`, or `percent` cheaper."""

    def __init__(self, id: str, terms: Terms) -> None:
        super().__init__(id, terms)
        self.effect = terms.effect()
        gtins = sorted(terms.words("gtins"))
        if not 2 <= len(gtins) <= PARTS_MAX:
            raise WrongTerms("gtins", f"a bundle has from 2 to {PARTS_MAX} articles")
        self.parts = tuple(Part(Scope(gtins=frozenset({gtin}))) for gtin in gtins)

    def takes_off(self, pieces: Sequence[Piece]) -> int:
        return self.effect.takes_off(pieces)
