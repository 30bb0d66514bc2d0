"""Baskets laid on a counter, composed from real surfaces: what a fixed camera sees while somebody bags goods.

Method. Cut-outs: the middle of a produce photo (`../shared/data/produce/train`), as rounded shape of random
size, proportion and angle. A counter of brushed metal, dark, middle or pale, lit from one side. A hand with
an arm comes over the picture's rim for each thing and goes; a thing may lie up to two fifths on others and
throws a soft shadow, and now and then one is taken away or put elsewhere. The light wanders, and jumps once
in a basket. Every frame has a sensor's grain. All of it follows from one seed; nothing is written.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

HEIGHT, WIDTH = 240, 320
FRAME_S = 0.125
ARRIVES, LIES, EMPTY = 4, 9, 8
"""Frames of a hand's way, of a rest, of the empty counter before a basket."""
COVERED_MAX = 0.4
RIM = 14
GRAIN, GRAINS = 3.0, 4
"""The standard deviation of a value; so many fields of it, each shifted anew for every frame."""
CUT_OUTS = 120
TAKEN_AWAY, PUT_ELSEWHERE = 0.1, 0.1


@dataclass(frozen=True)
class Thing:
    picture: Floats
    mask: Floats
    """Height x width of the counter, 0 to 1."""


@dataclass(frozen=True)
class Moment:
    """A frame. `pieces`: how many things lie there, None while a hand is in the picture."""

    picture: Picture
    at_s: float
    pieces: int | None
    scanned: int


