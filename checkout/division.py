"""Which pieces go to which promotion, so that the shopper saves most.

A promotion for single pieces can be weighed piece by piece. Promotions for several pieces compete only
where they want the same ones: so the goods fall apart into small tables, each searched by itself
(`checkout.search`). A table's answer is kept: one more line on the roll changes one table, and the others are
looked up.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from checkout.basket import Circumstances
from checkout.money import prorate
from checkout.packing import Option
from checkout.promotions import Piece, Promotion
from checkout.promotions.pieces import dearest_first
from checkout.search import Pile, Table

RUNNING_KEPT_MAX = 64
"""Baskets whose running promotions are remembered: more than a store has lanes."""
TABLES_KEPT_MAX = 4_096
PIECES_KNOWN_MAX = 4_096
"""Kinds of pieces remembered by one basket's promotions."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one promotion takes off one piece, and how many equal pieces have the same."""

    by: str
    off_minor: int
    count: int


class Chance(NamedTuple):
    """What one group can do for a piece: the best promotion for it alone, and those that want it with others,
    each with the number of its part."""

    group: str
    by: str
    off_minor: int
    wanted_by: tuple[tuple[Promotion, int], ...]


class Running:
    """The promotions that run for one basket, to be asked what they can do for a piece."""

    def __init__(self, promotions: Iterable[Promotion]) -> None:
        self._by_word: dict[str, list[Promotion]] = {}
        self._anywhere: list[Promotion] = []
        self.with_points: list[Promotion] = []
        self._known: dict[Piece, tuple[Chance, ...]] = {}
        for promotion in sorted(promotions, key=lambda promotion: promotion.id):
            scopes = [part.scope for part in promotion.parts]
            if promotion.points_times > 1:
                self.with_points.append(promotion)
            elif all(scope.gtins or scope.groups for scope in scopes):
                for word in frozenset(chain.from_iterable(scope.gtins | scope.groups for scope in scopes)):
                    self._by_word.setdefault(word, []).append(promotion)
            else:
                self._anywhere.append(promotion)

    def chances(self, piece: Piece) -> tuple[Chance, ...]:
        """Group by group, in the order of their names."""
        known = self._known.get(piece)
        if known is None:
            if len(self._known) >= PIECES_KNOWN_MAX:
                self._known.clear()
            known = self._known[piece] = tuple(self._look(piece))
        return known

    def _look(self, piece: Piece) -> Iterable[Chance]:
        heard = chain(self._anywhere, *(self._by_word.get(word, ()) for word in (piece.gtin, *piece.groups)))
        wanting: dict[str, dict[str, Promotion]] = {}
        for promotion in heard:
            if any(part.means(piece) for part in promotion.parts):
                wanting.setdefault(promotion.group, {})[promotion.id] = promotion
        for group, promotions in sorted(wanting.items()):
            by, best_minor, wanted_by = "", 0, []
            for id, promotion in sorted(promotions.items()):
                if not _is_single(promotion):
                    wanted_by += [(promotion, k) for k, p in enumerate(promotion.parts) if p.means(piece)]
                elif (off_minor := min(promotion.takes_off([piece]), piece.price_minor)) > best_minor:
                    by, best_minor = id, off_minor
            yield Chance(group, by, best_minor, tuple(wanted_by))


def _is_single(promotion: Promotion) -> bool:
    return len(promotion.parts) == 1 and promotion.parts[0].count == 1 and not promotion.parts[0].open_ended


@lru_cache(RUNNING_KEPT_MAX)
def running(promotions: tuple[Promotion, ...], opened_at: str, circumstances: Circumstances) -> Running:
    """Those that run for a basket opened at a time (ISO 8601) under these circumstances."""
    at = dt.datetime.fromisoformat(opened_at)
    coupons, customers = circumstances.coupons, circumstances.customer_group
    return Running(p for p in promotions if p.when.holds(at, coupons, customers))


