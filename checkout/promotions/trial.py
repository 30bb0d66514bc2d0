"""What other promotions would have given: offers tried on sold baskets, by the engine itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

from checkout.basket import Basket, Line
from checkout.pricing import points_awards, priced
from checkout.promotions import Promotion


@dataclass(frozen=True, slots=True)
class Given:
    """What one promotion does, summed over baskets: `gave_minor` is what it took off without the offers.

    `pieces` are those on lines that it makes cheaper, or that get points by it.
    """

    baskets: int = 0
    pieces: int = 0
    given_minor: int = 0
    gave_minor: int = 0

    def __add__(self, other: Given) -> Given:
        return Given(
            self.baskets + other.baskets,
            self.pieces + other.pieces,
            self.given_minor + other.given_minor,
            self.gave_minor + other.gave_minor,
        )


@dataclass(frozen=True, slots=True)
class Trial:
    """Sums over the baskets tried; amounts in minor units.

    `given_minor` is what the offers themselves take off, `displaced_minor` what other promotions give less
    because of them; shoppers pay the difference less. `reached` baskets get something from an offer, on
    lines with so many `pieces`. `promotions` has the offers, and whatever else gave something.
    """

    baskets: int = 0
    reached: int = 0
    pieces: int = 0
    gross_minor: int = 0
    given_minor: int = 0
    displaced_minor: int = 0
    lines_with_points: int = 0
    promotions: Mapping[str, Given] = field(default_factory=dict)

    @property
    def cost_minor(self) -> int:
        return self.given_minor - self.displaced_minor

    def __add__(self, other: Trial) -> Trial:
        promotions = dict(self.promotions)
        for id, given in other.promotions.items():
            promotions[id] = promotions.get(id, Given()) + given
        return Trial(
            self.baskets + other.baskets,
            self.reached + other.reached,
            self.pieces + other.pieces,
            self.gross_minor + other.gross_minor,
            self.given_minor + other.given_minor,
            self.displaced_minor + other.displaced_minor,
            self.lines_with_points + other.lines_with_points,
            promotions,
        )


def outcome(
    baskets: Iterable[Basket], offers: Sequence[Promotion], running: Sequence[Promotion] = ()
) -> Trial:
    """What `offers` would have given beside the promotions that were running. Nothing is sold or changed."""
    tried = (tried_on(priced(basket, running), offers, running) for basket in baskets)
    return reduce(Trial.__add__, tried, Trial())


def tried_on(sold: Basket, offers: Sequence[Promotion], running: Sequence[Promotion]) -> Trial:
    """One basket, `sold` with what `running` gave; an offer takes the place of a promotion with its id."""
    new = {offer.id for offer in offers}
    with_it = priced(sold, (*(one for one in running if one.id not in new), *offers))
    before, after = _off(sold.standing), _off(with_it.standing)
    multiplied = {award.line: award.by for award in points_awards(sold, offers)}
    touched: Counter[str] = Counter()
    reached: set[int] = set()
    for line in with_it.standing:
        here = {reduction.by for reduction in line.reductions}
        here |= {multiplied[line.number]} if line.number in multiplied else set()
        touched.update(dict.fromkeys(here, line.quantity))
        if not here.isdisjoint(new):
            reached.add(line.number)
    given_minor = sum(after[id] for id in new)
    return Trial(
        baskets=1,
        reached=int(bool(reached)),
        pieces=sum(line.quantity for line in with_it.standing if line.number in reached),
        gross_minor=sum(line.gross_minor for line in with_it.standing),
        given_minor=given_minor,
        displaced_minor=before.total() - (after.total() - given_minor),
        lines_with_points=len(multiplied),
        promotions={
            id: Given(int(id in touched), touched[id], after[id], before[id])
            for id in sorted({*before, *after, *touched, *new})
        },
    )


def _off(lines: Iterable[Line]) -> Counter[str]:
    """What each promotion takes off these lines together."""
    off: Counter[str] = Counter()
    for line in lines:
        for reduction in line.reductions:
            off[reduction.by] += reduction.amount_minor
    return off
