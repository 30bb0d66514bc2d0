"""From a place with bars to one profile of brightness across them, in linear light.

Each row of a symbol says the same, so that the mean of many rows loses noise, and the median loses
scratches and glare. Rows are first shifted onto each other: bars seen at an angle, or on a can, are neither
quite parallel nor quite straight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from store_edge.vision.bars import Region

BANDS = 8
BANDS_MIN = 2
USED_SHARE = 0.9
TURNS_MAX = 3
TURN_MIN = 0.01
MARGIN = 0.22
"""So much more than the region, as a share of its width, is taken on each side: its ends are rough."""
WIDTH_MIN, WIDTH_MAX = 360, 900
ROWS_MAX = 64
SHIFT_SHARE_MAX = 0.03
"""A band further off than this share of the width shows something else."""
ALIKE_MIN = 0.6
WINDOWS = (0.35, 0.65)
WINDOW_REACH = 0.22
LIVELY_SHARE_MIN = 0.22
GAP_SHARE = 0.01
SPAN_ENDS_MAX = 4
DEBLUR_SAMPLES = (2.0, 3.5, 5.0)
DEBLUR_STEPS = 8
DRAWN_ROWS = 4
QUIET_SAMPLES = 6
QUIET_SHARE = 0.04
"""Ten narrow widths beside an ITF symbol must stay empty (ISO/IEC 16390, 4.4); most of them are asked."""
LEVEL_SHARE = 0.12
CONTRAST_MIN = 0.01
DISPLAY_GAMMA = 2.2

_LINEAR = (np.power(np.arange(256) / 255, DISPLAY_GAMMA)).astype(np.float32)

Numbers = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Strip:
    """`bands` x width of linear light, 0 to 1, bars upright; `mean` is one profile of those that agree.

    `spans` are where a symbol may begin and end, in samples; `place` is where the strip was cut.
    """

    bands: Numbers
    mean: Numbers
    spans: tuple[tuple[float, float], ...]
    place: Region


def cut_strip(grey: npt.NDArray[np.uint8], region: Region) -> Strip | None:
    """The profile of a region of a picture; None where it shows no bars."""
    for _ in range(TURNS_MAX):
        place = region
        bands, step = _bands(grey, place)
        bands, shifts, close = _straightened(bands)
        if np.count_nonzero(close) < BANDS_MIN:
            return None
        lean = np.polyfit(np.flatnonzero(close), shifts[close], 1)[0]
        turn = float(np.arctan(lean * step * BANDS / (region.along * USED_SHARE)))
        if abs(turn) < TURN_MIN:
            break
        region = replace(region, angle=region.angle - turn)
    mean = _trimmed(bands[close])
    return Strip(bands[close], mean, _spans(mean), place)


def _bands(grey: npt.NDArray[np.uint8], region: Region) -> tuple[Numbers, float]:
    """BANDS x width of linear light, and the pixels of the picture from one sample to the next."""
    length, height = region.across * (1 + 2 * MARGIN), region.along * USED_SHARE
    width = int(np.clip(2 * length, WIDTH_MIN, WIDTH_MAX))
    rows = int(np.clip(height, BANDS, ROWS_MAX)) // BANDS * BANDS
    step_u, step_v = length / width, height / rows
    cos, sin = np.cos(region.angle), np.sin(region.angle)
    turn = np.array([[cos * step_u, -sin * step_v], [sin * step_u, cos * step_v]])
    corner = np.array([region.x, region.y]) - turn @ np.array([(width - 1) / 2, (rows - 1) / 2])
    picture = cv2.warpAffine(
        grey,
        np.column_stack([turn, corner]),
        (width, rows),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return _LINEAR[picture].reshape(BANDS, rows // BANDS, width).mean(1), step_u


def _trimmed(bands: Numbers) -> Numbers:
    """The mean without the brightest and the darkest band at each place."""
    if len(bands) < 4:
        return np.asarray(np.median(bands, axis=0), np.float32)
    ordered = np.sort(bands, axis=0)
    return np.asarray(ordered[1:-1].mean(0), np.float32)


def _straightened(bands: Numbers) -> tuple[Numbers, Numbers, npt.NDArray[np.bool_]]:
    """The bands shifted onto their neighbours, outwards from the middle; by how much; and which are alike.

    Perspective fans bars out: the shift may grow along the band, so that it is measured at two places of it.
    """
    many, width = bands.shape
    slopes = np.gradient(bands, axis=1)
    places = np.arange(width)
    by, close = np.zeros((many, 2)), np.ones(many, bool)
    views = [_flat(slopes * window) for window in _windows(width)]
    spectra = [np.fft.rfft(view, axis=1) for view in views]
    for band in (*range(many // 2 + 1, many), *range(many // 2 - 1, -1, -1)):
        near = band - 1 if band > many // 2 else band + 1
        found = [_shift(spectrum[band], spectrum[near], width) for spectrum in spectra]
        by[band] = by[near] + [shift for shift, _ in found]
        close[band] = close[near] and max(alike for _, alike in found) > ALIKE_MIN
    along = (places / width - 0.5) / (WINDOWS[1] - WINDOWS[0]) + 0.5
    moved = [
        np.interp(places + left + (right - left) * along, places, band)
        for (left, right), band in zip(by, bands, strict=True)
    ]
    return np.array(moved, np.float32), by.mean(1), close


@cache
def _windows(width: int) -> tuple[Numbers, ...]:
    at = np.arange(width) / width
    return tuple(
        np.clip(1 - np.abs(at - middle) / WINDOW_REACH, 0, 1).astype(np.float32) for middle in WINDOWS
    )


def _flat(views: Numbers) -> Numbers:
    return np.asarray(views / (np.linalg.norm(views, axis=1, keepdims=True) + 1e-9))


def _shift(
    band: npt.NDArray[np.complex128], near: npt.NDArray[np.complex128], width: int
) -> tuple[float, float]:
    """How many samples a band lies to the right of its neighbour, and how alike they are (1: the same)."""
    most = max(2, int(width * SHIFT_SHARE_MAX))
    match = np.fft.irfft(band * np.conj(near), width)
    around = np.concatenate([match[-most:], match[: most + 1]])
    peak = int(np.argmax(around))
    left, here, right = around[max(peak - 1, 0)], around[peak], around[min(peak + 1, 2 * most)]
    bend = left - 2 * here + right
    return float(peak - most + (0.5 * (left - right) / bend if bend < 0 else 0)), float(here)


def _spans(mean: Numbers) -> tuple[tuple[float, float], ...]:
    """Where a symbol may begin and end: beside the widest stretches without a change in brightness.

    These may be the margin, the quiet zone before an add-on or a neighbour, or glare within the symbol.
    """
    width = len(mean)
    lively = cv2.blur(np.abs(np.gradient(mean))[None, :], (width // 150 | 1, 1))[0]
    there = (lively > LIVELY_SHARE_MIN * np.percentile(lively, 85)).astype(np.uint8)[None, :]
    closed = cv2.morphologyEx(there, cv2.MORPH_CLOSE, np.ones((1, int(width * GAP_SHARE) | 1), np.uint8))[0]
    steps = np.flatnonzero(np.diff(np.concatenate([[0], closed, [0]]).astype(np.int8)))
    if not len(steps):
        return ()
    starts, stops = steps[::2], steps[1::2]
    gaps = starts[1:] - stops[:-1]
    before, after = np.append(width, gaps), np.append(gaps, width)
    return tuple(
        (float(start), float(stop))
        for start in starts[np.argsort(-before)[:SPAN_ENDS_MAX]]
        for stop in stops[np.argsort(-after)[:SPAN_ENDS_MAX]]
        if stop - start > width / 5
    )


def has_quiet_zones(strip: Strip, shape: tuple[int, ...]) -> bool:
    """Whether the picture goes on beyond both ends of all the bars, so that none of them can be cut off."""
    ends = min(start for start, _ in strip.spans), max(end for _, end in strip.spans)
    quiet = QUIET_SHARE * (ends[1] - ends[0])
    place, length = strip.place, strip.place.across * (1 + 2 * MARGIN)
    for sample in (ends[0] - quiet, ends[1] + quiet):
        off = (sample / len(strip.mean) - 0.5) * length
        x, y = place.x + off * np.cos(place.angle), place.y + off * np.sin(place.angle)
        if not (0 <= x < shape[1] and 0 <= y < shape[0]):
            return False
    return True


def profile_pictures(mean: Numbers, spans: Sequence[tuple[float, float]]) -> npt.NDArray[np.uint8]:
    """A profile drawn as bars for other readers: as it is, and below it with more and more blur taken back.

    Richardson and Lucy's deconvolution, which keeps light positive, for Gaussian blurs (Richardson,
    "Bayesian-Based Iterative Method of Image Restoration", JOSA 62, 1972).
    """
    light = np.clip(levelled(mean, len(mean) * LEVEL_SHARE), 0.02, 1)[None, :]
    rows = [light]
    for sigma in DEBLUR_SAMPLES:
        clear = light
        for _ in range(DEBLUR_STEPS):
            again = cv2.GaussianBlur(clear, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
            clear = clear * cv2.GaussianBlur(light / again, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
        rows.append(np.clip(levelled(clear[0], len(mean) * LEVEL_SHARE / 2), 0, 1)[None, :])
    inside = np.zeros(len(mean), bool)
    for start, end in spans:
        inside[max(0, int(start) - QUIET_SAMPLES) : int(end) + QUIET_SAMPLES] = True
    rows = [np.where(inside, row, 1) for row in rows]
    shown = np.vstack([np.repeat(row, DRAWN_ROWS, axis=0) for row in rows])
    return np.asarray(255 * shown, np.uint8)


def levelled(profile: Numbers, window: float) -> Numbers:
    """A profile with the paper at 1 and the ink at 0, by the brightest and the darkest in a window."""
    size = (1, int(window) | 1)
    row = profile[None, :]
    high, low = cv2.dilate(row, np.ones(size, np.uint8)), cv2.erode(row, np.ones(size, np.uint8))
    high, low = cv2.blur(high, size[::-1]), cv2.blur(low, size[::-1])
    return np.asarray(((row - low) / np.maximum(high - low, CONTRAST_MIN))[0], np.float32)
