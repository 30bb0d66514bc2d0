"""Lines, cards and offers in the shopper's words: what the templates put on the page, ready to read.

Texts of amounts are kept once made: a till says the same prices all day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from flask_babel import gettext as _
from markupsafe import Markup

from checkout.basket import QUANTITY_MAX, Line
from checkout.catalogue import Article
from checkout.money import divide_half_up
from checkout.shopper import PersonalOffer, VisitCard
from kiosk_ui import format as formats
from kiosk_ui.pictures import picture_path
from mirror.sizes import display_size, sort_sizes
from store_edge.desk import Shelves
from store_edge.settings import PromotionSettings

AMOUNTS_KEPT_MAX = 8_192
USUAL_SHOWN_MAX = 4
BASE = 1_000
"""Grams in a kilogram, millilitres in a litre: what a base price (PAngV, section 4) is for."""


@lru_cache(AMOUNTS_KEPT_MAX)
def money(amount_minor: int, currency: str, language: str) -> str:
    """`2340` as "23,40 €"."""
    return formats.money(amount_minor, currency, language)


@lru_cache(AMOUNTS_KEPT_MAX)
def price(amount_minor: int, currency: str, language: str) -> Markup:
    """`349` with raised cents. The amount must not be negative: only those are said without a catalogue."""
    assert amount_minor >= 0
    return formats.price(amount_minor, currency, language)


@lru_cache(AMOUNTS_KEPT_MAX)
def weight_kg(weight_g: int, language: str) -> str:
    return formats.weight_kg(weight_g, language)


@dataclass(frozen=True, slots=True)
class LineWords:
    """One line as the roll shows it. `saving` is what the offer does, "" without one."""

    number: int
    name: str
    picture: str
    detail: str
    total: str
    before: str
    saving: str
    quantity: int
    countable: bool
    voided: bool

    @property
    def full(self) -> bool:
        return self.quantity >= QUANTITY_MAX


@dataclass(frozen=True, slots=True)
class CardWords:
    """An article as the price card shows it; `before` is "" unless an offer made it cheaper."""

    name: str
    picture: str
    facts: tuple[str, ...]
    price: Markup
    before: str
    reason: str
    spoken: str


@dataclass(frozen=True, slots=True)
class UsualWords:
    gtin: str
    name: str
    picture: str


class Wording:
    """The words of one language and currency, for one answer."""

    def __init__(
        self,
        shelves: Shelves,
        language: str,
        currency: str,
        card: VisitCard | None,
        promotions: Mapping[str, PromotionSettings] | None = None,
    ) -> None:
        self._promotions = promotions or {}
        self._shelves = shelves
        self._language = language
        self._currency = currency
        self._offer = card.offer if card else None

    def money(self, amount_minor: int) -> str:
        return money(amount_minor, self._currency, self._language)

    def price(self, amount_minor: int) -> Markup:
        return price(amount_minor, self._currency, self._language)

    def lines(self, lines: Sequence[Line]) -> list[LineWords]:
        return [self.line(line) for line in lines]

    def line(self, line: Line) -> LineWords:
        """One line; an article that is no longer on the price list keeps its number as its name."""
        article = self._shelves.article(line.gtin)
        gross_minor = line.gross_minor
        discounted = bool(line.discount_minor)
        return LineWords(
            number=line.number,
            name=self._name(article, line.gtin),
            picture=_picture(article),
            detail=self._detail(line),
            total=self.money(gross_minor if line.voided else line.total_minor),
            before=self.money(gross_minor) if discounted else "",
            saving=self._saving(line) if discounted else "",
            quantity=line.quantity,
            countable=line.countable,
            voided=line.voided,
        )

    def card(self, line: Line) -> CardWords:
        """What was just scanned, big."""
        article = self._shelves.article(line.gtin)
        total_minor = line.total_minor
        name = self._name(article, line.gtin)
        return CardWords(
            name=name,
            picture=_picture(article),
            facts=tuple(fact for fact in (self._detail(line), *self._facts(article)) if fact),
            price=self.price(total_minor),
            before=self.money(line.gross_minor) if line.discount_minor else "",
            reason=self._saving(line) if line.discount_minor else "",
            spoken=f"{name}, {self.money(total_minor)}",
        )

    def usual(self, card: VisitCard) -> list[UsualWords]:
        """What the shopper often buys and one tap can add: goods by the piece that this store has."""
        found = [(usual.gtin, self._shelves.article(usual.gtin)) for usual in card.usual]
        return [
            UsualWords(gtin, article.called(self._language), _picture(article))
            for gtin, article in found
            if article is not None and article.unit == "piece"
        ][:USUAL_SHOWN_MAX]

    def offer(self, offer: PersonalOffer) -> CardWords | None:
        """The personal offer, None if this store does not have the article."""
        article = self._shelves.article(offer.gtin)
        if article is None:
            return None
        off_minor = divide_half_up(article.price_minor * offer.percent, 100)
        name = article.called(self._language)
        return CardWords(
            name=name,
            picture=_picture(article),
            facts=(article.pack.get(self._language, ""),) if article.pack else (),
            price=self.price(article.price_minor - off_minor),
            before=self.money(article.price_minor),
            reason=self._reason(offer),
            spoken=name,
        )

    # How it is done

    def _name(self, article: Article | None, gtin: str) -> str:
        return article.called(self._language) if article else gtin

    def _detail(self, line: Line) -> str:
        """Weight and price per kilogram, or count and price each; "" for a single piece."""
        each = self.money(line.unit_price_minor)
        if line.weight_g:
            return f"{weight_kg(line.weight_g, self._language)} × {each}/kg"
        return f"{line.quantity} × {each}" if line.quantity > 1 else ""

    def _saving(self, line: Line) -> str:
        saved: str = _("You save %(amount)s", amount=self.money(line.discount_minor))
        if self._offer is not None and self._offer.offer == line.offer:
            reason = self._reason(self._offer)
        else:
            reason = self._promotion_name(line.offer)
        return f"{saved} · {reason}" if reason else saved

    def _promotion_name(self, promotion: str) -> str:
        running = self._promotions.get(promotion)
        return str(running.name.get(self._language, "")) if running else ""

    def _reason(self, offer: PersonalOffer) -> str:
        return offer.reason.get(self._language) or next(iter(offer.reason.values()), "")

    def _facts(self, article: Article | None) -> tuple[str, ...]:
        if article is None:
            return ()
        pack = article.pack.get(self._language) or next(iter(article.pack.values()), "")
        facts = [part for part in (pack, self._base_price(article)) if part]
        return (" · ".join(facts), self._sizes(article))

    def _base_price(self, article: Article) -> str:
        if not article.base_amount:
            return ""
        per_base_minor = divide_half_up(article.price_minor * BASE, article.base_amount)
        return f"{self.money(per_base_minor)}/{article.base_unit}"

    def _sizes(self, article: Article) -> str:
        """The sizes of a garment in this colour, from small to large."""
        if not article.style or not article.size:
            return ""
        same = [other for other in self._shelves.of_style(article.style) if other.colour == article.colour]
        others = [size for size in sort_sizes(other.size for other in same) if size != article.size]
        if not others:
            return ""
        named = " · ".join(display_size(size, self._language) for size in others)
        return str(_("Also in %(sizes)s", sizes=named))


def _picture(article: Article | None) -> str:
    """The address of the article's drawing, "" where there is none."""
    return f"/pictures/{picture_path(article.picture, article.tint)}" if article and article.picture else ""
