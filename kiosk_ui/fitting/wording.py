"""Garments, looks and requests in the shopper's words: what the mirror and the phone put on the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from markupsafe import Markup

from checkout.catalogue import Article
from checkout.shopper import VisitCard
from kiosk_ui.format import money, number, price
from kiosk_ui.pictures import picture_path
from mirror.requests import ACCEPTED, ASKED, DELIVERED, NOT_THERE, ON_THE_WAY, Request
from mirror.session import FittingSession
from mirror.sizes import display_size, sort_sizes
from mirror.styling import BOUGHT, STYLIST, Look, Reason, Suggestion
from store_edge.box import Box

OVER_SHOWN_S = 180.0
"""So long a request that is over still stands on the mirror."""
REASONS_SHOWN_MAX = 2


@dataclass(frozen=True, slots=True)
class SizeWords:
    """One size of the garment's colour. It may be asked for if it `can_come`; `own` is their usual size."""

    size: str
    gtin: str
    stock: str
    this: bool
    own: bool
    can_come: bool
    asked: bool


@dataclass(frozen=True, slots=True)
class ColourWords:
    """Another colour of it, in the same size."""

    colour: str
    gtin: str
    picture: str
    stock: str
    can_come: bool
    asked: bool


@dataclass(frozen=True, slots=True)
class GarmentWords:
    """One garment as the mirror shows it. `care` are pairs of an icon and words."""

    gtin: str
    name: str
    size: str
    colour: str
    picture: str
    price: Markup
    spoken: str
    saved: bool
    bought: bool
    made_of: str = ""
    care: tuple[tuple[str, str], ...] = ()
    rating: str = ""
    sizes: tuple[SizeWords, ...] = ()
    colours: tuple[ColourWords, ...] = ()


@dataclass(frozen=True, slots=True)
class SuggestionWords:
    """What goes with it, and why. `asked` once somebody was asked to bring it."""

    gtin: str
    name: str
    picture: str
    price: str
    sizes: str
    reasons: tuple[str, ...]
    asked: bool


@dataclass(frozen=True, slots=True)
class LookWords:
    """A complete outfit. `gtins` shows it on the mirror, `new` are what would have to be brought."""

    name: str
    pictures: tuple[tuple[str, str], ...]
    added: tuple[SuggestionWords, ...]
    price: Markup
    gtins: str


@dataclass(frozen=True, slots=True)
class RequestWords:
    """`state` is one of `mirror.requests`; `wait_s` since it was asked."""

    id: str
    what: str
    text: str
    hint: str
    state: str
    wait_s: int
    waits: bool


