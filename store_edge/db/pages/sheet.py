"""The blank page: an open transaction, the journal, the time and a source of ids."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy import Connection

from checkout.events import Event
from checkout.ports import Chance
from store_edge.db.journal import Journal, Tip
from store_edge.db.prepared import Driver


class Sheet:
    """What every room of a page writes with; `StorePage` opens and closes it."""

    connection: Connection
    """For what the store writes beside the counter's business, in the same transaction."""
    _driver: Driver
    _journal: Journal
    _clock: Callable[[], dt.datetime]
    _chance: Chance
    announced: set[str]
    """The kinds of event on this page."""
    tip: Tip | None
    """The last event that this page announced."""

    def announce(self, event: Event, lane: str = "") -> None:
        self.tip = self._journal.append(self.connection, event, lane, self.tip)
        self.announced.add(type(event).__name__)
