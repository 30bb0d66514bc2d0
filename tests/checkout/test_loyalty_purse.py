"""Points in the shop: what a basket will give, and points as money within what head office lent."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout.basket import OPEN, Basket, Line
from checkout.catalogue import Article
from checkout.events import PointsGivenBack, PointsSpent, SaleCompleted
from checkout.loyalty.earning import counted_minor, counted_of, points_of
from checkout.loyalty.programme import PROGRAMME
from checkout.loyalty.purse import Purse
from checkout.payment import POINTS, TAKEN, Payment
from checkout.receipt import Points, write_receipt
from checkout.receipt import Shop as Seller
from checkout.settlement import _sale_completed
from checkout.shopper import Membership, VisitCard
from tests.conftest import Shop, refuses

RULES = PROGRAMME.rules[0]
MEMBER = Membership(points=1200, lease=500, lease_ends_at="2026-11-21T14:00:00+00:00")


@pytest.fixture
def purse(shop):
    return Purse(clock=shop.clock)


def welcomed(shop: Shop, membership: Membership | None = MEMBER) -> Basket:
    """A shopper with a basket of one wine (4.99), known to head office."""
    shop.scan(shop.wine)
    basket = shop.till.scan("1", "EMMA1.card-1", how="serial")
    shop.till.visits.welcome(basket.visit, "1", VisitCard(personal=True, membership=membership))
    return shop.basket()


def the_points_of(basket: Basket) -> Payment:
    return Payment("p-1", basket.id, "1", 499, TAKEN, tender=POINTS, visit=basket.visit)


def spend(shop, purse, amount_minor=499):
    with shop.books.page() as page:
        return purse.spend(page, page.basket_on("1"), amount_minor, "p-1")


def test_points_pay_at_most_what_is_due(shop, purse):
    welcomed(shop)
    assert spend(shop, purse) == 499
    [event] = shop.heard(PointsSpent)
    assert (event.points, event.worth_minor, event.payment) == (499, 499, "p-1")


def test_a_store_spends_no_more_than_it_was_lent(shop, purse):
    welcomed(shop)
    assert spend(shop, purse, 300) == 300
    assert spend(shop, purse, 300) == 200
    refuses("points_too_few", lambda: spend(shop, purse, 300), limit=100)
    assert sum(event.points for event in shop.heard(PointsSpent)) == MEMBER.lease


def test_what_is_offered_is_what_would_be_taken(shop, purse):
    welcomed(shop)
    with shop.books.page() as page:
        card = page.visit_card(page.basket_on("1").visit)
    assert purse.spendable(card, 499) == (499, 499)
    assert purse.spendable(card, 9_999) == (500, 500)
    assert purse.spendable(card, 99) == purse.spendable(None, 499) == (0, 0)
    shop.clock.now += dt.timedelta(days=1)
    assert purse.spendable(card, 499) == (0, 0)


def test_points_that_were_given_back_can_be_spent_again(shop, purse):
    basket = welcomed(shop)
    spend(shop, purse)
    with shop.books.page() as page:
        purse.give_back(page, the_points_of(basket))
    assert [event.points for event in shop.heard(PointsGivenBack)] == [499]
    assert spend(shop, purse) == 499


def test_points_given_back_after_the_visit_go_to_whom_they_came_from(shop):
    shop.scan(shop.milk)
    basket = welcomed(shop)
    assert shop.pay_desk.pay_points("1").state == "paying"
    shop.till.visits.dismiss("1")
    assert shop.pay_desk.give_back("1").visit == ""
    (spent,), (back,) = shop.heard(PointsSpent), shop.heard(PointsGivenBack)
    assert (back.visit, back.points, back.payment) == (basket.visit, spent.points, spent.payment)
    assert back.visit


def test_a_lease_that_is_over_is_over(shop, purse):
    welcomed(shop)
    shop.clock.forward(hours=4)
    refuses("points_ask_again", lambda: spend(shop, purse))


@pytest.mark.parametrize("membership", [None, Membership(40), Membership(-20), Membership(900)])
def test_without_a_lease_nothing_is_spent(shop, purse, membership):
    welcomed(shop, membership)
    refuses("no_points_here", lambda: spend(shop, purse))
    assert shop.heard(PointsSpent) == []


def test_a_stranger_has_no_points(shop, purse):
    shop.scan(shop.wine)
    refuses("no_points_here", lambda: spend(shop, purse))


def test_too_few_points_stay_where_they_are(shop, purse):
    welcomed(shop)
    refuses("points_too_few", lambda: spend(shop, purse, 99), limit=100)


def test_the_receipt_says_points_before_and_after(shop):
    welcomed(shop)
    shop.pay()
    assert shop.receipts()[-1].points == Points(before=1200, after=1204, earned=4)


def test_the_receipt_of_a_stranger_says_nothing_of_points(shop):
    shop.scan(shop.wine)
    shop.pay()
    assert shop.receipts()[-1].points is None


def test_what_was_spent_stands_on_the_receipt(shop, purse):
    basket = welcomed(shop)
    spend(shop, purse, 400)
    with shop.books.page() as page:
        assert purse.told(page.visit_card(basket.visit), basket) == Points(1200, 804, earned=4, spent=400)


LINES = st.builds(
    Line,
    number=st.just(1),
    gtin=st.just("g"),
    quantity=st.integers(1, 9),
    weight_g=st.just(0),
    unit_price_minor=st.integers(0, 5_000),
    vat_bp=st.just(700),
    how=st.just("serial"),
    changed=st.just(1),
    groups=st.sampled_from([(), ("dairy",), ("tobacco",), ("kiosk", "books")]),
    kind=st.sampled_from(["goods", "goods", "empties", "voucher"]),
    deposit_minor=st.sampled_from([0, 8, 25]),
)


@given(st.lists(LINES, max_size=8), st.dictionaries(st.integers(1, 8), st.integers(2, 10)))
def test_what_the_store_shows_is_what_the_sale_tells(lines, awards):
    """The basket's own arithmetic and that of its sale, told line by line, give the same points."""

    purse = Purse(clock=lambda: dt.datetime(2026, 11, 21, tzinfo=dt.UTC))
    basket = Basket(
        "b", "1", OPEN, 1, tuple(replace(line, number=n) for n, line in enumerate(lines, 1)), "de", ""
    )
    parts = [Payment("p", "b", "1", basket.total_minor, "taken")]
    receipt = write_receipt(
        basket, parts, number=1, link="l", shop=Seller("s", "s", (), ""), at="", names={},
        articles={line.gtin: Article(line.gtin, {"de": "x"}, 1, "piece", "reduced") for line in lines},
    )  # fmt: skip
    told = _sale_completed(basket, receipt, parts, [purse.times(line, awards) for line in basket.standing])
    assert counted_minor(told.lines) == counted_of(basket.standing, RULES, awards)
    assert points_of(counted_minor(told.lines), RULES) == purse.earned(basket, awards)


def test_the_sale_tells_what_each_line_counts(shop):
    welcomed(shop)
    shop.pay()
    [sale] = shop.heard(SaleCompleted)
    assert [line.points_times for line in sale.lines] == [1]
