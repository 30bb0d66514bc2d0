"""The counter's second look: how many things lie on a fixed counter that was seen empty before.

Looked at is not the heap but what changed: whenever the counter has come to rest, it is compared with how it
lay before. What came is remembered with its place; what was taken frees it. So things may lie on one another,
as long as they came one after another. While a hand is there nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from store_edge.vision.empty_counter import (
    EmptyCounter,
    Floats,
    Mask,
    Picture,
    differing,
    outline_strength,
    pieces,
    smaller,
    stirred,
)

REST_S = 0.5
"""So long nothing may move before the counter counts as at rest."""
STIR_SHARE_MAX = 0.002
PIECES_MAX = 100
NEAR_PIXELS = 9
"""Parts that came together and so near are one thing, of which a bit looks like the counter."""
CLEAR = 0.15
"""What changed has come or gone when its parts on things, then and now, differ by more than this share."""
COVERED = 0.85
"""Of a change that lies so far on things both times, the rim tells which way it went."""
RIM_GONE = 0.04
"""A rim that faded by so much, as a logarithm, is not there any more."""
ALIKE = 0.6
"""Two outlines are the same thing's when they share so much of what both cover."""
TAKEN = 0.55
"""A thing is gone when so much of its place changed."""
SURE, UNSURE = 0.95, 0.5


@dataclass(frozen=True, slots=True)
class CounterLook:
    """What lies on the counter. `settled`: False while something moves; then the rest is as it was last.

    `pieces`: how many things; `sure`: from 0 to 1.
    """

    settled: bool
    pieces: int
    sure: float


class SecondLook:
    """Counts what lies before one camera. Holds two small pictures in memory, and no others."""

    def __init__(self, rest_s: float = REST_S) -> None:
        self._rest_s = rest_s
        self._empty = EmptyCounter()
        self._learning = True
        self._last: Floats | None = None
        self._rests_since_s: float | None = None
        self._before: Floats | None = None
        self._things_before: Mask | None = None
        self._places: list[Mask] = []
        self._sure = SURE
        self._judged = False

    def learn_empty(self) -> None:
        """From now on the counter is empty, until it was learnt; staff say so."""
        self.__init__(self._rest_s)  # type: ignore[misc]

    def look(self, picture: Picture, now_s: float) -> CounterLook:
        """Take in a picture (height x width x 3, BGR) at `now_s` (monotonic seconds). ValueError for none."""
        small = smaller(picture)
        rests = self._comes_to_rest(small, now_s)
        if not self._empty.known or self._before is None:
            self._learn(small)
            return CounterLook(False, 0, UNSURE)
        if not rests:
            return self._said(False)
        if not self._judged:
            self._judged = self._judge(small)
        return self._said(self._judged)

    def _said(self, settled: bool) -> CounterLook:
        return CounterLook(settled, len(self._places), self._sure)

    def _learn(self, small: Floats) -> None:
        self._empty.learn(small)
        if self._empty.known:
            self._before = small
            self._things_before = np.zeros(small.shape[:2], np.uint8)

    def _comes_to_rest(self, small: Floats, now_s: float) -> bool:
        """Whether nothing has moved for long enough. A picture of another size begins anew."""
        last, self._last = self._last, small
        if last is None or last.shape != small.shape:
            if last is not None:
                self.learn_empty()
                self._last = small
            return False
        if stirred(small, last) > STIR_SHARE_MAX or self._rests_since_s is None:
            self._rests_since_s = now_s
            self._judged = False
        return now_s - self._rests_since_s >= self._rest_s

    def _judge(self, small: Floats) -> bool:
        """Count what came and went since the last rest. False while somebody reaches in."""
        assert self._before is not None
        assert self._things_before is not None
        things = self._empty.things(small)
        if any(_reaches_in(part) for part in pieces(things)):
            return False
        if not things.any():
            self._places, self._sure = [], SURE
        else:
            self._compare(small, things)
        self._empty.learn(small, 1 - things)
        self._before, self._things_before = small, things
        return True

    def _compare(self, small: Floats, things: Mask) -> None:
        """Take away what went since the last rest, add what came."""
        assert self._before is not None
        came = np.zeros_like(things)
        for part in pieces(differing(small, self._before)):
            way = self._way(part, small, things)
            if way > 0:
                came |= part
            elif way < 0:
                left = [place for place in self._places if not _taken(place, part, things)]
                if len(left) == len(self._places):
                    self._sure = UNSURE
                self._places = left
        near = cv2.dilate(came, np.ones((NEAR_PIXELS, NEAR_PIXELS), np.uint8))
        arrived = [group & came for group in pieces(np.asarray(near, np.uint8))]
        self._places = [*self._places, *arrived][:PIECES_MAX]

    def _way(self, part: Mask, small: Floats, things: Mask) -> float:
        """Above 0 where what changed came, below where it went, 0 where it is neither."""
        assert self._before is not None
        assert self._things_before is not None
        inside = part > 0
        now, then = float(things[inside].mean()), float(self._things_before[inside].mean())
        if max(now, then) < CLEAR:
            return 0  # a shadow
        if abs(now - then) > CLEAR:
            return now - then
        if now < COVERED:
            return 0  # moved a little
        clearer = outline_strength(small, part) - outline_strength(self._before, part)
        if clearer > -RIM_GONE and any(_alike(part, place) for place in self._places):
            return 0  # the thing that lies there, turned or in another light
        return clearer


def _taken(place: Mask, part: Mask, things: Mask) -> bool:
    """Whether a thing went with what changed. What lay beneath a larger one still lies there."""
    where = place > 0
    beneath = float(things[where].mean()) > COVERED and not _alike(place, part)
    return float(part[where].mean()) >= TAKEN and not beneath


def _alike(one: Mask, other: Mask) -> bool:
    return int((one & other).sum()) > ALIKE * int((one | other).sum())


def _reaches_in(part: Mask) -> bool:
    """An arm comes over the picture's rim; goods lie inside."""
    return bool(part[0].any() or part[-1].any() or part[:, 0].any() or part[:, -1].any())
