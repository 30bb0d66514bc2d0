"""How much processor time the dear readers get: more, the longer somebody holds something up unread."""

from __future__ import annotations

import math

from store_edge.vision.codes import DEEP_MS_MAX

DEEP_EVERY_S = 0.2
"""Some frames a second only: the others must not wait. Two of these looks still fall into one second."""
LONGEST_MS = 8 * DEEP_MS_MAX
"""A hard picture on a slow machine has been read by then; who waits will wait for this."""


class Effort:
    """Asked before each picture, told after it."""

    def __init__(self) -> None:
        self._looked_s = -math.inf
        self._ms = DEEP_MS_MAX
        self._gave_up = False

    def deep_ms(self, now_s: float) -> float:
        """Processor time for the dear readers in the picture of `now_s` (monotonic seconds); 0 for none."""
        if now_s - self._looked_s < DEEP_EVERY_S:
            return 0.0
        self._looked_s = now_s
        return self._ms

    def found(self, *, there: bool, read: bool, deep: bool) -> None:
        """What the picture had: something, a code? After a `deep` look in vain the next takes longer."""
        if not there:
            self._ms, self._gave_up = DEEP_MS_MAX, False
        elif deep and not read and not self._gave_up:
            self._ms = min(2 * self._ms, LONGEST_MS)

    def give_up(self) -> None:
        """The shopper was told: what lies there gets no more time than anything else."""
        self._ms, self._gave_up = DEEP_MS_MAX, True
