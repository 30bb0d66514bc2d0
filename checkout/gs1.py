"""What a scanned text means: an article and what its code tells about this piece, or a shopper's token.

GS1 General Specifications 25, sections 2.1 (GTIN, restricted circulation
numbers) and 3 (application identifiers), read by `biip`; tags by `checkout.epc`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import biip
from biip import ParseConfig, ParseError
from biip.checksums import gs1_standard_check_digit
from biip.gs1_element_strings import GS1ElementString, GS1ElementStrings
from biip.gtin import Gtin
from biip.rcn import Rcn
from biip.upc import Upc

from checkout.epc import EpcUnreadable, decode
from checkout.errors import Refused

CODE_CHARS_MAX = 500
"""A longer text is no code of any shop; it is refused before anything reads it."""
TOKEN_PREFIX = "EMMA1."
_CACHE_CODES_MAX = 4096
_GERMANY = ParseConfig(rcn_region="de")
_ARTICLE_TAGS = frozenset({"sgtin-96", "sgtin-198", "sgtin+", "sgtin++", "dsgtin+", "dsgtin++"})
_EAN_8 = "]E4"
_EURO = "978"
"""ISO 4217."""
_VARIABLE_PREFIXES = ("22", "23", "25", "26", "28", "29")
_COUPON_PREFIXES = ("981", "982", "983", "984", "99", "05")
"""Coupons of currency areas, of countries, and North American ones (GS1's list of prefixes)."""
_AMERICAN_COUPON_AIS = ("8110", "8112")


@dataclass(frozen=True, slots=True)
class ArticleCode:
    """`gtin` has 13 digits, or 14 if its first digit is not 0. `expiry` is the best-before or use-by date.

    What is 0 the code does not tell: net weight, length, price of the whole piece, and count of pieces.
    """

    gtin: str
    batch: str = ""
    serial: str = ""
    expiry: dt.date | None = None
    weight_g: int = 0
    length_mm: int = 0
    price_minor: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True)
class WeighedCode:
    """A label printed in the store: the item's 4 digits and one of weight, price or count."""

    item: str
    weight_g: int = 0
    length_mm: int = 0
    price_minor: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True)
class TokenCode:
    text: str


@dataclass(frozen=True, slots=True)
class CouponCode:
    """A coupon's number: 13 digits, or a word of the shop's own. `serial` makes it one of many."""

    number: str
    serial: str = ""


Code = ArticleCode | WeighedCode | TokenCode | CouponCode


def read_code(text: str, symbology: str = "") -> Code:
    """Say what a text from any reader means.

    `symbology` is the AIM identifier ("]E0", "]d2", …) or "". Raises `Refused`:
    code_unreadable for what is no code of a shop, label_damaged where the inner
    check digit of a weight or price label fails.
    """
    text = text.strip()
    if not 0 < len(text) <= CODE_CHARS_MAX:
        raise Refused("code_unreadable")
    if text.startswith(TOKEN_PREFIX):
        return TokenCode(text)
    return _read_gs1(text, symbology)


@lru_cache(maxsize=_CACHE_CODES_MAX)
def _read_gs1(text: str, symbology: str) -> ArticleCode | WeighedCode | CouponCode:
    if text.isascii() and text.isdigit() and len(text) in (8, 12, 13, 14):
        return _read_gtin(text, symbology)
    try:
        result = biip.parse(symbology + text, config=_GERMANY)
    except (ParseError, ValueError, IndexError):
        # ValueError: the URL reader's word for addresses like "https://["; IndexError: a lone "]".
        raise Refused("code_unreadable") from None
    if result.gs1_digital_link_uri is not None:
        return _from_elements(result.gs1_digital_link_uri.element_strings)
    if result.gs1_message is not None:
        return _from_elements(result.gs1_message.element_strings)
    raise Refused("code_unreadable")


