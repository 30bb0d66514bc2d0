"""What the memory of an RFID tag says: scheme, tag URI, GS1 key and serial number.

All binary encodings of the GS1 EPC Tag Data Standard (TDS) 2.3, Table 14-1: the classic ones with their
company prefix partition (`classic`), and the `+` and `++` ones of TDS 2.0 and 2.3 (`plus`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from checkout.epc.bits import Bits, EpcUnreadable
from checkout.epc.classic import CLASSIC
from checkout.epc.plus import PLUS, read_plus

__all__ = ["EpcTag", "EpcUnreadable", "decode", "decode_hex"]

HEX_DIGITS_MAX = 2048
"""A Gen 2 tag's EPC memory ends at 496 bits; what is far longer was read from something else."""
_CACHE_TAGS_MAX = 4096
_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")


class EpcTag(NamedTuple):
    """`gs1_key` is without the serial number, except where the key is one (SSCC, GIAI, GSRN), and "" for
    schemes that are not GS1's (GID, USDoD, ADI). `serial` is plain text, "" where the key says it all.
    `tag_uri` is "" for `+` and `++` schemes, which have none (TDS 2.3, section 12).
    """

    scheme: str
    tag_uri: str
    gs1_key: str
    serial: str


def decode_hex(text: str) -> EpcTag:
    """What a tag's EPC memory means, given in hexadecimal, either case. Raises `EpcUnreadable`."""
    text = text.strip()
    if not text:
        raise EpcUnreadable("nothing to read")
    if len(text) > HEX_DIGITS_MAX:
        raise EpcUnreadable(f"longer than {HEX_DIGITS_MAX} hexadecimal digits")
    wrong = next((digit for digit in text if digit not in _HEX_DIGITS), None)
    if wrong is not None:
        raise EpcUnreadable(f"{wrong!r} is no hexadecimal digit")
    return _decode(text)


def decode(epc: bytes) -> EpcTag:
    """What a tag's EPC memory means. Raises `EpcUnreadable`."""
    return decode_hex(epc.hex())


@lru_cache(maxsize=_CACHE_TAGS_MAX)
def _decode(digits: str) -> EpcTag:
    bits = Bits(int(digits, 16), 4 * len(digits))
    header = bits.number(8, "header")
    if header in CLASSIC:
        return EpcTag(*CLASSIC[header].read(bits))
    if header in PLUS:
        return EpcTag(*read_plus(PLUS[header], bits))
    raise EpcUnreadable(_why_unknown(header))


def _why_unknown(header: int) -> str:
    """TDS 2.3, Table 14-1: what the other headers stand for."""
    if header == 0x00:
        return "header 00: this tag was never written"
    if header == 0xE2:
        return "header E2: this is a chip's own number (TID), not an EPC"
    return f"header {header:02X} belongs to no EPC scheme"
