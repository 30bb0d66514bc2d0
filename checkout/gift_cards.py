"""Gift cards: multi-purpose vouchers (UStG § 3 (13), (15)), sold without tax and taken like money.

A card's code is a secret of its own: twenty random digits and a check digit. As
a QR code it says `EMMAG1.` and the digits, as bars (Code 128) or typed the
digits alone. The books hold only its reference, a hash from which nobody can
find the code; balances lie in the ledger under that reference.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from checkout.catalogue import Article
from checkout.errors import Refused

PREFIX = "EMMAG1."
PLAIN_CODE_128 = "]C0"
DIGITS = 20
REFERENCE_CHARS = 24
GOOD_YEARS = 3
BLANK, ACTIVE, BLOCKED = "blank", "active", "blocked"
LOAD_MINOR_MIN, LOAD_MINOR_MAX = 100, 25_000
"""What may be put on one card: who finds or steals one finds no more."""

GIFT_CARD = Article(
    gtin="0400000000008",  # a number within the store (GS1 General Specifications, 2.1.11: prefix 04)
    name={"de": "Geschenkkarte", "en": "Gift card"},
    price_minor=0,
    unit="piece",
    vat="outside",
)
"""What a gift card's line on the receipt is called; its price is what is put on it."""


@dataclass(frozen=True, slots=True)
class GiftCard:
    """One card by its reference. `expires_on` is ISO 8601, "" as long as it is blank."""

    reference: str
    state: str = BLANK
    expires_on: str = ""

    def must_be_good(self, today: dt.date) -> None:
        """Raises Refused(gift_card_not_sold, gift_card_blocked or gift_card_expired)."""
        if self.state == BLANK:
            raise Refused("gift_card_not_sold")
        if self.state == BLOCKED:
            raise Refused("gift_card_blocked")
        if dt.date.fromisoformat(self.expires_on) < today:
            raise Refused("gift_card_expired", day=self.expires_on)


def new_code(secret: str) -> str:
    """A card's digits out of an unguessable text (`Chance.secret`)."""
    digits = f"{int.from_bytes(hashlib.sha256(secret.encode()).digest()) % 10**DIGITS:0{DIGITS}}"
    return digits + check_digit(digits)


def qr_text(code: str) -> str:
    return PREFIX + code


def is_gift_card(text: str, symbology: str = "") -> bool:
    """Whether a scanner read a gift card: its QR code, or its bars, which are plain Code 128 (not GS1-128).

    `symbology` is the AIM identifier (ISO/IEC 15424), "" where the scanner does not say it.
    """
    text = text.strip()
    bars = symbology == PLAIN_CODE_128 and len(text) == DIGITS + 1 and text.isdecimal()
    return bars or text.startswith(PREFIX)


def reference_of(text: str) -> str:
    """What the books call the card with this code; Refused(gift_card_unreadable) if it is no card's.

    Spaces and the QR code's prefix are passed over.
    """
    digits = "".join(text.split()).removeprefix(PREFIX)
    readable = len(digits) == DIGITS + 1 and digits.isascii() and digits.isdecimal()
    if not readable or check_digit(digits[:-1]) != digits[-1]:
        raise Refused("gift_card_unreadable")
    return hashlib.sha256(f"emma gift card {digits}".encode()).hexdigest()[:REFERENCE_CHARS].upper()


def check_digit(digits: str) -> str:
    """Damm's check digit: it finds every single wrong digit and every two neighbours swapped.

    H. M. Damm, Total anti-symmetrische Quasigruppen (2004), with the quasigroup of order 10 from there.
    """
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return str(interim)


_DAMM = tuple(
    tuple(map(int, row))
    for row in (
        "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
        "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
    )
)  # fmt: skip


def good_until(sold_on: dt.date) -> dt.date:
    """The end of the third year after the sale: the regular limitation period (BGB §§ 195, 199 (1))."""
    return dt.date(sold_on.year + GOOD_YEARS, 12, 31)
