"""The search for the best set of deals, held against all sets there are; its bound, and its steps."""

from __future__ import annotations

from collections import Counter
from itertools import product
from random import Random

import highspy
import pytest

from checkout import packing
from checkout.packing import Option, dual_prices, fits, put_back, search, take

FREE = [2, 1, 3, 1]


def option(net_minor, *taken, promotion=0):
    return Option(net_minor, net_minor + 7, promotion, taken)


def some_options(chance, count=4):
    return [
        Option(
            chance.randint(1, 40),
            0,
            chance.randrange(3),
            tuple(sorted(chance.choices(range(4), k=chance.randint(1, 3)))),
        )
        for _ in range(count)
    ]


def possible(options, free, once):
    """All ways to make each option so and so often."""
    for times in product(range(4), repeat=len(options)):
        made = [one for one, many in zip(options, times, strict=True) for _ in range(many)]
        used = [i for one in made for i in one.taken]
        singles = [one.promotion for one in made if one.promotion in once]
        if all(used.count(i) <= free[i] for i in range(len(free))) and len(singles) == len(set(singles)):
            yield made


def gain(made):
    return sum(one.net_minor for one in made)


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("once", [frozenset(), frozenset({1})])
def test_no_set_of_deals_gains_more_than_the_one_that_is_found(seed, once):
    options = some_options(Random(seed))
    found = search(options, FREE, [], once, 10_000)
    ways = list(possible(options, FREE, once))
    assert gain(found) == max(map(gain, ways))
    assert sorted(found) in [sorted(way) for way in ways]


def needs_of(options):
    return [tuple(sorted(Counter(one.taken).items())) for one in options]


def prices_of(options, free):
    return dual_prices([one.net_minor for one in options], needs_of(options), free)


def lowest_bound(options, free):
    """What a solver of linear programmes says that deals in part could gain at most."""
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    for one in options:
        model.addCol(-float(one.net_minor), 0.0, highspy.kHighsInf, 0, [], [])
    for i, count in enumerate(free):
        wanting = [k for k, one in enumerate(options) if i in one.taken]
        taken = [float(options[k].taken.count(i)) for k in wanting]
        model.addRow(-highspy.kHighsInf, float(count), len(wanting), wanting, taken)
    model.run()
    return -model.getInfo().objective_function_value


@pytest.mark.parametrize(("seed", "deals"), [*((seed, 4) for seed in range(20)), (1, 12), (2, 30), (3, 90)])
def test_the_prices_bound_every_set_of_deals_as_low_as_a_linear_programme_can(seed, deals):
    options = some_options(Random(seed), deals)
    prices = prices_of(options, FREE)
    for one in options:
        assert sum(prices[i] for i in one.taken) >= one.net_minor - 1e-6
    assert min(prices) >= 0
    bound = sum(price * count for price, count in zip(prices, FREE, strict=True))
    assert bound == pytest.approx(lowest_bound(options, FREE))


def test_prices_that_are_not_finished_bound_all_the_same(monkeypatch):
    monkeypatch.setattr(packing, "PIVOTS_MAX", 1)
    for seed in range(10):
        options = some_options(Random(seed), 12)
        prices = prices_of(options, FREE)
        assert all(sum(prices[i] for i in one.taken) >= one.net_minor - 1e-6 for one in options)


def test_without_a_pivot_a_deal_s_first_pile_is_worth_its_gain_to_the_cent(monkeypatch):
    monkeypatch.setattr(packing, "PIVOTS_MAX", 0)
    assert dual_prices([1], [((0, 2), (1, 1))], [2, 1]) == [0.5, 0.0]
    assert dual_prices([7], [((1, 1),)], [2, 1]) == [0.0, 7.0]


def test_a_pile_that_no_deal_wants_costs_nothing():
    prices = prices_of([option(30, 0, 0, 2)], [1, 1, 1, 1])
    assert (prices[1], prices[3]) == (0.0, 0.0)
    assert 2 * prices[0] + prices[2] == pytest.approx(30)
    assert prices_of([], [1, 1]) == [0.0, 0.0]


def test_what_is_made_already_stays_unless_something_is_better():
    made = [option(10, 0)]
    assert search([option(10, 1)], [1, 0], made, frozenset(), 100) is made
    assert search([option(10, 0)], [1], made, frozenset(), 100) is made
    assert search([option(11, 0)], [1], made, frozenset(), 100) == [option(11, 0)]


THREE_IN_A_RING = [option(10, 0, 1), option(10, 1, 2), option(10, 0, 2)]
"""Each pair of three pieces: in part they would gain 15 together, but only one can be made."""


@pytest.mark.parametrize("made", THREE_IN_A_RING)
def test_what_is_made_already_stays_where_others_are_as_good(made):
    already = [made]
    assert search(THREE_IN_A_RING, [1, 1, 1], already, frozenset(), 100) is already


def test_promotions_that_make_one_deal_each_do_not_hinder_one_another():
    options = [option(5, 0, promotion=0), option(4, 0, promotion=1), option(3, 0, promotion=2)]
    found = search(options, [3], [], frozenset({0, 1, 2}), 100)
    assert sorted(one.promotion for one in found) == [0, 1, 2]


STEPS = {5: 12, 9: 12, 11: 12, 18: 30, 19: 6, 35: 46}


@pytest.mark.parametrize("seed", STEPS)
def test_the_bound_and_what_was_reached_before_keep_the_search_short(seed):
    """So many steps find the best; one less does not."""
    options, free = some_options(Random(seed), 40), [3, 3, 3, 3]
    best = gain(search(options, free, [], frozenset(), 10_000))
    assert gain(search(options, free, [], frozenset(), STEPS[seed])) == best
    assert gain(search(options, free, [], frozenset(), STEPS[seed] - 1)) < best


def test_without_steps_nothing_is_looked_for():
    assert search([option(11, 0)], [1], [], frozenset(), 0) == []


def test_with_one_step_the_dearest_piece_s_best_deal_is_made():
    options = [option(5, 1), option(7, 0), option(9, 0)]
    assert search(options, [1, 1], [], frozenset(), 1) == [option(9, 0)]


def test_a_deal_is_made_as_often_as_its_pieces_last_and_once_where_it_must():
    options = [option(5, 0, 0)]
    assert search(options, [5], [], frozenset(), 100) == [option(5, 0, 0)] * 2
    assert search(options, [5], [], frozenset({0}), 100) == [option(5, 0, 0)]


def test_a_deal_fits_as_long_as_each_of_its_pieces_is_there():
    assert fits((0, 0, 1), [2, 1])
    assert not fits((0, 0, 1), [1, 1])
    assert not fits((0, 1), [2, 0])
    assert fits((), [])


def test_what_is_taken_can_be_put_back():
    left = [5, 4]
    take((0, 0, 1), left)
    assert left == [3, 3]
    put_back((0, 0, 1), left)
    assert left == [5, 4]


def test_an_option_s_uses_come_in_the_order_of_the_piles():
    assert Option(1, 1, 0, (2, 0, 1, 0)).uses == (0, 0, 1, 2)
