"""The programme: sum X gives points Y; and a file of one's own with an error says where and what."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout.basket import Line
from checkout.loyalty.earning import counted_minor, points_of, times_for
from checkout.loyalty.programme import PROGRAMME, Programme, Rules, read_programme

RULES = PROGRAMME.rules[0]
OWN = """
timezone = "Europe/Vienna"

[[rules]]
since = 2025-01-01
minor_per_point = 200

[[rules]]
since = 2026-01-01
excluded = ["tobacco"]

[[rules.tiers]]
id = "gold"
from_points = 1000
bonus_percent = 50
name = { de = "Gold", en = "Gold" }

[[rules.rewards]]
id = "mug"
points = 300
worth_minor = 799
name = { de = "Eine Tasse" }
"""


@dataclass(frozen=True)
class Sold:
    total_minor: int
    points_times: int = 1
    deposit_minor: int = 0
    kind: str = "goods"


def line(groups=(), kind="goods"):
    return Line(1, "g", 1, 0, 100, 700, "serial", 1, kind=kind, groups=groups)


@pytest.mark.parametrize(
    ("sold", "points"),
    [
        ([Sold(1999)], 19),
        ([Sold(199), Sold(199)], 3),  # one rounding a receipt, not one a line
        ([Sold(1000, 3), Sold(1000)], 40),
        ([Sold(1025, deposit_minor=25)], 10),
        ([Sold(500, 0), Sold(-2500, kind="empties"), Sold(100)], 1),
        ([Sold(99)], 0),
        ([], 0),
    ],
)
def test_every_full_euro_of_a_receipt_gives_a_point(sold, points):
    assert points_of(counted_minor(sold), RULES) == points


@given(st.lists(st.builds(Sold, st.integers(0, 10_000), st.sampled_from([0, 1, 2, 5])), max_size=8))
def test_a_receipt_split_in_two_never_gives_more(sold):
    whole = points_of(counted_minor(sold), RULES)
    assert (
        whole - 1
        <= points_of(counted_minor(sold[::2]), RULES) + points_of(counted_minor(sold[1::2]), RULES)
        <= whole
    )


@pytest.mark.parametrize(
    ("sold", "times"),
    [
        (line(("dairy",)), 2),
        (line(("kiosk", "tobacco")), 0),
        (line(("books",)), 0),
        (line(kind="empties"), 0),
        (line(kind="voucher"), 0),
        (line(), 2),
    ],
)
def test_some_goods_earn_nothing_whatever_a_promotion_multiplies(sold, times):
    assert times_for(sold, RULES, {1: 2}) == times


def test_rules_change_from_a_day_on_and_the_oldest_hold_for_what_was_before():
    programme = read_programme(tomllib.loads(OWN))
    assert programme.on(dt.date(2025, 12, 31)).minor_per_point == 200
    assert programme.on(dt.date(2026, 1, 1)).minor_per_point == 100
    assert programme.on(dt.date(2020, 1, 1)).minor_per_point == 200
    assert programme.rules[1].tiers[0].name["en"] == "Gold"
    assert programme.rules[1].rewards[0].worth_minor == 799


def test_the_day_is_the_programmes_wherever_the_clock_is():
    just_before_midnight = dt.datetime(2025, 12, 31, 23, 30, tzinfo=dt.UTC)
    assert PROGRAMME.day(just_before_midnight) == dt.date(2026, 1, 1)


@pytest.mark.parametrize(
    ("earned", "last_day"),
    [
        (dt.date(2026, 1, 1), dt.date(2028, 1, 31)),
        (dt.date(2026, 12, 31), dt.date(2028, 12, 31)),
        (dt.date(2026, 2, 28), dt.date(2028, 2, 29)),
    ],
)
def test_points_live_to_the_end_of_a_month(earned, last_day):
    assert Rules(dt.date(2026, 1, 1)).last_day(earned) == last_day


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (OWN.replace("minor_per_point", "minor_per_points"), "rules 1: .*did you mean 'minor_per_point'"),
        (OWN.replace("bonus_percent = 50", "bonus_percent = -5"), "rules 2, tiers 1: bonus_percent is -5"),
        (OWN.replace("worth_minor = 799", ""), "rules 2, rewards 1: worth_minor is missing"),
        (OWN.replace('["tobacco"]', '"tobacco"'), "rules 2: excluded is 'tobacco'"),
        (OWN.replace("2025-01-01", "2027-01-01"), "oldest first"),
        (OWN.replace("Vienna", "Gotham"), "no time zone"),
        (OWN.replace("timezone", "time_zone"), "programme: .*did you mean 'timezone'"),
        ("", "at least one row"),
        ("rules = 5", "rows belong here"),
        ("rules = [7]", "rows belong here"),
    ],
)
def test_a_programme_with_an_error_says_where_and_what(wrong, said):
    with pytest.raises(ValueError, match=said):
        read_programme(tomllib.loads(wrong))


def test_a_programme_is_a_value():
    assert read_programme({"rules": [{"since": dt.date(2026, 1, 1)}]}) == Programme(
        (Rules(dt.date(2026, 1, 1)),)
    )
