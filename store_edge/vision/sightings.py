"""What single frames show becomes "a code was put before the camera", once each time one is shown."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from hardware.readings import Scan

CODES_REMEMBERED_MAX = 256
PAUSE_S_MAX = 0.5
"""However long no picture came, it counts as this long at most: what nobody saw go has not gone."""


@dataclass
class _Sight:
    """One code: the frames that showed it lately (number, seconds); was it reported since it came?"""

    seen: deque[tuple[int, float]] = field(default_factory=deque)
    last_watched_s: float = 0.0
    reported: bool = False


class Sightings:
    """Turns what single frames show into "a code was put before the camera", once each time.

    A code counts when `votes` frames show it, within `window_s` or one after the other, so that one misread
    frame is not a sale; it counts again only after frames of `away_s` have not shown it, so that a code left
    lying is not sold twice. A slow or stalling camera is no absence: between two frames at most `PAUSE_S_MAX`
    have passed.
    """

    def __init__(self, votes: int = 2, window_s: float = 1.0, away_s: float = 1.5) -> None:
        """ValueError unless at least one vote is asked and a code is not away while still being counted."""
        if votes < 1 or not 0 < window_s <= away_s:
            raise ValueError(f"votes={votes}, window_s={window_s}, away_s={away_s} make no sense together")
        self._votes = votes
        self._window_s = window_s
        self._away_s = away_s
        self._frame = 0
        self._last_s: float | None = None
        self._watched_s = 0.0
        self._sights: OrderedDict[Scan, _Sight] = OrderedDict()

    def news(self, scans: Iterable[Scan], now_s: float) -> list[Scan]:
        """Take in one frame's codes at `now_s` (monotonic seconds); give those to report now."""
        self._watch(now_s)
        fresh = []
        for scan in dict.fromkeys(scans):
            sight = self._sights.setdefault(scan, _Sight())
            self._sights.move_to_end(scan)
            sight.last_watched_s = self._watched_s
            sight.seen.append((self._frame, now_s))
            while len(sight.seen) > self._votes:
                sight.seen.popleft()
            if not sight.reported and self._is_believed(sight):
                sight.reported = True
                fresh.append(scan)
        while len(self._sights) > CODES_REMEMBERED_MAX:
            self._sights.popitem(last=False)
        return fresh

    def _watch(self, now_s: float) -> None:
        """Another frame: time passes, and what was not seen for long enough is forgotten."""
        self._frame += 1
        if self._last_s is not None:
            self._watched_s += min(now_s - self._last_s, PAUSE_S_MAX)
        self._last_s = now_s
        since_s = self._watched_s - self._away_s
        for scan in [scan for scan, sight in self._sights.items() if sight.last_watched_s <= since_s]:
            del self._sights[scan]

    def _is_believed(self, sight: _Sight) -> bool:
        (first, first_s), (last, last_s) = sight.seen[0], sight.seen[-1]
        if len(sight.seen) < self._votes:
            return False
        return last_s - first_s <= self._window_s or last - first == self._votes - 1
