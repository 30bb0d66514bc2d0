"""Scanning a basket once more: what is on the roll and what is in the bag, piece by piece.

It answers what a colleague has to write down after a spot check, and just as much what the shopper would pay
for without having it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from checkout import gs1
from checkout.basket import GOODS, Basket, Line
from checkout.errors import Refused
from checkout.measure import GoodsLists, goods_of

PIECES_MAX = 500
"""So much may be scanned once more; nobody carries more than that."""


@dataclass(frozen=True, slots=True)
class Compared:
    """`seen` says of each line, by its number, how many of its pieces were scanned again.

    `forgotten` are the articles that were scanned again more often than they stand on the roll, by GTIN and
    with how many pieces too many.
    """

    seen: dict[int, int]
    forgotten: dict[str, int]
    missing: int
    """Pieces on the roll that nobody has scanned again yet."""

    @property
    def is_whole(self) -> bool:
        return not (self.forgotten or self.missing)


def pieces_of(line: Line) -> int:
    """How often a line is scanned: a weighed or labelled one is one piece."""
    return line.quantity if line.countable else 1


def pieces_meant(lists: GoodsLists, text: str, now: dt.datetime) -> list[str]:
    """The GTINs of what a code means, one for each piece; a weighed thing is one piece.

    Raises Refused as `measure.goods_of`; code_unknown for what is no goods.
    """
    code = gs1.read_code(text)
    if isinstance(code, gs1.TokenCode | gs1.CouponCode):
        raise Refused("code_unknown")
    return [
        article.gtin
        for article, measure in goods_of(lists, code, now)
        for _piece in range(measure.quantity if article.unit == "piece" else 1)
    ]


def compared(basket: Basket, scanned: Sequence[str]) -> Compared:
    """The basket's goods beside what was scanned again, a GTIN a piece; the order of scans means nothing."""
    left = Counter(scanned[:PIECES_MAX])
    seen, missing = {}, 0
    for line in basket.standing:
        if line.kind != GOODS:
            continue
        found = min(left[line.gtin], pieces_of(line))
        left[line.gtin] -= found
        seen[line.number] = found
        missing += pieces_of(line) - found
    return Compared(seen, {gtin: pieces for gtin, pieces in left.items() if pieces > 0}, missing)
