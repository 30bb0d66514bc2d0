"""The empty counter: learnt from a few looks at it, it says what of a picture is not counter.

No network is needed. What all the picture became lighter by is taken off each channel before colours are
compared, so that a lamp or a cloud changes nothing; a shadow darkens without turning the colour and is no
thing (after Horprasert et al., "A Statistical Approach for Real-time Robust Background Subtraction and Shadow
Detection", ICCV FRAME-RATE 1999).
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.uint8]
"""Height x width of a small picture; 1 where it applies, else 0."""

SIDE_PIXELS = 240
"""Pictures are looked at so small: the longer side."""
LOOKS_MIN = 5
DARK = 40.0
"""Added to each value, so that the noise of dark pixels is not taken for colour."""
TINT = 0.1
"""From here on a pixel has another colour: the largest channel's way from grey light, as a logarithm."""
TINT_FAINT = 0.05
"""What is next to such pixels belongs to them from here on: glass, wet film, a pale carton."""
BRIGHTER, DARKER = 0.22, -0.7
"""Beyond these a pixel is no lit and no shaded counter."""
STEP = 0.16
"""So much more or less of an edge is another thing."""
GAP_PIXELS = 5
"""What is nearer than this belongs together."""
AREA_MIN = 0.0015
"""Of the picture. What is smaller is a crumb."""
STIR = 0.1
"""A pixel that changed by this share of what it was moved."""
WHITE, GLARE = 250.0, 225.0
LIGHT_MAX = 1.0
"""Light that changed by more than this, as a logarithm, is no light but something before the lens."""


class EmptyCounter:
    """What a fixed camera sees when nothing lies there. Learns it, and goes on learning while used."""

    def __init__(self) -> None:
        self._looks = 0
        self._mean: Floats | None = None

    @property
    def known(self) -> bool:
        return self._looks >= LOOKS_MIN

    def learn(self, small: Floats, where: Mask | None = None) -> None:
        """Take in a look (of `smaller`) at the counter, all of it or only `where` nothing lies."""
        if self._mean is None or self._mean.shape != small.shape:
            self._mean, self._looks = small.copy(), 0
        self._looks += 1
        share = max(1 / self._looks, 0.05)
        learnt = self._mean + share * (small / light(small, self._mean) - self._mean)
        self._mean = learnt if where is None else np.where(where[:, :, None] > 0, learnt, self._mean)

    def things(self, small: Floats) -> Mask:
        """Where something lies. ValueError before it is `known`, or for a picture of another size."""
        if self._mean is None or not self.known or small.shape != self._mean.shape:
            raise ValueError("the empty counter was not learnt for such pictures")
        return differing(small, self._mean)


def smaller(picture: Picture) -> Floats:
    """A picture (height x width x 3, BGR) made small and smooth. ValueError for no picture."""
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or min(picture.shape[:2]) < 8:
        raise ValueError("a picture has height, width and three bytes for each pixel")
    height, width = picture.shape[:2]
    scale = SIDE_PIXELS / max(height, width)
    size = max(8, round(width * scale)), max(8, round(height * scale))
    small = cv2.blur(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), (3, 3))
    return small.astype(np.float32)


def stirred(small: Floats, last: Floats) -> float:
    """Which share of a picture is not as it was in the last one."""
    moved = cv2.absdiff(small, last) > STIR * (last + DARK)
    return float(moved.any(2).mean())


def light(small: Floats, mean: Floats) -> Floats:
    """How many times lighter all the picture is, each channel for itself: what most pixels agree on."""
    way = (_tones(small[::2, ::2], 1.0) - _tones(mean[::2, ::2], 1.0)).reshape(-1, 3)
    agreed = np.median(way, axis=0)
    close = np.abs(way - agreed).max(1) < BRIGHTER
    if close.sum() > len(close) / 8:
        agreed = np.median(way[close], axis=0)
    return np.asarray(np.exp(np.clip(agreed, -LIGHT_MAX, LIGHT_MAX)), np.float32)


def differing(small: Floats, mean: Floats) -> Mask:
    """Where a picture shows another thing than a former one, in any light: holes filled, crumbs gone."""
    expected = np.minimum(mean * light(small, mean), WHITE)
    way = _tones(small) - _tones(expected)
    way[(small > GLARE) & (mean > GLARE)] = 0  # nobody knows how much lighter than white it was
    lighter = way.mean(2)
    tint = np.abs(way - lighter[:, :, None]).max(2)
    edges = np.abs(_edges(small) - _edges(expected))
    clear = (tint > TINT) | (lighter > BRIGHTER) | (lighter < DARKER) | (edges > STEP)
    faint = clear | (tint > TINT_FAINT) | (lighter > BRIGHTER / 2) | (edges > 0.6 * STEP)
    crumbs = np.ones((2, 2), np.uint8)
    gaps = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (GAP_PIXELS, GAP_PIXELS))
    seeds = cv2.morphologyEx(clear.astype(np.uint8), cv2.MORPH_OPEN, crumbs)
    mask = cv2.morphologyEx(faint.astype(np.uint8), cv2.MORPH_OPEN, crumbs)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, gaps)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros_like(mask)
    large = [line for line in outlines if cv2.contourArea(line) >= AREA_MIN * mask.size]
    cv2.drawContours(filled, large, -1, 1, cv2.FILLED)
    _, marks = cv2.connectedComponents(filled, connectivity=8)
    seen = np.unique(marks[seeds > 0])
    return np.isin(marks, seen[seen > 0]).astype(np.uint8)


def pieces(mask: Mask) -> list[Mask]:
    """The connected parts of a mask."""
    count, marks = cv2.connectedComponents(mask, connectivity=8)
    return [(marks == mark).astype(np.uint8) for mark in range(1, count)]


def _tones(small: Floats, dark: float = DARK) -> Floats:
    return np.asarray(np.log(small + dark), np.float32)


def _edges(small: Floats) -> Floats:
    grey = _tones(small).mean(2)
    across, along = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return np.asarray((np.abs(across) + np.abs(along)) / 4, np.float32)


def outline_strength(small: Floats, part: Mask) -> float:
    """How clearly a part's rim stands out in a picture: the mean step along it."""
    kernel = np.ones((3, 3), np.uint8)
    rim = cv2.dilate(part, kernel) - cv2.erode(part, kernel)
    return float(_edges(small)[rim > 0].mean()) if rim.any() else 0.0
