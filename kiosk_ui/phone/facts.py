"""What a shopper may want to know before buying (contents, allergens, age, offers), and what banks ask."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from checkout.basket import Line
from checkout.catalogue import Article
from checkout.promotions import Piece
from kiosk_ui.kiosk.wording import Wording
from store_edge.box import Box


@dataclass(frozen=True, slots=True)
class ArticleFacts:
    """In the reader's language; "" or empty where there is nothing to say."""

    contents: str
    allergens: tuple[str, ...]
    age: str
    offers: tuple[str, ...]
    """What runs for it and has not made it cheaper yet: two more, say, and it would."""


@dataclass(frozen=True, slots=True)
class BankRow:
    """One thing that a bank app asks for."""

    label: str
    text: str


def facts_of(line: Line, box: Box, language: str) -> ArticleFacts | None:
    """What is known of a line's article; None for one that is not on the price list any more."""
    article = box.shelves.article(line.gtin)
    if article is None:
        return None
    contents = article.contents.get(language) or next(iter(article.contents.values()), "")
    age = _("Sold from %(age)s years on; a colleague will have a quick look.", age=article.age_min)
    return ArticleFacts(
        contents,
        tuple(allergen(name) for name in article.allergens),
        str(age) if article.age_min else "",
        tuple(_offers(line, article, box, language)),
    )


def _offers(line: Line, article: Article, box: Box, language: str) -> list[str]:
    """The names of promotions that mean this article now, are for everybody, and took nothing off it yet."""
    piece = Piece(article.price_at(box.wall_clock()), article.gtin, article.promoted_as)
    given = {reduction.by for reduction in line.reductions}
    names = []
    for promotion in box.books.promotions:
        when = promotion.when
        if promotion.id in given or not (when.for_everybody and when.runs(box.wall_clock())):
            continue
        called = box.settings.running[promotion.id].name
        means = any(part.means(piece) and (part.scope.gtins or part.scope.groups) for part in promotion.parts)
        if means and called:
            names.append(str(called.get(language) or next(iter(called.values()))))
    return names


def allergen(name: str) -> str:
    """One of `checkout.catalogue.ALLERGENS`, as it must be named."""
    names = {
        "gluten": _("cereals containing gluten"),
        "crustaceans": _("crustaceans"),
        "egg": _("eggs"),
        "fish": _("fish"),
        "peanut": _("peanuts"),
        "soy": _("soybeans"),
        "milk": _("milk"),
        "nuts": _("nuts"),
        "celery": _("celery"),
        "mustard": _("mustard"),
        "sesame": _("sesame"),
        "sulphites": _("sulphites"),
        "lupin": _("lupin"),
        "molluscs": _("molluscs"),
    }
    return str(names[name])


def bank_rows(code: str, words: Wording, amount_minor: int) -> tuple[BankRow, ...]:
    """What is in a payment's code (EPC069-12, 3.1: a row a line), for whoever types it into a bank app."""
    rows = [*code.split("\n"), *[""] * 11]
    iban = " ".join(rows[6][start : start + 4] for start in range(0, len(rows[6]), 4))
    return (
        BankRow(str(_("Name")), rows[5]),
        BankRow("IBAN", iban),
        BankRow(str(_("Amount")), words.money(amount_minor)),
        BankRow(str(_("Reference")), rows[9] or rows[10]),
    )
