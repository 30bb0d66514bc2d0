"""What happens at the counter, in the past tense: the words that every floor shares.

An event is a frozen value; its class name is its name in the journal, and over
the wire to head office `"emma." + name` (CloudEvents 1.0 `type`). The journal
adds the lane, the number and the time. Fields are ids and facts: never a name,
a card number or a picture. `basket` is a random id, `visit` a random reference
to one person's one visit.

Names and fields are frozen by the golden files in `tests/contracts`: add
fields with defaults, never rename or remove one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events."""

    names: ClassVar[dict[str, type[Event]]] = {}

    def __init_subclass__(cls) -> None:
        Event.names[cls.__name__] = cls


# The basket


@dataclass(frozen=True, slots=True)
class BasketOpened(Event):
    basket: str


@dataclass(frozen=True, slots=True)
class LineAdded(Event):
    """`how` is serial, camera, wedge, typed, tapped or tray. `epc` is upper-case hex or ""."""

    basket: str
    version: int
    line: int
    gtin: str
    quantity: int
    weight_g: int
    unit_price_minor: int
    total_minor: int
    vat_bp: int
    how: str
    epc: str = ""


@dataclass(frozen=True, slots=True)
class LineChanged(Event):
    basket: str
    version: int
    line: int
    quantity: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class LineVoided(Event):
    basket: str
    version: int
    line: int


@dataclass(frozen=True, slots=True)
class ScanRefused(Event):
    """Something was held before a reader and could not become a line. The code itself is not kept."""

    basket: str
    reason: str
    how: str


@dataclass(frozen=True, slots=True)
class BasketCancelled(Event):
    """`reason` is shopper, staff or left."""

    basket: str
    reason: str


@dataclass(frozen=True, slots=True)
class LaneFreed(Event):
    """The shopper of a paid basket has gone, or the next one has begun."""

    basket: str


@dataclass(frozen=True, slots=True)
class HelpAsked(Event):
    basket: str


# The shopper


@dataclass(frozen=True, slots=True)
class ShopperIdentified(Event):
    """`token` is the random id of the one-time token shown; only head office can tell whose it was."""

    basket: str
    visit: str
    token: str


@dataclass(frozen=True, slots=True)
class ShopperWelcomed(Event):
    """Head office answered for this visit; what it said waits at the till until the visit ends."""

    basket: str
    visit: str
    personal: bool


@dataclass(frozen=True, slots=True)
class ShopperDismissed(Event):
    """The visit ended before a sale.

    `reason` is shopper, token_used, token_unknown, token_expired or left.
    """

    basket: str
    visit: str
    reason: str


@dataclass(frozen=True, slots=True)
class OfferDeclined(Event):
    """The shopper tapped the offer away."""

    basket: str
    visit: str
    offer: str


# The payment: asked -> sent -> taken | declined | unknown -> resolved


@dataclass(frozen=True, slots=True)
class PaymentAsked(Event):
    basket: str
    payment: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class PaymentSent(Event):
    """Committed before the first byte goes to the terminal. `receipt_before` is its last receipt number."""

    basket: str
    payment: str
    amount_minor: int
    terminal: str
    receipt_before: int


@dataclass(frozen=True, slots=True)
class PaymentStopAsked(Event):
    """The shopper changed their mind; the terminal is asked to let go."""

    basket: str
    payment: str


@dataclass(frozen=True, slots=True)
class PaymentProgressed(Event):
    """The terminal says what it is doing (ZVT intermediate status code)."""

    basket: str
    payment: str
    status: int


@dataclass(frozen=True, slots=True)
class PaymentEnquired(Event):
    """The terminal's answer is missing: it is asked what became of the payment, and the shopper waits."""

    basket: str
    payment: str


@dataclass(frozen=True, slots=True)
class PaymentTaken(Event):
    """`found_by` is answer, enquiry or staff."""

    basket: str
    payment: str
    amount_minor: int
    terminal: str
    receipt_number: int
    found_by: str


@dataclass(frozen=True, slots=True)
class PaymentDeclined(Event):
    """No money moved. `reason` is card, shopper, terminal, enquiry or staff."""

    basket: str
    payment: str
    reason: str


@dataclass(frozen=True, slots=True)
class PaymentUnknown(Event):
    basket: str
    payment: str


@dataclass(frozen=True, slots=True)
class SoldLine:
    gtin: str
    quantity: int
    weight_g: int
    total_minor: int
    vat_bp: int


@dataclass(frozen=True, slots=True)
class VatPart:
    """Part of a gross amount at one rate: `net_minor + vat_minor == gross_minor`."""

    rate_bp: int
    gross_minor: int
    net_minor: int
    vat_minor: int


@dataclass(frozen=True, slots=True)
class SaleCompleted(Event):
    """`receipt` is the store's running receipt number; `visit` is "" for a stranger."""

    basket: str
    receipt: int
    total_minor: int
    currency: str
    lines: tuple[SoldLine, ...]
    vat: tuple[VatPart, ...]
    visit: str
    paid_by: str
    payment: str = ""


# The paper


@dataclass(frozen=True, slots=True)
class ReceiptPrinted(Event):
    receipt: int


@dataclass(frozen=True, slots=True)
class ReceiptNotPrinted(Event):
    """The digital receipt stands in. `reason` is paper, gone or late."""

    receipt: int
    reason: str


# The store


@dataclass(frozen=True, slots=True)
class DeviceLost(Event):
    device: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeviceBack(Event):
    device: str


@dataclass(frozen=True, slots=True)
class TaskOpened(Event):
    """Something needs a human. `kind` is payment_unknown, payment_taken_after_all, help, device_lost,
    token_used or journal_broken; `about` the payment, lane, device or visit it is about.
    """

    task: str
    kind: str
    about: str


@dataclass(frozen=True, slots=True)
class TaskDone(Event):
    task: str
    outcome: str
