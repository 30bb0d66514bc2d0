"""The `+` and `++` schemes: the GS1 key digit by digit, as it stands in a barcode, and no tag URI.

TDS 2.3, section 14.5 (encoding methods) and 14.6. What may follow the EPC (a host name in `++` schemes, more
data behind the toggle bit) does not change which thing it is, and is left unread.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from string import ascii_lowercase, ascii_uppercase, digits

from biip.checksums import gs1_standard_check_digit

from checkout.epc.bits import Bits, EpcUnreadable, checked_text

_BASE64 = ascii_uppercase + ascii_lowercase + digits + "-_"
_CODE40 = "\0" + ascii_uppercase + "-.:" + digits
_DATE_TYPES = frozenset({0, 1, 2, 3, 4, 5, 6})
"""Production, packaging, best before, sell by, expiry, first freeze, harvest (section 14.5.3)."""

Identity = tuple[str, str]
"""GS1 key and serial number."""
Fields = Callable[[Bits], Identity]


def read_plus(scheme: tuple[str, Fields], bits: Bits) -> tuple[str, str, str, str]:
    """Scheme, no tag URI, GS1 key, serial number; the header was read before. Raises `EpcUnreadable`."""
    name, fields = scheme
    bits.number(4, "filter")  # a toggle bit and a filter value of 3 bits, which no URI of these schemes has
    return name, "", *fields(bits)


def _numeral(bits: Bits, count: int, what: str) -> str:
    """`count` digits of 4 bits each (section 14.5.4)."""
    return "".join(bits.digits(1, 4, what) for _ in range(count))


def _integer(bits: Bits, length: int) -> str:
    """`length` digits as one integer, in as few bits as hold every such number (section 14.5.6.1)."""
    return bits.digits(length, (10**length - 1).bit_length(), "serial number")


def _numeric(bits: Bits) -> str:
    """Up to 15 digits, their number before them (section 14.5.13)."""
    length = bits.number(4, "length")
    if not length:
        raise EpcUnreadable("the serial number is empty")
    return _integer(bits, length)


def _from_alphabet(alphabet: str, width: int) -> Callable[[Bits, int], str]:
    def read(bits: Bits, length: int) -> str:
        return "".join(alphabet[bits.number(width, "serial number")] for _ in range(length))

    return read


def _code40(bits: Bits, length: int) -> str:
    """Three characters of 40 in 16 bits (section 14.5.6.6)."""
    text = ""
    for _ in range(-(-length // 3)):
        triple, last = divmod(bits.number(16, "serial number") - 1, 40)
        first, middle = divmod(triple, 40)
        if not 0 <= first < 40:
            raise EpcUnreadable("the serial number has a character that GS1 does not allow")
        text += _CODE40[first] + _CODE40[middle] + _CODE40[last]
    if text[length:].strip("\0"):
        raise EpcUnreadable("the serial number goes on after its end")
    return text[:length]


_ENCODINGS: tuple[Callable[[Bits, int], str], ...] = (
    _integer,
    _from_alphabet("0123456789ABCDEF", 4),
    _from_alphabet("0123456789abcdef", 4),
    _from_alphabet(_BASE64, 6),
    _from_alphabet("".join(map(chr, range(128))), 7),
    _code40,
)
"""By encoding indicator (section 14.5.6)."""


def _alphanumeric(bits: Bits, chars_max: int, what: str = "serial number") -> str:
    """Encoding, length, then that many characters (section 14.5.6)."""
    encoding, length = bits.number(3, "encoding"), bits.number(5, "length")
    if encoding >= len(_ENCODINGS):
        raise EpcUnreadable(f"there is no encoding {encoding}")
    if length > chars_max:
        raise EpcUnreadable(f"the {what} is longer than {chars_max} characters")
    return checked_text(_ENCODINGS[encoding](bits, length), chars_max, what)


def _delimited(bits: Bits, chars_max: int) -> str:
    """Digits of 4 bits up to F, which ends them, or E, which other characters follow (section 14.5.5)."""
    text = ""
    while (digit := bits.number(4, "reference")) < 10:
        text += str(digit)
        if len(text) > chars_max:
            raise EpcUnreadable(f"the reference is longer than {chars_max} characters")
    if digit == 0xE:
        text += _alphanumeric(bits, chars_max - len(text), "reference")
    elif digit != 0xF:
        raise EpcUnreadable("the reference has a digit above 9")
    return checked_text(text, chars_max, "reference")


def _checked(bits: Bits, count: int) -> str:
    """A GS1 key whose last digit is its check digit."""
    key = _numeral(bits, count, "GS1 key")
    if gs1_standard_check_digit(key[:-1]) != int(key[-1]):
        raise EpcUnreadable("the check digit of the GS1 key is wrong")
    return key


def _key(length: int, serial_max: int = 0) -> Fields:
    """A key of so many digits, and a serial number where `serial_max` is more than 0."""

    def read(bits: Bits) -> Identity:
        key = _checked(bits, length)
        return key, _alphanumeric(bits, serial_max) if serial_max else ""

    return read


def _itip(bits: Bits) -> Identity:
    """The piece's GTIN, which piece it is and of how many, two digits each."""
    key = _checked(bits, 14) + _numeral(bits, 4, "piece")
    return key, _alphanumeric(bits, 20)


def _dated_gtin(bits: Bits) -> Identity:
    """A date (section 14.5.8: 7 bits of year, 4 of month, 5 of day) before the GTIN."""
    kind = bits.number(4, "date")
    year, month, day = bits.number(7, "date"), bits.number(4, "date"), bits.number(5, "date")
    try:
        dt.date(2000 + year % 100, month, day or 1)
    except ValueError:
        kind = -1
    if kind not in _DATE_TYPES or year > 99:
        raise EpcUnreadable("there is no such date")
    return _key(14, 20)(bits)


def _grai(bits: Bits) -> Identity:
    key, serial = _key(14, 16)(bits)
    if key[0] != "0":
        raise EpcUnreadable("the GRAI does not begin with 0")
    return key[1:], serial


def _gcn(bits: Bits) -> Identity:
    return _checked(bits, 13), _numeric(bits)


def _giai(bits: Bits) -> Identity:
    return _delimited(bits, 30), ""


def _cpi(bits: Bits) -> Identity:
    return _delimited(bits, 30), _numeric(bits)


PLUS: dict[int, tuple[str, Fields]] = {
    0xE6: ("cpi++", _cpi),
    0xE7: ("gsrn++", _key(18)),
    0xE8: ("gsrnp++", _key(18)),
    0xE9: ("sgln++", _key(13, 20)),
    0xEA: ("gdti++", _key(13, 17)),
    0xEB: ("grai++", _grai),
    0xEC: ("sgcn++", _gcn),
    0xED: ("itip++", _itip),
    0xEE: ("giai++", _giai),
    0xEF: ("sscc++", _key(18)),
    0xF0: ("cpi+", _cpi),
    0xF1: ("grai+", _grai),
    0xF2: ("sgln+", _key(13, 20)),
    0xF3: ("itip+", _itip),
    0xF4: ("gsrn+", _key(18)),
    0xF5: ("gsrnp+", _key(18)),
    0xF6: ("gdti+", _key(13, 17)),
    0xF7: ("sgtin+", _key(14, 20)),
    0xF8: ("sgcn+", _gcn),
    0xF9: ("sscc+", _key(18)),
    0xFA: ("giai+", _giai),
    0xFB: ("dsgtin+", _dated_gtin),
    0xFC: ("dsgtin++", _dated_gtin),
    0xFD: ("sgtin++", _key(14, 20)),
}
"""By header (TDS 2.3, Table 14-1)."""
