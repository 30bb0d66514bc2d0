"""What must be signed, and when: the decisions that German law asks of a till, without the device.

A signing device (TSE) knows transactions: one is started when a business process begins, and finished with
its data when it ends (KassenSichV §§ 2, 3; BSI TR-03153-1, 3). What those data are is fixed by the DSFinV-K,
annex I. Whoever has the device reads the journal and does what `decide` says, in this order.

    the first line of a basket            start
    it is paid (only now is known how)    finish   Kassenbeleg-V1  Beleg
    it is given up                        finish   Kassenbeleg-V1  AVBelegabbruch
    it is put aside for later             finish   Bestellung-V1   the order as it stands
    somebody goes on with it              start
    on a lane for training                finish   Kassenbeleg-V1  AVTraining

Kassenbeleg-V1 has no updates: its data are known at the end only. No transaction may be open when the day is
closed (AEAO to § 146a, 2.2.3.3), so a basket put aside ends as an order and begins again as another process.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from checkout import events
from checkout.basket import Line
from checkout.events import Event, SaleCompleted
from checkout.payment import GIFT_CARD

RECEIPT, ORDER, OTHER = "Kassenbeleg-V1", "Bestellung-V1", "SonstigerVorgang"
"""Process types, spelled as they are signed."""
SALE, ABORTED, TRAINING = "Beleg", "AVBelegabbruch", "AVTraining"
KINDS = (
    SALE, ABORTED, TRAINING,
    "AVTransfer", "AVBestellung", "AVBelegstorno", "AVSachbezug", "AVSonstige", "AVRechnung",
)  # fmt: skip
CASH, CASHLESS = "Bar", "Unbar"
EURO = "EUR"

_SLOTS = ((1900, 1600), (700, 500), (1070, 950, 900, 840, 780), (550,), (0,))
"""The rates of each of the five slots: ordinary, reduced, UStG § 24 (1) no. 3, § 24 (1) no. 1, none."""
_AMOUNT = r"-?(?:0|[1-9]\d*)\.\d\d"
_DATA = re.compile(rf"(\w+)\^({_AMOUNT}(?:_{_AMOUNT}){{4}})\^(.*)", re.ASCII | re.DOTALL)
_PART = re.compile(rf"({_AMOUNT}):({CASH}|{CASHLESS})(?::([A-Z]{{3}}))?", re.ASCII)


# What is signed


@dataclass(frozen=True, slots=True)
class Paid:
    """What was paid in cash or without, in minor units of its currency; negative where the shop paid."""

    how: str
    amount_minor: int
    currency: str = EURO


@dataclass(frozen=True, slots=True)
class ReceiptData:
    """What Kassenbeleg-V1 says: `gross_minor` by slot, and what was paid."""

    kind: str
    gross_minor: tuple[int, int, int, int, int]
    paid: tuple[Paid, ...]


def slot_of(rate_bp: int) -> int:
    """The slot (0 to 4) of a rate in basis points. Raises ValueError for a rate that no law knows."""
    for slot, rates in enumerate(_SLOTS):
        if rate_bp in rates:
            return slot
    raise ValueError(f"no slot for a rate of {rate_bp} basis points")


def receipt_data(kind: str, gross: Iterable[tuple[int, int]], paid: Iterable[Paid]) -> str:
    """processData of Kassenbeleg-V1, of (rate_bp, gross_minor) pairs and of what was paid.

    Payments of one kind and currency are one; cash in euro comes first, then cash in other currencies by
    their code, then what was paid without cash. Euro is not named.
    """
    assert kind in KINDS, kind
    slots = [0] * len(_SLOTS)
    for rate_bp, gross_minor in gross:
        slots[slot_of(rate_bp)] += gross_minor
    sums: Counter[tuple[bool, bool, str]] = Counter()
    for part in paid:
        sums[part.how != CASH, part.currency != EURO, part.currency] += part.amount_minor
    parts = [
        f"{_decimal(sums[key])}:{CASHLESS if key[0] else CASH}" + (f":{key[2]}" if key[1] else "")
        for key in sorted(sums)
    ]
    return f"{kind}^{'_'.join(map(_decimal, slots))}^{'_'.join(parts)}"


def read_receipt_data(text: str) -> ReceiptData:
    """What somebody's Kassenbeleg-V1 says. Raises ValueError for what the DSFinV-K would not write."""
    found = _DATA.fullmatch(text)
    if found is None or found[1] not in KINDS:
        raise ValueError("this is no processData of Kassenbeleg-V1")
    parts = [_PART.fullmatch(part) for part in found[3].split("_")] if found[3] else []
    one, two, three, four, five = (_minor(amount) for amount in found[2].split("_"))
    return ReceiptData(
        found[1],
        (one, two, three, four, five),
        tuple(_paid(part, number) for number, part in enumerate(parts, start=1)),
    )


