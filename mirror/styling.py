"""What goes with what: the stylist's word first, then colour, then what others took home together.

The stylist writes rules; the eye is `mirror.colour`; what was bought together is learned elsewhere and asked
through a port. Nothing is named that cannot be brought: only what is counted and there. And never a quarrel:
neither what the stylist keeps apart nor two strong colours that fight.

A complete look has one piece for each part of an outfit that its pattern names. What the shopper has on is
part of it, and of its price.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from checkout.catalogue import Article
from mirror.colour import HARMONY_POINTS, PLAIN, QUARREL, Lab, harmony, lab_of
from mirror.rules import StylistRules
from mirror.sizes import sort_sizes

GOES_WITH_MAX = 6
LOOKS_MAX = 3
STYLIST_POINTS = 5
"""A rule of the stylist's counts this much, times its own weight."""
BOUGHT_POINTS_MAX = 3
BOUGHT_TIMES_MIN = 3
"""Fewer common purchases than this are chance."""
POINTS_MIN = 1
"""What reaches less is no recommendation."""

STYLIST, COLOUR, BOUGHT = "stylist", "colour", "bought"


class BoughtTogether(Protocol):
    """What was learned from sales."""

    def times(self, style: str, other: str) -> int:
        """In how many baskets of late both styles were; the same in either order."""

    def of(self, style: str) -> int:
        """In how many baskets of late this style was."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two go together. `kind` is stylist, colour or bought.

    Of a stylist's rule `words` are hers, by language; of a colour `harmony` is how the two agree
    (`mirror.colour`).
    """

    kind: str
    words: Mapping[str, str] | None = None
    harmony: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One colour of a style that goes with what the shopper has, in a size that is there.

    `sizes` are all that are in stock, from small to large; `article` is the one of the shopper's size where
    that is known, else one in the middle. `reasons` has the weightiest first.
    """

    article: Article
    sizes: tuple[str, ...]
    points: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """A complete outfit: what the shopper has on of it, what comes to it, and what all of it costs."""

    name: Mapping[str, str]
    own: tuple[Article, ...]
    added: tuple[Suggestion, ...]
    price_minor: int

    @property
    def gtins(self) -> tuple[str, ...]:
        return tuple(article.gtin for article in self.own) + tuple(one.article.gtin for one in self.added)


@dataclass(frozen=True, slots=True)
class _Choice:
    """A style in one colour, and what is there of it."""

    articles: tuple[Article, ...]
    colour: Lab | None

    @property
    def first(self) -> Article:
        return self.articles[0]

    @property
    def kind(self) -> str:
        return self.first.garment.kind if self.first.garment else ""


class Stylist:
    """Knows what goes with what in one shop."""

    def __init__(
        self,
        rules: StylistRules,
        *,
        pieces: Callable[[str], int | None],
        bought: BoughtTogether | None = None,
        price_of: Callable[[Article], int] = lambda article: article.price_minor,
    ) -> None:
        """`pieces`: how many of a GTIN are there, None if nobody counted; `price_of`: what one costs now."""
        self._rules = rules
        self._pieces = pieces
        self._bought = bought
        self._price_of = price_of

    def goes_with(
        self,
        own: Article,
        shelf: Iterable[Article],
        *,
        without: Iterable[Article] = (),
        most: int = GOES_WITH_MAX,
    ) -> tuple[Suggestion, ...]:
        """What of the `shelf` goes with a garment, the best first; one colour of each style.

        `without` are what the shopper has already: no other piece of the same styles is named.
        """
        known = {own.style, *(article.style for article in without)}
        found = [
            suggestion
            for choice in self._choices(shelf)
            if choice.first.style not in known
            and self._may_join(choice, own)
            and (suggestion := self._suggestion(choice, (own,))) is not None
        ]
        return tuple(_best_of_each_style(found)[:most])

    def looks(
        self, own: Sequence[Article], shelf: Iterable[Article], *, most: int = LOOKS_MAX
    ) -> tuple[Look, ...]:
        """Complete outfits that begin with what the shopper has on, the stylist's first pattern first.

        Of two garments for the same part, the one that came last counts. A pattern is left out where a part
        of it cannot be filled.
        """
        choices = self._choices(shelf)
        looks: list[Look] = []
        for pattern in self._rules.looks:
            worn = {article.garment.kind: article for article in own if article.garment}
            kept = tuple(worn[kind] for kind in pattern.kinds if kind in worn)
            look = self._filled(pattern.name, pattern.kinds, kept, choices) if kept else None
            if look is not None and look.added and look.gtins not in [other.gtins for other in looks]:
                looks.append(look)
        return tuple(looks[:most])

    # How it is done

    def _choices(self, shelf: Iterable[Article]) -> list[_Choice]:
        """Styles by colour, each with the sizes that are really there."""
        grouped: dict[tuple[str, str], list[Article]] = {}
        for article in shelf:
            if article.garment and article.style and (self._pieces(article.gtin) or 0) > 0:
                grouped.setdefault((article.style, article.tint), []).append(article)
        return [
            _Choice(tuple(sorted(articles, key=lambda article: article.gtin)), _colour_of(articles[0]))
            for _key, articles in sorted(grouped.items())
        ]

    def _may_join(self, choice: _Choice, other: Article) -> bool:
        """Whether they are different parts of an outfit, and nobody keeps them apart."""
        kind = other.garment.kind if other.garment else ""
        kinds = {choice.kind, kind}
        if (choice.kind == kind and kind != "extra") or ("dress" in kinds and kinds & {"top", "bottom"}):
            return False
        if self._rules.apart(choice.first, other):
            return False
        return _agree(choice.colour, _colour_of(other)) != QUARREL

    def _suggestion(self, choice: _Choice, others: Sequence[Article]) -> Suggestion | None:
        points, reasons = 0, []
        for other in others:
            for gained, reason in self._says(choice, other):
                points += gained
                reasons.append((gained, reason))
        if points < POINTS_MIN:
            return None
        weightiest = sorted((one for one in reasons if one[0] > 0), key=lambda one: -one[0])
        sizes = tuple(sort_sizes(article.size for article in choice.articles))
        return Suggestion(
            _in_size(choice.articles, sizes, others),
            sizes,
            points,
            tuple(_once(why for _, why in weightiest)),
        )

    def _says(self, choice: _Choice, other: Article) -> Iterable[tuple[int, Reason]]:
        rule = self._rules.joins(choice.first, other)
        if rule is not None:
            yield STYLIST_POINTS * rule.weight, Reason(STYLIST, rule.because)
        agree = _agree(choice.colour, _colour_of(other))
        if HARMONY_POINTS[agree]:
            yield HARMONY_POINTS[agree], Reason(COLOUR, harmony=agree)
        bought = self._bought_points(choice.first.style, other.style)
        if bought:
            yield bought, Reason(BOUGHT)

    def _bought_points(self, style: str, other: str) -> int:
        """More than chance: the share of the rarer one's baskets that had both."""
        times = self._bought.times(style, other) if self._bought else 0
        if self._bought is None or times < BOUGHT_TIMES_MIN:
            return 0
        rarer = max(times, min(self._bought.of(style), self._bought.of(other)))
        return -(-BOUGHT_POINTS_MAX * times // rarer)

    def _filled(
        self,
        name: Mapping[str, str],
        kinds: Sequence[str],
        kept: tuple[Article, ...],
        choices: Sequence[_Choice],
    ) -> Look | None:
        """A pattern filled part by part, each time with what agrees best with all that is there already."""
        added: list[Suggestion] = []
        worn = {article.garment.kind for article in kept if article.garment}
        for kind in kinds:
            if kind in worn:
                continue
            there = [*kept, *(one.article for one in added)]
            fitting = [
                suggestion
                for choice in choices
                if choice.kind == kind
                and all(self._may_join(choice, other) for other in there)
                and (suggestion := self._suggestion(choice, there)) is not None
            ]
            if not fitting:
                return None
            added.append(_best_of_each_style(fitting)[0])
        price_minor = sum(map(self._price_of, (*kept, *(one.article for one in added))))
        return Look(name, kept, tuple(added), price_minor)


def _best_of_each_style(found: Iterable[Suggestion]) -> list[Suggestion]:
    """The best first, one of each style; of equals the smaller GTIN, so that it is the same each time."""
    best: dict[str, Suggestion] = {}
    for one in sorted(found, key=lambda one: (-one.points, one.article.gtin)):
        best.setdefault(one.article.style, one)
    return list(best.values())


def _colour_of(article: Article) -> Lab | None:
    return lab_of(article.tint) if article.tint else None


def _agree(one: Lab | None, other: Lab | None) -> str:
    return harmony(one, other) if one and other else PLAIN


def _in_size(articles: Sequence[Article], sizes: Sequence[str], others: Sequence[Article]) -> Article:
    """The one in a size that the shopper has on, else the one in the middle."""
    by_size = {article.size: article for article in articles}
    worn = next((other.size for other in others if other.size in by_size), sizes[(len(sizes) - 1) // 2])
    return by_size[worn]


def _once(reasons: Iterable[Reason]) -> list[Reason]:
    kept: list[Reason] = []
    for reason in reasons:
        if reason not in kept:
            kept.append(reason)
    return kept
