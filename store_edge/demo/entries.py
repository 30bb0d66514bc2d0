"""What may stand in one entry of a shopkeeper's list; a mistake is named, with its place and what fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, NoReturn, cast

PRICE_MINOR_MAX = 1_000_00


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
class Place:
    """Where in the shopkeeper's lists we are reading, for errors that a person can act on."""

    file: str
    article: str = ""

    def at(self, article: object) -> Place:
        return Place(self.file, str(article))

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


def cents(price: object, key: str, place: Place) -> int:
    """Euros as written (2.49) to cents (249)."""
    if isinstance(price, bool) or not isinstance(price, int | Decimal):
        place.fail(f"{key} {price!r} is not an amount in euros such as 2.49")
    minor = Decimal(price) * 100
    if not minor.is_finite() or minor != int(minor) or not 0 < minor <= PRICE_MINOR_MAX:
        place.fail(f"{key} {price} is not an amount of cents between 0.01 and {PRICE_MINOR_MAX // 100}")
    return int(minor)


def only_known_keys(table: Mapping[str, Any], known: frozenset[str], place: Place) -> None:
    for key in table:
        place.known(key, known, "key")


def table_of(value: object, place: Place) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], value) if isinstance(value, dict) else place.fail("a table was expected")


def list_of(table: Mapping[str, Any], key: str, place: Place) -> list[Any]:
    value = table.get(key)
    return value if isinstance(value, list) and value else place.fail(f"{key!r} must list at least one")


def words_of(table: Mapping[str, Any], key: str, place: Place) -> str:
    value = table.get(key)
    return value if isinstance(value, str) and value.strip() else place.fail(f"{key!r} must be some words")


def yes_or_no(value: object, key: str, place: Place) -> bool:
    return value if isinstance(value, bool) else place.fail(f"{key} {value!r} must be true or false")


def whole(table: Mapping[str, Any], key: str, place: Place, most: int) -> int:
    value = table.get(key)
    if type(value) is not int or not 0 <= value <= most:
        place.fail(f"{key} {value!r} is not a whole number from 0 to {most}")
    return value


def matching(value: object, pattern: re.Pattern[str], key: str, example: str, place: Place) -> str:
    if isinstance(value, str) and pattern.fullmatch(value):
        return value
    return place.fail(f"{key} {value!r} must be {example}")
