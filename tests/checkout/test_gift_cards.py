"""Gift cards: their codes, their sale, and every reason for which one is not good."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import events
from checkout.gift_cards import (
    DIGITS,
    GIFT_CARD,
    check_digit,
    good_until,
    is_gift_card,
    new_code,
    qr_text,
    reference_of,
)
from checkout.pricing import priced
from checkout.promotions import build
from checkout.staff import Clerk
from tests.conftest import refuses

CASHIER = Clerk("clerk-1", frozenset({"cash"}))
CODES = st.text(min_size=1).map(new_code)


def blank(shop):
    (code,) = shop.cards.print_blank(1, CASHIER)
    return code


def sold(shop, amount_minor=2500):
    code = blank(shop)
    shop.cards.sell("1", code, amount_minor)
    shop.pay()
    return code


@given(CODES)
def test_a_code_is_read_as_bars_as_qr_and_as_typed(code):
    assert len(code) == DIGITS + 1
    reference = reference_of(code)
    assert reference_of(qr_text(code)) == reference
    assert reference_of(f" {code[:5]} {code[5:10]} {code[10:]}\n") == reference
    assert code not in reference


@given(CODES, st.integers(0, DIGITS), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(code, place, off):
    wrong = str((int(code[place]) + off) % 10)
    refuses("gift_card_unreadable", lambda: reference_of(code[:place] + wrong + code[place + 1 :]))


@given(CODES, st.integers(0, DIGITS - 1))
def test_two_neighbours_swapped_are_noticed(code, place):
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        refuses("gift_card_unreadable", lambda: reference_of(swapped))


def test_the_check_digit_is_damms():
    assert check_digit("572") == "4"  # the example of the thesis


@pytest.mark.parametrize("text", ["", "1", "EMMAG1.", "x" * 21, "²" * 21, "1" * 22, "EMMA1.token"])
def test_what_is_no_cards_code_is_refused(text):
    refuses("gift_card_unreadable", lambda: reference_of(text))


def test_it_is_worth_something_from_the_moment_it_is_paid_for(shop):
    code = blank(shop)
    basket = shop.cards.sell("1", code, 2500)
    assert (basket.total_minor, basket.lines[0].kind, basket.lines[0].vat_bp) == (2500, "voucher", 0)
    assert shop.cards.balance(code)[1] == 0
    assert shop.heard(events.GiftCardBooked) == []
    shop.pay()
    card, balance_minor = shop.cards.balance(code)
    assert (card.state, card.expires_on, balance_minor) == ("active", "2029-12-31", 2500)
    (booked,) = shop.heard(events.GiftCardBooked)
    assert booked == events.GiftCardBooked(reference_of(code), "sold", 2500, 2500, "1")
    assert sum(shop.ledger_sums().values()) == 0


def test_the_sale_has_no_tax_in_it(shop):
    shop.scan(shop.milk)
    shop.cards.sell("1", blank(shop), 2500)
    shop.pay()
    (receipt,) = shop.receipts()
    assert receipt.vat == (events.VatPart(700, 119, 111, 8), events.VatPart(0, 2500, 2500, 0))
    assert [line.name["en"] for line in receipt.lines] == ["Milk", "Gift card"]


def test_a_card_lies_in_one_basket_and_is_sold_once(shop):
    code = blank(shop)
    shop.cards.sell("1", code, 1000, request_key="a")
    assert len(shop.cards.sell("1", code, 1000, request_key="a").lines) == 1
    refuses("tag_in_other_basket", lambda: shop.cards.sell("2", code, 1000))
    shop.pay()
    refuses("gift_card_sold", lambda: shop.cards.sell("2", code, 1000))


@pytest.mark.parametrize("way", ["void", "cancel"])
def test_a_card_that_was_put_back_is_blank_and_free(shop, way):
    code = blank(shop)
    shop.cards.sell("1", code, 1000)
    if way == "void":
        shop.till.void("1", 1)
    else:
        shop.till.cancel("1")
    assert shop.cards.balance(code)[0].state == "blank"
    assert shop.cards.sell("2", code, 500).total_minor == 500


def test_a_card_from_elsewhere_is_not_known(shop):
    stranger = new_code("elsewhere")
    shop.scan(shop.milk)
    refuses("gift_card_unknown", lambda: shop.cards.balance(stranger))
    refuses("gift_card_unknown", lambda: shop.cards.sell("1", stranger, 1000))
    refuses("gift_card_unknown", lambda: shop.pay_with_gift_card(stranger))


@pytest.mark.parametrize("amount_minor", [-1000, 0, 99, 25_001])
def test_too_little_and_too_much_is_not_put_on_a_card(shop, amount_minor):
    code = blank(shop)
    refuses("amount_not_possible", lambda: shop.cards.sell("1", code, amount_minor))
    assert shop.basket() is None


def test_it_is_good_until_the_end_of_the_third_year(shop):
    code = sold(shop)
    shop.clock.now = dt.datetime(2029, 12, 31, 22, 0, tzinfo=dt.UTC)
    shop.scan(shop.milk)
    shop.pay_with_gift_card(code, 100)
    shop.clock.now = dt.datetime(2030, 1, 1, 8, 0, tzinfo=dt.UTC)
    refuses("gift_card_expired", lambda: shop.pay_with_gift_card(code), day="2029-12-31")
    assert good_until(dt.date(2024, 2, 29)) == dt.date(2027, 12, 31)


def test_a_blocked_card_pays_nothing_and_loses_nothing(shop):
    code = sold(shop)
    shop.cards.block(reference_of(code), CASHIER)
    refuses("gift_card_unknown", lambda: shop.cards.block(reference_of(code), CASHIER))
    shop.scan(shop.milk)
    refuses("gift_card_blocked", lambda: shop.pay_with_gift_card(code))
    assert shop.cards.balance(code)[1] == 2500
    assert shop.heard(events.GiftCardBlocked) == [events.GiftCardBlocked(reference_of(code), "clerk-1")]


def test_only_who_may_count_cash_prints_and_blocks_cards(shop):
    anybody = Clerk("clerk-2", frozenset({"serve"}))
    refuses("not_allowed", lambda: shop.cards.print_blank(1, anybody))
    refuses("not_allowed", lambda: shop.cards.block("x", anybody))
    refuses("quantity_not_possible", lambda: shop.cards.print_blank(0, CASHIER))
    refuses("quantity_not_possible", lambda: shop.cards.print_blank(1001, CASHIER))


def test_no_promotion_makes_a_gift_card_cheaper(shop):
    shop.scan(shop.milk)
    basket = shop.cards.sell("1", blank(shop), 1000)
    half = build("percent", "half price", {"gtins": [shop.milk.gtin, GIFT_CARD.gtin], "percent": 50})
    assert [line.discount_minor for line in priced(basket, [half]).lines] == [60, 0]


@given(CODES)
def test_a_scanner_knows_a_gift_card_by_its_qr_code_or_by_plain_bars(code):
    assert is_gift_card(qr_text(code))
    assert is_gift_card(code, "]C0")
    assert not is_gift_card(code, "]C1")  # GS1-128: batches and dates may look like this
    assert not is_gift_card(code)


# Handed in to pay with


def test_a_scanned_card_waits_until_the_shopper_agrees(shop):
    code = sold(shop)
    shop.scan(shop.milk)
    basket = shop.till.scan("1", qr_text(code), how="serial")
    assert (basket.state, shop.cards.ready(basket), shop.cards.balance(code)[1]) == ("open", 2500, 2500)
    assert shop.heard(events.GiftCardHandedIn) == [
        events.GiftCardHandedIn(basket.id, basket.version, reference_of(code))
    ]
    assert shop.till.scan("1", qr_text(code), how="serial") == basket  # once is enough
    assert shop.pay_desk.pay_gift_card("1").state == "paid"
    assert shop.cards.balance(code)[1] == 2500 - shop.milk.price_minor


def test_it_may_be_scanned_before_anything_else(shop):
    code = sold(shop)
    shop.till.scan("1", qr_text(code), how="serial")
    refuses("basket_empty", lambda: shop.pay_desk.pay_gift_card("1"))
    shop.scan(shop.milk)
    assert shop.pay_desk.pay_gift_card("1").state == "paid"


def test_the_shopper_may_take_it_away_again(shop):
    code = sold(shop)
    shop.scan(shop.milk)
    shop.cards.hand_in("1", code, "a")
    basket = shop.cards.take_back("1", "b")
    assert shop.cards.ready(basket) == 0
    assert shop.cards.hand_in("1", code, "a") == shop.cards.take_back("1", "b") == basket
    assert shop.said()[-1] == "GiftCardTakenBack"
    refuses("gift_card_unknown", lambda: shop.pay_desk.pay_gift_card("1"))


def test_another_card_takes_its_place(shop):
    first, second = sold(shop), sold(shop)
    shop.scan(shop.milk)
    shop.cards.hand_in("1", first)
    shop.cards.hand_in("1", second)
    shop.pay_desk.pay_gift_card("1")
    assert (shop.cards.balance(first)[1], shop.cards.balance(second)[1]) == (2500, 2500 - 119)


def test_a_second_card_pays_the_rest_and_neither_in_mid_attempt(shop):
    first, second = sold(shop), sold(shop)
    shop.scan(shop.milk)
    shop.pay_with_gift_card(first, 19)
    assert shop.cards.ready(shop.basket()) == 2481  # what is left may be used, too
    sent = shop.ask_and_send(amount_minor=50)
    refuses("basket_being_paid", lambda: shop.cards.hand_in("1", second))
    refuses("basket_being_paid", lambda: shop.cards.take_back("1"))
    shop.cashier.taken(sent.id, 8, "girocard", "answer")
    assert shop.pay_with_gift_card(second).state == "paid"
    assert [part.amount_minor for part in shop.receipts()[-1].tenders] == [19, 50, 50]


def test_an_empty_card_is_said_at_once(shop):
    code = sold(shop)
    for _ in range(2):
        shop.scan(shop.shirt)
    shop.pay_with_gift_card(code)
    refuses("gift_card_empty", lambda: shop.till.scan("1", qr_text(code), how="serial"))
    assert shop.heard(events.ScanRefused)[-1].reason == "gift_card_empty"


def test_a_parked_basket_takes_no_card_along(shop):
    code = sold(shop)
    shop.scan(shop.milk)
    shop.cards.hand_in("1", code)
    parked = shop.parking.park("1")
    basket = shop.parking.resume("2", parked.code)
    assert shop.cards.ready(basket) == 0
