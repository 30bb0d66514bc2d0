"""Money, weights, rates and dates in German and English; whole numbers in, never a float."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from babel import numbers
from flask import Flask, render_template_string
from hypothesis import given
from hypothesis import strategies as st

from kiosk_ui import format as words
from kiosk_ui.i18n import init_i18n

NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture(scope="module")
def app() -> Flask:
    app = Flask("kiosk_ui")
    init_i18n(app)
    words.init_format(app)
    return app


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "text"),
    [
        (2340, "EUR", "de", f"23,40{NBSP}€"),
        (2340, "EUR", "en", "€23.40"),
        (0, "EUR", "de", f"0,00{NBSP}€"),
        (5, "EUR", "en", "€0.05"),
        (-125, "EUR", "en", "-€1.25"),
        (123456789, "EUR", "de", f"1.234.567,89{NBSP}€"),
        (349, "JPY", "en", "¥349"),
        (3490, "KWD", "en", "KWD3.490"),
    ],
)
def test_money(minor: int, currency: str, locale: str, text: str) -> None:
    assert words.money(minor, currency, locale) == text


def test_a_price_has_raised_cents_and_one_sentence() -> None:
    assert words.price(349, "EUR", "de") == (
        '<span class="price"><span class="visually-hidden">3,49 Euro</span>'
        '<span class="price__figures" dir="ltr" aria-hidden="true"><span class="price__whole">3</span>'
        '<span class="price__cents">49</span><span class="price__currency">€</span></span></span>'
    )
    english = words.price(105, "EUR", "en")
    assert "1.05 euros" in english
    assert english.index("price__currency") < english.index("price__whole")
    assert '<span class="price__cents">05</span>' in english


def test_a_price_without_cents_and_one_below_nothing() -> None:
    assert "price__cents" not in words.price(349, "JPY", "en")
    below = words.price(-25, "EUR", "de")
    assert '<span class="price__whole">−</span><span class="price__whole">0</span>' in below
    below = words.price(-25, "EUR", "en")
    assert below.index("−") < below.index("€</span>") < below.index(">25<")


def test_minus_is_a_word_for_the_ear(app: Flask) -> None:
    with app.test_request_context("/?lang=de"):
        assert words.money_spoken(-125) == "minus 1,25 Euro"


@given(st.integers(-(10**12), 10**12), st.sampled_from(["de", "en"]))
def test_money_loses_nothing(minor: int, locale: str) -> None:
    text = words.money(minor, "EUR", locale).replace("€", "").replace(NBSP, "")
    assert numbers.parse_decimal(text, locale=locale) * 100 == minor


@pytest.mark.parametrize(
    ("grams", "locale", "text", "in_kg"),
    [
        (250, "de", f"250{NBSP}g", "0,250 kg"),
        (999, "en", "999 g", "0.999 kg"),
        (1000, "de", f"1{NBSP}kg", "1,000 kg"),
        (1234, "en", "1.234 kg", "1.234 kg"),
    ],
)
def test_weight(grams: int, locale: str, text: str, in_kg: str) -> None:
    assert words.weight(grams, locale).replace(NBSP, " ") == text.replace(NBSP, " ")
    assert words.weight_kg(grams, locale) == in_kg


def test_length() -> None:
    assert words.length_m(1250, "de") == "1,250 m"
    assert words.length_m(40, "en") == "0.040 m"


@pytest.mark.parametrize(
    ("rate_bp", "locale", "text"),
    [
        (700, "de", f"7{NBSP}%"),
        (1900, "en", "19%"),
        (1070, "en", "10.7%"),
        (550, "de", f"5,5{NBSP}%"),
        (0, "en", "0%"),
    ],
)
def test_vat(rate_bp: int, locale: str, text: str) -> None:
    assert words.vat_rate(rate_bp, locale) == text


def test_small_words() -> None:
    assert words.percent(20, "en") == "20%"
    assert words.price_per_kg(299, "EUR", "de") == f"2,99{NBSP}€/kg"
    assert words.waited(180, "de") == "3 Minuten"
    assert words.waited(45, "en") == "45 seconds"


@pytest.mark.parametrize("wrong", [3.49, Decimal("3.49"), True, "349"])
@pytest.mark.parametrize(
    "function",
    [words.money, words.price, words.weight, words.weight_kg, words.vat_rate, words.percent, words.waited],
)
def test_only_whole_numbers(function: Callable[[Any], str], wrong: object) -> None:
    with pytest.raises(TypeError, match="whole number"):
        function(wrong)


def test_moments_are_the_stores(app: Flask) -> None:
    late = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    with app.test_request_context("/?lang=de"):
        assert words.clock(late) == "00:30"
        assert words.day(late) == "22. November 2026"
        assert words.day(date(2026, 11, 21)) == "21. November 2026"
        assert words.moment(late) == "22.11.2026, 00:30:00"


def test_filters_speak_each_readers_language(app: Flask) -> None:
    template = "{{ 349|money }} {{ 700|vat_rate }} {{ 250|weight }}"
    for language, text in (("de", f"3,49{NBSP}€ 7{NBSP}% 250 g"), ("en", "€3.49 7% 250 g")):
        with app.test_request_context(f"/?lang={language}"):
            assert render_template_string(template).replace(NBSP + "g", " g") == text
