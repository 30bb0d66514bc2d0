"""Everything in the journal goes to head office, once and in order, as CloudEvents 1.0.

The journal itself is the queue: the outbox only keeps a cursor, moved when head
office has acknowledged. What head office refuses for good is parked to be seen
and does not hold up the rest.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from checkout.events import DeviceBack, DeviceLost
from store_edge.db.journal import Entry, set_cursor
from store_edge.db.tables import parked_events
from store_edge.devices.health import LOST, WELL
from store_edge.sync.central_client import Delivery, HeadOfficeAway, HeadOfficeRefused
from store_edge.worker import Worker

if TYPE_CHECKING:
    from store_edge.box import Box

log = logging.getLogger(__name__)

READER = "head-office"
BATCH_EVENTS_MAX = 200
BATCH_BYTES_MAX = 512 * 1024
"""Half of what head office reads at once: envelopes come on top. A longer event goes alone."""
LINGER_S = 0.5
"""How long news may wait for company: one call for ten lines instead of ten."""
LOOK_UP_S = 0.5
BACKOFF_S_MIN, BACKOFF_S_MAX = 0.5, 30.0


class Outbox(Worker):
    """The thread that carries the journal to head office."""

    def __init__(self, box: Box) -> None:
        super().__init__(READER)
        self._box = box
        self._chance = random.Random(READER)
        box.health.enter(READER, "head-office.http", "")

    def _live(self) -> None:
        place = self._box.journal.cursor(READER)
        backoff_s = BACKOFF_S_MIN
        while not self._stopping.is_set():
            try:
                place, there = self._try(place)
            except Exception:
                log.exception("the outbox stumbled after=%d", place)
                self._stopping.wait(BACKOFF_S_MAX)
                continue
            if there:
                backoff_s = BACKOFF_S_MIN
            else:
                self._stopping.wait(backoff_s * self._chance.uniform(0.5, 1.5))
                backoff_s = min(2 * backoff_s, BACKOFF_S_MAX)

    def _try(self, place: int) -> tuple[int, bool]:
        """Deliver the next batch, if there is one; gives the new place, and whether head office is there."""
        try:
            place = self._carry(place)
        except (HeadOfficeAway, HeadOfficeRefused) as error:
            self._is_away(str(error))
            return place, False
        self._is_there()
        return place, True

    def _carry(self, place: int) -> int:
        """Deliver the next batch; gives the new place."""
        if not self._box.journal.wait(place, LOOK_UP_S, limit=1):
            return place
        self._stopping.wait(LINGER_S)
        store = self._box.settings.shop.id
        entries = within_bytes(self._box.journal.read(place, BATCH_EVENTS_MAX))
        self._acknowledge(entries, self._box.head_office.deliver([cloud_event(store, e) for e in entries]))
        return entries[-1].number

    def _acknowledge(self, entries: Sequence[Entry], delivery: Delivery) -> None:
        at = self._box.clock().isoformat()
        with self._box.database.write() as connection:
            for index, reason in delivery.refused.items():
                number = entries[index].number
                log.error("head office refused an event number=%d", number)
                connection.execute(insert(parked_events).values(number=number, at=at, reason=reason))
            set_cursor(connection, READER, entries[-1].number)

    def _is_there(self) -> None:
        health = self._box.health.of(READER)
        was_lost = health is not None and health.state == LOST
        if not self._box.health.change(READER, WELL):
            return
        if was_lost or self._box.tasks.is_waiting("device_lost", READER):
            log.info("head office is back")
            with self._box.books.page() as page:
                page.announce(DeviceBack(READER))

    def _is_away(self, reason: str) -> None:
        if self._box.health.change(READER, LOST, reason) and not self._stopping.is_set():
            log.warning("head office is away reason=%s", reason)
            with self._box.books.page() as page:
                page.announce(DeviceLost(READER, reason))


def within_bytes(entries: Sequence[Entry]) -> Sequence[Entry]:
    """As many of the first entries as fit into one body; at least one."""
    sizes = accumulate(len(entry.data) for entry in entries)
    return entries[: max(1, sum(size <= BATCH_BYTES_MAX for size in sizes))]


def cloud_event(store: str, entry: Entry) -> dict[str, Any]:
    """A journal entry as CloudEvents 1.0 JSON; `epoch` and `number` are extensions that carry the order."""
    return {
        "specversion": "1.0",
        "id": f"{store}:{entry.epoch}:{entry.number}",
        "source": f"/stores/{store}/lanes/{entry.lane}" if entry.lane else f"/stores/{store}",
        "type": f"emma.{entry.type}",
        "time": entry.at,
        "datacontenttype": "application/json",
        "epoch": entry.epoch,
        "number": entry.number,
        "data": entry.facts,
    }
