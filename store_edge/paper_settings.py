"""What `store.toml` says about deposit, empties and coupons; `paper_rules` makes rules of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class DepositSettings:
    """A kind of deposit: what differs from the usual one of this name, or a new one with number and name."""

    gtin: str = ""
    name: Mapping[str, Any] = field(default_factory=dict)
    amount_minor: int = 0
    contains: Mapping[str, Any] = field(default_factory=dict)
    """Other kinds that come with it, and how many: `{ crate = 1, bottle-8 = 20 }`."""
    vat: str = "standard"
    taken: bool = True
    """False: this shop does not take it back."""


@dataclass(frozen=True, slots=True)
class EmptiesSettings:
    """How much is taken back into one basket, and what the reverse-vending machine prints."""

    pieces_max: int = 200
    minor_max: int = 100_00
    unattended_minor_max: int = 5_00
    """So much a shopper may hand back without anybody looking on."""
    voucher_prefix: str = "980"
    """How a plain voucher's 13 digits begin; "" if none are taken."""
    voucher_amount_digits: int = 4
    voucher_minor_max: int = 50_00
    secret_file: str = ""
    """The file with the chain's secret for sealed vouchers; `EMMA_VOUCHER_SECRET` goes before it."""


@dataclass(frozen=True, slots=True)
class CouponSettings:
    """A coupon that this shop takes; its fields are those of `checkout.coupons.Coupon`."""

    number: str
    name: Mapping[str, Any] = field(default_factory=dict)
    amount_minor: int = 0
    percent: int = 0
    promotion: str = ""
    on: tuple[str, ...] = ()
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    goods_minor_min: int = 0
    times_max: int = 0
