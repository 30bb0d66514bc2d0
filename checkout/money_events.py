"""What becomes of money: payments, in parts and given back, gift cards, the drawer, the day's end.

A payment goes asked -> sent -> taken | declined | unknown -> resolved.
"""

from __future__ import annotations

from dataclasses import dataclass

from checkout.event import Event


@dataclass(frozen=True, slots=True)
class PaymentAsked(Event):
    basket: str
    payment: str
    amount_minor: int
    currency: str
    tender: str = "card"


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
class PaymentCodeShown(Event):
    """There is something to scan for it, now."""

    basket: str
    payment: str


@dataclass(frozen=True, slots=True)
class PaymentTaken(Event):
    """`found_by` is answer, notice, enquiry, staff, or counter where nobody was asked.

    `due_minor` is left to pay.
    """

    basket: str
    payment: str
    amount_minor: int
    terminal: str
    receipt_number: int
    found_by: str
    tender: str = "card"
    due_minor: int = 0


@dataclass(frozen=True, slots=True)
class PaymentEnquired(Event):
    """The terminal's answer is missing: it is asked what became of the payment, and the shopper waits."""

    basket: str
    payment: str


@dataclass(frozen=True, slots=True)
class PaymentDeclined(Event):
    """No money moved. `reason` is card, shopper, terminal, provider, late, enquiry or staff."""

    basket: str
    payment: str
    reason: str


@dataclass(frozen=True, slots=True)
class PaymentUnknown(Event):
    basket: str
    payment: str


@dataclass(frozen=True, slots=True)
class TransferReceived(Event):
    """Money came in by the bank for this payment; `received_minor` is all there was until now."""

    basket: str
    payment: str
    amount_minor: int
    received_minor: int


@dataclass(frozen=True, slots=True)
class TransferPaidBack(Event):
    """Staff sent back what was too much, too little or too late."""

    basket: str
    payment: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class MoneyUnmatched(Event):
    """Money came in by the bank, and nobody knows what for; `entry` is the bank's own number for it."""

    device: str
    entry: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class TenderPart:
    """One part of how a sale was paid; the amounts sum to the total. `rounding_minor` is cash's."""

    kind: str
    amount_minor: int
    payment: str
    rounding_minor: int = 0


@dataclass(frozen=True, slots=True)
class CardRefundAsked(Event):
    """The shop pays out on a card: the lane's terminal is to be asked. Amounts of refunds are positive."""

    basket: str
    payment: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CardRefundSent(Event):
    """Committed before the first byte goes to the terminal. `receipt_before` is its last receipt number."""

    basket: str
    payment: str
    amount_minor: int
    terminal: str
    receipt_before: int


@dataclass(frozen=True, slots=True)
class CardRefundMade(Event):
    """The money is on its way to the card. `found_by` is answer, enquiry or staff."""

    basket: str
    payment: str
    amount_minor: int
    terminal: str
    receipt_number: int
    found_by: str


@dataclass(frozen=True, slots=True)
class CardRefundDeclined(Event):
    """No money moved. `reason` as that of `PaymentDeclined`; or left, where staff give it back instead."""

    basket: str
    payment: str
    reason: str


@dataclass(frozen=True, slots=True)
class CardRefundUnknown(Event):
    basket: str
    payment: str


@dataclass(frozen=True, slots=True)
class RefundAsked(Event):
    """The sale was given up after this card payment: it is undone at the terminal, by it or by staff."""

    basket: str
    payment: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class PaymentReturned(Event):
    """A part that was paid for a sale that was given up is back with the shopper."""

    basket: str
    payment: str
    tender: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class GiftCardBooked(Event):
    """`card` is a reference. `why` is sold, redeemed, returned or paid_on; `about` a receipt or payment."""

    card: str
    why: str
    amount_minor: int
    balance_minor: int
    about: str


@dataclass(frozen=True, slots=True)
class GiftCardHandedIn(Event):
    """It lies beside the basket; nothing is taken off it until the shopper says so."""

    basket: str
    version: int
    card: str


@dataclass(frozen=True, slots=True)
class GiftCardTakenBack(Event):
    """The shopper would rather not pay with it."""

    basket: str
    version: int
    card: str


@dataclass(frozen=True, slots=True)
class GiftCardBlocked(Event):
    card: str
    by: str


@dataclass(frozen=True, slots=True)
class CashMoved(Event):
    """Cash that came or went without a sale. `why` is float, drop, paid_in or paid_out; `by` a clerk's id."""

    why: str
    reason: str
    amount_minor: int
    by: str


@dataclass(frozen=True, slots=True)
class DrawerCounted(Event):
    expected_minor: int
    counted_minor: int
    by: str

    @property
    def amount_minor(self) -> int:
        """What the count puts into the drawer, or takes out: positive where too much lay there."""
        return self.counted_minor - self.expected_minor


@dataclass(frozen=True, slots=True)
class DayClosed(Event):
    """A Z report was written. `business_day` is ISO 8601; the receipts are 0 where none was written."""

    closing: int
    business_day: str
    first_receipt: int
    last_receipt: int
    receipts: int
    turnover_minor: int
    difference_minor: int
    by: str


@dataclass(frozen=True, slots=True)
class ClosingPrintAsked(Event):
    """Somebody wants a Z report on the lane's paper; `by` is a clerk's id."""

    closing: int
    by: str


@dataclass(frozen=True, slots=True)
class PointsSpent(Event):
    """Points of the lease of this visit paid a part of the basket: the part `payment`."""

    basket: str
    visit: str
    points: int
    worth_minor: int
    payment: str


@dataclass(frozen=True, slots=True)
class PointsGivenBack(Event):
    """Points that had been spent in this basket are the shopper's again."""

    basket: str
    visit: str
    points: int
    worth_minor: int
    payment: str
