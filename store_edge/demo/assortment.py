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

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NoReturn, cast

from biip.checksums import gs1_standard_check_digit

from checkout.gs1 import short_gtin
from mirror.sizes import display_size

COMPANY_PREFIX = "9521234"
ARTICLES_DIR = Path(__file__).parent / "articles"

ARTICLES_MAX = 10_000
TAGS_MAX = 100
PRICE_MINOR_MAX = 1_000_00
NUMBER_MAX = 99_999
FILE_BYTES_MAX = 1_000_000
LISTS_CACHED_MAX = 4

Unit = Literal["piece", "kg"]
Vat = Literal["reduced", "standard"]
BaseUnit = Literal["kg", "l"]

_COMMON_KEYS = frozenset({"unit", "vat", "picture", "tint", "pack", "base_price", "deposit", "tags"})
_ARTICLE_KEYS = _COMMON_KEYS | {"number", "gtin", "de", "en", "price", "plu"}
_SHELF_KEYS = _COMMON_KEYS | {"articles"}
_STYLE_KEYS = frozenset({"de", "en", "price", "vat", "picture", "sizes", "tags", "colours"})
_COLOUR_KEYS = frozenset({"number", "de", "en", "tint"})
_FILE_KEYS = frozenset({"department", "shelf", "style"})
_REQUIRED = ("de", "en", "price", "vat", "picture", "tint")

_PACK = re.compile(r"(?:(?P<times>\d{1,3}) x )?(?P<amount>\d{1,5}) (?P<measure>g|kg|ml|l)")
_PER_MEASURE = {"g": (1, "kg"), "kg": (1000, "kg"), "ml": (1, "l"), "l": (1000, "l")}
_TINT = re.compile(r"#[0-9A-F]{6}")
_PICTURE = re.compile(r"[a-z]+(-[a-z]+)*")
_PLU = re.compile(r"[1-9]\d{3}")
_FULL_GTIN = re.compile(r"\d{8}|\d{12,14}")


class AssortmentError(ValueError):
    """The shopkeeper's list cannot be read; the text says in which file, at which article, and what fits."""


@dataclass(frozen=True)
class Words:
    """The same words in each language of the demo store."""

    de: str
    en: str

    def to(self, language: str) -> str:
        """The words in `language` ("de", "en", also "de-AT"); English where we have no other."""
        return self.de if language.lower().split("-")[0].split("_")[0] == "de" else self.en


@dataclass(frozen=True)
class DemoArticle:
    """One article of the demo store, as it stands on the shelf.

    `price_minor` is in euro cents, VAT included: for one piece, or for one kilogram where `unit` is "kg".
    `unit_amount` is the content of the pack in grams or millilitres and `base_unit` says which ("kg", "l");
    `base_price` is False where none need be shown (less than 10 g, make-up, perfume: PAngV section 4 (3)).
    `tags` is how many pieces carry an RFID tag; their serial numbers count from 1.
    """

    gtin: str
    name: Words
    price_minor: int
    unit: Unit
    vat: Vat
    department: str
    shelf: str
    picture: str
    tint: str
    plu: str | None = None
    style: str | None = None
    size: str | None = None
    colour: Words | None = None
    pack: str | None = None
    base_price: bool = True
    unit_amount: int | None = None
    base_unit: BaseUnit | None = None
    deposit_minor: int = 0
    tags: int = 0

    @property
    def tagged(self) -> bool:
        """Whether any piece of it carries an RFID tag."""
        return self.tags > 0

    @property
    def base_price_minor(self) -> int | None:
        """The price of one kilogram or litre in cents (PAngV section 4), half a cent rounded up."""
        if self.unit == "kg":
            return self.price_minor
        if self.unit_amount is None or not self.base_price:
            return None
        return (2 * 1000 * self.price_minor + self.unit_amount) // (2 * self.unit_amount)


