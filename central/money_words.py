"""The shapes of events about money: what `words` is for the others."""

from __future__ import annotations

from msgspec import Struct

from central.fields import Count, Currency, Day, Epc, Ref, Text, Whole


class PaymentAsked(Struct):
    basket: Ref
    payment: Ref
    amount_minor: Whole
    currency: Currency
    tender: Text = "card"


class PaymentSent(Struct):
    basket: Ref
    payment: Ref
    amount_minor: Whole
    terminal: Text
    receipt_before: Whole


class PaymentCodeShown(Struct):
    basket: Ref
    payment: Ref


class TransferReceived(Struct):
    basket: Ref
    payment: Ref
    amount_minor: Whole
    received_minor: Whole


class TransferPaidBack(Struct):
    basket: Ref
    payment: Ref
    amount_minor: Whole


class MoneyUnmatched(Struct):
    device: Text
    entry: Text
    amount_minor: Whole


class PaymentStopAsked(Struct):
    basket: Ref
    payment: Ref


class PaymentProgressed(Struct):
    basket: Ref
    payment: Ref
    status: Whole


class PaymentTaken(Struct):
    basket: Ref
    payment: Ref
    amount_minor: Whole
    terminal: Text
    receipt_number: Whole
    found_by: Text
    tender: Text = "card"
    due_minor: Whole = 0


class PaymentDeclined(Struct):
    basket: Ref
    payment: Ref
    reason: Text


class PaymentEnquired(Struct):
    basket: Ref
    payment: Ref


class PaymentUnknown(Struct):
    basket: Ref
    payment: Ref


class CardRefundAsked(PaymentAsked):
    """A payment the other way: amounts are positive."""


class CardRefundSent(PaymentSent):
    pass


class CardRefundMade(Struct):
    basket: Ref
    payment: Ref
    amount_minor: Whole
    terminal: Text
    receipt_number: Whole
    found_by: Text


class CardRefundDeclined(PaymentDeclined):
    pass


class CardRefundUnknown(PaymentUnknown):
    pass


class RefundAsked(Struct):
    basket: Ref
    payment: Ref
    amount_minor: Whole


class PaymentReturned(Struct):
    basket: Ref
    payment: Ref
    tender: Text
    amount_minor: Whole


class TenderPart(Struct):
    kind: Text
    amount_minor: Whole
    payment: Ref
    rounding_minor: Whole = 0


class GiftCardBooked(Struct):
    card: Epc
    why: Text
    amount_minor: Whole
    balance_minor: Whole
    about: Ref


class GiftCardHandedIn(Struct):
    basket: Ref
    version: Count
    card: Epc


class GiftCardTakenBack(GiftCardHandedIn):
    pass


class GiftCardBlocked(Struct):
    card: Epc
    by: Ref


class CashMoved(Struct):
    why: Text
    reason: Text
    amount_minor: Whole
    by: Ref


class DrawerCounted(Struct):
    expected_minor: Whole
    counted_minor: Whole
    by: Ref


class DayClosed(Struct):
    closing: Count
    business_day: Day
    first_receipt: Count
    last_receipt: Count
    receipts: Count
    turnover_minor: Whole
    difference_minor: Whole
    by: Ref


class ClosingPrintAsked(Struct):
    closing: Count
    by: Ref


class PointsSpent(Struct):
    basket: Ref
    visit: Ref
    points: Count
    worth_minor: Count
    payment: Ref


class PointsGivenBack(Struct):
    basket: Ref
    visit: Ref
    points: Count
    worth_minor: Count
    payment: Ref


MONEY: tuple[type[Struct], ...] = (
    PaymentAsked, PaymentSent, PaymentStopAsked, PaymentProgressed, PaymentTaken, PaymentDeclined,
    PaymentEnquired, PaymentUnknown, RefundAsked, PaymentReturned,
    PaymentCodeShown, TransferReceived, TransferPaidBack, MoneyUnmatched,
    CardRefundAsked, CardRefundSent, CardRefundMade, CardRefundDeclined, CardRefundUnknown,
    GiftCardBooked, GiftCardHandedIn, GiftCardTakenBack, GiftCardBlocked,
    CashMoved, DrawerCounted, DayClosed, ClosingPrintAsked, PointsSpent, PointsGivenBack,
)  # fmt: skip
"""Every event here."""
