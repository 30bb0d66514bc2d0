"""Card data, blotted out where it enters: what leaves this room shows four digits of a card at most.

A mark takes the place of each digit, so lengths stay: `E` among BCD digits (ZVT's own sign for a masked
digit, PA00P015, BMP 22), `*` in text. What a terminal masked itself comes back byte for byte.
"""

from __future__ import annotations

import re

SHOWN_DIGITS = 4
CARD_DIGITS_MIN = 12
"""A shorter number is nobody's card."""
_LONG_NUMBER = re.compile(r"\d(?:[ \-.]?[\d*E]){11,}")
HIDDEN_BYTE = 0xEE


def hidden(content: bytes) -> bytes:
    """As many marks as there were digits."""
    return bytes([HIDDEN_BYTE]) * len(content)


def card_number(content: bytes) -> str:
    """A card number in BCD as text, such as `************4711`; the pad digit goes.

    A chip's EF_ID may stand in its place, which has a D within; of that nothing is shown.
    """
    digits = content.hex().upper()
    if digits.endswith("F"):
        digits = digits[:-1]
    if len(digits) < CARD_DIGITS_MIN or "D" in digits:
        return "*" * len(digits)
    shown = "".join(digit if digit.isdecimal() else "*" for digit in digits[-SHOWN_DIGITS:])
    return shown.rjust(len(digits), "*")


def card_number_bytes(masked: str) -> bytes:
    """The other way: marks become `E`, and an odd number of digits gets its pad. Raises ValueError."""
    digits = masked.replace("*", "E")
    return bytes.fromhex(digits + "F" * (len(digits) % 2))


def blotted(text: str) -> str:
    """`text` with `*` for the digits of whatever is as long as a card's number, but for the last four."""
    return _LONG_NUMBER.sub(_blot, text)


def _blot(match: re.Match[str]) -> str:
    number = match[0]
    if sum(char.isdecimal() for char in number) < CARD_DIGITS_MIN:
        return number
    hide = len(number) - SHOWN_DIGITS
    return "".join("*" if char.isdecimal() and at < hide else char for at, char in enumerate(number))
