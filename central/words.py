"""What head office understands of a store's events: the shape of each known type's data.

Written down a second time on purpose: over the wire we share examples (`tests/contracts`), not classes.
Fields that head office does not know are kept in the raw event and otherwise ignored; fields that old
stores do not send yet have defaults. Data that does not fit its type is parked, never guessed at.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.json import Decoder

from central.fields import Count, Epc, Gtin, Jti, Ref, RefOrNone, Text, Whole
from central.fitting_words import FITTING
from central.lane_words import GateAsked, GateOpened, KeyTurned
from central.money_words import MONEY
from central.phone_words import ExitAllowed, ExitUsed, PhoneJoined, PhoneLeft
from central.sale_words import PromotionBegan, PromotionEnded, SaleCompleted


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
    length_mm: Count = 0


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


class PriceOverridden(Struct):
    basket: Ref
    version: Count
    line: Count
    price_minor: Whole
    shown_minor: Whole
    total_minor: Whole
    reason: Text
    clerk: Ref
    second: RefOrNone = ""


class OverrideTakenBack(Struct):
    basket: Ref
    version: Count
    line: Count
    total_minor: Whole
    clerk: Ref


class ServingChanged(Struct):
    basket: Ref
    version: Count
    eat_in: bool


class CustomerGroupChanged(Struct):
    basket: Ref
    version: Count
    group: Text


class AgeChecked(Struct):
    basket: Ref
    version: Count
    years: Count
    clerk: Ref
    taken_off: tuple[Count, ...] = ()


class ScanRefused(Struct):
    basket: RefOrNone
    reason: Text
    how: Text


class BasketCancelled(Struct):
    basket: Ref
    reason: Text


class CouponHandedIn(Struct):
    basket: Ref
    version: Count
    coupon: Ref
    how: Text


class CouponTakenBack(Struct):
    basket: Ref
    version: Count
    coupon: Ref


class CouponRedeemed(Struct):
    basket: Ref
    coupon: Ref
    id: Text
    times_max: Count
    amount_minor: Whole


class VoucherRedeemed(Struct):
    basket: Ref
    voucher: Text
    amount_minor: Whole
    sealed: bool


class BasketParked(Struct):
    basket: Ref
    reason: Text
    until: Text


class BasketResumed(Struct):
    basket: Ref
    was_on: Text


class LaneFreed(Struct):
    basket: Ref


class WeighingAsked(Struct):
    basket: Ref
    weighing: Ref
    gtin: Gtin
    unit_price_minor: Count
    tare_g: Count


class Weighed(Struct):
    basket: Ref
    weighing: Ref
    gtin: Gtin
    weight_g: Count


class WeighingFailed(Struct):
    basket: Ref
    weighing: Ref
    reason: Text


class ArticleRecalled(Struct):
    gtin: Gtin
    batch: Text


class RecallLifted(Struct):
    gtin: Gtin
    batch: Text


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


class GoodsReturned(Struct):
    basket: Ref
    receipt: Count
    line: Count
    gtin: Gtin
    quantity: Count
    weight_g: Count
    length_mm: Count
    total_minor: Whole
    reason: Text
    of_receipt: Count
    of_line: Count
    epc: Epc
    clerk: RefOrNone
    second: RefOrNone


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


class LossChecked(Struct):
    basket: RefOrNone
    task: Ref
    reason: Text
    outcome: Text
    forgotten: Count
    clerk: Ref


class ClerkSignedIn(Struct):
    clerk: Ref
    tablet: Ref


class ClerkSignedOut(Struct):
    clerk: Ref
    tablet: Ref
    reason: Text


class ClerkActed(Struct):
    clerk: Ref
    act: Text
    about: Text
    reason: Text = ""
    second: RefOrNone = ""


class ClerkChanged(Struct):
    clerk: Ref
    change: Text
    rights: tuple[Text, ...]


class SigningUnitSeen(Struct):
    device: Ref
    serial: Ref
    algorithm: Text


class TransactionStarted(Struct):
    basket: Ref
    till: Text
    serial: Ref
    transaction: Count
    at: Text


class TransactionFinished(Struct):
    basket: RefOrNone
    till: Text
    serial: Ref
    transaction: Count
    counter: Count
    process_type: Text
    at: Text
    late: bool


class SaleNotSigned(Struct):
    basket: Ref
    receipt: Count
    reason: Text


class OutageBegan(Struct):
    device: Ref
    reason: Text


class OutageEnded(Struct):
    device: Ref
    since: Text


WORDS: tuple[type[Struct], ...] = (
    *MONEY, *FITTING,
    BasketOpened, LineAdded, LineChanged, LineVoided,
    PriceOverridden, OverrideTakenBack, ServingChanged, CustomerGroupChanged, AgeChecked,
    ScanRefused, BasketCancelled, LaneFreed, HelpAsked, ArticleRecalled, RecallLifted,
    WeighingAsked, Weighed, WeighingFailed,
    CouponHandedIn, CouponTakenBack, CouponRedeemed, VoucherRedeemed,
    PromotionBegan, PromotionEnded,
    ShopperIdentified, ShopperWelcomed, ShopperDismissed, OfferDeclined,
    SaleCompleted, GoodsReturned, ReceiptPrinted, ReceiptNotPrinted,
    DeviceLost, DeviceBack, TaskOpened, TaskDone,
    BasketParked, BasketResumed, LossChecked, ClerkSignedIn, ClerkSignedOut, ClerkActed, ClerkChanged,
    SigningUnitSeen, TransactionStarted, TransactionFinished, SaleNotSigned, OutageBegan, OutageEnded,
    KeyTurned, GateAsked, GateOpened, PhoneJoined, PhoneLeft, ExitAllowed, ExitUsed,
)  # fmt: skip
DECODERS: dict[str, Decoder[Struct]] = {f"emma.{word.__name__}": Decoder(word) for word in WORDS}
