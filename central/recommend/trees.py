"""Boosted trees in numpy: few, shallow, the same every time. They put candidates into order.

Gradient boosting with the logistic loss and Newton steps in the leaves (J. H. Friedman, Greedy Function
Approximation, Annals of Statistics 29, 2001, algorithm 5), on clues cut into bins; the gain of a cut with its
penalty as in T. Chen, C. Guestrin, XGBoost, KDD 2016, formula 7. Every tree is complete: `depth` cuts on each
way down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Bins = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class TreeRules:
    trees: int = 100
    depth: int = 5
    bins: int = 48
    step: float = 0.1
    penalty: float = 5.0
    """Added to the curvature of every leaf: leaves with few rows say little."""
    curvature_min: float = 2.0
    """Below it a side of a cut is too thin to be believed."""


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees as arrays: `clue` and `above` of shape (trees, cuts) from the root down, `value` (trees, leaves).

    A row goes right at a cut where its bin is above `above`. `edges` cut each clue into bins.
    """

    edges: tuple[Floats, ...]
    clue: NDArray[np.intp]
    above: Bins
    value: Floats

    def score(self, clues: Floats) -> Floats:
        """The sum of the trees' leaves for each row of `clues` (rows, clues); higher is likelier."""
        rows = np.ascontiguousarray(_binned(clues, self.edges).T)
        trees, cuts = self.clue.shape
        start = np.arange(0, rows.size, rows.shape[1])[:, None]
        first_cut = np.arange(0, trees * cuts, cuts)
        at = np.zeros((len(rows), trees), np.intp)
        for _ in range((cuts + 1).bit_length() - 1):
            cut = at + first_cut
            bins = rows.ravel().take(self.clue.ravel().take(cut) + start)
            at += at + 1 + (bins > self.above.ravel().take(cut))
        leaf = at - cuts + np.arange(0, trees * (cuts + 1), cuts + 1)
        return np.asarray(self.value.ravel().take(leaf).sum(axis=1))


def grow(
    clues: Floats,
    bought: NDArray[np.bool_],
    rules: TreeRules = TreeRules(),
    progress: Callable[[float], None] = lambda done: None,
) -> Forest:
    """Learn from `clues` (rows, clues) which rows were `bought` (rows)."""
    edges = tuple(_edges(column, rules.bins) for column in clues.T)
    binned = _binned(clues, edges)
    grown = []
    score = np.zeros(len(clues))
    for tree in range(rules.trees):
        chance = 1 / (1 + np.exp(-score))
        clue, above, value, leaf = _tree(binned, bought - chance, chance * (1 - chance), rules)
        score += value[leaf]
        grown.append((clue, above, value))
        progress((tree + 1) / rules.trees)
    clue, above, value = (np.stack(parts) for parts in zip(*grown, strict=True))
    return Forest(edges, clue, above, value)


def _edges(column: Floats, bins: int) -> Floats:
    """Cuts between values, each bin with about as many different values as the others."""
    return np.unique(np.quantile(np.unique(column), np.arange(1, bins) / bins))


def _binned(clues: Floats, edges: tuple[Floats, ...]) -> Bins:
    """Bins as (clues, rows): growing reads one clue at a time."""
    columns = zip(clues.T, edges, strict=True)
    return np.stack([np.searchsorted(cuts, column, "right") for column, cuts in columns]).astype(np.uint8)


def _tree(
    binned: Bins, slope: Floats, curvature: Floats, rules: TreeRules
) -> tuple[NDArray[np.intp], Bins, Floats, NDArray[np.intp]]:
    """One tree: clue and bin of each cut, the value of each leaf, and the leaf of each row."""
    cuts = 2**rules.depth - 1
    clue, above = np.zeros(cuts, np.intp), np.full(cuts, 255, np.uint8)
    at = np.zeros(binned.shape[1], np.intp)
    for level in range(rules.depth):
        first, many = 2**level - 1, 2**level
        gain, bin_of = _gains(binned, at, many, slope, curvature, rules)
        best = gain.argmax(axis=0)
        nodes = np.arange(many)
        worth = gain[best, nodes] > 0
        clue[first : first + many] = best
        above[first : first + many][worth] = bin_of[best, nodes][worth]
        at = 2 * at + (binned[best[at], np.arange(len(at))] > above[first + at])
    leaves = cuts + 1
    slopes, curvatures = (np.bincount(at, part, leaves) for part in (slope, curvature))
    return clue, above, rules.step * slopes / (curvatures + rules.penalty), at


def _gains(
    binned: Bins, at: NDArray[np.intp], many: int, slope: Floats, curvature: Floats, rules: TreeRules
) -> tuple[Floats, NDArray[np.intp]]:
    """For each clue and node the best gain of a cut, and the bin above which rows go right."""
    gain = np.zeros((len(binned), many))
    bin_of = np.zeros((len(binned), many), np.intp)
    for row, column in enumerate(binned):
        cell = at * rules.bins + column
        size = many * rules.bins
        left, left_c = (
            np.bincount(cell, part, size).reshape(many, rules.bins).cumsum(axis=1)
            for part in (slope, curvature)
        )
        right, right_c = left[:, -1:] - left, left_c[:, -1:] - left_c
        gains = left**2 / (left_c + rules.penalty) + right**2 / (right_c + rules.penalty)
        gains -= left[:, -1:] ** 2 / (left_c[:, -1:] + rules.penalty)
        gains[np.minimum(left_c, right_c) < rules.curvature_min] = 0
        bin_of[row] = gains.argmax(axis=1)
        gain[row] = gains.max(axis=1)
    return gain, bin_of
