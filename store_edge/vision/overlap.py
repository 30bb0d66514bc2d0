"""How much boxes overlap. A box is x and y of its first corner, then of its last, in pixels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def overlaps(one: Floats, other: Floats) -> Floats:
    """What each of n boxes shares with each of m as a part of what both cover: n x m, from 0 to 1."""
    shared, area_one, area_other = _shared(one, other)
    both = area_one[:, None] + area_other[None] - shared
    return np.asarray(shared / np.maximum(both, 1e-6), np.float32)


def covered(one: Floats, other: Floats) -> Floats:
    """Which part of each of n boxes lies in each of m: n x m, from 0 to 1."""
    shared, area, _ = _shared(one, other)
    return np.asarray(shared / np.maximum(area[:, None], 1e-6), np.float32)


def _shared(one: Floats, other: Floats) -> tuple[Floats, Floats, Floats]:
    first = np.maximum(one[:, None, :2], other[None, :, :2])
    last = np.minimum(one[:, None, 2:], other[None, :, 2:])
    shared = np.prod(np.maximum(last - first, 0), axis=2)
    return shared, _area(one), _area(other)


def _area(boxes: Floats) -> Floats:
    return np.asarray(np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0), axis=1), np.float32)


def strongest(boxes: Floats, scores: Floats, apart_max: float, most: int) -> list[int]:
    """Places of at most `most` boxes, the strongest first, none of which overlaps a stronger by more."""
    alike = overlaps(boxes, boxes) > apart_max
    hidden = np.zeros(len(boxes), bool)
    kept: list[int] = []
    for place in np.argsort(-scores, kind="stable").tolist():
        if not hidden[place]:
            kept.append(place)
            hidden |= alike[place]
        if len(kept) == most:
            break
    return kept
