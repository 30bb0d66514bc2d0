"""Bits from left to right, and the texts and numbers that tags keep in them."""

from __future__ import annotations

TEXT_CHARACTERS = frozenset(
    "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
)
"""GS1 AI encodable character set 82 (TDS 2.3, Table A-1)."""


class EpcUnreadable(ValueError):
    """These bits are no EPC; the text says why, for the person who reads the table."""


class Bits:
    """Reads fields one after the other, the most significant bit first."""

    def __init__(self, value: int, length: int) -> None:
        self._value = value
        self.length = length
        self.left = length

    def number(self, count: int, what: str) -> int:
        """The next `count` bits as a number; EpcUnreadable where they are missing."""
        if count > self.left:
            raise EpcUnreadable(f"too short: the {what} is cut off after {self.length} bits")
        self.left -= count
        return self._value >> self.left & ((1 << count) - 1)

    def nothing_else(self) -> None:
        """All that is left must be zero (TDS 2.3, section 15.1.1: padding to the 16-bit word)."""
        if self.number(self.left, "rest"):
            raise EpcUnreadable("the bits behind the EPC are not zero")

    def digits(self, count: int, bits: int, what: str) -> str:
        """A number of `bits` bits as exactly `count` digits; "" for none."""
        value = self.number(bits, what)
        if value >= 10**count:
            raise EpcUnreadable(f"the {what} has more than {count} digits")
        return f"{value:0{count}d}" if count else ""

    def ascii7(self, chars_max: int, bits: int, what: str) -> str:
        """Characters of 7 bits, ended by zeros or the field's end (TDS 2.3, section 14.4.2 "String")."""
        text = "".join(chr(self.number(7, what)) for _ in range(bits // 7))
        padding = self.number(bits % 7, what)
        text, _, after = text.partition("\0")
        if padding or after.strip("\0"):
            raise EpcUnreadable(f"the {what} goes on after its end")
        return checked_text(text, chars_max, what)

    def ascii6(self, chars_max: int, what: str) -> str:
        """Characters of 6 bits up to six zeros (TDS 2.3, section 14.4.8, Table G-1)."""
        text = ""
        while code := self.number(6, what):
            if len(text) == chars_max:
                raise EpcUnreadable(f"the {what} is longer than {chars_max} characters")
            text += character6(code, what)
        return text


def checked_text(text: str, chars_max: int, what: str) -> str:
    """`text` if it is one that GS1 allows as a serial number or reference."""
    if not text:
        raise EpcUnreadable(f"the {what} is empty")
    if len(text) > chars_max:
        raise EpcUnreadable(f"the {what} is longer than {chars_max} characters")
    if not TEXT_CHARACTERS.issuperset(text):
        raise EpcUnreadable(f"the {what} has a character that GS1 does not allow")
    return text


def character6(code: int, what: str) -> str:
    """A to Z, 0 to 9, "#", "-" and "/": the last six bits of their ASCII codes (TDS 2.3, Table G-1)."""
    character = chr(code if code >= 0x20 else code + 0x40)
    if character.isalnum() or character in "#-/":
        return character
    raise EpcUnreadable(f"the {what} has a character that GS1 does not allow")
