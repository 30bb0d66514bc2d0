"""What head office understands of a store's events: the shape of each known type's data.

Written down a second time on purpose: over the wire we share examples (`tests/contracts`), not classes.
Fields that head office does not know are kept in the raw event and otherwise ignored; fields that old
stores do not send yet have defaults. Data that does not fit its type is parked, never guessed at.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.json import Decoder

_END = r"(?!\n)"  # Python's $ would let one line feed through
Ref = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$" + _END)]
RefOrNone = Annotated[str, Meta(max_length=64, pattern=r"^[A-Za-z0-9_.:-]*$" + _END)]
Jti = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$" + _END)]
Gtin = Annotated[str, Meta(pattern=r"^[0-9]{8,14}$" + _END)]
Epc = Annotated[str, Meta(max_length=128, pattern=r"^[0-9A-F]*$" + _END)]
Text = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*$")]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$" + _END)]
Whole = Annotated[int, Meta(ge=-(2**53), le=2**53)]
Count = Annotated[int, Meta(ge=0, le=2**53)]


class BasketOpened(Struct):
    basket: Ref


class LineAdded(Struct):
    basket: Ref
    version: Count
    line: Count
    gtin: Gtin
    quantity: Count
    weight_g: Count
    unit_price_minor: Whole
    total_minor: Whole
    vat_bp: Count
    how: Text
    epc: Epc = ""


class LineChanged(Struct):
    basket: Ref
    version: Count
    line: Count
    quantity: Count
    total_minor: Whole


class LineVoided(Struct):
    basket: Ref
    version: Count
    line: Count


class ScanRefused(Struct):
    basket: RefOrNone
    reason: Text
    how: Text


class BasketCancelled(Struct):
    basket: Ref
    reason: Text


class LaneFreed(Struct):
    basket: Ref


class HelpAsked(Struct):
    basket: RefOrNone


class ShopperIdentified(Struct):
    basket: Ref
    visit: Ref
    token: Jti


class ShopperWelcomed(Struct):
    basket: Ref
    visit: Ref
    personal: bool


class ShopperDismissed(Struct):
    basket: Ref
    visit: Ref
    reason: Text


class OfferDeclined(Struct):
    basket: Ref
    visit: Ref
    offer: Ref


class PaymentAsked(Struct):
    basket: Ref
    payment: Ref
    amount_minor: Whole
    currency: Currency


class PaymentSent(Struct):
    basket: Ref
    payment: Ref
    amount_minor: Whole
    terminal: Text
    receipt_before: Whole


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


class SoldLine(Struct):
    gtin: Gtin
    quantity: Count
    weight_g: Count
    total_minor: Whole
    vat_bp: Count


class VatPart(Struct):
    rate_bp: Count
    gross_minor: Whole
    net_minor: Whole
    vat_minor: Whole


class SaleCompleted(Struct):
    basket: Ref
    receipt: Count
    total_minor: Whole
    currency: Currency
    lines: tuple[SoldLine, ...]
    vat: tuple[VatPart, ...]
    visit: RefOrNone
    paid_by: Text
    payment: RefOrNone = ""


class ReceiptPrinted(Struct):
    receipt: Count


class ReceiptNotPrinted(Struct):
    receipt: Count
    reason: Text


class DeviceLost(Struct):
    device: Text
    reason: Text


class DeviceBack(Struct):
    device: Text


class TaskOpened(Struct):
    task: Ref
    kind: Text
    about: Text


class TaskDone(Struct):
    task: Ref
    outcome: Text


DECODERS: dict[str, Decoder[Struct]] = {
    f"emma.{word.__name__}": Decoder(word)
    for word in (
        BasketOpened, LineAdded, LineChanged, LineVoided, ScanRefused, BasketCancelled, LaneFreed, HelpAsked,
        ShopperIdentified, ShopperWelcomed, ShopperDismissed, OfferDeclined,
        PaymentAsked, PaymentSent, PaymentStopAsked, PaymentProgressed, PaymentTaken, PaymentDeclined,
        PaymentEnquired, PaymentUnknown,
        SaleCompleted, ReceiptPrinted, ReceiptNotPrinted, DeviceLost, DeviceBack, TaskOpened, TaskDone,
    )
}  # fmt: skip