def order_data(lines: Iterable[Line], name: Callable[[str], str]) -> str:
    """processData of Bestellung-V1: a row each of quantity, name and price per unit; deposit is a row too."""
    rows = []
    for line in lines:
        measure = line.weight_g or line.length_mm
        quantity = f"{measure / 1000:.3f}".rstrip("0").rstrip(".") if measure else str(line.quantity)
        rows.append(_order_row(quantity, name(line.gtin), line.unit_price_minor))
        if line.deposit_minor:
            rows.append(_order_row(str(line.quantity), "Pfand", line.deposit_minor))
    return "\r".join(rows)


def sale_data(sale: SaleCompleted, *, training: bool = False) -> str:
    """processData of a paid sale. What is taxed and what was paid sum to the same.

    A gift card is no payment there, but a business case outside of VAT, as it is in the DSFinV-K
    (annex C, Mehrzweckgutschein).
    """
    gross = [(part.rate_bp, part.gross_minor) for part in sale.vat]
    gross += [(0, -part.amount_minor) for part in sale.tenders if part.kind == GIFT_CARD]
    paid = paid_in(sale)
    assert sum(amount for _, amount in gross) == sum(part.amount_minor for part in paid)
    return receipt_data(TRAINING if training else SALE, gross, paid)


def paid_in(sale: SaleCompleted) -> tuple[Paid, ...]:
    """How a sale was paid, in its parts but gift cards; nothing for one that cost nothing."""
    if sale.tenders:
        return tuple(
            Paid(CASH if part.kind == "cash" else CASHLESS, part.amount_minor, sale.currency)
            for part in sale.tenders
            if part.kind != GIFT_CARD
        )
    if not sale.total_minor:
        return ()
    # Written before sales told their parts.
    return (Paid(CASH if sale.paid_by == "cash" else CASHLESS, sale.total_minor, sale.currency),)


def money_moved_data(amount_minor: int) -> str:
    """processData of cash that came into the drawer (or left it, negative) without a sale."""
    return receipt_data(SALE, [(0, amount_minor)], [Paid(CASH, amount_minor)])


# When it is signed


@dataclass(frozen=True, slots=True)
class Start:
    """A business process begins; the device is told nothing but that."""

    basket: str


@dataclass(frozen=True, slots=True)
class Finish:
    """It ends, and these are its data."""

    basket: str
    process_type: str
    process_data: str


Step = Start | Finish
OrderOf = Callable[[str], str]
"""Gives Bestellung-V1's data of a basket by its id."""


def decide(
    open_baskets: frozenset[str], event: Event, order_of: OrderOf, *, training: bool = False
) -> tuple[frozenset[str], tuple[Step, ...]]:
    """What the device must do about an event: (baskets with a transaction from now on, steps).

    Whoever does the steps keeps `open_baskets` together with its place in the journal, so that each event is
    decided once. A basket whose start the device missed is not among them: its sale is started and finished
    at once.
    """
    basket = getattr(event, "basket", "")
    is_open = basket in open_baskets
    start = () if is_open else (Start(basket),)
    match type(event).__name__:
        case "LineAdded" | "BasketResumed":
            return open_baskets | {basket}, start
        case "SaleCompleted":
            assert isinstance(event, events.SaleCompleted)
            finish = Finish(basket, RECEIPT, sale_data(event, training=training))
            return open_baskets - {basket}, (*start, finish)
        case "BasketCancelled" if is_open:
            return open_baskets - {basket}, (Finish(basket, RECEIPT, receipt_data(ABORTED, (), ())),)
        case "BasketParked" if is_open:
            return open_baskets - {basket}, (Finish(basket, ORDER, order_of(basket)),)
        case _:
            return open_baskets, ()


# When the device is out


@dataclass(frozen=True, slots=True)
class Outage:
    """The device was out: since when, why, and until when ("" while it is).

    Both times and the reason must be recorded, by the till itself if it can (AEAO to § 146a, 7.1). Selling
    goes on (7.2); the receipt says that the device is out (7.3), and nothing is signed afterwards.
    """

    since: str
    reason: str
    until: str = ""

    def ended(self, at: dt.datetime) -> Outage:
        """The same outage, over; the end that was written down first stays."""
        return self if self.until else Outage(self.since, self.reason, at.isoformat(timespec="seconds"))


# How amounts are written


def _decimal(amount_minor: int) -> str:
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{abs(amount_minor) // 100}.{abs(amount_minor) % 100:02}"


def _minor(amount: str) -> int:
    return int(amount.replace(".", ""))


def _paid(part: re.Match[str] | None, number: int) -> Paid:
    if part is None or part[3] == EURO:
        raise ValueError(f"payment {number} is not written as the DSFinV-K does")
    return Paid(part[2], _minor(part[1]), part[3] or EURO)


def _order_row(quantity: str, name: str, price_minor: int) -> str:
    quoted = name.replace('"', '""')
    return f'{quantity};"{quoted}";{_decimal(price_minor)}'
