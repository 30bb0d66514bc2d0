"""What stands on a receipt: the same rows for every medium, in two languages, with all that the law wants."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from checkout.basket import EMPTIES, RETURNED, Reduction, Returned
from checkout.receipt import Points, Process, Receipt, ReceiptLine, Tendered
from checkout.receipt_rows import Code, Item, Note, Pair, Text, Total, VatTable, rows_of
from checkout.receipt_words import WORDS
from checkout.tax import vat_table
from tests.conftest import SELLER


class PlainHand:
    times = "x"

    def money(self, amount_minor):
        return f"{amount_minor / 100:.2f}"

    def thousandths(self, amount):
        return f"{amount / 1000:.3f}"

    def rate(self, rate_bp):
        return f"{rate_bp / 100:g} %"

    def moment(self, at):
        return at


def sold(name, total_minor, vat_bp=1900, **more):
    facts = {"quantity": 1, "weight_g": 0, "unit_price_minor": total_minor, "discount_minor": 0} | more
    return ReceiptLine(
        "4000000000000", {"de": name, "en": f"{name} (en)"}, total_minor=total_minor, vat_bp=vat_bp, **facts
    )


def receipt(*lines, **more):
    lines = lines or (sold("Hut", 1000),)
    return Receipt(
        number=7,
        link="kYx2",
        shop=SELLER,
        lane="2",
        at="2026-11-21T22:30:00+00:00",
        language="de",
        lines=lines,
        vat=vat_table((line.vat_bp, line.total_minor) for line in lines),
        total_minor=sum(line.total_minor for line in lines),
        **{"paid_by": "card", "card_name": "girocard", "terminal": "t", "terminal_receipt": 815} | more,
    )


def rows(of, kind, **more):
    return [row for row in rows_of(of, PlainHand(), **more) if isinstance(row, kind)]


def pairs(of, role="sum"):
    return [(row.left, row.right) for row in rows(of, Pair) if row.role == role]


def notes(line, **more):
    (item,) = rows(receipt(line, **more), Item)
    return item.notes


def test_every_language_has_every_word():
    assert {language: words.keys() for language, words in WORDS.items()} == dict.fromkeys(
        WORDS, WORDS["en"].keys()
    )


def test_the_seller_the_day_and_the_tax():
    said = receipt(sold("Hut", 1190), sold("Brot", 107, 700))
    assert [(row.text, row.role) for row in rows(said, Text)] == [
        ("Tante Emma", "sign"),
        ("Marktplatz 1", "seller"),
        ("12345 Musterstadt", "seller"),
        ("USt-IdNr. DE000000000", "seller"),
        ("Vielen Dank für Ihren Einkauf", "thanks"),
    ]
    assert pairs(said, "facts") == [("Bon 7 · Kasse 2", "2026-11-21T22:30:00+00:00")]
    assert rows(said, Total) == [Total("Summe", "Summe EUR", "12.97", 1297)]
    (table,) = rows(said, VatTable)
    assert table.rows == (("A 19 %", "10.00", "1.90", "11.90"), ("B 7 %", "1.00", "0.07", "1.07"))
    assert [(row.name, row.letter) for row in rows(said, Item)] == [("Hut", "A"), ("Brot", "B")]


def test_it_can_be_read_in_another_language():
    assert [row.name for row in rows(receipt(), Item, language="en")] == ["Hut (en)"]
    assert [row.name for row in rows(receipt(), Item, language="fr")] == ["Hut"]
    assert rows(receipt(), Total, language="fr")[0].word == "Total"


def test_promotions_are_called_by_their_names_of_that_day():
    line = sold("Tee", 500, discount_minor=300, reductions=(Reduction("tea", 200), Reduction("o-1", 100)))
    assert notes(line, names={"tea": {"de": "Teewoche", "en": "Tea week"}}) == (
        Note("Teewoche", "-2.00", "saving"),
        Note("Ihr Angebot", "-1.00", "saving"),
    )
    assert rows(receipt(line), Item)[0].price == "8.00"
    assert ("Ersparnis", "3.00") in pairs(receipt(line))


def test_measures_and_deposit():
    assert notes(sold("Birnen", 222, weight_g=742, unit_price_minor=299)) == (Note("0.742 kg x 2.99/kg"),)
    assert notes(sold("Leinen", 600, length_mm=1500, unit_price_minor=400)) == (Note("1.500 m x 4.00/m"),)
    crate = sold("Sprudel", 804, quantity=6, unit_price_minor=109, deposit_minor=150)
    assert notes(crate) == (Note("6 x 1.09"), Note("Pfand 6 x 0.25", "1.50", "deposit"))
    assert rows(receipt(crate), Item)[0].price == "6.54"


def test_what_came_back_says_from_where():
    back = sold("Socken", -499, quantity=2, kind=RETURNED, returned=Returned("damaged", 17, 3, (1, 2)))
    assert notes(back) == (Note("2 Stück"), Note("Rückgabe aus Bon 17, Posten 3", role="returned"))
    unproved = replace(back, quantity=1, returned=Returned("damaged"))
    assert notes(unproved) == (Note("Rückgabe ohne Bon", role="returned"),)
    paid_back = receipt(back)
    assert ("Erstattet:", "girocard") in pairs(paid_back)
    assert notes(sold("Flasche", -75, quantity=3, unit_price_minor=-25, kind=EMPTIES)) == (Note("3 x 0.25"),)


def test_nothing_is_said_of_a_terminal_that_was_not_asked():
    assert pairs(receipt(sold("Probe", 0), paid_by="nothing")) == []


def test_how_it_was_paid_part_by_part():
    tenders = (
        Tendered("gift_card", 250, left_minor=750),
        Tendered("cash", 750, given_minor=1000, change_minor=250),
    )
    assert pairs(receipt(paid_by="several", tenders=tenders, terminal_receipt=0)) == [
        ("Geschenkkarte", "2.50"),
        ("Restguthaben", "7.50"),
        ("Bar", "7.50"),
        ("Gegeben", "10.00"),
        ("Rückgeld", "2.50"),
    ]
    back = receipt(sold("Hut", -1000), tenders=(Tendered("cash", -1000),), terminal_receipt=0)
    assert pairs(back) == [("Erstattet: Bar", "-10.00")]


def test_points_before_and_after():
    assert pairs(receipt(points=Points(1200, 1190, earned=40, spent=50)))[-4:] == [
        ("Punkte vorher", "1200"),
        ("Eingelöst", "-50"),
        ("Gesammelt", "40"),
        ("Punkte jetzt", "1190"),
    ]


def test_eaten_in_is_said():
    assert "Im Haus verzehrt" in [row.text for row in rows(receipt(eat_in=True), Text)]


PROCESS = Process("emma-1", "begun", "ended", "tse-1", 42, 99, "MEU=", ordered_at="ordered")


def test_the_signing_device_is_told_in_full():
    said = receipt(process=PROCESS, process_code="V0;emma-1;…")
    assert pairs(said, "fiscal") == [
        ("Bestellbeginn", "ordered"),
        ("Beginn", "begun"),
        ("Ende", "ended"),
        ("Kasse Nr.", "emma-1"),
        ("TSE Nr.", "tse-1"),
        ("Transaktion", "42"),
        ("Signaturzähler", "99"),
        ("Prüfwert", "MEU="),
    ]
    assert rows(said, Code)[0] == Code("V0;emma-1;…", "Prüfcode fürs Finanzamt")


@pytest.mark.parametrize("language", WORDS)
def test_an_outage_is_told_and_nothing_is_made_up(language):
    said = replace(receipt(process=Process("emma-1", "begun", "ended")), language=language)
    assert any("TSE ausgefallen" in row.text for row in rows(said, Text))
    assert [right for _, right in pairs(said, "fiscal")] == ["begun", "ended", "emma-1"]


def test_the_code_is_for_the_phone_or_only_for_the_counter():
    assert rows(receipt(), Code, address="https://emma.test/r/kYx2") == [
        Code("https://emma.test/r/kYx2#demo", "Ihr Bon digital, auch für Rückgaben")
    ]
    assert rows(receipt(), Code) == [Code("EMMAR1.demo.kYx2", "Für Rückgaben")]


def test_no_field_of_a_line_is_forgotten():
    """Whoever adds one decides here whether it must be read."""
    shown = {"name", "quantity", "weight_g", "length_mm", "unit_price_minor", "discount_minor", "total_minor"}
    shown |= {"vat_bp", "reductions", "deposit_minor", "returned"}
    kept_for_the_shop = {"gtin", "kind", "epc"}
    assert {field.name for field in fields(ReceiptLine)} == shown | kept_for_the_shop
