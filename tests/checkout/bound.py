"""An upper bound for what promotions can take off a basket, by linear programming (HiGHS).

The engine has no part in it: each offer is written as the integer programme of what its deals are. The
solver's dual bound, a linear programme with cuts and branches, is never below the best division.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

import highspy

from checkout.basket import Line
from tests.checkout.promoted import Offer, meant_by, percent_of_price

GAP, SOLVER_S_MAX = 0.001, 20.0


class Programme:
    """Columns and rows for one basket whose offers are all in one group."""

    def __init__(self, lines: Sequence[Line]) -> None:
        counts: Counter[Line] = Counter()
        like: dict[tuple[str, int], Line] = {}
        for line in lines:
            counts[like.setdefault((line.gtin, line.unit_price_minor), line)] += line.quantity
        self.goods = sorted(counts, key=lambda line: (-line.unit_price_minor, line.gtin))
        self.counts = counts
        self.model = highspy.Highs()
        self.model.setOptionValue("output_flag", False)
        self.model.setOptionValue("mip_rel_gap", GAP)
        self.model.setOptionValue("time_limit", SOLVER_S_MAX)
        self.model.setOptionValue("threads", 1)
        self.used = defaultdict(list)
        self.columns = 0

    def column(self, gain: float, most: float, whole: bool = True) -> int:
        """A new variable from 0 to `most`, gaining so much each."""
        self.model.addCol(-gain, 0.0, most, 0, [], [])
        if whole:
            self.model.changeColIntegrality(self.columns, highspy.HighsVarType.kInteger)
        self.columns += 1
        return self.columns - 1

    def at_least(
        self, low: float, terms: Sequence[tuple[int, float]], high: float = highspy.kHighsInf
    ) -> None:
        self.model.addRow(low, high, len(terms), [c for c, _ in terms], [v for _, v in terms])

    def use(self, piece: Line, gain: float) -> int:
        """How many of a piece an offer uses, gaining so much with each."""
        column = self.column(gain, self.counts[piece])
        self.used[piece].append(column)
        return column

    def offer(self, offer: Offer) -> None:
        terms = offer.terms
        meant = [piece for piece in self.goods if meant_by(terms, piece)]
        if offer.kind in ("mix-and-match", "bundle"):
            self._parts(offer)
        elif offer.kind in ("n-for-m", "cheapest-free"):
            self._several(offer, meant)
        elif offer.kind == "steps":
            for count, percent in terms["steps"].items():
                reached = self.column(0, 1)
                uses = [(self.use(p, percent_of_price(p.unit_price_minor, percent)), 1.0) for p in meant]
                self.at_least(0, [*uses, (reached, -float(count))])
                for (column, _), piece in zip(uses, meant, strict=True):
                    self.at_least(0, [(reached, float(self.counts[piece])), (column, -1.0)])
        elif offer.kind == "threshold":
            reached = self.column(round(terms["off"] * 100), 1)
            uses = [(self.use(p, 0), float(p.unit_price_minor)) for p in meant]
            self.at_least(0, [*uses, (reached, -terms["spend"] * 100)])
        else:
            for piece in meant:
                self.use(piece, self._single(offer, piece.unit_price_minor))

    def _single(self, offer: Offer, price_minor: int) -> int:
        if offer.kind == "percent":
            return percent_of_price(price_minor, offer.terms["percent"])
        if offer.kind == "amount":
            return min(price_minor, round(offer.terms["off"] * 100))
        return max(0, price_minor - round(offer.terms["price"] * 100))

    def _several(self, offer: Offer, meant: Sequence[Line]) -> None:
        """Of `take` pieces the cheapest are free: at every price, free ones need dearer ones beside them."""
        take = offer.terms["take"]
        free = take - offer.terms["pay"] if offer.kind == "n-for-m" else 1
        percent = offer.terms.get("percent", 100)
        pieces = sum(self.counts[piece] for piece in meant)
        deals = self.column(0, pieces // take)
        used: list[tuple[int, float]] = []
        given: list[list[tuple[int, float]]] = [[] for _ in range(free)]  # a deal's dearest free piece first
        for piece in meant:
            gain, count = percent_of_price(piece.unit_price_minor, percent), self.counts[piece]
            used.append((self.use(piece, 0), 1.0))
            for layer in given:
                layer.append((self.column(gain, count), 1.0))
            self.at_least(0, [used[-1], *((layer[-1][0], -1.0) for layer in given)])
            # A deal with a free piece of this price has all its paid ones at this price or more.
            paid = [(column, free - float(take)) for column, _ in given[0]]
            self.at_least(0, used + _sum(paid + [(column, -1.0) for layer in given for column, _ in layer]))
            for dearer, cheaper in pairwise(given):
                self.at_least(0, [*dearer, *((column, -1.0) for column, _ in cheaper)])
        self.at_least(0, [*used, (deals, -float(take))], 0)
        for layer in given:
            self.at_least(0, [*layer, (deals, -1.0)], 0)

    def _parts(self, offer: Offer) -> None:
        terms = offer.terms
        parts = terms["parts"] if offer.kind == "mix-and-match" else [{"gtins": [g]} for g in terms["gtins"]]
        fixed = -round(terms["price"] * 100) if "price" in terms else round(terms.get("off", 0) * 100)
        deals = self.column(fixed, sum(self.counts.values()))
        for part in parts:
            uses = []
            for piece in self.goods:
                if meant_by(part, piece):
                    price_minor = piece.unit_price_minor
                    gain = (
                        price_minor
                        if "price" in terms
                        else percent_of_price(price_minor, terms.get("percent", 0))
                    )
                    uses.append((self.use(piece, gain), 1.0))
            self.at_least(0, [*uses, (deals, -float(part.get("pieces", 1)))], 0)

    def bound(self) -> float:
        for piece, columns in self.used.items():
            self.at_least(0, [(column, 1.0) for column in columns], float(self.counts[piece]))
        self.model.run()
        return -self.model.getInfo().mip_dual_bound


def _sum(terms: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Each column once."""
    total: dict[int, float] = defaultdict(float)
    for column, value in terms:
        total[column] += value
    return list(total.items())


def most_that_can_be_saved(lines: Sequence[Line], offers: Sequence[Offer]) -> float:
    """No division of the pieces among the offers takes off more than this, in minor units."""
    programme = Programme(lines)
    for offer in offers:
        programme.offer(offer)
    return programme.bound()
