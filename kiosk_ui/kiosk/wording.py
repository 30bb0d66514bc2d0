"""Lines, cards and offers in the shopper's words: what the templates put on the page, ready to read.

Texts of amounts are kept once made: a till says the same prices all day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from flask_babel import gettext as _
from markupsafe import Markup

from checkout.basket import QUANTITY_MAX, Basket, Line
from checkout.catalogue import Article
from checkout.compared import LISTED, Beside, Charged, beside
from checkout.coupons import BY, NO_COUPONS, Coupon, Coupons
from checkout.deposit import DepositKinds
from checkout.money import divide_half_up
from checkout.prices import OVERRIDDEN, content_of, unit_price_minor
from checkout.shopper import PersonalOffer, VisitCard
from kiosk_ui import format as formats
from kiosk_ui.pictures import picture_path
from mirror.sizes import display_size, sort_sizes
from store_edge.desk import Shelves
from store_edge.settings import PromotionSettings

AMOUNTS_KEPT_MAX = 8_192
USUAL_SHOWN_MAX = 4


@lru_cache(AMOUNTS_KEPT_MAX)
def money(amount_minor: int, currency: str, language: str) -> str:
    """`2340` as "23,40 €"."""
    return formats.money(amount_minor, currency, language)


@lru_cache(AMOUNTS_KEPT_MAX)
def price(amount_minor: int, currency: str, language: str) -> Markup:
    """`349` with raised cents. For a negative amount, `language` must be the one that is spoken now."""
    return formats.price(amount_minor, currency, language)


@lru_cache(AMOUNTS_KEPT_MAX)
def weight_kg(weight_g: int, language: str) -> str:
    return formats.weight_kg(weight_g, language)


@dataclass(frozen=True, slots=True)
class LineWords:
    """One line as the roll shows it. `saving` says what made it cheaper, and from what; "" if nothing did.

    `deposit` is what comes on top, "" if nothing does.
    """

    number: int
    name: str
    picture: str
    detail: str
    total: str
    before: str
    saving: str
    deposit: str
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
class CouponWords:
    """A coupon in the basket: what it takes off, or what it waits for."""

    name: str
    called: str
    state: str
    waits: bool


@dataclass(frozen=True, slots=True)
class KindWords:
    """A kind of empties that can be handed back."""

    id: str
    name: str
    amount: str


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
        promotions: Mapping[str, PromotionSettings],
        now: dt.datetime,
        coupons: Coupons = NO_COUPONS,
        charged: Charged = LISTED,
    ) -> None:
        """`now` is the moment on the shop's wall clock: prices are compared with those that were `charged`
        in the 30 days before."""
        self._charged = charged
        self._promotions = promotions
        self._now = now
        self._coupons = coupons
        self._shelves = shelves
        self._language = language
        self._currency = currency
        self._offer = card.offer if card else None

    def money(self, amount_minor: int) -> str:
        return money(amount_minor, self._currency, self._language)

    def price(self, amount_minor: int) -> Markup:
        return price(amount_minor, self._currency, self._language)

    def number(self, value: int) -> str:
        return formats.number(value, self._language)

    def tier(self, card: VisitCard | None) -> str:
        """A member's status, "" for none."""
        tier = card.membership.tier if card and card.membership else None
        return (tier.get(self._language) or next(iter(tier.values()), "")) if tier else ""

    def lines(self, lines: Sequence[Line]) -> list[LineWords]:
        return [self.line(line) for line in lines]

    def line(self, line: Line) -> LineWords:
        """One line; an article that is no longer on the price list keeps its number as its name."""
        article = self._shelves.article(line.gtin)
        compared = self._beside(line, article)
        return LineWords(
            number=line.number,
            name=self._name(article, line.gtin),
            picture=_picture(article),
            detail=self._detail(line),
            total=self.money(
                line.gross_minor if line.voided else line.total_minor - line.deposit_total_minor
            ),
            before=self._before(line, compared),
            saving=self._saving(line, compared),
            deposit=self._deposit(line),
            quantity=line.quantity,
            countable=line.countable,
            voided=line.voided,
        )

    def card(self, line: Line) -> CardWords:
        """What was just scanned, big."""
        article = self._shelves.article(line.gtin)
        total_minor = line.total_minor - line.deposit_total_minor
        compared = self._beside(line, article)
        name = self._name(article, line.gtin)
        facts = (self._detail(line), self._deposit(line), *self._facts(line, article))
        return CardWords(
            name=name,
            picture=_picture(article),
            facts=tuple(fact for fact in facts if fact),
            price=self.price(total_minor),
            before=self._before(line, compared),
            reason=self._saving(line, compared),
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

    def coupons(self, basket: Basket) -> list[CouponWords]:
        """The coupons handed in: what each takes off, or what it waits for."""
        return [self._coupon(coupon, basket) for coupon in self._coupons.of(basket)]

    def kinds(self, kinds: DepositKinds) -> list[KindWords]:
        """The kinds of empties that this shop takes back."""
        return [
            KindWords(kind.id, _called(kind.name, self._language), self.money(kinds.amount_minor(kind.id)))
            for kind in kinds
            if kind.taken
        ]

    def offer(self, offer: PersonalOffer) -> CardWords | None:
        """The personal offer, None if this store does not have the article."""
        article = self._shelves.article(offer.gtin)
        if article is None:
            return None
        price_minor = article.price_at(self._now)
        reduced_minor = price_minor - divide_half_up(price_minor * offer.percent, 100)
        name = article.called(self._language)
        return CardWords(
            name=name,
            picture=_picture(article),
            facts=(self._pack(article, reduced_minor, article.base_amount),),
            price=self.price(reduced_minor),
            before=self.money(price_minor),
            reason=f"{self._reason(offer)} · {_personal()}",
            spoken=name,
        )

    # How it is done

    def _name(self, article: Article | None, gtin: str) -> str:
        return article.called(self._language) if article else gtin

    def _detail(self, line: Line) -> str:
        """Weight and price per kilogram, or count and price each; "" for a single piece."""
        each = self.money(line.unit_price_minor)
        if line.length_mm:
            return f"{formats.length_m(line.length_mm, self._language)} × {each}/m"
        if line.weight_g:
            return f"{weight_kg(line.weight_g, self._language)} × {each}/kg"
        return f"{line.quantity} × {each}" if line.quantity > 1 else ""

    def _beside(self, line: Line, article: Article | None) -> Beside:
        return beside(line, article, self._now, self._offer.offer if self._offer else "", self._charged)

    def _before(self, line: Line, compared: Beside) -> str:
        """What is struck through, without deposit as the price beside it."""
        return self.money(compared.before_minor) if compared.before_minor else ""

    def _saving(self, line: Line, compared: Beside) -> str:
        """What is saved, by what, and what the law wants said with it (PAngV § 11)."""
        said = []
        if compared.before_minor:
            saved_minor = compared.before_minor - line.gross_minor + line.discount_minor
            said.append(_("You save %(amount)s", amount=self.money(saved_minor)))
        if compared.until is not None:
            last_day = (compared.until - dt.timedelta.resolution).date()
            said.append(_("Special price until %(day)s", day=formats.day(last_day, self._language)))
        said += self._shares(line)
        if compared.lowest_minor:
            lowest = self.money(compared.lowest_minor)
            said.append(_("Lowest price of the last 30 days: %(amount)s", amount=lowest))
        return " · ".join(filter(None, said))

    def _shares(self, line: Line) -> list[str]:
        """Which promotion gave it; of several, each with its share."""
        why = [(self._why(r.by), self.money(r.amount_minor)) for r in line.reductions if not line.voided]
        return [f"{name} {share}" if len(why) > 1 else name for name, share in why if name]

    def _deposit(self, line: Line) -> str:
        if not line.deposit_minor or line.voided:
            return ""
        return str(_("+ deposit %(amount)s", amount=self.money(line.deposit_total_minor)))

    def _coupon(self, coupon: Coupon, basket: Basket) -> CouponWords:
        given = [r.amount_minor for line in basket.standing for r in line.reductions if r.by == coupon.by]
        called = _called(coupon.called, self._language) or coupon.name
        if given:
            return CouponWords(coupon.name, called, self.money(-sum(given)), waits=False)
        missing_minor = coupon.missing_minor(basket)
        state = _("It waits for the goods it is for.")
        if missing_minor:
            state = _(
                "It counts as soon as you take goods for %(amount)s more.", amount=self.money(missing_minor)
            )
        return CouponWords(coupon.name, called, str(state), waits=True)

    def _why(self, promotion: str) -> str:
        """The reason of the shopper's own offer or of a price that staff set, or the promotion's name."""
        if self._offer is not None and self._offer.offer == promotion:
            return f"{self._reason(self._offer)} · {_personal()}"
        if promotion.startswith(OVERRIDDEN):
            return _why_overridden(promotion.removeprefix(OVERRIDDEN))
        coupon = self._coupons.named(promotion.removeprefix(BY)) if promotion.startswith(BY) else None
        if coupon is not None:
            return _called(coupon.called, self._language) or coupon.name
        running = self._promotions.get(promotion)
        return str(running.name.get(self._language, "")) if running else ""

    def _reason(self, offer: PersonalOffer) -> str:
        return offer.reason.get(self._language) or next(iter(offer.reason.values()), "")

    def _facts(self, line: Line, article: Article | None) -> tuple[str, ...]:
        if article is None:
            return ()
        goods_minor = line.gross_minor - line.discount_minor
        due = content_of(line, article) if article.base_amount or line.discount_minor else 0
        return (self._pack(article, goods_minor, due), self._sizes(article))

    def _pack(self, article: Article, price_minor: int, content: int) -> str:
        """What is in the pack, and the price per kilogram or litre of what is to be paid (PAngV § 4)."""
        pack = article.pack.get(self._language) or next(iter(article.pack.values()), "")
        per_unit = self.money(unit_price_minor(price_minor, content)) if content else ""
        base_price = f"{per_unit}/{article.base_unit or article.unit}" if content else ""
        return " · ".join(filter(None, (pack, base_price)))

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


def _personal() -> str:
    """That a price is for this shopper alone, and that no person made it."""
    return str(_("A price just for you, worked out automatically"))


def _why_overridden(reason: str) -> str:
    """Why staff set a price: one of `checkout.prices.OVERRIDE_REASONS`."""
    reasons = {
        "damaged": _("Cheaper because it is damaged"),
        "short_dated": _("Cheaper because it must be eaten soon"),
        "shelf_price": _("The price that stood on the shelf"),
        "goodwill": _("A price that a colleague gave you"),
    }
    return str(reasons.get(reason, ""))


def _called(words: Mapping[str, str], language: str) -> str:
    """The word in a language, else in the first one there is, else ""."""
    return words.get(language) or next(iter(words.values()), "")


def _picture(article: Article | None) -> str:
    """The address of the article's drawing, "" where there is none."""
    return f"/pictures/{picture_path(article.picture, article.tint)}" if article and article.picture else ""
