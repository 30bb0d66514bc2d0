"""Whole cents: rounding is the commercial one, and splitting conserves the sum."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout.money import divide_half_up, percent_of, price_of_measure, prorate

AMOUNTS = st.integers(-(10**12), 10**12)
WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=40)


@given(AMOUNTS, st.integers(1, 10**6))
def test_division_rounds_as_the_decimal_standard_does(numerator, denominator):
    exact = Fraction(numerator, denominator)
    rounded = divide_half_up(numerator, denominator)
    assert abs(exact - rounded) <= Fraction(1, 2)
    if abs(exact - rounded) == Fraction(1, 2):
        assert abs(rounded) > abs(exact)


@given(AMOUNTS, st.integers(0, 3))
def test_cents_are_rounded_as_by_hand(numerator, places):
    by_hand = (Decimal(numerator) / 10**places).quantize(Decimal(1), ROUND_HALF_UP)
    assert divide_half_up(numerator, 10**places) == by_hand


@pytest.mark.parametrize(
    ("numerator", "denominator", "quotient"),
    [
        (0, 7, 0),
        (1, 2, 1),
        (-1, 2, -1),
        (3, 2, 2),
        (-3, 2, -2),
        (149, 100, 1),
        (150, 100, 2),
        (-149, 100, -1),
    ],
)
def test_halves_go_away_from_zero(numerator, denominator, quotient):
    assert divide_half_up(numerator, denominator) == quotient


@given(AMOUNTS, WEIGHTS)
def test_splitting_conserves_the_sum(amount_minor, weights):
    assert sum(prorate(amount_minor, weights)) == amount_minor


@given(AMOUNTS, WEIGHTS.filter(any))
def test_every_part_is_within_a_cent_of_its_fair_share(amount_minor, weights):
    for part, weight in zip(prorate(amount_minor, weights), weights, strict=True):
        assert abs(part - Fraction(amount_minor * weight, sum(weights))) < 1


@given(AMOUNTS, WEIGHTS)
def test_giving_and_taking_back_split_alike(amount_minor, weights):
    assert prorate(-amount_minor, weights) == [-part for part in prorate(amount_minor, weights)]


@pytest.mark.parametrize(
    ("amount_minor", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (1, [1, 1], [1, 0]),
        (10, [0, 1, 0], [0, 10, 0]),
        (10, [0, 0], [10, 0]),
        (101, [1, 2, 3], [17, 34, 50]),
        (-100, [1, 1, 1], [-34, -33, -33]),
    ],
)
def test_left_over_cents_go_where_rounding_cheated_most(amount_minor, weights, parts):
    assert prorate(amount_minor, weights) == parts


@pytest.mark.parametrize("weights", [[], [3, -1]])
def test_splitting_over_nothing_or_less_is_a_mistake_in_the_program(weights):
    with pytest.raises(AssertionError):
        prorate(100, weights)


@pytest.mark.parametrize(
    ("per_kg", "grams", "price"),
    [(299, 1234, 369), (1, 499, 0), (1, 500, 1), (299, 0, 0), (1999, 1000, 1999)],
)
def test_weighed_goods_cost_their_grams(per_kg, grams, price):
    assert price_of_measure(per_kg, grams) == price


@given(st.integers(0, 10**9), st.integers(1, 100))
def test_a_percentage_is_never_more_than_the_whole(amount_minor, percent):
    assert 0 <= percent_of(amount_minor, percent) <= amount_minor
