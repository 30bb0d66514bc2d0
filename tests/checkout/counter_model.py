"""A bystander at the counter, and what they hold the shop to.

The bystander hears only what is announced and keeps a notebook of it: no prices, no promotions, no books.
Whatever the till says of a basket must be what they would say. `laws_of` are what must hold of any books at
any moment, each in a sentence of its own.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from checkout import events, ledger
from checkout.basket import CANCELLED, CLOSED, EMPTIES, GOODS, OPEN, PAID, PARKED, PAYING, RETURNED, Basket
from checkout.loyalty.earning import counted_minor
from checkout.loyalty.ledger import Bought, BroughtBack, Fact, GivenBack, Ledger, Spent, book
from checkout.loyalty.programme import PROGRAMME
from checkout.payment import HELD_STATES, OPEN_STATES, TAKEN, sum_of
from checkout.restrictions import AGE_CHECK, age_check_of, ages_asked
from checkout.tax import vat_table
from tests.checkout.conftest import Sheet

HERE = (OPEN, PAYING, PAID)
NOT_OVER = (OPEN, PAYING, PARKED)


@dataclass
class Noted:
    """What one basket is, by what was announced of it. `lines` are those that stand: number -> quantity."""

    lane: str
    state: str = OPEN
    lines: dict[int, int] = field(default_factory=dict)
    visit: str = ""
    eat_in: bool = False
    group: str = ""
    coupons: list[str] = field(default_factory=list)
    age: int = 0
    taken_minor: int = 0
    total_minor: int = 0


class Bystander:
    """Hears everything that is announced, in order, and notes it down. `facts` are the one member's."""

    def __init__(self, facts: Sequence[Fact] = ()) -> None:
        self.baskets: dict[str, Noted] = {}
        self.sold: dict[int, events.SaleCompleted] = {}
        self.facts = list(facts)
        self._heard = 0

    def listen(self, announced: Sequence[tuple[events.Event, str]], today: dt.date) -> None:
        for event, lane in announced[self._heard :]:
            self._note(event, lane, today)
        self._heard = len(announced)

    def _note(self, event: Any, lane: str, today: dt.date) -> None:
        if isinstance(event, events.BasketOpened):
            assert event.basket not in self.baskets, "a basket is opened once"
            self.baskets[event.basket] = Noted(lane)
        basket = self.baskets.get(getattr(event, "basket", ""))
        if basket is not None:
            self._note_of(basket, event, lane)
        match event:
            case events.SaleCompleted():
                self.sold[event.receipt] = event
                if event.visit:
                    self.facts.append(Bought(event.basket, today, counted_minor(event.lines)))
            case events.PointsSpent():
                self.facts.append(Spent(event.basket, today, event.points))
            case events.PointsGivenBack():
                self.facts.append(GivenBack(event.basket, today, event.points))
            case events.GoodsReturned() if event.of_receipt:
                self._note_brought_back(event, today)

    def _note_of(self, basket: Noted, event: Any, lane: str) -> None:
        match event:
            case events.LineAdded():
                assert event.line not in basket.lines, "a line is added once"
                basket.lines[event.line] = event.quantity
            case events.LineChanged():
                assert event.line in basket.lines, "only what stands is changed"
                basket.lines[event.line] = event.quantity
            case events.LineVoided():
                del basket.lines[event.line]
            case events.ServingChanged():
                basket.eat_in = event.eat_in
            case events.CustomerGroupChanged():
                basket.group = event.group
            case events.CouponHandedIn():
                basket.coupons.append(event.coupon)
            case events.CouponTakenBack():
                basket.coupons.remove(event.coupon)
            case events.AgeChecked():
                basket.age = event.years
                assert not set(event.taken_off) & basket.lines.keys(), "what was taken off was voided"
            case events.ShopperIdentified():
                basket.visit = event.visit
            case events.ShopperDismissed():
                assert basket.visit == event.visit, "who is dismissed was there"
                basket.visit = ""
            case events.PaymentAsked() | events.CardRefundAsked():
                basket.state = PAYING
            case events.PaymentTaken():
                basket.state, basket.taken_minor = PAYING, basket.taken_minor + event.amount_minor
            case events.CardRefundMade():
                basket.state, basket.taken_minor = PAYING, basket.taken_minor - event.amount_minor
            case events.PaymentReturned() | events.PaymentDeclined() | events.CardRefundDeclined():
                if isinstance(event, events.PaymentReturned):
                    basket.taken_minor -= event.amount_minor
                if basket.state == PAYING and not basket.taken_minor:
                    basket.state = OPEN
            case events.SaleCompleted():
                basket.state, basket.total_minor = PAID, event.total_minor
            case events.BasketParked():
                basket.state = PARKED
            case events.BasketResumed():
                basket.state, basket.lane = OPEN, lane
            case events.BasketCancelled():
                basket.state = CANCELLED
            case events.LaneFreed():
                basket.state = CLOSED

    def _note_brought_back(self, event: events.GoodsReturned, today: dt.date) -> None:
        sale = self.sold[event.of_receipt]
        line = sale.lines[event.of_line - 1]
        assert line.gtin == event.gtin, "what comes back is what was sold"
        deposit_minor = line.deposit_minor * event.quantity // line.quantity
        back = replace(
            line, quantity=event.quantity, total_minor=-event.total_minor, deposit_minor=deposit_minor
        )
        if sale.visit:
            self.facts.append(BroughtBack(sale.basket, today, counted_minor([back])))

    def points(self, today: dt.date) -> Ledger:
        """The one member's ledger, as head office would keep it."""
        return book(self.facts, PROGRAMME, today)