@dataclass(frozen=True)
class _Place:
    """Where in the shopkeeper's lists we are reading, for errors that a person can act on."""

    file: str
    article: str = ""

    def at(self, article: object) -> _Place:
        return _Place(self.file, str(article))

    def fail(self, what: str) -> NoReturn:
        raise AssortmentError(
            f"{self.file}: {self.article}: {what}" if self.article else f"{self.file}: {what}"
        )

    def known(self, given: object, words: Iterable[str], what: str) -> str:
        """`given` if it is one of `words`; otherwise fail, naming the nearest of them."""
        choices = sorted(words)
        if isinstance(given, str) and given in choices:
            return given
        nearest = get_close_matches(str(given), choices, n=1, cutoff=0.0)[0]
        return self.fail(f"{what} {given!r} is not known; did you mean {nearest!r}?")


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
            place = _Place(path.name, article.name.de)
            ours = article.gtin.startswith(COMPANY_PREFIX)
            _claim(seen, f"number {article.gtin[7:12]}" if ours else f"GTIN {article.gtin}", place)
            if article.plu is not None:
                _claim(seen, f"PLU {article.plu}", place)
            articles.append(article)
            if len(articles) > ARTICLES_MAX:
                place.fail(f"more than {ARTICLES_MAX} articles")
    return tuple(articles)


def _claim(seen: dict[str, str], number: str, place: _Place) -> None:
    if number in seen:
        place.fail(f"{number} is already taken by {seen[number]!r}")
    seen[number] = place.article


def _read_file(path: Path) -> Iterable[DemoArticle]:
    place = _Place(path.name)
    if path.stat().st_size > FILE_BYTES_MAX:
        place.fail(f"larger than {FILE_BYTES_MAX} bytes")
    try:
        # Decimal, so that 2.49 is 249 cents and not 248.99999...
        data = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        place.fail(f"not readable as TOML: {error}")
    _only_known_keys(data, _FILE_KEYS, place)
    department = _text(data, "department", place)
    for name, shelf in _table(data.get("shelf", {}), place.at("shelf")).items():
        yield from _read_shelf(department, name, _table(shelf, place.at(name)), place.at(name))
    for name, style in _table(data.get("style", {}), place.at("style")).items():
        yield from _read_style(department, name, _table(style, place.at(name)), place.at(name))


def _read_shelf(department: str, name: str, shelf: Mapping[str, Any], place: _Place) -> Iterable[DemoArticle]:
    _only_known_keys(shelf, _SHELF_KEYS, place)
    said_once = {key: value for key, value in shelf.items() if key != "articles"}
    for line in _list(shelf, "articles", place):
        entry = _table(line, place)
        here = place.at(entry.get("de", f"an article on shelf {name}"))
        _only_known_keys(entry, _ARTICLE_KEYS, here)
        yield _article(department, name, {**said_once, **entry}, here)


def _read_style(department: str, name: str, style: Mapping[str, Any], place: _Place) -> Iterable[DemoArticle]:
    _only_known_keys(style, _STYLE_KEYS, place)
    sizes = _list(style, "sizes", place)
    if len({str(size) for size in sizes}) != len(sizes):
        place.fail("a size is given twice")
    for line in _list(style, "colours", place):
        colour = _table(line, place)
        _only_known_keys(colour, _COLOUR_KEYS, place)
        words = Words(_text(colour, "de", place), _text(colour, "en", place))
        first = _whole(colour, "number", place, NUMBER_MAX)
        for offset, size in enumerate(str(size) for size in sizes):
            entry = {key: style[key] for key in ("price", "vat", "picture", "tags") if key in style}
            entry |= {"number": first + offset, "tint": colour.get("tint")}
            for language in ("de", "en"):
                parts = (_text(style, language, place), words.to(language), display_size(size, language))
                entry[language] = ", ".join(parts)
            yield _article(department, name, entry, place.at(entry["de"]), (name, size, words))


