"""What a scanned text means: an article, a weighed label, or a shopper's token.

GS1 General Specifications 25, sections 2.1 (GTIN, restricted circulation
numbers) and 3 (application identifiers), read by `biip`; EPC Tag Data Standard
2.x, section 14.6.1 (SGTIN-96), read by `epcpy`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

import biip
from biip import ParseConfig, ParseError
from biip.checksums import gs1_standard_check_digit
from biip.gtin import Gtin
from biip.rcn import Rcn
from epcpy.epc_schemes.sgtin import SGTIN
from epcpy.utils.parsers import hex_to_tag_encodable

from checkout.errors import Refused

CODE_CHARS_MAX = 500
"""A longer text is no code of any shop; it is refused before anything reads it."""
TOKEN_PREFIX = "EMMA1."
_CACHE_CODES_MAX = 4096
_GERMANY = ParseConfig(rcn_region="de")
_VARIABLE_PREFIXES = ("22", "23", "25", "26", "28", "29")


@dataclass(frozen=True, slots=True)
class ArticleCode:
    """`gtin` has 13 digits, or 14 if its first digit is not 0. `expiry` is the best-before or use-by date."""

    gtin: str
    batch: str = ""
    serial: str = ""
    expiry: dt.date | None = None


@dataclass(frozen=True, slots=True)
class WeighedCode:
    """A label printed in the store: the item's 4 digits and one of weight, price or count."""

    item: str
    weight_g: int = 0
    price_minor: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True)
class TokenCode:
    text: str


Code = ArticleCode | WeighedCode | TokenCode


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
def _read_gs1(text: str, symbology: str) -> ArticleCode | WeighedCode:
    if text.isascii() and text.isdigit() and len(text) in (8, 12, 13, 14):
        return _read_gtin(text)
    try:
        result = biip.parse(symbology + text, config=_GERMANY)
    except (ParseError, ValueError):
        # ValueError: the URL reader's word for addresses like "https://[".
        raise Refused("code_unreadable") from None
    if result.gs1_digital_link_uri is not None:
        return _from_elements(result.gs1_digital_link_uri.element_strings)
    if result.gs1_message is not None:
        return _from_elements(result.gs1_message.element_strings)
    raise Refused("code_unreadable")


def _read_gtin(digits: str) -> ArticleCode | WeighedCode:
    if len(digits) == 14:
        digits = digits.removeprefix("0")  # some readers pad: a label must stay a label
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
    return ArticleCode(short_gtin(digits))


def _is_variable(digits: str) -> bool:
    return len(digits) == 13 and digits.startswith(_VARIABLE_PREFIXES)


def _is_damaged_label(digits: str) -> bool:
    """True if the label is one of ours and the outer check digit is right, so the inner one is wrong."""
    return _is_variable(digits) and gs1_standard_check_digit(digits[:-1]) == int(digits[-1])


def _from_elements(elements: biip.gs1_element_strings.GS1ElementStrings) -> ArticleCode:
    found = {element.ai.ai: element for element in elements}
    gtin = found.get("01")
    if gtin is None or gtin.gtin is None:
        raise Refused("code_unreadable")
    expiry = found.get("17") or found.get("15")
    return ArticleCode(
        short_gtin(gtin.value),
        batch=found["10"].value if "10" in found else "",
        serial=found["21"].value if "21" in found else "",
        expiry=expiry.date if expiry is not None else None,
    )


def short_gtin(digits: str) -> str:
    """A GTIN of any length as the 13 digits stores use, or 14 where the indicator digit is not 0."""
    padded = digits.rjust(14, "0")
    return padded[1:] if padded.startswith("0") else padded


@lru_cache(maxsize=_CACHE_CODES_MAX)
def gtin_of_epc(epc: bytes) -> str:
    """The GTIN of the article that carries this tag; Refused(tag_unknown) if it is no SGTIN."""
    try:
        tag = hex_to_tag_encodable(epc.hex().upper())
        if not isinstance(tag, SGTIN):
            raise Refused("tag_unknown")
        return short_gtin(str(tag.gtin()))
    except Refused:
        raise
    except Exception:  # epcpy raises ConvertException, ValueError, IndexError … for foreign tags
        raise Refused("tag_unknown") from None
