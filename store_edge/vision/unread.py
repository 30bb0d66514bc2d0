"""Noticing that somebody holds something before the camera whose code it cannot read.

Only somebody who waits is told, and once: what was read already may lie there as long as it likes, and a
counter that never was empty (a pattern, a lamp in the glass) is no reason to speak.
"""

from __future__ import annotations

PATIENCE_S = 2.5
"""So long something must lie there unread: turning it takes a moment."""
GONE_S = 0.5
"""So long the counter must be empty before something new has come."""


class Unread:
    """Fed with each picture's findings, says once for each thing that it could not be read."""

    def __init__(self, patience_s: float = PATIENCE_S, gone_s: float = GONE_S) -> None:
        self._patience_s = patience_s
        self._gone_s = gone_s
        self._settled = True
        self._empty_since_s: float | None = None
        self._there_since_s: float | None = None

    def look(self, *, there: bool, read: bool, now_s: float) -> bool:
        """Take in one picture at `now_s` (monotonic seconds): was there anything, could a code be read?

        True if the shopper should be told now.
        """
        if not there:
            self._empty(now_s)
            return False
        self._empty_since_s = None
        self._settled = self._settled or read
        if self._settled:
            return False
        if self._there_since_s is None:
            self._there_since_s = now_s
        self._settled = now_s - self._there_since_s >= self._patience_s
        return self._settled

    def _empty(self, now_s: float) -> None:
        if self._empty_since_s is None:
            self._empty_since_s = now_s
        if now_s - self._empty_since_s >= self._gone_s:
            self._settled = False
            self._there_since_s = None
