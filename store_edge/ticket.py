"""A receipt laid out for paper: 42 or 48 columns, in the shopper's language.

Only the words a receipt needs are here, because paper is printed by the box,
which has no screens; a language is a row in `WORDS`.
"""

from __future__ import annotations

import datetime as dt
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
VAT_LETTERS = "ABCDEFGH"


def receipt_ticket(
    receipt: Receipt, address: str, *, timezone: str = "Europe/Berlin", width: int = 42
) -> Ticket:
    """The paper receipt: `address` becomes the QR code of the digital one, "" leaves it out."""
    words = WORDS.get(receipt.language, WORDS["en"])
    letters = {part.rate_bp: VAT_LETTERS[i] for i, part in enumerate(receipt.vat)}
    parts: list[Line | Rule | QrCode | Cut] = _head(receipt, words, timezone, width)
    for line in receipt.lines:
        parts += _line(line, letters[line.vat_bp], receipt.language, words, width)
    parts += [Rule(), *_sums(receipt, words, width), Rule()]
    heads = "".join(words[head].rjust(10) for head in ("net", "vat", "gross"))
    parts.append(Line(two_columns("", heads, width)))
    for part in receipt.vat:
        rate = f"{letters[part.rate_bp]} {words['vat']} {_percent(part.rate_bp, words)}"
        amounts = "".join(
            _money(amount, words).rjust(10) for amount in (part.net_minor, part.vat_minor, part.gross_minor)
        )
        parts.append(Line(two_columns(rate, amounts, width)))
    if address:
        parts += [Line(), QrCode(address), Line(words["scan"], align=Align.CENTER)]
    return Ticket((*parts, Line(), Line(words["thanks"], align=Align.CENTER), Cut()), width)


def _head(
    receipt: Receipt, words: dict[str, str], timezone: str, width: int
) -> list[Line | Rule | QrCode | Cut]:
    at = dt.datetime.fromisoformat(receipt.at).astimezone(ZoneInfo(timezone)).strftime(words["date"])
    number = f"{words['receipt']} {receipt.number}  {words['lane']} {receipt.lane}"
    return [
        Line(receipt.shop.name, bold=True, double=True, align=Align.CENTER),
        *(Line(line, align=Align.CENTER) for line in receipt.shop.address),
        Line(f"{words['tax_number']} {receipt.shop.tax_number}", align=Align.CENTER),
        Line(),
        Line(two_columns(number, at, width)),
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
    total = f"{words['total']} {receipt.shop.currency}"
    rows = [Line(two_columns(total, _money(receipt.total_minor, words), width // 2), bold=True, double=True)]
    if receipt.saved_minor:
        rows.append(Line(two_columns(words["saved"], _money(receipt.saved_minor, words), width)))
    if receipt.paid_by == "card":
        rows.append(Line(two_columns(words["paid_by"], receipt.card_name or words["card"], width)))
        rows.append(Line(two_columns(words["terminal_receipt"], str(receipt.terminal_receipt), width)))
    return rows


def _money(amount_minor: int, words: dict[str, str]) -> str:
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{abs(amount_minor) // 100}{words['decimal']}{abs(amount_minor) % 100:02d}"


def _percent(rate_bp: int, words: dict[str, str]) -> str:
    whole, part = divmod(rate_bp, 100)
    return f"{whole}{words['decimal']}{part:02d}%" if part else f"{whole}%"
