"""From the journal to the auditor's business processes (DSFinV-K 2.4, annex B), one by one.

    SaleCompleted                      Beleg            what its receipt says
    CashMoved, DrawerCounted           Beleg            cash without a sale; a count only where it was off
    BasketParked                       AVBestellung     the basket as it was put aside
    BasketCancelled                    AVBelegabbruch   the basket as it was given up
    TransactionFinished of no basket   AVBelegabbruch   what the signing device had begun, and nobody knows

What a basket was before that is told again by its entries, so that nothing else need be kept. Of baskets
that were never paid the prices are those that were said when the lines came, promotions apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from checkout import events, ledger
from checkout.basket import EMPTIES, GOODS, VOUCHER
from checkout.closing import CASH_CASES, DEPOSITS, DISCOUNTS, EMPTIES_BACK, SALES, card_case, cases_of
from checkout.events import Event, VatPart
from checkout.fiscal import ABORTED, SALE
from checkout.payment import GIFT_CARD
from checkout.prices import OVERRIDDEN
from checkout.receipt import Receipt, ReceiptLine, Tendered
from checkout.tax import vat_table
from store_edge.auditor.words import BASE, IN_CASH, OFF, ORDER, payment_of
from store_edge.db.journal import Entry

KINDS = tuple(
    kind.__name__
    for kind in (
        events.LineAdded, events.LineChanged, events.LineVoided, events.AgeChecked, events.PriceOverridden,
        events.OverrideTakenBack, events.BasketParked, events.BasketResumed, events.BasketCancelled,
        events.SaleCompleted, events.CashMoved, events.DrawerCounted, events.TransactionFinished,
    )
)  # fmt: skip
"""The entries that matter here."""
PIECE, KILOGRAM, METRE = "Stück", "kg", "m"
UNATTENDED = "SB"
"""Whoever served themselves has no clerk's id; the field must not stay empty (annex G)."""
CASH_NAMES = {
    "Anfangsbestand": "Wechselgeld",
    "Geldtransit": "Abschöpfung in den Tresor",
    "Einzahlung": "Einzahlung",
    "Auszahlung": "Auszahlung",
    "DifferenzSollIst": "Kassendifferenz",
}


@dataclass(frozen=True, slots=True)
class Position:
    """One row of a process. `quantity` is negative where something came back, `unit_price_minor` never.

    `finding` says whether it is a price before what was taken off, or what was; `of_receipt` which sale it
    undoes; `cancels` that it takes back the row before it.
    """

    kind: str
    text: str
    gross_minor: int
    rate_bp: int
    gtin: str = ""
    quantity: Decimal = Decimal(1)
    unit: str = ""
    unit_price_minor: int = 0
    finding: str = ""
    gift_card: str = ""
    of_receipt: int = 0
    cancels: bool = False


@dataclass(frozen=True, slots=True)
class Process:
    """A business process that ended. `began_at` and `ended_at` are ISO 8601 in UTC, by the till's own clock.

    `payments` are kind, name and amount in minor units. `number` is the receipt's, or the journal entry's
    for what has none. `group` holds together an order and what became of it. `order` counts the times that
    the basket was put aside, from 1; 0 for what is no order. `transaction` is that of a stray.
    """

    id: str
    number: int
    type: str
    name: str
    lane: str
    began_at: str
    ended_at: str
    clerk: str
    positions: tuple[Position, ...] = ()
    vat: tuple[VatPart, ...] = ()
    payments: tuple[tuple[str, str, int], ...] = ()
    eat_in: bool = False
    basket: str = ""
    group: str = ""
    order: int = 0
    stray: events.TransactionFinished | None = None
    receipt: Receipt | None = None

    @property
    def gross_minor(self) -> int:
        return sum(part.gross_minor for part in self.vat)


@dataclass(slots=True)
class _Line:
    added: events.LineAdded
    quantity: int
    total_minor: int
    voided: bool = False


@dataclass(slots=True)
class _Story:
    """What is known of a basket that is not over."""

    began_at: str
    lines: dict[int, _Line] = field(default_factory=dict)
    clerk: str = ""
    aside: bool = False
    orders: int = 0


def sale_id(receipt: int) -> str:
    """BON_ID of a receipt: its number."""
    return str(receipt)


