"""Which spots of a picture are items, and how many items it shows.

A detector trained on named kinds finds nearly every package, but its own score ranks them badly: a jar is
no kind of its, so each spot alone is unsure. What tells an item is that many spots agree on its outline.
So a spot's neighbours vote (after weighted boxes fusion: Solovyev et al., arXiv 1910.13302), a person, a
beast, a vehicle or furniture loses its vote, and what stands in the middle counts a little more: a photo is
aimed at what it shows. The numbers were chosen on half of a set of photos; `.decisions/0040` says how.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from store_edge.vision.detector import Floats, Spots
from store_edge.vision.overlap import overlaps, strongest

PERSON = 0
NO_GOODS = (
    PERSON,
    *range(1, 9),  # bicycle to boat
    *range(9, 14),  # traffic light to bench
    *range(14, 24),  # bird to giraffe
    *(56, 57, 59, 60, 61),  # chair, couch, bed, dining table, toilet
    *(62, 68, 69, 70, 71, 72),  # TV, microwave, oven, toaster, sink, refrigerator
)
"""COCO's kinds that nobody lays into a basket."""
SAME = 0.65
"""Spots that overlap so much mean one thing and vote for one another."""
APART = 0.45
"""Items overlap no more than this."""
VOTE_POWER = 0.6
"""Below 1: many who half agree weigh more than one who is sure."""
CENTRED = 2.0
ITEMS_MAX = 60


@dataclass(frozen=True, slots=True)
class Items:
    """`boxes`: n x 4 pixels, the likeliest first; `scores`: n, falling, comparable between pictures."""

    boxes: Floats
    scores: Floats


@dataclass(frozen=True, slots=True)
class CountRule:
    """How scores become a number of items: expected items, drawn to the middle, at least one.

    An item counts fully when its score (a logarithm) is far above `level` and `relative` of the best one's,
    half when it is there.
    """

    level: float = 0.5
    relative: float = 0.5
    softness: float = 0.7
    scale: float = 0.6
    least: float = 0.6


def find_items(spots: Spots) -> Items:
    """The items among the spots, at most `ITEMS_MAX`."""
    if not len(spots.boxes):
        return Items(np.empty((0, 4), np.float32), np.empty(0, np.float32))
    sure = spots.objectness * (1 - spots.kinds[:, list(NO_GOODS)].max(1))
    votes = (overlaps(spots.boxes, spots.boxes) > SAME) & (sure > 0)
    np.fill_diagonal(votes, True)
    support = (votes * sure[None] ** VOTE_POWER).sum(1)
    kept = strongest(spots.boxes, sure, APART, ITEMS_MAX)
    weight = votes[kept] * np.maximum(sure, 1e-6)[None] ** 2
    boxes = (weight @ spots.boxes) / weight.sum(1, keepdims=True)
    scores = np.log(np.maximum(support[kept], 1e-6)) - CENTRED * _off_middle(boxes, spots.size)
    order = np.argsort(-scores, kind="stable")
    return Items(boxes[order].astype(np.float32), scores[order].astype(np.float32))


def count_items(items: Items, rule: CountRule = CountRule()) -> int:
    """How many items a picture shows; 0 only where no spot was found at all."""
    if not len(items.scores):
        return 0
    level = rule.level + rule.relative * float(items.scores[0])
    steep = np.clip((items.scores - level) / rule.softness, -50, 50)
    expected = float((1 / (1 + np.exp(-steep))).sum())
    return max(1, math.floor(rule.least + rule.scale * expected + 0.5))


def _off_middle(boxes: Floats, size: tuple[int, int]) -> Floats:
    """The square of each box's way from the picture's middle, in sides of the picture."""
    height, width = size
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2 / np.array([width, height], np.float32) - 0.5
    return np.asarray((middles**2).sum(1), np.float32)
