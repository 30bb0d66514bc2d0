"""What promotions do to a basket: the best combination there is, and laws that hold for all of them."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout.basket import EMPTIES, GOODS, RETURNED, VOUCHER, Circumstances
from checkout.pricing import points_awards, points_times, priced
from checkout.promotions import Promotion
from checkout.promotions.pieces import Part, Scope
from checkout.promotions.terms import Terms
from tests.checkout.promoted import Offer, basket_of, best_by_hand, line, promotions, some_lines, some_offers

CHANCES = st.integers(0, 2**32).map(Random)


def saved(lines, offers, **more):
    return sum(line.discount_minor for line in priced(basket_of(lines, **more), promotions(offers)).lines)


def some_case(chance, lines_max=20, offers_max=12, quantity_max=4):
    lines = some_lines(chance, chance.randint(3, lines_max), 4, quantity_max)
    return lines, some_offers(chance, chance.randint(0, offers_max), [line.gtin for line in lines], 4)


# The best combination


@pytest.mark.parametrize("seed", range(60))
def test_the_best_division_of_eight_lines_is_found(seed):
    chance = Random(seed)
    lines = some_lines(chance, 8, 4)
    offers = some_offers(chance, 8, [line.gtin for line in lines], 4)
    assert saved(lines, offers) == best_by_hand(lines, offers)


@pytest.mark.parametrize("seed", range(40))
def test_the_best_division_of_lines_with_several_pieces_is_found(seed):
    chance = Random(seed)
    lines = some_lines(chance, 4, 2, quantity_max=3)[: 9 - seed % 3]
    while sum(line.quantity for line in lines) > 9:
        lines.pop()
    offers = some_offers(chance, 8, [line.gtin for line in lines], 2)
    assert saved(lines, offers) == best_by_hand(lines, offers)


@pytest.mark.parametrize("seed", [3, 14])
def test_the_best_division_of_twelve_lines_is_found(seed):
    chance = Random(seed)
    lines = some_lines(chance, 12, 4)
    offers = some_offers(chance, 8, [line.gtin for line in lines], 4)
    assert saved(lines, offers) == best_by_hand(lines, offers)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1_000, 1_100))
def test_the_best_division_of_many_baskets_of_twelve_lines_is_found(seed):
    test_the_best_division_of_twelve_lines_is_found(seed)


# Laws


@given(CHANCES)
def test_shares_lie_within_their_line_and_nothing_is_dearer(chance):
    lines, offers = some_case(chance)
    basket = priced(basket_of(lines), promotions(offers))
    for line_now in basket.lines:
        assert all(reduction.amount_minor > 0 for reduction in line_now.reductions)
        assert 0 <= line_now.discount_minor <= line_now.gross_minor
    assert basket.total_minor == sum(line.gross_minor - line.discount_minor for line in basket.lines)


@given(CHANCES)
def test_the_order_of_scanning_and_of_promotions_does_not_change_what_is_paid(chance):
    lines, offers = some_case(chance)
    split = [piece for line in lines for piece in [replace(line, quantity=1)] * line.quantity]
    chance.shuffle(split)
    assert saved(lines, offers) == saved(split, chance.sample(offers, len(offers)))


@given(CHANCES)
def test_a_promotion_more_never_makes_a_small_basket_dearer(chance):
    lines, offers = some_case(chance, lines_max=6, offers_max=8, quantity_max=1)
    totals = [saved(lines, offers[:count]) for count in range(len(offers) + 1)]
    assert totals == sorted(totals)


@given(CHANCES)
def test_voiding_what_came_restores_what_was_taken_off(chance):
    lines, offers = some_case(chance)
    running = promotions(offers)
    before = priced(basket_of(lines), running)
    more = basket_of([*before.lines, *some_lines(chance, 3, 4)])
    with_more = priced(more, running)
    voided = [
        replace(line, voided=True, reductions=()) if line.number > len(lines) else line
        for line in with_more.lines
    ]
    after = priced(replace(with_more, lines=tuple(voided)), running)
    assert [line.reductions for line in after.standing] == [line.reductions for line in before.lines]


@given(CHANCES)
def test_pricing_twice_changes_nothing_and_without_promotions_all_is_as_before(chance):
    lines, offers = some_case(chance)
    once = priced(basket_of(lines), promotions(offers))
    assert priced(once, promotions(offers)) is once
    plain = priced(once, ())
    assert [line.reductions for line in plain.lines] == [()] * len(lines)
    assert priced(plain, ()) is plain


@given(CHANCES)
def test_only_lines_whose_reductions_change_are_marked(chance):
    lines, offers = some_case(chance)
    before = basket_of([replace(line, changed=1) for line in lines])
    after = priced(before, promotions(offers))
    for was, now in zip(before.lines, after.lines, strict=True):
        assert now.changed == (after.version if now.reductions else was.changed)


# Rules in words


class Anything(Promotion):
    """Takes what it is told to off each piece."""

    def __init__(self, id, off_minor):
        super().__init__(id, Terms({}))
        self.parts = (Part(Scope(), weighed=True),)
        self.off_minor = off_minor

    def takes_off(self, pieces):
        return self.off_minor


@pytest.mark.parametrize(("off_minor", "total_minor"), [(500, 0), (100, 0), (99, 1), (0, 100), (-5, 100)])
def test_a_promotion_gives_the_piece_at_most_and_never_makes_it_dearer(off_minor, total_minor):
    assert priced(basket_of([line("a", 100)]), [Anything("p", off_minor)]).total_minor == total_minor


@pytest.mark.parametrize("kind", [EMPTIES, RETURNED, VOUCHER])
def test_only_goods_are_made_cheaper(kind):
    offers = [Offer("p", "percent", {"percent": 50})]
    assert saved([line("a", 100, kind=kind)], offers) == 0
    assert saved([line("a", 100, kind=GOODS, deposit_minor=25)], offers) == 50


@pytest.mark.parametrize(("pieces", "free"), [(2, 0), (3, 1), (5, 1), (6, 2), (999, 333)])
def test_three_for_two_is_given_as_often_as_it_fits(pieces, free):
    assert saved([line("a", 100, pieces)], [Offer("p", "n-for-m", {"take": 3, "pay": 2})]) == 100 * free


def test_a_deal_is_split_by_prices_to_the_cent():
    lines = [line("a", 100), line("b", 200), line("c", 100)]
    basket = priced(basket_of(lines), promotions([Offer("p", "n-for-m", {"take": 3, "pay": 2})]))
    assert [line.discount_minor for line in basket.lines] == [25, 50, 25]
    assert {reduction.by for line in basket.lines for reduction in line.reductions} == {"p"}


def test_promotions_of_one_group_exclude_each_other_and_those_of_two_stack():
    ten, twenty = {"percent": 10}, {"percent": 20}
    lines = [line("a", 1000)]
    assert saved(lines, [Offer("p", "percent", ten), Offer("q", "percent", twenty)]) == 200
    assert (
        saved(lines, [Offer("p", "percent", ten), Offer("q", "percent", {**twenty, "group": "card"})]) == 300
    )


def test_groups_that_stack_may_mean_different_numbers_of_the_same_pieces():
    two_for_one, tenth = {"take": 2, "pay": 1}, {"percent": 10, "group": "card"}
    offers = [Offer("p", "n-for-m", two_for_one), Offer("q", "percent", tenth)]
    assert saved([line("a", 100, 3)], offers) == 100 + 3 * 10


def test_what_stacked_promotions_take_off_beyond_the_price_is_lost():
    offers = [Offer("p", "percent", {"percent": 70}), Offer("q", "percent", {"percent": 60, "group": "card"})]
    (only,) = priced(basket_of([line("a", 1000)]), promotions(offers)).lines
    assert [(reduction.by, reduction.amount_minor) for reduction in only.reductions] == [
        ("p", 700),
        ("q", 300),
    ]


def test_a_weighed_bag_is_one_piece_and_no_part_of_three_for_two():
    bag = line("a", 299, weight_g=742)
    assert saved([bag], [Offer("p", "percent", {"percent": 10})]) == 22
    assert saved([bag], [Offer("p", "amount", {"off": 1.0})]) == 74  # a euro off the kilogram
    assert saved([bag], [Offer("p", "fixed-price", {"price": 1.99})]) == 222 - 148
    assert saved([bag] * 3, [Offer("p", "n-for-m", {"take": 3, "pay": 2})]) == 0
    assert saved([bag] * 3, [Offer("p", "threshold", {"spend": 6.66, "off": 1.0})]) == 100


def test_a_coupon_promotion_waits_for_its_coupon():
    offers = [Offer("p", "percent", {"percent": 10, "coupon": "AUTUMN"})]
    assert saved([line("a", 1000)], offers) == 0
    assert saved([line("a", 1000)], offers, circumstances=Circumstances(coupons=("AUTUMN",))) == 100


def test_a_promotion_for_a_customer_group_is_for_nobody_else():
    offers = [Offer("p", "percent", {"percent": 10, "customers": ["staff"]})]
    assert saved([line("a", 1000)], offers) == 0
    assert saved([line("a", 1000)], offers, circumstances=Circumstances(customer_group="staff")) == 100


def test_points_are_multiplied_and_money_is_not():
    offers = [
        Offer("twice", "points", {"times": 2}),
        Offer("five", "points", {"times": 5, "groups": ["wine"]}),
    ]
    lines = [line("a", 100), line("b", 500, groups=("wine",)), line("c", 500, kind=VOUCHER)]
    assert saved(lines, offers) == 0
    assert points_awards(basket_of(lines), promotions(offers)) == ((1, "twice", 2), (2, "five", 5))
    assert points_times(basket_of(lines), promotions(offers)) == {1: 2, 2: 5}
