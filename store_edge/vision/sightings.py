"""What single frames show becomes "a code was put before the camera", once each time one is shown."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from hardware.readings import Scan

CODES_REMEMBERED_MAX = 256


@dataclass
class _Sight:
    """One code: when it was seen lately, and whether it was reported since it came."""

    seen_s: deque[float] = field(default_factory=deque)
    reported: bool = False


class Sightings:
    """Turns what single frames show into "a code was put before the camera", once each time.

    A code counts when `votes` frames within `window_s` show it, so that one
    misread frame is not a sale; it counts again only after no frame has shown it
    for `away_s`, so that a code left lying is not sold twice.
    """

    def __init__(self, votes: int = 2, window_s: float = 1.0, away_s: float = 1.5) -> None:
        """ValueError unless at least one vote is asked and a code is not away while still being counted."""
        if votes < 1 or not 0 < window_s <= away_s:
            raise ValueError(f"votes={votes}, window_s={window_s}, away_s={away_s} make no sense together")
        self._votes = votes
        self._window_s = window_s
        self._away_s = away_s
        self._sights: OrderedDict[Scan, _Sight] = OrderedDict()

    def news(self, scans: Iterable[Scan], now_s: float) -> list[Scan]:
        """Take in one frame's codes at `now_s` (monotonic seconds); give those to report now."""
        self._forget(now_s)
        fresh = []
        for scan in dict.fromkeys(scans):
            sight = self._sights.setdefault(scan, _Sight())
            self._sights.move_to_end(scan)
            sight.seen_s.append(now_s)
            while len(sight.seen_s) > self._votes:
                sight.seen_s.popleft()
            enough = len(sight.seen_s) == self._votes and now_s - sight.seen_s[0] <= self._window_s
            if enough and not sight.reported:
                sight.reported = True
                fresh.append(scan)
        while len(self._sights) > CODES_REMEMBERED_MAX:
            self._sights.popitem(last=False)
        return fresh

    def _forget(self, now_s: float) -> None:
        gone = [scan for scan, sight in self._sights.items() if now_s - sight.seen_s[-1] >= self._away_s]
        for scan in gone:
            del self._sights[scan]
