"""Loose goods: which can be picked by their picture, what is on the scale now, and why it was not weighed."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from checkout.basket import Basket
from checkout.catalogue import Article
from checkout.events import WeighingAsked
from kiosk_ui.kiosk.wording import Wording
from kiosk_ui.pictures import picture_path
from kiosk_ui.sentences import Words
from store_edge.box import Box

SEARCH_CHARS_MAX = 60
SHOWN_MAX = 60


@dataclass(frozen=True, slots=True)
class LooseWords:
    """One article that is sold by weight, ready to read; `price` is for a kilogram."""

    gtin: str
    name: str
    picture: str
    price: str


def loose_goods(box: Box, words: Wording, search: str, language: str, group: str) -> list[LooseWords]:
    """What can be weighed and carries all searched words, by name; at most `SHOWN_MAX`."""
    wanted = search[:SEARCH_CHARS_MAX].casefold().split()
    found = [
        article
        for department in box.settings.shop.weighed_departments
        for article in box.shelves.in_department(department)
        if article.unit == "kg" and all(word in _text(article) for word in wanted)
    ]
    found.sort(key=lambda article: article.called(language).casefold())
    return [_words(box, words, article, language, group) for article in found[:SHOWN_MAX]]


def on_the_scale(
    box: Box, words: Wording, asked: WeighingAsked | None, basket: Basket | None
) -> LooseWords | None:
    """What the shopper is to lay on the scale now; None if nothing, or for another basket."""
    if asked is None or basket is None or asked.basket != basket.id:
        return None
    article = box.shelves.article(asked.gtin)
    if article is None:
        return None
    return _words(box, words, article, basket.language, basket.circumstances.customer_group)


def why_not_weighed(reason: str) -> Words:
    """`reason` of WeighingFailed, in words."""
    again = _("Please choose the article again.")
    texts = {
        "gone": (_("The scale is off just now."), _("A colleague weighs it for you: please ask for help.")),
        "empty": (_("Nothing lay on the scale."), again),
        "motion": (_("The scale did not come to rest."), _("Please let go of the goods, then choose again.")),
        "under": (_("The scale shows less than nothing."), _("Please clear it, then choose again.")),
        "over": (_("This is too heavy for the scale."), _("Please weigh it in two parts.")),
        "zero": (_("The scale has lost its zero."), _("Please clear it, then choose again.")),
        "unchanged": (
            _("The goods from before lay on the scale."),
            _("Please lift them off, then choose again."),
        ),
        "tare": (
            _("The scale cannot take this packing off."),
            _("A colleague weighs it for you: please ask for help."),
        ),
        "price": (_("The price has just changed."), again),
    }
    return Words(*texts.get(reason, (_("That was not weighed."), again)))


def _words(box: Box, words: Wording, article: Article, language: str, group: str) -> LooseWords:
    price_minor = article.price_at(box.wall_clock(), group)
    picture = f"/pictures/{picture_path(article.picture, article.tint)}" if article.picture else ""
    return LooseWords(article.gtin, article.called(language), picture, f"{words.money(price_minor)}/kg")


def _text(article: Article) -> str:
    return " ".join((*article.name.values(), article.gtin, article.item)).casefold()
