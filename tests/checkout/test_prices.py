"""What a thing costs when, what it cost before (PAngV § 11), and what staff may make of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import events
from checkout.basket import Line
from checkout.catalogue import Article, ListPrice
from checkout.prices import (
    KEPT_DAYS,
    OVERRIDE_ALONE_MINOR_MAX,
    OVERRIDE_REASONS,
    carried_over,
    content_of,
    lowest_before,
    overridden,
    special_price,
    unit_price_minor,
)
from checkout.staff import RIGHTS, Clerk
from tests.conftest import Shop, refuses

CLERK, COLLEAGUE = Clerk("c-1", RIGHTS), Clerk("c-2", RIGHTS)
TRAINEE = Clerk("c-3", RIGHTS - {"override", "approve"})
BREAD = replace(Shop.milk, price_minor=379)


def day(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


NOW = day("2026-11-21T10:00")


def dated(*prices: ListPrice) -> Article:
    return replace(BREAD, prices=prices)


# When and for whom


def test_a_price_holds_from_its_first_moment_to_just_before_its_end():
    week = dated(ListPrice(day("2026-11-23"), 299, day("2026-11-29")))
    assert [
        week.price_at(day(at)) for at in ("2026-11-22T23:59", "2026-11-23", "2026-11-28T23:59", "2026-11-29")
    ] == [379, 299, 299, 379]


def test_the_price_that_began_last_counts_and_of_two_the_one_written_last():
    prices = [ListPrice(day("2026-11-20"), 299), ListPrice(day("2026-11-01"), 349)]
    assert dated(*prices).price_at(NOW) == 299
    assert dated(*prices, ListPrice(day("2026-11-20"), 289)).price_at(NOW) == 289


def test_a_customer_group_never_pays_more_than_everybody():
    article = dated(
        ListPrice(day("2026-01-01"), 349, group="staff"),
        ListPrice(day("2026-11-23"), 299, day("2026-11-29")),
    )
    assert [article.price_at(NOW, group) for group in ("", "staff", "nurses")] == [379, 349, 379]
    assert article.price_at(day("2026-11-24"), "staff") == 299


# What it cost before


def test_the_lowest_price_looks_back_thirty_days_and_not_one_more():
    article = dated(ListPrice(day("2026-10-01"), 299, day("2026-10-22T10:00")))
    assert lowest_before(article, NOW) == 379  # the cheaper price ended thirty days ago to the minute
    assert lowest_before(article, NOW - dt.timedelta(minutes=1)) == 299


def test_what_a_reduction_itself_costs_is_not_what_it_is_compared_with():
    week = dated(ListPrice(day("2026-11-20"), 299, day("2026-11-29")))
    special = special_price(week, NOW)
    assert special is not None
    assert (special.price_minor, lowest_before(week, special.since)) == (299, 379)


def test_a_price_for_good_is_no_reduction_and_neither_is_one_that_was_lower_just_before():
    assert special_price(BREAD, NOW) is None
    assert special_price(dated(ListPrice(day("2026-11-20"), 299)), NOW) is None
    again = dated(
        ListPrice(day("2026-11-01"), 279, day("2026-11-08")),
        ListPrice(day("2026-11-20"), 299, day("2026-11-29")),
    )
    assert special_price(again, NOW) is None


def test_a_group_s_price_is_not_what_everybody_paid():
    assert lowest_before(dated(ListPrice(day("2026-01-01"), 99, group="staff")), NOW) == 379


def test_a_new_price_list_does_not_forget_what_the_old_one_asked_for():
    cheap = carried_over(None, replace(BREAD, price_minor=299), day("2026-10-01"))
    dear = carried_over(cheap, replace(BREAD, price_minor=399), day("2026-11-10"))
    same = carried_over(dear, replace(BREAD, price_minor=399), day("2026-11-12"))
    assert (same.price_at(NOW), lowest_before(same, NOW)) == (399, 299)
    assert lowest_before(same, day("2026-12-10T00:01")) == 399
    assert dear.former[-1] == ListPrice(day("2026-11-10") - dt.timedelta(KEPT_DAYS), 299, day("2026-11-10"))


def test_a_list_that_never_changed_keeps_nothing():
    assert carried_over(BREAD, BREAD, NOW) is BREAD


def test_a_list_cannot_rewrite_what_was_asked_for():
    dear = carried_over(replace(BREAD, price_minor=299), BREAD, NOW)
    claimed = replace(BREAD, prices=(ListPrice(day("2026-01-01"), 499, day("2026-11-20")),))
    assert lowest_before(carried_over(dear, claimed, NOW), NOW) == 299


CHANGES = st.lists(st.tuples(st.integers(1, 40), st.integers(50, 60)), min_size=1, max_size=12)


@given(CHANGES)
def test_however_often_the_list_changes_the_lowest_is_the_lowest_that_was_asked_for(changes):
    asked: dict[int, int] = {}
    article, today = BREAD, 0
    for days, price_minor in changes:
        asked |= dict.fromkeys(range(today, today + days), article.price_minor)
        today += days
        article = carried_over(article, replace(BREAD, price_minor=price_minor), NOW + dt.timedelta(today))
    expected = min(asked.get(passed, BREAD.price_minor) for passed in range(today - 30, today))
    assert lowest_before(article, NOW + dt.timedelta(today)) == expected
    assert len(article.former) <= len(changes) + 1


# Price per kilogram


def test_a_reduced_price_has_its_own_price_per_kilogram():
    loaf = replace(BREAD, base_amount=750, base_unit="kg")
    line = Line(1, loaf.gtin, 2, 0, 379, 700, "serial", 2)
    assert (content_of(line, loaf), unit_price_minor(600, content_of(line, loaf))) == (1500, 400)
    assert content_of(replace(line, quantity=1, weight_g=742), Shop.apples) == 742
    assert content_of(line, Shop.shirt) == 0


# Staff

LINES = st.builds(
    Line,
    number=st.just(1),
    gtin=st.just("g"),
    quantity=st.integers(1, 99),
    weight_g=st.sampled_from([0, 0, 1, 333, 1234]),
    unit_price_minor=st.integers(1, 100_000),
    vat_bp=st.just(700),
    how=st.just("serial"),
    changed=st.just(2),
    fixed_minor=st.sampled_from([0, 0, 1, 499]),
)


@given(LINES, st.data())
def test_an_overridden_line_costs_what_staff_said_and_never_less_than_nothing(line, data):
    shown_minor = line.fixed_minor or line.unit_price_minor
    price_minor = data.draw(st.integers(0, shown_minor - 1))
    changed = overridden(line, price_minor, "damaged", CLERK, COLLEAGUE)
    at_that_price = replace(
        line, unit_price_minor=price_minor, fixed_minor=price_minor if line.fixed_minor else 0
    )
    if price_minor or not line.fixed_minor:
        assert changed.total_minor == at_that_price.total_minor
    else:
        assert changed.total_minor == 0
    assert 0 <= changed.total_minor <= line.total_minor
    assert changed.gross_minor == line.gross_minor


@pytest.mark.parametrize("reason", OVERRIDE_REASONS)
def test_an_override_is_written_down_with_its_reason_and_who_decided(shop, reason):
    shop.scan(shop.wine)
    basket = shop.till.terms.override_price("1", 1, 200, reason, CLERK)
    assert basket.total_minor == 200
    assert shop.heard(events.PriceOverridden) == [
        events.PriceOverridden(basket.id, basket.version, 1, 200, 499, 200, reason, "c-1")
    ]


def test_taking_an_override_back_restores_the_line(shop):
    before = shop.scan(shop.wine)
    shop.till.terms.override_price("1", 1, 200, "damaged", CLERK)
    after = shop.till.terms.take_back_override("1", 1, CLERK)
    assert replace(after.lines[0], changed=before.lines[0].changed) == before.lines[0]
    assert shop.said()[-1] == "OverrideTakenBack"
    assert shop.till.terms.take_back_override("1", 1, CLERK) == after  # nothing to take back: nothing happens


def test_only_who_may_sets_a_price_and_much_takes_two(shop):
    shop.scan(shop.shirt)
    before = shop.basket()
    terms, free = shop.till.terms, shop.shirt.price_minor - OVERRIDE_ALONE_MINOR_MAX
    refuses("not_allowed", lambda: terms.override_price("1", 1, 1500, "damaged", TRAINEE))
    refuses("second_person_needed", lambda: terms.override_price("1", 1, free - 1, "damaged", CLERK))
    refuses("second_person_needed", lambda: terms.override_price("1", 1, free - 1, "damaged", CLERK, CLERK))
    refuses("second_person_needed", lambda: terms.override_price("1", 1, free - 1, "damaged", CLERK, TRAINEE))
    refuses("price_not_possible", lambda: terms.override_price("1", 1, -1, "damaged", CLERK), limit=1999)
    refuses("line_gone", lambda: terms.override_price("1", 2, 1, "damaged", CLERK))
    assert shop.basket() == before
    assert terms.override_price("1", 1, free, "damaged", CLERK).total_minor == free
    assert terms.override_price("1", 1, 0, "goodwill", CLERK, COLLEAGUE).total_minor == 0
    assert [said.second for said in shop.heard(events.PriceOverridden)] == ["", "c-2"]


def test_a_repeated_override_is_made_once(shop):
    shop.scan(shop.wine)
    for _ in range(2):
        shop.till.terms.override_price("1", 1, 200, "damaged", CLERK, None, "key-1")
    assert len(shop.heard(events.PriceOverridden)) == 1


# In mid-basket


def test_what_was_shown_is_honoured_and_the_next_piece_costs_the_new_price(shop):
    shop.scan(shop.milk)
    shop.put_on_the_shelf(replace(shop.milk, price_minor=149))
    assert [line.unit_price_minor for line in shop.scan(shop.milk).lines] == [119, 149]


def test_a_group_s_prices_are_never_above_what_was_shown(shop):
    shop.put_on_the_shelf(replace(shop.milk, prices=(ListPrice(day("2026-01-01"), 99, group="staff"),)))
    shop.scan(shop.milk)
    shop.put_on_the_shelf(replace(shop.wine, prices=(ListPrice(day("2026-01-01"), 599, group="staff"),)))
    shop.scan(shop.wine)
    basket = shop.till.terms.sell_to("1", "staff")
    assert [line.unit_price_minor for line in basket.lines] == [99, 499]
    assert basket.circumstances.customer_group == "staff"
    again = shop.till.terms.sell_to("1", "")
    assert [line.unit_price_minor for line in again.lines] == [99, 499]  # what was shown stays
    assert [said.group for said in shop.heard(events.CustomerGroupChanged)] == ["staff", ""]


def test_a_price_label_means_as_much_as_it_buys_at_the_price_that_holds(shop):
    week = ListPrice(day("2026-11-20"), 200, day("2026-11-29"))
    shop.put_on_the_shelf(replace(shop.apples, prices=(week,)))
    line = shop.till.scan("1", "2208156005001", how="serial").lines[0]  # a label of 5.00
    assert (line.total_minor, line.weight_g, line.unit_price_minor) == (500, 2500, 200)
