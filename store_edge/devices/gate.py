"""A gate behind a lane: opens for whoever has paid, here or by phone with a code for it, and for a colleague.
It never waits for anybody.

Without it the tablet calls somebody who opens by hand: a gate in an escape route opens by a push anyway
(ASR A1.7, DIN EN 13637), whatever this agent says.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Protocol

from checkout.events import ExitUsed, GateAsked, GateOpened, SaleCompleted
from store_edge.db.journal import Entry
from store_edge.devices.agent import LOOK_UP_S, DeviceAgent

if TYPE_CHECKING:
    from store_edge.box import Box

WHY = {
    SaleCompleted.__name__: ("paid", "basket"),
    ExitUsed.__name__: ("exit", "basket"),
    GateAsked.__name__: ("staff", "clerk"),
}
"""What opens it, and what GateOpened says then."""
OPENS = tuple(WHY)
LATE_S = 20.0
"""Whoever paid longer ago has gone another way."""
CHECK_S = 2.0


class Gate(Protocol):
    """What a gate's driver does."""

    def open(self) -> None: ...
    def check(self) -> None: ...
    def let_pass(self) -> None: ...
    def shut(self) -> None: ...
    def close(self) -> None: ...


class GateAgent(DeviceAgent):
    def __init__(self, box: Box, device: str, driver: str, lane: str, gate: Gate) -> None:
        super().__init__(box, device, driver, lane)
        self._gate = gate
        self._place = 0
        self._shuts_s: float | None = None
        self._next_check_s = 0.0

    def start(self) -> None:
        """Nobody stands there any more whom an earlier run let pass."""
        self._place = self.box.journal.last_number()
        super().start()

    def connect(self) -> None:
        self._gate.open()
        self._shuts_s = None

    def work(self) -> None:
        for entry in self.box.journal.wait(self._place, LOOK_UP_S, kinds=OPENS):
            if entry.type in OPENS and entry.lane == self.lane and self._age_s(entry) < LATE_S:
                self._let_pass(entry)
            self._place = entry.number
        now_s = time.monotonic()
        if self._shuts_s is not None and now_s >= self._shuts_s:
            self._gate.shut()
            self._shuts_s = None
        elif now_s >= self._next_check_s:
            self._gate.check()
            self._next_check_s = now_s + CHECK_S

    def let_go(self) -> None:
        self._gate.close()

    def _let_pass(self, entry: Entry) -> None:
        """Open it, or leave it open for longer."""
        self._gate.let_pass()
        self._shuts_s = time.monotonic() + self.box.settings.limits.gate_s
        reason, about = WHY[entry.type]
        with self.box.books.page() as page:
            page.announce(GateOpened(reason, entry.facts[about]), self.lane)

    def _age_s(self, entry: Entry) -> float:
        return (self.box.clock() - dt.datetime.fromisoformat(entry.at)).total_seconds()
