"""What the store hands to a printer: lines already laid out, rules, QR codes, a cut."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

WIDTHS = (42, 48)
"""Columns of font A on 80 mm paper: 42 on older and narrow-set printers, 48 on most."""
PARTS_MAX = 2000
QR_BYTES_MAX = 2048
"""Far above the 300-odd bytes of a fiscal QR code, below what QR version 40 holds."""


class Align(StrEnum):
    """Where a line stands on the paper."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line. `double` prints it twice as wide and high, so it holds half the columns."""

    text: str = ""
    bold: bool = False
    double: bool = False
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of dashes over the whole width."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code that the printer draws itself, centred. `dots` is the width of one module, 1 to 16."""

    data: str
    dots: int = 5


@dataclass(frozen=True, slots=True)
class Cut:
    """Feed past the knife and cut."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A whole print job for paper of `width` columns. ValueError for what no printer could print."""

    parts: tuple[Line | Rule | QrCode | Cut, ...]
    width: int = WIDTHS[0]

    def __post_init__(self) -> None:
        if self.width not in WIDTHS:
            raise ValueError(f"paper has {WIDTHS} columns, not {self.width}")
        if len(self.parts) > PARTS_MAX:
            raise ValueError(f"a ticket has at most {PARTS_MAX} parts, not {len(self.parts)}")
        for part in self.parts:
            if isinstance(part, QrCode):
                _check_code(part)


def _check_code(code: QrCode) -> None:
    if not 0 < len(code.data.encode()) <= QR_BYTES_MAX:
        raise ValueError(f"a QR code on paper holds 1 to {QR_BYTES_MAX} bytes")
    if not 1 <= code.dots <= 16:
        raise ValueError("a QR module is 1 to 16 dots wide")


def two_columns(left: str, right: str, width: int) -> str:
    """`left` and `right` at the two edges of a line of `width` columns, at least one space between.

    What is too long on the left is cut off; the right side, where the money
    stands, never is: ValueError when it alone is too wide.
    """
    left, right = unicodedata.normalize("NFC", left), unicodedata.normalize("NFC", right)
    if len(right) > width:
        raise ValueError(f"{len(right)} characters do not fit in {width} columns")
    room = max(0, width - len(right) - (1 if right else 0))
    return left[:room].ljust(width - len(right)) + right
