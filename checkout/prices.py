"""What a thing costs when, what it was asked for before, and what staff may change.

German law on a reduction that is announced (Preisangabenverordnung, PAngV 2022):

- § 11 (1): the lowest price of the 30 days before the reduction began must be shown beside it. A percentage
  or a price struck through must start from that one (EU Court of Justice, C-330/23 of 26 September 2024).
- § 11 (4): not for individual reductions (a personal offer, a price agreed with one customer), and not where
  perishables are cheaper because they will spoil and the shop says so.
- § 4, § 5: the price per kilogram or litre goes with the price to be paid, so a reduced one has its own.

So a list price with an end is an announced reduction, and so is a running promotion that takes money off an
article: `checkout.compared`. A list price that simply falls, for good and without a word, is not.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from checkout.basket import GOODS, Line, Override, Reduction
from checkout.catalogue import Article, ListPrice
from checkout.errors import Refused
from checkout.money import divide_half_up
from checkout.staff import Clerk, four_eyes

COMPARED_DAYS = 30
"""PAngV § 11 (1)."""
KEPT_DAYS = 100
"""How long former prices stay with an article: a reduction may run for ten weeks and still be compared."""
MEASURE = 1_000
"""Thousandths: grams in a kilogram, millilitres in a litre, millimetres in a metre."""

OVERRIDE_REASONS = ("damaged", "short_dated", "shelf_price", "goodwill")
"""Why staff may set a price: damaged, about to run out, the shelf said something else, to please."""
OVERRIDE_ALONE_MINOR_MAX = 10_00
"""Who takes more than this off a line does not decide it alone."""
OVERRIDDEN = "override:"
"""How the reduction of an override is called: this and its reason."""


# What it cost before


def lowest_before(article: Article, since: dt.datetime) -> int:
    """The price list's lowest price in the 30 days before a moment by the shop's clock.

    What promotions took off is not in it: `checkout.compared`.
    """
    return min(price.price_minor for price in asked(article, since - _days(COMPARED_DAYS), since))


def special_price(article: Article, now: dt.datetime) -> ListPrice | None:
    """The list price with an end that makes the article cheaper just now; None if nothing does."""
    dated = article.list_price_at(now)
    if dated is None or dated.until is None or dated.price_minor >= lowest_before(article, dated.since):
        return None
    return dated


def carried_over(former: Article | None, fresh: Article, now: dt.datetime) -> Article:
    """The new entry of the price list, with what the old one asked everybody for until now."""
    if former is None:
        return fresh
    before = asked(former, now - _days(KEPT_DAYS), now)
    if all(price.price_minor == fresh.price_minor for price in before) and not fresh.prices:
        return fresh  # it never cost anything else
    return replace(fresh, former=before)


def asked(article: Article, since: dt.datetime, until: dt.datetime) -> tuple[ListPrice, ...]:
    """What everybody was asked for between two moments, one price after the other, without a gap."""
    dated = (*article.prices, *article.former)
    turns = {turn for price in dated for turn in (price.since, price.until) if turn is not None}
    begins = sorted({since, *(turn for turn in turns if since < turn < until)})
    asked: list[ListPrice] = []
    for begin, end in zip(begins, [*begins[1:], until], strict=True):
        was = next((price for price in article.former if price.holds(begin)), None)
        price_minor = article.price_at(begin) if was is None else was.price_minor
        if asked and asked[-1].price_minor == price_minor:
            asked[-1] = replace(asked[-1], until=end)
        else:
            asked.append(ListPrice(begin, price_minor, end))
    return tuple(asked)


def _days(days: int) -> dt.timedelta:
    return dt.timedelta(days=days)


# What a kilogram or litre of it costs


def unit_price_minor(price_minor: int, content: int) -> int:
    """The price per kilogram, litre or metre of so many thousandths of one, rounded half up (PAngV § 4)."""
    return divide_half_up(price_minor * MEASURE, content)


def content_of(line: Line, article: Article) -> int:
    """Grams, millilitres or millimetres on a line, as far as a price per unit is due; else 0."""
    return line.weight_g or line.length_mm or article.base_amount * line.quantity


# What staff may change


def overridden(line: Line, price_minor: int, reason: str, clerk: Clerk, second: Clerk | None = None) -> Line:
    """The line at a price that staff set: per piece, kilogram or metre; for all of it if its price is fixed.

    Raises Refused: not_allowed, override_reason_missing, price_not_possible (nothing gets dearer than shown),
    second_person_needed above `OVERRIDE_ALONE_MINOR_MAX`.
    """
    clerk.must("override")
    if reason not in OVERRIDE_REASONS:
        raise Refused("override_reason_missing", reasons=OVERRIDE_REASONS)
    shown_minor = line.fixed_minor or line.unit_price_minor
    if line.kind != GOODS or not 0 <= price_minor < shown_minor:
        raise Refused("price_not_possible", limit=shown_minor)
    changed = as_overridden(replace(line, override=Override(price_minor, reason)))
    if changed.discount_minor > OVERRIDE_ALONE_MINOR_MAX:
        four_eyes(clerk, second)
    return changed


def as_overridden(line: Line) -> Line:
    """A line whose price staff set has that one reduction and no other: no promotion comes on top."""
    assert line.override is not None
    price_minor = line.override.price_minor
    costs_minor = price_minor if line.fixed_minor else line.costs_at(price_minor)
    off = Reduction(OVERRIDDEN + line.override.reason, line.gross_minor - costs_minor)
    return replace(line, reductions=(off,))


def at_group_price(line: Line, article: Article, now: dt.datetime, group: str) -> Line:
    """The line as a customer group pays it: never dearer than it was shown, and labels stay as printed."""
    price_minor = article.price_at(now, group)
    if line.kind != GOODS or line.fixed_minor or price_minor >= line.unit_price_minor:
        return line
    return replace(line, unit_price_minor=price_minor)
