"""The DSFinV-K export (2.4): each day's Z report with all that it sums, in one pass over the journal."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from checkout.closing import CASH_CASES, Closing
from checkout.payment import CASH, GIFT_CARD
from checkout.signing import Signing
from store_edge.auditor.processes import Process, Teller
from store_edge.auditor.rows import Abschluss, Sums
from store_edge.auditor.source import Source, in_span
from store_edge.auditor.tables import Folder
from store_edge.auditor.words import IN_CASH, euros
from store_edge.db.engine import Database
from store_edge.settings import Settings

Progress = Callable[[int, int], None]
"""Told how far it is: so many journal entries of so many."""


class CannotExport(Exception):
    """A sentence that says why nothing was written."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written. `not_closed` are receipts that stand in no Z report yet, and so not in the export.

    `differences` are sentences: where the processes of a day do not come to what its Z report says.
    """

    closings: int
    processes: int
    not_closed: int
    differences: tuple[str, ...]


def export(
    database: Database,
    settings: Settings,
    since: dt.date,
    until: dt.date,
    folder: Path,
    progress: Progress = lambda done, whole: None,
) -> Exported:
    """Export the Z reports of the business days from `since` to `until`, both included, into a new folder.

    Raises CannotExport where no day was closed then, or something lies in that place. Under its name the
    folder appears when it is complete.
    """
    source = Source(database, settings.shop.language)
    closings = source.closings()
    wanted = in_span(closings, since, until)
    if not wanted:
        raise CannotExport(f"no day from {since} to {until} was closed with a Z report")
    if folder.exists():
        raise CannotExport(f"{folder} is there already; name a new folder")
    growing = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(growing, ignore_errors=True)
    pass_ = _Pass(source, settings, closings, progress)
    with Folder(growing) as tables:
        for before, closing in wanted:
            pass_.write(tables, before, closing)
        tables.describe(settings.shop.name, ", ".join(settings.shop.address), f"{since} - {until}")
    growing.rename(folder)
    last = closings[-1].receipts_to
    return Exported(len(wanted), pass_.processes, source.sales_not_closed(last), tuple(pass_.differences))


class _Pass:
    """One pass over the journal, from a day before the first Z report to the last one."""

    def __init__(
        self, source: Source, settings: Settings, closings: tuple[Closing, ...], progress: Progress
    ) -> None:
        self._source = source
        self._settings = settings
        self._closings = closings
        self._units = source.units()
        self._progress = progress
        self._teller = Teller(source.receipt, source.name, settings.shop.language)
        self._heard = 0
        self.processes = 0
        self.differences: list[str] = []

    def write(self, tables: Folder, before: Closing | None, closing: Closing) -> None:
        """All of one Kassenabschluss."""
        begins = before.journal_to if before is not None else 0
        for _ in self._told(self._lead_in(before), begins, closing.journal_to):
            pass  # only what belongs to a basket that was open when the day before was closed
        day = Abschluss(tables, self._settings, closing, self._closings, self._units)
        for process in self._told(begins, closing.journal_to, closing.journal_to):
            day.write(process, self._signing(process))
            self.processes += 1
        day.close()
        self.differences += differences(closing, day.sums)

    def _told(self, after: int, to: int, goal: int) -> Iterator[Process]:
        for entry in self._source.entries(max(after, self._heard), to):
            if (process := self._teller.hear(entry)) is not None:
                yield process
            self._progress(entry.number, goal)
        self._heard = max(self._heard, to)

    def _lead_in(self, before: Closing | None) -> int:
        """Where baskets began at the earliest that are still open: no basket is left open for two days."""
        number = before.number if before is not None else 0
        earlier = [one.journal_to for one in self._closings if one.number < number]
        return earlier[-1] if earlier else 0

    def _signing(self, process: Process) -> Signing | None:
        if process.order:
            return self._source.order(process.basket, process.order)
        return self._source.signing(process.basket)


def differences(closing: Closing, sums: Sums) -> Iterator[str]:
    """Where the processes do not come to what the Z report says, in sentences."""
    said = Counter({(case.kind, case.rate_bp): case.gross_minor for case in closing.cases})
    cash = {*CASH_CASES.values()}
    moved = sum(case.gross_minor for case in closing.cases if case.kind in cash)
    tenders = Counter({part.kind: part.amount_minor for part in closing.tenders})
    paid = Counter({IN_CASH: 0, "else": 0})
    for (kind, _), minor in sums.payments.items():
        paid[IN_CASH if kind == IN_CASH else "else"] += minor
    others = sum(minor for kind, minor in tenders.items() if kind not in (CASH, GIFT_CARD))
    pairs = [
        *((f"{kind} at {rate_bp} bp", said[kind, rate_bp], sums.cases[kind, rate_bp])
          for kind, rate_bp in sorted(said.keys() | sums.cases.keys())),
        *((f"the tax at {part.rate_bp} bp", part.vat_minor, sums.vat[part.rate_bp]) for part in closing.vat),
        ("cash", tenders[CASH] + moved, paid[IN_CASH]),
        ("paid without cash", others, paid["else"]),
    ]  # fmt: skip
    for what, report_minor, found_minor in pairs:
        if report_minor != found_minor:
            yield (
                f"Z {closing.number}: {what} is {euros(report_minor)} in the report, "
                f"{euros(found_minor)} in its processes"
            )
