"""How well items are found and counted in a folder of photos with boxes.

The folder holds photos (in itself or in `images`) and `boxes.csv` with the columns `file`, `x_min_px`,
`y_min_px`, `x_max_px` and `y_max_px`, a row for each item, whatever it is. AP50: of all photos together, the
100 best finds of each, by falling score, each taking the free box it overlaps most, if by half or more; the
area under the interpolated curve of precision over recall, all points, equal scores entering together
(Everingham et al., "The PASCAL Visual Object Classes Challenge", IJCV 111, 2015). Count error: how far off
the count is, on average.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from store_edge.vision.detector import Detector, Floats, Picture
from store_edge.vision.items import Items, count_items, find_items
from store_edge.vision.overlap import overlaps
from store_edge.vision.scoring import NothingToScore, labels, load_photo, quantile

TABLE = "boxes.csv"
SIDES = ("x_min_px", "y_min_px", "x_max_px", "y_max_px")
FOUND_MAX = 100
OVERLAP_MIN = 0.5
DRAWS = 200
SEED = 40


@dataclass(frozen=True, slots=True)
class PhotoScore:
    """One photo: its finds by falling score, which were right, how many items there are and were counted."""

    scores: Floats
    right: npt.NDArray[np.bool_]
    items: int
    counted: int


@dataclass
class ItemScore:
    """What a folder's photos came to. `cpu_ms`: processor time of each, opening the file excluded."""

    photos: list[PhotoScore] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        ap50, count_mae = self.intervals()
        return {
            "n": len(self.photos),
            "items": sum(photo.items for photo in self.photos),
            "ap50": round(average_precision(self.photos), 4),
            "ap50_95": [round(end, 4) for end in ap50],
            "count_mae": round(count_error(self.photos), 4),
            "count_mae_95": [round(end, 4) for end in count_mae],
            "count_exact": round(float(np.mean([photo.items == photo.counted for photo in self.photos])), 4),
            "count_mae_of_two": round(float(np.mean([abs(photo.items - 2) for photo in self.photos])), 4),
            "cpu_ms_p50": round(quantile(self.cpu_ms, 0.5), 3),
            "cpu_ms_p95": round(quantile(self.cpu_ms, 0.95), 3),
            "refused": self.refused,
        }

    def intervals(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The 95 % intervals of AP50 and of the count error: bootstrap over photos, seeded."""
        chance = np.random.default_rng(SEED)
        precisions, errors = [], []
        for _ in range(DRAWS):
            drawn = [self.photos[place] for place in chance.integers(0, len(self.photos), len(self.photos))]
            precisions.append(average_precision(drawn))
            errors.append(count_error(drawn))
        return (
            (quantile(precisions, 0.025), quantile(precisions, 0.975)),
            (quantile(errors, 0.025), quantile(errors, 0.975)),
        )


def score_items(
    folder: Path, detector: Detector, progress: Callable[[int, int], None] = lambda done, of: None
) -> ItemScore:
    """Find and count the items of every photo that has boxes. One thread. Raises NothingToScore."""
    boxes = _boxes(folder)
    score = ItemScore()
    for number, (name, truth) in enumerate(boxes.items(), 1):
        progress(number, len(boxes))
        try:
            there = folder if (folder / name).exists() else folder / "images"
            picture = load_photo(there, name, colour=True)
        except ValueError as error:
            score.refused.append(f"{name}: {error}")
            continue
        _take(score, detector, picture, truth)
    if not score.photos:
        raise NothingToScore(f"no photo of {folder} could be opened; the first: {score.refused[0]}")
    return score


def _take(score: ItemScore, detector: Detector, picture: Picture, truth: Floats) -> None:
    began_s = time.thread_time()
    items = find_items(detector.look(picture))
    counted = count_items(items)
    score.cpu_ms.append(1000 * (time.thread_time() - began_s))
    scores = items.scores[:FOUND_MAX]
    score.photos.append(PhotoScore(scores, matched(items, truth), len(truth), counted))


def matched(items: Items, truth: Floats) -> npt.NDArray[np.bool_]:
    """For each of the best finds whether it took a true box (m x 4 pixels) that was free."""
    boxes = items.boxes[:FOUND_MAX]
    right = np.zeros(len(boxes), bool)
    near = overlaps(boxes, truth)
    for place in range(len(boxes)):
        best = int(near[place].argmax())
        if near[place, best] >= OVERLAP_MIN:
            right[place] = True
            near[:, best] = 0
    return right


def average_precision(photos: list[PhotoScore]) -> float:
    """AP50 of some photos together."""
    scores = np.concatenate([photo.scores for photo in photos])
    right = np.concatenate([photo.right for photo in photos])
    order = np.argsort(-scores, kind="stable")
    last_of_equals = np.append(np.diff(scores[order]) != 0, True)[: len(order)]
    hits = np.cumsum(right[order])[last_of_equals]
    if not len(hits):
        return 0.0
    precision = hits / (np.flatnonzero(last_of_equals) + 1)
    best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
    recall = np.append(0, hits) / sum(photo.items for photo in photos)
    return float((np.diff(recall) * best_from_here).sum())


def count_error(photos: list[PhotoScore]) -> float:
    """How many items the count is off, on average."""
    return float(np.mean([abs(photo.items - photo.counted) for photo in photos]))


def _boxes(folder: Path) -> dict[str, Floats]:
    """The true boxes by file. A box under 2 pixels wide or high does not count."""
    found: dict[str, list[list[float]]] = {}
    for number, row in enumerate(labels(folder, ("file", *SIDES), TABLE), 2):
        try:
            box = [float(row[side]) for side in SIDES]
        except ValueError as error:
            raise NothingToScore(f"{folder / TABLE}, line {number}: a side is no number") from error
        if not all(map(math.isfinite, box)):
            raise NothingToScore(f"{folder / TABLE}, line {number}: a side is no number")
        if box[2] - box[0] >= 2 and box[3] - box[1] >= 2:
            found.setdefault(row["file"], []).append(box)
    if not found:
        raise NothingToScore(f"{folder / TABLE} has no boxes")
    return {file: np.array(boxes, np.float32) for file, boxes in found.items()}


def item_lines(score: ItemScore) -> Iterator[str]:
    """The table for people."""
    said = score.as_json()
    yield f"  {said['n']} photos with {said['items']} items       95 % interval"
    for words, key in (("AP50", "ap50"), ("count error", "count_mae")):
        low, high = said[f"{key}_95"]
        yield f"  {words:<28} {said[key]:>6.3f}   {low:.3f} to {high:.3f}"
    yield f"  {'count error of saying 2':<28} {said['count_mae_of_two']:>6.3f}"
    yield f"  {'counted exactly':<28} {said['count_exact']:>6.1%}"
    yield (
        f"  processor time of a photo: median {said['cpu_ms_p50']:.1f} ms, p95 {said['cpu_ms_p95']:.1f} ms"
    )
    yield from (f"  not counted: {words}" for words in score.refused)
