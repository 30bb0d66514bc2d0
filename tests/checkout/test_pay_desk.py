"""Paying in parts, at the counter: cash with change, gift cards, cards, and giving it all up again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkout import events, ledger
from checkout.basket import EMPTIES, Line
from checkout.cashier import Cashier
from checkout.gift_cards import reference_of
from checkout.loyalty.purse import Purse
from checkout.pay_desk import PayDesk
from checkout.staff import Clerk
from tests.conftest import SELLER, CountingChance, refuses

CASHIER = Clerk("clerk-1", frozenset({"cash", "close"}))


def with_wine(shop, lane="1"):
    """4.99 to pay."""
    return shop.scan(shop.wine, lane=lane)


def gift_card(shop, amount_minor, lane="9"):
    """A card that was sold for cash at another lane; gives its code."""
    (code,) = shop.cards.print_blank(1, CASHIER)
    shop.cards.sell(lane, code, amount_minor)
    shop.pay_desk.pay_cash(lane, amount_minor)
    return code


def with_empties(shop, pieces=6, lane="1"):
    """Bottles brought back, 25 cents each: the shop pays."""
    with shop.books.page() as page:
        return shop.till.steps.put(page, lane, empties(pieces))


def empties(pieces):
    return Line(
        number=0,
        gtin="9520001000027",
        quantity=pieces,
        weight_g=0,
        unit_price_minor=-25,
        vat_bp=1900,
        how="typed",
        changed=0,
        kind=EMPTIES,
        vat="standard",
    )


def held(shop, lane="1"):
    basket = shop.basket(lane)
    with shop.books.page() as page:
        return [(part.tender, part.amount_minor, part.state) for part in page.held_payments(basket.id)]


def drawer(shop, lane="1"):
    with shop.books.page() as page:
        return page.balance(ledger.drawer_of(lane))


def left_on(shop, code):
    return shop.cards.balance(code)[1]


def sums_to_zero(shop):
    sums = shop.ledger_sums()
    assert sum(sums.values()) == 0
    with shop.books.page() as page:
        assert {account: page.balance(account) for account in sums} == sums


def test_cash_pays_at_once_and_gives_change(shop):
    with_wine(shop)
    assert shop.pay_desk.pay_cash("1", 1000).state == "paid"
    (receipt,), (sale,) = shop.receipts(), shop.heard(events.SaleCompleted)
    (part,) = receipt.tenders
    assert (part.kind, part.amount_minor, part.given_minor, part.change_minor) == ("cash", 499, 1000, 501)
    assert (receipt.paid_by, sale.paid_by) == ("cash", "cash")
    (taken,) = shop.heard(events.PaymentTaken)
    assert (taken.found_by, taken.tender, taken.due_minor) == ("counter", "cash", 0)
    assert sale.tenders == (events.TenderPart("cash", 499, taken.payment),)
    assert drawer(shop) == 499
    sums_to_zero(shop)


def test_after_a_part_the_basket_waits_frozen_for_the_rest(shop):
    with_wine(shop)
    assert shop.pay_desk.pay_cash("1", 200).state == "paying"
    assert shop.payment() is None
    refuses("basket_being_paid", lambda: shop.scan(shop.milk))
    refuses("basket_being_paid", lambda: shop.till.cancel("1"))
    assert shop.heard(events.PaymentTaken)[0].due_minor == 299
    sent = shop.ask_and_send()
    assert sent.amount_minor == 299
    assert shop.cashier.taken(sent.id, 8, "girocard", "answer").state == "paid"
    (receipt,) = shop.receipts()
    assert receipt.paid_by == "several"
    assert (receipt.card_name, receipt.terminal_receipt) == ("girocard", 8)
    assert shop.heard(events.SaleCompleted)[0].payment == ""


def test_a_part_may_be_asked_of_a_card_and_the_rest_of_another(shop):
    with_wine(shop)
    first = shop.ask_and_send(amount_minor=300)
    assert shop.cashier.taken(first.id, 8, "girocard", "answer").state == "paying"
    assert shop.cashier.taken(first.id, 8, "girocard", "enquiry").state == "paying"
    second = shop.ask_and_send(receipt_before=8)
    assert second.amount_minor == 199
    assert shop.cashier.taken(second.id, 9, "Visa", "answer").state == "paid"
    assert [part.name for part in shop.receipts()[0].tenders] == ["girocard", "Visa"]


def test_a_declined_rest_leaves_the_paid_part_and_the_frozen_basket(shop):
    with_wine(shop)
    shop.pay_desk.pay_cash("1", 200)
    sent = shop.ask_and_send()
    shop.cashier.declined(sent.id, "card")
    assert shop.basket().state == "paying"
    assert held(shop) == [("cash", 200, "taken")]
    assert shop.pay_desk.pay_cash("1", 300).state == "paid"


def test_nothing_else_is_taken_while_a_card_is_asked(shop):
    code = gift_card(shop, 1000)
    with_wine(shop)
    shop.ask_and_send(amount_minor=100)
    refuses("basket_being_paid", lambda: shop.pay_desk.pay_cash("1", 500))
    refuses("basket_being_paid", lambda: shop.pay_with_gift_card(code))
    refuses("basket_being_paid", lambda: shop.pay_desk.give_back("1"))
    shop.cashier.unknown(shop.payment().id)
    refuses("basket_being_paid", lambda: shop.pay_desk.pay_cash("1", 500))
    assert left_on(shop, code) == 1000


def test_a_gift_card_pays_what_it_can(shop):
    code = gift_card(shop, 300)
    with_wine(shop)
    assert shop.pay_with_gift_card(code).state == "paying"
    assert left_on(shop, code) == 0
    assert shop.pay_desk.pay_cash("1", 199).state == "paid"
    sums_to_zero(shop)


def test_a_repeated_request_takes_nothing_twice(shop):
    code = gift_card(shop, 1000)
    with_wine(shop)
    for _ in range(2):
        shop.pay_with_gift_card(code, 100, request_key="a")
        shop.pay_desk.pay_cash("1", 100, request_key="b")
    assert sorted(held(shop)) == [("cash", 100, "taken"), ("gift_card", 100, "taken")]
    assert (left_on(shop, code), drawer(shop)) == (900, 100)
    shop.pay_desk.give_back("1", request_key="c")
    shop.pay_desk.pay_cash("1", 100, request_key="d")
    shop.pay_desk.give_back("1", request_key="c")
    assert drawer(shop) == 100


def test_given_up_everything_that_the_store_took_itself_is_back_at_once(shop):
    code = gift_card(shop, 300)
    with_wine(shop)
    shop.pay_with_gift_card(code)
    shop.pay_desk.pay_cash("1", 100)
    assert shop.pay_desk.give_back("1").state == "open"
    assert (left_on(shop, code), drawer(shop)) == (300, 0)
    assert sorted((e.tender, e.amount_minor) for e in shop.heard(events.PaymentReturned)) == [
        ("cash", 100),
        ("gift_card", 300),
    ]
    sums_to_zero(shop)
    shop.scan(shop.milk)
    assert shop.pay().total_minor == 618


def test_given_up_after_a_card_staff_give_it_back_and_the_basket_waits(shop):
    with_wine(shop)
    sent = shop.ask_and_send(amount_minor=300)
    shop.cashier.taken(sent.id, 8, "girocard", "answer")
    shop.pay_desk.pay_cash("1", 100)
    assert shop.pay_desk.give_back("1").state == "paying"
    assert shop.waiting_tasks() == [("refund_due", sent.id)]
    assert held(shop) == [("card", 300, "owed")]
    assert shop.pay_desk.give_back("1").state == "paying"  # asked twice, owed once
    refuses("money_going_back", lambda: shop.pay_desk.pay_cash("1", 500))
    refuses("money_going_back", lambda: shop.cashier.ask_payment("1"))
    shop.pay_desk.returned(sent.id)
    shop.pay_desk.returned(sent.id)
    assert shop.basket().state == "open"
    assert shop.waiting_tasks() == []
    assert [e.tender for e in shop.heard(events.PaymentReturned)] == ["cash", "card"]
    # The terminal may say it once more, hours later: it was taken, and is settled.
    assert shop.cashier.taken(sent.id, 8, "girocard", "enquiry").state == "open"


@pytest.mark.parametrize("state", ["asked", "sent", "unknown", "declined", "missing"])
def test_only_what_is_owed_can_be_returned(shop, state):
    with_wine(shop)
    shop.cashier.ask_payment("1")
    payment = shop.payment()
    if state != "asked":
        shop.cashier.send(payment.id, "terminal-1", 7)
    if state == "unknown":
        shop.cashier.unknown(payment.id)
    if state == "declined":
        shop.cashier.declined(payment.id, "card")
    shop.pay_desk.returned("no such payment" if state == "missing" else payment.id)
    assert shop.heard(events.PaymentReturned) == []


def test_there_is_nothing_to_give_back_where_nothing_was_paid(shop):
    assert shop.pay_desk.give_back("1") is None
    basket = with_wine(shop)
    assert shop.pay_desk.give_back("1") == basket
    shop.pay_desk.pay_cash("1", 499)
    assert shop.pay_desk.give_back("1").state == "paid"


@pytest.mark.parametrize("given_minor", [-1, 0, 1_000_001])
def test_absurd_sums_are_refused(shop, given_minor):
    basket = with_wine(shop)
    refuses("amount_not_possible", lambda: shop.pay_desk.pay_cash("1", given_minor))
    assert shop.basket() == basket


def test_amounts_over_the_due_or_below_nothing_are_refused(shop):
    code = gift_card(shop, 1000)
    with_wine(shop)
    for amount_minor, reason in ((500, "more_than_due"), (-1, "amount_not_possible")):
        refuses(reason, lambda amount=amount_minor: shop.cashier.ask_payment("1", amount_minor=amount))
        refuses(reason, lambda amount=amount_minor: shop.pay_with_gift_card(code, amount))
    assert shop.basket().state == "open"


def test_an_empty_lane_pays_nothing(shop):
    refuses("basket_empty", lambda: shop.pay_desk.pay_cash("1", 100))
    shop.till.open("1", "de")
    refuses("basket_empty", lambda: shop.pay_desk.pay_cash("1", 100))


def test_a_free_basket_is_done_without_money(shop):
    gift = replace(shop.milk, price_minor=0)
    shop.put_on_the_shelf(gift)
    shop.scan(gift)
    assert shop.pay_desk.pay_cash("1", 0).state == "paid"
    assert shop.receipts()[0].tenders == ()


@pytest.mark.parametrize(
    ("pieces", "given_minor", "state", "rounding_minor"),
    [(1, 120, "paid", 1), (2, 240, "paid", 2), (3, 355, "paid", -2), (3, 350, "paying", 0)],
)
def test_cash_is_rounded_where_the_shop_says_so(shop, pieces, given_minor, state, rounding_minor):
    desk = PayDesk(shop.books, shop.cashier.settlement, rounds_cash=True)
    shop.scan(shop.milk)
    if pieces > 1:
        shop.till.change_quantity("1", 1, pieces)
    assert desk.pay_cash("1", given_minor).state == state
    if state == "paid":
        (part,) = shop.receipts()[0].tenders
        assert part.rounding_minor == rounding_minor
        assert part.given_minor - part.change_minor == part.amount_minor + part.rounding_minor
        assert drawer(shop) == given_minor
        assert shop.heard(events.SaleCompleted)[0].tenders[0].rounding_minor == rounding_minor


def test_two_cents_are_rounded_to_nothing(shop):
    desk = PayDesk(shop.books, shop.cashier.settlement, rounds_cash=True)
    shop.put_on_the_shelf(replace(shop.milk, price_minor=2))
    shop.scan(shop.milk)
    assert desk.pay_cash("1", 0).state == "paid"
    assert shop.receipts()[0].tenders[0].rounding_minor == -2


# The shop pays


def test_empties_are_paid_out_in_cash(shop):
    shop.drawers.put_float("1", 10_000, CASHIER)
    with_empties(shop)
    assert shop.pay_desk.pay_out_cash("1", request_key="a").state == "paid"
    shop.pay_desk.pay_out_cash("1", request_key="a")
    (receipt,) = shop.receipts()
    assert (receipt.total_minor, receipt.paid_by) == (-150, "cash")
    (part,) = receipt.tenders
    assert (part.amount_minor, part.change_minor, part.rounding_minor) == (-150, 0, 0)
    assert drawer(shop) == 9850
    sums_to_zero(shop)


def test_more_than_lies_in_the_drawer_is_not_paid_out(shop):
    with_empties(shop)
    refuses("drawer_short", lambda: shop.pay_desk.pay_out_cash("1"))
    assert shop.basket().state == "open"


def test_empties_may_go_onto_a_gift_card(shop):
    code = gift_card(shop, 300)
    with_empties(shop)
    assert shop.pay_desk.pay_out_on_gift_card("1", code).state == "paid"
    assert left_on(shop, code) == 450
    assert shop.receipts()[-1].tenders[0].left_minor == 450
    assert shop.heard(events.GiftCardBooked)[-1].amount_minor == 150
    sums_to_zero(shop)


def test_a_kiosk_cannot_pay_out_and_calls_staff(shop):
    kiosk = PayDesk(shop.books, shop.cashier.settlement, takes_cash=lambda lane: False)
    basket = with_empties(shop)
    refuses("no_cash_here", lambda: kiosk.pay_out_cash("1"))
    refuses("shop_pays_out", lambda: shop.cashier.ask_payment("1"))
    refuses("shop_pays_out", lambda: shop.cashier.ask_payment("1"))
    assert shop.waiting_tasks() == [("payout", basket.id)]
    assert shop.basket() == basket


def test_money_goes_one_way(shop):
    code = gift_card(shop, 300)
    with_empties(shop)
    refuses("shop_pays_out", lambda: shop.pay_desk.pay_cash("1", 100))
    refuses("shop_pays_out", lambda: shop.pay_with_gift_card(code))
    with_wine(shop, "2")
    refuses("shopper_pays", lambda: shop.pay_desk.pay_out_cash("2"))
    refuses("shopper_pays", lambda: shop.pay_desk.pay_out_on_gift_card("2", code))


# Points


class Wallet(Purse):
    """Points of a shopper who has some."""

    def __init__(self, clock, worth_minor):
        super().__init__(clock=clock)
        self.worth_minor = worth_minor

    def spend(self, page, basket, amount_minor, payment):
        taken_minor = min(amount_minor, self.worth_minor)
        self.worth_minor -= taken_minor
        return taken_minor

    def give_back(self, page, part):
        self.worth_minor += part.amount_minor


def test_points_pay_like_money_and_come_back_like_it(shop):
    purse = Wallet(shop.clock, 200)
    cashier = Cashier(shop.books, clock=shop.clock, chance=CountingChance("p"), shop=SELLER, purse=purse)
    desk = PayDesk(shop.books, cashier.settlement)
    with_wine(shop)
    assert desk.pay_points("1").state == "paying"
    assert purse.worth_minor == 0
    desk.give_back("1")
    assert purse.worth_minor == 200
    desk.pay_points("1", 50)
    assert desk.pay_cash("1", 500).state == "paid"
    assert [
        (part.kind, part.amount_minor) for part in shop.receipts()[0].tenders if part.kind == "points"
    ] == [("points", 50)]


def test_a_shop_without_points_says_so(shop):
    with_wine(shop)
    refuses("no_points_here", lambda: shop.pay_desk.pay_points("1"))


def test_nobody_reads_a_gift_cards_number_in_the_journal(shop):
    code = gift_card(shop, 1000)
    with_wine(shop)
    shop.pay_with_gift_card(code)
    assert code not in repr(shop.heard()) + repr(shop.receipts())
    assert reference_of(code) in repr(shop.heard(events.GiftCardBooked))
