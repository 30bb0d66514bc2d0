"""Read the shelves of the demo store from the shopkeeper's lists in `articles/*.toml`.

One file per department, one table per shelf, one line per article. What a shelf says (`vat`, `picture`, ...)
holds for all its articles until an article says otherwise. Garments are written once per style, with their
sizes and colours; each combination becomes an article of its own. `articles/README.md` explains it to the
person who adds an article.

Every GTIN is the demonstration company prefix, the article's five digits and the check digit. Prefix 952 is
set aside "for demonstrations and examples of the GS1 system" (GS1's list of prefixes), so no article on a
real shelf can ever have one of these numbers. A retailer's own list says `gtin` instead, in full.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

from biip.checksums import gs1_standard_check_digit

from checkout.catalogue import ALLERGENS, ListPrice
from checkout.gs1 import short_gtin
from checkout.tax import GERMANY
from mirror.sizes import display_size
from store_edge.demo.entries import (
    AssortmentError,
    Place,
    Words,
    cents,
    list_of,
    matching,
    only_known_keys,
    table_of,
    whole,
    words_of,
    yes_or_no,
)
from store_edge.demo.garments import LABEL_KEYS, Cut, cuts

COMPANY_PREFIX = "9521234"
ARTICLES_DIR = Path(__file__).parent / "articles"

ARTICLES_MAX = 10_000
TAGS_MAX = 100
PIECES_MAX = 999
NUMBER_MAX = 99_999
YEARS_MAX, QUANTITY_MAX = 99, 999
FILE_BYTES_MAX = 1_000_000
LISTS_CACHED_MAX = 4

Unit = Literal["piece", "kg", "m"]
BaseUnit = Literal["kg", "l", "m", "m²"]

_TERMS_KEYS = frozenset({"groups", "age_min", "quantity_max"})
_LOOKS_KEYS = frozenset(
    {"unit", "vat", "picture", "tint", "pack", "base_price", "deposit", "tags", "returnable"}
    | {"contents", "allergens"}
)
_COMMON_KEYS = _LOOKS_KEYS | _TERMS_KEYS
_ARTICLE_KEYS = _COMMON_KEYS | {"number", "gtin", "de", "en", "price", "prices", "plu", "codes", "bundles"}
_PRICE_KEYS = frozenset({"since", "until", "price", "group"})
_SHELF_KEYS = _COMMON_KEYS | {"articles"}
_STYLE_KEYS = frozenset({"de", "en", "price", "vat", "picture", "sizes", "tags", "colours"}) | LABEL_KEYS
_FILE_KEYS = frozenset({"department", "shelf", "style"})
_REQUIRED = ("de", "en", "price", "vat", "picture", "tint")

_PACK = re.compile(r"(?:(?P<times>\d{1,3}) x )?(?P<amount>\d{1,5}) (?P<measure>g|kg|ml|l|cm|m²|m)")
_PER_MEASURE = {
    "g": (1, "kg"),
    "kg": (1000, "kg"),
    "ml": (1, "l"),
    "l": (1000, "l"),
    "cm": (10, "m"),
    "m": (1000, "m"),
    "m²": (1000, "m²"),
}
_TINT = re.compile(r"#[0-9A-F]{6}")
_PICTURE = re.compile(r"[a-z]+(-[a-z]+)*")
_PLU = re.compile(r"[1-9]\d{3}")
_FULL_GTIN = re.compile(r"\d{8}|\d{12,14}")


@dataclass(frozen=True)
class DemoArticle:
    """One article of the demo store, as it stands on the shelf.

    `price_minor` is in euro cents, VAT included: for one piece, kilogram or metre, as `unit` says.
    `unit_amount` is the content of the pack in thousandths of `base_unit` ("kg", "l", "m", "m²");
    `base_price` is False where none need be shown (less than 10 g, make-up, perfume: PAngV section 4 (3)).
    The deposit is a kind (`checkout.deposit`), or an amount where the list says one.
    `tags` is how many pieces carry an RFID tag; their serial numbers count from 1. `cut` is of a garment.
    """

    gtin: str
    name: Words
    price_minor: int
    unit: Unit
    vat: str
    department: str
    shelf: str
    picture: str
    tint: str
    plu: str | None = None
    pack: str | None = None
    base_price: bool = True
    unit_amount: int | None = None
    base_unit: BaseUnit | None = None
    deposit: str = ""
    deposit_minor: int = 0
    tags: int = 0
    own_codes: Mapping[str, int] = field(default_factory=dict)
    bundles: Mapping[str, int] = field(default_factory=dict)
    returnable: bool = True
    prices: tuple[ListPrice, ...] = ()
    groups: tuple[str, ...] = ()
    age_min: int = 0
    quantity_max: int = 0
    contents: Words | None = None
    allergens: tuple[str, ...] = ()
    cut: Cut | None = None

    @property
    def style(self) -> str | None:
        return self.cut.style if self.cut else None

    @property
    def size(self) -> str | None:
        return self.cut.size if self.cut else None

    @property
    def colour(self) -> Words | None:
        return self.cut.colour if self.cut else None

    @property
    def tagged(self) -> bool:
        """Whether any piece of it carries an RFID tag."""
        return self.tags > 0

    @property
    def base_price_minor(self) -> int | None:
        """The price of one kilogram or litre in cents (PAngV section 4), half a cent rounded up."""
        if self.unit != "piece":
            return self.price_minor
        if self.unit_amount is None or not self.base_price:
            return None
        return (2 * 1000 * self.price_minor + self.unit_amount) // (2 * self.unit_amount)


@lru_cache(maxsize=LISTS_CACHED_MAX)
def load_assortment(folder: Path = ARTICLES_DIR) -> tuple[DemoArticle, ...]:
    """All articles of the lists `*.toml` in `folder`, files in alphabetical order, lines in their own.

    Raises AssortmentError, naming file, article and the nearest valid word, when a list does not hold:
    an unknown key or VAT word, a number or PLU given twice, a price that is no amount of cents.
    """
    articles = _read_files(sorted(folder.glob("*.toml")))
    if not articles:
        raise AssortmentError(f"{folder}: no articles found")
    return articles


def load_list(file: Path) -> tuple[DemoArticle, ...]:
    """The articles of one list, such as a retailer's own. Raises AssortmentError as `load_assortment`."""
    try:
        return _read_files([file])
    except OSError as error:
        raise AssortmentError(f"{file}: cannot be read: {error.strerror}") from None