class Wording:
    """The words of one answer, in the language that is spoken now."""

    def __init__(self, box: Box, session: FittingSession, language: str, card: VisitCard | None) -> None:
        self._box = box
        self._session = session
        self._language = language
        self._now = box.wall_clock()
        self._there = box.stock.there()
        self._asked = {request.wanted_gtin for request in session.waiting}
        self._usual = own_sizes(box, card)

    def garment(self, article: Article, *, whole: bool = True) -> GarmentWords:
        """A garment; with `whole` all that is known of it."""
        hung = [one for one in self._session.garments if one.gtin == article.gtin]
        price_minor, facts = article.price_at(self._now), article.garment
        name, size = self._name(article), display_size(article.size, self._language)
        same = self._box.shelves.of_style(article.style) if whole else ()
        return GarmentWords(
            gtin=article.gtin,
            name=name,
            size=size if article.size else "",
            colour=self._colour(article),
            picture=picture(article),
            price=price(price_minor, self._currency),
            spoken=f"{name}, {money(price_minor, self._currency)}",
            saved=any(one.saved for one in hung),
            bought=any(one.basket for one in hung),
            made_of=_word(facts.made_of, self._language) if facts else "",
            care=tuple(care_words(facts.care)) if facts and whole else (),
            rating=_rating(facts.rating_tenths, facts.reviews) if facts and whole else "",
            sizes=self._sizes(article, same),
            colours=self._colours(article, same),
        )

    def suggestion(self, suggestion: Suggestion) -> SuggestionWords:
        article = suggestion.article
        return SuggestionWords(
            gtin=article.gtin,
            name=self._name(article),
            picture=picture(article),
            price=money(article.price_at(self._now), self._currency),
            sizes=" · ".join(display_size(size, self._language) for size in suggestion.sizes),
            reasons=tuple(self._reason(why) for why in suggestion.reasons[:REASONS_SHOWN_MAX]),
            asked=article.gtin in self._asked,
        )

    def look(self, look: Look) -> LookWords:
        parts = [*look.own, *(one.article for one in look.added)]
        return LookWords(
            name=_word(look.name, self._language),
            pictures=tuple((picture(part), self._name(part)) for part in parts),
            added=tuple(map(self.suggestion, look.added)),
            price=price(look.price_minor, self._currency),
            gtins=" ".join(look.gtins),
        )

    def requests(self, now: dt.datetime, usual_minutes: int) -> tuple[RequestWords, ...]:
        """What was asked for: what is waited for, and what was over a moment ago; the newest first."""
        found = []
        for request in reversed(self._session.requests):
            over_s = (now - dt.datetime.fromisoformat(request.changed_at)).total_seconds()
            text, hint = self._state(request, usual_minutes)
            if text and (request.waits or over_s <= OVER_SHOWN_S):
                wait_s = max(0, int((now - dt.datetime.fromisoformat(request.at)).total_seconds()))
                what = self._what(request.wanted_gtin)
                found.append(RequestWords(request.id, what, text, hint, request.state, wait_s, request.waits))
        return tuple(found)

    def _what(self, gtin: str) -> str:
        article = self._box.shelves.article(gtin)
        return article.called(self._language) if article else gtin

    def _state(self, request: Request, usual_minutes: int) -> tuple[str, str]:
        """What becomes of it, and what the shopper may expect. "" for what they took back themselves."""
        usual = str(
            ngettext("Usually it takes %(num)s minute.", "Usually it takes %(num)s minutes.", usual_minutes)
        )
        soon = usual if usual_minutes else ""
        who = clerk_name(self._box, request.clerk)
        if request.state == ASKED and request.escalated:
            return _("Everybody is busy. We called once more."), _("Sorry that you have to wait.")
        texts = {
            ASKED: (_("We asked for it."), soon),
            ACCEPTED: (_("%(name)s is getting it for you.", name=who), soon),
            ON_THE_WAY: (_("%(name)s is on the way to you.", name=who), ""),
            DELIVERED: (_("It is here, at your cabin."), ""),
            NOT_THERE: (_("Sorry, we could not find it."), _("Shall we bring another one?")),
        }
        return texts.get(request.state, ("", ""))

    def _sizes(self, article: Article, same: Iterable[Article]) -> tuple[SizeWords, ...]:
        by_size = {one.size: one for one in same if one.tint == article.tint}
        return tuple(
            SizeWords(
                size=display_size(size, self._language),
                gtin=(other := by_size[size]).gtin,
                stock=self._stock(other.gtin),
                this=other.gtin == article.gtin,
                own=size in self._usual,
                can_come=self._there.get(other.gtin, 0) > 0,
                asked=other.gtin in self._asked,
            )
            for size in sort_sizes(by_size)
        )

    def _colours(self, article: Article, same: Iterable[Article]) -> tuple[ColourWords, ...]:
        others = [one for one in same if one.size == article.size and one.tint != article.tint]
        return tuple(
            ColourWords(
                self._colour(one),
                one.gtin,
                picture(one),
                self._stock(one.gtin),
                self._there.get(one.gtin, 0) > 0,
                one.gtin in self._asked,
            )
            for one in sorted(others, key=lambda one: one.gtin)
        )

    def _stock(self, gtin: str) -> str:
        """So many here, or where else there are some."""
        here = self._there.get(gtin, 0)
        if here:
            return str(_("%(number)s here", number=number(here)))
        elsewhere = self._box.stock.elsewhere(gtin)
        if not elsewhere:
            return str(_("sold out"))
        return " · ".join(f"{store}: {number(pieces)}" for store, pieces in elsewhere.items())

    def _reason(self, why: Reason) -> str:
        if why.kind == STYLIST:
            return _word(why.words or {}, self._language) or str(_("Our stylist’s choice."))
        if why.kind == BOUGHT:
            return str(_("Others bought both together."))
        reasons = {
            "neutral": _("A quiet colour that goes with everything."),
            "same": _("The very same colour."),
            "tones": _("Two tones of one colour."),
            "near": _("Colours that are neighbours."),
            "opposite": _("Colours that make each other shine."),
        }
        return str(reasons.get(why.harmony, ""))

    def _name(self, article: Article) -> str:
        """What it is, without the size and colour that its name ends in."""
        name, ends = article.called(self._language), [display_size(article.size, self._language)]
        for end in (*ends, self._colour(article)):
            name = name.removesuffix(f", {end}")
        return name

    def _colour(self, article: Article) -> str:
        return _word(article.colour, self._language)

    @property
    def _currency(self) -> str:
        return self._box.settings.shop.currency