def _article(
    department: str,
    shelf: str,
    entry: Mapping[str, Any],
    place: _Place,
    garment: tuple[str, str, Words] | None = None,
) -> DemoArticle:
    for key in _REQUIRED:
        if key not in entry:
            place.fail(f"{key!r} is missing")
    unit = cast(Unit, place.known(entry.get("unit", "piece"), ("piece", "kg"), "unit"))
    vat = cast(Vat, place.known(entry["vat"], ("reduced", "standard"), "VAT word"))
    unit_amount, base_unit = _content(entry.get("pack"), place)
    style, size, colour = garment or (None, None, None)
    return DemoArticle(
        gtin=_gtin(entry, place),
        name=Words(_text(entry, "de", place), _text(entry, "en", place)),
        price_minor=_minor(entry["price"], "price", place),
        unit=unit,
        vat=vat,
        department=department,
        shelf=shelf,
        picture=_matching(
            entry["picture"], _PICTURE, "picture", "small letters such as 'milk-carton'", place
        ),
        tint=_matching(entry["tint"], _TINT, "tint", "a colour such as '#14523D'", place),
        plu=_plu(entry, unit, place),
        style=style,
        size=size,
        colour=colour,
        pack=entry.get("pack"),
        base_price=_yes_or_no(entry.get("base_price", True), "base_price", place),
        unit_amount=unit_amount,
        base_unit=base_unit,
        deposit_minor=_minor(entry["deposit"], "deposit", place) if "deposit" in entry else 0,
        tags=_whole(entry, "tags", place, TAGS_MAX) if "tags" in entry else 0,
    )


def _gtin(entry: Mapping[str, Any], place: _Place) -> str:
    """The 13 digits (14 for a case): given in full, or made of the five digits of a demo article."""
    if "gtin" not in entry:
        if "number" not in entry:
            place.fail("'number' is missing")
        payload = f"{COMPANY_PREFIX}{_whole(entry, 'number', place, NUMBER_MAX):05d}"
        return f"{payload}{gs1_standard_check_digit(payload)}"
    if "number" in entry:
        place.fail("it has a 'gtin' and a 'number'; one of them is enough")
    gtin = _matching(entry["gtin"], _FULL_GTIN, "gtin", "8, 12, 13 or 14 digits in quotes", place)
    if gs1_standard_check_digit(gtin[:-1]) != int(gtin[-1]):
        place.fail(f"gtin {gtin!r}: the last digit does not fit the others")
    return short_gtin(gtin)


def _plu(entry: Mapping[str, Any], unit: Unit, place: _Place) -> str | None:
    if unit == "piece":
        return (
            None if "plu" not in entry else place.fail("a PLU is for articles sold by weight (unit = 'kg')")
        )
    if "plu" not in entry:
        place.fail("'plu' is missing: an article sold by weight needs its four digits")
    return _matching(str(entry["plu"]), _PLU, "plu", "four digits such as 4101", place)


def _content(pack: object, place: _Place) -> tuple[int | None, BaseUnit | None]:
    """Grams or millilitres in a pack: "500 g" -> (500, "kg"), "6 x 330 ml" -> (1980, "l")."""
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


def _minor(price: object, key: str, place: _Place) -> int:
    """Euros as written (2.49) to cents (249)."""
    if isinstance(price, bool) or not isinstance(price, int | Decimal):
        place.fail(f"{key} {price!r} is not an amount in euros such as 2.49")
    minor = Decimal(price) * 100
    if not minor.is_finite() or minor != int(minor) or not 0 < minor <= PRICE_MINOR_MAX:
        place.fail(f"{key} {price} is not an amount of cents between 0.01 and {PRICE_MINOR_MAX // 100}")
    return int(minor)


def _only_known_keys(table: Mapping[str, Any], known: frozenset[str], place: _Place) -> None:
    for key in table:
        place.known(key, known, "key")


def _table(value: object, place: _Place) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], value) if isinstance(value, dict) else place.fail("a table was expected")


def _list(table: Mapping[str, Any], key: str, place: _Place) -> list[Any]:
    value = table.get(key)
    return value if isinstance(value, list) and value else place.fail(f"{key!r} must list at least one")


def _text(table: Mapping[str, Any], key: str, place: _Place) -> str:
    value = table.get(key)
    return value if isinstance(value, str) and value.strip() else place.fail(f"{key!r} must be some words")


def _yes_or_no(value: object, key: str, place: _Place) -> bool:
    return value if isinstance(value, bool) else place.fail(f"{key} {value!r} must be true or false")


def _whole(table: Mapping[str, Any], key: str, place: _Place, most: int) -> int:
    value = table.get(key)
    if type(value) is not int or not 0 <= value <= most:
        place.fail(f"{key} {value!r} is not a whole number from 0 to {most}")
    return value


def _matching(value: object, pattern: re.Pattern[str], key: str, example: str, place: _Place) -> str:
    if isinstance(value, str) and pattern.fullmatch(value):
        return value
    return place.fail(f"{key} {value!r} must be {example}")
