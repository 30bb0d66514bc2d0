"""Money back to a card: asked, sent, made or not, and never twice; and a paid part undone at its terminal."""

from __future__ import annotations

import pytest

from checkout import events
from checkout.pay_desk import PayDesk
from checkout.staff import Clerk
from tests.conftest import refuses

ANNA = Clerk("anna", frozenset({"serve", "returns", "cash"}))
REFUNDS = (
    events.CardRefundAsked,
    events.CardRefundSent,
    events.CardRefundMade,
    events.CardRefundDeclined,
    events.CardRefundUnknown,
)


@pytest.fixture
def owing(shop):
    """A shop, and a basket with a shirt that comes back."""
    shop.scan(shop.shirt)
    shop.pay()
    number = shop.receipts()[-1].number
    shop.returns.bring_back("1", str(number), 1, 1, reason="wrong_size", clerk=ANNA)
    return shop


def sent(shop, receipt_before=7):
    shop.cashier.ask_refund("1", ANNA)
    return shop.cashier.send(shop.payment().id, "terminal-1", receipt_before)


def test_a_refund_is_asked_sent_and_made(owing):
    price_minor = owing.shirt.price_minor
    refund = sent(owing)
    assert owing.basket().state == "paying"
    assert owing.cashier.taken(refund.id, 8, "girocard", "answer").state == "paid"
    basket, id = refund.basket, refund.id
    assert owing.heard(*REFUNDS) == [
        events.CardRefundAsked(basket, id, price_minor, "EUR"),
        events.CardRefundSent(basket, id, price_minor, "terminal-1", 7),
        events.CardRefundMade(basket, id, price_minor, "terminal-1", 8, "answer"),
    ]
    receipt = owing.receipts()[-1]
    assert (receipt.total_minor, receipt.terminal_receipt, receipt.clerk) == (-price_minor, 8, "anna")
    assert [(part.kind, part.amount_minor) for part in receipt.tenders] == [("card", -price_minor)]
    assert not owing.heard(events.PaymentUnknown)
    assert not owing.waiting_tasks()


def test_it_is_asked_once_however_often_somebody_taps(owing):
    for key in ("a", "a", "b", ""):
        assert owing.cashier.ask_refund("1", ANNA, key).state == "paying"
    refund = owing.cashier.send(owing.payment().id, "terminal-1", 7)
    assert owing.cashier.send(refund.id, "terminal-1", 7) is None
    owing.cashier.taken(refund.id, 8, "", "answer")
    owing.cashier.taken(refund.id, 8, "", "enquiry")
    assert owing.cashier.ask_refund("1", ANNA, "a").state == "paid"
    assert len(owing.heard(events.CardRefundMade)) == len(owing.heard(events.CardRefundAsked)) == 1


def test_a_declined_refund_leaves_the_basket_open_for_cash(owing):
    owing.cashier.declined(sent(owing).id, "card")
    assert owing.basket().state == "open"
    assert owing.heard(events.CardRefundDeclined)[0].reason == "card"
    assert owing.settle().state == "paid"


def test_an_unknown_refund_waits_for_staff_and_is_paid_out_no_other_way(owing):
    refund = sent(owing)
    owing.cashier.unknown(refund.id)
    assert owing.waiting_tasks() == [("refund_unknown", refund.id)]
    assert owing.heard(events.CardRefundUnknown) == [events.CardRefundUnknown(refund.basket, refund.id)]
    refuses("basket_being_paid", lambda: owing.pay_desk.pay_out_cash("1"))
    assert owing.cashier.ask_refund("1", ANNA).state == "paying"
    assert owing.cashier.taken(refund.id, 8, "", "staff").state == "paid"
    assert not owing.waiting_tasks()


def test_money_that_went_out_after_all_is_told_to_staff(owing):
    refund = sent(owing)
    owing.cashier.declined(refund.id, "staff")
    owing.cashier.taken_after_all(refund.id, 8)
    owing.cashier.taken_after_all(refund.id, 8)
    assert owing.waiting_tasks() == [("refund_made_after_all", refund.id)]


def test_nobody_is_refunded_who_has_to_pay(shop):
    shop.scan(shop.milk)
    refuses("shopper_pays", lambda: shop.cashier.ask_refund("1", ANNA))
    refuses("not_allowed", lambda: shop.cashier.ask_refund("1", Clerk("bert", frozenset())))
    shop.till.void("1", 1)
    refuses("basket_empty", lambda: shop.cashier.ask_refund("1", ANNA))


def test_asking_twice_for_a_payout_gives_the_same_answer_twice(owing):
    for _ in range(3):
        refuses("shop_pays_out", lambda: owing.cashier.ask_payment("1", "a"))
    assert [kind for kind, _ in owing.waiting_tasks()] == ["payout"]
    assert len(owing.heard(events.TaskOpened)) == 1
    assert owing.settle().state == "paid"
    assert owing.cashier.ask_payment("1", "a").state == "paid"  # a late repetition


# A paid part of a sale that is given up


@pytest.fixture
def half_paid(shop):
    """A shop whose terminals undo payments, and a basket with a part paid by card."""
    shop.pay_desk = PayDesk(shop.books, shop.cashier.settlement, undoes_cards=lambda lane: True)
    shop.scan(shop.wine)
    shop.pay(amount_minor=200)
    return shop


def owed(shop):
    with shop.books.page() as page:
        return page.held_payments(page.basket_on("1").id)[0]


def test_a_given_up_part_is_undone_at_its_terminal(half_paid):
    assert half_paid.pay_desk.give_back("1").state == "paying"
    part = owed(half_paid)
    assert (part.state, part.back_asked_at) == ("owed", half_paid.clock().isoformat())
    assert not half_paid.waiting_tasks()
    half_paid.pay_desk.undoing(part, 9)
    for _ in range(2):
        half_paid.pay_desk.returned(part.id)
    assert half_paid.basket().state == "open"
    assert len(half_paid.heard(events.PaymentReturned)) == 1


def test_what_the_terminal_does_not_undo_is_left_to_staff_once(half_paid):
    half_paid.pay_desk.give_back("1")
    part = owed(half_paid)
    for _ in range(2):
        half_paid.pay_desk.left_to_staff(part.id, "card")
    assert half_paid.waiting_tasks() == [("refund_due", part.id)]
    assert half_paid.heard(events.CardRefundDeclined) == [
        events.CardRefundDeclined(part.basket, part.id, "card")
    ]
    half_paid.pay_desk.returned(part.id)
    assert (half_paid.basket().state, half_paid.waiting_tasks()) == ("open", [])
