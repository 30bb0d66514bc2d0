"""The card that a known shopper left with us: one tap at the kiosk or a staffed till, one to take it away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from central import accounts
from central.profiles.card import CardOnFile as OnFile
from checkout.events import ShopperIdentified
from checkout.payment import ON_FILE, TRANSFER, Payment
from checkout.shopper import CardOnFile, VisitCard
from store_edge.box import Box
from store_edge.devices.health import LOST, WELL
from store_edge.settings import CashSettings, DeviceSettings
from tests.kiosk_ui.account_house import open_house
from tests.kiosk_ui.kiosk_shop import EGGS, PASTA, Clock, Screen, make_app, open_box
from tests.kiosk_ui.staffed_shop import KEEPER, TILL, basket_on, sign_in

KNOWN = VisitCard(on_file=CardOnFile("mandate-7", "Visa 4242"))
BUTTON = "Mit Ihrer hinterlegten Karte zahlen: Visa 4242"
DEVICES = {
    f"{name}-{lane}": DeviceSettings(driver, lane=lane)
    for lane in ("1", "2")
    for name, driver in (("on-file", "on_file.rest"), ("bank", "transfer.sepa"))
}


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """Both lanes have both providers, and all is well with them; no thread serves them."""
    box = open_box(tmp_path, Clock(), devices=DEVICES, cash=CashSettings(lanes=("2",)))
    for name, device in DEVICES.items():
        box.health.enter(name, device.driver, device.lane)
        box.health.change(name, WELL)
    box.drawers.put_float("2", 100_00, KEEPER)
    yield box
    box.stop()


@pytest.fixture
def screen(box: Box) -> Screen:
    screen = Screen(make_app(box).test_client())
    screen.scan(EGGS)
    return screen


def identify(box: Box, lane: str = "1", card: VisitCard = KNOWN) -> None:
    """The till has verified a token, and head office has answered."""
    with box.books.page() as page:
        basket = page.basket_on(lane)
        assert basket is not None
        page.use_token("jti", "visit-1", basket.id, "EMMA1.x.y")
        page.save_basket(replace(basket, visit="visit-1", version=basket.version + 1))
        page.announce(ShopperIdentified(basket.id, "visit-1", "jti"), lane)
    box.till.visits.welcome("visit-1", lane, card)


def asked(box: Box, lane: str = "1") -> Payment:
    found = box.payments.open_for(basket_on(box, lane).id)
    assert found is not None
    return found


def take(box: Box, lane: str = "1") -> None:
    """What the agent does that serves the open payment."""
    payment = asked(box, lane)
    box.cashier.send(payment.id, "device", 7)
    box.cashier.taken(payment.id, 8, "", "answer")


def test_one_tap_asks_for_it_and_the_words_know_of_no_terminal(screen: Screen, box: Box) -> None:
    assert BUTTON not in screen.look()
    identify(box)
    screen.now()
    assert BUTTON in screen.text
    screen.tap("pay", {"tender": "on_file"})
    assert screen.shown["state"] == "paying"
    assert (asked(box).tender, asked(box).mandate) == (ON_FILE, "mandate-7")
    assert "Wir belasten Ihre hinterlegte Karte" in screen.text
    sent = box.cashier.send(asked(box).id, "on-file-1", 0)
    assert sent is not None
    box.cashier.enquired(sent)
    screen.now()
    assert "wir fragen beim Zahlungsdienst nach" in screen.text
    box.cashier.unknown(sent.id)
    screen.now()
    assert "Der Zahlungsdienst antwortet nicht" in screen.text
    assert "erminal" not in screen.text
    box.cashier.taken(sent.id, 0, "", "enquiry")
    screen.now()
    assert "Bezahlt. Vielen Dank!" in screen.text


def test_it_is_offered_only_while_it_can_pay(screen: Screen, box: Box) -> None:
    identify(box)
    screen.now()
    assert BUTTON in screen.text
    screen.tap("quantity", {"line": 1, "quantity": 0})
    assert BUTTON not in screen.text
    screen.scan(PASTA)
    assert BUTTON in screen.text
    box.health.change("on-file-1", LOST)
    assert BUTTON not in screen.look()
    box.health.change("on-file-1", WELL)
    screen.tap("forget")
    assert BUTTON not in screen.text
    assert screen.tap("pay", {"tender": "on_file"}).status_code == 409
    assert "Wir haben hier keine hinterlegte Karte von Ihnen." in screen.text


def test_the_rest_may_be_paid_with_it_and_a_part_goes_back_by_itself(screen: Screen, box: Box) -> None:
    identify(box)
    box.cashier.ask_payment("1", amount_minor=100)
    take(box)
    assert BUTTON in screen.look()
    box.cashier.ask_payment("1", amount_minor=100, tender=ON_FILE)
    take(box)
    box.pay_desk.give_back("1")
    assert "Ihr Geld geht zurück auf Ihre Karte" in screen.look()


def test_what_came_by_bank_goes_back_in_these_words(screen: Screen, box: Box) -> None:
    box.cashier.ask_payment("1", amount_minor=100, tender=TRANSFER)
    take(box)
    box.pay_desk.give_back("1")
    assert "Sie bekommen zurück, was Sie überwiesen haben." in screen.look()


@pytest.fixture
def client(box: Box, quick_hash: None) -> FlaskClient:
    client = sign_in(box)[0]
    client.post(f"{TILL}/scan", data={"code": EGGS})
    return client


def pay_page(client: FlaskClient) -> str:
    return client.get(f"{TILL}/pay?lang=en").text


def test_a_clerk_charges_it_and_reads_what_is_going_on(client: FlaskClient, box: Box) -> None:
    assert "Saved card" not in pay_page(client)
    identify(box, "2")
    assert "Saved card: Visa 4242" in pay_page(client)
    client.post(f"{TILL}/pay/saved-card", data={"basket": basket_on(box).id, "request_key": "a"})
    payment = asked(box, "2")
    assert (payment.tender, payment.mandate) == (ON_FILE, "mandate-7")
    assert payment.clerk
    page = pay_page(client)
    assert "The customer’s saved card is charged." in page
    assert "erminal" not in page
    box.cashier.send(payment.id, "on-file-2", 0)
    box.cashier.unknown(payment.id)
    page = pay_page(client)
    assert "The payment service does not answer." in page
    assert "say in the list: not paid" in page
    assert 'id="stop"' not in page


@pytest.mark.parametrize(
    ("tender", "going", "back"),
    [
        (ON_FILE, "The customer’s saved card is charged.", "The saved card’s part goes back first."),
        (TRANSFER, "The customer pays with the bank app.", "What came by bank transfer goes back first."),
        ("card", "The terminal asks for it.", "The terminal gives a card’s part back."),
    ],
)
def test_each_way_of_paying_has_its_own_words(
    client: FlaskClient, box: Box, tender: str, going: str, back: str
) -> None:
    identify(box, "2")
    box.cashier.ask_payment("2", amount_minor=100, tender=tender)
    assert going in pay_page(client)
    take(box, "2")
    client.post(f"{TILL}/pay/give-back", data={"basket": basket_on(box).id, "request_key": "b"})
    assert back in pay_page(client)


def test_the_letter_says_which_card_and_it_is_taken_away_there(tmp_path: Path) -> None:
    with open_house(tmp_path) as house:
        key = house.make()
        centre = house.central.extensions["centre"]
        account = accounts.sign_in(centre, key)
        assert account
        assert "take-card-away" not in house.browser.get("/account").text
        accounts.leave_card(centre, account, OnFile("mandate-7", "Visa 4242"))
        page = house.browser.get("/account").text
        assert "“Visa 4242”" in page
        assert "mandate-7" not in page
        assert house.browser.post("/account/card/take-away").status_code == 303
        assert "Visa 4242" not in house.browser.get("/account").text
