"""Find where in a profile a retail symbol lies, fit light and scale to it, and read it.

Every EAN and UPC symbol has edges at known places: in the guards and at the border of every digit. They say
roughly where the symbol begins and ends and how perspective bends its scale; the digits themselves then say
exactly (Gauss-Newton steps on displacement and light), and the digits are read once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from store_edge.vision.likely import (
    BLURS,
    EAN8,
    EAN13,
    PER_MODULE,
    QUIET,
    UPC_E,
    Blur,
    Guess,
    Layout,
    Numbers,
    decode,
    known_edges,
    modules_of,
    outline,
    runner_up,
    sampled,
    text_of,
    through_every_blur,
)
from store_edge.vision.strip import CONTRAST_MIN, levelled

FINE_OFF = np.arange(-4.0, 4.1, 0.5)
COARSE_OFF = np.arange(-3.0, 3.1, 0.75)
COARSE_BENDS = np.array([-0.3, -0.15, 0.0, 0.15, 0.3])
SPANS_TRIED = 3
UNEXPLAINED_FIRST_MAX = 0.42
SPAN_SCORE_MIN = 0.25
COARSE_COMPARED = 40
OUTLINE_WEIGHT = 0.5
BENDS = np.linspace(-0.42, 0.42, 15)
TRIED = 6
SHORT_LIST = 200
SHARP_BLUR, EVEN_BLUR = BLURS[1], BLURS[2]
WIDE_STARTS, WIDE_ENDS = np.arange(0.0, 0.46, 0.01), np.arange(0.54, 1.0, 0.01)
WIDE_BENDS = np.array([-0.15, 0.0, 0.15])
WIDE_MIN = 0.35
OUTLINE_EVERY = 4
DEFOCUSED_TRIED = 32
DEFOCUSED_FITS = 2
OUTLINE_BLUR = Blur(0.35, disc=2.2)
DEFOCUS_BLURS = (Blur(0.35, disc=2.5), Blur(0.35, disc=4.0))
STEPS = 4
SETTLED_MODULES = 0.3
DAMPING = 1e-4
"""Keeps the steps finite where a symbol says nothing about one of the unknowns."""
LEVEL_MODULES = 12


@dataclass(frozen=True)
class Ends:
    """Hypotheses: where the first bar begins and the last ends, in samples of the profile; and the bend."""

    starts: Numbers
    ends: Numbers
    bends: Numbers

    def pick(self, which: npt.NDArray[np.int64]) -> Ends:
        return Ends(self.starts[which], self.ends[which], self.bends[which])


def _edge_scores(level: Numbers, layout: Layout, places: Ends, module: float) -> Numbers:
    """The mean step in brightness at the edges that every symbol of the layout has."""
    half = max(1, round(module * 0.5))
    padded = np.pad(level, half, mode="edge")
    step = padded[2 * half :] - padded[: -2 * half]
    known, signs = known_edges(layout)
    at = known / layout.modules
    bends = places.bends[:, None]
    bent = at * (1 + bends) / (1 + bends * at)
    where = places.starts[:, None] + (places.ends - places.starts)[:, None] * bent + 0.5
    index = np.clip(where.astype(np.int32), 0, len(step) - 1)
    return np.asarray(step[index] @ signs / len(signs), np.float32)


def _around(span: tuple[float, float], layout: Layout, off: Numbers, bends: Numbers) -> Ends:
    start, end = span
    by = off * (end - start) / layout.modules
    grid = np.meshgrid(start + by, end + by, bends, indexing="ij")
    return Ends(*(part.ravel().astype(np.float32) for part in grid))


def read_layout(profile: Numbers, layout: Layout, spans: Sequence[tuple[float, float]]) -> Guess | None:
    """The likeliest symbol of a layout in a profile (linear light) in about one of the spans."""
    if layout is UPC_E:  # the only one that is not told from its mirror image by its digits
        last = len(profile) - 1
        turned = _read_way(profile[::-1], layout, [(last - end, last - start) for start, end in spans])
        straight = _read_way(profile, layout, spans)
        return min(
            (guess for guess in (straight, turned) if guess),
            key=lambda guess: guess.unexplained,
            default=None,
        )
    return _read_way(profile, layout, spans)


def _read_way(profile: Numbers, layout: Layout, spans: Sequence[tuple[float, float]]) -> Guess | None:
    tries = []
    for span in spans:
        module = (span[1] - span[0]) / layout.modules
        level = levelled(profile, LEVEL_MODULES * module)
        coarse = _around(span, layout, COARSE_OFF, COARSE_BENDS)
        edges = _edge_scores(level, layout, coarse, module)
        compared = coarse.pick(np.argsort(-edges)[:COARSE_COMPARED])
        outline_score = float(_outline_scores(profile, layout, compared, EVEN_BLUR).max())
        tries.append((float(edges.max()) + OUTLINE_WEIGHT * outline_score, span, level))
    tries.sort(key=lambda one: -one[0])
    best: Guess | None = None
    for score, span, level in tries[:SPANS_TRIED]:
        if score < SPAN_SCORE_MIN:
            break
        guess = _read_span(profile, level, layout, span)
        if guess and (best is None or guess.unexplained < best.unexplained):
            best = guess
        if best and best.sure:
            break
    return best


def _read_span(profile: Numbers, level: Numbers, layout: Layout, span: tuple[float, float]) -> Guess | None:
    module = (span[1] - span[0]) / layout.modules
    places = _around(span, layout, FINE_OFF, BENDS)
    scores = _edge_scores(level, layout, places, module)
    places = places.pick(np.argsort(-scores)[:SHORT_LIST])
    alike = np.argsort(-_outline_scores(profile, layout, places, EVEN_BLUR))
    places = places.pick(np.concatenate([np.arange(TRIED), alike[:TRIED]]))
    samples = sampled(level, layout, places.starts, places.ends, places.bends)
    even = _evened(sampled(profile, layout, places.starts, places.ends, places.bends), layout, EVEN_BLUR)
    return _best(profile, [(samples, SHARP_BLUR), (even, EVEN_BLUR)], layout, places, 1)


def read_defocused(profile: Numbers, layout: Layout) -> Guess | None:
    """As `read_layout`, for blurs so wide that no single edge is left: by the outline of the whole symbol."""
    width = len(profile)
    grid = np.meshgrid(WIDE_STARTS * width, WIDE_ENDS * width, WIDE_BENDS, indexing="ij")
    starts, ends, bends = (part.ravel().astype(np.float32) for part in grid)
    wide = ends - starts > WIDE_MIN * width
    places = Ends(starts[wide], ends[wide], bends[wide])
    scores = _outline_scores(profile, layout, places, OUTLINE_BLUR)
    places = places.pick(np.argsort(-scores)[:DEFOCUSED_TRIED])
    samples = sampled(profile, layout, places.starts, places.ends, places.bends)
    even = _evened(samples, layout, OUTLINE_BLUR)
    return _best(profile, [(even, blur) for blur in DEFOCUS_BLURS], layout, places, DEFOCUSED_FITS)


def _outline_scores(profile: Numbers, layout: Layout, places: Ends, blur: Blur) -> Numbers:
    """How alike hypotheses are to what all symbols of a layout have in common, in whatever light."""
    common = outline(layout, blur)[::OUTLINE_EVERY]
    seen = sampled(profile, layout, places.starts, places.ends, places.bends, OUTLINE_EVERY)
    along = np.linspace(-1, 1, len(common))
    trends = np.linalg.qr(np.stack([np.ones_like(along), along], axis=1))[0]
    seen = seen - (seen @ trends) @ trends.T
    common = common - trends @ (trends.T @ common)
    return np.asarray(seen @ common / (np.linalg.norm(seen, axis=1) + 1e-6))


def _evened(samples: Numbers, layout: Layout, blur: Blur) -> Numbers:
    """Hypotheses x samples in even light, as the outline of the layout tells it.

    Through a wide blur narrow bars are grey: what is brightest around them is no paper.
    """
    common = outline(layout, blur)
    along = np.linspace(-1, 1, len(common))
    columns = np.stack([np.ones_like(along), along, common, common * along])
    fit = samples @ np.linalg.pinv(columns)
    black, contrast = fit[:, :2] @ columns[:2], fit[:, 2:] @ columns[:2]
    return np.asarray((samples - black) / np.maximum(contrast, CONTRAST_MIN), np.float32)


def _best(
    profile: Numbers, views: Sequence[tuple[Numbers, Blur]], layout: Layout, places: Ends, fits: int
) -> Guess | None:
    """The best of the `fits` likeliest hypotheses, once fitted; each view is samples and a blur to try."""
    tries = []
    for samples, blur in views:
        spread = samples.var(1) * samples.shape[1] + 1e-6
        ways, errors = decode(samples, layout, blur)
        for one in np.argsort(errors / spread)[:fits]:
            tries.append((float(errors[one] / spread[one]), one, ways[one], blur))
    tries.sort(key=lambda one: one[0])
    best: Guess | None = None
    for unexplained, one, ways, blur in tries[:fits]:
        if unexplained > UNEXPLAINED_FIRST_MAX:
            break
        guess = _fitted(profile, layout, places.pick(np.array([one])), ways, blur)
        if guess and (best is None or guess.unexplained < best.unexplained):
            best = guess
    return best


def _fitted(
    profile: Numbers, layout: Layout, place: Ends, ways: npt.NDArray[np.int64], blur: Blur
) -> Guess | None:
    many = (layout.modules + 2 * QUIET) * PER_MODULE
    at = (np.arange(many) + 0.5) / PER_MODULE - QUIET
    unit = 2 * at / layout.modules - 1
    powers = np.stack([np.ones(many), unit, unit**2, unit**3])
    moved = np.zeros(many)
    samples = _sampled_at(profile, layout, place, at)
    for _ in range(STEPS):
        blur, light, shift = _matched(samples, modules_of(ways, layout), powers)
        moved = moved - np.clip(shift, -1, 1)
        samples = _sampled_at(profile, layout, place, at + moved)
        even = (samples - light[0]) / np.maximum(light[1], CONTRAST_MIN / 4)
        read, errors = decode(even[None, :].astype(np.float32), layout, blur)
        settled = (read[0] == ways).all() and np.abs(shift).max() < SETTLED_MODULES
        ways = read[0]
        if settled:
            break
    even = even.astype(np.float32)
    text = text_of(ways, layout)
    if not text:
        return None
    unexplained = float(errors[0] / ((even - even.mean()) ** 2).sum())
    lead = runner_up(even, layout, blur) / max(float(errors[0]) / many, 1e-6)
    return Guess(text, layout.name, unexplained, lead, blur, (float(place.starts[0]), float(place.ends[0])))


def _sampled_at(profile: Numbers, layout: Layout, place: Ends, at: Numbers) -> Numbers:
    share = at / layout.modules
    bend = float(place.bends[0])
    bent = share * (1 + bend) / (1 + bend * share)
    where = place.starts[0] + (place.ends[0] - place.starts[0]) * bent
    return np.asarray(np.interp(where, np.arange(len(profile)), profile))


def _matched(
    samples: Numbers, modules: str, powers: Numbers
) -> tuple[Blur, tuple[Numbers, Numbers], Numbers]:
    """The blur, the light (black, contrast) and the displacement in modules that suit a symbol best."""
    drawn = through_every_blur(modules)
    slope = np.gradient(drawn, axis=1) * PER_MODULE
    plain = np.broadcast_to(powers[:2], (len(drawn), *powers[:2].shape))
    columns = np.concatenate([plain, drawn[:, None] * powers[:3], slope[:, None] * powers], axis=1)
    square = columns @ columns.transpose(0, 2, 1)
    square += np.eye(square.shape[1]) * DAMPING
    fit = np.linalg.solve(square, columns @ samples[:, None])[:, :, 0]
    left = samples - (fit[:, None, :] @ columns)[:, 0]
    best = int((left**2).sum(1).argmin())
    contrast = fit[best, 2:5] @ powers[:3]
    # the slope is seen through the contrast: dividing by it leaves the displacement
    shift = (fit[best, 5:] @ powers) / np.maximum(contrast, CONTRAST_MIN / 4)
    return BLURS[best], (fit[best, :2] @ powers[:2], contrast), shift


def prepare() -> None:
    """Draw all templates now: the first picture need not wait the half second that it takes."""
    for layout in (EAN13, EAN8, UPC_E):
        many = (layout.modules + 2 * QUIET) * PER_MODULE
        for blur in BLURS:
            decode(np.zeros((1, many), np.float32), layout, blur)
        through_every_blur("0" * (layout.modules + 2 * QUIET))
    outline(EAN13, OUTLINE_BLUR)
