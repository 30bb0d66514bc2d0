"""The store's signing device (TSE): hears of every business process, and signs its end.

What is signed, and when, is `checkout.fiscal`; what the receipt then says, `checkout.signing`. This agent
does the steps in the journal's order and goes on from its cursor. A transaction is ended once: after every
doubt (a lost answer, a crash, a new line) the device is asked which are open, and what became of the others.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Protocol

from checkout.events import (
    BasketCancelled,
    BasketParked,
    BasketResumed,
    CashMoved,
    DrawerCounted,
    Event,
    LineAdded,
    SaleCompleted,
)
from checkout.fiscal import ABORTED, RECEIPT, Finish, Start, Step, decide, money_moved_data, receipt_data
from checkout.signing import Signing
from hardware.errors import Busy, DeviceFault
from hardware.readings import Signed, SigningFacts, Started
from store_edge.db.journal import Entry
from store_edge.devices.agent import LOOK_UP_S, DeviceAgent
from store_edge.fiscal import OUT

if TYPE_CHECKING:
    from store_edge.box import Box

log = logging.getLogger(__name__)

KINDS = tuple(
    kind.__name__
    for kind in (
        LineAdded, BasketResumed, BasketParked, BasketCancelled, SaleCompleted, CashMoved, DrawerCounted,
    )
)  # fmt: skip
CHECK_S = 10.0
"""How often an idle device is asked whether it is still well, so that it is missed before the sale."""


class SigningUnit(Protocol):
    """What a TSE driver does, local or in the cloud; `client` is a till's serial number.

    `start` and `finish` raise OutcomeUnknown where nobody can tell whether they were done.
    """

    def open(self) -> SigningFacts: ...
    def check(self) -> SigningFacts: ...
    def start(self, client: str) -> Started: ...
    def finish(self, client: str, transaction: int, process_type: str, process_data: str) -> Signed: ...
    def open_transactions(self, client: str) -> tuple[Started, ...]: ...
    def recall(self, client: str, transaction: int) -> Signed | Started | None: ...
    def close(self) -> None: ...


class TseAgent(DeviceAgent):
    """Serves all lanes, whichever one the device is entered under."""

    def __init__(self, box: Box, device: str, driver: str, lane: str, unit: SigningUnit) -> None:
        super().__init__(box, device, driver, lane)
        self._unit = unit
        self._desk = box.fiscal
        self._open: dict[str, Signing] = {}
        """Baskets whose transaction has not ended, as far as we heard."""
        self._unheard: set[int] = set()
        """Transactions among them that the device does not call open: their answer was lost."""
        self._strays: dict[str, list[Started]] = {}
        """By till, transactions that the device calls open and no basket knows: a start's answer was lost."""
        self._next_check_s = 0.0
        self._passed = 0
        """As far as receipts were given up while the device was out; the steps themselves may still come."""

    def start(self) -> None:
        """A device that is new here does not answer for what was before it."""
        if not self.box.journal.cursor(self.device):
            self.box.journal.move_cursor(self.device, self.box.journal.last_number())
        super().start()

    def connect(self) -> None:
        self._place = self.box.journal.cursor(self.device)
        try:
            self._facts = self._unit.open()
            self._compare()
            self._desk.outage_ended()
            self._catch_up()
            self._end_strays()
        except DeviceFault as fault:
            self._is_out(str(fault))
            raise
        self._next_check_s = time.monotonic() + CHECK_S

    def work(self) -> None:
        try:
            for entry in self.box.journal.wait(self._place, LOOK_UP_S, kinds=KINDS):
                self._do(entry)
            if time.monotonic() > self._next_check_s:
                self._unit.check()
                self._next_check_s = time.monotonic() + CHECK_S
        except DeviceFault as fault:
            self._is_out(str(fault))
            raise

    def let_go(self) -> None:
        self._unit.close()

    def give_up(self) -> None:
        """Nobody signs any more: receipts must not wait for it."""
        self._is_out("the signing device's agent failed too often")

    # After a doubt

    def _compare(self) -> None:
        """Hold our books against the device's."""
        self._desk.met(self._facts)
        self._open, self._unheard = {}, set()
        known: dict[str, set[int]] = defaultdict(set)
        for signing in self._desk.unfinished():
            if signing.device == self._facts.serial:
                self._open[signing.basket] = signing
                known[signing.till].add(signing.transaction)
            else:
                self._desk.forget(signing)
        tills = {self.box.settings.till_serial(lane) for lane in self.box.settings.tills} | known.keys()
        self._strays = {}
        for till in sorted(tills):
            there = self._unit.open_transactions(till)
            self._unheard |= known[till] - {started.transaction for started in there}
            self._strays[till] = [started for started in there if started.transaction not in known[till]]

    def _catch_up(self) -> None:
        while entries := self.box.journal.read(self._place):
            for entry in entries:
                self._do(entry)

    def _end_strays(self) -> None:
        """No transaction may stay open (AEAO to § 146a, 2.2.3.3): what nobody goes on with was given up."""
        for till, strays in self._strays.items():
            while strays:
                nothing = receipt_data(ABORTED, (), ())
                signed = self._unit.finish(till, strays[-1].transaction, RECEIPT, nothing)
                self._desk.ended_stray(till, self._facts, signed)
                strays.pop()

    # What there is to do

    def _do(self, entry: Entry) -> None:
        """All that one entry asks for; its place is remembered on disk with what was signed."""
        if entry.type in KINDS:
            for step in self._steps(entry, entry.event()):
                if isinstance(step, Start):
                    self._begin(entry, step.basket)
                else:
                    self._finish(entry, step)
        self._place = entry.number

    def _steps(self, entry: Entry, event: Event) -> tuple[Step, ...]:
        """None for what is over, and none for what would begin too late: nothing is signed afterwards."""
        if isinstance(event, SaleCompleted) and self._desk.left_s(entry) <= 0:
            self._desk.give_up(entry, OUT)
        try:
            steps = self._decided(entry, event)
        except Exception:  # a bug that this one met; the next ones need not wait behind it
            log.exception("a business process could not be put into words entry=%d", entry.number)
            if isinstance(event, SaleCompleted):
                self._desk.give_up(entry, OUT)
            return ()
        if steps and isinstance(steps[0], Start) and not self._may_begin(entry, steps[0].basket):
            return ()
        return steps

    def _decided(self, entry: Entry, event: Event) -> tuple[Step, ...]:
        """Cash that moves or misses without a sale is a process, too: one that ends as it begins."""
        if isinstance(event, CashMoved | DrawerCounted):
            moved = f"cash-{entry.number}"
            if not event.amount_minor:
                return ()
            finish = Finish(moved, RECEIPT, money_moved_data(event.amount_minor))
            return (finish,) if moved in self._open else (Start(moved), finish)
        return decide(frozenset(self._open), event, self._desk.order_of)[1]

    def _may_begin(self, entry: Entry, basket: str) -> bool:
        """Not where its receipt is out already; nor later than receipts wait, but where the device did."""
        known = self._desk.signing(basket)
        if known is not None and known.is_over:
            return False
        return self._desk.left_s(entry) > 0 or bool(self._strays_of(entry))

    def _strays_of(self, entry: Entry) -> list[Started]:
        return self._strays.get(self.box.settings.till_serial(entry.lane), [])

    def _begin(self, entry: Entry, basket: str) -> None:
        """One whose answer was lost is as good: the device was told nothing yet but that something begins."""
        strays = self._strays_of(entry)
        started = strays.pop() if strays else self._unit.start(self.box.settings.till_serial(entry.lane))
        self._open[basket] = self._desk.begun(basket, entry, self._facts, started)

    def _finish(self, entry: Entry, step: Finish) -> None:
        signing = self._open[step.basket]
        signed = self._ended_already(signing) or self._unit.finish(
            signing.till, signing.transaction, step.process_type, step.process_data
        )
        self._desk.signed(step.basket, entry, self._facts, signed)
        del self._open[step.basket]
        self._desk.outage_ended()

    def _ended_already(self, signing: Signing) -> Signed | None:
        """What the device signed without our hearing of it. Raises Busy if it knows nothing of it."""
        if signing.transaction not in self._unheard:
            return None
        found = self._unit.recall(signing.till, signing.transaction)
        if found is None:
            self._desk.forget(signing)
            raise Busy("the TSE does not know a transaction that it began")
        return found if isinstance(found, Signed) else None

    def _is_out(self, reason: str) -> None:
        """Selling goes on (AEAO to § 146a, 7.2); receipts need not wait."""
        self._desk.outage_began(reason)
        self._passed = max(self._passed, self.box.journal.cursor(self.device))
        while entries := self.box.journal.read(self._passed):
            for entry in entries:
                self._passed = entry.number
                if entry.type == SaleCompleted.__name__:
                    self._desk.give_up(entry, OUT)
