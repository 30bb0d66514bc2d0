"""Promotions as they stand in a file: read, or refused with the line and the nearest valid word."""

from __future__ import annotations

import datetime as dt

import pytest

from checkout.promotions.terms import WrongTerms
from checkout.promotions.written import read_promotions

PERCENT = '[promotions.w]\nkind = "percent"\n'


def test_a_file_is_read_with_its_names_for_receipts() -> None:
    written = """
    [promotions.week]
    kind = "percent"
    name = { de = "Woche", en = "Week" }
    terms = { percent = 10, from = 2026-11-16, until = "2026-11-21" }

    [promotions."three for two"]
    kind = "n-for-m"
    terms = { take = 3, pay = 2 }
    """
    read = read_promotions(written, 2)
    assert [(id, promotion.id) for id, promotion in read.items()] == [
        ("week", "week"),
        ("three for two", "three for two"),
    ]
    when = read["week"].when
    assert (when.since, when.until, when.timezone) == (dt.date(2026, 11, 16), dt.date(2026, 11, 21), dt.UTC)


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        (
            '[promotions.w]\nkind = "percnt"\n',
            "line 2: promotions.w.kind: there is no promotion of kind 'percnt'; did you mean 'percent'?",
        ),
        (
            f'{PERCENT}terms = {{ percent = 5, gtn = "1" }}\n',
            "line 3: promotions.w.gtn: there is no term 'gtn'; did you mean 'gtin'?",
        ),
        (
            f'[promotions.a]\nkind = "points"\nterms = {{ times = 5 }}\n{PERCENT}terms = {{ percent = 0 }}',
            "line 6: promotions.w.percent: percent is 0; it must be a whole number from 1 to 100",
        ),
        (
            f"{PERCENT}trems = {{ percent = 5 }}\n",
            "line 3: promotions.w.trems: there is no 'trems' in a promotion; did you mean 'terms'?",
        ),
        ("[promotion.w]\n", "there is nothing called 'promotion' here; did you mean 'promotions'?"),
        ("promotions = 5\n", "there is no promotion in it: write [promotions.name], kind and terms"),
        ("[promotions]\n", "there is no promotion in it: write [promotions.name], kind and terms"),
        ("", "there is no promotion in it: write [promotions.name], kind and terms"),
        ("[promotions]\nw = 5\n", "promotions.w: it must be a table with kind and terms"),
        ("[promotions.w]\nterms = {}\n", "line 1: promotions.w.kind: it needs a kind"),
        ("[promotions.w]\nkind = 5\n", "line 2: promotions.w.kind: it needs a kind"),
        (f"{PERCENT}terms = 5\n", "line 3: promotions.w.terms: terms are a table"),
        (f"{PERCENT}", "line 1: promotions.w.percent: needs percent: a whole number from 1 to 100"),
        ("[promotions.a]\n[promotions.b]\n[promotions.c]\n", "these are 3 promotions; at most 2 at once"),
    ],
)
def test_what_is_wrong_is_told_where_and_with_the_nearest_word(toml: str, sentence: str) -> None:
    with pytest.raises(WrongTerms) as wrong:
        read_promotions(toml, 2)
    assert str(wrong.value) == sentence


def test_what_is_no_toml_is_told_as_the_parser_tells_it() -> None:
    with pytest.raises(WrongTerms, match=r"this is no TOML: .*line 1"):
        read_promotions("kind = \n", 2)
