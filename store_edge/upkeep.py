"""What the store forgets, and when: a box runs for years on one small disk.

Forgotten are only crutches: what keeps a repeated request from being done twice,
visits that are over, codes for the gate, baskets whose sale has a receipt or never came about. Kept
for ever are the journal, receipts and payments (the law wants them), the tags in
`held_tags` that were sold, and the vouchers and coupons in `handed_in`: they stay
used. Only a plain voucher's number comes again, when its machine has counted round.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, and_, delete, select

from checkout.basket import CANCELLED, CLOSED
from checkout.handed_in import SLIP
from store_edge.db import tables as t
from store_edge.db.engine import Database
from store_edge.worker import Worker

log = logging.getLogger(__name__)

REQUESTS_KEPT = dt.timedelta(days=2)
"""No screen repeats a request after that long."""
VISITS_KEPT = dt.timedelta(days=1)
"""Far longer than a token is accepted (5 minutes and a minute's slack): a used token stays used."""
BASKETS_KEPT = dt.timedelta(days=30)
TASKS_KEPT = dt.timedelta(days=30)
PARKED_EVENTS_KEPT = dt.timedelta(days=90)
"""The events themselves stay in the journal; this is only the note that head office refused them."""
SLIPS_KEPT = dt.timedelta(days=180)
"""A machine with five digits prints 100,000 slips before one comes again: 500 a day for half a year."""

EXITS_KEPT = dt.timedelta(days=1)
"""A code for the gate is good for minutes, and its basket is shown for no longer; then there is no other."""

PAGE_ROWS_MAX = 500
"""So many rows are forgotten in one transaction: some milliseconds of the till's turn."""
PAGE_PAUSE_S = 0.05
"""Between two pages others have their turn."""
EVERY_S = 24 * 3600.0
RETRY_S = 3600.0


@dataclass(frozen=True, slots=True)
class _Rule:
    """Rows are forgotten `kept` after the time in `at`, if they are over; `with_them` hangs on their key."""

    key: Column[str] | Column[int]
    at: Column[str]
    kept: dt.timedelta
    over: ColumnElement[bool] | None = None
    with_them: Column[str] | None = None


RULES = (
    _Rule(t.requests.c.key, t.requests.c.at, REQUESTS_KEPT),
    # A visit's time is its beginning; it ends with its basket, which nobody leaves open for a day.
    _Rule(
        t.visits.c.visit,
        t.visits.c.at,
        VISITS_KEPT,
        and_(t.visits.c.card.is_(None), t.visits.c.token_text == ""),
    ),
    _Rule(
        t.baskets.c.id,
        t.baskets.c.opened_at,
        BASKETS_KEPT,
        t.baskets.c.state.in_((CLOSED, CANCELLED)),
        t.basket_lines.c.basket,
    ),
    _Rule(
        t.loss_memory.c.about,
        t.loss_memory.c.at,
        BASKETS_KEPT,
        t.loss_memory.c.kind.in_(("Bag", "Draw", "GatePass")),
    ),
    _Rule(t.tasks.c.id, t.tasks.c.done_at, TASKS_KEPT, t.tasks.c.done_at != ""),
    _Rule(t.parked_events.c.number, t.parked_events.c.at, PARKED_EVENTS_KEPT),
    _Rule(t.exit_passes.c.basket, t.exit_passes.c.at, EXITS_KEPT),
    _Rule(t.handed_in.c.id, t.handed_in.c.at, SLIPS_KEPT, t.handed_in.c.paper == SLIP),
)
"""Whatever a rule finds is over for good, so it may be looked for without the till's turn."""


class Upkeep(Worker):
    """The thread that forgets, at its start and once a day."""

    def __init__(self, database: Database, clock: Callable[[], dt.datetime]) -> None:
        super().__init__("upkeep")
        self._database = database
        self._clock = clock

    def forget(self) -> int:
        """Forget what is old enough, page by page; gives the number of rows, what hangs on them apart."""
        return sum(self._forget(rule) for rule in RULES)

    def _live(self) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(EVERY_S if self._try() else RETRY_S)

    def _try(self) -> bool:
        try:
            forgotten = self.forget()
        except Exception:
            log.exception("the upkeep stumbled")
            return False
        if forgotten:
            log.info("old rows were forgotten rows=%d", forgotten)
        return True

    def _forget(self, rule: _Rule) -> int:
        before = (self._clock() - rule.kept).isoformat()
        old = select(rule.key).where(rule.at < before).limit(PAGE_ROWS_MAX)
        if rule.over is not None:
            old = old.where(rule.over)
        forgotten = 0
        while not self._stopping.is_set():
            with self._database.read() as connection:
                keys = connection.execute(old).scalars().all()
            if keys:
                with self._database.write() as connection:
                    if rule.with_them is not None:
                        connection.execute(delete(rule.with_them.table).where(rule.with_them.in_(keys)))
                    connection.execute(delete(rule.key.table).where(rule.key.in_(keys)))
                forgotten += len(keys)
            if len(keys) < PAGE_ROWS_MAX:
                break
            self._stopping.wait(PAGE_PAUSE_S)
        return forgotten
