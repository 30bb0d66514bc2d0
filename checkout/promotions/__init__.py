"""Promotions: small classes behind the entry point group `emma.promotions`.

The rules, for all of them and in this one place:

- A promotion makes **deals**. Its `parts` say which pieces one deal takes, and how many of them; `takes_off`
  says how much cheaper they get together. It makes as many deals as fit: six pieces of "3 for 2" are two.
  Only one whose part is `open_ended` makes a single deal, of as many pieces as it can use.
- A deal **uses up** its pieces: within one `group` no piece is in two deals. Promotions of the same group
  exclude each other on a piece, those of different groups stack. All are in the group "" unless their terms
  say otherwise; a basket threshold is in "basket".
- Every deal is reckoned from the **prices on the shelf**, never from what another promotion left. So groups
  need not know of each other, and come in no order. What stacked deals would take off a piece beyond its
  price is lost; the group whose name comes first in the alphabet keeps its share.
- Of all ways to divide the pieces among a group's deals, **the one that saves the shopper most** counts
  (`checkout.division` finds it). Among equals the one found first in the order of prices, article numbers
  and promotion ids: never in the order of scanning.
- What a deal takes off is split over its pieces **in proportion to their prices** and to the cent
  (`money.prorate`), so each line shows its share, and who brings one piece back gets its own share back.
  Percentages are rounded piece by piece, halves up: three rolls cost the same on one line or on three.
- What runs when the basket is **opened** runs until it is paid (the price is honoured as shown); a coupon
  counts from when it is handed in.
- **Goods only**: empties, goods brought back, gift cards and deposits are never made cheaper. A weighed,
  measured or price-labelled line is one piece, and takes part only where a part says `weighed`.

A new kind is a subclass of `Promotion` and one line in `pyproject.toml`; nothing else changes.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from checkout.promotions.pieces import Part, Piece
from checkout.promotions.terms import Terms, WrongTerms, nearest

__all__ = ["Part", "Piece", "Promotion", "Terms", "WrongTerms", "build", "kinds"]

TRIED_PRICES_MINOR = (1299, 250, 1)
"""What pieces cost in the deal by which a kind is tried before it runs."""


class Promotion(ABC):
    """One running promotion. `id` is written on each line that it makes cheaper.

    A subclass reads its own terms, sets `parts`, and says what a deal takes off. The terms that every
    promotion has (when, for whom, in which group) are read here.
    """

    usual_group = ""
    parts: tuple[Part, ...] = ()
    points_times = 1
    """By how much it multiplies the points on a piece; such a promotion takes nothing off."""

    def __init__(self, id: str, terms: Terms) -> None:
        """Raises WrongTerms."""
        self.id = id
        self.group = terms.word("group", self.usual_group)
        self.when = terms.when()

    @abstractmethod
    def takes_off(self, pieces: Sequence[Piece]) -> int:
        """How many minor units one deal of these pieces takes off; 0 if they make none.

        The pieces come in the order of `parts`, dearest first within each. Only their prices and measures
        count, not which articles they are. In a part of any number, one piece more never takes off less.
        """

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r})"


@cache
def kinds() -> Mapping[str, EntryPoint]:
    """The kinds of promotion installed here, by name; `load()` gives the class."""
    return {point.name: point for point in entry_points(group="emma.promotions")}


def build(kind: str, id: str, terms: Mapping[str, object], timezone: dt.tzinfo = dt.UTC) -> Promotion:
    """A promotion of a kind by its name; hours and days are the shop's, in `timezone`.

    Raises WrongTerms, which names the word that is wrong and the nearest valid one, or says what is wrong
    with a kind that somebody wrote: found out here, and not when a shopper stands at the till.
    """
    if kind not in kinds():
        raise WrongTerms("kind", f"there is no promotion of kind {kind!r}{nearest(kind, kinds())}")
    read = Terms(terms, timezone)
    try:
        promotion: Promotion = kinds()[kind].load()(id, read)
        fault = _fault_of(promotion)
    except WrongTerms:
        raise
    except Exception as error:
        raise WrongTerms("kind", f"promotions of kind {kind!r} cannot be made: {error!r}") from error
    if fault:
        raise WrongTerms("kind", f"promotions of kind {kind!r} cannot run: {fault}")
    read.refuse_the_rest()
    return promotion


def _fault_of(promotion: Promotion) -> str:
    """What is wrong with a kind that can be seen by trying a deal; "" if nothing is."""
    if not promotion.parts:
        return "parts is empty, so no piece is ever in a deal"
    count = sum(part.count for part in promotion.parts)
    for price_minor in TRIED_PRICES_MINOR:
        alike = promotion.takes_off([Piece(price_minor, "a")] * count)
        if type(alike) is not int or alike < 0:
            return f"takes_off gave {alike!r}; it must be whole minor units, and not below 0"
        if alike != promotion.takes_off([Piece(price_minor, str(number)) for number in range(count)]):
            return "takes_off looks at which articles the pieces are; only prices and measures count there"
    return ""
