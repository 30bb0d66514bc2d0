"""Loose goods on the scale: asked for, and then exactly one outcome, whoever is first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout.events import LineAdded, Weighed, WeighingAsked, WeighingFailed
from checkout.weighing import FAILURES, TARE_G_MAX
from tests.conftest import refuses


def asked(shop, **more):
    shop.till.weighing.ask("1", shop.apples.gtin, **more)
    return shop.heard(WeighingAsked)[-1]


def test_what_the_scale_shows_is_a_line_and_both_are_announced(shop):
    event = asked(shop, tare_g=15)
    assert (event.gtin, event.unit_price_minor, event.tare_g) == (
        shop.apples.gtin,
        shop.apples.price_minor,
        15,
    )
    assert shop.till.weighing.weighed("1", event, 742)
    (line,) = shop.basket().lines
    assert (line.weight_g, line.how) == (742, "scale")
    assert line.total_minor == (742 * shop.apples.price_minor + 500) // 1000
    assert shop.heard(Weighed) == [Weighed(event.basket, event.weighing, shop.apples.gtin, 742)]


def test_an_answer_repeated_after_a_crash_counts_once(shop):
    event = asked(shop)
    assert shop.till.weighing.weighed("1", event, 742)
    assert not shop.till.weighing.weighed("1", event, 900)
    shop.till.weighing.failed("1", event, "gone")
    assert len(shop.basket().lines) == 1
    assert (len(shop.heard(Weighed)), shop.heard(WeighingFailed)) == (1, [])


@pytest.mark.parametrize("reason", sorted(FAILURES))
def test_after_a_failure_no_weight_counts_any_more(shop, reason):
    event = asked(shop)
    shop.till.weighing.failed("1", event, reason)
    assert not shop.till.weighing.weighed("1", event, 742)
    assert shop.basket().lines == ()
    assert shop.heard(WeighingFailed) == [WeighingFailed(event.basket, event.weighing, reason)]


def test_a_weight_for_a_basket_that_is_over_is_nobody_s(shop):
    event = asked(shop)
    shop.till.cancel("1")
    shop.scan(shop.milk)
    assert not shop.till.weighing.weighed("1", event, 742)
    assert [line.gtin for line in shop.basket().lines] == [shop.milk.gtin]
    assert [failed.reason for failed in shop.heard(WeighingFailed)] == ["late"]


def test_a_price_that_changed_since_the_scale_was_told_is_not_charged(shop):
    event = asked(shop)
    shop.put_on_the_shelf(replace(shop.apples, price_minor=shop.apples.price_minor + 1))
    assert not shop.till.weighing.weighed("1", event, 742)
    assert [failed.reason for failed in shop.heard(WeighingFailed)] == ["price"]
    assert shop.heard(LineAdded) == []


def test_what_is_not_sold_by_weight_is_not_weighed(shop):
    shop.scan(shop.milk)
    refuses("quantity_not_possible", lambda: shop.till.weighing.ask("1", shop.milk.gtin))
    refuses("code_unknown", lambda: shop.till.weighing.ask("1", "9521234599999"))
    for tare_g in (-1, TARE_G_MAX + 1):
        refuses("quantity_not_possible", lambda tare_g=tare_g: asked(shop, tare_g=tare_g))
    shop.recalls.recall(shop.apples.gtin)
    refuses("article_recalled", lambda: asked(shop))
    assert shop.heard(WeighingAsked) == []


OUTCOMES = st.lists(
    st.one_of(
        st.tuples(st.just("weighed"), st.integers(1, 9_999)), st.tuples(st.sampled_from(sorted(FAILURES)))
    ),
    min_size=1,
    max_size=6,
)


@given(outcomes=OUTCOMES)
def test_of_many_outcomes_the_first_one_counts_and_is_the_only_one_announced(new_memory_shop, outcomes):
    shop = new_memory_shop()
    event = asked(shop)
    for outcome, *weight_g in outcomes:
        if outcome == "weighed":
            shop.till.weighing.weighed("1", event, *weight_g)
        else:
            shop.till.weighing.failed("1", event, outcome)
    told = shop.heard(Weighed, WeighingFailed)
    assert len(told) == 1
    first, *weight_g = outcomes[0]
    assert [line.weight_g for line in shop.basket().lines] == (weight_g if first == "weighed" else [])
