"""What each line costs once the running promotions have looked at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from checkout.basket import Basket, Line
from checkout.promotions import Promotion


def priced(basket: Basket, promotions: Sequence[Promotion]) -> Basket:
    """The basket with each line's best single promotion applied; prices themselves stay as shown.

    Lines whose discount changes are marked as changed in this version.
    """
    if not promotions and not any(line.offer for line in basket.lines):
        return basket
    lines = tuple(_priced_line(line, promotions, basket.version) for line in basket.lines)
    return basket if lines == basket.lines else replace(basket, lines=lines)


def _priced_line(line: Line, promotions: Sequence[Promotion], version: int) -> Line:
    if line.voided:
        return line
    discount_minor, offer = 0, ""
    for promotion in promotions:
        off_minor = min(promotion.takes_off(line), line.gross_minor)
        if off_minor > discount_minor:
            discount_minor, offer = off_minor, promotion.id
    if (discount_minor, offer) == (line.discount_minor, line.offer):
        return line
    return replace(line, discount_minor=discount_minor, offer=offer, changed=version)
