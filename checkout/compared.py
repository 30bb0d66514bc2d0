"""What a reduced price is compared with: everybody's lowest price of the thirty days before (PAngV § 11).

`checkout.prices` has the law. An article's price is what one of it costs whoever buys just that one: by the
price list, less what promotions take off that ask for nothing else. So an n for m, a bundle, a coupon, a
customer group and an offer of one shopper's own leave it as it is, and a happy hour lowers it every day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from checkout.basket import GOODS, Line
from checkout.catalogue import Article, ListPrice
from checkout.prices import COMPARED_DAYS, KEPT_DAYS, MEASURE, OVERRIDDEN, asked, special_price
from checkout.pricing import alone_minor
from checkout.promotions import Piece, Promotion

ARTICLES_KNOWN_MAX = 4_096
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Spell:
    """The time in which a promotion ran with the same terms, by the clock on the shop's wall.

    `until` is the first moment at which it did not run any more, None if it still does.
    """

    promotion: Promotion
    since: dt.datetime
    until: dt.datetime | None = None

    def holds(self, moment: dt.datetime) -> bool:
        begun = self.since <= moment and (self.until is None or moment < self.until)
        return begun and self.promotion.when.runs(moment)

    def turns(self, begin: dt.datetime, end: dt.datetime) -> Iterator[dt.datetime]:
        yield from (turn for turn in (self.since, self.until) if turn and begin < turn < end)
        yield from self.promotion.when.turns(begin, end)


@dataclass(frozen=True, slots=True)
class Now:
    """An article's price now, since when it has been that, until when it surely is, and what was before.

    `lowest_minor` is the lowest price of the 30 days before `since`; `listed_minor` the price without any
    promotion.
    """

    price_minor: int
    listed_minor: int
    since: dt.datetime
    until: dt.datetime
    lowest_minor: int


class Charged:
    """What everybody was charged for an article, promotions counted."""

    def __init__(self, spells: Iterable[Spell] = ()) -> None:
        self._spells = tuple(spell for spell in spells if spell.promotion.when.for_everybody)
        self._known: dict[str, tuple[Article, Now]] = {}

    def steps(self, article: Article, since: dt.datetime, until: dt.datetime) -> tuple[ListPrice, ...]:
        """What one cost between two moments by the shop's clock, one price after the other, without a gap."""
        listed = asked(article, since, until)
        spells = [spell for spell in self._spells if _means_one_of(spell.promotion, article)]
        if not spells:
            return listed
        turns = {turn for spell in spells for turn in spell.turns(since, until)}
        begins = sorted({*(price.since for price in listed), *turns})
        prices: dict[tuple[int, tuple[Promotion, ...]], int] = {}
        steps: list[ListPrice] = []
        at = iter(listed)
        price = next(at)
        for begin, end in zip(begins, [*begins[1:], until], strict=True):
            while price.until is not None and price.until <= begin:
                price = next(at)
            key = (price.price_minor, tuple(spell.promotion for spell in spells if spell.holds(begin)))
            if key not in prices:
                prices[key] = alone_minor(_one_of(article, price.price_minor), key[1])
            if steps and steps[-1].price_minor == prices[key]:
                steps[-1] = replace(steps[-1], until=end)
            else:
                steps.append(ListPrice(begin, prices[key], end))
        return tuple(steps)

    def lowest_before(self, article: Article, since: dt.datetime) -> int:
        """Everybody's lowest price in the 30 days before a moment (PAngV § 11 (1))."""
        return min(step.price_minor for step in self.steps(article, since - COMPARED_DAYS * _DAY, since))

    def now(self, article: Article, moment: dt.datetime) -> Now:
        """How an article's price stands; remembered until it may change."""
        known = self._known.get(article.gtin)
        if known is not None and known[0] is article and known[1].since <= moment < known[1].until:
            return known[1]
        steps = self.steps(article, moment - KEPT_DAYS * _DAY, moment + _DAY)
        here = next(step for step in steps if step.until is not None and moment < step.until)
        assert here.until is not None
        lowest_minor = self.lowest_before(article, here.since)
        now = Now(here.price_minor, article.price_at(moment), here.since, here.until, lowest_minor)
        if len(self._known) >= ARTICLES_KNOWN_MAX:
            self._known.clear()
        self._known[article.gtin] = (article, now)
        return now


def _one_of(article: Article, price_minor: int) -> Piece:
    """One piece, kilogram or metre by itself."""
    measured = article.unit != "piece"
    return Piece(price_minor, article.gtin, article.promoted_as, MEASURE if measured else 0)


def _means_one_of(promotion: Promotion, article: Article) -> bool:
    """Whether one piece by itself can be enough for a promotion."""
    if len(promotion.parts) != 1 or promotion.points_times > 1:
        return False
    part = promotion.parts[0]
    return part.count == 1 and part.means(_one_of(article, max(1, article.price_minor)))


LISTED = Charged()
"""By the price list alone."""


# What must stand beside a price


@dataclass(frozen=True, slots=True)
class Beside:
    """What to show beside a line's price.

    `before_minor` is what to strike through, 0 for nothing: the line then costs no less than it did before.
    `lowest_minor` is the lowest price of the 30 days, per piece, kilogram or metre; 0 where none is due.
    `until` ends a special price.
    """

    before_minor: int = 0
    lowest_minor: int = 0
    until: dt.datetime | None = None


NOTHING_BESIDE = Beside()


def beside(
    line: Line, article: Article | None, now: dt.datetime, personal: str = "", charged: Charged = LISTED
) -> Beside:
    """What a line's reduction must be compared with; `personal` is the id of the shopper's own offer.

    A reduction for this shopper alone starts from the price shown; one for everybody from the lowest price of
    the 30 days before it began (PAngV § 11). One that hangs on more than the article itself, such as three
    for two, is compared with the 30 days before now.
    """
    if line.voided or line.kind != GOODS:
        return NOTHING_BESIDE
    special = special_price(article, now) if article and not line.fixed_minor else None
    if special is not None and special.price_minor != line.unit_price_minor:
        special = None  # it was shown at another price
    general = [r for r in line.reductions if r.by != personal and not r.by.startswith(OVERRIDDEN)]
    if article is None or not (special or general):
        return Beside(before_minor=line.gross_minor) if line.discount_minor else NOTHING_BESIDE
    lowest_minor = _compared_with(article, special, now, charged)
    compared_minor = line.costs_at(lowest_minor)
    if not special:
        compared_minor = min(compared_minor, line.gross_minor)
    cheaper = compared_minor > line.gross_minor - line.discount_minor
    return Beside(compared_minor if cheaper else 0, lowest_minor, special.until if special else None)


def _compared_with(article: Article, special: ListPrice | None, now: dt.datetime, charged: Charged) -> int:
    stands = charged.now(article, now)
    if stands.price_minor < stands.listed_minor:
        return stands.lowest_minor
    return charged.lowest_before(article, special.since if special else now)
