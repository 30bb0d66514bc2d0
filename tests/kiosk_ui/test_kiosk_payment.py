"""Paying at the kiosk: asked, followed, stopped, declined, unknown, paid, done."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from checkout.events import ReceiptNotPrinted, ReceiptPrinted
from checkout.payment import Payment
from store_edge.box import Box
from store_edge.settings import DeviceSettings
from tests.kiosk_ui.kiosk_shop import EGGS, PASTA, Clock, Screen, make_app, open_box


@pytest.fixture
def screen(box: Box) -> Screen:
    screen = Screen(make_app(box).test_client())
    screen.scan(EGGS)
    return screen


def sent(box: Box) -> Payment:
    """What the terminal's agent does first."""
    basket = box.books.basket_on("1")
    assert basket is not None
    asked = box.payments.open_for(basket.id)
    assert asked is not None
    payment = box.cashier.send(asked.id, "terminal-1", 7)
    assert payment is not None
    return payment


def pay(screen: Screen, box: Box) -> None:
    screen.tap("pay")
    box.cashier.taken(sent(box).id, 8, "girocard", "answer")
    screen.now()


def test_pay_freezes_the_basket_and_shows_the_amount(screen: Screen) -> None:
    answer = screen.tap("pay")
    assert answer.headers["HX-Retarget"] == "#screen"
    assert screen.shown["state"] == "paying"
    assert "3,29 Euro" in screen.text
    assert 'id="stop"' in screen.text
    assert 'id="pay"' not in screen.text


def test_two_taps_ask_once(screen: Screen, box: Box) -> None:
    screen.tap("pay", {"request_key": "a"})
    screen.tap("pay", {"request_key": "b"})
    assert [e.type for e in box.journal.read(0)].count("PaymentAsked") == 1


def test_nothing_to_pay_for_is_refused(screen: Screen) -> None:
    screen.tap("quantity", {"line": 1, "quantity": 0})
    assert screen.tap("pay").status_code == 409
    assert "Ihr Korb ist noch leer." in screen.text


def test_the_terminals_steps_are_told_in_words(screen: Screen, box: Box) -> None:
    screen.tap("pay")
    payment = sent(box)
    screen.now()
    for status, words in [
        (0x0A, "Karte einstecken"),
        (0x04, "die Bank wird gefragt"),
        (0x77, "folgen Sie dem"),
    ]:
        box.cashier.progressed(payment, status)
        assert words in screen.now().text


def test_a_scan_while_paying_is_refused_and_said(screen: Screen) -> None:
    screen.tap("pay")
    assert screen.scan(PASTA, "wedge").status_code == 409
    assert screen.shown["state"] == "paying"
    assert "Ihr Korb wird gerade bezahlt." in screen.text


def test_stop_before_anything_was_sent_goes_back_at_once(screen: Screen) -> None:
    screen.tap("pay")
    screen.tap("stop")
    assert screen.shown["state"] == "open"
    assert "Die Zahlung wurde abgebrochen." in screen.text
    assert "Es wurde nichts abgebucht." in screen.text


def test_stop_afterwards_waits_for_the_terminal(screen: Screen, box: Box) -> None:
    screen.tap("pay")
    payment = sent(box)
    screen.tap("stop")
    assert "Die Zahlung wird abgebrochen" in screen.text
    assert 'id="stop"' not in screen.text
    box.cashier.declined(payment.id, "shopper")
    assert "Die Zahlung wurde abgebrochen." in screen.now().text


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("card", "Die Karte wurde nicht angenommen."),
        ("terminal", "Das Kartenterminal ist gerade nicht bereit."),
        ("enquiry", "Die Zahlung kam nicht zustande."),
        ("staff", "hat die Zahlung beendet."),
    ],
)
def test_declined_leads_back_to_the_basket_with_the_reason(
    screen: Screen, box: Box, reason: str, words: str
) -> None:
    screen.tap("pay")
    box.cashier.declined(sent(box).id, reason)
    answer = screen.now()
    assert screen.shown["state"] == "open"
    assert answer.headers["HX-Trigger"] == "emma:look"
    assert words in answer.text
    assert "Es wurde nichts abgebucht" in answer.text
    screen.tap("pay")
    assert words not in screen.text


