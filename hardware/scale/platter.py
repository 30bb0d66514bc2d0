"""What a shop scale does with a load: it settles, rounds to its division, has a zero, a tare and a range.

Source: OIML R 76-1 (2006), class III: 3.2 (division), 4.2.3 (at most 9 divisions above the maximum),
4.5.1 (zero is set within 4 % of the maximum), 4.6 (tare).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

ABOVE_MAX_DIVISIONS = 9
BELOW_ZERO_DIVISIONS = 20
ZERO_RANGE_SHARE = 0.02
"""To either side, of the maximum."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the display says: net grams, and why they may not count."""

    weight_g: int
    motion: bool
    under: bool
    over: bool
    net: bool
    zero_range: bool
    """The gross weight is near enough to zero to be made the new zero."""

    @property
    def counts(self) -> bool:
        """True for a settled weight within the range; it may be nothing."""
        return not (self.motion or self.under or self.over)


class Platter:
    """The weighing part of an emulated scale; may be touched from any thread."""

    def __init__(
        self,
        *,
        max_g: int = 15_000,
        division_g: int = 5,
        settle_s: float = 0.4,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.max_g, self.division_g = max_g, division_g
        self._settle_s = settle_s
        self._clock = clock
        self._lock = threading.Lock()
        self._load_g = 0
        self._zero_g = 0
        self._tare_g = 0
        self._settled_at_s = clock()

    def load(self, weight_g: int) -> None:
        """Let exactly this lie on it; negative when somebody lifts the platter."""
        with self._lock:
            self._load_g = weight_g
            self._settled_at_s = self._clock() + self._settle_s

    def shown(self) -> Shown:
        """What the display says now."""
        with self._lock:
            return self._shown()

    def set_zero(self) -> bool:
        """Call what lies on it nothing; False when it moves, is tared, or that is too much."""
        with self._lock:
            shown = self._shown()
            if shown.motion or shown.net or not shown.zero_range:
                return False
            self._zero_g = self._load_g
            return True

    def take_tare(self, tare_g: int | None = None) -> bool:
        """Weigh without `tare_g` (0: with everything), or without what lies on it now; False if it cannot."""
        with self._lock:
            shown = self._shown()
            tare_g = self._gross_g() if tare_g is None else tare_g
            if shown.motion or not 0 <= tare_g <= self.max_g or tare_g % self.division_g:
                return False
            self._tare_g = tare_g
            return True

    def _gross_g(self) -> int:
        load_g, division_g = self._load_g - self._zero_g, self.division_g
        return (2 * load_g + division_g) // (2 * division_g) * division_g

    def _shown(self) -> Shown:
        gross_g = self._gross_g()
        return Shown(
            weight_g=gross_g - self._tare_g,
            motion=self._clock() < self._settled_at_s,
            under=gross_g < -BELOW_ZERO_DIVISIONS * self.division_g or gross_g - self._tare_g < 0,
            over=gross_g > self.max_g + ABOVE_MAX_DIVISIONS * self.division_g,
            net=self._tare_g > 0,
            zero_range=abs(self._load_g) <= ZERO_RANGE_SHARE * self.max_g,
        )
