"""What one scan puts into the basket: which articles, and how much of each.

A code may mean several pieces (a pack), or pieces of several articles (a bundle). Each article gets a line
of its own, so tax, deposit, age limits and returns need to know nothing of bundles; that a bundle costs less
than its parts is a promotion's business.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from checkout.basket import checked_quantity
from checkout.catalogue import Article
from checkout.errors import Refused
from checkout.gs1 import ArticleCode, WeighedCode
from checkout.money import divide_half_up

MEASURE_MAX = 99_999
"""Grams or millimetres: what five digits on a label can say."""


class Measure(NamedTuple):
    """How much of an article one scan means."""

    quantity: int = 1
    weight_g: int = 0
    length_mm: int = 0
    fixed_minor: int = 0


ONE_PIECE = Measure()


class GoodsLists(Protocol):
    """The part of a page that says what codes mean and what must not be sold."""

    def article(self, gtin: str) -> Article | None: ...

    def articles_among(self, gtins: Collection[str]) -> Mapping[str, Article]:
        """Those of the articles that there are."""

    def article_of_item(self, item: str) -> Article | None:
        """The article that a scale label's four digits mean."""

    def articles_of_code(self, code: str) -> Sequence[tuple[Article, int]]:
        """The articles that another code means, and how many pieces of each."""

    def is_recalled(self, gtin: str, batch: str) -> bool:
        """True if all of the article, or this batch of it, has been called back."""


def goods_of(
    lists: GoodsLists, code: ArticleCode | WeighedCode, now: dt.datetime
) -> tuple[tuple[Article, Measure], ...]:
    """The articles that a code means, and how much of each, at a moment by the shop's clock.

    Raises `Refused`: code_unknown, article_expired (the day after its date), article_recalled, label_damaged
    where the scale's measure is missing, length_needed, quantity_not_possible.
    """
    if isinstance(code, WeighedCode):
        weighed = lists.article_of_item(code.item)
        if weighed is None:
            raise Refused("code_unknown")
        must_not_be_recalled(lists, weighed)
        return ((weighed, measured(weighed, code, now)),)
    if code.expiry is not None and code.expiry < now.date():
        raise Refused("article_expired")
    article = lists.article(code.gtin)
    found = lists.articles_of_code(code.gtin) if article is None else ((article, 1),)
    if not found:
        raise Refused("code_unknown")
    return tuple((meant, _as_coded(lists, meant, code, pieces, now)) for meant, pieces in found)


def must_not_be_recalled(lists: GoodsLists, article: Article, batch: str = "") -> None:
    if lists.is_recalled(article.gtin, batch):
        raise Refused("article_recalled", gtin=article.gtin)


def _as_coded(
    lists: GoodsLists, article: Article, code: ArticleCode, pieces: int, now: dt.datetime
) -> Measure:
    must_not_be_recalled(lists, article, code.batch)
    if article.unit == "piece":  # its price is on our list, whatever else the code says
        return Measure(quantity=checked_quantity(pieces * (code.count or 1)))
    return measured(article, code, now)


def measured(article: Article, code: ArticleCode | WeighedCode, now: dt.datetime) -> Measure:
    """The measure that a label fixes: the weight or length, the price of all of it, or the count.

    A label with a price means as much as that buys at the price that holds now.
    """
    if article.unit == "piece":
        if code.price_minor:
            return Measure(fixed_minor=code.price_minor)
        return Measure(quantity=checked_quantity(code.count)) if code.count else _unmeasured(article)
    thousandths = code.weight_g if article.unit == "kg" else code.length_mm
    if code.price_minor and not thousandths and (price_minor := article.price_at(now)):
        thousandths = divide_half_up(code.price_minor * 1000, price_minor)
    if not thousandths and not code.price_minor:
        return _unmeasured(article)
    return measure_of(article, thousandths, code.price_minor)


def measure_of(article: Article, thousandths: int, fixed_minor: int = 0) -> Measure:
    """So many grams or millimetres, as the article is sold."""
    if thousandths > MEASURE_MAX:
        raise Refused("quantity_not_possible", limit=MEASURE_MAX)
    if article.unit == "m":
        return Measure(length_mm=thousandths, fixed_minor=fixed_minor)
    return Measure(weight_g=thousandths, fixed_minor=fixed_minor)


def _unmeasured(article: Article) -> Measure:
    raise Refused("length_needed" if article.unit == "m" else "label_damaged")


def loose_goods(lists: GoodsLists, gtin: str, weight_g: int, length_mm: int) -> tuple[Article, Measure]:
    """What a clerk weighed or cut off, or the lane's scale shows: one of weight and length, the other is 0.

    Raises `Refused`: code_unknown, article_recalled, quantity_not_possible where it is not sold like that.
    """
    article = lists.article(gtin)
    if article is None:
        raise Refused("code_unknown")
    must_not_be_recalled(lists, article)
    asked, other = (length_mm, weight_g) if article.unit == "m" else (weight_g, length_mm)
    if article.unit == "piece" or other or asked <= 0:
        raise Refused("quantity_not_possible", limit=MEASURE_MAX)
    return article, measure_of(article, asked)
