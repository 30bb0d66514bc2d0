"""Any shopper, any mood: parts in cash, by card and gift card, declines, silence, second thoughts.

A machine does what it likes at one lane, and a model beside it knows what the shopper has in hand. Whatever
happens, no money is made and none is lost, and nobody is asked twice for the same.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from checkout import ledger
from checkout.payment import ASKED, OPEN_STATES, SENT, UNKNOWN
from checkout.staff import Clerk
from tests.conftest import Shop, answer_or_reason

CASHIER = Clerk("clerk-1", frozenset({"cash"}))
AMOUNTS = st.integers(1, 700)
CARD_MINOR = 2000
may_pay = precondition(lambda self: self.state in ("open", "paying"))


class Shopper(RuleBasedStateMachine):
    """What the shopper gave and has not got back, by tender, over all baskets: `given`."""

    new_shop: Callable[[], Shop]

    def __init__(self) -> None:
        super().__init__()
        self.shop = self.new_shop()
        self.given = {"cash": 0, "card": 0, "gift_card": 0}
        self.keys = 0
        (self.code,) = self.shop.cards.print_blank(1, CASHIER)
        self.shop.cards.sell("9", self.code, CARD_MINOR)
        self.shop.pay_desk.pay_cash("9", CARD_MINOR)
        self.bought_before_minor = CARD_MINOR

    # What is so

    @property
    def payment(self):
        return self.shop.payment()

    @property
    def state(self):
        basket = self.shop.basket()
        return basket.state if basket else "none"

    def held(self):
        basket = self.shop.basket()
        if basket is None or basket.state == "paid":
            return []
        with self.shop.books.page() as page:
            return list(page.held_payments(basket.id))

    def due(self):
        return self.shop.basket().total_minor - sum(part.amount_minor for part in self.held())

    def key(self):
        self.keys += 1
        return f"k{self.keys}"

    # What may happen

    @precondition(lambda self: self.state != "paying")
    @rule(pieces=st.integers(1, 4))
    def scan(self, pieces):
        for _ in range(pieces):
            self.shop.scan(Shop.wine)

    @precondition(lambda self: self.state == "paying")
    @rule()
    def nothing_changes_what_is_being_paid(self):
        for act in (lambda: self.shop.scan(Shop.milk), lambda: self.shop.till.cancel("1")):
            assert answer_or_reason(act) == (None, "basket_being_paid")

    @may_pay
    @rule()
    def ask_all_of_a_card(self):
        answer_or_reason(lambda: self.shop.cashier.ask_payment("1", self.key()))

    @may_pay
    @rule(amount_minor=AMOUNTS)
    def ask_a_part_of_a_card(self, amount_minor):
        before = self.payment
        answer_or_reason(lambda: self.shop.cashier.ask_payment("1", self.key(), amount_minor))
        if before is None and self.payment is not None:
            assert self.payment.amount_minor == amount_minor <= self.due()

    @precondition(lambda self: self.payment is not None and self.payment.state == ASKED)
    @rule()
    def the_terminal_is_told(self):
        assert self.shop.cashier.send(self.payment.id, "terminal-1", self.keys)

    @precondition(lambda self: self.payment is not None and self.payment.state in (SENT, UNKNOWN))
    @rule(told=st.integers(1, 3))
    def the_card_is_taken(self, told):
        sent = self.payment
        for _ in range(told):
            self.shop.cashier.taken(sent.id, self.keys + 1, "girocard", "answer")
        self.given["card"] += sent.amount_minor

    @precondition(lambda self: self.payment is not None)
    @rule(told=st.integers(1, 3))
    def the_card_is_declined(self, told):
        payment = self.payment
        for _ in range(told):
            self.shop.cashier.declined(payment.id, "card")

    @precondition(lambda self: self.payment is not None and self.payment.state == SENT)
    @rule()
    def the_terminal_falls_silent(self):
        self.shop.cashier.unknown(self.payment.id)

    @may_pay
    @rule(given_minor=AMOUNTS)
    def give_cash(self, given_minor):
        due_minor = self.due()
        key = self.key()
        _, reason = answer_or_reason(lambda: self.shop.pay_desk.pay_cash("1", given_minor, key))
        answer_or_reason(lambda: self.shop.pay_desk.pay_cash("1", given_minor, key) if not reason else None)
        if not reason:
            self.given["cash"] += min(given_minor, due_minor)

    @may_pay
    @rule(amount_minor=st.just(0) | AMOUNTS)
    def show_the_gift_card(self, amount_minor):
        due_minor = self.due()
        on_it = CARD_MINOR - self.given["gift_card"]
        pay = self.shop.pay_with_gift_card
        _, reason = answer_or_reason(lambda: pay(self.code, amount_minor, request_key=self.key()))
        if not reason:
            self.given["gift_card"] += amount_minor or min(due_minor, on_it)

    @precondition(lambda self: self.state == "paying")
    @rule()
    def give_up(self):
        back = [part for part in self.held() if part.state == "taken"]
        _, reason = answer_or_reason(lambda: self.shop.pay_desk.give_back("1", self.key()))
        if not reason:
            for part in back:
                self.given[part.tender] -= part.amount_minor if part.tender != "card" else 0

    @precondition(lambda self: any(part.state == "owed" for part in self.held()))
    @rule()
    def staff_give_a_card_back(self):
        owed = next(part for part in self.held() if part.state == "owed")
        for _ in range(2):
            self.shop.pay_desk.returned(owed.id)
        self.given["card"] -= owed.amount_minor

    @precondition(lambda self: self.state == "paid")
    @rule()
    def go(self):
        self.shop.till.cancel("1")

    # What always holds

    @invariant()
    def nobody_loses_or_gains_money(self):
        """What the shopper gave is on receipts, or held for the basket that is being paid."""
        bought = sum(receipt.total_minor for receipt in self.shop.receipts()) - self.bought_before_minor
        assert sum(self.given.values()) == bought + sum(part.amount_minor for part in self.held())

    @invariant()
    def the_drawer_and_the_gift_card_agree_with_the_shopper(self):
        with self.shop.books.page() as page:
            assert page.balance(ledger.drawer_of("1")) == self.given["cash"]
        assert self.shop.cards.balance(self.code)[1] == CARD_MINOR - self.given["gift_card"] >= 0

    @invariant()
    def the_ledger_sums_to_zero(self):
        assert sum(self.shop.ledger_sums().values()) == 0

    @invariant()
    def no_more_is_held_than_the_basket_costs(self):
        if self.state in ("open", "paying"):
            held = sum(part.amount_minor for part in self.held())
            assert 0 <= held <= self.shop.basket().total_minor
            assert held == 0 if self.state == "open" else held or self.payment is not None

    @invariant()
    def at_most_one_attempt_is_open_and_it_fits(self):
        open_ones = [p for p in self.shop.books.sheet.payments.values() if p.state in OPEN_STATES]
        assert len(open_ones) <= 1
        assert all(payment.amount_minor <= self.due() for payment in open_ones)

    @invariant()
    def every_receipt_was_paid_exactly(self):
        for receipt in self.shop.receipts():
            assert sum(part.amount_minor for part in receipt.tenders) == receipt.total_minor
            for part in receipt.tenders:
                kept = part.amount_minor + part.rounding_minor
                assert part.kind != "cash" or part.given_minor - part.change_minor == kept

    @invariant()
    def staff_know_of_every_card_that_must_go_back(self):
        owed = sorted(part.id for part in self.held() if part.state == "owed")
        assert owed == sorted(about for kind, about in self.shop.waiting_tasks() if kind == "refund_due")


@pytest.mark.parametrize(
    ("runs", "steps"), [(150, 40), pytest.param(1000, 50, marks=pytest.mark.long)], ids=["short", "long"]
)
def test_no_money_is_made_and_none_is_lost(
    new_memory_shop: Callable[[], Shop], runs: int, steps: int
) -> None:
    Shopper.new_shop = staticmethod(new_memory_shop)  # type: ignore[assignment]
    run_state_machine_as_test(Shopper, settings=settings(max_examples=runs, stateful_step_count=steps))  # type: ignore[no-untyped-call]
