"""The stylist's own rules, out of a small file that she can read and write herself.

    [[with]]
    these = ["trousers-jeans"]
    those = ["shirt-oxford", "layer"]
    weight = 2
    because = { de = "Jeans und Oxford: das geht immer.", en = "Jeans and Oxford: that always works." }

    [[apart]]
    these = ["jacket-rain"]
    those = ["dress-midi"]

    [[looks]]
    name = { de = "Für jeden Tag", en = "For every day" }
    kinds = ["top", "bottom", "shoes"]

A word is a style, such as "shirt-oxford", or a part of an outfit (`checkout.garment.KINDS`). The sides of a
rule may be read in either order.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from checkout.catalogue import Article
from checkout.garment import KINDS

FILE_BYTES_MAX = 200_000
ROWS_MAX = 1_000
WEIGHT_MAX = 3
_KEYS = {
    "with": frozenset({"these", "those", "weight", "because"}),
    "apart": frozenset({"these", "those"}),
    "looks": frozenset({"name", "kinds"}),
}


class BadRules(ValueError):
    """The stylist's file cannot be read; the text says which row, and what fits."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`these` go with `those`, because; or are kept apart. A stronger one has more `weight`, 1 to 3."""

    these: frozenset[str]
    those: frozenset[str]
    weight: int = 1
    because: Mapping[str, str] | None = None

    def holds(self, one: Article, other: Article) -> bool:
        return (_is(one, self.these) and _is(other, self.those)) or (
            _is(one, self.those) and _is(other, self.these)
        )


@dataclass(frozen=True, slots=True)
class Pattern:
    """Which parts make a complete outfit, in the order in which they are chosen."""

    name: Mapping[str, str]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StylistRules:
    """All she wrote."""

    together: tuple[Rule, ...] = ()
    kept_apart: tuple[Rule, ...] = ()
    looks: tuple[Pattern, ...] = ()

    def joins(self, one: Article, other: Article) -> Rule | None:
        """The strongest rule by which they go together; of equals the first."""
        found = [rule for rule in self.together if rule.holds(one, other)]
        return max(found, key=lambda rule: rule.weight, default=None)

    def apart(self, one: Article, other: Article) -> bool:
        return any(rule.holds(one, other) for rule in self.kept_apart)


def load_rules(file: Path) -> StylistRules:
    """Raises BadRules, naming the row, for a file that does not hold."""
    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise BadRules(f"{file.name}: larger than {FILE_BYTES_MAX} bytes")
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadRules(f"{file.name}: cannot be read: {error}") from None
    return rules_of(data, file.name)


def rules_of(data: Mapping[str, Any], file: str = "the rules") -> StylistRules:
    """The rules in a table as TOML has it. Raises BadRules."""
    _only(data, frozenset(_KEYS), file)
    rows = {key: _rows(data, key, file) for key in _KEYS}
    return StylistRules(
        tuple(_rule(row, place) for place, row in rows["with"]),
        tuple(_rule(row, place) for place, row in rows["apart"]),
        tuple(_pattern(row, place) for place, row in rows["looks"]),
    )


def _rows(data: Mapping[str, Any], key: str, file: str) -> list[tuple[str, Mapping[str, Any]]]:
    rows = data.get(key, [])
    if not isinstance(rows, list) or len(rows) > ROWS_MAX or not all(isinstance(row, dict) for row in rows):
        raise BadRules(f"{file}: {key!r} must be at most {ROWS_MAX} rows, each under [[{key}]]")
    for number, row in enumerate(rows, 1):
        _only(row, _KEYS[key], f"{file}: [[{key}]] {number}")
    return [(f"{file}: [[{key}]] {number}", row) for number, row in enumerate(rows, 1)]


def _rule(row: Mapping[str, Any], place: str) -> Rule:
    weight = row.get("weight", 1)
    if type(weight) is not int or not 1 <= weight <= WEIGHT_MAX:
        raise BadRules(f"{place}: weight {weight!r} is not a whole number from 1 to {WEIGHT_MAX}")
    because = _words(row["because"], "because", place) if "because" in row else None
    return Rule(
        frozenset(_names(row, "these", place)), frozenset(_names(row, "those", place)), weight, because
    )


def _pattern(row: Mapping[str, Any], place: str) -> Pattern:
    kinds = _names(row, "kinds", place)
    for kind in kinds:
        _known(kind, frozenset(KINDS), "kind", place)
    if len(set(kinds)) != len(kinds):
        raise BadRules(f"{place}: a part is named twice")
    return Pattern(_words(row.get("name"), "name", place), tuple(kinds))


def _names(row: Mapping[str, Any], key: str, place: str) -> list[str]:
    names = row.get(key)
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name for name in names):
        raise BadRules(f"{place}: {key!r} must list at least one word")
    return names


def _words(value: object, key: str, place: str) -> Mapping[str, str]:
    if isinstance(value, dict) and value and all(isinstance(word, str) and word for word in value.values()):
        return value
    raise BadRules(f'{place}: {key!r} must be words by language, such as {{ de = "…", en = "…" }}')


def _only(table: Mapping[str, Any], known: frozenset[str], place: str) -> None:
    for key in table:
        _known(key, known, "key", place)


def _known(word: str, known: frozenset[str], what: str, place: str) -> None:
    if word not in known:
        nearest = get_close_matches(word, sorted(known), n=1, cutoff=0.0)[0]
        raise BadRules(f"{place}: {what} {word!r} is not known; did you mean {nearest!r}?")


def _is(article: Article, words: frozenset[str]) -> bool:
    return article.style in words or (article.garment is not None and article.garment.kind in words)
