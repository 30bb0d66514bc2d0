"""Trying an offer out on baskets that were sold: the same engine says what it would have given."""

from __future__ import annotations

from random import Random

import pytest

from checkout.pricing import priced
from checkout.promotions.trial import Given, Trial, outcome
from tests.checkout.promoted import Offer, basket_of, line, promotions, some_lines, some_offers


def test_an_offer_tells_what_it_gives_reaches_and_displaces() -> None:
    baskets = [basket_of([line("a", 1000)]), basket_of([line("a", 1000, 2)]), basket_of([line("b", 500)])]
    running = promotions([Offer("old", "percent", {"percent": 10, "gtins": ["a"]})])
    offer = Offer("new", "percent", {"percent": 25, "gtins": ["a"]}).promotion()
    tried = outcome(baskets, [offer], running)
    each = {"new": Given(2, 3, 750, 0), "old": Given(0, 0, 0, 300)}
    assert tried == Trial(3, 2, 3, 3500, given_minor=750, displaced_minor=300, promotions=each)
    assert tried.cost_minor == 450


def test_other_terms_of_a_running_promotion_take_its_place() -> None:
    running = promotions([Offer("week", "percent", {"percent": 10, "gtins": ["a"]})])
    offer = Offer("week", "percent", {"percent": 25, "gtins": ["a"]}).promotion()
    tried = outcome([basket_of([line("a", 1000)])], [offer], running)
    assert (tried.given_minor, tried.displaced_minor, tried.cost_minor) == (250, 100, 150)
    assert tried.promotions == {"week": Given(1, 1, 250, 100)}


def test_offers_that_compete_are_counted_apart() -> None:
    offers = promotions(
        [Offer("p", "percent", {"percent": 10}), Offer("two", "n-for-m", {"take": 2, "pay": 1})]
    )
    tried = outcome([basket_of([line("a", 1000, 3)])], offers)
    assert {id: given.given_minor for id, given in tried.promotions.items()} == {"p": 100, "two": 1000}
    assert (tried.reached, tried.pieces, tried.cost_minor) == (1, 3, 1100)


def test_an_offer_that_is_never_better_reaches_nobody() -> None:
    running = promotions([Offer("old", "percent", {"percent": 30})])
    offer = Offer("new", "percent", {"percent": 25}).promotion()
    tried = outcome([basket_of([line("a", 1000)])], [offer], running)
    assert (tried.baskets, tried.reached, tried.pieces, tried.cost_minor) == (1, 0, 0, 0)


def test_points_are_counted_by_lines_and_cost_no_money() -> None:
    offer = Offer("points", "points", {"times": 3, "gtins": ["a"]}).promotion()
    tried = outcome([basket_of([line("a", 1000), line("b", 100)])], [offer])
    assert (tried.reached, tried.lines_with_points, tried.cost_minor) == (1, 1, 0)


@pytest.mark.parametrize("seed", range(12))
def test_what_it_costs_is_what_shoppers_pay_less(seed: int) -> None:
    chance = Random(seed)
    lines = some_lines(chance, 6, 3)
    *others, offer = some_offers(chance, 5, [line.gtin for line in lines], 3)
    basket, running = basket_of(lines), promotions(others)
    with_it = priced(basket, (*running, one := offer.promotion()))
    assert outcome([basket], [one], running).cost_minor == (
        priced(basket, running).total_minor - with_it.total_minor
    )
