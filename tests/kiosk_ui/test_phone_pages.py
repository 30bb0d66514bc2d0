"""The shopper's own phone by its plain pages, as a browser without script uses them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from checkout.events import ExitUsed, LineAdded, PhoneJoined, PhoneLeft
from checkout.payment import TRANSFER
from kiosk_ui.phone.views import blueprint as phone
from store_edge.box import Box
from store_edge.phone_settings import PhoneSettings
from store_edge.settings import DeviceSettings, LossSettings
from tests.kiosk_ui.kiosk_shop import EGGS, GRAPES_742_G, PASTA, Clock, make_app, open_box

CHOCOLATE, WINE_AGE = "9521234104018", 16
DEVICES = {
    "bank-phone": DeviceSettings("transfer.sepa", lane="phone", emulated=True),
    "gate-1": DeviceSettings("gate.modbus", emulated=True),
}
NEVER = LossSettings(spot_check_share_max=1e-9, spot_check_random_share=1e-9)


class Hand:
    """A shopper's phone: it keeps its cookie, and taps what stands on the page."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        self.text = ""

    def look(self) -> str:
        self.text = self.client.get("/phone").text
        return self.text

    def tap(self, act: str, *, script: bool = False, **facts: object) -> TestResponse:
        headers = {"HX-Request": "true"} if script else {}
        answer = self.client.post(f"/phone/{act}", data=facts, headers=headers)
        self.text = answer.text if answer.status_code != 303 else self.look()
        return answer

    def scan(self, code: str, **facts: object) -> TestResponse:
        return self.tap("scan", code=code, how="typed", **facts)

    @property
    def screen(self) -> str:
        found = re.search(r'data-screen="(\w+)"', self.text)
        return found[1] if found else ""

    @property
    def owes_minor(self) -> int:
        found = re.search(r'data-total-minor="(-?\d+)"', self.text)
        assert found is not None, self.text
        return int(found[1])


@pytest.fixture
def box(tmp_path: Path, clock: Clock) -> Iterator[Box]:
    box = open_box(tmp_path, clock, devices=DEVICES, loss=NEVER)
    box.health.enter("bank-phone", "transfer.sepa", "phone")
    yield box
    box.stop()


@pytest.fixture
def app(box: Box) -> Flask:
    app = make_app(box)
    app.register_blueprint(phone)
    return app


@pytest.fixture
def hand(app: Flask) -> Hand:
    hand = Hand(app.test_client())
    hand.tap("start")
    return hand


def last_event(box: Box, kind: type) -> object:
    entries = [entry for entry in box.journal.read(0) if entry.type == kind.__name__]
    return entries[-1].event() if entries else None


def pay_by_bank(box: Box, hand: Hand) -> str:
    """By the code, as the bank's agent would; gives the basket's id."""
    hand.tap("pay", tender=TRANSFER)
    basket = box.books.basket_on("phone-1")
    assert basket is not None
    payment = box.payments.open_for(basket.id)
    assert payment is not None
    assert box.cashier.send(payment.id, "bank-phone", 0) is not None
    box.providers.show_code(payment.id, CODE)
    hand.look()
    assert hand.screen == "paying"
    return basket.id


CODE = "BCD\n002\n1\nSCT\n\nTante Emma\nDE02120300000000202051\nEUR1.19\n\n\nEMMA-1\n"


def test_whoever_comes_in_has_a_phone_of_their_own_and_no_account(app: Flask, box: Box) -> None:
    anna, ben = Hand(app.test_client()), Hand(app.test_client())
    assert "Start scanning" in anna.look()
    assert box.journal.last_number() == 0
    answer = anna.tap("start")
    cookie = answer.headers["Set-Cookie"]
    assert re.match(r"emma-phone=[\w-]{32}; ", cookie)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    ben.tap("start")
    assert "Phone 1" in anna.text
    assert "Phone 2" in ben.text
    anna.scan(EGGS)
    assert ben.look()
    assert ben.owes_minor == 0
    anna.tap("start")
    assert anna.owes_minor > 0
    assert last_event(box, PhoneJoined) != last_event(box, PhoneLeft)


