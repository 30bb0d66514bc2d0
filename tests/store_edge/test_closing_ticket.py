"""The Z report on paper: nothing wider than the paper, and every sum there."""

from __future__ import annotations

import pytest

from checkout.closing import CaseSum, ClerkSum, Closing, DrawerSum, TenderSum
from checkout.events import VatPart
from checkout.receipt import Shop
from hardware.escpos.ticket import Line
from store_edge.closing_ticket import WORDS, closing_ticket

SHOP = Shop("demo", "Tante Emma", ("Marktplatz 1",), "DE000000000")
CLOSING = Closing(
    number=12,
    business_day="2026-11-21",
    since="2026-11-20T20:00:00+00:00",
    at="2026-11-21T20:05:00+00:00",
    receipts_from=11,
    receipts_to=17,
    ledger_to=40,
    journal_to=300,
    sales=7,
    refunds=1,
    voids=3,
    cancelled=2,
    returned=1,
    vat=(VatPart(1900, 848, 712, 136), VatPart(0, 2500, 2500, 0)),
    cases=(
        CaseSum("Umsatz", 1900, 998, 838, 160),
        CaseSum("MehrzweckgutscheinEinloesung", 0, -1_000_000_00, -1_000_000_00, 0),
    ),
    tenders=(TenderSum("card", 2, 2818), TenderSum("cash", 3, 349)),
    drawers=(DrawerSum("drawer:1", 5340, -9),),
    rounding_minor=-2,
    by="clerk-1",
    clerks=(
        ClerkSum("", 2, (TenderSum("card", 2, 2818),)),
        ClerkSum("clerk-1", 4, (TenderSum("cash", 2, 300),)),
        ClerkSum("clerk-gone", 1, (TenderSum("cash", 1, 49),)),
    ),
)


def lines(**how):
    return [part.text for part in closing_ticket(CLOSING, SHOP, **how).parts if isinstance(part, Line)]


@pytest.mark.parametrize("width", [42, 48])
@pytest.mark.parametrize("language", WORDS)
def test_no_line_is_wider_than_the_paper(width, language):
    said = lines(width=width, language=language)
    assert all(len(line) <= width for line in said)
    assert any(line.endswith(("-1000000,00", "-1000000.00")) for line in said)


def test_every_sum_stands_on_it():
    said = "\n".join(" ".join(line.split()) for line in lines())
    for row in (
        "Z-Bericht 12",
        "Geschäftstag 2026-11-21",
        "Stand 21.11.2026 21:05",
        "Erstellt von clerk-1",
        "Belege 11-17 7",
        "Rückgaben 1",
        "Stornierte Zeilen 3",
        "Abgebrochene Einkäufe 2",
        "Zurückgegebene Zahlungen 1",
        "Umsatz 19% 9,98",
        "Summe der Belege 33,48",
        "19% MwSt 1,36",
        "2 x Karte 28,18",
        "3 x Bar 3,49",
        "Rundung -0,02",
        "Lade, Kasse 1: Soll 53,40",
        "Zähldifferenzen -0,09",
    ):
        assert row in said


def test_who_took_what_stands_on_it_by_name_and_number():
    said = [" ".join(line.split()) for line in lines(names={"clerk-1": "Frida"})]
    at = said.index("Bediener und ihre Belege")
    assert said[at + 1 : at + 8] == [
        "Selbstbedienung 2",
        "2 x Karte 28,18",
        "Frida 4",
        "Nummer clerk-1",
        "2 x Bar 3,00",
        "clerk-gone 1",
        "1 x Bar 0,49",
    ]


def test_every_language_has_every_word():
    assert len({frozenset(words) for words in WORDS.values()}) == 1