class Teller:
    """Hears the journal's entries in their order, and tells of each process that ended."""

    def __init__(self, receipt: Callable[[int], Receipt], name: Callable[[str], str], language: str) -> None:
        """`receipt` finds one by its number, `name` an article's by its GTIN; `language` is the shop's."""
        self._receipt = receipt
        self._name = name
        self._language = language
        self._stories: dict[str, _Story] = {}

    def hear(self, entry: Entry) -> Process | None:
        """The process that this entry ended, if it ended one."""
        event = entry.event()
        match event:
            case events.CashMoved():
                return _cash(entry, CASH_CASES[event.why], event.amount_minor, event.by, event.reason)
            case events.DrawerCounted():
                case, off_minor = CASH_CASES[ledger.COUNTED], event.amount_minor
                return _cash(entry, case, off_minor, event.by, "") if off_minor else None
            case events.TransactionFinished():
                return None if event.basket else _stray(entry, event)
        story = self._stories.setdefault(getattr(event, "basket", ""), _Story(entry.at))
        story.clerk = getattr(event, "clerk", "") or story.clerk
        match event:
            case events.SaleCompleted():
                del self._stories[event.basket]
                return self._sale(entry, event, story)
            case events.BasketCancelled():
                del self._stories[event.basket]
                return (
                    None
                    if story.aside or not story.lines
                    else self._unpaid(entry, event.basket, story, ABORTED)
                )
            case events.BasketParked():
                story.aside, story.orders = True, story.orders + 1
                return self._unpaid(entry, event.basket, story, ORDER)
            case events.BasketResumed():
                story.aside, story.began_at = False, entry.at
            case _:
                _follow(story, event)
        return None

    def _sale(self, entry: Entry, event: events.SaleCompleted, story: _Story) -> Process:
        receipt = self._receipt(event.receipt)
        positions = (*self._cancelled(story), *_sold(receipt, self._language), *_gift_cards(receipt))
        tenders = receipt.tenders or (
            (Tendered(receipt.paid_by, receipt.total_minor, name=receipt.card_name),)
            if receipt.total_minor
            else ()
        )
        paid = [(*payment_of(part), part.amount_minor) for part in tenders if part.kind != GIFT_CARD]
        return Process(
            sale_id(receipt.number),
            receipt.number,
            SALE,
            "",
            entry.lane,
            story.began_at,
            entry.at,
            story.clerk or UNATTENDED,
            positions,
            _with_gift_cards(receipt),
            tuple(paid),
            receipt.eat_in,
            event.basket,
            event.basket if story.orders else "",
            receipt=receipt,
        )

    def _unpaid(self, entry: Entry, basket: str, story: _Story, type: str) -> Process:
        positions = [*self._cancelled(story)]
        positions += (self._scanned(line) for line in story.lines.values() if not line.voided)
        return Process(
            f"V{entry.number}",
            entry.number,
            type,
            "",
            entry.lane,
            story.began_at,
            entry.at,
            story.clerk or UNATTENDED,
            tuple(positions),
            vat_table((one.rate_bp, one.gross_minor) for one in positions),
            basket=basket,
            group=basket if story.orders else "",
            order=story.orders if type == ORDER else 0,
        )

    def _cancelled(self, story: _Story) -> Iterator[Position]:
        """What was scanned and taken off again: both, so that it can be seen."""
        for line in story.lines.values():
            if line.voided:
                yield self._scanned(line)
                yield self._scanned(line, cancels=True)

    def _scanned(self, line: _Line, *, cancels: bool = False) -> Position:
        sign = -1 if cancels else 1
        quantity, unit = _measure(line.quantity, line.added.weight_g, line.added.length_mm)
        back = line.added.unit_price_minor < 0
        return Position(
            EMPTIES_BACK if back and line.added.how != "returned" else SALES,
            self._name(line.added.gtin),
            sign * line.total_minor,
            line.added.vat_bp,
            line.added.gtin,
            sign * (-quantity if back else quantity),
            unit,
            abs(line.added.unit_price_minor),
            cancels=cancels,
        )


def _follow(story: _Story, event: Event) -> None:
    """What became of the basket's lines."""
    match event:
        case events.LineAdded():
            story.lines[event.line] = _Line(event, event.quantity, event.total_minor)
        case events.LineChanged() if event.line in story.lines:
            story.lines[event.line].quantity = event.quantity
            story.lines[event.line].total_minor = event.total_minor
        case events.PriceOverridden() | events.OverrideTakenBack() if event.line in story.lines:
            story.lines[event.line].total_minor = event.total_minor
        case events.LineVoided() if event.line in story.lines:
            story.lines[event.line].voided = True
        case events.AgeChecked():
            for number in event.taken_off:
                if number in story.lines:
                    story.lines[number].voided = True


