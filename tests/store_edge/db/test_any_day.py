"""Any day in the shop: whatever people do in whatever order, the books stay right.

A machine of hypothesis drives till and cashier on real books, with the simplest thinkable
shop beside it: what lies in each basket, which tags are where, what was paid.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from checkout import events
from checkout.errors import Refused
from checkout.payment import OPEN_STATES
from tests.conftest import Shop, wipe

LANES = st.sampled_from(["1", "2"])
PIECES = st.sampled_from([Shop.milk, Shop.wine])
SERIALS = st.integers(1, 4)
REQUEST_KEYS = st.sampled_from(["", "a", "b", "c"])


class AnyDay(RuleBasedStateMachine):
    """The model: per lane the prices on the roll (None where crossed out), and the money taken."""

    def __init__(self, shop):
        super().__init__()
        self.shop = shop
        self.rolls = {"1": [], "2": []}
        self.tags_on = {"1": {}, "2": {}}
        self.sold_tags = set()
        self.taken_minor = []
        self.payments = []

    def try_to(self, act):
        """True if it was done; a refusal must change nothing."""
        before = self.look()
        try:
            act()
        except Refused:
            assert self.look() == before
            return False
        return True

    def look(self):
        shop = self.shop
        return [shop.basket(lane) for lane in self.rolls], shop.receipts(), shop.waiting_tasks()

    def state(self, lane):
        basket = self.shop.basket(lane)
        return basket.state if basket else "none"

    def clear_if_over(self, lane):
        if self.state(lane) in ("paid", "none"):
            self.rolls[lane], self.tags_on[lane] = [], {}

    # What people do

    @rule(lane=LANES, article=PIECES)
    def scan(self, lane, article):
        self.clear_if_over(lane)
        may = self.state(lane) != "paying"
        assert self.try_to(lambda: self.shop.scan(article, lane=lane)) == may
        if may:
            self.rolls[lane].append(article.price_minor)

    @rule(lane=LANES, serials=st.sets(SERIALS, min_size=1))
    def lay_down(self, lane, serials):
        self.clear_if_over(lane)
        tags = [self.shop.shirt_tag(serial) for serial in serials]
        if self.try_to(lambda: self.shop.till.lay_down(lane, tags)):
            elsewhere = set().union(*self.tags_on.values()) | self.sold_tags
            for tag in sorted(set(tags) - elsewhere):
                self.tags_on[lane][tag] = len(self.rolls[lane])
                self.rolls[lane].append(self.shop.shirt.price_minor)

    @rule(lane=LANES, place=st.integers(1, 5))
    def void(self, lane, place):
        roll = self.rolls[lane]
        may = self.state(lane) == "open" and place <= len(roll) and roll[place - 1] is not None
        assert self.try_to(lambda: self.shop.till.void(lane, place)) == may
        if may:
            roll[place - 1] = None
            self.tags_on[lane] = {tag: at for tag, at in self.tags_on[lane].items() if at != place - 1}

    @rule(lane=LANES, serial=SERIALS)
    def lift(self, lane, serial):
        tag = self.shop.shirt_tag(serial)
        self.shop.till.lift(lane, [tag])
        if self.state(lane) == "open" and tag in self.tags_on[lane]:
            self.rolls[lane][self.tags_on[lane].pop(tag)] = None

    @rule(lane=LANES)
    def cancel(self, lane):
        may = self.state(lane) in ("open", "paid")
        assert self.try_to(lambda: self.shop.till.cancel(lane)) == may
        if may:
            self.rolls[lane], self.tags_on[lane] = [], {}

    @rule(lane=LANES, key=REQUEST_KEYS)
    def ask_payment(self, lane, key):
        if self.try_to(lambda: self.shop.cashier.ask_payment(lane, key)) and self.state(lane) == "paying":
            asked = self.shop.payment(lane)
            assert asked.amount_minor == sum(filter(None, self.rolls[lane]))
            if asked.id not in self.payments:
                self.payments.append(asked.id)

    @rule(lane=LANES)
    def stop(self, lane):
        self.shop.cashier.stop_payment(lane)

    def any_payment(self, pick):
        return self.payments[pick % len(self.payments)] if self.payments else "no such payment"

    @rule(pick=st.integers(0, 5))
    def send(self, pick):
        self.shop.cashier.send(self.any_payment(pick), "terminal-1", 7)

    @rule(pick=st.integers(0, 5))
    def take(self, pick):
        payment = self.any_payment(pick)
        settled = len(self.shop.receipts())
        self.try_to(lambda: self.shop.cashier.taken(payment, 8, "girocard", "answer"))
        if len(self.shop.receipts()) > settled:
            paid = self.shop.receipts()[-1]
            assert paid.total_minor == sum(filter(None, self.rolls[paid.lane]))
            self.taken_minor.append(paid.total_minor)
            self.sold_tags |= set(self.tags_on[paid.lane])

    @rule(pick=st.integers(0, 5))
    def decline(self, pick):
        self.try_to(lambda: self.shop.cashier.declined(self.any_payment(pick), "card"))

    @rule(pick=st.integers(0, 5))
    def lose_sight_of(self, pick):
        self.shop.cashier.unknown(self.any_payment(pick))

    # What always holds

    @invariant()
    def every_basket_costs_what_lies_in_it(self):
        for lane, roll in self.rolls.items():
            basket = self.shop.basket(lane)
            if basket is not None:
                assert [None if line.voided else line.total_minor for line in basket.lines] == roll
                assert basket == self.shop.books.basket_on(lane)

    @invariant()
    def a_basket_being_paid_has_one_open_payment_and_no_other_has_any(self):
        for lane in self.rolls:
            payment = self.shop.payment(lane)
            assert (payment is not None) == (self.state(lane) == "paying")
            assert payment is None or payment.state in OPEN_STATES

    @invariant()
    def receipts_are_numbered_without_gaps(self):
        numbers = [receipt.number for receipt in self.shop.receipts()]
        assert numbers == list(range(1, len(numbers) + 1))

    @invariant()
    def sales_completed_are_the_money_taken(self):
        sales = [sale.total_minor for sale in self.shop.heard(events.SaleCompleted)]
        taken = [payment.amount_minor for payment in self.shop.heard(events.PaymentTaken)]
        assert sales == taken == self.taken_minor

    @invariant()
    def a_sold_tag_is_sold_once_and_any_other_lies_in_one_basket_or_none(self):
        for serial in range(1, 5):
            tag = self.shop.shirt_tag(serial)
            lanes = [lane for lane, tags in self.tags_on.items() if tag in tags]
            holder = self.shop.holder(tag)
            if tag in self.sold_tags:
                assert holder == "sold"
            else:
                assert holder == (self.shop.basket(lanes[0]).id if lanes else None)
        shirts = sum(line.gtin == Shop.shirt.gtin for r in self.shop.receipts() for line in r.lines)
        assert shirts == len(self.sold_tags)

    @invariant()
    def staff_are_called_for_exactly_the_unknown_payments(self):
        unknown = [
            ("payment_unknown", payment.id)
            for payment in map(self.shop.payment, self.rolls)
            if payment is not None and payment.state == "unknown"
        ]
        assert self.shop.waiting_tasks() == sorted(unknown)

    def teardown(self):
        assert self.shop.journal.check() == len(self.shop.heard())


def live_through(open_one, runs, steps):
    run_state_machine_as_test(
        lambda: AnyDay(open_one()),
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture
def a_day_in():
    """The same shop, emptied before each day."""

    def days_of(shop):
        def fresh():
            wipe(shop.database)
            shop.put_on_the_shelf(*shop.assortment)
            return shop

        return fresh

    return days_of


def test_the_books_stay_right_whatever_happens(sqlite_shop, a_day_in):
    live_through(a_day_in(sqlite_shop), runs=12, steps=30)


def test_the_books_stay_right_on_postgres(postgres_shop, a_day_in):
    live_through(a_day_in(postgres_shop), runs=4, steps=30)


@pytest.mark.long
@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_the_books_stay_right_on_a_thousand_days(request, engine, a_day_in):
    live_through(a_day_in(request.getfixturevalue(f"{engine}_shop")), runs=1000, steps=50)
