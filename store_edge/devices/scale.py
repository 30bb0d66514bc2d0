"""A shop scale on a lane: weighs what the shopper chose, and puts it into the basket as the scale shows it.

The journal says what is open: each `WeighingAsked` without its `Weighed` or `WeighingFailed`. So nothing is
forgotten over a crash, and nothing is weighed for somebody who has gone.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Protocol

from checkout.errors import Refused
from checkout.events import Weighed, WeighingAsked, WeighingFailed
from checkout.money import price_of_measure
from hardware.errors import DeviceFault
from hardware.readings import NoWeight, Weight
from store_edge.db.journal import Entry
from store_edge.devices.agent import LOOK_UP_S, DeviceAgent

if TYPE_CHECKING:
    from store_edge.box import Box

HEARS = (WeighingAsked.__name__, Weighed.__name__, WeighingFailed.__name__)
WEIGH_PAUSE_S = 0.1
"""Between two looks at the display while somebody waits."""
CHECK_S = 10.0
"""How often an idle scale is asked whether it is there."""
HOPELESS = ("tare", "price")
"""What does not become better by waiting."""


class Scale(Protocol):
    """What a scale driver does."""

    def open(self) -> None: ...
    def check(self) -> None: ...
    def weigh(self, unit_price_minor: int, tare_g: int) -> Weight | NoWeight: ...
    def close(self) -> None: ...


class ScaleAgent(DeviceAgent):
    def __init__(self, box: Box, device: str, driver: str, lane: str, scale: Scale) -> None:
        super().__init__(box, device, driver, lane)
        self._scale = scale
        self._read_to = 0
        self._open: dict[str, tuple[WeighingAsked, dt.datetime]] = {}
        """By weighing: what was asked, and when."""
        self._sold_g = 0
        """What was weighed last and may lie there still: the next shopper's apples are not these."""
        self._next_check_s = 0.0

    def start(self) -> None:
        """A scale that is new here does not answer for what was asked before it."""
        self._read_to = self.box.journal.cursor(self.device) or self.box.journal.last_number()
        super().start()

    def connect(self) -> None:
        try:
            self._scale.open()
        except DeviceFault:
            while self._listen(0.0):
                pass
            self._fail_all("gone")
            raise
        self._next_check_s = time.monotonic() + CHECK_S

    def work(self) -> None:
        self._listen(WEIGH_PAUSE_S if self._open else LOOK_UP_S)
        for asked, at in list(self._open.values())[:1]:
            self._weigh(asked, at)
        if not self._open and time.monotonic() > self._next_check_s:
            self._scale.check()
            self._next_check_s = time.monotonic() + CHECK_S

    def let_go(self) -> None:
        self._scale.close()

    def give_up(self) -> None:
        self._fail_all("gone")

    def _listen(self, wait_s: float) -> bool:
        """Note what is open and what is over by now; True if there was anything to hear."""
        entries = self.box.journal.wait(self._read_to, wait_s, kinds=HEARS)
        settled = False
        for entry in entries:
            self._read_to = entry.number
            settled = (entry.lane == self.lane and self._note(entry)) or settled
        if settled and not self._open:
            self.box.journal.move_cursor(self.device, self._read_to)
        return bool(entries)

    def _note(self, entry: Entry) -> bool:
        """True for an outcome."""
        if entry.type == WeighingAsked.__name__:
            asked = entry.event()
            assert isinstance(asked, WeighingAsked)
            self._open[asked.weighing] = (asked, dt.datetime.fromisoformat(entry.at))
        elif entry.type in HEARS:
            self._open.pop(entry.facts["weighing"], None)
            return True
        return False

    def _weigh(self, asked: WeighingAsked, at: dt.datetime) -> None:
        """Look at the display once; a scale that fails now has weighed nothing."""
        try:
            seen = self._freshly(self._scale.weigh(asked.unit_price_minor, asked.tare_g))
        except DeviceFault:
            self._fail_all("gone")
            raise
        if isinstance(seen, Weight):
            self._weighed(asked, seen)
        elif seen.reason in HOPELESS or self._age_s(at) > self.box.settings.limits.weighing_s:
            self._fail(asked, seen.reason)

    def _freshly(self, seen: Weight | NoWeight) -> Weight | NoWeight:
        """The same weight as before, without an empty scale in between, is the same goods."""
        if seen == NoWeight("empty") or (isinstance(seen, Weight) and seen.weight_g != self._sold_g):
            self._sold_g = 0
        return NoWeight("unchanged") if isinstance(seen, Weight) and self._sold_g else seen

    def _weighed(self, asked: WeighingAsked, seen: Weight) -> None:
        """A scale that shows a price shows ours, or the shopper would be told two."""
        price_minor = price_of_measure(asked.unit_price_minor, seen.weight_g)
        if seen.price_minor not in (None, price_minor):
            self._fail(asked, "price")
            return
        try:
            if self.box.till.weighing.weighed(self.lane, asked, seen.weight_g):
                self._sold_g = seen.weight_g
        except Refused as refused:
            self.box.till.weighing.failed(self.lane, asked, "late")
            self.box.till.refuse_scan(self.lane, refused.reason, "scale")
        self._open.pop(asked.weighing, None)

    def _fail(self, asked: WeighingAsked, reason: str) -> None:
        self.box.till.weighing.failed(self.lane, asked, reason)
        self._open.pop(asked.weighing, None)

    def _fail_all(self, reason: str) -> None:
        for asked, _ in list(self._open.values()):
            self._fail(asked, reason)

    def _age_s(self, at: dt.datetime) -> float:
        return (self.box.clock() - at).total_seconds()