def test_a_missing_answer_asks_for_patience_and_offers_nothing_to_tap(screen: Screen, box: Box) -> None:
    screen.tap("pay")
    payment = sent(box)
    box.cashier.enquired(payment)
    screen.now()
    assert "Bitte warten Sie, wir fragen das Terminal" in screen.text
    assert 'id="stop"' not in screen.text
    box.cashier.declined(payment.id, "enquiry")
    screen.now()
    screen.tap("pay")
    assert "wir fragen das Terminal" not in screen.text
    assert 'id="stop"' in screen.text


def test_a_till_without_a_terminal_says_so(tmp_path: Path) -> None:
    box = open_box(tmp_path, Clock())
    box.cashier._has_terminal = partial(box.settings.has, "terminal")
    screen = Screen(make_app(box).test_client())
    screen.scan(EGGS)
    answer = screen.tap("pay")
    assert answer.status_code == 409
    assert "Diese Kasse nimmt keine Karten." in answer.text
    box.stop()


def test_unknown_asks_for_patience_and_offers_no_second_payment(screen: Screen, box: Box) -> None:
    screen.tap("pay")
    payment = sent(box)
    screen.now()
    box.cashier.unknown(payment.id)
    answer = screen.now()
    assert answer.status_code == 200
    assert "es kommt jemand zu Ihnen" in answer.text
    assert 'id="stop"' not in answer.text
    box.cashier.taken(payment.id, 8, "girocard", "staff")
    assert "Bezahlt. Vielen Dank!" in screen.now().text


def test_paid_shows_the_receipts_address_and_that_there_is_no_printer(screen: Screen, box: Box) -> None:
    pay(screen, box)
    assert screen.shown["state"] == "paid"
    assert "Bezahlt. Vielen Dank!" in screen.text
    assert 'class="qr__code"' in screen.text
    assert "Hier gibt es keinen Drucker" in screen.text


def test_what_the_printer_did_is_told(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    box = open_box(tmp_path / "other", Clock())
    object.__setattr__(box.settings, "devices", {"printer-1": DeviceSettings("printer.escpos")})
    screen = Screen(make_app(box).test_client())
    screen.scan(EGGS)
    pay(screen, box)
    assert "Der Papierbon wird gedruckt." in screen.text
    with box.books.page() as page:
        page.announce(ReceiptPrinted(99), "1")
    assert screen.now().status_code == 204
    with box.books.page() as page:
        page.announce(ReceiptPrinted(1), "1")
    assert "Der Papierbon liegt im Fach." in screen.now().text
    with box.books.page() as page:
        page.announce(ReceiptNotPrinted(1, "paper"), "1")
    assert "Der Drucker kann gerade nicht drucken" in screen.now().text
    box.stop()


def test_done_frees_the_lane_and_forgets(screen: Screen, box: Box) -> None:
    pay(screen, box)
    screen.tap("done")
    assert screen.shown["state"] == "attract"
    assert box.books.basket_on("1") is None


def test_done_from_an_old_page_leaves_the_next_shopper_alone(screen: Screen, box: Box) -> None:
    pay(screen, box)
    box.till.scan("1", PASTA, how="serial")
    assert screen.tap("done").status_code == 200
    assert screen.shown["state"] == "open"
    basket = box.books.basket_on("1")
    assert basket is not None
    assert basket.pieces == 1


def test_nobody_leaves_while_paying(screen: Screen, box: Box) -> None:
    screen.tap("pay")
    answer = screen.tap("cancel", {"reason": "left"})
    assert answer.status_code == 409
    assert screen.shown["state"] == "paying"
