"""The second look counts what was laid down one by one; hands, light and shadows are no things."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from store_edge.vision.empty_counter import LOOKS_MIN, EmptyCounter, smaller
from store_edge.vision.second_look import CounterLook, Picture, SecondLook
from tests.bench.composed_counter import surfaces
from tests.bench.second_look import Outcome, bottles, composed

SHARED = Path(os.environ.get("EMMA_SHARED") or Path(__file__).parents[3] / ".." / "shared")
needs_shared = pytest.mark.skipif(
    not (SHARED / "data" / "produce").is_dir(),
    reason="no photos: set EMMA_SHARED to the folder of shared data",
)
FRAME_S = 0.1
SEED, BASKETS = 7_000, 4


class Counter:
    """A counter under a camera with grain, on which things are drawn."""

    def __init__(self) -> None:
        self._chance = np.random.default_rng(5)
        self.look = SecondLook()
        self.light = 1.0
        self.things: list[tuple[int, int, int, tuple[int, int, int]]] = []
        self.hand = False
        self.shadow = False
        self._now_s = 0.0
        self.rest()

    def frame(self) -> Picture:
        scene = np.full((180, 240, 3), 150.0, np.float32)
        if self.shadow:
            dark = np.zeros((180, 240), np.float32)
            dark[40:120, 30:200] = 0.25
            scene *= 1 - cv2.blur(dark, (31, 31))[:, :, None]
        for x, y, radius, colour in self.things:
            cv2.circle(scene, (x, y), radius, colour, -1)
        if self.hand:
            cv2.line(scene, (120, 179), (120, 90), (110, 140, 200), 22)
        noisy = scene * self.light + self._chance.normal(0, 2, scene.shape)
        return np.asarray(np.clip(noisy, 0, 255), np.uint8)

    def rest(self, frames: int = 12) -> CounterLook:
        for _ in range(frames):
            self._now_s += FRAME_S
            said = self.look.look(self.frame(), self._now_s)
        return said

    def lay(
        self, x: int, y: int, colour: tuple[int, int, int] = (30, 60, 200), radius: int = 18
    ) -> CounterLook:
        self.hand = True
        self.rest(3)
        self.hand = False
        self.things.append((x, y, radius, colour))
        return self.rest()


def test_things_that_come_and_go_are_counted_also_on_one_another() -> None:
    counter = Counter()
    assert counter.rest() == CounterLook(True, 0, 0.95)
    assert counter.lay(60, 60).pieces == 1
    assert counter.lay(150, 60, (40, 170, 40)).pieces == 2
    assert counter.lay(75, 70, (180, 40, 40)).pieces == 3  # on the first
    assert counter.lay(70, 62, (0, 200, 220), 9).pieces == 4  # wholly on others
    counter.things.pop()
    assert counter.rest().pieces == 3
    counter.things.clear()
    assert counter.rest() == CounterLook(True, 0, 0.95)


def test_two_laid_down_at_once_and_one_moved() -> None:
    counter = Counter()
    counter.things.append((60, 60, 18, (30, 60, 200)))
    assert counter.lay(160, 90, (40, 170, 40)).pieces == 2
    counter.things[0] = (60, 130, 18, (30, 60, 200))
    assert counter.rest().pieces == 2


def test_a_hand_that_stays_is_waited_for() -> None:
    counter = Counter()
    counter.lay(60, 60)
    counter.hand = True
    assert counter.rest(40).settled is False
    counter.hand = False
    assert counter.rest() == CounterLook(True, 1, 0.95)


@pytest.mark.parametrize("light", [0.7, 1.4])
def test_light_and_shadow_are_no_things(light: float) -> None:
    counter = Counter()
    counter.lay(60, 60)
    counter.light = light
    assert counter.rest() == CounterLook(True, 1, 0.95)
    counter.shadow = True
    assert counter.rest().pieces == 1


def test_it_says_nothing_before_it_knows_the_empty_counter() -> None:
    look = SecondLook()
    picture = np.full((60, 80, 3), 120, np.uint8)
    said = [look.look(picture, number * FRAME_S) for number in range(LOOKS_MIN + 8)]
    assert said[LOOKS_MIN - 1] == CounterLook(False, 0, 0.5)
    assert said[-1] == CounterLook(True, 0, 0.95)
    with pytest.raises(ValueError, match="not learnt"):
        EmptyCounter().things(smaller(picture))


def test_another_size_of_picture_is_learnt_anew() -> None:
    counter = Counter()
    counter.lay(60, 60)
    said = counter.look.look(np.full((90, 90, 3), 99, np.uint8), 99.0)
    assert said == CounterLook(False, 0, 0.5)


@pytest.mark.parametrize("shape", [(0, 0, 3), (4, 90, 3), (90, 90), (90, 90, 4)])
def test_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="height, width and three bytes"):
        SecondLook().look(np.zeros(shape, np.uint8), 0.0)


def test_a_picture_of_40_megapixels_is_looked_at_small() -> None:
    assert smaller(np.full((5000, 8000, 3), 9, np.uint8)).shape == (150, 240, 3)


@needs_shared
def test_composed_baskets_without_an_alarm_and_with_what_was_passed_by() -> None:
    things, outcome = surfaces(SHARED / "data" / "produce"), Outcome()
    composed(things, range(SEED, SEED + BASKETS), passed_by=False, into=outcome)
    composed(things, range(SEED + BASKETS, SEED + 2 * BASKETS), passed_by=True, into=outcome)
    assert outcome.right >= 0.95 * outcome.moments > 0
    assert outcome.alarms == []
    assert outcome.noticed >= BASKETS - 1


@needs_shared
def test_real_bottles_on_a_table() -> None:
    outcome = bottles(SHARED / "data" / "video" / "bottle-detection.mp4")
    assert outcome.moments >= 90
    assert outcome.right >= 0.98 * outcome.moments
