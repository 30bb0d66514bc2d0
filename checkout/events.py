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

from checkout.event import Event as Event
from checkout.fiscal_events import OutageBegan as OutageBegan
from checkout.fiscal_events import OutageEnded as OutageEnded
from checkout.fiscal_events import SaleNotSigned as SaleNotSigned
from checkout.fiscal_events import SigningUnitSeen as SigningUnitSeen
from checkout.fiscal_events import TransactionFinished as TransactionFinished
from checkout.fiscal_events import TransactionStarted as TransactionStarted
from checkout.lane_events import DeviceBack as DeviceBack
from checkout.lane_events import DeviceLost as DeviceLost
from checkout.lane_events import GateAsked as GateAsked
from checkout.lane_events import GateOpened as GateOpened
from checkout.lane_events import KeyTurned as KeyTurned
from checkout.money_events import CardRefundAsked as CardRefundAsked
from checkout.money_events import CardRefundDeclined as CardRefundDeclined
from checkout.money_events import CardRefundMade as CardRefundMade
from checkout.money_events import CardRefundSent as CardRefundSent
from checkout.money_events import CardRefundUnknown as CardRefundUnknown
from checkout.money_events import CashMoved as CashMoved
from checkout.money_events import ClosingPrintAsked as ClosingPrintAsked
from checkout.money_events import DayClosed as DayClosed
from checkout.money_events import DrawerCounted as DrawerCounted
from checkout.money_events import GiftCardBlocked as GiftCardBlocked
from checkout.money_events import GiftCardBooked as GiftCardBooked
from checkout.money_events import GiftCardHandedIn as GiftCardHandedIn
from checkout.money_events import GiftCardTakenBack as GiftCardTakenBack
from checkout.money_events import MoneyUnmatched as MoneyUnmatched
from checkout.money_events import PaymentAsked as PaymentAsked
from checkout.money_events import PaymentCodeShown as PaymentCodeShown
from checkout.money_events import PaymentDeclined as PaymentDeclined
from checkout.money_events import PaymentEnquired as PaymentEnquired
from checkout.money_events import PaymentProgressed as PaymentProgressed
from checkout.money_events import PaymentReturned as PaymentReturned
from checkout.money_events import PaymentSent as PaymentSent
from checkout.money_events import PaymentStopAsked as PaymentStopAsked
from checkout.money_events import PaymentTaken as PaymentTaken
from checkout.money_events import PaymentUnknown as PaymentUnknown
from checkout.money_events import PointsGivenBack as PointsGivenBack
from checkout.money_events import PointsSpent as PointsSpent
from checkout.money_events import RefundAsked as RefundAsked
from checkout.money_events import TenderPart as TenderPart
from checkout.money_events import TransferPaidBack as TransferPaidBack
from checkout.money_events import TransferReceived as TransferReceived
from checkout.phone_events import ExitAllowed as ExitAllowed
from checkout.phone_events import ExitUsed as ExitUsed
from checkout.phone_events import PhoneJoined as PhoneJoined
from checkout.phone_events import PhoneLeft as PhoneLeft
from checkout.promotion_events import OfferHeld as OfferHeld
from checkout.promotion_events import PromotionBegan as PromotionBegan
from checkout.promotion_events import PromotionEnded as PromotionEnded
from checkout.promotion_events import Taken as Taken
from checkout.staff_events import AgeChecked as AgeChecked
from checkout.staff_events import ClerkActed as ClerkActed
from checkout.staff_events import ClerkChanged as ClerkChanged
from checkout.staff_events import ClerkSignedIn as ClerkSignedIn
from checkout.staff_events import ClerkSignedOut as ClerkSignedOut
from checkout.staff_events import LossChecked as LossChecked
from checkout.staff_events import OverrideTakenBack as OverrideTakenBack
from checkout.staff_events import PriceOverridden as PriceOverridden
from checkout.staff_events import TaskDone as TaskDone
from checkout.staff_events import TaskOpened as TaskOpened
from checkout.weighing_events import Weighed as Weighed
from checkout.weighing_events import WeighingAsked as WeighingAsked
from checkout.weighing_events import WeighingFailed as WeighingFailed

# The basket


@dataclass(frozen=True, slots=True)
class BasketOpened(Event):
    basket: str


@dataclass(frozen=True, slots=True)
class LineAdded(Event):
    """`how` is serial, camera, wedge, typed, tapped, tray, scale or phone. `epc` is upper-case hex or ""."""

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
    length_mm: int = 0


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
class ServingChanged(Event):
    """The basket is eaten here, or taken away: its lines have the rates of that."""

    basket: str
    version: int
    eat_in: bool


@dataclass(frozen=True, slots=True)
class CustomerGroupChanged(Event):
    """From here on the prices of a customer group hold; "" is everybody."""

    basket: str
    version: int
    group: str


@dataclass(frozen=True, slots=True)
class ScanRefused(Event):
    """Something was held before a reader and could not become a line. The code itself is not kept."""

    basket: str
    reason: str
    how: str


