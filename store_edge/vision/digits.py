"""What the digits under retail bars must fulfil (GS1 General Specifications)."""

from __future__ import annotations


def check_digit_right(digits: str) -> bool:
    """Whether the last digit is the GS1 check digit of the others (General Specifications 7.9.1)."""
    weighted = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits[:-1])))
    return (weighted + int(digits[-1])) % 10 == 0


def upc_a_of_upc_e(text: str) -> str:
    """The thirteen digits that eight of UPC-E stand for (General Specifications 5.2.2.4.2)."""
    system, body, check = text[0], text[1:7], text[7]
    last = body[5]
    if last in "012":
        return f"0{system}{body[:2]}{last}0000{body[2:5]}{check}"
    if last in "34":
        kept = int(last)
        return f"0{system}{body[:kept]}{'0' * (8 - kept)}{body[kept:5]}{check}"
    return f"0{system}{body[:5]}0000{last}{check}"
