"""A receipt laid out for paper: 42 or 48 columns, in the shopper's language.

Only the words a receipt needs are here, because paper is printed by the box,
which has no screens; a language is a row in `WORDS`.
"""

from __future__ import annotations

import datetime as dt
import string
import textwrap
import unicodedata
from zoneinfo import ZoneInfo

from checkout.receipt import Receipt, ReceiptLine
from hardware.escpos.ticket import Align, Cut, Line, QrCode, Rule, Ticket, two_columns

WORDS = {
    "de": {
        "tax_number": "USt-IdNr.",
        "receipt": "Beleg",
        "lane": "Kasse",
        "saved": "Ersparnis",
        "total": "Summe",
        "paid_by": "Bezahlt mit",
        "card": "Karte",
        "terminal_receipt": "Terminalbeleg",
        "vat": "MwSt",
        "net": "Netto",
        "gross": "Brutto",
        "scan": "Ihr Beleg digital",
        "thanks": "Vielen Dank für Ihren Einkauf",
        "decimal": ",",
        "date": "%d.%m.%Y %H:%M",
    },
    "en": {
        "tax_number": "VAT ID",
        "receipt": "Receipt",
        "lane": "Lane",
        "saved": "You saved",
        "total": "Total",
        "paid_by": "Paid by",
        "card": "card",
        "terminal_receipt": "Terminal receipt",
        "vat": "VAT",
        "net": "net",
        "gross": "gross",
        "scan": "Your digital receipt",
        "thanks": "Thank you for your purchase",
        "decimal": ".",
        "date": "%d/%m/%Y %H:%M",
    },
}
VAT_LETTERS = string.ascii_uppercase


COLUMN_MIN = 10
"""How wide a column of the VAT table is; wider where the amounts are."""


def receipt_ticket(
    receipt: Receipt, address: str, *, timezone: str = "Europe/Berlin", width: int = 42
) -> Ticket:
    """The paper receipt: `address` becomes the QR code of the digital one, "" leaves it out.

    No line is wider than the paper. An article's name is cut; what the law wants (the seller, the number,
    the amounts) goes on in the next line instead.
    """
    words = WORDS.get(receipt.language, WORDS["en"])
    letters = {part.rate_bp: VAT_LETTERS[i] for i, part in enumerate(receipt.vat)}
    parts: list[Line | Rule | QrCode | Cut] = _head(receipt, words, timezone, width)
    for line in receipt.lines:
        parts += _line(line, letters[line.vat_bp], receipt.language, words, width)
    parts += [Rule(), *_sums(receipt, words, width), Rule(), *_vat(receipt, letters, words, width)]
    if address:
        parts += [Line(), QrCode(address), Line(words["scan"], align=Align.CENTER)]
    return Ticket((*parts, Line(), Line(words["thanks"], align=Align.CENTER), Cut()), width)


def _head(
    receipt: Receipt, words: dict[str, str], timezone: str, width: int
) -> list[Line | Rule | QrCode | Cut]:
    at = dt.datetime.fromisoformat(receipt.at).astimezone(ZoneInfo(timezone)).strftime(words["date"])
    number = f"{words['receipt']} {receipt.number}  {words['lane']} {receipt.lane}"
    small = [*receipt.shop.address, f"{words['tax_number']} {receipt.shop.tax_number}"]
    return [
        *(Line(row, True, True, Align.CENTER) for row in _wrapped(receipt.shop.name, width // 2)),
        *(Line(row, align=Align.CENTER) for text in small for row in _wrapped(text, width)),
        Line(),
        *_pair(number, at, width),
        Rule(),
    ]


def _line(line: ReceiptLine, letter: str, language: str, words: dict[str, str], width: int) -> list[Line]:
    name = line.name.get(language) or next(iter(line.name.values()))
    gross = line.total_minor + line.discount_minor
    rows = [Line(two_columns(name, f"{_money(gross, words)} {letter}", width))]
    unit = _money(line.unit_price_minor, words)
    if line.weight_g:
        weight = f"{line.weight_g // 1000}{words['decimal']}{line.weight_g % 1000:03d}"
        rows.append(Line(f"  {weight} kg x {unit}/kg"))
    elif line.quantity > 1:
        rows.append(Line(f"  {line.quantity} x {unit}"))
    if line.discount_minor:
        rows.append(
            Line(two_columns(f"  {words['saved']}", f"{_money(-line.discount_minor, words)}  ", width))
        )
    return rows


def _sums(receipt: Receipt, words: dict[str, str], width: int) -> list[Line]:
    rows = _total(f"{words['total']} {receipt.shop.currency}", _money(receipt.total_minor, words), width)
    if receipt.saved_minor:
        rows += _pair(words["saved"], _money(receipt.saved_minor, words), width)
    if receipt.paid_by == "card":
        rows += _pair(words["paid_by"], receipt.card_name or words["card"], width)
        rows += _pair(words["terminal_receipt"], str(receipt.terminal_receipt), width)
    return rows


def _total(label: str, amount: str, width: int) -> list[Line]:
    """Twice as large where that fits."""
    double = len(label) + 1 + len(amount) <= width // 2
    return [
        Line(row.text, bold=True, double=double)
        for row in _pair(label, amount, width // 2 if double else width)
    ]


def _vat(receipt: Receipt, letters: dict[int, str], words: dict[str, str], width: int) -> list[Line]:
    """The VAT table with its heading; amounts too large for three columns stand one below the other."""
    heads = (words["net"], words["vat"], words["gross"])
    table = [
        (
            f"{letters[part.rate_bp]} {_percent(part.rate_bp, words)}",
            [_money(amount, words) for amount in (part.net_minor, part.vat_minor, part.gross_minor)],
        )
        for part in receipt.vat
    ]
    column = max([COLUMN_MIN, *(len(amount) + 1 for _, amounts in table for amount in amounts)])
    if any(len(rate) + 3 * column > width for rate, _ in table):
        return [
            row
            for rate, amounts in table
            for head, amount in zip(heads, amounts, strict=True)
            for row in _pair(f"{rate} {head}", amount, width)
        ]
    rows = [("", heads), *table] if table else []
    return [Line(rate.ljust(width - 3 * column) + "".join(a.rjust(column) for a in of)) for rate, of in rows]


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


def _money(amount_minor: int, words: dict[str, str]) -> str:
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{abs(amount_minor) // 100}{words['decimal']}{abs(amount_minor) % 100:02d}"


def _percent(rate_bp: int, words: dict[str, str]) -> str:
    whole, part = divmod(rate_bp, 100)
    return f"{whole}{words['decimal']}{part:02d}%" if part else f"{whole}%"
