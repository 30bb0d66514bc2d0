"""The shop's own pages at the tablet: drawers, the day and its end, recalls, gift cards without a sale."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from checkout.events import CashMoved, ClosingPrintAsked, DayClosed, DrawerCounted
from store_edge.box import Box
from tests.kiosk_ui.kiosk_shop import EGGS, PASTA
from tests.kiosk_ui.staffed_shop import FLOAT_MINOR, KEEPER, basket_on, drawer, heard, open_staffed, sign_in

DRAWER = "/tablet/drawers/2"
ROOMS = ("/tablet/shop", DRAWER, f"{DRAWER}/count", f"{DRAWER}/out", "/tablet/day", "/tablet/day/close")


pytestmark = pytest.mark.usefixtures("quick_hash")


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    with open_staffed(tmp_path) as box:
        yield box


@pytest.fixture
def client(box: Box) -> FlaskClient:
    return sign_in(box)[0]


def sell(box: Box, gtin: str = EGGS) -> int:
    """What it came to."""
    box.till.scan("2", gtin, how="serial")
    total_minor = basket_on(box).total_minor
    box.pay_desk.pay_cash("2", total_minor)
    box.till.cancel("2")
    return total_minor


# The drawer


@pytest.mark.parametrize(
    ("move", "form", "left_minor"),
    [
        ("float", {"amount": "20"}, FLOAT_MINOR + 2000),
        ("drop", {"amount": "50,00"}, FLOAT_MINOR - 5000),
        ("in", {"amount": "1.50", "reason": "found"}, FLOAT_MINOR + 150),
        ("out", {"amount": "3", "reason": "postage"}, FLOAT_MINOR - 300),
    ],
)
def test_cash_comes_and_goes(
    client: FlaskClient, box: Box, move: str, form: dict[str, str], left_minor: int
) -> None:
    for _ in range(2):  # the same tap twice is one
        assert client.post(f"{DRAWER}/{move}", data=form | {"request_key": "k"}).location == DRAWER
    assert drawer(box) == left_minor
    event = heard(box, CashMoved)[-1]
    assert event.by == box.clerks.everybody()[0].id


def test_what_does_not_lie_there_cannot_go(client: FlaskClient, box: Box) -> None:
    said = client.post(f"{DRAWER}/drop", data={"amount": "100.01"}, follow_redirects=True).text
    assert "not enough in the drawer" in said
    assert client.post(f"{DRAWER}/out", data={"amount": "1", "reason": "gift"}).status_code == 400
    assert drawer(box) == FLOAT_MINOR


def test_a_count_says_how_far_it_was_off(client: FlaskClient, box: Box) -> None:
    form = {"of-5000": "1", "of-2000": "2", "of-500": "1", "of-200": "2", "of-50": "1"}
    text = client.post(f"{DRAWER}/count", data=form).text
    assert "is missing" in text
    assert "Counted: €99.50. It should have been €100.00." in text
    assert drawer(box) == 9950
    (event,) = heard(box, DrawerCounted)
    assert (event.expected_minor, event.counted_minor) == (FLOAT_MINOR, 9950)
    assert "It is right" in client.post(f"{DRAWER}/count", data={"of-5": "1990"}).text


@pytest.mark.parametrize("form", [{}, {"of-5000": "x"}, {"of-5000": "-1"}, {"of-1": "99999"}])
def test_a_slip_is_no_count(client: FlaskClient, box: Box, form: dict[str, str]) -> None:
    assert (
        "That amount is not possible" in client.post(f"{DRAWER}/count", data=form, follow_redirects=True).text
    )
    assert heard(box, DrawerCounted) == []


def test_a_blind_count_tells_nothing_before(tmp_path: Path) -> None:
    with open_staffed(tmp_path, blind_count=True) as box:
        client, _pin = sign_in(box)
        assert "100" not in re.sub(r"<head>.*</head>", "", client.get(DRAWER).text, flags=re.DOTALL)
        assert "It is right" in client.post(f"{DRAWER}/count", data={"of-10000": "1"}).text


def test_only_lanes_with_a_drawer_have_one(client: FlaskClient) -> None:
    assert client.get("/tablet/drawers/1").status_code == 404
    assert client.get(f"{DRAWER}/burn").status_code == 404


# The day


def test_the_day_is_looked_at_closed_and_found_again(client: FlaskClient, box: Box) -> None:
    total_minor = sell(box) + sell(box, PASTA)
    box.till.scan("1", EGGS, how="serial")
    box.parking.park("1")
    assert "2 receipts" in client.get("/tablet/day").text
    assert heard(box, DayClosed) == []
    assert "1 basket that was put aside" in client.get("/tablet/day/close").text
    assert client.post("/tablet/day/close").location == "/tablet/day/1"
    (event,) = heard(box, DayClosed)
    assert (event.receipts, event.turnover_minor) == (2, total_minor)
    assert box.books.parked_baskets() == ()
    report = client.get("/tablet/day/1").text
    assert "Z report 1" in report
    assert "Umsatz 7%" in report
    day = client.get("/tablet/day").text
    assert "/tablet/day/1" in day
    assert "0 receipts" in day
    assert client.get("/tablet/day/2").status_code == 404


def test_one_question_closes_one_day(client: FlaskClient, box: Box) -> None:
    assert 'name="after" value="0"' in client.get("/tablet/day/close").text
    client.post("/tablet/day/close", data={"after": "0"})
    assert client.post("/tablet/day/close", data={"after": "0"}).location == "/tablet/day"
    assert len(heard(box, DayClosed)) == 1


def test_in_mid_payment_it_is_asked_twice(client: FlaskClient, box: Box) -> None:
    box.till.scan("2", EGGS, how="serial")
    box.pay_desk.pay_cash("2", 100)
    answer = client.post("/tablet/day/close")
    assert answer.location == "/tablet/day/close?paying=yes"
    assert "in the next report" in client.get(answer.location).text
    assert heard(box, DayClosed) == []
    client.post("/tablet/day/close", data={"though_paying": "yes"})
    assert len(heard(box, DayClosed)) == 1


def test_paper_is_asked_for_on_a_lane(client: FlaskClient, box: Box) -> None:
    assert client.post("/tablet/day/1/print", data={"lane": "2"}).status_code == 404
    box.days.close_day(KEEPER)
    assert client.post("/tablet/day/1/print", data={"lane": "9"}).status_code == 404
    client.post("/tablet/day/1/print", data={"lane": "2"})
    (event,) = heard(box, ClosingPrintAsked)
    assert (event.closing, event.by) == (1, box.clerks.everybody()[0].id)


def test_who_has_no_right_to_it_sees_no_money(box: Box) -> None:
    client, _pin = sign_in(box, "serve")
    for room in ("/tablet/day", "/tablet/day/close", "/tablet/day/1"):
        assert "not among your rights" in client.get(room, follow_redirects=True).text
    assert "€100" not in client.get(DRAWER).text
    for room, form in (("/tablet/day/close", {}), (f"{DRAWER}/drop", {"amount": "1"})):
        client.post(room, data=form)
    assert (drawer(box), heard(box, DayClosed)) == (FLOAT_MINOR, [])


# Recalls


def test_a_recall_is_put_in_seen_and_lifted(client: FlaskClient, box: Box) -> None:
    client.post("/tablet/recalls", data={"gtin": EGGS})
    text = client.get("/tablet/recalls").text
    assert "Free-range eggs" in text
    assert "all of it" in text
    assert "is_recalled" not in text
    said = client.post("/tablet/tills/2/scan", data={"code": EGGS}, follow_redirects=True).text
    assert "notice--look" in said
    assert box.books.basket_on("2") is None
    client.post("/tablet/recalls/lift", data={"gtin": EGGS, "batch": ""})
    assert "Nothing was called back" in client.get("/tablet/recalls").text
    client.post("/tablet/tills/2/scan", data={"code": EGGS})
    assert basket_on(box).pieces == 1


@pytest.mark.parametrize("form", [{}, {"gtin": "eggs"}, {"gtin": EGGS, "batch": "b" * 21}])
def test_what_is_no_article_or_batch(client: FlaskClient, box: Box, form: dict[str, str]) -> None:
    assert "notice--look" in client.post("/tablet/recalls", data=form, follow_redirects=True).text
    assert box.shelves.recalled() == ()


# Gift cards


def test_cards_are_made_looked_at_and_stopped(client: FlaskClient, box: Box) -> None:
    (code,) = re.findall(r"\b\d{21}\b", client.post("/tablet/gift-cards/new", data={"many": "1"}).text)
    assert "not sold yet" in client.post("/tablet/gift-cards", data={"code": code}).text
    box.till.gift_cards.sell("2", code, 2500)
    box.pay_desk.pay_cash("2", 2500)
    text = client.post("/tablet/gift-cards", data={"code": code}).text
    assert "in use" in text
    assert "25.00 euros" in text
    (reference,) = re.findall(r'name="reference" value="(\w+)"', text)
    client.post("/tablet/gift-cards/block", data={"reference": reference})
    assert "stopped" in client.post("/tablet/gift-cards", data={"code": code}).text


def test_too_many_cards_and_no_card(client: FlaskClient) -> None:
    assert (
        "notice--look"
        in client.post("/tablet/gift-cards/new", data={"many": "25"}, follow_redirects=True).text
    )
    assert client.post("/tablet/gift-cards", data={"code": "123"}).status_code == 422


@pytest.mark.parametrize("room", [*ROOMS, "/tablet/recalls", "/tablet/gift-cards"])
def test_nobody_comes_in_without_a_pin(box: Box, client: FlaskClient, room: str) -> None:
    assert client.get(room).status_code == 200
    stranger = client.application.test_client()
    assert stranger.get(room).location == "/tablet/sign-in"
    assert stranger.post(room).status_code in (303, 405)
