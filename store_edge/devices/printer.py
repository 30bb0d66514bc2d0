"""A receipt printer on a lane: follows completed sales and prints them, and a day's report when asked.

It keeps its place in a cursor, so that a receipt is not forgotten over a crash.
A receipt that could not be printed in time is not printed hours later: the
digital one stands in, and the lane's screen shows its code.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from typing import TYPE_CHECKING, Protocol

from checkout.events import (
    CashMoved,
    ClosingPrintAsked,
    Event,
    ReceiptNotPrinted,
    ReceiptPrinted,
    SaleCompleted,
)
from hardware.errors import Busy, DeviceFault
from hardware.escpos.ticket import Ticket
from store_edge.closing_ticket import closing_ticket
from store_edge.db.journal import Entry, set_cursor
from store_edge.devices.agent import LOOK_UP_S, DeviceAgent
from store_edge.ticket import receipt_ticket

if TYPE_CHECKING:
    from store_edge.box import Box

log = logging.getLogger(__name__)

PRINTS = (SaleCompleted.__name__, ClosingPrintAsked.__name__)
KICKS = (SaleCompleted.__name__, CashMoved.__name__)
LATE_S = 60.0
CHECK_S = 10.0
"""How often an idle printer is asked whether it could print, so that paper is missed before the sale."""


class Printer(Protocol):
    """What a receipt printer driver does."""

    def open(self) -> None: ...
    def check(self) -> None: ...
    def print(self, ticket: Ticket) -> None: ...
    def listen(self) -> None: ...
    def kick(self) -> None: ...
    def close(self) -> None: ...


class PrinterAgent(DeviceAgent):
    def __init__(self, box: Box, device: str, driver: str, lane: str, printer: Printer) -> None:
        super().__init__(box, device, driver, lane)
        self._printer = printer
        self._next_check_s = 0.0

    def start(self) -> None:
        """A printer that is new here does not answer for the sales before it."""
        if not self.box.journal.cursor(self.device):
            self.box.journal.move_cursor(self.device, self.box.journal.last_number())
        super().start()

    def connect(self) -> None:
        try:
            self._printer.open()
        except DeviceFault as fault:
            self._give_up_on_waiting("paper" if isinstance(fault, Busy) else "gone")
            raise
        self._next_check_s = time.monotonic() + CHECK_S

    def work(self) -> None:
        for entry in self.box.journal.wait(self._read_to, LOOK_UP_S, kinds={*PRINTS, *KICKS}):
            if entry.lane == self.lane and self._moves_cash(entry):
                self._printer.kick()
            if entry.type in PRINTS and entry.lane == self.lane:
                (self._print if entry.type == SaleCompleted.__name__ else self._print_closing)(entry)
                self._next_check_s = time.monotonic() + CHECK_S  # it was asked before and after
            else:
                self._move_to(entry)
        self._printer.listen()
        if time.monotonic() > self._next_check_s:
            self._printer.check()
            self._next_check_s = time.monotonic() + CHECK_S

    def let_go(self) -> None:
        self._printer.close()

    @property
    def _read_to(self) -> int:
        if not hasattr(self, "_place"):
            self._place = self.box.journal.cursor(self.device)
        return self._place

    def _moves_cash(self, entry: Entry) -> bool:
        """Whether a drawer is to open for it, now that it has just happened."""
        if self.lane not in self.box.settings.cash.lanes or self._age_s(entry) > LATE_S:
            return False
        if entry.type == CashMoved.__name__:
            return True
        tenders = entry.facts.get("tenders", ()) if entry.type == SaleCompleted.__name__ else ()
        return any(part["kind"] == "cash" for part in tenders)

    def _print(self, entry: Entry) -> None:
        number = entry.facts["receipt"]
        self.box.fiscal.await_receipt(entry, self._stopping.is_set)
        receipt = self.box.receipts.by_number(number)
        if receipt is None or self._age_s(entry) > LATE_S:
            self._move_to(entry, ReceiptNotPrinted(number, "late"))
            return
        try:
            self._printer.print(
                receipt_ticket(
                    receipt, self.box.receipt_address(receipt), timezone=self.box.settings.shop.timezone
                )
            )
        except Busy:
            self._move_to(entry, ReceiptNotPrinted(number, "paper"))
            raise
        except DeviceFault:
            self._move_to(entry, ReceiptNotPrinted(number, "gone"))
            raise
        except Exception:  # a bug that this receipt met; the next ones need not wait behind it
            log.exception("a receipt could not be put on paper receipt=%d", number)
            self._move_to(entry, ReceiptNotPrinted(number, "late"))
            return
        self._move_to(entry, ReceiptPrinted(number))

    def _print_closing(self, entry: Entry) -> None:
        """Nothing is lost where this fails: the report stands on the tablet, and can be asked for again."""
        closing = self.box.closings.by_number(entry.facts["closing"])
        self._move_to(entry)
        if closing is None or self._age_s(entry) > LATE_S:
            return
        shop = self.box.settings.shop
        seller = self.box.cashier.settlement.shop
        try:
            names = self.box.clerks.names()
            ticket = closing_ticket(
                closing, seller, language=shop.language, timezone=shop.timezone, names=names
            )
        except ValueError:  # an amount too wide for the paper
            log.exception("a report could not be put on paper closing=%d", closing.number)
            return
        self._printer.print(ticket)

    def _give_up_on_waiting(self, reason: str) -> None:
        """Nobody waits at the counter for a printer that is not there."""
        while entries := self.box.journal.read(self._read_to):
            for entry in entries:
                waits = entry.type == SaleCompleted.__name__ and entry.lane == self.lane
                self._move_to(entry, ReceiptNotPrinted(entry.facts["receipt"], reason) if waits else None)

    def _age_s(self, entry: Entry) -> float:
        written = dt.datetime.fromisoformat(entry.at)
        return (self.box.clock() - written).total_seconds()

    def _move_to(self, entry: Entry, event: Event | None = None) -> None:
        """Remember the place; on disk only where something was printed, since the rest may be read again."""
        self._place = entry.number
        if event is not None:
            with self.box.books.page() as page:
                page.announce(event, self.lane)
                set_cursor(page.connection, self.device, entry.number)
