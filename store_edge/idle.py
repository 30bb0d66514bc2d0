"""Ending baskets that somebody left behind, or parked and never fetched, whether or not a screen is there.

The kiosk's page warns and then ends the basket itself; this is for when no page
is open, or it hangs, or the box was down meanwhile (FAULTS 26). What was kept of
the shopper goes with the basket.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checkout import events
from checkout.basket import OPEN, PAID, Basket
from checkout.errors import Refused
from checkout.phone_lane import is_phone
from store_edge.worker import Worker

if TYPE_CHECKING:
    from store_edge.box import Box

log = logging.getLogger(__name__)

SWEEP_S = 60.0
"""How often parked baskets and phones are looked through for those whose time is over."""
SLACK_S = 30.0
"""The page goes first: it warns, and tells of a touched screen up to 15 s late."""
LOOK_UP_S = 0.5
"""Nobody waits for this watch: it reads along twice a second, and no scan wakes it."""
RETRY_S = 5.0
NOT_THE_SHOPPER = frozenset(
    kind.__name__
    for kind in (
        events.DeviceLost,
        events.DeviceBack,
        events.TaskOpened,
        events.TaskDone,
        events.ReceiptPrinted,
        events.ReceiptNotPrinted,
        events.ShopperWelcomed,
        events.WeighingFailed,
        events.KeyTurned,
        events.GateAsked,
        events.GateOpened,
        events.ExitUsed,
    )
)
"""What happens on a lane without anybody standing there: a cable with a loose contact keeps no basket."""


@dataclass(frozen=True, slots=True)
class _Quiet:
    """A lane on which nothing happens: its basket, and when that is to be ended."""

    basket: Basket
    ends_s: float


class IdleWatch(Worker):
    """The thread that follows the journal and ends what nothing happened to.

    `clock` is in seconds and never set: a wall clock put right by a day must not end a sale, or keep
    one. A restart therefore gives every basket its whole time once more. A basket that is being paid
    is left alone; its payment's end is news.
    """

    def __init__(self, box: Box, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__("idle")
        self._box = box
        self._clock = clock
        limits = box.settings.limits
        phone = box.settings.phone
        self._patience_s = {OPEN: limits.idle_cancel_s + SLACK_S, PAID: limits.receipt_shown_s + SLACK_S}
        self._phones_s = {OPEN: phone.idle_s, PAID: phone.exit_s + SLACK_S}
        self._place = box.journal.last_number()
        self._quiet: dict[str, _Quiet] = {}
        self._sweeps_s = clock()

    def open(self) -> None:
        """Begin with the baskets that were left from before."""
        self._watch(self._box.books.lanes_in_use())

    def look(self) -> None:
        """Take in what happened since the last look, and end what is due."""
        entries = self._box.journal.read(self._place)
        if entries:
            self._watch({e.lane for e in entries if e.lane and e.type not in NOT_THE_SHOPPER})
            self._place = entries[-1].number
        now_s = self._clock()
        if now_s >= self._sweeps_s:
            self._sweeps_s = now_s + SWEEP_S
            self._box.parking.expire()
            self._box.phones.expire()
        for lane in [lane for lane, quiet in self._quiet.items() if quiet.ends_s <= now_s]:
            self._end(lane, self._quiet[lane])

    def _live(self) -> None:
        opened = False
        while not self._stopping.is_set():
            try:
                if not opened:
                    self.open()
                    opened = True
                self.look()
                self._stopping.wait(LOOK_UP_S)
            except Refused as refused:  # the till is closed for a while
                log.error("an abandoned basket could not be ended reason=%s", refused.reason)
                self._stopping.wait(RETRY_S)
            except Exception:
                log.exception("the idle watch stumbled after=%d", self._place)
                self._stopping.wait(RETRY_S)

    def _watch(self, lanes: Iterable[str]) -> None:
        """Something happened on these lanes: their time begins anew."""
        now_s = self._clock()
        for lane in {*lanes} - {*self._box.settings.cabins}:  # those have a watch of their own
            basket = self._box.books.basket_on(lane)
            patience_s = self._phones_s if is_phone(lane) else self._patience_s
            if basket is not None and basket.state in patience_s:
                self._quiet[lane] = _Quiet(basket, now_s + patience_s[basket.state])
            else:
                self._quiet.pop(lane, None)

    def _end(self, lane: str, quiet: _Quiet) -> None:
        """End it; if it changed unannounced meanwhile, somebody is there and it has its time again."""
        self._box.till.cancel(lane, "left", seen=quiet.basket)
        self._watch([lane])
