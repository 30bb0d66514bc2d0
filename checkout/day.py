"""Closing the day: the X report at any time, the Z report once a business day, numbered without gaps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from checkout import events
from checkout.closing import Closing, Tally, business_day
from checkout.errors import Refused
from checkout.ports import Books, Page
from checkout.staff import Clerk

READ_MAX = 500
"""Receipts and entries read on one page: nobody at a till waits for longer than that takes."""
COUNTED = (events.LineVoided.__name__, events.BasketCancelled.__name__, events.PaymentReturned.__name__)


class DayBook:
    """The use cases of reporting a day of one store."""

    def __init__(
        self,
        books: Books,
        *,
        clock: Callable[[], dt.datetime],
        timezone: dt.tzinfo = dt.UTC,
        begins: dt.time = dt.time.min,
    ) -> None:
        """The business day begins at `begins` by the wall's clock: 04:00 in a shop that is open until two."""
        self._books = books
        self._clock = clock
        self._timezone = timezone
        self._begins = begins

    def x_report(self, clerk: Clerk) -> Closing:
        """The day so far; nothing is changed by looking. Raises `Refused`."""
        clerk.must("close")
        return self._report(clerk, lambda page, closing: closing)

    def close_day(self, clerk: Clerk, *, though_paying: bool = False) -> Closing:
        """Write the Z report: what comes after belongs to the next.

        Raises Refused: payments_open while a basket is being paid, unless `though_paying`; its receipt
        then stands in the next report. day_just_closed if somebody else was faster.
        """
        clerk.must("close")

        def close(page: Page, closing: Closing) -> Closing:
            if page.lanes_paying() and not though_paying:
                raise Refused("payments_open")
            closed = replace(closing, number=_number(page) + 1)
            page.save_closing(closed)
            page.announce(_day_closed(closed))
            return closed

        return self._report(clerk, close)

    def ask_for_paper(self, number: int, lane: str, clerk: Clerk) -> None:
        """A Z report is wanted on the lane's printer. Raises `Refused`."""
        clerk.must("close")
        with self._books.page() as page:
            page.announce(events.ClosingPrintAsked(number, clerk.id), lane)

    def _report(self, clerk: Clerk, end: Callable[[Page, Closing], Closing]) -> Closing:
        """Sum up page by page, so that the tills can go on; the last page sees everything, and ends it."""
        tally, before, read_all = Tally(), None, False
        with self._books.page() as page:
            before = page.last_closing()
        if before is not None:
            tally.receipts_to, tally.ledger_to = before.receipts_to, before.ledger_to
        while True:
            with self._books.page() as page:
                read_all = _read_on(page, tally)
                if read_all:
                    if page.last_closing() != before:
                        raise Refused("day_just_closed")
                    return end(page, self._closing(page, tally, before, clerk))

    def _closing(self, page: Page, tally: Tally, before: Closing | None, clerk: Clerk) -> Closing:
        now = self._clock()
        began = dt.datetime.fromisoformat(tally.began_at) if tally.began_at else now
        counts = page.times_announced(before.journal_to if before else 0, COUNTED)
        voids, cancelled, returned = (counts.get(name, 0) for name in COUNTED)
        return Closing(
            number=0,
            business_day=business_day(began, self._timezone, self._begins).isoformat(),
            since=before.at if before else "",
            at=now.isoformat(timespec="seconds"),
            receipts_from=tally.receipts_from,
            receipts_to=tally.receipts_to,
            ledger_to=tally.ledger_to,
            journal_to=page.journal_number(),
            sales=tally.sales,
            refunds=tally.refunds,
            voids=voids,
            cancelled=cancelled,
            returned=returned,
            vat=tally.vat(),
            cases=tally.cases(),
            tenders=tally.tenders(),
            drawers=tally.drawers(),
            rounding_minor=tally.rounding_minor,
            by=clerk.id,
            clerks=tally.clerks(),
        )


def _read_on(page: Page, tally: Tally) -> bool:
    """Take the next receipts and entries in; True if there are no more."""
    receipts = page.receipts_after(tally.receipts_to, READ_MAX)
    for receipt in receipts:
        tally.add_receipt(receipt)
    entries = page.ledger_after(tally.ledger_to, READ_MAX)
    for entry in entries:
        tally.add_entry(entry)
    return len(receipts) < READ_MAX and len(entries) < READ_MAX


def _number(page: Page) -> int:
    last = page.last_closing()
    return last.number if last is not None else 0


def _day_closed(closed: Closing) -> events.DayClosed:
    return events.DayClosed(
        closing=closed.number,
        business_day=closed.business_day,
        first_receipt=closed.receipts_from,
        last_receipt=closed.receipts_to if closed.sales else 0,
        receipts=closed.sales,
        turnover_minor=closed.turnover_minor,
        difference_minor=closed.difference_minor,
        by=closed.by,
    )
