"""A person's visits, purchases and doings, newest first, by pages; nothing without consent to `history`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec
import sqlalchemy as sa

from central import tokens
from central.profiles.doings import Doing, doings_of
from central.profiles.purchases import Purchase
from central.profiles.remembered import remembered
from central.profiles.seal import PersonKey


class CursorUnknown(Exception):
    """This is no cursor of ours."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A purchase has its sale, and a doing (weighed, put_back, help_asked) itself. `time_ms` since 1970."""

    kind: Literal["visit", "purchase", "doing"]
    time_ms: int
    store: str
    lane: str
    visit: str
    purchase: Purchase | None = None
    doing: Doing | None = None

    @property
    def order(self) -> tuple[int, int, str, str, str, int]:
        """Newest first; what happened at a visit stands before (above) the visit at the same moment."""
        sale = self.purchase or self.doing
        epoch, number = (sale.epoch, sale.number) if sale else ("", 0)
        return (-self.time_ms, 0 if sale else 1, self.store, self.visit, epoch, number)


@dataclass(frozen=True, slots=True)
class Page:
    """`history` says whether the person agrees to it; `cursor` asks for the next page, None on the last."""

    history: bool
    entries: tuple[Entry, ...]
    cursor: str | None


_Order = tuple[int, int, str, str, str, int]
_order = msgspec.json.Decoder(_Order)


def read_timeline(
    connection: sa.Connection, key: PersonKey, *, since_ms: int, visits_max: int, page: int, cursor: str = ""
) -> Page:
    """One page of at most `page` entries after `cursor`. Raises `CursorUnknown`."""
    after = _after(cursor) if cursor else None
    known = remembered(connection, key, since_ms=since_ms, visits_max=visits_max)
    if known is None:
        return Page(False, (), None)
    entries = [Entry("visit", claim.time_ms, claim.store, claim.lane, claim.visit) for claim in known.visits]
    for sale in known.purchases:
        entries.append(Entry("purchase", sale.time_ms, sale.store, sale.lane, sale.visit, sale))
    for doing in doings_of(connection, known):
        entries.append(Entry("doing", doing.time_ms, doing.store, doing.lane, doing.visit, doing=doing))
    entries.sort(key=lambda entry: entry.order)
    if after is not None:
        entries = [entry for entry in entries if entry.order > after]
    shown = tuple(entries[:page])
    more = len(entries) > page
    return Page(True, shown, tokens.encode(msgspec.json.encode(shown[-1].order)) if more else None)


def _after(cursor: str) -> _Order:
    try:
        order: _Order = _order.decode(tokens.decode(cursor))
    except ValueError as error:
        raise CursorUnknown from error
    return order
