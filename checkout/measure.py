"""How much of an article one scan means: a piece, a count, a weight, or a price from the scale."""

from __future__ import annotations

from typing import NamedTuple

from checkout import gs1
from checkout.basket import checked_quantity
from checkout.catalogue import Article
from checkout.errors import Refused
from checkout.money import divide_half_up


class Measure(NamedTuple):
    """How much of an article one scan means."""

    quantity: int = 1
    weight_g: int = 0
    fixed_minor: int = 0


ONE_PIECE = Measure()


def measured(article: Article, code: gs1.WeighedCode) -> Measure:
    """A scale label fixes the weight, the price or the count; Refused(label_damaged) if none of them."""
    if code.weight_g:
        return Measure(weight_g=code.weight_g)
    if code.price_minor:
        by_weight = article.unit == "kg" and article.price_minor
        weight_g = divide_half_up(code.price_minor * 1000, article.price_minor) if by_weight else 0
        return Measure(weight_g=weight_g, fixed_minor=code.price_minor)
    if code.count:
        return Measure(quantity=checked_quantity(code.count))
    raise Refused("label_damaged")
