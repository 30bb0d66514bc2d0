"""The bench's shelf: the demo goods by department, their tags, and the scale's labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from checkout.errors import Refused
from checkout.gs1 import gtin_of_epc
from checkout.money import price_of_measure
from kiosk_ui.pictures import picture_path
from store_edge.box import Box
from store_edge.demo import DemoArticle, load_assortment, tags_of, weight_label

DEPARTMENTS = ("groceries", "produce", "household", "cosmetics", "fashion")
GOODS_SHOWN_MAX = 60
SEARCH_CHARS_MAX = 60
USUAL_WEIGHT_G = 500
PIECES_MAX = 100
"""So many pieces of one article can be taken from the stock room; each has a tag of its own."""


class SoldOut(LookupError):
    """Every piece of the article lies on the tray, in a basket, or was sold."""


@dataclass(frozen=True, slots=True)
class Good:
    """One thing on the shelf. `price_minor` is per piece, or per kilogram where it is loose."""

    gtin: str
    name: str
    price_minor: int
    picture: str
    loose: bool
    tagged: bool


@dataclass(frozen=True, slots=True)
class ScaleLabel:
    """What the scale printed: the 13 digits, the weight in grams, and what it will cost in minor units."""

    digits: str
    weight_g: int
    price_minor: int


@dataclass(frozen=True, slots=True)
class TrayPiece:
    """A tag on the tray and what carries it."""

    epc: str
    name: str


@lru_cache(maxsize=1)
def _by_gtin() -> dict[str, DemoArticle]:
    return {article.gtin: article for article in load_assortment()}


def good(box: Box, gtin: str, language: str) -> Good | None:
    """The demo article if this store sells it, else None."""
    article = _by_gtin().get(gtin)
    return None if article is None or box.shelves.article(gtin) is None else _good(article, language)


def goods(box: Box, department: str, search: str, language: str) -> list[Good]:
    """What stands in a department, or everywhere what carries all searched words; GOODS_SHOWN_MAX at most."""
    words = search[:SEARCH_CHARS_MAX].casefold().split()
    found = _searched(words) if words else _standing_in(department)
    return [_good(a, language) for a in found if box.shelves.article(a.gtin) is not None][:GOODS_SHOWN_MAX]


def label_for(box: Box, gtin: str, weight_g: int) -> ScaleLabel:
    """Weigh a loose article. Raises LookupError for a stranger, ValueError for what cannot be weighed."""
    article = _by_gtin().get(gtin)
    sold = box.shelves.article(gtin)
    if article is None or sold is None:
        raise LookupError(f"no article {gtin}")
    digits = weight_label(article, weight_g)
    return ScaleLabel(digits, weight_g, price_of_measure(sold.price_minor, weight_g))


def next_piece(box: Box, gtin: str, laid: Iterable[bytes]) -> bytes:
    """The tag of a piece that is neither on the tray, nor in a basket, nor sold.

    Raises LookupError for an article without tags, SoldOut when there is no such piece left.
    """
    article = _by_gtin().get(gtin)
    if article is None or not article.tagged:
        raise LookupError(f"article {gtin} has no tags")
    taken = set(laid)
    with box.books.page() as page:
        for epc in tags_of(replace(article, tags=PIECES_MAX)):
            if epc not in taken and page.epc_holder(epc.hex().upper()) is None:
                return epc
    raise SoldOut(gtin)


def tray_pieces(box: Box, laid: Iterable[bytes], language: str) -> list[TrayPiece]:
    """What lies on the tray, by name; a stranger's tag by its number."""
    return [TrayPiece(epc.hex().upper(), _piece_name(box, epc, language)) for epc in laid]


def _piece_name(box: Box, epc: bytes, language: str) -> str:
    try:
        article = box.shelves.article(gtin_of_epc(epc))
    except Refused:
        article = None
    return article.called(language) if article is not None else epc.hex().upper()


def _standing_in(department: str) -> list[DemoArticle]:
    return [article for article in load_assortment() if article.department == department]


def _searched(words: list[str]) -> list[DemoArticle]:
    return [article for article in load_assortment() if all(word in _text(article) for word in words)]


def _text(article: DemoArticle) -> str:
    return f"{article.name.de} {article.name.en} {article.shelf} {article.gtin}".casefold()


def _good(article: DemoArticle, language: str) -> Good:
    return Good(
        article.gtin,
        article.name.to(language),
        article.price_minor,
        f"/pictures/{picture_path(article.picture, article.tint)}",
        loose=article.unit == "kg",
        tagged=article.tagged,
    )