def _read_files(paths: Iterable[Path]) -> tuple[DemoArticle, ...]:
    articles: list[DemoArticle] = []
    seen: dict[str, str] = {}
    for path in paths:
        for article in _read_file(path):
            place = Place(path.name, article.name.de)
            ours = article.gtin.startswith(COMPANY_PREFIX)
            _claim(seen, f"number {article.gtin[7:12]}" if ours else f"GTIN {article.gtin}", place)
            for code in article.own_codes:
                _claim(seen, f"GTIN {code}", place)
            if article.plu is not None:
                _claim(seen, f"PLU {article.plu}", place)
            articles.append(article)
            if len(articles) > ARTICLES_MAX:
                place.fail(f"more than {ARTICLES_MAX} articles")
    return tuple(articles)


def _claim(seen: dict[str, str], number: str, place: Place) -> None:
    if number in seen:
        place.fail(f"{number} is already taken by {seen[number]!r}")
    seen[number] = place.article


def _read_file(path: Path) -> Iterable[DemoArticle]:
    place = Place(path.name)
    if path.stat().st_size > FILE_BYTES_MAX:
        place.fail(f"larger than {FILE_BYTES_MAX} bytes")
    try:
        # Decimal, so that 2.49 is 249 cents and not 248.99999...
        data = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        place.fail(f"not readable as TOML: {error}")
    only_known_keys(data, _FILE_KEYS, place)
    department = words_of(data, "department", place)
    for name, shelf in table_of(data.get("shelf", {}), place.at("shelf")).items():
        yield from _read_shelf(department, name, table_of(shelf, place.at(name)), place.at(name))
    for name, style in table_of(data.get("style", {}), place.at("style")).items():
        yield from _read_style(department, name, table_of(style, place.at(name)), place.at(name))


