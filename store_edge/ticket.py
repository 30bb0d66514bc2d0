"""A receipt drawn on paper: its rows on 42 or 48 columns, none of them wider than the paper.

An article's name is cut where it is too long; what the law wants (the seller, the number, the amounts, the
signature) goes on in the next line instead.
"""

from __future__ import annotations

import datetime as dt
import textwrap
import unicodedata
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from checkout.receipt import Receipt
from checkout.receipt_rows import Code, Item, Pair, Row, Text, Total, VatTable, rows_of
from checkout.receipt_rows import Rule as RowRule
from hardware.escpos.ticket import Align, Cut, Line, QrCode, Rule, Ticket, two_columns

Part = Line | Rule | QrCode | Cut

FIGURES = {"de": (",", "%d.%m.%Y %H:%M"), "en": (".", "%d/%m/%Y %H:%M")}
"""The decimal sign, and how a day is written."""
COLUMN_MIN = 10
"""How wide a column of the VAT table is; wider where the amounts are."""


class PaperHand:
    """Figures as narrow as they can be: the currency is named once, beside the total."""

    times = "x"

    def __init__(self, language: str, timezone: str) -> None:
        self._decimal, self._date = FIGURES.get(language, FIGURES["en"])
        self._timezone = ZoneInfo(timezone)

    def money(self, amount_minor: int) -> str:
        sign = "-" if amount_minor < 0 else ""
        return f"{sign}{abs(amount_minor) // 100}{self._decimal}{abs(amount_minor) % 100:02d}"

    def thousandths(self, amount: int) -> str:
        return f"{amount // 1000}{self._decimal}{amount % 1000:03d}"

    def rate(self, rate_bp: int) -> str:
        whole, part = divmod(rate_bp, 100)
        return f"{whole}{self._decimal}{part:02d}%" if part else f"{whole}%"

    def moment(self, at: str) -> str:
        return dt.datetime.fromisoformat(at).astimezone(self._timezone).strftime(self._date)


def receipt_ticket(
    receipt: Receipt, address: str, *, timezone: str = "Europe/Berlin", width: int = 42
) -> Ticket:
    """The paper receipt. Its code is the digital one's `address`; without one, only the counter reads it."""
    hand = PaperHand(receipt.language, timezone)
    parts = [part for row in rows_of(receipt, hand, address=address) for part in _drawn(row, width)]
    return Ticket((*parts, Cut()), width)


def _drawn(row: Row, width: int) -> Iterator[Part]:
    match row:
        case Text(text, "sign"):
            yield from (Line(part, True, True, Align.CENTER) for part in _wrapped(text, width // 2))
        case Text(text, "section"):
            yield from (Line(part, bold=True) for part in _wrapped(text, width))
        case Text(text, role):
            if role == "thanks":
                yield Line()
            yield from (Line(part, align=Align.CENTER) for part in _wrapped(text, width))
        case Pair(left, right, role):
            if role == "facts":
                yield Line()
            yield from _pair(left, right, width)
        case Item():
            yield from _item(row, width)
        case Total():
            yield from _total(row, width)
        case VatTable():
            yield from _vat(row, width)
        case Code(data, caption):
            yield from (Line(), QrCode(data))
            yield from (Line(part, align=Align.CENTER) for part in _wrapped(caption, width))
        case RowRule():
            yield Rule()


def _item(item: Item, width: int) -> Iterator[Line]:
    yield Line(two_columns(item.name, f"{item.price} {item.letter}", width))
    for note in item.notes:
        if note.right:
            yield Line(two_columns(f"  {note.left}", f"{note.right}  ", width))
        else:
            yield from (Line(f"  {part}") for part in _wrapped(note.left, width - 2))


def _total(total: Total, width: int) -> Iterator[Line]:
    """Twice as large where that fits."""
    double = len(total.label) + 1 + len(total.text) <= width // 2
    for row in _pair(total.label, total.text, width // 2 if double else width):
        yield Line(row.text, bold=True, double=double)


def _vat(table: VatTable, width: int) -> Iterator[Line]:
    """With its heading; amounts too large for three columns stand one below the other."""
    column = max([COLUMN_MIN, *(len(amount) + 1 for _, *amounts in table.rows for amount in amounts)])
    if any(len(rate) + 3 * column > width for rate, *_ in table.rows):
        for rate, *amounts in table.rows:
            for head, amount in zip(table.heads[1:], amounts, strict=True):
                yield from _pair(f"{rate} {head}", amount, width)
    elif table.rows:
        for rate, *amounts in (("", *table.heads[1:]), *table.rows):
            yield Line(rate.ljust(width - 3 * column) + "".join(amount.rjust(column) for amount in amounts))


def _pair(left: str, right: str, width: int) -> list[Line]:
    """Both at the edges of one line; where that is too narrow, `right` goes below `left`, and none is cut."""
    left, right = unicodedata.normalize("NFC", left), unicodedata.normalize("NFC", right)
    if len(left) + 1 + len(right) <= width:
        return [Line(two_columns(left, right, width))]
    return [
        *(Line(row) for row in _wrapped(left, width)),
        *(Line(row.rjust(width)) for row in _wrapped(right, width)),
    ]


def _wrapped(text: str, width: int) -> list[str]:
    """A text on as many lines as it needs, broken between words where there are any."""
    return textwrap.wrap(unicodedata.normalize("NFC", text), width)
