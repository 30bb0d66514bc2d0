"""How each device is, for screens and for `emma check`."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

STARTING, WELL, LOST = "starting", "well", "lost"


@dataclass(frozen=True, slots=True)
class Health:
    """One device's state; `reason` is a sentence for staff while it is lost."""

    device: str
    driver: str
    lane: str
    state: str
    since: dt.datetime
    reason: str = ""
    losses: int = 0
    dropped: int = 0
    """What it said and nobody fetched in time."""


class HealthBoard:
    """All devices of this process; written by their agents, read by anybody."""

    def __init__(self, clock: Callable[[], dt.datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._board: dict[str, Health] = {}

    def enter(self, device: str, driver: str, lane: str) -> None:
        with self._lock:
            self._board[device] = Health(device, driver, lane, STARTING, self._clock())

    def change(self, device: str, state: str, reason: str = "") -> bool:
        """Note a state; True if it is news."""
        with self._lock:
            before = self._board[device]
            if before.state == state:
                return False
            lost_again = state == LOST
            self._board[device] = replace(
                before,
                state=state,
                since=self._clock(),
                reason=reason,
                losses=before.losses + lost_again,
            )
            return True

    def drop(self, device: str, count: int) -> None:
        """Note that so much of what the device said was lost in a full queue."""
        with self._lock:
            before = self._board[device]
            self._board[device] = replace(before, dropped=before.dropped + count)

    def all(self) -> tuple[Health, ...]:
        with self._lock:
            return tuple(self._board[name] for name in sorted(self._board))

    def of(self, device: str) -> Health | None:
        with self._lock:
            return self._board.get(device)
