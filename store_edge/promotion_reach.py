"""Promotions that name goods which nobody sells here: said, not refused, since the goods may come later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from checkout.promotions import Promotion
from checkout.promotions.written import line_of
from store_edge.counter import running_promotions
from store_edge.desk import Shelves
from store_edge.settings import Settings

SAID_MAX = 20
"""So many words are said at most; who has written more has the wrong price list."""
WRONG_DIGITS_MAX = 2
"""Two digits that changed places are two wrong ones; a number with more is not the one that was meant."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A word in a promotion of the shop's own that means no article; `where` is file and line, or "".

    `nearest` is the nearest word that means one, or "".
    """

    promotion: str
    word: str
    where: str
    nearest: str

    @property
    def sentence(self) -> str:
        """All of it, in one sentence."""
        where = f"{self.where}: " if self.where else ""
        hint = f"; did you mean {self.nearest!r}?" if self.nearest else ""
        return f"{where}promotions.{self.promotion}: no article is {self.word!r}{hint}"


def words_of_no_article(settings: Settings, shelves: Shelves) -> tuple[Unknown, ...]:
    """The GTINs, groups and departments in the promotions of `store.toml` that no article here has.

    At most `SAID_MAX` of them, in the order of the promotions.
    """
    if not settings.promotions:
        return ()
    gtins, groups = shelves.words()
    text = _text_of(settings)
    own = (one for one in running_promotions(settings) if one.id in settings.promotions)
    found = []
    for promotion, word, among in _unheard_of(own, gtins, groups):
        line = line_of(text, promotion.id, word=word)
        where = f"{settings.file}{line}" if line else ""
        found.append(Unknown(promotion.id, word, where, _nearest(word, among)))
        if len(found) == SAID_MAX:
            break
    return tuple(found)


def _unheard_of(
    promotions: Iterator[Promotion], gtins: frozenset[str], groups: frozenset[str]
) -> Iterator[tuple[Promotion, str, frozenset[str]]]:
    """Each promotion's unknown words, each once, and the words that it could have been meant for."""
    for promotion in promotions:
        words: dict[str, frozenset[str]] = {}
        for part in promotion.parts:
            scope = part.scope
            words |= dict.fromkeys(sorted(scope.gtins - gtins), gtins)
            words |= dict.fromkeys(sorted(scope.groups - groups), groups)
            words |= dict.fromkeys(sorted(scope.without - gtins - groups), gtins | groups)
        for word, among in words.items():
            yield promotion, word, among


def _text_of(settings: Settings) -> str:
    """The settings' file as it is now; "" if there is none any more."""
    try:
        return settings.file.read_text(encoding="utf-8") if settings.file else ""
    except (OSError, UnicodeDecodeError):
        return ""


def _nearest(word: str, known: frozenset[str]) -> str:
    if not word.isdecimal():
        return next(iter(get_close_matches(word, sorted(known), n=1)), "")
    alike = ((_wrong_places(word, one), one) for one in known if len(one) == len(word))
    places, nearest = min(alike, default=((), ""), key=lambda found: (len(found[0]), found))
    return nearest if len(places) <= WRONG_DIGITS_MAX else ""


def _wrong_places(word: str, other: str) -> tuple[int, ...]:
    """Where two numbers differ, counted from the end: a check digit is mistaken sooner than a maker."""
    last = len(word) - 1
    return tuple(last - i for i, (a, b) in enumerate(zip(word, other, strict=True)) if a != b)
