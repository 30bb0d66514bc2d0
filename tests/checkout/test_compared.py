"""The lowest price of thirty days with promotions in it (PAngV § 11): what counts, and since when."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from random import Random

import pytest

from checkout.basket import OPEN, Basket, Line, Reduction
from checkout.catalogue import Article, ListPrice
from checkout.compared import Beside, Charged, Spell, beside
from checkout.pricing import priced
from checkout.promotions import build
from tests.conftest import Shop

BREAD = replace(Shop.milk, price_minor=400, department="bakery")
APPLES = replace(Shop.apples, price_minor=300)
DAY = dt.timedelta(days=1)
NOW = dt.datetime.fromisoformat("2026-11-21T10:00")  # a Saturday


def spell(kind="percent", since=-10, until=None, id="p", **terms):
    """A promotion that began and ended so many days from now."""
    ends = None if until is None else NOW + until * DAY
    return Spell(build(kind, id, {"gtins": [BREAD.gtin, APPLES.gtin]} | terms), NOW + since * DAY, ends)


def reduced(off, article=BREAD, quantity=1, by="p"):
    return Line(
        1, article.gtin, quantity, 0, article.price_minor, 700, "serial", 1, reductions=(Reduction(by, off),)
    )


def test_a_promotion_that_ended_lately_counts_for_the_next_one():
    charged = Charged([spell(percent=20, since=-20, until=-10), spell(percent=10, since=-2, id="q")])
    assert charged.lowest_before(BREAD, NOW - 2 * DAY) == 320
    assert beside(reduced(40, by="q"), BREAD, NOW, charged=charged) == Beside(0, 320)
    assert beside(reduced(40, by="q"), BREAD, NOW) == Beside(400, 400)  # what nobody remembers


def test_one_that_ended_before_the_thirty_days_does_not():
    charged = Charged([spell(percent=20, since=-60, until=-35), spell(percent=10, since=-2, id="q")])
    assert beside(reduced(40, by="q"), BREAD, NOW, charged=charged) == Beside(400, 400)


def test_a_running_promotion_is_compared_with_what_was_before_it_began_however_long_it_runs():
    for days in (1, 29, 31, 90):
        charged = Charged([spell(percent=10, since=-days)])
        assert beside(reduced(40), BREAD, NOW, charged=charged) == Beside(400, 400), days


def test_a_reduction_that_grows_is_compared_with_the_step_before_it():
    charged = Charged([spell(percent=10, since=-20, until=-5), spell(percent=25, since=-5)])
    assert beside(reduced(100), BREAD, NOW, charged=charged) == Beside(360, 360)


@pytest.mark.parametrize(
    ("kind", "terms"),
    [
        ("n-for-m", {"take": 2, "pay": 1}),
        ("percent", {"percent": 50, "coupon": "summer"}),
        ("percent", {"percent": 50, "customers": ["staff"]}),
        ("steps", {"steps": {"2": 50}}),
        ("points", {"times": 5}),
        ("percent", {"percent": 50, "gtins": ["9521234103011"]}),
        ("percent", {"percent": 50, "from": "2026-11-22"}),
        ("percent", {"percent": 50, "days": ["sun"], "from": "2026-11-16"}),
    ],
)
def test_what_asks_for_more_than_one_piece_or_for_somebody_is_no_price_of_everybody(kind, terms):
    charged = Charged([spell(kind, **terms)])
    assert charged.lowest_before(BREAD, NOW) == 400


def test_a_happy_hour_of_yesterday_is_a_price_of_the_last_thirty_days():
    charged = Charged([spell(percent=25, hours="09:00-11:00", since=-3)])
    first_day = NOW.replace(hour=9) - 2 * DAY
    assert charged.now(BREAD, NOW - 3 * DAY).since == NOW - 3 * DAY
    assert charged.now(BREAD, NOW - 3 * DAY).lowest_minor == 400
    assert charged.lowest_before(BREAD, first_day) == 300
    stands = charged.now(BREAD, NOW)
    assert (stands.price_minor, stands.since) == (300, NOW.replace(hour=9))
    assert stands.until == NOW.replace(hour=11)
    assert beside(reduced(100), BREAD, NOW, charged=charged) == Beside(0, 300)


def test_over_midnight_and_on_some_days():
    charged = Charged([spell(percent=25, hours="22:00-02:00", days=["fri", "sat"], since=-10)])
    prices = {
        hour: charged.now(BREAD, NOW.replace(hour=0) + hour * dt.timedelta(hours=1)).price_minor
        for hour in (-25, -3, -1, 1, 2, 21, 22, 24, 26)
    }
    assert prices == {-25: 400, -3: 400, -1: 300, 1: 300, 2: 400, 21: 400, 22: 300, 24: 400, 26: 400}


def test_the_list_price_and_the_promotion_on_it_count_together():
    special = replace(BREAD, prices=(ListPrice(NOW - 8 * DAY, 350, NOW + 2 * DAY),))
    charged = Charged([spell(percent=10, since=-4)])
    assert charged.now(special, NOW).lowest_minor == 350
    assert charged.now(special, NOW - 5 * DAY).price_minor == 350
    line = replace(reduced(35), unit_price_minor=350)
    assert beside(line, special, NOW, charged=charged) == Beside(350, 350, NOW + 2 * DAY)


def test_loose_goods_are_compared_by_the_kilogram():
    charged = Charged([spell("amount", off=0.50, since=-20, until=-10)])
    assert charged.lowest_before(APPLES, NOW) == 250
    charged = Charged([spell(percent=10, since=-20, until=-10)])
    assert charged.lowest_before(APPLES, NOW) == 270


def test_what_takes_no_loose_goods_takes_none_off_their_kilogram():
    charged = Charged([spell("steps", steps={"1": 10}, since=-20, until=-10)])
    assert [charged.lowest_before(one, NOW) for one in (BREAD, APPLES)] == [360, 300]


def test_how_it_stands_is_remembered_until_it_may_change():
    charged = Charged([spell(percent=25, hours="09:00-11:00", since=-3)])
    stands = charged.now(BREAD, NOW)
    assert charged.now(BREAD, stands.since) is stands
    assert charged.now(BREAD, stands.until - dt.timedelta.resolution) is stands
    assert charged.now(BREAD, stands.until).price_minor == 400


def test_three_for_two_is_compared_with_the_thirty_days_before_now():
    charged = Charged([spell(percent=10, since=-20, until=-10)])
    assert beside(reduced(400, quantity=3, by="three"), BREAD, NOW, charged=charged) == Beside(1080, 360)


def test_an_offer_of_ones_own_is_compared_with_nothing():
    charged = Charged([spell(percent=50, since=-20, until=-10)])
    assert beside(reduced(40, by="mine"), BREAD, NOW, "mine", charged) == Beside(400)


def test_an_article_with_another_price_list_is_looked_at_anew():
    charged = Charged([spell(percent=10, since=-2)])
    dearer = replace(BREAD, price_minor=500)
    assert [charged.now(one, NOW).price_minor for one in (BREAD, dearer, BREAD)] == [360, 450, 360]


def _engine(article: Article, spells: list[Spell], moment: dt.datetime) -> int:
    """What the till would ask for one piece in a basket opened at a moment."""
    line = Line(1, article.gtin, 1, 0, article.price_at(moment), 700, "serial", 1, groups=article.promoted_as)
    running = [
        one.promotion for one in spells if one.since <= moment and (not one.until or moment < one.until)
    ]
    basket = Basket("b", "1", OPEN, 1, (line,), "de", moment.replace(tzinfo=dt.UTC).isoformat())
    return priced(basket, running).total_minor


@pytest.mark.parametrize("seed", range(8))
def test_it_is_the_lowest_of_what_the_till_asked_for_at_any_quarter_of_an_hour(seed):
    chance = Random(seed)
    spells = [_some_spell(chance, f"p{n}") for n in range(4)]
    changes = sorted(chance.sample(range(-40, 0), 2))
    prices = tuple(ListPrice(NOW + day * DAY, chance.randrange(200, 600)) for day in changes)
    article = replace(BREAD, prices=prices)
    charged = Charged(spells)
    quarters = [NOW - n * dt.timedelta(minutes=15) for n in range(1, 30 * 96 + 1, 7)]
    asked = {moment: _engine(article, spells, moment) for moment in quarters}
    steps = charged.steps(article, NOW - 30 * DAY, NOW)
    for moment, price_minor in asked.items():
        assert [s.price_minor for s in steps if s.since <= moment < s.until] == [price_minor]
    assert charged.lowest_before(article, NOW) <= min(asked.values())
    assert charged.now(article, NOW).price_minor == _engine(article, spells, NOW)


def _some_spell(chance: Random, id: str) -> Spell:
    since = chance.randrange(-45, -1)
    until = chance.choice([None, chance.randrange(since + 1, 1)])
    terms = {"group": chance.choice(["", "b"])}
    if chance.random() < 0.5:
        terms["hours"] = chance.choice(["15:00-17:00", "22:00-03:00"])
    if chance.random() < 0.5:
        terms["days"] = chance.sample(["mon", "wed", "fri", "sun"], 2)
    if chance.random() < 0.3:
        terms["until"] = (NOW + chance.randrange(-20, 5) * DAY).date().isoformat()
    kind, own = chance.choice(
        [
            ("percent", {"percent": chance.randrange(5, 60)}),
            ("amount", {"off": 0.35}),
            ("n-for-m", {"take": 3, "pay": 2}),
            ("threshold", {"spend": 3.00, "percent": 10}),
        ]
    )
    ends = None if until is None else NOW + until * DAY
    return Spell(build(kind, id, {"gtins": [BREAD.gtin], **own, **terms}), NOW + since * DAY, ends)
