"""What a day came to: the sums of an X or Z report, ready for a DSFinV-K export.

Everything is summed from what was written down: receipts, and the ledger of the
drawers. Sums are kept, never the receipts, so a long day costs no more memory
than a short one. Names of business cases are those of the DSFinV-K 2.x
(Anhang C, GV_TYP). Two ways of looking at the day must agree: its business cases
with receipts, and what was paid other than by gift card; a gift card is no
payment there but a case of its own, on its way in and out.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from checkout import ledger
from checkout.basket import EMPTIES, RETURNED, VOUCHER
from checkout.events import VatPart
from checkout.ledger import LedgerEntry
from checkout.payment import GIFT_CARD
from checkout.receipt import Receipt, ReceiptLine
from checkout.tax import vat_inside

SALES, DISCOUNTS = "Umsatz", "Rabatt"
DEPOSITS, EMPTIES_BACK = "Pfand", "PfandRueckzahlung"
CARDS_SOLD, CARDS_USED = "MehrzweckgutscheinKauf", "MehrzweckgutscheinEinloesung"
CASH_CASES = {
    ledger.FLOAT: "Anfangsbestand",
    ledger.DROP: "Geldtransit",
    ledger.PAID_IN: "Einzahlung",
    ledger.PAID_OUT: "Auszahlung",
    ledger.COUNTED: "DifferenzSollIst",
}
"""What a drawer's posting without a receipt is called."""


@dataclass(frozen=True, slots=True)
class CaseSum:
    """All of one kind of business case at one rate: `net_minor + vat_minor == gross_minor`."""

    kind: str
    rate_bp: int
    gross_minor: int
    net_minor: int
    vat_minor: int


@dataclass(frozen=True, slots=True)
class TenderSum:
    """All that was paid by one kind of tender, in so many parts."""

    kind: str
    count: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ClerkSum:
    """What one clerk took, in so many receipts; `clerk` is an id, "" for shoppers who were alone."""

    clerk: str
    sales: int
    tenders: tuple[TenderSum, ...]


@dataclass(frozen=True, slots=True)
class DrawerSum:
    """What should lie in a lane's drawer, and how far its counts were off since the last Z report."""

    drawer: str
    expected_minor: int
    difference_minor: int


@dataclass(frozen=True, slots=True)
class Closing:
    """An X report (`number` 0) or a Z report. `since` and `at` are ISO 8601 in UTC, `since` "" for the first.

    `business_day` is ISO 8601. `receipts_to`, `ledger_to` and `journal_to` are the last of each in it: the
    next one begins after them. `sales` counts receipts; `voids`, `cancelled` and `returned` lines taken off,
    baskets given up and payments given back; `refunds` receipts with something brought back. What the
    `clerks` took sums to the `tenders`; `by` closed the day.
    """

    number: int
    business_day: str
    since: str
    at: str
    receipts_from: int
    receipts_to: int
    ledger_to: int
    journal_to: int
    sales: int
    refunds: int
    voids: int
    cancelled: int
    returned: int
    vat: tuple[VatPart, ...]
    cases: tuple[CaseSum, ...]
    tenders: tuple[TenderSum, ...]
    drawers: tuple[DrawerSum, ...]
    rounding_minor: int
    by: str
    clerks: tuple[ClerkSum, ...] = ()

    @property
    def turnover_minor(self) -> int:
        """What all receipts come to."""
        return sum(part.gross_minor for part in self.vat)

    @property
    def difference_minor(self) -> int:
        return sum(drawer.difference_minor for drawer in self.drawers)


def business_day(at: dt.datetime, timezone: dt.tzinfo, begins: dt.time = dt.time.min) -> dt.date:
    """The day a moment counts to in a shop whose day begins at that time by the clock on its wall.

    The wall's clock, not elapsed hours, decides: a night with 23 or 25 hours belongs to one day all the same.
    """
    local = at.astimezone(timezone)
    return local.date() - dt.timedelta(days=local.time() < begins)


