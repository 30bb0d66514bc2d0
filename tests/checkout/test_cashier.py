"""The cashier: asked, sent, taken or declined, or nobody knows; money is taken once, with a receipt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkout import events
from checkout.cashier import Cashier
from checkout.events import SoldLine, VatPart
from checkout.payment import Payment, answers
from tests.conftest import SELLER, CountingChance, refuses


def filled(shop):
    """Two of milk (7 %) and one of wine (19 %)."""
    shop.scan(shop.milk)
    shop.till.change_quantity("1", 1, 2)
    return shop.scan(shop.wine)


def open_tasks(shop):
    return [kind for kind, _about in shop.waiting_tasks()]


def test_a_sale_goes_from_asked_to_paid_with_its_receipt(shop):
    basket = filled(shop)
    paying = shop.cashier.ask_payment("1")
    asked = shop.payment()
    assert (paying.state, asked.state, asked.amount_minor) == ("paying", "asked", 737)
    sent = shop.cashier.send(asked.id, "terminal-1", 41)
    paid = shop.cashier.taken(sent.id, 42, "girocard", "answer")
    assert paid.state == "paid"
    assert paid == shop.basket()
    assert shop.payment() is None
    assert shop.heard()[-4:] == [
        events.PaymentAsked(basket.id, asked.id, 737, "EUR"),
        events.PaymentSent(basket.id, asked.id, 737, "terminal-1", 41),
        events.PaymentTaken(basket.id, asked.id, 737, "terminal-1", 42, "answer"),
        events.SaleCompleted(
            basket=basket.id,
            receipt=1,
            total_minor=737,
            currency="EUR",
            lines=(
                SoldLine(shop.milk.gtin, 2, 0, 238, 700, unit_price_minor=119),
                SoldLine(shop.wine.gtin, 1, 0, 499, 1900, unit_price_minor=499),
            ),
            vat=(VatPart(1900, 499, 419, 80), VatPart(700, 238, 222, 16)),
            visit="",
            paid_by="card",
            payment=asked.id,
            tenders=(events.TenderPart("card", 737, asked.id),),
            opened_at="2026-11-21T10:00:00",
        ),
    ]


def test_the_receipt_says_who_sold_what_when_and_how_it_was_paid(shop):
    filled(shop)
    shop.till.void("1", 1)
    shop.pay()
    (receipt,) = shop.receipts()
    assert (receipt.number, receipt.shop, receipt.lane, receipt.language) == (1, SELLER, "1", "de")
    assert receipt.at == "2026-11-21T10:00:00+00:00"
    assert [(line.gtin, line.name["de"], line.total_minor) for line in receipt.lines] == [
        (shop.wine.gtin, "Wine", 499)
    ]
    assert receipt.total_minor == 499
    assert (receipt.paid_by, receipt.card_name, receipt.terminal) == ("card", "girocard", "terminal-1")
    assert receipt.terminal_receipt == 8


def test_receipts_are_numbered_without_gaps_and_have_links_of_their_own(shop):
    for _ in range(3):
        shop.scan(shop.milk)
        shop.pay()
    assert [receipt.number for receipt in shop.receipts()] == [1, 2, 3]
    assert len({receipt.link for receipt in shop.receipts()}) == 3


def test_there_is_nothing_to_pay_on_an_empty_lane_or_in_an_empty_basket(shop):
    refuses("basket_empty", lambda: shop.cashier.ask_payment("1"))
    shop.till.open("1", "de")
    refuses("basket_empty", lambda: shop.cashier.ask_payment("1"))
    shop.scan(shop.milk)
    shop.till.void("1", 1)
    refuses("basket_empty", lambda: shop.cashier.ask_payment("1"))
    shop.scan(shop.milk)
    shop.pay()
    refuses("basket_empty", lambda: shop.cashier.ask_payment("1"))
    assert len(shop.heard(events.PaymentAsked)) == 1


def test_a_double_tap_on_pay_asks_once(shop):
    filled(shop)
    first = shop.cashier.ask_payment("1", request_key="a")
    assert shop.cashier.ask_payment("1", request_key="b") == first
    assert len(shop.heard(events.PaymentAsked)) == 1


@pytest.mark.parametrize("repeated", ["a", "b"])
def test_a_tap_repeated_after_a_decline_does_not_ask_again(shop, repeated):
    filled(shop)
    shop.cashier.ask_payment("1", request_key="a")
    shop.cashier.ask_payment("1", request_key="b")
    shop.cashier.declined(shop.payment().id, "card")
    assert shop.cashier.ask_payment("1", request_key=repeated).state == "open"
    assert shop.cashier.ask_payment("1", request_key="c").state == "paying"


def test_a_payment_is_sent_once(shop):
    filled(shop)
    sent = shop.ask_and_send()
    assert shop.cashier.send(sent.id, "terminal-1", 7) is None
    assert shop.cashier.send("no such payment", "terminal-1", 7) is None
    assert len(shop.heard(events.PaymentSent)) == 1


def test_progress_is_announced(shop):
    filled(shop)
    sent = shop.ask_and_send()
    shop.cashier.progressed(sent, 0x0A)
    assert shop.heard(events.PaymentProgressed) == [events.PaymentProgressed(sent.basket, sent.id, 0x0A)]


def test_a_declined_card_opens_the_basket_again(shop):
    filled(shop)
    sent = shop.ask_and_send()
    shop.cashier.declined(sent.id, "card")
    shop.cashier.declined(sent.id, "card")
    assert shop.basket().state == "open"
    assert shop.heard(events.PaymentDeclined) == [events.PaymentDeclined(sent.basket, sent.id, "card")]
    shop.scan(shop.milk)
    assert shop.pay().state == "paid"
    assert shop.heard(events.SaleCompleted)[0].total_minor == 737 + 119


def test_taken_twice_settles_once(shop):
    filled(shop)
    sent = shop.ask_and_send()
    first = shop.cashier.taken(sent.id, 8, "girocard", "answer")
    assert shop.cashier.taken(sent.id, 8, "girocard", "enquiry") == first
    assert len(shop.heard(events.PaymentTaken)) == len(shop.heard(events.SaleCompleted)) == 1
    assert len(shop.receipts()) == 1


def test_taken_after_declined_is_refused_and_writes_nothing(shop):
    filled(shop)
    sent = shop.ask_and_send()
    shop.cashier.declined(sent.id, "card")
    said = shop.heard()
    refuses("payment_not_open", lambda: shop.cashier.taken(sent.id, 8, "girocard", "enquiry"))
    assert shop.heard() == said
    assert shop.receipts() == []


def test_declined_after_taken_is_refused_and_the_sale_stands(shop):
    filled(shop)
    sent = shop.ask_and_send()
    paid = shop.cashier.taken(sent.id, 8, "girocard", "answer")
    refuses("payment_not_open", lambda: shop.cashier.declined(sent.id, "card"))
    assert shop.basket() == paid


def test_money_cannot_be_taken_before_the_terminal_was_asked(shop):
    filled(shop)
    shop.cashier.ask_payment("1")
    asked = shop.payment()
    refuses("payment_not_open", lambda: shop.cashier.taken(asked.id, 8, "girocard", "answer"))
    refuses("payment_not_open", lambda: shop.cashier.taken("no such payment", 8, "girocard", "answer"))
    assert shop.basket().state == "paying"


def test_an_unknown_outcome_calls_staff_once_and_keeps_the_basket_frozen(shop):
    filled(shop)
    sent = shop.ask_and_send()
    shop.cashier.unknown(sent.id)
    shop.cashier.unknown(sent.id)
    assert shop.waiting_tasks() == [("payment_unknown", sent.id)]
    assert shop.heard(events.PaymentUnknown) == [events.PaymentUnknown(sent.basket, sent.id)]
    assert shop.cashier.ask_payment("1").state == "paying"
    assert len(shop.heard(events.PaymentAsked)) == 1
    refuses("basket_being_paid", lambda: shop.scan(shop.milk))


def test_staff_who_find_the_money_complete_the_sale_and_close_the_task(shop):
    filled(shop)
    sent = shop.ask_and_send()
    shop.cashier.unknown(sent.id)
    assert shop.cashier.taken(sent.id, 8, "girocard", "staff").state == "paid"
    assert shop.heard(events.PaymentTaken)[0].found_by == "staff"
    assert open_tasks(shop) == []
    assert [event.outcome for event in shop.heard(events.TaskDone)] == ["taken"]


def test_staff_who_find_no_money_open_the_basket_and_close_the_task(shop):
    filled(shop)
    sent = shop.ask_and_send()
    shop.cashier.unknown(sent.id)
    shop.cashier.declined(sent.id, "staff")
    assert shop.basket().state == "open"
    assert open_tasks(shop) == []
    assert [event.outcome for event in shop.heard(events.TaskDone)] == ["declined"]


@pytest.mark.parametrize("state", ["asked", "taken", "declined", "missing"])
def test_only_a_sent_payment_can_become_unknown(shop, state):
    filled(shop)
    shop.cashier.ask_payment("1")
    asked = shop.payment()
    if state == "declined":
        shop.cashier.declined(asked.id, "terminal")
    if state == "taken":
        shop.cashier.send(asked.id, "terminal-1", 7)
        shop.cashier.taken(asked.id, 8, "girocard", "answer")
    shop.cashier.unknown("no such payment" if state == "missing" else asked.id)
    assert shop.heard(events.PaymentUnknown) == []
    assert open_tasks(shop) == []


def test_money_that_moved_for_a_declined_payment_calls_staff_once_and_the_basket_stays_open(shop):
    filled(shop)
    sent = shop.ask_and_send()
    shop.cashier.declined(sent.id, "staff")
    shop.cashier.taken_after_all(sent.id, 8)
    shop.cashier.taken_after_all(sent.id, 8)
    assert shop.waiting_tasks() == [("payment_taken_after_all", sent.id)]
    assert len(shop.heard(events.TaskOpened)) == 1
    assert shop.basket().state == "open"
    with shop.books.page() as page:
        assert page.payment(sent.id).receipt_number == 8


@pytest.mark.parametrize("state", ["sent", "taken", "missing"])
def test_only_a_declined_payment_can_be_taken_after_all(shop, state):
    filled(shop)
    sent = shop.ask_and_send()
    if state == "taken":
        shop.cashier.taken(sent.id, 8, "girocard", "answer")
    shop.cashier.taken_after_all("no such payment" if state == "missing" else sent.id, 9)
    assert open_tasks(shop) == []


def test_a_lane_without_a_terminal_is_not_asked_for_money(shop):
    lanes = {"2"}
    cashier = Cashier(
        shop.books, clock=shop.clock, chance=CountingChance(), shop=SELLER, has_terminal=lanes.__contains__
    )
    filled(shop)
    refuses("no_terminal", lambda: cashier.ask_payment("1"))
    assert shop.basket().state == "open"
    shop.scan(shop.milk, lane="2")
    assert cashier.ask_payment("2").state == "paying"


def test_a_payment_remembers_when_it_was_asked_and_when_it_was_sent(shop):
    filled(shop)
    sent = shop.ask_and_send()
    assert sent.asked_at == sent.sent_at == shop.clock().isoformat()


@pytest.mark.parametrize(
    ("number", "before", "newer"),
    [
        (8, 7, True),
        (7, 7, False),
        (6, 7, False),
        (1, 9999, True),
        (9999, 1, False),
        (57, 1203, False),
        (107, 7, True),
        (108, 7, False),
        (12, 0, True),
        (0, 0, False),
        (0, 7, False),
    ],
)
def test_a_receipt_number_is_newer_a_few_steps_on_over_the_wrap_too(number, before, newer):
    sent = Payment("p", "b", "1", 737, "sent", receipt_before=before)
    assert answers(sent, 737, number) is newer
    assert not answers(sent, 738, number)


def test_stopped_before_it_was_sent_nothing_goes_to_the_terminal(shop):
    filled(shop)
    shop.cashier.ask_payment("1")
    asked = shop.payment()
    shop.cashier.stop_payment("1")
    assert shop.basket().state == "open"
    assert shop.cashier.send(asked.id, "terminal-1", 7) is None
    assert shop.heard(events.PaymentDeclined) == [events.PaymentDeclined(asked.basket, asked.id, "shopper")]


def test_stopped_after_it_was_sent_the_terminal_is_asked_to_let_go(shop):
    filled(shop)
    sent = shop.ask_and_send()
    shop.cashier.stop_payment("1", request_key="a")
    shop.cashier.stop_payment("1", request_key="a")
    assert shop.heard(events.PaymentStopAsked) == [events.PaymentStopAsked(sent.basket, sent.id)]
    assert shop.basket().state == "paying"  # the card may have been read already
    shop.cashier.taken(sent.id, 8, "girocard", "answer")
    assert shop.basket().state == "paid"


def test_a_stop_repeated_late_does_not_stop_the_next_payment(shop):
    filled(shop)
    shop.cashier.stop_payment("1", request_key="a")
    shop.cashier.ask_payment("1")
    shop.cashier.stop_payment("1", request_key="a")
    assert shop.payment().state == "asked"


def test_there_is_nothing_to_stop_without_a_payment(shop):
    shop.cashier.stop_payment("1")
    filled(shop)
    shop.cashier.stop_payment("1")
    shop.pay()
    said = shop.heard()
    shop.cashier.stop_payment("1")
    assert shop.heard() == said


def test_a_free_basket_is_paid_at_once_without_a_terminal(shop):
    gift = replace(shop.milk, price_minor=0)
    shop.put_on_the_shelf(gift)
    shop.scan(gift)
    assert shop.cashier.ask_payment("1").state == "paid"
    (receipt,) = shop.receipts()
    assert (receipt.paid_by, receipt.total_minor, receipt.vat) == ("nothing", 0, (VatPart(700, 0, 0, 0),))
    assert shop.heard(events.PaymentAsked) == []
    assert shop.heard(events.SaleCompleted)[0].payment == ""


def test_a_known_shoppers_sale_carries_the_visit(shop):
    filled(shop)
    visit = shop.till.scan("1", "EMMA1.anna", how="camera").visit
    shop.pay()
    assert shop.heard(events.SaleCompleted)[0].visit == visit


def test_two_lanes_are_paid_side_by_side(shop):
    shop.scan(shop.milk, lane="1")
    shop.scan(shop.wine, lane="2")
    here, there = shop.ask_and_send("1"), shop.ask_and_send("2")
    shop.cashier.taken(there.id, 8, "girocard", "answer")
    assert (shop.basket("1").state, shop.basket("2").state) == ("paying", "paid")
    shop.cashier.taken(here.id, 9, "girocard", "answer")
    assert [sale.total_minor for sale in shop.heard(events.SaleCompleted)] == [499, 119]