@dataclass(frozen=True, slots=True)
class BasketCancelled(Event):
    """`reason` is shopper, staff or left; expired or closing for a parked one."""

    basket: str
    reason: str


@dataclass(frozen=True, slots=True)
class CouponHandedIn(Event):
    """`coupon` is its name in the shop's list; it lies in the basket and may have to wait there."""

    basket: str
    version: int
    coupon: str
    how: str


@dataclass(frozen=True, slots=True)
class CouponTakenBack(Event):
    """The shopper would rather keep it."""

    basket: str
    version: int
    coupon: str


@dataclass(frozen=True, slots=True)
class CouponRedeemed(Event):
    """A sale used it. `id` may be used `times_max` times in the chain; "" and 0 for any number of times."""

    basket: str
    coupon: str
    id: str
    times_max: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class VoucherRedeemed(Event):
    """A sale paid a voucher for empties out. A `sealed` one is unique in the chain, others in their store."""

    basket: str
    voucher: str
    amount_minor: int
    sealed: bool


@dataclass(frozen=True, slots=True)
class BasketParked(Event):
    """The lane is free, the basket waits. `reason` is shopper, staff or left; `until` is ISO 8601 in UTC."""

    basket: str
    reason: str
    until: str


@dataclass(frozen=True, slots=True)
class BasketResumed(Event):
    """A parked basket goes on, on this entry's lane; `was_on` is the lane that it was parked on."""

    basket: str
    was_on: str


@dataclass(frozen=True, slots=True)
class LaneFreed(Event):
    """The shopper of a paid basket has gone, or the next one has begun."""

    basket: str


@dataclass(frozen=True, slots=True)
class HelpAsked(Event):
    basket: str


@dataclass(frozen=True, slots=True)
class ArticleRecalled(Event):
    """This batch must not be sold any more; `batch` "" means all of the article."""

    gtin: str
    batch: str


@dataclass(frozen=True, slots=True)
class RecallLifted(Event):
    """It may be sold again."""

    gtin: str
    batch: str


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

    `reason` is shopper, token_used, token_unknown, token_expired, withdrawn (the account was erased) or left.
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


# The sale


@dataclass(frozen=True, slots=True)
class SoldLine:
    """`kind` is goods, empties, returned or voucher; `total_minor` has discount and deposit in it.

    `points_times` is how often it earns the ordinary points: 0 for goods that earn none. From
    `unit_price_minor` on: what it was priced by, as a basket's line has it, so that it can be priced again.
    """

    gtin: str
    quantity: int
    weight_g: int
    total_minor: int
    vat_bp: int
    kind: str = "goods"
    discount_minor: int = 0
    deposit_minor: int = 0
    points_times: int = 1
    unit_price_minor: int = 0
    length_mm: int = 0
    fixed_minor: int = 0
    groups: tuple[str, ...] = ()
    reductions: tuple[Taken, ...] = ()


@dataclass(frozen=True, slots=True)
class VatPart:
    """Part of a gross amount at one rate: `net_minor + vat_minor == gross_minor`."""

    rate_bp: int
    gross_minor: int
    net_minor: int
    vat_minor: int


@dataclass(frozen=True, slots=True)
class SaleCompleted(Event):
    """`visit` is "" for a stranger. `paid_by` is a tender, several or nothing; `payment` the id if one.

    What promotions were asked for: when the basket was opened, by the clock on the shop's wall and without a
    zone (ISO 8601); the customer group and the coupons in it; the shopper's own offer, None without one.
    """

    basket: str
    receipt: int
    total_minor: int
    currency: str
    lines: tuple[SoldLine, ...]
    vat: tuple[VatPart, ...]
    visit: str
    paid_by: str
    payment: str = ""
    tenders: tuple[TenderPart, ...] = ()
    opened_at: str = ""
    customer_group: str = ""
    coupons: tuple[str, ...] = ()
    offer: OfferHeld | None = None


@dataclass(frozen=True, slots=True)
class GoodsReturned(Event):
    """One line of goods came back with a receipt of its own; `total_minor` is negative, deposit included.

    `of_receipt` and `of_line` say which sale it undoes, 0 where nobody could tell. `reason` is damaged,
    recalled, wrong_article, wrong_size, not_as_expected or changed_mind; `epc` a tag that can be sold again.
    """

    basket: str
    receipt: int
    line: int
    gtin: str
    quantity: int
    weight_g: int
    length_mm: int
    total_minor: int
    reason: str
    of_receipt: int
    of_line: int
    epc: str
    clerk: str
    second: str


# Points: what is earned follows from SaleCompleted, what is taken back from GoodsReturned


# The paper


@dataclass(frozen=True, slots=True)
class ReceiptPrinted(Event):
    receipt: int


@dataclass(frozen=True, slots=True)
class ReceiptNotPrinted(Event):
    """The digital receipt stands in. `reason` is paper, gone or late."""

    receipt: int
    reason: str
