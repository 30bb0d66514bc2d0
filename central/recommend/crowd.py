"""What the crowd bought, as the few matrices that a shopper is compared with.

Rows are shoppers, columns items. One column more than there are items stands for every item that the crowd
never bought: it stays empty, so that such an item can be looked up like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import svds

Floats = NDArray[np.floating]
Items = NDArray[np.intp]
History = Sequence[Items]
"""Baskets as item numbers, oldest first."""


@dataclass(frozen=True, slots=True)
class Example:
    """What `shopper` (a number) had bought when the basket `came_next` came."""

    shopper: int
    past: tuple[Items, ...]
    came_next: Items


@dataclass(frozen=True, slots=True)
class CrowdRules:
    fading: float = 0.9
    """What a basket counts, by the one after it."""
    tastes: int = 64
    """Directions in which tastes differ."""
    taste_penalty: float = 20.0
    doubt: float = 10.0
    """Purchases by which a share must be supported before it is half believed."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Counts are shoppers: `popular` bought an item next, `known` before, `latest` just before.

    `alike` has the faded baskets as directions (items, shoppers); `own` the same by shopper, `nexts` what
    came next. `leads` and `leads_on` count from an item bought at any time, or just before, to what followed.
    `again` is the share who bought an item once more, `at_once` the same of those who just had it.
    `taste` (items, tastes) and `wish` (tastes, items) foretell the next basket through few directions.
    """

    shoppers: int
    popular: Floats
    known: Floats
    latest: Floats
    again: Floats
    at_once: Floats
    alike: Any
    own: Any
    nexts: Any
    leads: Any
    leads_on: Any
    taste: Floats
    wish: Floats
    rules: CrowdRules


def gather(examples: Sequence[Example], items: int, rules: CrowdRules = CrowdRules()) -> Crowd:
    """Count over `examples`, one a shopper, whose item numbers are below `items`."""
    width = items + 1
    nexts = _matrix((_ones(one.came_next) for one in examples), width)
    had = _matrix((_ones(np.unique(np.concatenate(one.past))) for one in examples), width)
    last = _matrix((_ones(one.past[-1]) for one in examples), width)
    own = _matrix((direction(one.past, rules.fading) for one in examples), width)
    popular, known, latest = (np.asarray(m.sum(axis=0)).ravel() for m in (nexts, had, last))
    taste, wish = _tastes(own, nexts, rules)
    return Crowd(
        len(examples),
        popular,
        known,
        latest,
        _share(had, nexts, known, rules.doubt),
        _share(last, nexts, latest, rules.doubt),
        own.T.tocsr(),
        own,
        nexts,
        (had.T @ nexts).tocsr(),
        (last.T @ nexts).tocsr(),
        taste,
        wish,
        rules,
    )


def direction(past: History, fading: float) -> tuple[Items, Floats]:
    """The items of a history and how much each counts; the squares sum to one."""
    weights = [np.full(len(basket), fading**age) for age, basket in enumerate(reversed(past))]
    items, place = np.unique(np.concatenate(past[::-1]), return_inverse=True)
    counts = np.log1p(np.bincount(place, np.concatenate(weights)))
    return items, counts / np.linalg.norm(counts)


def _ones(items: Items) -> tuple[Items, Floats]:
    return items, np.ones(len(items))


def _matrix(rows: Iterable[tuple[Items, Floats]], width: int) -> Any:
    columns, values = zip(*rows, strict=True)
    ends = np.cumsum([0, *(len(row) for row in columns)])
    data = np.concatenate(values).astype(np.float32)
    return sparse.csr_matrix((data, np.concatenate(columns), ends), shape=(len(columns), width))


def _share(before: Any, nexts: Any, of: Floats, doubt: float) -> Floats:
    """Of those who had an item `before`, how many took it next; drawn towards the share over all items."""
    both = np.asarray(before.multiply(nexts).sum(axis=0)).ravel()
    return np.asarray((both + doubt * both.sum() / max(1.0, of.sum())) / (of + doubt))


def _tastes(own: Any, nexts: Any, rules: CrowdRules) -> tuple[Floats, Floats]:
    """Ridge regression of the next basket on the strongest directions of the baskets before."""
    tastes = min(rules.tastes, min(own.shape) - 1)
    if tastes < 1:
        return np.zeros((own.shape[1], 1)), np.zeros((1, own.shape[1]))
    axes = svds(own, k=tastes, rng=np.random.default_rng(0), return_singular_vectors="vh")[2].T
    places = own @ axes
    square = places.T @ places + rules.taste_penalty * np.eye(tastes)
    wish = np.linalg.solve(square, (nexts.T @ places).T)
    return axes.astype(np.float32), wish.astype(np.float32)
