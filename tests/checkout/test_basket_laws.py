"""Laws of any basket: what lies in it adds up, in whatever order it came and whatever was taken out again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import events
from checkout.basket import CANCELLED, CLOSED, NEXT_STATES, OPEN, PAID, PARKED, PAYING, Basket
from checkout.payment import Payment, answers
from checkout.shopper import PersonalOffer, VisitCard
from checkout.tax import vat_inside
from tests.conftest import Shop, refuses

WEIGHT_LABEL, PRICE_LABEL, COUNT_LABEL = "2808151012341", "2208156005001", "2507009000126"
CODES = st.sampled_from([Shop.milk.gtin, Shop.wine.gtin, WEIGHT_LABEL, PRICE_LABEL, COUNT_LABEL])
ROLLS = st.lists(CODES, min_size=1, max_size=12)
PERCENT = st.integers(1, 100)


def scan_all(shop, codes, lane="1"):
    for code in codes:
        shop.till.scan(lane, code, how="serial")
    return shop.basket(lane)


def basket_of(*lines):
    return Basket("b", "1", OPEN, 2, lines, "de", "2026-11-21T10:00:00+00:00")


@given(ROLLS, st.randoms(use_true_random=False))
def test_the_order_of_scanning_does_not_change_the_total(new_memory_shop, codes, chance):
    shuffled = list(codes)
    chance.shuffle(shuffled)
    shop = new_memory_shop()
    assert scan_all(shop, codes, "1").total_minor == scan_all(shop, shuffled, "2").total_minor


@given(ROLLS, ROLLS)
def test_voiding_what_came_restores_the_total(new_memory_shop, kept, regretted):
    shop = new_memory_shop()
    before = scan_all(shop, kept)
    after = scan_all(shop, regretted)
    for line in after.lines[len(before.lines) :]:
        after = shop.till.void("1", line.number)
    assert (after.total_minor, after.pieces) == (before.total_minor, before.pieces)
    assert after.standing == before.standing


@given(ROLLS, st.data(), PERCENT)
def test_lines_tax_receipt_and_payment_all_tell_one_total(new_memory_shop, codes, data, percent):
    shop = new_memory_shop()
    scan_all(shop, codes)
    visit = shop.till.scan("1", "EMMA1.anna", how="camera").visit
    shop.till.visits.welcome(
        visit, "1", VisitCard(True, offer=PersonalOffer("o", Shop.wine.gtin, percent, {}))
    )
    for number in data.draw(st.sets(st.integers(1, len(codes)), max_size=len(codes) - 1)):
        shop.till.void("1", number)
    shop.till.scan("1", Shop.milk.gtin, how="serial")
    basket = shop.basket()
    shop.pay()
    (receipt,), (sale,) = shop.receipts(), shop.heard(events.SaleCompleted)
    totals = {
        basket.total_minor,
        sum(line.total_minor for line in basket.lines),
        shop.heard(events.PaymentTaken)[0].amount_minor,
        receipt.total_minor,
        sum(line.total_minor for line in receipt.lines),
        sum(part.net_minor + part.vat_minor for part in receipt.vat),
        sale.total_minor,
        sum(line.total_minor for line in sale.lines),
    }
    assert totals == {basket.total_minor}
    assert all(part.vat_minor == vat_inside(part.gross_minor, part.rate_bp) for part in receipt.vat)
    assert receipt.saved_minor == sum(line.gross_minor for line in basket.standing) - receipt.total_minor


@given(ROLLS)
def test_every_change_makes_the_next_version(new_memory_shop, codes):
    shop = new_memory_shop()
    scan_all(shop, codes)
    shop.till.void("1", 1)
    versions = [e.version for e in shop.heard(events.LineAdded, events.LineVoided)]
    assert versions == list(range(2, len(codes) + 3))
    assert shop.basket().version == versions[-1]


# States


@pytest.mark.parametrize("before", NEXT_STATES)
@pytest.mark.parametrize("after", NEXT_STATES)
def test_a_basket_goes_only_where_the_table_says(before, after):
    basket = replace(basket_of(), state=before)
    allowed = {
        (OPEN, PAYING),
        (OPEN, CANCELLED),
        (OPEN, PAID),
        (PAYING, OPEN),
        (PAYING, PAID),
        (PAID, CLOSED),
        (OPEN, PARKED),
        (PARKED, OPEN),
        (PARKED, CANCELLED),
    }
    if (before, after) in allowed:
        moved = basket.in_state(after)
        assert (moved.state, moved.version) == (after, basket.version + 1)
    else:
        with pytest.raises(AssertionError):
            basket.in_state(after)


PAYMENT = Payment("p", "b", "1", 737, "sent", terminal="t", receipt_before=41)
STEPS = {
    ("asked", "sent"),
    ("asked", "declined"),
    ("sent", "taken"),
    ("sent", "declined"),
    ("sent", "unknown"),
    ("unknown", "taken"),
    ("unknown", "declined"),
}
STATES = ("asked", "sent", "taken", "declined", "unknown")


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_a_payment_goes_only_where_the_table_says(before, after):
    payment = replace(PAYMENT, state=before)
    if (before, after) in STEPS:
        assert payment.in_state(after, receipt_number=42) == replace(payment, state=after, receipt_number=42)
    else:
        refuses("payment_not_open", lambda: payment.in_state(after), state=before)


@pytest.mark.parametrize(
    ("amount_minor", "receipt_number", "ours"),
    [
        (737, 42, True),
        (737, 41, False),  # the previous customer's, by chance of the same amount
        (736, 42, False),  # somebody else's
        (736, 41, False),
        (737, 1, False),  # its numbers began anew, or it is another terminal: staff look
    ],
)
def test_the_previous_customers_payment_does_not_count(amount_minor, receipt_number, ours):
    assert answers(PAYMENT, amount_minor, receipt_number) is ours
