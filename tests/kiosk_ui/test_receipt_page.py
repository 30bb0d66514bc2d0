"""The digital receipt: all that the law wants, in two languages, for who has the address."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from checkout.receipt import Receipt, receipt_code
from store_edge.box import Box
from tests.kiosk_ui.kiosk_shop import EGGS, GRAPES_742_G, SHIRT_M, make_app


@pytest.fixture
def receipt(box: Box) -> Receipt:
    for code in (EGGS, GRAPES_742_G, SHIRT_M):
        box.till.scan("1", code, how="serial", language="en")
    box.till.change_quantity("1", 1, 2)
    basket = box.cashier.ask_payment("1")
    asked = box.payments.open_for(basket.id)
    assert asked is not None
    box.cashier.send(asked.id, "terminal-1", 41)
    box.cashier.taken(asked.id, 42, "girocard", "answer")
    found = box.receipts.by_number(1)
    assert found is not None
    return found


@pytest.fixture
def client(box: Box) -> FlaskClient:
    return make_app(box).test_client()


def test_it_speaks_the_language_of_the_purchase(client: FlaskClient, receipt: Receipt) -> None:
    text = client.get(f"/r/{receipt.link}", headers={"Accept-Language": "de"}).text
    assert '<html lang="en"' in text
    assert "Free-range eggs" in text


def test_and_another_one_on_request(client: FlaskClient, receipt: Receipt) -> None:
    answer = client.get(f"/r/{receipt.link}?lang=de")
    assert "Eier aus Freilandhaltung" in answer.text
    assert "21.11.2026" in answer.text
    assert "11:00" in answer.text, "the store's time, not UTC"


def test_all_that_must_be_on_it(client: FlaskClient, receipt: Receipt) -> None:
    text = client.get(f"/r/{receipt.link}?lang=de").text.replace("\N{NO-BREAK SPACE}", " ")
    for part in (
        "Tante Emma",
        "Marktplatz 1",
        "USt-IdNr. DE000000000",
        "Bon 1",
        "Kasse 1",
        "6,58 €",
        "2 × 3,29 €",
        "0,742 kg × 4,49 €/kg",
        "19,90 €",
        "29,81 Euro",
        "girocard",
        "42",
        "7 %",
        "19 %",
    ):
        assert part in text, part


def test_the_vat_table_adds_up(client: FlaskClient, receipt: Receipt) -> None:
    assert sum(part.gross_minor for part in receipt.vat) == receipt.total_minor
    assert len(re.findall(r'<th scope="row">', client.get(f"/r/{receipt.link}").text)) == 2


@pytest.mark.parametrize("link", ["nothing", "x" * 300, "..%2f1", "1"])
def test_no_receipt_here(client: FlaskClient, receipt: Receipt, link: str) -> None:
    answer = client.get(f"/r/{link}?lang=en")
    assert answer.status_code == 404
    assert receipt.link not in answer.text


def test_a_missing_one_is_told_in_words(client: FlaskClient) -> None:
    assert "Unter dieser Adresse gibt es keinen Bon." in client.get("/r/nothing?lang=de").text


def test_it_is_kept_by_no_cache_and_no_search_engine(client: FlaskClient, receipt: Receipt) -> None:
    answer = client.get(f"/r/{receipt.link}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", answer.text)


def test_its_code_finds_it_again_at_the_counter(box: Box, receipt: Receipt) -> None:
    code = receipt_code(receipt, box.receipt_address(receipt))
    assert box.returns.find(code) == (receipt, (2, 1, 1))


# As a PDF


def test_the_pdf_is_one_tagged_page_with_its_fonts_in_it(client: FlaskClient, receipt: Receipt) -> None:
    answer = client.get(f"/r/{receipt.link}.pdf?lang=de")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert 'filename="Bon-1.pdf"' in answer.headers["Content-Disposition"]
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.data.startswith(b"%PDF-1.")
    assert b"/Type/Pages/Count 1/" in answer.data
    for part in (
        b"/StructTreeRoot",
        b"/Lang",
        b"pdfuaid:part",
        b"AtkinsonHyperlegibleNext-Regular",
        b"/FontFile",
    ):
        assert part in answer.data, part


def test_the_same_receipt_is_the_same_pdf_and_another_language_another(
    client: FlaskClient, receipt: Receipt
) -> None:
    one, again, other = (client.get(f"/r/{receipt.link}.pdf?lang={lang}").data for lang in ("de", "de", "en"))
    assert one == again
    assert one != other


def test_the_page_links_to_the_pdf_and_shows_the_code_for_returns(
    client: FlaskClient, receipt: Receipt
) -> None:
    text = client.get(f"/r/{receipt.link}?lang=de").text
    assert f'href="/r/{receipt.link}.pdf?lang=de"' in text
    assert "Als PDF sichern" in text
    assert 'aria-label="Ihr Bon digital, auch für Rückgaben"' in text


def test_no_pdf_where_there_is_no_receipt(client: FlaskClient) -> None:
    assert client.get("/r/nothing.pdf").status_code == 404


def test_a_name_is_text_and_never_an_instruction(client: FlaskClient, box: Box, receipt: Receipt) -> None:
    name = '#panic("x") ]] $ \\ *_`<h1>{{7*7}} ' * 3
    line = replace(receipt.lines[0], name={"de": name, "en": name})
    with box.books.page() as page:
        page.save_receipt(replace(receipt, number=2, link="odd", lines=(line,) * 300), "odd")
    assert client.get("/r/odd.pdf").status_code == 200
    assert "&lt;h1&gt;{{7*7}}" in client.get("/r/odd").text