def test_a_secret_that_was_guessed_opens_nothing(app: Flask) -> None:
    client = app.test_client()
    client.set_cookie("emma-phone", "guessed")
    hand = Hand(client)
    assert "Start scanning" in hand.look()
    assert hand.tap("scan", code=EGGS).headers["Location"] == "/phone"
    answer = hand.tap("scan", script=True, code=EGGS)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (410, "/phone")


def test_what_is_scanned_prints_onto_the_roll_with_all_there_is_to_know(hand: Hand, box: Box) -> None:
    hand.scan(CHOCOLATE)
    assert "Ingredients: Sugar, cocoa butter" in hand.text
    assert "Contains: soybeans, milk, nuts" in hand.text
    assert "Chocolate: 10 % off from 3 bars, 20 % from 5" in hand.text
    assert re.search(r"/kg", hand.text)
    hand.tap("quantity", line=1, quantity=3)
    assert "You save" in hand.text
    hand.scan(GRAPES_742_G)
    assert "0.742" in hand.text
    hand.tap("quantity", line=1, quantity=0)
    assert "removed" in hand.text
    added = last_event(box, LineAdded)
    assert isinstance(added, LineAdded)
    assert added.how == "typed"


def test_only_looking_puts_nothing_in_the_basket(hand: Hand, box: Box) -> None:
    before = box.journal.last_number()
    answer = hand.scan(CHOCOLATE, look="yes")
    assert answer.status_code == 200
    assert "Contains: soybeans, milk, nuts" in hand.text
    assert hand.owes_minor == 0
    assert box.journal.last_number() == before
    assert box.books.basket_on("phone-1") is None
    assert hand.scan("4006381333931", look="yes").status_code == 409
    assert "We do not know this article yet." in hand.text


def test_a_scan_that_comes_twice_counts_once_and_a_refusal_says_why(hand: Hand) -> None:
    hand.scan(EGGS, request_key="k1")
    first_minor = hand.owes_minor
    hand.scan(EGGS, request_key="k1")
    assert hand.owes_minor == first_minor
    answer = hand.scan("nonsense")
    assert answer.status_code == 409
    assert "We did not catch that." in hand.text
    assert hand.owes_minor == first_minor


def test_from_the_entrance_to_the_gate(hand: Hand, box: Box) -> None:
    hand.scan(EGGS)
    basket = pay_by_bank(box, hand)
    assert "DE02 1203 0000 0000 2020 51" in hand.text
    picture = hand.client.get("/phone/bank.png")
    assert picture.data.startswith(b"\x89PNG")
    payment = box.payments.open_for(basket)
    assert payment is not None
    box.providers.received(payment.id, payment.amount_minor, "notice")
    hand.look()
    assert hand.screen == "paid"
    assert "The code for the gate" in hand.text
    code = box.exits.allow(basket).code
    box.scan("1", code, how="serial")
    assert last_event(box, ExitUsed) == ExitUsed(basket)
    assert "The gate has opened." in hand.look()
    receipt = re.search(r'href="(/r/[^"]+)"', hand.text)
    assert receipt is not None
    assert hand.client.get(receipt[1]).status_code == 200
    hand.tap("leave")
    assert "Start scanning" in hand.text


def test_the_basket_goes_to_a_till_and_comes_back(hand: Hand, box: Box, clock: Clock) -> None:
    hand.scan(EGGS)
    clock.pass_s(1)
    hand.tap("park")
    assert hand.screen == "parked"
    assert "Your basket waits for you." in hand.look()
    hand.tap("back")
    assert hand.screen == "open"
    hand.tap("park")
    (parked, _basket) = box.books.parked_baskets()[0]
    box.scan("1", parked.code, how="serial")
    assert hand.look()
    assert hand.screen == "attract"
    hand.scan(box.parking.park("1").code)
    assert hand.owes_minor > 0


def test_what_another_phone_put_aside_is_not_shown_to_the_next_one(
    app: Flask, hand: Hand, clock: Clock
) -> None:
    clock.pass_s(1)
    hand.scan(EGGS)
    hand.tap("park")
    hand.tap("leave")
    clock.pass_s(1)
    next_one = Hand(app.test_client())
    next_one.tap("start")
    assert "Phone 1" in next_one.text
    assert next_one.screen == "attract"


