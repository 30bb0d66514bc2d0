"""What a receipt earns: sum X gives points Y.

A receipt is rounded down once, over all that counts of it; so the parts of it that come back, one by one,
take back exactly what it gave.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from checkout.basket import GOODS, Line
from checkout.loyalty.programme import Rules

Awards = Mapping[int, int]
"""How often lines earn the ordinary points, by their numbers, where a promotion multiplies them."""
NO_AWARDS: Awards = {}


class SoldPart(Protocol):
    """A line of a sale, as the store tells it and as head office reads it."""

    @property
    def kind(self) -> str: ...

    @property
    def total_minor(self) -> int: ...

    @property
    def deposit_minor(self) -> int: ...

    @property
    def points_times(self) -> int: ...


def times_for(line: Line, rules: Rules, awards: Awards = NO_AWARDS) -> int:
    """How often a line earns the ordinary points: 0 if it is excluded, whatever multiplies the others."""
    if line.kind != GOODS or not set(rules.excluded).isdisjoint(line.groups):
        return 0
    return awards.get(line.number, 1)


def counted_minor(lines: Iterable[SoldPart]) -> int:
    """What counts of a sale: goods as they were paid for, after every reduction and without deposit."""
    return sum(
        (line.total_minor - line.deposit_minor) * line.points_times for line in lines if line.kind == GOODS
    )


def counted_of(lines: Iterable[Line], rules: Rules, awards: Awards = NO_AWARDS) -> int:
    """What counts of a basket's standing lines, before it is a sale."""
    return sum(
        (line.total_minor - line.deposit_total_minor) * times
        for line in lines
        if (times := times_for(line, rules, awards))
    )


def points_of(counts_minor: int, rules: Rules) -> int:
    """The points that so much money gives, rounded down."""
    return max(0, counts_minor) // rules.minor_per_point