def _read_gtin(digits: str, symbology: str) -> ArticleCode | WeighedCode | CouponCode:
    if len(digits) == 14:
        digits = digits.removeprefix("0")  # some readers pad: a label must stay a label
    if len(digits) == 8 and (upc_a := _expanded(digits, symbology)):
        return ArticleCode(short_gtin(upc_a))
    try:
        gtin = Gtin.parse(digits, config=_GERMANY)
    except ParseError:
        raise Refused("label_damaged" if _is_damaged_label(digits) else "code_unreadable") from None
    if isinstance(gtin, Rcn) and _is_variable(digits):
        item = str(gtin.item_reference)
        return WeighedCode(
            item,
            weight_g=int(gtin.weight * 1000) if gtin.weight is not None else 0,
            price_minor=int(gtin.price * 100) if gtin.price is not None else 0,
            count=gtin.count or 0,
        )
    number = short_gtin(digits)
    return CouponCode(number) if number.startswith(_COUPON_PREFIXES) else ArticleCode(number)


def _expanded(digits: str, symbology: str) -> str:
    """The UPC-A that eight digits mean as a UPC-E; "" where they are a GTIN-8.

    Both have 8 digits (General Specifications, sections 5.2.2.4 and 2.1.2). A reader that names the symbology
    settles it. Else digits in front of which stands 0 are a UPC-E if its check digit fits, for no article in
    Europe has a GTIN-8 like that, and others only where they are no GTIN-8.
    """
    if symbology == _EAN_8 or (
        not symbology and digits[0] != "0" and gs1_standard_check_digit(digits[:-1]) == int(digits[-1])
    ):
        return ""
    try:
        return Upc.parse(digits).as_upc_a()
    except ParseError:
        return ""


def _is_variable(digits: str) -> bool:
    return len(digits) == 13 and digits.startswith(_VARIABLE_PREFIXES)


def _is_damaged_label(digits: str) -> bool:
    """True if the label is one of ours and the outer check digit is right, so the inner one is wrong."""
    return _is_variable(digits) and gs1_standard_check_digit(digits[:-1]) == int(digits[-1])


def _from_elements(elements: GS1ElementStrings) -> ArticleCode | CouponCode:
    found = {element.ai.ai: element for element in elements}
    if "255" in found:  # a Global Coupon Number: 13 digits, then the serial that some have
        number = found["255"].value
        return CouponCode(number[:13], number[13:])
    if any(ai in found for ai in _AMERICAN_COUPON_AIS):
        raise Refused("coupon_unknown")
    gtin = found.get("01")
    if gtin is None or gtin.gtin is None:
        raise Refused("code_unreadable")
    expiry = found.get("17") or found.get("15")
    return ArticleCode(
        short_gtin(gtin.value),
        batch=found["10"].value if "10" in found else "",
        serial=found["21"].value if "21" in found else "",
        expiry=expiry.date if expiry is not None else None,
        weight_g=_thousandths(found, "310"),
        length_mm=_thousandths(found, "311"),
        price_minor=_price_minor(found),
        count=int(found["30"].value) if "30" in found else 0,
    )


Elements = Mapping[str, GS1ElementString]


def _thousandths(found: Elements, ai: str) -> int:
    """Kilograms (310n) as grams, metres (311n) as millimetres, what is less than one cut off."""
    for places in range(6):
        if element := found.get(f"{ai}{places}"):
            return _shifted(element.value, 3 - places)
    return 0


def _shifted(digits: str, places: int) -> int:
    """The number with its decimal point moved to the right; what is then behind it is cut off."""
    return int(digits + "0" * places) if places >= 0 else int(digits[:places] or "0")


def _price_minor(found: Elements) -> int:
    """The price of a variable measure piece, in this shop's money (392n) or one it names (393n), as cents."""
    for places in range(4):
        if element := found.get(f"392{places}"):
            return _shifted(element.value, 2 - places)
        if element := found.get(f"393{places}"):
            currency, amount = element.value[:3], element.value[3:]
            if currency != _EURO:
                raise Refused("code_unreadable")
            return _shifted(amount, 2 - places)
    return 0


def short_gtin(digits: str) -> str:
    """A GTIN of any length as the 13 digits stores use, or 14 where the indicator digit is not 0."""
    padded = digits.rjust(14, "0")
    return padded[1:] if padded.startswith("0") else padded


def gtin_of_epc(epc: bytes) -> str:
    """The GTIN of the article that carries this tag; Refused(tag_unknown) if it names none."""
    try:
        tag = decode(epc)
    except EpcUnreadable:
        raise Refused("tag_unknown") from None
    if tag.scheme not in _ARTICLE_TAGS:
        raise Refused("tag_unknown")
    return short_gtin(tag.gs1_key)
