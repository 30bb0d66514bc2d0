"""Deposit, empties, vouchers and coupons on the kiosk: what stands where, and the way out of it again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkout.deposit import DepositKinds
from store_edge.box import Box
from store_edge.paper_settings import CouponSettings
from tests.conftest import with_check_digit
from tests.kiosk_ui.kiosk_shop import EGGS, Clock, Screen, make_app, open_box

COLA = "9521234109051"
SLIP = with_check_digit("980000070125")
COUPONS = {
    "summer": CouponSettings("SUMMER-26", {"de": "Sommergruß", "en": "Summer greeting"}, amount_minor=100),
    "big": CouponSettings(
        "BIG", {"de": "Ab 20 Euro", "en": "From 20 euros"}, percent=10, goods_minor_min=2000
    ),
}


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    box = open_box(tmp_path, Clock(), coupons=COUPONS)
    box.shelves.put(DepositKinds().articles())
    yield box
    box.stop()


@pytest.fixture
def screen(box: Box) -> Screen:
    screen = Screen(make_app(box).test_client())
    screen.tap("language", {"language": "en"})
    return screen


def words(html: str, id: str) -> str:
    """What the element with that id says, without its tags; "" if it is not there."""
    found = re.search(
        rf'<(\w+)[^>]* id="{id}".*?(?=<(?:li|ul|p|div|form|section)[^>]* id="|$)', html, re.DOTALL
    )
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def test_the_deposit_has_a_row_of_its_own_below_its_drink(screen: Screen) -> None:
    answer = screen.scan(COLA)
    line = words(answer.text, "line-1")
    assert "Cola €1.09" in line
    assert "+ deposit €0.25" in line
    assert "€1.34" not in line
    assert "Pay €1.34" in words(answer.text, "pay")
    assert "+ deposit €0.25" in words(answer.text, "card")


def test_while_empties_are_handed_back_the_screen_says_so_and_leads_back(screen: Screen, box: Box) -> None:
    screen.scan(COLA)
    answer = screen.tap("empties/begin")
    assert "You are handing back empties" in answer.text
    assert "Crate of 20 bottles €3.10" in words(answer.text, "empties")
    screen.scan(COLA)
    answer = screen.tap("empties/take", {"kind": "bottle-8"})
    assert "-€0.25" in screen.look()
    assert "-€0.08" in screen.text
    assert "You are handing back empties" in screen.text
    answer = screen.tap("empties/end")
    assert "You are handing back empties" not in answer.text
    basket = box.books.basket_on("1")
    assert basket is not None
    assert basket.total_minor == 134 - 25 - 8


def test_a_shopper_alone_hands_back_so_much(screen: Screen) -> None:
    screen.tap("empties/begin")
    assert screen.tap("empties/take", {"kind": "crate-20"}).status_code == 200
    answer = screen.tap("empties/take", {"kind": "crate-20"})
    assert answer.status_code == 409
    assert "Please bring the rest to a colleague." in answer.text


@pytest.mark.parametrize("kind", ["", "bathtub", "x" * 600, "../crate", EGGS])
def test_no_other_kind_is_taken(screen: Screen, kind: str) -> None:
    assert screen.tap("empties/take", {"kind": kind}).status_code == 409


def test_a_voucher_is_scanned_like_anything_else_and_counts_once(screen: Screen) -> None:
    screen.scan(EGGS)
    answer = screen.scan(SLIP)
    assert "Empties voucher" in answer.text
    assert "-€1.25" in answer.text
    answer = screen.scan(SLIP)
    assert answer.status_code == 409
    assert "This voucher has been handed in already." in answer.text


def test_a_coupon_shows_what_it_takes_off_or_waits_for_and_can_be_kept(screen: Screen) -> None:
    screen.scan(EGGS)
    answer = screen.scan("SUMMER-26")
    assert "Summer greeting -€1.00" in words(answer.text, "coupons")
    assert "You save €1.00 · Summer greeting" in words(answer.text, "line-1")
    answer = screen.scan("BIG")
    assert "It counts as soon as you take goods for €16.71 more." in answer.text
    answer = screen.tap("coupon/keep", {"coupon": "summer"})
    assert "Summer greeting" not in words(answer.text, "coupons")
    assert "From 20 euros" in words(answer.text, "coupons")
    assert screen.tap("coupon/keep", {"coupon": "summer"}).status_code == 409


def test_a_coupon_before_any_goods_waits_for_them(screen: Screen) -> None:
    assert "It waits for the goods it is for." in screen.scan("SUMMER-26").text


def test_the_screens_speak_german_too(screen: Screen) -> None:
    screen.scan(COLA)
    screen.scan("SUMMER-26")
    screen.tap("language", {"language": "de"})
    assert "+ Pfand 0,25\u00a0€" in screen.look()
    assert "Sommergruß" in screen.text
    assert "Leergut zurückgeben" in screen.text
    answer = screen.scan("SUMMER-26")
    assert "Dieser Coupon wurde schon eingelöst." in answer.text


def test_the_digital_receipt_has_the_deposit_below_its_drink(screen: Screen, box: Box) -> None:
    screen.scan(COLA)
    box.cashier.ask_payment("1")
    basket = box.books.basket_on("1")
    assert basket is not None
    payment = box.payments.open_for(basket.id)
    assert payment is not None
    box.cashier.send(payment.id, "terminal-1", 1)
    box.cashier.taken(payment.id, 2, "girocard", "answer")
    receipt = box.receipts.of_basket(basket.id)
    assert receipt is not None
    page = screen.client.get(f"/r/{receipt.link}?lang=en").text
    assert "€1.09 A" in page
    assert re.search(r"Deposit</span><span>€0.25", page)
