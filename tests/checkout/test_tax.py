"""VAT inside the price: net and tax add up to the gross, rate by rate, and all rates to the total."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout.events import VatPart
from checkout.tax import GERMANY, vat_bp, vat_inside, vat_table

RATES = st.sampled_from([1900, 700, 0, 550])
LINES = st.lists(st.tuples(RATES, st.integers(-(10**6), 10**6)), max_size=50)


@given(LINES)
def test_net_and_tax_sum_to_the_gross_and_the_gross_to_the_total(lines):
    parts = vat_table(lines)
    assert all(part.net_minor + part.vat_minor == part.gross_minor for part in parts)
    assert sum(part.gross_minor for part in parts) == sum(gross for _rate, gross in lines)


@given(LINES)
def test_each_rate_stands_once_the_highest_first(lines):
    rates = [part.rate_bp for part in vat_table(lines)]
    assert rates == sorted({rate for rate, _gross in lines}, reverse=True)


@given(LINES, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_does_not_matter(lines, chance):
    shuffled = list(lines)
    chance.shuffle(shuffled)
    assert vat_table(shuffled) == vat_table(lines)


@given(st.integers(0, 10**9), RATES)
def test_the_tax_is_within_half_a_cent_of_the_exact_one(gross_minor, rate_bp):
    exact = Fraction(gross_minor * rate_bp, 10_000 + rate_bp)
    assert abs(vat_inside(gross_minor, rate_bp) - exact) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("gross", "rate_bp", "vat"), [(119, 1900, 19), (107, 700, 7), (499, 1900, 80), (0, 1900, 0), (100, 0, 0)]
)
def test_known_amounts(gross, rate_bp, vat):
    assert vat_inside(gross, rate_bp) == vat


def test_a_rate_is_taxed_on_its_sum_not_line_by_line():
    # 3 x 0.02 EUR at 19 %: each line's tax would round to nothing.
    assert vat_table([(1900, 2)] * 3) == (VatPart(1900, 6, 5, 1),)


def test_no_lines_no_table():
    assert vat_table([]) == ()


# Rates, as the law has had them

LAST_DAYS = ["2020-06-30", "2020-12-31", "2023-12-31", "2025-12-31"]
FIRST_DAYS = ["2020-07-01", "2021-01-01", "2024-01-01", "2026-01-01"]


@pytest.mark.parametrize(
    ("vat", "take_away", "eat_in"),
    [  # from 2007, from July 2020, from 2021, from 2024, from 2026
        ("standard", [19, 16, 19, 19, 19], [19, 16, 19, 19, 19]),  # UStG § 12 (1), § 28 (1)
        ("reduced", [7, 5, 7, 7, 7], [7, 5, 7, 7, 7]),  # § 12 (2) no. 1, § 28 (2)
        ("food", [7, 5, 7, 7, 7], [19, 5, 7, 19, 7]),  # § 12 (2) no. 1 and no. 15
        ("milk_drink", [7, 5, 7, 7, 7], [19, 16, 19, 19, 19]),  # annex 2 no. 4, 35; no. 15 leaves drinks out
    ],
)
def test_rates_on_the_first_and_the_last_day_of_each_law(vat, take_away, eat_in):
    days = list(zip(["2007-01-01", *FIRST_DAYS], [*LAST_DAYS, "2026-11-21"], strict=True))
    for (first, last), away_percent, here_percent in zip(days, take_away, eat_in, strict=True):
        for day in (first, last):
            on = dt.date.fromisoformat(day)
            assert vat_bp(vat, on) == 100 * away_percent, (vat, day)
            assert vat_bp(vat, on, eat_in=True) == 100 * here_percent, (vat, day)


@pytest.mark.parametrize("vat", GERMANY)
def test_there_is_no_guessing_before_the_oldest_rate(vat):
    with pytest.raises(ValueError, match="2006-12-31"):
        vat_bp(vat, dt.date(2006, 12, 31))