def own_sizes(box: Box, card: VisitCard | None) -> Collection[str]:
    """The sizes that the shopper usually takes, as far as their profile says what they buy."""
    found = (box.shelves.article(usual.gtin) for usual in card.usual) if card else ()
    return {article.size for article in found if article is not None and article.style and article.size}


def picture(article: Article) -> str:
    """The address of its drawing, "" where there is none."""
    return f"/pictures/{picture_path(article.picture, article.tint)}" if article.picture else ""


def clerk_name(box: Box, clerk: str) -> str:
    """What a colleague is called at the mirror: by the first of their names."""
    found = box.clerks.signed(clerk) if clerk else None
    return found[0].name.split()[0] if found else str(_("A colleague"))


def cabin_name(cabin: str) -> str:
    """What staff and shoppers call a cabin: "cabin-1" is cabin 1."""
    return str(_("Cabin %(cabin)s", cabin=cabin.removeprefix("cabin-")))


def scene_name(scene: str) -> str:
    """A lighting scene by its name."""
    return str({"day": _("Daylight"), "evening": _("Evening"), "office": _("Office")}.get(scene, scene))


SCENE_ICONS = {"day": "sun", "evening": "sunset", "office": "briefcase-business"}


def care_words(care: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Each symbol of the label as an icon and words."""
    words = {
        "wash-30": ("washing-machine", _("Wash at 30 °C")),
        "wash-40": ("washing-machine", _("Wash at 40 °C")),
        "wash-60": ("washing-machine", _("Wash at 60 °C")),
        "wash-hand": ("hand", _("Wash by hand")),
        "no-wash": ("x", _("Do not wash")),
        "bleach": ("droplet", _("May be bleached")),
        "no-bleach": ("droplet-off", _("Do not bleach")),
        "tumble-low": ("wind", _("Tumble dry, low heat")),
        "tumble": ("wind", _("Tumble dry")),
        "no-tumble": ("x", _("Do not tumble dry")),
        "dry-flat": ("shirt", _("Dry lying flat")),
        "iron-low": ("thermometer", _("Iron, low heat")),
        "iron": ("thermometer", _("Iron, medium heat")),
        "iron-hot": ("thermometer", _("Iron, high heat")),
        "no-iron": ("x", _("Do not iron")),
        "dry-clean": ("sparkles", _("May be dry-cleaned")),
        "no-dry-clean": ("x", _("Do not dry-clean")),
    }
    return [(icon, str(text)) for icon, text in (words[word] for word in care)]


def _rating(rating_tenths: int, reviews: int) -> str:
    if not reviews:
        return ""
    stars = format_decimal(Decimal(rating_tenths).scaleb(-1), format="0.0")
    said = ngettext("%(num)s review", "%(num)s reviews", reviews)
    return str(_("%(stars)s of 5 stars, %(reviews)s", stars=stars, reviews=said))


def _word(words: Mapping[str, str], language: str) -> str:
    """The word in a language, else in the first one there is, else ""."""
    return words.get(language) or next(iter(words.values()), "")
