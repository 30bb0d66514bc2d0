"""What must stand beside a price that was made cheaper, and the edges of what staff may change."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from checkout.basket import EMPTIES, Line, Override, Reduction
from checkout.catalogue import ListPrice
from checkout.compared import NOTHING_BESIDE, Beside, beside
from checkout.prices import (
    OVERRIDE_REASONS,
    as_overridden,
    at_group_price,
    overridden,
    special_price,
)
from checkout.staff import RIGHTS, Clerk
from tests.conftest import Shop, refuses

CLERK = Clerk("c-1", RIGHTS)
NOW = dt.datetime.fromisoformat("2026-11-21T10:00")
MONDAY, SUNDAY = dt.datetime.fromisoformat("2026-11-16"), dt.datetime.fromisoformat("2026-11-23")
BREAD = replace(Shop.milk, price_minor=400)
CHEAP = replace(BREAD, prices=(ListPrice(MONDAY, 300, SUNDAY),))
WAS_LOWER = replace(BREAD, former=(ListPrice(MONDAY, 350, MONDAY + dt.timedelta(1)),))


def line(price_minor=400, quantity=1, off=0, by="p", **more):
    reductions = (Reduction(by, off),) if off else ()
    return Line(1, BREAD.gtin, quantity, 0, price_minor, 700, "serial", 1, reductions=reductions, **more)


@pytest.mark.parametrize(
    "plain", [line(), line(off=50, voided=True), line(off=50, kind=EMPTIES), line(300, voided=True)]
)
def test_nothing_stands_beside_what_is_not_reduced(plain):
    assert beside(plain, BREAD, NOW) == NOTHING_BESIDE


def test_a_promotion_is_compared_with_the_lowest_of_thirty_days():
    assert beside(line(off=50), BREAD, NOW) == Beside(400, 400)
    assert beside(line(quantity=3, off=200), WAS_LOWER, NOW) == Beside(3 * 350, 350)


def test_what_is_no_cheaper_than_it_was_is_not_struck_through():
    assert beside(line(off=50), WAS_LOWER, NOW) == Beside(0, 350)
    assert beside(line(off=51), WAS_LOWER, NOW) == Beside(350, 350)


def test_a_promotion_never_starts_above_what_the_line_costs():
    assert beside(line(380, off=50), BREAD, NOW) == Beside(380, 400)


def test_a_special_price_is_compared_with_what_was_asked_before_it_began():
    assert beside(line(300), CHEAP, NOW) == Beside(400, 400, SUNDAY)
    assert beside(line(300, quantity=2, off=20), CHEAP, NOW) == Beside(800, 400, SUNDAY)


def test_a_line_shown_at_another_price_is_none_of_the_special():
    assert beside(line(400), CHEAP, NOW) == NOTHING_BESIDE
    assert beside(line(400, off=50), CHEAP, NOW) == Beside(0, 300)  # the lowest is the special itself
    assert beside(line(400, off=150), CHEAP, NOW) == Beside(300, 300)


def test_what_is_for_this_shopper_alone_starts_from_the_price_shown():
    assert beside(line(off=50, by="mine"), WAS_LOWER, NOW, personal="mine") == Beside(400)
    assert beside(line(off=50, by="override:damaged"), WAS_LOWER, NOW) == Beside(400)
    assert beside(line(off=50, by="mine"), WAS_LOWER, NOW, personal="yours") == Beside(0, 350)


def test_without_its_article_a_line_is_compared_with_itself():
    assert beside(line(off=50), None, NOW) == Beside(400)
    assert beside(line(), None, NOW) == NOTHING_BESIDE


def test_a_label_has_no_special_price():
    assert beside(line(300, fixed_minor=222), CHEAP, NOW) == NOTHING_BESIDE
    assert beside(line(300, fixed_minor=222, off=22), CHEAP, NOW) == Beside(222, 300)


def test_what_costs_as_much_as_before_is_no_special_price():
    same = replace(BREAD, prices=(ListPrice(MONDAY, 400, SUNDAY),))
    assert special_price(same, NOW) is None
    assert special_price(CHEAP, NOW) == CHEAP.prices[0]


# What staff may change


def test_an_override_needs_a_reason_that_the_shop_knows():
    refuses(
        "override_reason_missing",
        lambda: overridden(line(), 300, "mood", CLERK),
        reasons=OVERRIDE_REASONS,
    )


@pytest.mark.parametrize("price_minor", [400, 401, -1])
def test_an_override_is_below_the_price_shown_and_not_below_nothing(price_minor):
    refuses("price_not_possible", lambda: overridden(line(), price_minor, "damaged", CLERK), limit=400)


def test_an_override_is_one_reduction_called_by_its_reason():
    assert overridden(line(quantity=2), 399, "damaged", CLERK).reductions == (
        Reduction("override:damaged", 2),
    )
    labelled = line(fixed_minor=222, override=Override(200, "goodwill"), off=9)
    assert as_overridden(labelled).reductions == (Reduction("override:goodwill", 22),)


def test_a_group_s_price_is_taken_only_where_it_is_lower_and_not_on_labels():
    article = replace(BREAD, prices=(ListPrice(MONDAY, 300, group="staff"),))
    assert at_group_price(line(), article, NOW, "staff") == line(300)
    for kept in (line(300), line(299), line(fixed_minor=222), line(kind=EMPTIES)):
        assert at_group_price(kept, article, NOW, "staff") is kept