@dataclass
class Basket:
    """`passed_by`: the last thing is laid down without having been scanned."""

    seed: int
    surfaces: list[Picture]
    passed_by: bool = False
    at_s: float = 0.0
    lying: list[Thing] = field(default_factory=list)
    scanned: int = 0

    def moments(self) -> Iterator[Moment]:
        """Frame after frame, from the empty counter to the last thing."""
        self._chance = np.random.default_rng(self.seed)
        self._counter = self._bare()
        grains = (self._chance.standard_normal((HEIGHT, WIDTH, 3), np.float32) for _ in range(GRAINS))
        self._grains = [GRAIN * grain for grain in grains]
        self._light, self._jump_at = 1.0, int(self._chance.integers(1, 4))
        yield from self._rest(EMPTY)
        things = int(self._chance.integers(1, 7))
        for turn in range(things):
            if turn == self._jump_at:
                self._light *= float(self._chance.choice([0.8, 1.25]))
            draw = self._chance.random()
            if self.lying and draw < TAKEN_AWAY:
                yield from self._carried(self.lying.pop())
                self.scanned -= 1  # voided by the shopper
                yield from self._rest(LIES)
            elif self.lying and draw < TAKEN_AWAY + PUT_ELSEWHERE:
                yield from self._carried(self.lying.pop())
                yield from self._laid(turn)
            self.scanned += not (self.passed_by and turn == things - 1)
            yield from self._laid(turn)

    def _laid(self, turn: int) -> Iterator[Moment]:
        thing = self._placed()
        yield from self._carried(thing)
        self.lying.append(thing)
        yield from self._rest(LIES)

    def _rest(self, frames: int) -> Iterator[Moment]:
        scene = self._scene()
        for _ in range(frames):
            yield self._frame(scene, len(self.lying))

    def _carried(self, thing: Thing) -> Iterator[Moment]:
        """The hand comes, is over the thing's place, and goes."""
        rows, columns = np.nonzero(thing.mask > 0.5)
        to = np.array([columns.mean(), rows.mean()])
        start = np.array([to[0] + self._chance.normal(0, 60), HEIGHT + 30.0])
        skin = np.array(self._chance.choice([[110, 140, 190], [60, 90, 140], [150, 170, 215]]), np.float32)
        scene = self._scene()
        for share in np.linspace(0.4, 1.0, ARRIVES):
            tip = start + share * (to - start)
            arm = np.zeros((HEIGHT, WIDTH), np.uint8)
            cv2.line(arm, tuple(start.astype(int).tolist()), tuple(tip.astype(int).tolist()), 1, 26)
            cv2.circle(arm, tuple(tip.astype(int).tolist()), 22, 1, -1)
            soft = cv2.blur(arm.astype(np.float32), (5, 5))[:, :, None]
            yield self._frame(np.asarray(scene * (1 - soft) + skin * soft, np.float32), None)

    def _frame(self, scene: Floats, pieces: int | None) -> Moment:
        self._light *= float(np.exp(self._chance.normal(0, 0.004)))
        grain = self._grains[int(self._chance.integers(GRAINS))]
        grain = np.roll(grain, self._chance.integers(0, HEIGHT, 2), (0, 1))
        picture = np.clip(scene * self._light + grain, 0, 255).astype(np.uint8)
        self.at_s += FRAME_S
        return Moment(picture, self.at_s, pieces, self.scanned)

    def _scene(self) -> Floats:
        scene = self._counter
        for thing in self.lying:
            shadow = cv2.blur(np.roll(thing.mask, (4, 5), (0, 1)), (15, 15))[:, :, None]
            scene = scene * (1 - 0.3 * shadow)
            scene = scene * (1 - thing.mask[:, :, None]) + thing.picture * thing.mask[:, :, None]
        return scene

    def _bare(self) -> Floats:
        tone = np.array(self._chance.choice([[150, 155, 158], [105, 108, 112], [190, 196, 200]]), np.float32)
        brushed = cv2.blur(self._chance.normal(0, 14, (HEIGHT, WIDTH)).astype(np.float32), (25, 1))
        lamp = np.linspace(1.1, 0.85, WIDTH, dtype=np.float32)[None, :, None]
        return np.asarray((tone + brushed[:, :, None]) * lamp, np.float32)

    def _placed(self) -> Thing:
        """A thing where it covers others by no more than `COVERED_MAX`, and is covered no further."""
        surface = self.surfaces[int(self._chance.integers(len(self.surfaces)))]
        for _ in range(200):
            axes = self._chance.uniform(18, 36, 2)
            angle = float(self._chance.uniform(0, 180))
            reach = int(axes.max()) + RIM
            x = int(self._chance.integers(reach, WIDTH - reach))
            y = int(self._chance.integers(reach, HEIGHT - reach))
            mask = np.zeros((HEIGHT, WIDTH), np.uint8)
            cv2.ellipse(mask, (x, y), (int(axes[0]), int(axes[1])), angle, 0, 360, 1, -1)
            shared = [float((mask * (other.mask > 0.5)).sum()) for other in self.lying]
            least = [min(float(mask.sum()), float((other.mask > 0.5).sum())) for other in self.lying]
            if all(part <= COVERED_MAX * area for part, area in zip(shared, least, strict=True)):
                break
        picture = np.zeros((HEIGHT, WIDTH, 3), np.float32)
        side = 2 * int(axes.max())
        patch = cv2.resize(surface, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
        top, left = y - side // 2, x - side // 2
        picture[top : top + side, left : left + side] = patch
        return Thing(picture, cv2.blur(mask.astype(np.float32), (3, 3)))


def surfaces(produce: Path, seed: int = 40) -> list[Picture]:
    """The middles of photos, drawn by the seed, 96 x 96 pixels."""
    with (produce / "train.csv").open(newline="", encoding="utf-8") as lines:
        files = sorted(row["file"] for row in csv.DictReader(lines))
    drawn = np.random.default_rng(seed).choice(len(files), CUT_OUTS, replace=False)
    found = []
    for place in drawn.tolist():
        photo = cv2.imread(str(produce / files[place]), cv2.IMREAD_REDUCED_COLOR_2)
        assert photo is not None, files[place]
        height, width = photo.shape[:2]
        side = min(height, width) // 2
        middle = photo[(height - side) // 2 :, (width - side) // 2 :][:side, :side]
        found.append(np.asarray(cv2.resize(middle, (96, 96), interpolation=cv2.INTER_AREA), np.uint8))
    return found
