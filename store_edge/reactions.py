"""What follows from what, on one page.

Each row says: when this was announced, the store does that. The reader of this
map keeps its place in a cursor, so nothing is skipped over a crash; what a row
does may therefore happen twice and must not mind.

Elsewhere, because a device or the network is in it:
    PaymentAsked       -> the lane's terminal is asked          devices/terminal.py
                          or its provider, by the tender        devices/provider.py
    RefundAsked        -> a provider gives it back              devices/provider.py
    PaymentStopAsked   -> the terminal is told to let go        devices/terminal.py
    CardRefundAsked    -> the terminal pays out on a card       devices/terminal.py
    RefundAsked        -> the terminal undoes a payment         devices/terminal.py
    SaleCompleted      -> the receipt is printed                devices/printer.py
    LineAdded, and how a basket ends -> it is signed            devices/tse.py
    WeighingAsked      -> what lies on the scale is weighed     devices/scale.py
    SaleCompleted      -> the lane's gate opens                 devices/gate.py
    ExitUsed, GateAsked  -> so it does                          devices/gate.py
    a key is turned    -> whoever asked for help has it         devices/lane_box.py
    ShopperIdentified  -> head office is asked who that is      sync/visits.py
    CouponHandedIn     -> head office is asked whether it is good  sync/paper.py
    everything         -> is sent to head office                sync/outbox.py
    nothing any more   -> the basket left behind is ended       idle.py
                          or the stay in a cabin, the request   fitting_watch.py
                          that nobody takes is escalated
    tags are read      -> in a cabin they are shown, at a gate  zones.py
                          the unpaid are looked at
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from checkout import events
from store_edge.db.books import StorePage
from store_edge.db.journal import Entry, set_cursor
from store_edge.worker import Worker

if TYPE_CHECKING:
    from store_edge.box import Box

log = logging.getLogger(__name__)

READER = "reactions"
LOOK_UP_S = 0.5
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


def basket_is_over(page: StorePage, event: events.SaleCompleted | events.BasketCancelled, lane: str) -> None:
    """Nobody needs to look at it any more."""
    help_no_longer_needed(page, event, lane)
    page.close_tasks(event.basket, "gone")


def goods_are_sold(page: StorePage, event: events.SaleCompleted, lane: str) -> None:
    basket_is_over(page, event, lane)
    for line in event.lines:
        if line.kind == "goods" and not line.weight_g and not line.length_mm:
            page.move_stock(line.gtin, -line.quantity)


def goods_are_back(page: StorePage, event: events.GoodsReturned, lane: str) -> None:
    """What nothing is wrong with can be sold again."""
    if event.reason not in ("damaged", "recalled") and not event.weight_g and not event.length_mm:
        page.move_stock(event.gtin, event.quantity)


Reaction = Callable[[StorePage, events.Event, str], None]
REACTIONS: dict[type[events.Event], Reaction] = {
    events.DeviceLost: call_staff_to_device,  # type: ignore[dict-item]
    events.DeviceBack: device_is_back,  # type: ignore[dict-item]
    events.ShopperDismissed: look_at_used_token,  # type: ignore[dict-item]
    events.SaleCompleted: goods_are_sold,  # type: ignore[dict-item]
    events.GoodsReturned: goods_are_back,  # type: ignore[dict-item]
    events.BasketCancelled: basket_is_over,  # type: ignore[dict-item]
    events.BasketParked: help_no_longer_needed,
}


AWAITED = frozenset(kind.__name__ for kind in REACTIONS)


class Reactions(Worker):
    """The thread that reads the map."""

    def __init__(self, box: Box) -> None:
        super().__init__(READER)
        self._box = box

    def _live(self) -> None:
        place = self._box.journal.cursor(READER)
        while not self._stopping.is_set():
            try:
                for entry in self._box.journal.wait(place, LOOK_UP_S, kinds=AWAITED):
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
            event = entry.event()
            reaction(page, event, entry.lane)
            if isinstance(event, events.ShopperDismissed):  # head office did not know the token
                self._box.fitting_room.dismissed(page, entry.lane, event.visit)
            set_cursor(page.connection, READER, entry.number)
