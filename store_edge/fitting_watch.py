"""Ending stays in cabins that nobody ends, and calling again for what nobody takes or carries out.

What counts is how long something has been as it is, by a clock that is never set: a wall clock put right by
a day must not end a session, or keep one. A restart gives everything its whole time once more.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING

from checkout.errors import Refused
from mirror.requests import ASKED
from store_edge.worker import Worker

if TYPE_CHECKING:
    from store_edge.box import Box

log = logging.getLogger(__name__)

LOOK_UP_S = 0.5
RETRY_S = 5.0


class FittingWatch(Worker):
    """The thread that looks at the cabins twice a second."""

    def __init__(self, box: Box, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__("cabins")
        self._box = box
        self._clock = clock
        self._since_s: dict[Hashable, float] = {}
        """Since when each thing has been as it is."""

    def look(self) -> None:
        """End, escalate and report what is due."""
        room, limits = self._box.fitting_room, self._box.settings.limits
        sessions, forsaken = self._box.fittings.all(), self._box.fittings.forsaken()
        here = {session.cabin for session in sessions}
        due = self._due(
            [
                *((("idle", one.id, one.version), limits.cabin_idle_s) for one in sessions),
                *(
                    (("empty", one.id, one.empty_since), limits.cabin_empty_s)
                    for one in sessions
                    if one.empty_since
                ),
                *(
                    (("asked", request.id), limits.request_s)
                    for one in sessions
                    for request in one.waiting
                    if request.state == ASKED and not request.escalated
                ),
                *((("left", one.epc, one.since), limits.left_behind_s) for one in forsaken if not one.told),
            ]
        )
        for session in sessions:
            if ("empty", session.id, session.empty_since) in due:
                room.end(session.cabin, "empty", seen=session)
            elif ("idle", session.id, session.version) in due:
                room.end(session.cabin, "idle", seen=session)
            for request in session.waiting:
                if ("asked", request.id) in due:
                    room.requests.escalate(request.id)
        for garment in forsaken:
            if ("left", garment.epc, garment.since) in due:
                room.left_behind(garment.epc)
        for cabin in {*self._box.settings.cabins} & {*self._box.books.lanes_in_use()} - here:
            room.clear_basket(cabin)

    def _live(self) -> None:
        while not self._stopping.is_set():
            try:
                self.look()
                self._stopping.wait(LOOK_UP_S)
            except Refused as refused:  # the till is closed for a while
                log.error("a cabin could not be seen to reason=%s", refused.reason)
                self._stopping.wait(RETRY_S)
            except Exception:
                log.exception("the watch over the cabins stumbled")
                self._stopping.wait(RETRY_S)

    def _due(self, states: Iterable[tuple[Hashable, float]]) -> set[Hashable]:
        """Those that have lasted for their limit in seconds; what is over is forgotten."""
        now_s, limits = self._clock(), dict(states)
        self._since_s = {state: self._since_s.get(state, now_s) for state in limits}
        return {state for state, limit_s in limits.items() if now_s - self._since_s[state] >= limit_s}
