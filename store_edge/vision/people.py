"""How many people a fixed camera sees: counts only, nobody is told from anybody else and nothing is kept.

A single look errs where somebody is half out of the picture or behind another. So whoever was seen a look
ago is believed more readily than somebody new, and a second's count is what most of its looks say.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable

import numpy as np

from store_edge.vision.detector import Detector, Floats, Picture, Spots
from store_edge.vision.items import PERSON
from store_edge.vision.overlap import covered, overlaps, strongest

NEW_MIN = 0.5
"""From here on a person is believed who was not there a look ago."""
STILL_MIN = 0.2
"""From here on one who was there."""
APART = 0.5
INSIDE_MAX = 0.8
"""Of a weaker box that lies so far inside a stronger one: a part of the same person."""
NEAR = 0.3
"""So much the boxes of one person overlap from look to look."""
PEOPLE_MAX = 50


class Headcount:
    """Counts the people of one camera, look by look. It remembers boxes of the last look and nothing else."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._there: Floats = np.empty((0, 4), np.float32)

    def look(self, picture: Picture) -> int:
        """How many people a picture (height x width x 3, BGR) shows. ValueError for no picture."""
        self._there = people(self._detector.look(picture), self._there)
        return len(self._there)


def people(spots: Spots, before: Floats) -> Floats:
    """The boxes of the people in a look, given those of the look before: n x 4 pixels."""
    scores = spots.objectness * spots.kinds[:, PERSON]
    known = overlaps(spots.boxes, before).max(1, initial=0) > NEAR
    believed = np.flatnonzero(scores >= np.where(known, STILL_MIN, NEW_MIN))
    boxes, scores = spots.boxes[believed], scores[believed]
    apart = boxes[strongest(boxes, scores, APART, PEOPLE_MAX)]
    inside = np.tril(covered(apart, apart), -1).max(1, initial=0)
    return np.asarray(apart[inside < INSIDE_MAX], np.float32)


def of_second(counts: Iterable[int]) -> int:
    """What a second's looks come to: their median, the lower one of two."""
    return statistics.median_low(counts)