@dataclass
class Tally:
    """The running sums of a day."""

    receipts_from: int = 0
    receipts_to: int = 0
    ledger_to: int = 0
    began_at: str = ""
    sales: int = 0
    refunds: int = 0
    rounding_minor: int = 0
    _vat: dict[int, VatPart] = field(default_factory=dict)
    _cases: Counter[tuple[str, int]] = field(default_factory=Counter)
    _tenders: Counter[tuple[str, str]] = field(default_factory=Counter)
    _parts: Counter[tuple[str, str]] = field(default_factory=Counter)
    _served: Counter[str] = field(default_factory=Counter)
    _drawers: dict[str, DrawerSum] = field(default_factory=dict)

    def add_receipt(self, receipt: Receipt) -> None:
        """Count a receipt in; they must come by number."""
        self.receipts_from = self.receipts_from or receipt.number
        self.receipts_to = receipt.number
        self._began(receipt.at)
        self.sales += 1
        self._served[receipt.clerk] += 1
        self.refunds += any(line.kind == RETURNED for line in receipt.lines)
        for part in receipt.vat:
            sum_ = self._vat.get(part.rate_bp, VatPart(part.rate_bp, 0, 0, 0))
            self._vat[part.rate_bp] = _plus(sum_, part)
        for line in receipt.lines:
            self._add_line(line)
        for tendered in receipt.tenders:
            self._tenders[receipt.clerk, tendered.kind] += tendered.amount_minor
            self._parts[receipt.clerk, tendered.kind] += 1
            self.rounding_minor += tendered.rounding_minor
            if tendered.kind == GIFT_CARD:
                self._cases[card_case(tendered.amount_minor), 0] -= tendered.amount_minor

    def add_entry(self, entry: LedgerEntry) -> None:
        """Count an entry of a drawer in; they must come by number."""
        self.ledger_to = entry.number
        self._began(entry.at)
        drawer = self._drawers.get(entry.account, DrawerSum(entry.account, 0, 0))
        drawer = replace(drawer, expected_minor=entry.balance_minor)
        if entry.why in CASH_CASES:
            self._cases[CASH_CASES[entry.why], 0] += entry.amount_minor
        if entry.why == ledger.COUNTED:
            drawer = replace(drawer, difference_minor=drawer.difference_minor + entry.amount_minor)
        self._drawers[entry.account] = drawer

    def vat(self) -> tuple[VatPart, ...]:
        """By rate, highest first: the sums of what stands on the receipts."""
        return tuple(self._vat[rate_bp] for rate_bp in sorted(self._vat, reverse=True))

    def tenders(self) -> tuple[TenderSum, ...]:
        return self._taken_by(self._served)

    def clerks(self) -> tuple[ClerkSum, ...]:
        """By their ids, the shoppers who were alone first."""
        return tuple(
            ClerkSum(clerk, self._served[clerk], self._taken_by({clerk})) for clerk in sorted(self._served)
        )

    def drawers(self) -> tuple[DrawerSum, ...]:
        return tuple(self._drawers[account] for account in sorted(self._drawers))

    def cases(self) -> tuple[CaseSum, ...]:
        """By kind and rate. The tax of each rate's cases sums to that of the receipts.

        Receipts are rounded one by one, so the sum of their taxes is a few cents off the tax of their sum;
        the largest case of a rate has these cents.
        """
        found: list[CaseSum] = []
        for rate_bp in sorted({rate for _kind, rate in self._cases}, reverse=True):
            gross = {kind: minor for (kind, rate), minor in self._cases.items() if rate == rate_bp}
            vat = {kind: vat_inside(minor, rate_bp) for kind, minor in gross.items()}
            if rate_bp:
                largest = max(sorted(gross), key=lambda kind: abs(gross[kind]))
                vat[largest] += self._vat[rate_bp].vat_minor - sum(vat.values())
            found += (
                CaseSum(kind, rate_bp, gross[kind], gross[kind] - vat[kind], vat[kind])
                for kind in sorted(gross)
                if gross[kind] or vat[kind]
            )
        return tuple(found)

    def _taken_by(self, clerks: Collection[str]) -> tuple[TenderSum, ...]:
        parts: Counter[str] = Counter()
        amounts: Counter[str] = Counter()
        for (clerk, kind), many in self._parts.items():
            if clerk in clerks:
                parts[kind] += many
                amounts[kind] += self._tenders[clerk, kind]
        return tuple(TenderSum(kind, parts[kind], amounts[kind]) for kind in sorted(parts))

    def _began(self, at: str) -> None:
        if not self.began_at or dt.datetime.fromisoformat(at) < dt.datetime.fromisoformat(self.began_at):
            self.began_at = at

    def _add_line(self, line: ReceiptLine) -> None:
        for kind, gross_minor in cases_of(line):
            self._cases[kind, line.vat_bp] += gross_minor


def card_case(paid_minor: int) -> str:
    """What paying so much with a gift card is; negative where money was put on it."""
    return CARDS_USED if paid_minor > 0 else CARDS_SOLD


def cases_of(line: ReceiptLine) -> Iterator[tuple[str, int]]:
    """The business cases in a receipt's line: (kind, gross_minor), which sum to its total."""
    if line.kind == VOUCHER:
        yield CARDS_SOLD, line.total_minor
    elif line.kind == EMPTIES:
        yield EMPTIES_BACK, line.total_minor
    else:
        yield SALES, line.total_minor + line.discount_minor - line.deposit_minor
        if line.discount_minor:
            yield DISCOUNTS, -line.discount_minor
        if line.deposit_minor:
            yield DEPOSITS, line.deposit_minor


def _plus(one: VatPart, other: VatPart) -> VatPart:
    return VatPart(
        one.rate_bp,
        one.gross_minor + other.gross_minor,
        one.net_minor + other.net_minor,
        one.vat_minor + other.vat_minor,
    )
