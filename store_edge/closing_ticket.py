"""An X or Z report, row by row: for paper with 42 or 48 columns in the shop's language, or for a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from zoneinfo import ZoneInfo

from checkout.closing import Closing
from checkout.receipt import Shop
from hardware.escpos.ticket import Align, Cut, Line, QrCode, Rule, Ticket, two_columns

WORDS = {
    "de": {
        "x": "X-Bericht",
        "z": "Z-Bericht",
        "day": "Geschäftstag",
        "receipts": "Belege",
        "voids": "Stornierte Zeilen",
        "cancelled": "Abgebrochene Einkäufe",
        "refunds": "Rückgaben",
        "returned": "Zurückgegebene Zahlungen",
        "training": "Training",
        "cases": "Geschäftsvorfälle",
        "vat": "MwSt",
        "net": "Netto",
        "gross": "Brutto",
        "tenders": "Zahlungen",
        "card": "Karte",
        "cash": "Bar",
        "gift_card": "Geschenkkarte",
        "points": "Punkte",
        "on_file": "Hinterlegte Karten",
        "transfer": "Überweisungen",
        "rounding": "Rundung",
        "drawer": "Lade, Kasse",
        "expected": "Soll",
        "difference": "Zähldifferenzen",
        "turnover": "Summe der Belege",
        "at": "Stand",
        "by": "Erstellt von",
        "number": "Nummer",
        "clerks": "Bediener und ihre Belege",
        "alone": "Selbstbedienung",
        "decimal": ",",
        "date": "%d.%m.%Y %H:%M",
    },
    "en": {
        "x": "X report",
        "z": "Z report",
        "day": "Business day",
        "receipts": "Receipts",
        "voids": "Lines voided",
        "cancelled": "Baskets given up",
        "refunds": "Goods brought back",
        "returned": "Payments given back",
        "training": "Training",
        "cases": "Business cases",
        "vat": "VAT",
        "net": "net",
        "gross": "gross",
        "tenders": "Payments",
        "card": "Card",
        "cash": "Cash",
        "gift_card": "Gift card",
        "points": "Points",
        "on_file": "Cards on file",
        "transfer": "Bank transfers",
        "rounding": "Rounding",
        "drawer": "Drawer, lane",
        "expected": "Expected",
        "difference": "Counts were off by",
        "turnover": "All receipts",
        "at": "As of",
        "by": "Written by",
        "number": "Number",
        "clerks": "Clerks and their receipts",
        "alone": "Self-service",
        "decimal": ".",
        "date": "%d/%m/%Y %H:%M",
    },
}
Rows = Iterable[tuple[str, str]]
NAME_CHARS_MAX = 24


def closing_ticket(
    closing: Closing,
    shop: Shop,
    *,
    language: str = "de",
    timezone: str = "Europe/Berlin",
    width: int = 42,
    names: Mapping[str, str] = MappingProxyType({}),
) -> Ticket:
    """The report on paper. `names` are those of the clerks who work here, by their ids.

    Business cases keep their names of the DSFinV-K in every language.

    Raises ValueError for an amount too wide for the paper.
    """
    words = WORDS.get(language, WORDS["en"])
    parts: list[Line | Rule | QrCode | Cut] = [
        Line(shop.name[:width], bold=True, align=Align.CENTER),
        Line(f"{words['z']} {closing.number}" if closing.number else words["x"], True, True, Align.CENTER),
    ]
    for title, rows in closing_rows(closing, language=language, timezone=timezone, names=names):
        parts.append(Rule())
        if title:
            parts.append(Line(title, bold=True))
        parts += (Line(two_columns(left, right, width)) for left, right in rows)
    return Ticket((*parts, Cut()), width)


def closing_rows(
    closing: Closing,
    *,
    language: str = "de",
    timezone: str = "Europe/Berlin",
    names: Mapping[str, str] = MappingProxyType({}),
) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """The parts of a report: a title, "" for none, and pairs of a label and what stands beside it.

    A clerk is told by name and number (DSFinV-K: BEDIENER_NAME, BEDIENER_ID); who works here no more, by
    number.
    """
    words = WORDS.get(language, WORDS["en"])
    return (
        ("", tuple(_head(closing, words, timezone, names))),
        (words["cases"], tuple(_cases(closing, words))),
        (words["vat"], tuple(_vat(closing, words))),
        (words["tenders"], tuple(_tenders(closing, words))),
        (words["clerks"], tuple(_clerks(closing, words, names))),
        ("", tuple(_drawers(closing, words))),
    )


def _head(closing: Closing, words: dict[str, str], timezone: str, names: Mapping[str, str]) -> Rows:
    zone = ZoneInfo(timezone)
    at = dt.datetime.fromisoformat(closing.at).astimezone(zone).strftime(words["date"])
    yield words["day"], closing.business_day
    yield words["at"], at
    yield words["by"], _called(closing.by, words, names)
    yield from _number(closing.by, words, names)
    span = f"{closing.receipts_from}-{closing.receipts_to}  " if closing.sales else ""
    yield words["receipts"], f"{span}{closing.sales}"
    for name in ("refunds", "voids", "cancelled", "returned"):
        yield words[name], str(getattr(closing, name))
    yield words["training"], "0"


def _cases(closing: Closing, words: dict[str, str]) -> Rows:
    for case in closing.cases:
        yield f"{case.kind} {_rate(case.rate_bp, words)}", _money(case.gross_minor, words)
    yield words["turnover"], _money(closing.turnover_minor, words)


def _vat(closing: Closing, words: dict[str, str]) -> Rows:
    for part in closing.vat:
        rate = _rate(part.rate_bp, words)
        yield f"{rate} {words['gross']}", _money(part.gross_minor, words)
        yield f"{rate} {words['net']}", _money(part.net_minor, words)
        yield f"{rate} {words['vat']}", _money(part.vat_minor, words)


def _tenders(closing: Closing, words: dict[str, str]) -> Rows:
    for tender in closing.tenders:
        yield f"{tender.count} x {words.get(tender.kind, tender.kind)}", _money(tender.amount_minor, words)
    if closing.rounding_minor:
        yield words["rounding"], _money(closing.rounding_minor, words)


def _clerks(closing: Closing, words: dict[str, str], names: Mapping[str, str]) -> Rows:
    for one in closing.clerks:
        yield _called(one.clerk, words, names), str(one.sales)
        yield from _number(one.clerk, words, names)
        for tender in one.tenders:
            label = f"  {tender.count} x {words.get(tender.kind, tender.kind)}"
            yield label, _money(tender.amount_minor, words)


def _called(clerk: str, words: dict[str, str], names: Mapping[str, str]) -> str:
    return names.get(clerk, clerk)[:NAME_CHARS_MAX] if clerk else words["alone"]


def _number(clerk: str, words: dict[str, str], names: Mapping[str, str]) -> Rows:
    if clerk in names:
        yield f"  {words['number']}", clerk


def _drawers(closing: Closing, words: dict[str, str]) -> Rows:
    for drawer in closing.drawers:
        lane = drawer.drawer.removeprefix("drawer:")
        yield f"{words['drawer']} {lane}: {words['expected']}", _money(drawer.expected_minor, words)
        if drawer.difference_minor:
            yield f"  {words['difference']}", _money(drawer.difference_minor, words)


def _rate(rate_bp: int, words: dict[str, str]) -> str:
    whole, part = divmod(rate_bp, 100)
    return f"{whole}{words['decimal']}{part:02d}%" if part else f"{whole}%"


def _money(amount_minor: int, words: dict[str, str]) -> str:
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{abs(amount_minor) // 100}{words['decimal']}{abs(amount_minor) % 100:02d}"
