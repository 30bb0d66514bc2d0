"""What each line costs once the running promotions have looked at the basket (`checkout.promotions`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from checkout.basket import GOODS, Basket, Line, Reduction
from checkout.division import Running, Share, divided, running
from checkout.prices import as_overridden
from checkout.promotions import Piece, Promotion


def priced(basket: Basket, promotions: Sequence[Promotion]) -> Basket:
    """The basket with the combination of promotions that saves most; prices themselves stay as shown.

    Lines whose reductions change are marked as changed in this version.
    """
    if not promotions and not any(line.reductions or line.override for line in basket.lines):
        return basket
    pieces = [_piece(line) for line in basket.lines]
    reductions = _reductions(basket, pieces, tuple(promotions))
    lines = tuple(
        _priced_line(line, reductions.get(line.number, ()), basket.version) for line in basket.lines
    )
    return basket if lines == basket.lines else replace(basket, lines=lines)


def _priced_line(line: Line, reductions: tuple[Reduction, ...], version: int) -> Line:
    """A price that staff set stands; everything else has what its promotions give."""
    new = as_overridden(line) if line.override is not None and not line.voided else None
    reductions = new.reductions if new is not None else reductions
    return line if line.reductions == reductions else line.reduced(reductions, version)


def alone_minor(piece: Piece, promotions: Iterable[Promotion]) -> int:
    """What a piece costs that lies in a basket by itself, all these promotions running."""
    shares = divided({piece: 1}, Running(promotions)).get(piece, {})
    off_minor = sum(off for _count, parts in _stacked(piece, shares.values()) for _by, off in parts)
    return piece.price_minor - off_minor


class PointsAward(NamedTuple):
    """A promotion multiplies the points on a line."""

    line: int
    by: str
    times: int


def points_awards(basket: Basket, promotions: Sequence[Promotion]) -> tuple[PointsAward, ...]:
    """Which lines bring how many times as many points; of several multipliers the highest counts."""
    if not promotions:
        return ()
    with_points = running(tuple(promotions), basket.opened_at, basket.circumstances).with_points
    awards = []
    for line in basket.lines:
        piece = _piece(line)
        meant = [p for p in with_points if piece is not None and p.parts[0].means(piece)]
        if meant:
            best = max(meant, key=lambda promotion: promotion.points_times)
            awards.append(PointsAward(line.number, best.id, best.points_times))
    return tuple(awards)


def points_times(basket: Basket, promotions: Sequence[Promotion]) -> Mapping[int, int]:
    """How often lines earn the ordinary points, by their numbers, where a promotion multiplies them."""
    return {award.line: award.times for award in points_awards(basket, promotions)}


def _piece(line: Line) -> Piece | None:
    """What promotions see of a line; None for what they must not touch."""
    if line.voided or line.kind != GOODS or line.override is not None:
        return None
    measure = line.weight_g or line.length_mm
    if measure or line.fixed_minor:
        return Piece(line.gross_minor, line.gtin, line.groups, measure, bool(line.fixed_minor))
    return Piece(line.unit_price_minor, line.gtin, line.groups)


def _count(line: Line, piece: Piece) -> int:
    return 1 if piece.thousandths or piece.labelled else line.quantity


def _reductions(
    basket: Basket, pieces: Sequence[Piece | None], promotions: tuple[Promotion, ...]
) -> Mapping[int, tuple[Reduction, ...]]:
    stock: dict[Piece, int] = {}
    for line, piece in zip(basket.lines, pieces, strict=True):
        if piece is not None:
            stock[piece] = stock.get(piece, 0) + _count(line, piece)
    shares = divided(stock, running(promotions, basket.opened_at, basket.circumstances))
    hands = {piece: _Hand(_stacked(piece, groups.values())) for piece, groups in shares.items()}
    return {
        line.number: hands[piece].deal(_count(line, piece))
        for line, piece in zip(basket.lines, pieces, strict=True)
        if piece in hands
    }


Stack = tuple[int, tuple[tuple[str, int], ...]]
"""So many equal pieces, and what each promotion takes off each of them."""


def _stacked(piece: Piece, groups: Iterable[Sequence[Share]]) -> Iterator[Stack]:
    """The groups' shares laid side by side, piece by piece; together they take off its price at most."""
    columns = [list(shares) for shares in groups]
    while columns := [column for column in columns if column]:
        count = min(column[0].count for column in columns)
        left_minor, parts = piece.price_minor, []
        for column in columns:
            share = column[0]
            part_minor = min(share.off_minor, left_minor)
            left_minor -= part_minor
            parts.append((share.by, part_minor))
            rest = share.count - count
            column[:1] = [Share(share.by, share.off_minor, rest)] if rest else []
        yield count, tuple(parts)


class _Hand:
    """Gives the shares of equal pieces out to the lines that they lie on, in the order of the roll."""

    def __init__(self, stacks: Iterator[Stack]) -> None:
        self._stacks = stacks
        self._left = 0
        self._parts: tuple[tuple[str, int], ...] = ()

    def deal(self, count: int) -> tuple[Reduction, ...]:
        """The reductions of a line with so many of the pieces."""
        sums: dict[str, int] = {}
        while count:
            if not self._left:
                self._left, self._parts = next(self._stacks, (count, ()))
            here = min(count, self._left)
            for by, off_minor in self._parts:
                sums[by] = sums.get(by, 0) + off_minor * here
            self._left -= here
            count -= here
        return tuple(Reduction(by, off_minor) for by, off_minor in sorted(sums.items()) if off_minor)