# What must hold of any books


def laws_of(sheet: Sheet, bystander: Bystander, today: dt.date) -> Iterator[tuple[str, bool]]:
    """Each law in words, and whether it holds."""
    yield from _laws_of_baskets(sheet, bystander)
    yield from _laws_of_money(sheet, bystander)
    yield from _laws_of_what_is_held(sheet)
    yield from _laws_of_points(bystander, today)


def _laws_of_baskets(sheet: Sheet, bystander: Bystander) -> Iterator[tuple[str, bool]]:
    baskets = sheet.baskets.values()
    lanes = Counter(basket.lane for basket in baskets if basket.state in HERE)
    yield "at most one basket stands on a lane", all(count == 1 for count in lanes.values())
    yield "every basket was announced", sheet.baskets.keys() == bystander.baskets.keys()
    for basket in baskets:
        yield "what was announced is what the books say", _as_noted(basket, bystander.baskets[basket.id])
        yield "the lines sum to the total", basket.total_minor == sum(_costs(line) for line in basket.lines)
        vat = vat_table((line.vat_bp, line.total_minor) for line in basket.standing)
        gross_minor = sum(part.gross_minor for part in vat)
        yield "the tax's parts sum to the gross", gross_minor == basket.total_minor
        yield "no part of the tax is lost", all(p.net_minor + p.vat_minor == p.gross_minor for p in vat)
        goods = [line for line in basket.standing if line.kind == GOODS]
        yield "nothing gets cheaper than nothing", all(0 <= g.discount_minor <= g.gross_minor for g in goods)
        backs = any(line.kind in (EMPTIES, RETURNED) for line in basket.standing)
        yield "only for what comes back does the shop pay", backs or basket.total_minor >= 0
        asked = basket.state == OPEN and bool(ages_asked(basket))
        called = AGE_CHECK in sheet.called_about(age_check_of(basket))
        yield "a colleague is called exactly while an age is to be looked at", asked == called
        sold_young = basket.state in (PAYING, PAID, CLOSED) and ages_asked(basket)
        yield "nothing with an age limit is paid for unseen", not sold_young
        yield (
            "a parked basket has a code, any other none",
            (basket.state == PARKED) == (basket.id in sheet.parked_baskets),
        )


def _as_noted(basket: Basket, noted: Noted) -> bool:
    """Whether the bystander would say the same of it."""
    around = basket.circumstances
    return (
        (noted.state, noted.lane) == (basket.state, basket.lane)
        and noted.lines == {line.number: line.quantity for line in basket.standing}
        and noted.visit == basket.visit
        and (noted.eat_in, noted.group, noted.age)
        == (around.eat_in, around.customer_group, around.age_confirmed)
        and tuple(noted.coupons) == around.coupons
    )


def _costs(line: Any) -> int:
    if line.voided:
        return 0
    return (
        line.gross_minor - sum(r.amount_minor for r in line.reductions) + line.deposit_minor * line.quantity
    )