def divided(stock: Mapping[Piece, int], promotions: Running) -> dict[Piece, dict[str, list[Share]]]:
    """For each kind of piece and each group the shares that its pieces get; those without one get nothing."""
    shares: dict[Piece, dict[str, list[Share]]] = {}
    contested: dict[str, list[tuple[Pile, str]]] = {}
    for piece, count in stock.items():
        for group, by, off_minor, wanted_by in promotions.chances(piece):
            if wanted_by:
                contested.setdefault(group, []).append((Pile(piece, count, off_minor, wanted_by), by))
            elif by:
                shares.setdefault(piece, {})[group] = [Share(by, off_minor, count)]
    for group, wanted in contested.items():
        together: dict[Piece, tuple[Share, ...]] = {}
        for piles in _tables([pile for pile, _ in wanted]):
            together.update(_best_shares(piles))
        for pile, by in wanted:
            here = list(together.get(pile.piece, ()))
            alone = pile.count - sum(share.count for share in here)
            if alone and by:
                here.append(Share(by, pile.worth_minor, alone))
            if here:
                shares.setdefault(pile.piece, {})[group] = here
    return shares


def _tables(piles: Sequence[Pile]) -> Iterable[tuple[Pile, ...]]:
    """The goods fallen apart: piles that promotions which can make a deal at all want, dearest first."""
    pieces: Counter[tuple[Promotion, int]] = Counter()
    for pile in piles:
        for want in pile.wanted_by:
            pieces[want] += pile.count
    short = {
        promotion
        for promotion in {promotion for promotion, _ in pieces}
        if any(pieces[promotion, k] < part.count for k, part in enumerate(promotion.parts))
    }
    leader: dict[Promotion, Promotion] = {}

    def led_by(promotion: Promotion) -> Promotion:
        while (above := leader.setdefault(promotion, promotion)) is not promotion:
            leader[promotion] = promotion = leader[above]
        return promotion

    able: dict[Piece, Pile] = {}
    for pile in piles:
        if live := tuple(want for want in pile.wanted_by if want[0] not in short):
            able[pile.piece] = Pile(pile.piece, pile.count, pile.worth_minor, live)
            for promotion, _ in live[1:]:
                leader[led_by(promotion)] = led_by(live[0][0])
    tables: dict[Promotion, list[Pile]] = {}
    for piece in dearest_first(able):
        pile = able[piece]
        tables.setdefault(led_by(pile.wanted_by[0][0]), []).append(pile)
    return map(tuple, tables.values())


def forget() -> None:
    """Forget every table's answer; for who measures what finding them takes."""
    _best_shares.cache_clear()


@lru_cache(TABLES_KEPT_MAX)
def _best_shares(piles: tuple[Pile, ...]) -> dict[Piece, tuple[Share, ...]]:
    """The shares out of one table's best deals. Not to be changed by who gets them."""
    merged: dict[object, list[Pile]] = {}
    for pile in piles:
        alike = (pile.piece.price_minor, pile.piece.thousandths, pile.worth_minor, pile.wanted_by)
        merged.setdefault(alike, []).append(pile)
    groups = list(merged.values())
    promotions = sorted({p for pile in piles for p, _ in pile.wanted_by}, key=lambda promotion: promotion.id)
    table = Table(promotions, [_as_one(group) for group in groups])
    hands = [iter([pile.piece for pile in group for _ in range(pile.count)]) for group in groups]
    found: dict[Piece, Counter[tuple[str, int]]] = {}
    for option in sorted(table.best(), key=lambda option: (option.taken, option.promotion)):
        for piece, off_minor in _split(option, table, hands):
            found.setdefault(piece, Counter())[promotions[option.promotion].id, off_minor] += 1
    return {
        piece: tuple(Share(by, off_minor, count) for (by, off_minor), count in sorted(some.items()))
        for piece, some in found.items()
    }


def _as_one(piles: Sequence[Pile]) -> Pile:
    """Piles that are alike to every promotion, laid on one."""
    first = piles[0]
    return first if len(piles) == 1 else replace(first, count=sum([pile.count for pile in piles]))


def _split(option: Option, table: Table, hands: Sequence[Iterator[Piece]]) -> Iterable[tuple[Piece, int]]:
    """One deal's pieces with their shares; `hands` give out the pieces of each pile."""
    parts = prorate(option.off_minor, [table.piles[i].piece.price_minor for i in option.taken])
    return ((next(hands[i]), part) for i, part in zip(option.taken, parts, strict=True))
