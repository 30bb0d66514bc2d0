"""Where bars lie in a grey picture, at whatever angle, without reading them.

Bars are where brightness changes strongly, and always in the same direction: the structure tensor
(Bigun and Granlund, "Optimal Orientation Detection of Linear Symmetry", ICCV 1987) of such a place has one
large and one small eigenvalue. It is averaged over square cells, so that the search costs about as much as
two derivatives of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

CELL_PIXELS = 8
SEARCHED_PIXELS_MAX = 1_000_000
"""A larger picture is searched at half its size."""
COHERENCE_MIN = 0.4
"""1 where all edges of a cell are parallel, 0 where they point anywhere."""
SLOPE_MIN = 4.0
"""Root mean square of the brightness steps of a cell that may belong to bars; less is paper and noise."""
SLOPE_SHARE_MIN = 0.12
"""The same, as a share of what the strongest cells of the picture have."""
CELLS_MIN = 8
PARTS_MAX = 10
DIRECTIONS = 24
ACROSS_PIXELS_MIN = 44.0
"""A symbol of 67 modules at two thirds of a pixel; what is narrower is an edge or a letter."""
FILLED_MIN = 0.45
REGIONS_MAX = 3
TURN_COS_MIN = 0.8
"""Neighbouring cells belong together if twice their angles differ by no more than the arc of this cosine."""


@dataclass(frozen=True)
class Region:
    """A place with parallel bars. Pixels of the picture; `angle` in radians points across the bars."""

    x: float
    y: float
    angle: float
    across: float
    along: float
    mass: float
    """How much brightness changes in it, summed over cells."""


def find_bars(grey: npt.NDArray[np.uint8]) -> list[Region]:
    """The places of a picture (height x width) that look like bars; at most REGIONS_MAX, largest first."""
    if grey.size > SEARCHED_PIXELS_MAX:
        half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        return [
            replace(region, x=2 * region.x, y=2 * region.y, across=2 * region.across, along=2 * region.along)
            for region in find_bars(np.asarray(half, np.uint8))
        ]
    rows, columns = grey.shape[0] // CELL_PIXELS, grey.shape[1] // CELL_PIXELS
    if min(rows, columns) < 2:
        return []
    xx, yy, xy = _tensor(grey[: rows * CELL_PIXELS, : columns * CELL_PIXELS], rows, columns)
    xx, yy, xy = (np.asarray(cv2.blur(part, (3, 3)), np.float32) for part in (xx, yy, xy))
    power = xx + yy
    coherence = np.hypot(xx - yy, 2 * xy) / (power + 1e-3)
    strong = power > max(SLOPE_MIN**2, SLOPE_SHARE_MIN**2 * float(np.percentile(power, 98)))
    barred = (strong & (coherence > COHERENCE_MIN)).astype(np.uint8)
    twice = np.arctan2(2 * xy, xx - yy)
    regions = [
        region
        for part in _same_direction(barred, twice, power)
        if (region := _region(part, xx, yy, xy)) is not None
    ]
    return sorted(regions, key=lambda region: -region.mass)[:REGIONS_MAX]


def _tensor(
    grey: npt.NDArray[np.uint8], rows: int, columns: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Mean products of the derivatives, rows x columns of cells."""
    right = np.asarray(cv2.Scharr(grey, cv2.CV_32F, 1, 0, scale=1 / 32))
    down = np.asarray(cv2.Scharr(grey, cv2.CV_32F, 0, 1, scale=1 / 32))
    size = (columns, rows)
    return tuple(  # type: ignore[return-value]
        np.asarray(cv2.resize(cv2.multiply(one, other), size, interpolation=cv2.INTER_AREA))
        for one, other in ((right, right), (down, down), (right, down))
    )


def _same_direction(
    barred: npt.NDArray[np.uint8], twice: npt.NDArray[np.float32], power: npt.NDArray[np.float32]
) -> list[npt.NDArray[np.bool_]]:
    """The barred cells in connected parts, the directions of each about the same."""
    parts: list[npt.NDArray[np.bool_]] = []
    left = barred.copy()
    for _ in range(PARTS_MAX):
        largest = _largest(left)
        if largest is None:
            break
        counts, edges = np.histogram(twice[largest], DIRECTIONS, (-np.pi, np.pi), weights=power[largest])
        around = counts + np.roll(counts, 1) + np.roll(counts, -1)
        main = edges[int(np.argmax(around))] + np.pi / DIRECTIONS
        alike = (largest & (np.cos(twice - main) > TURN_COS_MIN)).astype(np.uint8)
        closed = cv2.morphologyEx(alike, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
        part = _largest(np.asarray(closed, np.uint8))
        if part is None:
            left[largest] = 0
        else:
            parts.append(part)
            left[part] = 0
    return parts


def _largest(cells: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_] | None:
    """The largest connected part; None where even that is too small."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cells, connectivity=8)
    if count < 2:
        return None
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    return np.asarray(labels == largest) if stats[largest, cv2.CC_STAT_AREA] >= CELLS_MIN else None


def _region(
    part: npt.NDArray[np.bool_],
    xx: npt.NDArray[np.float32],
    yy: npt.NDArray[np.float32],
    xy: npt.NDArray[np.float32],
) -> Region | None:
    """The rectangle along the bars that holds the cells of a part."""
    angle = 0.5 * float(np.arctan2(2 * xy[part].sum(), (xx[part] - yy[part]).sum()))
    ys, xs = ((at + 0.5) * CELL_PIXELS for at in np.nonzero(part))
    across = xs * np.cos(angle) + ys * np.sin(angle)
    along = ys * np.cos(angle) - xs * np.sin(angle)
    ends = [*np.percentile(across, (1, 99)), *np.percentile(along, (5, 95))]
    u, v = (ends[0] + ends[1]) / 2, (ends[2] + ends[3]) / 2
    width, height = ends[1] - ends[0] + CELL_PIXELS, ends[3] - ends[2] + CELL_PIXELS
    filled = np.count_nonzero(part) * CELL_PIXELS**2 / (width * height)
    if width < ACROSS_PIXELS_MIN or filled < FILLED_MIN:
        return None
    return Region(
        x=u * np.cos(angle) - v * np.sin(angle),
        y=u * np.sin(angle) + v * np.cos(angle),
        angle=angle,
        across=width,
        along=height,
        mass=float(np.sqrt(xx[part] + yy[part]).sum()),
    )
