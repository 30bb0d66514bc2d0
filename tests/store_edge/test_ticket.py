"""The paper receipt: everything the law wants, in two languages, and never wider than the paper."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from checkout.receipt import Receipt, ReceiptLine, Shop
from checkout.tax import vat_table
from hardware.escpos.ticket import WIDTHS, Align, Cut, Line, QrCode, Rule, Ticket
from store_edge.ticket import receipt_ticket

SHOP = Shop("demo", "Tante Emma", ("Marktplatz 1", "12345 Müßtadt"), "DE123456789")
ADDRESS = "https://shop.example/r/kYx2"


def sold(
    name: Mapping[str, str],
    total_minor: int,
    vat_bp: int = 700,
    quantity: int = 1,
    weight_g: int = 0,
    unit_price_minor: int = 0,
    discount_minor: int = 0,
) -> ReceiptLine:
    unit = unit_price_minor or total_minor + discount_minor
    return ReceiptLine("4000000000000", name, quantity, weight_g, unit, discount_minor, total_minor, vat_bp)


LINES = (
    sold({"de": "Äpfel, süß", "en": "Sweet apples"}, 373, weight_g=1245, unit_price_minor=299),
    sold({"de": "Brötchen", "en": "Rolls"}, 175, quantity=5, unit_price_minor=35),
    sold({"de": "Rotwein", "en": "Red wine"}, 449, vat_bp=1900, discount_minor=50),
)


def receipt(*lines: ReceiptLine, language: str = "de") -> Receipt:
    lines = lines or LINES
    return Receipt(
        number=4711,
        link="kYx2",
        shop=SHOP,
        lane="2",
        at="2026-11-21T22:30:00+00:00",
        language=language,
        lines=lines,
        vat=vat_table((line.vat_bp, line.total_minor) for line in lines),
        total_minor=sum(line.total_minor for line in lines),
        paid_by="card",
        card_name="girocard",
        terminal="terminal-1",
        terminal_receipt=815,
    )


def rows(ticket: Ticket) -> list[str]:
    return [part.text for part in ticket.parts if isinstance(part, Line)]


def room(ticket: Ticket, line: Line) -> int:
    return ticket.width // 2 if line.double else ticket.width


def minor(amount: str) -> int:
    return int(re.sub("[,.]", "", amount))


def test_a_german_receipt_on_42_columns() -> None:
    assert rows(receipt_ticket(receipt(), "")) == [
        "Tante Emma",
        "Marktplatz 1",
        "12345 Müßtadt",
        "USt-IdNr. DE123456789",
        "",
        "Bon 4711 · Kasse 2        21.11.2026 23:30",
        "Äpfel, süß                          3,73 B",
        "  1,245 kg x 2,99/kg",
        "Brötchen                            1,75 B",
        "  5 x 0,35",
        "Rotwein                             4,99 A",
        "  Ersparnis                        -0,50  ",
        "Summe EUR        9,97",
        "Ersparnis                             0,50",
        "Bezahlt mit                       girocard",
        "Terminalbeleg                          815",
        "                 Netto      MwSt    Brutto",
        "A 19%             3,77      0,72      4,49",
        "B 7%              5,12      0,36      5,48",
        "",
        "Für Rückgaben",
        "",
        "Vielen Dank für Ihren Einkauf",
    ]


def test_an_english_receipt_on_48_columns() -> None:
    assert rows(receipt_ticket(receipt(language="en"), "", width=48)) == [
        "Tante Emma",
        "Marktplatz 1",
        "12345 Müßtadt",
        "VAT ID DE123456789",
        "",
        "Receipt 4711 · Lane 2           21/11/2026 23:30",
        "Sweet apples                              3.73 B",
        "  1.245 kg x 2.99/kg",
        "Rolls                                     1.75 B",
        "  5 x 0.35",
        "Red wine                                  4.99 A",
        "  You saved                              -0.50  ",
        "Total EUR           9.97",
        "You saved                                   0.50",
        "Paid by                                 girocard",
        "Terminal receipt                             815",
        "                         net       VAT     gross",
        "A 19%                   3.77      0.72      4.49",
        "B 7%                    5.12      0.36      5.48",
        "",
        "For returns",
        "",
        "Thank you for your purchase",
    ]


def test_goods_by_length_tell_their_length() -> None:
    fabric = replace(sold({"de": "Stoff"}, 1600, unit_price_minor=1280), length_mm=1250)
    assert "  1,250 m x 12,80/m" in rows(receipt_ticket(receipt(fabric), ""))


def test_deposit_has_a_row_below_its_drink_and_empties_are_negative() -> None:
    cola = replace(sold({"de": "Cola"}, 2 * 134, unit_price_minor=109), quantity=2, deposit_minor=50)
    empties = sold({"de": "Einwegpfand"}, -25, unit_price_minor=-25)
    said = [" ".join(row.split()) for row in rows(receipt_ticket(receipt(cola, empties), ""))]
    start = said.index("Cola 2,18 A")
    assert said[start + 1 : start + 4] == ["2 x 1,09", "Pfand 2 x 0,25 0,50", "Einwegpfand -0,25 A"]
    assert "Summe EUR 2,43" in said


def test_a_language_without_words_is_told_in_english_with_the_name_it_has() -> None:
    said = rows(receipt_ticket(receipt(sold({"de": "Käse"}, 500), language="fr"), ""))
    assert "Total EUR        5.00" in said
    assert any(row.startswith("Käse") for row in said)


def test_the_head_and_the_end_of_the_paper() -> None:
    ticket = receipt_ticket(receipt(), ADDRESS)
    assert ticket.parts[0] == Line("Tante Emma", bold=True, double=True, align=Align.CENTER)
    assert sum(isinstance(part, Rule) for part in ticket.parts) == 3
    assert ticket.parts[-1] == Cut()


def test_the_code_is_the_digital_receipts_address_or_only_the_counters() -> None:
    ticket = receipt_ticket(receipt(), ADDRESS)
    assert [part.data for part in ticket.parts if isinstance(part, QrCode)] == [f"{ADDRESS}#demo"]
    assert "Ihr Bon digital, auch für Rückgaben" in rows(ticket)
    without = receipt_ticket(receipt(), "")
    assert [part.data for part in without.parts if isinstance(part, QrCode)] == ["EMMAR1.demo.kYx2"]
    assert "Für Rückgaben" in rows(without)


def test_a_card_is_named_and_never_numbered() -> None:
    said = " ".join(rows(receipt_ticket(receipt(), "")))
    assert "girocard" in said
    assert not re.search(r"\d{8,}", said.replace(SHOP.tax_number, "")), "no long number but the seller's"
    assert "Karte" in " ".join(rows(receipt_ticket(replace(receipt(), card_name=""), "")))


def test_nothing_paid_is_no_card() -> None:
    free = replace(receipt(sold({"de": "Probe"}, 0, discount_minor=100)), paid_by="nothing")
    said = " ".join(rows(receipt_ticket(free, "")))
    assert "Bezahlt mit" not in said
    assert "Terminalbeleg" not in said


def test_the_day_is_the_shops_own() -> None:
    said = rows(receipt_ticket(replace(receipt(), at="2026-12-31T23:30:00+00:00"), ""))
    assert any("01.01.2027 00:30" in row for row in said)
    said = rows(receipt_ticket(receipt(), "", timezone="Asia/Tokyo"))
    assert any("22.11.2026 07:30" in row for row in said)


def test_a_long_name_is_cut_and_its_price_is_not() -> None:
    said = rows(receipt_ticket(receipt(sold({"de": "Donaudampfschifffahrt" * 5}, 12345)), ""))
    (row,) = [row for row in said if row.startswith("Donau")]
    assert row.endswith(" 123,45 A")
    assert len(row) == 42


def test_a_long_seller_goes_on_in_the_next_line() -> None:
    shop = replace(
        SHOP, name="Tante Emmas Kolonialwaren und Feinkost", address=("Hinter den sieben Bergen " * 3,)
    )
    ticket = receipt_ticket(replace(receipt(), shop=shop), "")
    said = " ".join(rows(ticket))
    assert "Tante Emmas Kolonialwaren und Feinkost" in said
    assert said.count("sieben Bergen") == 3


def test_a_rate_with_a_fraction_is_written_whole() -> None:
    said = rows(receipt_ticket(receipt(sold({"de": "Heft"}, 1070, vat_bp=1070)), ""))
    assert "A 10,70%          9,67      1,03     10,70" in said


# Whatever the names and the amounts

long_texts = st.text("Äß mW", min_size=45, max_size=120)
texts = st.text(max_size=40) | long_texts
amounts = st.integers(0, 10**6) | st.integers(10**9, 10**11)
sold_lines = st.builds(
    sold,
    name=st.dictionaries(st.sampled_from(["de", "en", "fr"]), st.text(min_size=1) | long_texts, min_size=1),
    total_minor=amounts,
    vat_bp=st.sampled_from([0, 550, 700, 1070, 1900, 2550]),
    quantity=st.integers(1, 999),
    weight_g=st.integers(0, 99_999_999),
    unit_price_minor=amounts,
    discount_minor=amounts,
)
receipts = st.builds(
    lambda lines, language, shop, lane, number, card, terminal, at: replace(
        receipt(*lines, language=language),
        shop=shop,
        lane=lane,
        number=number,
        card_name=card,
        terminal_receipt=terminal,
        at=at.isoformat(),
    ),
    st.lists(sold_lines, min_size=1, max_size=6),
    st.sampled_from(["de", "en", "fr"]),
    st.builds(Shop, st.just("demo"), texts, st.tuples(texts, texts), texts, st.sampled_from(["EUR", "CHF"])),
    texts,
    st.integers(1, 10**12),
    texts,
    st.integers(0, 9999),
    st.integers(0, 4_000_000_000).map(lambda s: dt.datetime.fromtimestamp(s, dt.UTC)),
)


@given(receipts, st.sampled_from(WIDTHS))
def test_every_line_fits_the_paper(written: Receipt, width: int) -> None:
    ticket = receipt_ticket(written, ADDRESS, width=width)
    for part in ticket.parts:
        if isinstance(part, Line):
            assert len(unicodedata.normalize("NFC", part.text)) <= room(ticket, part), part


@given(receipts, st.sampled_from(WIDTHS))
def test_no_amount_is_ever_cut(written: Receipt, width: int) -> None:
    said = " ".join(rows(receipt_ticket(written, "", width=width)))
    decimal = "," if written.language == "de" else "."
    for amount in (
        written.total_minor,
        *(line.total_minor + line.discount_minor for line in written.lines),
        *(amount for part in written.vat for amount in (part.net_minor, part.vat_minor, part.gross_minor)),
    ):
        assert f"{amount // 100}{decimal}{amount % 100:02}" in said
    assert str(written.number) in said


@given(st.lists(sold_lines, min_size=1, max_size=6), st.sampled_from(WIDTHS))
def test_the_vat_table_sums_to_the_total(lines: list[ReceiptLine], width: int) -> None:
    small = [replace(line, total_minor=line.total_minor % 10**6) for line in lines]
    said = rows(receipt_ticket(receipt(*small), "", width=width))
    table = [re.fullmatch(r"[A-Z] [\d,]+% +([\d,]+) +([\d,]+) +([\d,]+)", row) for row in said]
    parts = [[minor(amount) for amount in found.groups()] for found in table if found]
    assert len(parts) == len({line.vat_bp for line in small})
    assert all(net + vat == gross for net, vat, gross in parts)
    assert sum(gross for _, _, gross in parts) == sum(line.total_minor for line in small)
