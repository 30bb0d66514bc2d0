"""What follows from what, on one page.

Each row says: when this was announced, the store does that. The reader of this
map keeps its place in a cursor, so nothing is skipped over a crash; what a row
does may therefore happen twice and must not mind.

Elsewhere, because a device or the network is in it:
    PaymentAsked       -> the lane's terminal is asked          devices/terminal.py
    PaymentStopAsked   -> the terminal is told to let go        devices/terminal.py
    SaleCompleted      -> the receipt is printed                devices/printer.py
    ShopperIdentified  -> head office is asked who that is      sync/visits.py
    everything         -> is sent to head office                sync/outbox.py
    nothing any more   -> the basket left behind is ended       idle.py
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from checkout import events
from store_edge.db.books import StorePage
from store_edge.db.journal import Entry, set_cursor

if TYPE_CHECKING:
    from store_edge.box import Box

log = logging.getLogger(__name__)

READER = "reactions"
LOOK_UP_S = 0.5
STOP_WAIT_S_MAX = 5.0
RETRY_PAUSE_S = 1.0


def call_staff_to_device(page: StorePage, event: events.DeviceLost, lane: str) -> None:
    page.open_task("device_lost", event.device, lane)


def device_is_back(page: StorePage, event: events.DeviceBack, lane: str) -> None:
    page.close_tasks(event.device, "back")


def look_at_used_token(page: StorePage, event: events.ShopperDismissed, lane: str) -> None:
    if event.reason == "token_used":
        page.open_task("token_used", event.visit, lane)


def help_no_longer_needed(page: StorePage, event: events.Event, lane: str) -> None:
    """Whoever asked for help on this lane has gone."""
    page.close_tasks(lane, "gone")


Reaction = Callable[[StorePage, events.Event, str], None]
REACTIONS: dict[type[events.Event], Reaction] = {
    events.DeviceLost: call_staff_to_device,  # type: ignore[dict-item]
    events.DeviceBack: device_is_back,  # type: ignore[dict-item]
    events.ShopperDismissed: look_at_used_token,  # type: ignore[dict-item]
    events.SaleCompleted: help_no_longer_needed,
    events.BasketCancelled: help_no_longer_needed,
}


class Reactions:
    """The thread that reads the map."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._live, name=READER, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def join(self) -> None:
        self._thread.join(STOP_WAIT_S_MAX)

    def _live(self) -> None:
        place = self._box.journal.cursor(READER)
        while not self._stopping.is_set():
            try:
                for entry in self._box.journal.wait(place, LOOK_UP_S):
                    self._react(entry)
                    place = entry.number
            except Exception:
                log.exception("a reaction failed after=%d", place)
                self._stopping.wait(RETRY_PAUSE_S)

    def _react(self, entry: Entry) -> None:
        """Entries of a newer version's kinds are passed over: an older one still reads the rest."""
        kind = events.Event.names.get(entry.type)
        reaction = REACTIONS.get(kind) if kind is not None else None
        if reaction is None:
            return
        with self._box.books.page() as page:
            reaction(page, entry.event(), entry.lane)
            set_cursor(page.connection, READER, entry.number)
