"""What promotions look at: pieces, and what makes a piece one that they mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Piece(NamedTuple):
    """One thing in the basket at its shelf price. Equal pieces are the same to every promotion.

    `thousandths` is the grams or millimetres of a measured one, which is sold as a whole; 0 otherwise.
    `labelled` is one whose price is fixed by a label.
    """

    price_minor: int
    gtin: str
    groups: tuple[str, ...] = ()
    thousandths: int = 0
    labelled: bool = False


def dearest_first(pieces: Iterable[Piece]) -> list[Piece]:
    """The order that settles every tie; scanning has no part in it."""
    return sorted(pieces, key=lambda piece: (-piece.price_minor, piece.gtin, piece.thousandths, piece))


@dataclass(frozen=True, slots=True)
class Scope:
    """Which goods: articles by GTIN and groups of them, all if there are none; less those in `without`."""

    gtins: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    def means(self, piece: Piece) -> bool:
        if self.without and not self.without.isdisjoint((*piece.groups, piece.gtin)):
            return False
        if not (self.gtins or self.groups):
            return True
        return piece.gtin in self.gtins or not self.groups.isdisjoint(piece.groups)


@dataclass(frozen=True, slots=True)
class Part:
    """So many pieces of a scope in each deal; `open_ended` takes any number more as well.

    A promotion with an open-ended part has no other. `weighed` lets weighed, measured and price-labelled
    goods in.
    """

    scope: Scope
    count: int = 1
    open_ended: bool = False
    weighed: bool = False

    def means(self, piece: Piece) -> bool:
        if not self.weighed and (piece.thousandths or piece.labelled):
            return False
        return piece.price_minor > 0 and self.scope.means(piece)