def _read_shelf(department: str, name: str, shelf: Mapping[str, Any], place: Place) -> Iterable[DemoArticle]:
    only_known_keys(shelf, _SHELF_KEYS, place)
    said_once = {key: value for key, value in shelf.items() if key != "articles"}
    for line in list_of(shelf, "articles", place):
        entry = table_of(line, place)
        here = place.at(entry.get("de", f"an article on shelf {name}"))
        only_known_keys(entry, _ARTICLE_KEYS, here)
        yield _article(department, name, {**said_once, **entry}, here)


def _read_style(department: str, name: str, style: Mapping[str, Any], place: Place) -> Iterable[DemoArticle]:
    only_known_keys(style, _STYLE_KEYS, place)
    for colour, sizes in cuts(name, style, place):
        first = whole(colour, "number", place, NUMBER_MAX)
        for offset, cut in enumerate(sizes):
            entry = {key: style[key] for key in ("price", "vat", "picture", "tags") if key in style}
            entry |= {"number": first + offset, "tint": colour.get("tint")}
            for language in ("de", "en"):
                size = display_size(cut.size, language)
                entry[language] = ", ".join((words_of(style, language, place), cut.colour.to(language), size))
            yield _article(department, name, entry, place.at(entry["de"]), cut)


def _article(
    department: str,
    shelf: str,
    entry: Mapping[str, Any],
    place: Place,
    cut: Cut | None = None,
) -> DemoArticle:
    for key in _REQUIRED:
        if key not in entry:
            place.fail(f"{key!r} is missing")
    unit = cast(Unit, place.known(entry.get("unit", "piece"), ("piece", "kg", "m"), "unit"))
    unit_amount, base_unit = _content(entry.get("pack"), place)
    return DemoArticle(
        gtin=_gtin(entry, place),
        name=Words(words_of(entry, "de", place), words_of(entry, "en", place)),
        price_minor=cents(entry["price"], "price", place),
        unit=unit,
        vat=place.known(entry["vat"], GERMANY, "VAT word"),
        department=department,
        shelf=shelf,
        picture=matching(entry["picture"], _PICTURE, "picture", "small letters such as 'milk-carton'", place),
        tint=matching(entry["tint"], _TINT, "tint", "a colour such as '#14523D'", place),
        plu=_plu(entry, unit, place),
        cut=cut,
        pack=entry.get("pack"),
        base_price=yes_or_no(entry.get("base_price", True), "base_price", place),
        unit_amount=unit_amount,
        base_unit=base_unit,
        **_deposit(entry, place),
        tags=whole(entry, "tags", place, TAGS_MAX) if "tags" in entry else 0,
        own_codes=_codes(entry, "codes", place),
        bundles=_codes(entry, "bundles", place),
        returnable=yes_or_no(entry.get("returnable", True), "returnable", place),
        prices=_prices(entry, place),
        groups=_groups(entry, place),
        age_min=whole(entry, "age_min", place, YEARS_MAX) if "age_min" in entry else 0,
        quantity_max=whole(entry, "quantity_max", place, QUANTITY_MAX) if "quantity_max" in entry else 0,
        contents=_contents(entry["contents"], place) if "contents" in entry else None,
        allergens=tuple(place.known(name, ALLERGENS, "allergen") for name in entry.get("allergens", ())),
    )


def _prices(entry: Mapping[str, Any], place: Place) -> tuple[ListPrice, ...]:
    """Prices with dates; `until` is the last day of one, or the first moment after it."""
    prices = []
    for line in list_of(entry, "prices", place) if "prices" in entry else ():
        price = table_of(line, place)
        only_known_keys(price, _PRICE_KEYS, place)
        since, until = _moment(price.get("since"), place), None
        if "until" in price:
            until = _moment(price["until"], place, days=1)
            if until <= since:
                place.fail("a price ends before it begins")
        group = words_of(price, "group", place) if "group" in price else ""
        prices.append(ListPrice(since, cents(price.get("price"), "price", place), until, group))
    return tuple(prices)


