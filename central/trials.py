"""Offers tried on past sales: what would have been different, by the very engine that prices at the tills.

Tried are the sales that stores told of, from the raw events. A sale counts only if the engine, with the
promotions that ran there then, comes to what is on its receipt; others are left out and named by the reason.
What cannot be known stays as it was: shoppers buy the same things, and coupons take off what they took off.
"""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
import sqlalchemy as sa

from central.centre import Centre
from central.clock import from_ms
from central.db import tables
from central.ran_there import RanThere
from central.sale_words import OfferHeld, SaleCompleted, SoldLine
from central.settings import Limits
from checkout.basket import GOODS, LINES_MAX, OPEN, QUANTITY_MAX, Basket, Circumstances, Line
from checkout.coupons import BY as BY_COUPON
from checkout.prices import OVERRIDDEN
from checkout.pricing import priced
from checkout.promotions import Promotion, build
from checkout.promotions.trial import Given, Trial, tried_on

FACTS_MISSING, PROMOTION_UNKNOWN = "facts_missing", "promotion_unknown"
PRICED_OTHERWISE, OTHER_CURRENCY = "priced_otherwise", "other_currency"


class TrialPromotion(msgspec.Struct):
    """What one promotion gives in the tried sales, and what it gave in truth; `offered` is one to try."""

    promotion: str
    offered: bool
    baskets: int
    pieces: int
    given_minor: int
    gave_minor: int


class TrialExample(msgspec.Struct):
    """One of the sales on which most would have been saved."""

    store: str
    receipt: int
    time: datetime
    total_minor: int
    saved_minor: int
    gtins: list[str]


class LeftOut(msgspec.Struct):
    """Sales that say nothing: `reason` is facts_missing (told by an older store), promotion_unknown (of a
    kind that is not installed at head office), priced_otherwise (the engine does not come to what is on the
    receipt) or other_currency."""

    reason: str
    baskets: int


class TrialResult(msgspec.Struct):
    """What would have been different in so many `baskets`, had shoppers bought the same.

    `reached` of them get something from the offers, on lines with so many `pieces`. Shoppers pay
    `saved_minor` less, and the store takes `would_take_minor` rather than `took_minor`. `stopped` is time or
    baskets where a limit ended the trial early, before the sale of `stopped_at` in `stopped_store` and before
    the stores whose names come after; "" otherwise.
    """

    baskets: int
    reached: int
    pieces: int
    lines_with_points: int
    saved_minor: int
    took_minor: int
    would_take_minor: int
    currency: str
    promotions: list[TrialPromotion]
    examples: list[TrialExample]
    left_out: list[LeftOut]
    stopped: str = ""
    stopped_store: str = ""
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Which sales: of which stores, from a time on and before another, in ms since 1970 by their clocks."""

    stores: tuple[str, ...]
    from_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class _Sale:
    store: str
    epoch: str
    number: int
    time_ms: int
    told: SaleCompleted

    @property
    def order(self) -> tuple[int, str, int]:
        return (self.time_ms, self.epoch, self.number)


class _Kept(msgspec.Struct):
    data: SaleCompleted


_kept = msgspec.json.Decoder(_Kept)


def try_out(
    centre: Centre,
    offers: Sequence[Promotion],
    span: Span,
    *,
    seconds: Callable[[], float] = time.monotonic,
) -> TrialResult:
    """Try offers on the sales of a span. Sales are read page by page; none is open while prices are made."""
    limits = centre.settings.limits
    ends_s = seconds() + limits.trial_s_max
    sums = _Sums(offers, limits)
    for store in span.stores or known_stores(centre):
        history = RanThere(centre, store)
        for sale in _sales(centre, store, span):
            if sums.looked_at >= limits.trial_baskets_max:
                return sums.result("baskets", sale)
            if seconds() > ends_s:
                return sums.result("time", sale)
            sums.take(sale, history)
    return sums.result()


def known_stores(centre: Centre) -> tuple[str, ...]:
    """Every store that told of a sale."""
    with centre.database.read() as connection:
        s = tables.store_epochs.c.store
        return tuple(connection.execute(sa.select(s).distinct().order_by(s)).scalars())


def _sales(centre: Centre, store: str, span: Span) -> Iterator[_Sale]:
    """A store's sales by their time, a page in each transaction."""
    s, e = tables.sales.c, tables.events.c
    order = (s.time_ms, s.epoch, s.number)
    query = (
        sa.select(s.store, s.epoch, s.number, s.time_ms, e.payload)
        .join(tables.events, sa.and_(e.store == s.store, e.epoch == s.epoch, e.number == s.number))
        .where(s.store == store, s.time_ms >= span.from_ms, s.time_ms < span.until_ms)
        .order_by(*order)
        .limit(centre.settings.limits.trial_page)
    )
    page = query
    while True:
        with centre.database.read() as connection:
            rows = connection.execute(page).all()
        sales = [_Sale(*row[:4], _kept.decode(row.payload).data) for row in rows]
        yield from sales
        if len(sales) < centre.settings.limits.trial_page:
            return
        page = query.where(sa.tuple_(*order) > sa.tuple_(*(sa.literal(part) for part in sales[-1].order)))


