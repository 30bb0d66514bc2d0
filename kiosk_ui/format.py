"""Numbers as people read them: money, weights, dates and tax rates in the reader's language.

Whole numbers come in (minor units, grams, basis points, seconds), text goes out; nothing is ever a float.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import flask_babel
from babel import Locale, dates, numbers, units
from flask import Flask
from flask_babel import gettext as _
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

GRAMS_PER_KG = 1000
DEFAULT_CURRENCY = "EUR"
DEFAULT_LOCALE = Locale("en")


def _locale(locale: Locale | str | None) -> Locale:
    if locale is None:
        found: Locale | None = flask_babel.get_locale()
        return found or DEFAULT_LOCALE
    return locale if isinstance(locale, Locale) else Locale.parse(locale)


def _whole(value: int) -> int:
    """`value`, if it is a whole number. Raises TypeError for a float, a Decimal or a bool."""
    if type(value) is not int:
        raise TypeError(f"a whole number is wanted, not {type(value).__name__}")
    return value


def _major(amount_minor: int, currency: str) -> Decimal:
    return Decimal(_whole(amount_minor)).scaleb(-numbers.get_currency_precision(currency))


def money(amount_minor: int, currency: str = DEFAULT_CURRENCY, locale: Locale | str | None = None) -> str:
    """`2340` as "23,40 €" or "€23.40". Raises TypeError when the amount is no whole number."""
    return str(numbers.format_currency(_major(amount_minor, currency), currency, locale=_locale(locale)))


def money_spoken(
    amount_minor: int, currency: str = DEFAULT_CURRENCY, locale: Locale | str | None = None
) -> str:
    """`349` as "3.49 euros": the currency as a word, and minus as a word too, for reading aloud."""
    amount = _major(amount_minor, currency)
    text = numbers.format_currency(abs(amount), currency, locale=_locale(locale), format_type="name")
    return _("minus %(amount)s", amount=text) if amount < 0 else str(text)


def price(amount_minor: int, currency: str = DEFAULT_CURRENCY, locale: Locale | str | None = None) -> Markup:
    """A price as on a price card: large whole units, small raised cents, and one sentence for the ear.

    A minus comes first in every language.
    """
    found = _locale(locale)
    digits = numbers.get_currency_precision(currency)
    whole, cents = divmod(abs(_whole(amount_minor)), 10**digits)
    symbol = Markup('<span class="price__currency">{}</span>').format(
        numbers.get_currency_symbol(currency, found)
    )
    sign = Markup('<span class="price__whole">−</span>') if amount_minor < 0 else Markup()
    figures = Markup('<span class="price__whole">{}</span>').format(
        numbers.format_decimal(whole, locale=found)
    )
    if digits:
        figures += Markup('<span class="price__cents">{}</span>').format(f"{cents:0{digits}d}")
    symbol_first = found.currency_formats["standard"].pattern.startswith("¤")
    shown = sign + (symbol + figures if symbol_first else figures + symbol)
    spoken = money_spoken(amount_minor, currency, found)
    return Markup(
        '<span class="price"><span class="visually-hidden">{}</span>'
        '<span class="price__figures" dir="ltr" aria-hidden="true">{}</span></span>'
    ).format(spoken, shown)


def weight(weight_g: int, locale: Locale | str | None = None) -> str:
    """`250` as "250 g", `1234` as "1.234 kg": the unit a person would use."""
    if abs(_whole(weight_g)) < GRAMS_PER_KG:
        return str(units.format_unit(weight_g, "mass-gram", "short", locale=_locale(locale)))
    kilograms = Decimal(weight_g).scaleb(-3)
    return str(units.format_unit(kilograms, "mass-kilogram", "short", locale=_locale(locale)))


def weight_kg(weight_g: int, locale: Locale | str | None = None) -> str:
    """`250` as "0.250 kg": always kilograms with three places, as scales and receipts print it."""
    return f"{thousandths(weight_g, locale)} kg"


def thousandths(amount: int, locale: Locale | str | None = None) -> str:
    """`742` as "0.742", always with three places: grams as kilograms, millimetres as metres."""
    scaled = Decimal(_whole(amount)).scaleb(-3)
    return str(numbers.format_decimal(scaled, format="#,##0.000", locale=_locale(locale)))


def length_m(length_mm: int, locale: Locale | str | None = None) -> str:
    """`1250` as "1.250 m": always metres with three places."""
    return f"{thousandths(length_mm, locale)} m"


def price_per_kg(
    unit_price_minor: int, currency: str = DEFAULT_CURRENCY, locale: Locale | str | None = None
) -> str:
    """`299` as "2,99 €/kg" (the price of one kilogram)."""
    return f"{money(unit_price_minor, currency, locale)}/kg"


def vat_rate(rate_bp: int, locale: Locale | str | None = None) -> str:
    """Basis points as per cent: `700` as "7 %" or "7%", `1070` as "10.7%"."""
    rate = Decimal(_whole(rate_bp)).scaleb(-4)
    return str(numbers.format_percent(rate, locale=_locale(locale), decimal_quantization=False))


def percent(whole_percent: int, locale: Locale | str | None = None) -> str:
    """`20` as "20 %" or "20%"."""
    return vat_rate(_whole(whole_percent) * 100, locale)


def number(value: int, locale: Locale | str | None = None) -> str:
    """`1240` as "1.240" or "1,240"."""
    return str(numbers.format_decimal(_whole(value), locale=_locale(locale)))


def day(value: date, locale: Locale | str | None = None) -> str:
    """ "21 November 2026", in the store's time zone if `value` is a moment."""
    if isinstance(value, datetime):
        value = flask_babel.to_user_timezone(value)
    return str(dates.format_date(value, "long", locale=_locale(locale)))


def clock(value: datetime, locale: Locale | str | None = None) -> str:
    """ "14:05" or "2:05 PM", in the store's time zone. A moment without a zone is UTC."""
    return str(dates.format_time(flask_babel.to_user_timezone(value), "short", locale=_locale(locale)))


def moment(value: datetime, locale: Locale | str | None = None) -> str:
    """Day and time, for receipts and timelines, in the store's time zone. Without a zone it is UTC."""
    local = flask_babel.to_user_timezone(value)
    return str(dates.format_datetime(local, "medium", locale=_locale(locale)))


def waited(wait_s: int, locale: Locale | str | None = None) -> str:
    """How long somebody has waited, in words: `180` as "3 minutes"."""
    span = timedelta(seconds=_whole(wait_s))
    return str(dates.format_timedelta(span, granularity="second", threshold=0.99, locale=_locale(locale)))


def _in_request(function: Callable[..., str]) -> Callable[..., str]:
    """Keep Jinja from working out `769|money` once, while compiling, in the first reader's language."""

    @pass_context
    def called(_context: Context, *arguments: Any, **options: Any) -> str:
        return function(*arguments, **options)

    return called


def init_format(app: Flask) -> None:
    """Give templates every function of this module as a filter of the same name."""
    filters = (money, money_spoken, price, weight, weight_kg, length_m, price_per_kg, vat_rate, percent)
    for filter_function in (*filters, number, day, clock, moment, waited):
        app.add_template_filter(_in_request(filter_function), filter_function.__name__)