def _sold(receipt: Receipt, language: str) -> Iterator[Position]:
    """A receipt's lines as business cases, which are those that the Z report sums."""
    for line in receipt.lines:
        for kind, gross_minor in cases_of(line):
            if kind == DISCOUNTS:
                yield from _taken_off(receipt, line, gross_minor, language)
            elif kind == DEPOSITS:
                yield Position(
                    kind,
                    f"Pfand {_called(line, language)}",
                    gross_minor,
                    line.vat_bp,
                    quantity=Decimal(line.quantity if gross_minor > 0 else -line.quantity),
                    unit=PIECE,
                    unit_price_minor=abs(gross_minor) // line.quantity,
                )
            else:
                yield _goods(line, kind, gross_minor, language)


def _goods(line: ReceiptLine, kind: str, gross_minor: int, language: str) -> Position:
    quantity, unit = _measure(line.quantity, line.weight_g, line.length_mm)
    back = line.kind == EMPTIES or line.returned is not None
    return Position(
        kind,
        _called(line, language),
        gross_minor,
        line.vat_bp,
        line.gtin,
        -quantity if back else quantity,
        unit,
        abs(line.unit_price_minor),
        finding=BASE if line.kind == GOODS and line.discount_minor else "",
        gift_card=line.epc if line.kind == VOUCHER else "",
        of_receipt=line.returned.receipt if line.returned else 0,
    )


def _taken_off(receipt: Receipt, line: ReceiptLine, gross_minor: int, language: str) -> Iterator[Position]:
    """One row for each promotion, coupon or price that staff set."""
    parts = [(one.by, -one.amount_minor) for one in line.reductions]
    if sum(minor for _, minor in parts) != gross_minor:
        parts = [("", gross_minor)]
    for by, minor in parts:
        called = receipt.names.get(by, {})
        text = called.get(language) or next(iter(called.values()), "")
        text = text or ("Preis geändert" if by.startswith(OVERRIDDEN) else "Rabatt")
        yield Position(
            DISCOUNTS, text, minor, line.vat_bp, finding=OFF, unit_price_minor=-minor, quantity=Decimal(-1)
        )


def _gift_cards(receipt: Receipt) -> Iterator[Position]:
    for part in receipt.tenders:
        if part.kind == GIFT_CARD:
            used = part.amount_minor > 0
            yield Position(
                card_case(part.amount_minor),
                "Gutschein eingelöst" if used else "Gutschein aufgeladen",
                -part.amount_minor,
                0,
                quantity=Decimal(-1 if used else 1),
                unit_price_minor=abs(part.amount_minor),
            )


def _with_gift_cards(receipt: Receipt) -> tuple[VatPart, ...]:
    """The receipt's VAT; what gift cards paid or took stands beside what is outside of VAT."""
    cards_minor = -sum(part.amount_minor for part in receipt.tenders if part.kind == GIFT_CARD)
    if not cards_minor:
        return receipt.vat
    others = tuple(part for part in receipt.vat if part.rate_bp)
    cards_minor += sum(part.gross_minor for part in receipt.vat if not part.rate_bp)
    return (*others, VatPart(0, cards_minor, cards_minor, 0))


def _cash(entry: Entry, case: str, amount_minor: int, by: str, reason: str) -> Process:
    text = CASH_NAMES[case] + (f" ({reason})" if case in ("Einzahlung", "Auszahlung") else "")
    position = Position(case, text, amount_minor, 0, unit_price_minor=abs(amount_minor))
    return Process(
        f"V{entry.number}",
        entry.number,
        SALE,
        CASH_NAMES[case],
        entry.lane,
        entry.at,
        entry.at,
        by or UNATTENDED,
        (position,),
        (VatPart(0, amount_minor, amount_minor, 0),),
        ((IN_CASH, IN_CASH, amount_minor),),
        basket=f"cash-{entry.number}",
    )


def _stray(entry: Entry, event: events.TransactionFinished) -> Process:
    return Process(
        f"V{entry.number}",
        entry.number,
        ABORTED,
        "Vorgang der TSE, zu dem die Kasse keinen Korb kennt",
        entry.lane,
        entry.at,
        entry.at,
        UNATTENDED,
        stray=event,
    )


def _measure(quantity: int, weight_g: int, length_mm: int) -> tuple[Decimal, str]:
    if weight_g:
        return Decimal(weight_g).scaleb(-3), KILOGRAM
    if length_mm:
        return Decimal(length_mm).scaleb(-3), METRE
    return Decimal(quantity), PIECE


def _called(line: ReceiptLine, language: str) -> str:
    return line.name.get(language) or next(iter(line.name.values()), line.gtin)
