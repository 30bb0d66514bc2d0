"""Promotions: small classes behind the entry point group `emma.promotions`.

A promotion looks at a line and says what it takes off. Adding one means a class
with this protocol and one line in `pyproject.toml`; nothing else changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Protocol

from checkout.basket import Line


class Promotion(Protocol):
    """One running promotion. `id` is written on each line that it makes cheaper."""

    id: str

    def takes_off(self, line: Line) -> int:
        """How many minor units this promotion takes off a standing line; 0 if it does not apply."""


class PromotionKind(Protocol):
    """What an entry point names: builds a promotion from its terms."""

    def __call__(self, id: str, terms: Mapping[str, object]) -> Promotion: ...


@cache
def kinds() -> dict[str, PromotionKind]:
    """The kinds of promotion installed here, by name."""
    return {point.name: point.load() for point in entry_points(group="emma.promotions")}


def build(kind: str, id: str, terms: Mapping[str, object]) -> Promotion:
    """A promotion of a kind by its name; ValueError names the kinds there are."""
    if kind not in kinds():
        raise ValueError(f"no promotion of kind {kind!r}; there are: {', '.join(sorted(kinds()))}")
    return kinds()[kind](id, terms)