def test_an_age_limit_waits_for_a_colleague_who_is_told_which_phone(hand: Hand, box: Box) -> None:
    wine = next(one for one in box.shelves.in_department("groceries") if one.age_min == WINE_AGE)
    hand.scan(wine.gtin)
    assert "Something here has an age limit." in hand.text
    assert "Phone 1" in hand.text
    assert [(task.kind, task.lane) for task in box.tasks.waiting()] == [("age_check", "phone-1")]
    assert hand.tap("pay", tender=TRANSFER).status_code == 409


def test_a_spot_check_blames_nobody_and_blocks_until_somebody_looked(hand: Hand, box: Box) -> None:
    hand.scan(EGGS)
    basket = box.books.basket_on("phone-1")
    assert basket is not None
    with box.books.page() as page:
        task = page.open_task("spot_check", basket.id, "phone-1")
    hand.look()
    assert "A colleague will have a look at your basket." in hand.text
    assert hand.tap("pay", tender=TRANSFER).status_code == 409
    with box.books.page() as page:
        page.close_task(task, "nothing")
    hand.tap("pay", tender=TRANSFER)
    assert hand.screen == "paying"


def test_the_part_that_changes_is_sent_only_when_it_did(hand: Hand) -> None:
    hand.scan(EGGS)
    mark = re.search(r'name="mark" value="([^"]+)"', hand.text)
    assert mark is not None
    same = hand.client.get("/phone/now", query_string={"mark": mark[1]}, headers={"HX-Request": "true"})
    assert same.status_code == 204
    hand.scan(PASTA)
    news = hand.client.get("/phone/now", query_string={"mark": mark[1]}, headers={"HX-Request": "true"})
    assert news.text.lstrip().startswith('<div id="screen"')


def test_a_full_shop_says_so_and_one_that_offers_no_phones_has_no_page(
    app: Flask, box: Box, hand: Hand
) -> None:
    box.phones._rules = replace(box.phones._rules, phones_max=1)
    late = Hand(app.test_client())
    assert late.tap("start").status_code == 409
    assert "no room for one more" in late.text
    box.settings = replace(box.settings, phone=PhoneSettings(offered=False))
    assert hand.client.get("/phone").status_code == 404


def test_webassembly_may_run_on_the_phones_page_and_nowhere_else(hand: Hand) -> None:
    hand.scan(EGGS)
    assert (
        "script-src 'self' 'wasm-unsafe-eval'" in hand.client.get("/phone").headers["Content-Security-Policy"]
    )
    assert "wasm" not in hand.client.get("/kiosk/1").headers["Content-Security-Policy"]
    assert "wasm" not in hand.client.get("/phone/away").headers["Content-Security-Policy"]


def test_what_the_service_worker_keeps_is_static_and_there(hand: Hand) -> None:
    answer = hand.client.get("/phone/worker.js")
    assert answer.headers["Service-Worker-Allowed"] == "/phone"
    kept = re.search(r"const PARTS = (\[.*?\]);", answer.text, re.DOTALL)
    assert kept is not None
    for path in re.findall(r'"([^"]+)"', kept[1]):
        assert path.startswith("/static/")
        with hand.client.get(path) as part:
            assert part.status_code == 200
    away = hand.client.get("/phone/away").text
    assert "Phone 1" not in away
    manifest = hand.client.get("/phone/app.webmanifest")
    assert manifest.json is not None
    assert (manifest.mimetype, manifest.json["scope"]) == ("application/manifest+json", "/phone")


def test_a_lost_field_or_a_wrong_number_is_refused(hand: Hand) -> None:
    hand.scan(EGGS)
    for wrong in ("", "x", "-1", "1234567", "١"):
        assert hand.tap("quantity", line=1, quantity=wrong).status_code == 400
    assert hand.tap("quantity", line=9, quantity=1).status_code == 409
    assert hand.scan("9" * 600).status_code == 409