def _laws_of_money(sheet: Sheet, bystander: Bystander) -> Iterator[tuple[str, bool]]:
    for id, noted in bystander.baskets.items():
        basket, payments = sheet.baskets[id], [p for p in sheet.payments.values() if p.basket == id]
        held = [p for p in payments if p.state in HELD_STATES]
        yield "what was taken and not given back is held", noted.taken_minor == sum_of(held)
        yield "one payment at a time is open", sum(p.state in OPEN_STATES for p in payments) <= 1
        if basket.state in (PAID, CLOSED):
            receipt = sheet.paper[id]
            told = {noted.total_minor, receipt.total_minor, sum_of(held), sum_of(receipt.tenders)}
            yield "what was paid is the total, on paper too", told == {basket.total_minor}
            yield "nothing is asked for once it is paid", all(p.state not in OPEN_STATES for p in payments)
            yield "what is paid is not given back", all(p.state == TAKEN for p in held)
        elif basket.state != PAYING:
            yield "whose basket is not frozen has paid nothing", not held
    sums: Counter[str] = Counter()
    for entry in sheet.ledger:
        sums[entry.account] += entry.amount_minor
    yield "cash and cards balance", sum(sums.values()) == 0
    yield (
        "nothing is below nothing",
        all(
            minor >= 0
            for account, minor in sums.items()
            if ledger.is_drawer(account) or account[:5] == "card:"
        ),
    )
    cash = sum(p.kept_minor for p in sheet.payments.values() if p.state == TAKEN and p.tender == "cash")
    yield "the drawers hold what was taken", cash == -sums[ledger.TAKINGS]


def _laws_of_what_is_held(sheet: Sheet) -> Iterator[tuple[str, bool]]:
    holders: dict[str, list[str]] = defaultdict(list)
    pieces: list[tuple[int, int, int]] = []
    refunds: Counter[tuple[int, int]] = Counter()
    for basket in sheet.baskets.values():
        for line in () if basket.state == CANCELLED else basket.standing:
            if line.epc and basket.state in NOT_OVER:
                holders[line.epc].append(basket.id)
            if (of := line.returned) is not None and of.receipt:
                pieces += [(of.receipt, of.line, piece) for piece in of.pieces]
                refunds[of.receipt, of.line] -= line.total_minor
    yield "a tag lies in one basket", all(len(where) == 1 for where in holders.values())
    held = {tag: basket for tag, basket in sheet.tags.items() if tag not in sheet.sold_tags}
    yield "who has a tag holds it, and nobody else", held == {t: where[0] for t, where in holders.items()}
    yield "nothing is brought back twice", len(pieces) == len(set(pieces))
    yield "what is held back lies in a basket", set(sheet.returned) == set(pieces)
    receipts = {receipt.number: receipt for receipt in sheet.paper.values()}
    for (number, line_number), minor in refunds.items():
        line = receipts[number].lines[line_number - 1]
        yield "nobody gets back more than was paid", minor <= line.total_minor
        all_back = sum((of, at) == (number, line_number) for of, at, _ in pieces) == line.quantity
        yield "all of it back is all that was paid", not all_back or minor == line.total_minor
    papers = Counter((paper.paper, paper.id) for _, paper in sheet.papers)
    times = {coupon.number: coupon.times_max for coupon in sheet.coupons}
    yield (
        "a voucher counts once, a coupon as often as it says",
        all(count <= times.get(id, 1) for (_, id), count in papers.items()),
    )


def _laws_of_points(bystander: Bystander, today: dt.date) -> Iterator[tuple[str, bool]]:
    points = bystander.points(today)
    totals = points.totals()
    yield "the points ledger balances", sum(totals.values()) == 0
    yield "the balance is what is held and owed", points.balance == totals["member"] + totals["owed"]


# What can be compared before and after


def as_it_stands(sheet: Sheet) -> Mapping[str, object]:
    """All that a shopper or a colleague could find different; not what was announced or crossed out."""
    return {
        "baskets": {
            id: (basket.state, basket.lane, basket.visit, basket.circumstances, _lines(basket))
            for id, basket in sheet.baskets.items()
        },
        "tasks": sorted((kind, about) for kind, about, _ in sheet.tasks.values()),
        "papers": sorted((basket, paper.paper, paper.id) for basket, paper in sheet.papers),
        **{
            word: dict(getattr(sheet, word))
            for word in ("parked_baskets", "tags", "payments", "paper", "returned", "cards", "gift_cards")
        },
        "sold": frozenset(sheet.sold_tags),
        "ledger": tuple(sheet.ledger),
    }


def _lines(basket: Basket) -> tuple[object, ...]:
    return tuple(replace(line, changed=0) for line in basket.standing)