def _running(sale: _Sale, history: RanThere) -> tuple[Promotion, ...] | None:
    running = history.before(sale.epoch, sale.number)
    offer = sale.told.offer
    return running if offer is None or running is None else (*running, _personal(offer))


def _personal(offer: OfferHeld) -> Promotion:
    return build("percent", offer.offer, {"gtin": offer.gtin, "percent": offer.percent})


def _sold(sale: SaleCompleted) -> Basket | None:
    """What promotions see of a sale: its goods, but for those whose price staff set.

    None where the facts for it are not there, or are more than a basket can be.
    """
    if not sale.opened_at or len(sale.lines) > LINES_MAX:
        return None
    if any(line.quantity > QUANTITY_MAX for line in sale.lines):
        return None
    goods = [line for line in sale.lines if line.kind == GOODS and not _by_staff(line)]
    lines = tuple(_line(line, number) for number, line in enumerate(goods, start=1))
    circumstances = Circumstances(customer_group=sale.customer_group, coupons=sale.coupons)
    try:  # a time on the wall, as all terms are meant: so no zone has to be known
        opened_at = datetime.fromisoformat(sale.opened_at).replace(tzinfo=UTC).isoformat()
    except ValueError:
        return None
    return Basket(sale.basket, "", OPEN, 1, lines, "", opened_at, circumstances=circumstances)


def _by_staff(line: SoldLine) -> bool:
    return any(taken.by.startswith(OVERRIDDEN) for taken in line.reductions)


def _line(line: SoldLine, number: int) -> Line:
    return Line(
        number,
        line.gtin,
        line.quantity,
        line.weight_g,
        line.unit_price_minor,
        line.vat_bp,
        "",
        1,
        fixed_minor=line.fixed_minor,
        groups=line.groups,
        length_mm=line.length_mm,
    )


def _as_told(sale: SaleCompleted, basket: Basket) -> bool:
    """Whether the engine gave each line what its receipt says."""
    goods = [line for line in sale.lines if line.kind == GOODS and not _by_staff(line)]
    return all(
        {r.by: r.amount_minor for r in ours.reductions}
        == {t.by: t.amount_minor for t in told.reductions if not t.by.startswith(BY_COUPON)}
        and ours.gross_minor == told.total_minor + told.discount_minor - told.deposit_minor
        for ours, told in zip(basket.lines, goods, strict=True)
    )


@dataclass
class _Sums:
    """What has been tried so far."""

    offers: Sequence[Promotion]
    limits: Limits
    looked_at: int = 0
    took_minor: int = 0
    currency: str = ""
    trial: Trial = field(default_factory=Trial)
    left_out: Counter[str] = field(default_factory=Counter)
    best: list[tuple[int, int, TrialExample]] = field(default_factory=list)

    def take(self, sale: _Sale, history: RanThere) -> None:
        """Try one sale, or say why not."""
        self.looked_at += 1
        reason = self._tried(sale, history)
        if reason:
            self.left_out[reason] += 1

    def _tried(self, sale: _Sale, history: RanThere) -> str:
        told = sale.told
        goods = _sold(told)
        if goods is None:
            return FACTS_MISSING
        if self.currency not in ("", told.currency):
            return OTHER_CURRENCY
        running = _running(sale, history)
        if running is None:
            return PROMOTION_UNKNOWN
        sold = priced(goods, running)
        if not _as_told(told, sold):
            return PRICED_OTHERWISE
        one = tried_on(sold, self.offers, running)
        self.currency = told.currency
        self.took_minor += told.total_minor
        self.trial += one
        if one.reached:
            self._example(sale, one, sold)
        return ""

    def _example(self, sale: _Sale, one: Trial, sold: Basket) -> None:
        told = sale.told
        gtins = sorted({line.gtin for line in sold.lines})[: self.limits.trial_example_lines]
        example = TrialExample(
            sale.store, told.receipt, from_ms(sale.time_ms), told.total_minor, one.cost_minor, gtins
        )
        heapq.heappush(self.best, (one.cost_minor, -self.looked_at, example))
        if len(self.best) > self.limits.trial_examples:
            heapq.heappop(self.best)

    def result(self, stopped: str = "", at: _Sale | None = None) -> TrialResult:
        trial, saved_minor = self.trial, self.trial.cost_minor
        new = {offer.id for offer in self.offers}
        given: Mapping[str, Given] = dict.fromkeys(sorted(new), Given()) | dict(trial.promotions)
        return TrialResult(
            trial.baskets,
            trial.reached,
            trial.pieces,
            trial.lines_with_points,
            saved_minor,
            self.took_minor,
            self.took_minor - saved_minor,
            self.currency,
            [
                TrialPromotion(id, id in new, one.baskets, one.pieces, one.given_minor, one.gave_minor)
                for id, one in given.items()
            ],
            [example for *_, example in sorted(self.best, key=lambda one: (-one[0], -one[1]))],
            [LeftOut(reason, count) for reason, count in sorted(self.left_out.items())],
            stopped,
            at.store if at else "",
            from_ms(at.time_ms) if at else None,
        )
