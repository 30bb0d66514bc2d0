"""The demo store's shelves as the till knows them."""

from __future__ import annotations

from pathlib import Path

from checkout.catalogue import Article
from checkout.deposit import DepositKinds
from store_edge.demo.assortment import DemoArticle, load_assortment, load_list
from store_edge.demo.entries import AssortmentError, Words
from store_edge.stock import Counted

_USUAL = DepositKinds()


def price_list(kinds: DepositKinds = _USUAL) -> tuple[Article, ...]:
    """All demo articles as entries of the till's catalogue, in the order of the shelves."""
    return tuple(_entry(article, kinds) for article in load_assortment())


def price_list_in(file: Path, kinds: DepositKinds = _USUAL) -> tuple[Article, ...]:
    """The articles of a retailer's own list, written as the demo store's are. Raises AssortmentError."""
    return tuple(_entry(article, kinds, file.name) for article in load_list(file))


def counted(file: Path | None = None) -> tuple[Counted, ...]:
    """What a list says of stock: the demo shop's, or a retailer's own file. Raises AssortmentError."""
    articles = load_assortment() if file is None else load_list(file)
    return tuple(
        Counted(one.gtin, one.cut.pieces, one.cut.position, one.cut.elsewhere) for one in articles if one.cut
    )


def _entry(article: DemoArticle, kinds: DepositKinds, file: str = "the demo list") -> Article:
    base_price_due = article.unit == "piece" and article.base_price_minor is not None
    return Article(
        gtin=article.gtin,
        name=_by_language(article.name),
        price_minor=article.price_minor,
        unit=article.unit,
        vat=article.vat,
        department=article.department,
        picture=article.picture,
        tint=article.tint,
        item=article.plu or "",
        pack={"de": article.pack, "en": article.pack} if article.pack else {},
        style=article.style or "",
        size=article.size or "",
        colour=_by_language(article.colour) if article.colour else {},
        base_amount=(article.unit_amount or 0) if base_price_due else 0,
        base_unit=(article.base_unit or "") if base_price_due else "",
        codes={**article.own_codes, **article.bundles},
        returnable=article.returnable,
        groups=article.groups,
        prices=article.prices,
        age_min=article.age_min,
        quantity_max=article.quantity_max,
        deposit=article.deposit,
        deposit_minor=_deposit_minor(article, kinds, file),
        contents=_by_language(article.contents) if article.contents else {},
        allergens=article.allergens,
        garment=article.cut.label if article.cut else None,
    )


def _deposit_minor(article: DemoArticle, kinds: DepositKinds, file: str) -> int:
    try:
        return kinds.amount_minor(article.deposit) if article.deposit else article.deposit_minor
    except ValueError as error:
        raise AssortmentError(f"{file}: {article.name.de}: {error}") from None


def _by_language(words: Words) -> dict[str, str]:
    return {"de": words.de, "en": words.en}
