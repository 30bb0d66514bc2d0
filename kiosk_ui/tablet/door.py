"""The door of the tablets: a PIN says who comes in, and wrong ones make the next try wait.

Each tablet that a clerk has signed in on counts its own wrong PINs. All others together count as one
stranger: browsers can be had for nothing in a shop's own network, and six digits stand only as long as nobody
may try many of them. So a stranger locks out strangers for a while, and nobody at a tablet of the shop's.
"""

from __future__ import annotations

import datetime as dt
import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from checkout.staff import Clerk
from store_edge.clerks import Clerks

ATTEMPTS_MAX = 5
"""Wrong PINs in a row until the door is locked for a while."""
LOCK_S_MIN, LOCK_S_MAX = 60, 900
"""The first lock, doubled for every further one until a right PIN comes."""
TABLETS_MAX = 256
"""More than a shop has; who was not seen longest is a stranger again."""
STRANGER = ""


@dataclass
class _Tries:
    """What one tablet has tried."""

    wrong: int = 0
    lock_s: int = 0
    locked_at: dt.datetime | None = None

    def left_s(self, now: dt.datetime) -> int:
        if self.locked_at is None:
            return 0
        gone_s = (now - self.locked_at).total_seconds()
        # A clock that was set back must not lock staff out for a day.
        return math.ceil(self.lock_s - gone_s) if 0 <= gone_s < self.lock_s else 0

    def went_wrong(self, now: dt.datetime) -> None:
        self.wrong += 1
        if self.wrong >= ATTEMPTS_MAX:
            self.wrong, self.locked_at = 0, now
            self.lock_s = min(max(2 * self.lock_s, LOCK_S_MIN), LOCK_S_MAX)


class Door:
    """Counts wrong PINs by tablet; `clock` gives moments with a zone.

    The counts live in this process: starting the shop anew, which no stranger can, forgets them.
    """

    def __init__(self, clerks: Clerks, clock: Callable[[], dt.datetime]) -> None:
        self._clerks = clerks
        self._clock = clock
        self._lock = threading.Lock()
        self._stranger = _Tries()
        self._tablets: OrderedDict[str, _Tries] = OrderedDict()

    def know(self, tablet: str) -> None:
        """From now on this tablet, on which a clerk has signed in, counts for itself."""
        with self._lock:
            self._tablets.setdefault(tablet, _Tries())
            self._tablets.move_to_end(tablet)
            while len(self._tablets) > TABLETS_MAX:
                self._tablets.popitem(last=False)

    def locked_for_s(self, tablet: str = STRANGER) -> int:
        """Whole seconds until somebody may try again here; 0 if now."""
        with self._lock:
            return self._tries(tablet).left_s(self._clock())

    def try_pin(self, typed: str, tablet: str = STRANGER) -> Clerk | None:
        """Who may come in with that. A locked door opens to nobody; one guess is looked at at a time."""
        with self._lock:
            tries = self._tries(tablet)
            if tries.left_s(self._clock()) > 0:
                return None
            clerk = self._clerks.by_pin(typed)
            if clerk is None:
                tries.went_wrong(self._clock())
            else:
                tries.wrong, tries.lock_s = 0, 0
            return clerk

    def _tries(self, tablet: str) -> _Tries:
        return self._tablets.get(tablet, self._stranger)