def _moment(value: object, place: Place, days: int = 0) -> dt.datetime:
    """A moment on the shop's wall clock; a day begins at midnight, or so many `days` later."""
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        return value
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time()) + dt.timedelta(days)
    return place.fail(f"{value!r} is no day such as 2026-11-23, and no moment such as 2026-11-23T18:00:00")


def _groups(entry: Mapping[str, Any], place: Place) -> tuple[str, ...]:
    groups = list_of(entry, "groups", place) if "groups" in entry else []
    return tuple(
        matching(group, _PICTURE, "group", "small letters such as 'alcohol'", place) for group in groups
    )


def _contents(written: object, place: Place) -> Words:
    table = table_of(written, place)
    only_known_keys(table, frozenset({"de", "en"}), place)
    return Words(words_of(table, "de", place), words_of(table, "en", place))


def _codes(entry: Mapping[str, Any], key: str, place: Place) -> dict[str, int]:
    """Other codes in full, and how many pieces each means."""
    codes = table_of(entry.get(key, {}), place)
    pieces = {_full_gtin(code, key, place): whole(codes, code, place, PIECES_MAX) for code in codes}
    return pieces if all(pieces.values()) else place.fail(f"{key}: a code means at least 1 piece")


def _deposit(entry: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """A kind by its name, or an amount in euros."""
    match entry.get("deposit"):
        case None:
            return {}
        case str(kind):
            return {"deposit": kind}
        case amount:
            return {"deposit_minor": cents(amount, "deposit", place)}


def _gtin(entry: Mapping[str, Any], place: Place) -> str:
    """The 13 digits (14 for a case): given in full, or made of the five digits of a demo article."""
    if "gtin" not in entry:
        if "number" not in entry:
            place.fail("'number' is missing")
        payload = f"{COMPANY_PREFIX}{whole(entry, 'number', place, NUMBER_MAX):05d}"
        return f"{payload}{gs1_standard_check_digit(payload)}"
    if "number" in entry:
        place.fail("it has a 'gtin' and a 'number'; one of them is enough")
    return _full_gtin(entry["gtin"], "gtin", place)


def _full_gtin(written: object, key: str, place: Place) -> str:
    gtin = matching(written, _FULL_GTIN, key, "8, 12, 13 or 14 digits in quotes", place)
    if gs1_standard_check_digit(gtin[:-1]) != int(gtin[-1]):
        place.fail(f"{key} {gtin!r}: the last digit does not fit the others")
    return short_gtin(gtin)


def _plu(entry: Mapping[str, Any], unit: Unit, place: Place) -> str | None:
    if unit == "piece":
        return (
            None if "plu" not in entry else place.fail("a PLU is for articles sold by weight (unit = 'kg')")
        )
    if "plu" not in entry and unit == "m":
        return None
    if "plu" not in entry:
        place.fail("'plu' is missing: an article sold by weight needs its four digits")
    return matching(str(entry["plu"]), _PLU, "plu", "four digits such as 4101", place)


def _content(pack: object, place: Place) -> tuple[int | None, BaseUnit | None]:
    """Thousandths of the base unit in a pack: "500 g" -> (500, "kg"), "6 x 330 ml" -> (1980, "l")."""
    if pack is None:
        return None, None
    match = _PACK.fullmatch(pack) if isinstance(pack, str) else None
    if match is None:
        place.fail(f"pack {pack!r} is not an amount such as '500 g', '1 l' or '6 x 330 ml'")
    factor, base_unit = _PER_MEASURE[match["measure"]]
    amount = int(match["times"] or 1) * int(match["amount"]) * factor
    if amount == 0:
        place.fail(f"pack {pack!r} is empty")
    return amount, cast(BaseUnit, base_unit)
