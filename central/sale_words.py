"""The shapes of events about sales and promotions: what `words` is for the others."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from central.fields import Count, Currency, Gtin, LineKind, Percent, Ref, RefOrNone, Text, Times, Whole
from central.money_words import TenderPart


class PromotionBegan(Struct):
    promotion: Text
    kind: Text
    terms: dict[str, Any]


class PromotionEnded(Struct):
    promotion: Text


class Taken(Struct):
    by: Text
    amount_minor: Whole


class OfferHeld(Struct):
    offer: Ref
    gtin: Gtin
    percent: Percent


class SoldLine(Struct):
    gtin: Gtin
    quantity: Count
    weight_g: Count
    total_minor: Whole
    vat_bp: Count
    kind: LineKind = "goods"
    discount_minor: Whole = 0
    deposit_minor: Whole = 0
    points_times: Times = 1
    unit_price_minor: Whole = 0
    length_mm: Count = 0
    fixed_minor: Whole = 0
    groups: tuple[Text, ...] = ()
    reductions: tuple[Taken, ...] = ()


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
    tenders: tuple[TenderPart, ...] = ()
    opened_at: Text = ""
    customer_group: Text = ""
    coupons: tuple[Text, ...] = ()
    offer: OfferHeld | None = None
