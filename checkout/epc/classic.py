"""The EPC schemes with a tag URI: header, filter, partition, company prefix, reference, serial number.

TDS 2.3, section 14.6 (one subsection a scheme), and section 12 for the tag URI. A partition value says how
long the company prefix is; together with what follows, it always fills the same number of bits and digits, so
each of the standard's partition tables is two numbers here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from biip.checksums import gs1_standard_check_digit

from checkout.epc.bits import Bits, EpcUnreadable

COMPANY_PREFIXES = ((40, 12), (37, 11), (34, 10), (30, 9), (27, 8), (24, 7), (20, 6))
"""Bits and digits of the company prefix for partition values 0 to 6 (TDS 2.3, Table 14-2 and the others)."""
_URI_ESCAPES = str.maketrans({character: f"%{ord(character):02X}" for character in '"#%&/<>?'})
_CAGE = re.compile(r"[0-9A-HJ-NP-Z]{5,6}")

SerialReader = Callable[[Bits], str]
Tag = tuple[str, str, str, str]


class Identity(NamedTuple):
    """What stands in the fields: the URI's parts, and what they are in GS1's words."""

    parts: tuple[str, ...]
    gs1_key: str
    serial: str


class Scheme(NamedTuple):
    """`bits` is 0 where the length varies; `filter_bits` is 0 where there is no filter value."""

    name: str
    bits: int
    fields: Callable[[Bits], Identity]
    filter_bits: int = 3

    def read(self, bits: Bits) -> Tag:
        """Scheme, tag URI, GS1 key, serial number; the header was read before. Raises `EpcUnreadable`."""
        if bits.length < self.bits:
            raise EpcUnreadable(f"too short: {self.name} has {self.bits} bits, here are {bits.length}")
        filter_value = (str(bits.number(self.filter_bits, "filter")),) if self.filter_bits else ()
        identity = self.fields(bits)
        bits.nothing_else()
        body = ".".join((*filter_value, *(part.translate(_URI_ESCAPES) for part in identity.parts)))
        return self.name, f"urn:epc:tag:{self.name}:{body}", identity.gs1_key, identity.serial


def with_check_digit(digits: str) -> str:
    return f"{digits}{gs1_standard_check_digit(digits)}"


# Serial numbers: TDS 2.3, section 14.4


def _number(bits: int) -> SerialReader:
    """An integer: no leading zeros (section 14.4.1)."""
    return lambda tag: str(tag.number(bits, "serial number"))


def _text(chars: int) -> SerialReader:
    """Characters of 7 bits (section 14.4.2)."""
    return lambda tag: tag.ascii7(chars, 7 * chars, "serial number")


def _digit_string(bits: int) -> SerialReader:
    """Digits behind a leading 1, so that leading zeros are kept (section 14.4.6 "Numeric String")."""

    def read(tag: Bits) -> str:
        digits = str(tag.number(bits, "serial number"))
        if len(digits) < 2 or digits[0] != "1":
            raise EpcUnreadable("the serial number does not begin with its mark")
        return digits[1:]

    return read


# The fields, by GS1 key: TDS 2.3, section 14.6


def _company_prefix(tag: Bits, bits: int, digits: int) -> tuple[str, int, int]:
    """The company prefix, and how many bits and digits are left for the reference behind it."""
    partition = tag.number(3, "partition value")
    if partition >= len(COMPANY_PREFIXES):
        raise EpcUnreadable(f"there is no partition value {partition}")
    prefix_bits, prefix_digits = COMPANY_PREFIXES[partition]
    prefix = tag.digits(prefix_digits, prefix_bits, "company prefix")
    return prefix, bits - prefix_bits, digits - prefix_digits


def _partitioned(tag: Bits, bits: int, digits: int) -> tuple[str, str]:
    """Company prefix and reference of `bits` bits and `digits` digits together (section 14.4.3)."""
    prefix, bits, digits = _company_prefix(tag, bits, digits)
    return prefix, tag.digits(digits, bits, "reference")


def _gtin(tag: Bits) -> tuple[str, str, str]:
    """Company prefix, indicator with item reference, and the GTIN of both (section 7)."""
    prefix, item = _partitioned(tag, 44, 13)
    return prefix, item, with_check_digit(item[0] + prefix + item[1:])


def _sgtin(serial_of: SerialReader) -> Callable[[Bits], Identity]:
    def read(tag: Bits) -> Identity:
        prefix, item, gtin = _gtin(tag)
        serial = serial_of(tag)
        return Identity((prefix, item, serial), gtin, serial)

    return read


def _itip(serial_of: SerialReader) -> Callable[[Bits], Identity]:
    def read(tag: Bits) -> Identity:
        prefix, item, gtin = _gtin(tag)
        piece, total = tag.digits(2, 7, "piece"), tag.digits(2, 7, "total")
        serial = serial_of(tag)
        return Identity((prefix, item, piece, total, serial), gtin + piece + total, serial)

    return read


def _sscc(tag: Bits) -> Identity:
    prefix, reference = _partitioned(tag, 58, 17)
    return Identity((prefix, reference), with_check_digit(reference[0] + prefix + reference[1:]), "")


def _gsrn(tag: Bits) -> Identity:
    prefix, reference = _partitioned(tag, 58, 17)
    return Identity((prefix, reference), with_check_digit(prefix + reference), "")


def _thirteen(bits: int, serial_of: SerialReader) -> Callable[[Bits], Identity]:
    """Keys of 13 digits with a serial number of their own: GLN, GRAI, GDTI, GCN."""

    def read(tag: Bits) -> Identity:
        prefix, reference = _partitioned(tag, bits, 12)
        serial = serial_of(tag)
        return Identity((prefix, reference, serial), with_check_digit(prefix + reference), serial)

    return read


def _giai_96(tag: Bits) -> Identity:
    prefix, bits, _ = _company_prefix(tag, 82, 25)
    asset = str(tag.number(bits, "asset reference"))
    return Identity((prefix, asset), prefix + asset, "")


def _giai_202(tag: Bits) -> Identity:
    prefix, bits, chars = _company_prefix(tag, 188, 30)
    asset = tag.ascii7(chars, bits, "asset reference")
    return Identity((prefix, asset), prefix + asset, "")


def _cpi_96(tag: Bits) -> Identity:
    prefix, bits, digits = _company_prefix(tag, 51, 15)
    component = str(int(tag.digits(digits, bits, "component reference")))
    serial = str(tag.number(31, "serial number"))
    return Identity((prefix, component, serial), prefix + component, serial)


def _cpi_var(tag: Bits) -> Identity:
    prefix, _, chars = _company_prefix(tag, 0, 30)
    component = tag.ascii6(chars, "component reference")
    if not component:
        raise EpcUnreadable("the component reference is empty")
    serial = str(int(tag.digits(12, 40, "serial number")))
    return Identity((prefix, component, serial), prefix + component, serial)


# Schemes that are not GS1's


def _gid(tag: Bits) -> Identity:
    parts = tuple(
        str(tag.number(bits, what)) for bits, what in ((28, "manager"), (24, "class"), (36, "serial number"))
    )
    return Identity(parts, "", parts[-1])


def _cage(code: str) -> str:
    """A CAGE code (5 characters behind a space) or DoDAAC (6), without I and O (TDS 2.3, section 6.3)."""
    code = code.removeprefix(" ")
    if not _CAGE.fullmatch(code):
        raise EpcUnreadable("the owner is no CAGE code or DoDAAC")
    return code


def _usdod(tag: Bits) -> Identity:
    owner = _cage("".join(chr(tag.number(8, "owner")) for _ in range(6)))
    serial = str(tag.number(36, "serial number"))
    return Identity((owner, serial), "", serial)


def _adi(tag: Bits) -> Identity:
    codes = [tag.number(6, "owner") for _ in range(6)]
    owner = _cage("".join(chr(code if code >= 0x20 else code + 0x40) for code in codes))
    part, serial = tag.ascii6(32, "part number"), tag.ascii6(30, "serial number")
    if not serial.removeprefix("#"):
        raise EpcUnreadable("the serial number is empty")
    if "#" in part + serial[1:]:
        raise EpcUnreadable("'#' may only stand before a serial number")
    return Identity((owner, part, serial), "", serial)


CLASSIC = {
    0x2C: Scheme("gdti-96", 96, _thirteen(41, _number(41))),
    0x2D: Scheme("gsrn-96", 96, _gsrn),
    0x2E: Scheme("gsrnp-96", 96, _gsrn),
    0x2F: Scheme("usdod-96", 96, _usdod, filter_bits=4),
    0x30: Scheme("sgtin-96", 96, _sgtin(_number(38))),
    0x31: Scheme("sscc-96", 96, _sscc),
    0x32: Scheme("sgln-96", 96, _thirteen(41, _number(41))),
    0x33: Scheme("grai-96", 96, _thirteen(44, _number(38))),
    0x34: Scheme("giai-96", 96, _giai_96),
    0x35: Scheme("gid-96", 96, _gid, filter_bits=0),
    0x36: Scheme("sgtin-198", 198, _sgtin(_text(20))),
    0x37: Scheme("grai-170", 170, _thirteen(44, _text(16))),
    0x38: Scheme("giai-202", 202, _giai_202),
    0x39: Scheme("sgln-195", 195, _thirteen(41, _text(20))),
    0x3A: Scheme("gdti-113", 113, _thirteen(41, _digit_string(58))),  # until TDS 1.8; tags live longer
    0x3B: Scheme("adi-var", 0, _adi, filter_bits=6),
    0x3C: Scheme("cpi-96", 96, _cpi_96),
    0x3D: Scheme("cpi-var", 0, _cpi_var),
    0x3E: Scheme("gdti-174", 174, _thirteen(41, _text(17))),
    0x3F: Scheme("sgcn-96", 96, _thirteen(41, _digit_string(41))),
    0x40: Scheme("itip-110", 110, _itip(_number(38))),
    0x41: Scheme("itip-212", 212, _itip(_text(20))),
}
"""By header (TDS 2.3, Table 14-1)."""
