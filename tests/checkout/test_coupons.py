"""Coupons: they take off what they say, when they fit, as often as they may, and not a cent more."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import events
from checkout.basket import EMPTIES, OPEN, Basket, Circumstances, Line, Reduction
from checkout.cashier import Cashier
from checkout.coupon_desk import COUPONS_MAX
from checkout.coupons import Coupon, Coupons, euro_amount_minor
from tests.conftest import SELLER, Shop, refuses

WORDS = {"de": "Gutschein", "en": "Coupon"}
SUMMER = Coupon("summer", "SUMMER-26", WORDS, amount_minor=200)
TENTH = Coupon("tenth", "TENTH", WORDS, percent=10)
WINE = Coupon("wine", "9828508010502", WORDS, amount_minor=50, on=(Shop.wine.gtin,))
BIG = Coupon("big", "BIG", WORDS, amount_minor=500, goods_minor_min=1000)
LETTER = Coupon("letter", "9521001000017", WORDS, amount_minor=100, times_max=1)
LATE = Coupon("late", "LATE", WORDS, percent=5, first_day=dt.date(2026, 12, 1))
ALL = (SUMMER, TENTH, WINE, BIG, LETTER, LATE)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def shop(request, new_memory_shop):
    """A shop that takes coupons, on all kinds of books."""
    if request.param == "memory":
        return new_memory_shop(coupons=ALL)
    new_url = request.getfixturevalue(f"new_{request.param}_url")
    return request.getfixturevalue("open_shop")(new_url(), coupons=ALL)


def scan(shop, text, lane="1"):
    return shop.till.scan(lane, text, how="serial")


def test_it_lies_in_the_basket_is_announced_and_takes_off_what_it_says(shop: Shop):
    shop.scan(shop.wine)
    basket = scan(shop, " SUMMER-26\n")
    assert (basket.circumstances.coupons, basket.total_minor) == (("summer",), 299)
    assert basket.lines[0].reductions == (Reduction("coupon:summer", 200),)
    assert shop.heard(events.CouponHandedIn) == [
        events.CouponHandedIn(basket.id, basket.version, "summer", "serial")
    ]
    assert shop.basket() == basket


def test_it_is_used_up_by_the_sale_and_only_if_it_took_something_off(shop: Shop):
    shop.scan(shop.milk)
    scan(shop, "]C1255" + LETTER.number + "17")
    scan(shop, "BIG")
    shop.pay()
    (redeemed,) = shop.heard(events.CouponRedeemed)
    assert (redeemed.coupon, redeemed.id, redeemed.times_max, redeemed.amount_minor) == (
        "letter",
        LETTER.number + "17",
        1,
        100,
    )
    refuses("coupon_used", lambda: scan(shop, "]C1255" + LETTER.number + "17"))
    scan(shop, "]C1255" + LETTER.number + "18")


def careful_cashier(shop):
    """One who gives head office two seconds to say whether paper is good."""
    wait = dt.timedelta(seconds=2)
    return Cashier(shop.books, clock=shop.clock, chance=shop.chance, shop=SELLER, paper_wait=wait)


def test_nobody_pays_while_head_office_may_still_say_that_it_was_used(shop: Shop):
    cashier = careful_cashier(shop)
    shop.scan(shop.wine)
    scan(shop, "]C1255" + LETTER.number + "17")
    refuses("paper_being_checked", lambda: cashier.ask_payment("1"))
    shop.clock.forward(seconds=1)
    shop.till.coupons.take_back("1", "letter")
    scan(shop, "]C1255" + LETTER.number + "17")
    shop.clock.forward(seconds=1.5)
    refuses("paper_being_checked", lambda: cashier.ask_payment("1"))
    shop.clock.forward(seconds=0.5)
    assert cashier.ask_payment("1").total_minor == 399


def test_nobody_waits_for_paper_that_counts_any_number_of_times_or_was_taken_back(shop: Shop):
    shop.scan(shop.wine)
    scan(shop, "SUMMER-26")
    scan(shop, "]C1255" + LETTER.number + "17")
    shop.till.coupons.take_back("1", "letter")
    assert careful_cashier(shop).ask_payment("1").total_minor == 299


def test_used_elsewhere_it_leaves_the_basket_and_others_stay(shop: Shop):
    shop.scan(shop.wine)
    scan(shop, "SUMMER-26")
    basket = scan(shop, "]C1255" + LETTER.number + "17")
    assert shop.till.paper.used_elsewhere(basket.id, "coupon", LETTER.number + "17")
    assert shop.basket().circumstances.coupons == ("summer",)
    assert shop.basket().total_minor == 299
    assert shop.heard(events.ScanRefused) == [events.ScanRefused(basket.id, "coupon_used_elsewhere", "chain")]
    assert shop.waiting_tasks() == [("paper_used", basket.id)]
    assert shop.till.paper.used_elsewhere(basket.id, "coupon", LETTER.number + "17")
    assert len(shop.heard(events.ScanRefused)) == 1


def test_a_single_coupon_that_only_waited_is_good_for_the_next_time(new_memory_shop):
    once = Coupon("once", "ONCE", WORDS, amount_minor=100, goods_minor_min=10_000, times_max=1)
    shop = new_memory_shop(coupons=[once])
    shop.scan(shop.milk)
    scan(shop, "ONCE")
    shop.pay()
    assert shop.heard(events.CouponRedeemed) == []
    assert scan(shop, "ONCE").circumstances.coupons == ("once",)


def test_kept_after_all_it_takes_nothing_off_and_may_come_again(shop: Shop):
    shop.scan(shop.wine)
    before = shop.basket()
    scan(shop, LETTER.number)
    after = shop.till.coupons.take_back("1", "letter")
    assert (after.total_minor, after.circumstances) == (before.total_minor, before.circumstances)
    refuses("coupon_gone", lambda: shop.till.coupons.take_back("1", "letter"))
    assert shop.said()[-1] == "CouponTakenBack"
    scan(shop, LETTER.number)
    shop.till.cancel("1")
    assert scan(shop, LETTER.number, "2").circumstances.coupons == ("letter",)


def test_what_is_refused_changes_nothing_and_is_said_on_the_lane(shop: Shop):
    shop.scan(shop.wine)
    before = scan(shop, "SUMMER-26")
    for text, reason in {
        "SUMMER-26": "coupon_used",
        "LATE": "coupon_expired",
        "9900000000004": "coupon_unknown",
        "]C18112099990123456": "coupon_unknown",
        "WINTER-26": "code_unreadable",
    }.items():
        refuses(reason, lambda text=text: scan(shop, text))
        assert shop.heard(events.ScanRefused)[-1].reason == reason
    assert shop.basket() == before


def test_a_basket_takes_so_many_coupons(new_memory_shop):
    many = [Coupon(f"c{n}", f"C{n}", WORDS, percent=1) for n in range(COUPONS_MAX + 1)]
    shop = new_memory_shop(coupons=many)
    for coupon in many[:-1]:
        scan(shop, coupon.number)
    refuses("coupons_full", lambda: scan(shop, many[-1].number), limit=COUPONS_MAX)


def test_a_coupon_in_the_wrong_basket_waits_and_says_for_what(shop: Shop):
    basket = scan(shop, "BIG")
    assert BIG.missing_minor(basket) is None
    assert BIG.missing_minor(shop.scan(shop.wine)) == 501
    assert BIG.missing_minor(shop.scan(shop.shirt)) == 0
    assert WINE.missing_minor(shop.till.void("1", 1)) is None


def test_what_one_coupon_takes_off_does_not_keep_another_from_counting(shop: Shop):
    scan(shop, "BIG")
    scan(shop, "SUMMER-26")
    shop.scan(shop.wine)
    assert shop.basket().total_minor == 299
    assert shop.till.change_quantity("1", 1, 3).total_minor == 3 * 499 - 500 - 200
    assert shop.till.change_quantity("1", 1, 2).total_minor == 2 * 499 - 200


def test_a_coupon_that_a_promotion_waits_for_takes_nothing_off_itself():
    trigger = Coupon("club", "CLUB", WORDS, promotion="club-week")
    basket = basket_of(line(1, 500), coupons=("club",))
    assert Coupons([trigger]).applied(basket) is basket
    assert trigger.by == "club-week"


def test_a_declined_payment_leaves_the_coupons_effect(shop: Shop):
    shop.scan(shop.wine)
    scan(shop, "SUMMER-26")
    shop.cashier.ask_payment("1")
    shop.cashier.declined(shop.payment().id, "card")
    assert shop.basket().total_minor == 299


@pytest.mark.parametrize(
    ("number", "amount_minor"),
    [
        ("9828508010106", 10),
        ("9813765030011", 10),
        ("9813765039991", 9990),
        ("9831234567890", 0),
        ("WORD", 0),
    ],
)
def test_euro_coupons_say_their_amount(number, amount_minor):
    assert euro_amount_minor(number) == amount_minor


# Laws

LINES = st.lists(
    st.tuples(st.integers(0, 5000), st.sampled_from(["goods", EMPTIES]), st.booleans(), st.integers(0, 25)),
    min_size=1,
    max_size=12,
)
COUPONS = st.lists(
    st.builds(
        lambda number, amount, percent, least: Coupon(
            f"c{number}", f"C{number}", WORDS, amount if not percent else 0, percent, goods_minor_min=least
        ),
        st.integers(1, 9),
        st.integers(1, 9000),
        st.sampled_from([0, 0, 1, 10, 33, 100]),
        st.sampled_from([0, 0, 500]),
    ),
    max_size=5,
    unique_by=lambda coupon: coupon.name,
)


def line(number, price_minor, kind="goods", voided=False, deposit_minor=0):
    sign = -1 if kind == EMPTIES else 1
    return Line(
        number, "g", 1, 0, sign * price_minor, 1900, "serial", 2,
        voided=voided, kind=kind, deposit_minor=deposit_minor,
    )  # fmt: skip


def basket_of(*lines, coupons=()):
    circumstances = Circumstances(coupons=tuple(coupons))
    return Basket("b", "1", OPEN, 3, lines, "de", "2026-11-21T10:00:00+00:00", circumstances=circumstances)


def drawn(lines, coupons):
    made = [line(n, *facts) for n, facts in enumerate(lines, start=1)]
    return basket_of(*made, coupons=[coupon.name for coupon in coupons])


@given(LINES, COUPONS)
def test_nothing_but_goods_gets_cheaper_and_none_below_nothing(lines, coupons):
    basket = drawn(lines, coupons)
    after = Coupons(coupons).applied(basket)
    for before, now in zip(basket.lines, after.lines, strict=True):
        assert 0 <= now.discount_minor <= max(0, before.gross_minor)
        if now.discount_minor:
            assert now.kind == "goods"
            assert not now.voided
    assert after.total_minor == basket.total_minor - sum(now.discount_minor for now in after.standing)


@given(LINES, st.integers(1, 9000))
def test_an_amount_is_given_whole_or_the_goods_are_free(lines, amount_minor):
    basket = drawn(lines, [coupon := Coupon("c", "C", WORDS, amount_minor)])
    goods = sum(one.gross_minor for one in basket.standing if one.kind == "goods")
    after = Coupons([coupon]).applied(basket)
    assert sum(one.discount_minor for one in after.lines) == min(amount_minor, goods)


@given(LINES, COUPONS, st.randoms(use_true_random=False))
def test_the_order_of_handing_in_changes_nothing(lines, coupons, chance):
    shuffled = list(coupons)
    chance.shuffle(shuffled)
    assert Coupons(coupons).applied(drawn(lines, coupons)).lines == (
        Coupons(coupons).applied(drawn(lines, shuffled)).lines
    )
