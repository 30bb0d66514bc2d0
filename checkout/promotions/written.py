"""Promotions as they stand in a file: read, or refused with the line and the nearest valid word."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from checkout.promotions import Promotion, build
from checkout.promotions.terms import WrongTerms, nearest

WORDS = ("kind", "name", "terms")
"""What a promotion's table may have; its name is for receipts."""


def read_promotions(text: str, promotions_max: int, timezone: dt.tzinfo = dt.UTC) -> dict[str, Promotion]:
    """The tables `[promotions.ID]` of a TOML file, by their ids; everything else in it is refused.

    Raises WrongTerms with a sentence that names the line, what is wrong, and the nearest valid word.
    """
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongTerms("", f"this is no TOML: {error}") from None
    for word in tree:
        if word != "promotions":
            raise WrongTerms(word, f"there is nothing called {word!r} here{nearest(word, ['promotions'])}")
    tables = tree.get("promotions")
    if not isinstance(tables, Mapping) or not tables:
        raise WrongTerms("promotions", "there is no promotion in it: write [promotions.name], kind and terms")
    if len(tables) > promotions_max:
        raise WrongTerms(
            "promotions", f"these are {len(tables)} promotions; at most {promotions_max} at once"
        )
    read = {}
    for id, table in tables.items():
        try:
            read[id] = _read(id, table, timezone)
        except WrongTerms as error:
            where = line_of(text, id, error.key).removeprefix(", ")
            sentence = f"promotions.{id}.{error.key}: {error}".replace(".: ", ": ")
            raise WrongTerms(error.key, f"{where}: {sentence}" if where else sentence) from None
    return read


def _read(id: str, table: Any, timezone: dt.tzinfo) -> Promotion:
    if not isinstance(table, Mapping):
        raise WrongTerms("", "it must be a table with kind and terms")
    for word in table:
        if word not in WORDS:
            raise WrongTerms(word, f"there is no {word!r} in a promotion{nearest(word, WORDS)}")
    kind, terms = table.get("kind"), table.get("terms", {})
    if not isinstance(kind, str):
        raise WrongTerms("kind", "it needs a kind")
    if not isinstance(terms, Mapping):
        raise WrongTerms("terms", "terms are a table")
    return build(kind, id, terms, timezone)


def line_of(text: str, promotion: str, key: str = "", *, word: str = "") -> str:
    """`, line 7` where a promotion's `key` is written, or where `word` stands in quotes.

    The promotion's table if that is not there; "" if unknown.
    """
    sought = rf"""["']{re.escape(word)}["']""" if word else rf"(?<![\w-]){re.escape(key)}\"?\s*="
    begun = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("["):
            ours = promotion in re.split(r"[][.\"'\s]+", line)
            if begun and not ours:
                break
            begun = begun or (number if ours else 0)
        elif begun and re.search(sought, line):
            return f", line {number}"
    return f", line {begun}" if begun else ""
