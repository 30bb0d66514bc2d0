"""Paper that counts once: vouchers and coupons, which basket has them, and what became of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

SLIP, VOUCHER, COUPON = "slip", "voucher", "coupon"
"""A plain voucher, whose number comes again; a sealed one; a coupon that may be used so and so often."""
CHAIN_WIDE = (VOUCHER, COUPON)
"""Paper that counts once in all stores of the chain: head office is asked before it does.

It lies in the basket meanwhile. Nobody pays before the answer is there or its time is over: then the sale
goes on, and what was used twice is found by head office afterwards.
"""
ASKED, HELD, ALONE, LET_GO = "asked", "held", "alone", "let_go"
"""How that stands: not answered yet; kept for this basket; head office is away; to be given back there."""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """`id` is what may not come again, `about` the line's number or the coupon's name."""

    paper: str
    id: str
    about: str


class HandedInPage(Protocol):
    """The part of a page that remembers them, for ever and for the whole store."""

    def hand_in(self, basket: str, paper: HandedIn, times_max: int = 1) -> bool:
        """Keep one for a basket; False if that id was handed in as often as it may be."""

    def hand_back(self, basket: str, about: str = "") -> None:
        """Let what a basket holds about a line or coupon, or all of it, be handed in again."""

    def handed_in(self, basket: str) -> tuple[HandedIn, ...]:
        """What a basket holds, in no particular order."""

    def still_asked(self, basket: str, since: dt.datetime) -> bool:
        """Whether head office was asked about paper in the basket after a moment, and is not heard yet."""
