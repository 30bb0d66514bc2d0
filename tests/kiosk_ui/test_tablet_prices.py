"""The tablet sets a price for a line, with a reason; what cannot be is said, and nothing changes."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from checkout.events import PriceOverridden
from store_edge import clerks
from store_edge.box import Box
from tests.kiosk_ui.bench_shop import EGGS, screens
from tests.kiosk_ui.kiosk_shop import SHIRT_M

LINE = "/tablet/tills/1/lines/1"


@pytest.fixture
def client(box: Box, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Signed in, with eggs on the roll of till 1."""
    monkeypatch.setattr(clerks, "SCRYPT_N", 2)
    right = box.clerks.ensure_keeper()
    client = screens(box).test_client()
    assert client.get("/tablet/tills/1").status_code == 303  # not without the PIN
    client.post("/tablet/sign-in", data={"pin": right})
    box.till.scan("1", EGGS, how="serial")
    return client


def total_minor(box: Box) -> int:
    basket = box.books.basket_on("1")
    assert basket is not None
    return basket.total_minor


def test_a_price_is_set_for_a_reason_and_taken_back(client: FlaskClient, box: Box) -> None:
    assert 'href="/tablet/tills/1"' in client.get("/tablet/lanes/1").text
    assert "Free-range eggs" in client.get("/tablet/tills/1").text
    assert "It is damaged" in client.get(LINE).text
    assert client.post(LINE, data={"price": "1,5", "reason": "damaged"}).status_code == 303
    assert total_minor(box) == 150
    (entry,) = [one for one in box.journal.read(0) if one.type == "PriceOverridden"]
    event = entry.event()
    assert isinstance(event, PriceOverridden)
    assert (event.reason, event.clerk) == ("damaged", box.clerks.everybody()[0].id)
    assert "Back to the price shown" in client.get("/tablet/tills/1").text
    client.post(f"{LINE}/as-shown")
    assert total_minor(box) == 329


@pytest.mark.parametrize(
    ("price", "reason", "says"),
    [
        ("", "damaged", "Please write the price"),
        ("1.505", "damaged", "Please write the price"),
        ("-1", "damaged", "Please write the price"),
        ("٣", "damaged", "Please write the price"),
        ("3.29", "damaged", "below the price that was shown"),
        ("1.50", "", "not changed without a reason"),
    ],
)
def test_what_cannot_be_is_said(client: FlaskClient, box: Box, price: str, reason: str, says: str) -> None:
    answer = client.post(LINE, data={"price": price, "reason": reason})
    assert answer.status_code == 422
    assert says in answer.text
    assert total_minor(box) == 329


def test_much_takes_two(client: FlaskClient, box: Box) -> None:
    box.till.scan("1", SHIRT_M, how="serial")
    answer = client.post("/tablet/tills/1/lines/2", data={"price": "1", "reason": "damaged"})
    assert (answer.status_code, "takes two people" in answer.text) == (422, True)


def test_a_price_meant_for_the_last_shopper_is_not_the_next_one_s(client: FlaskClient, box: Box) -> None:
    late = box.books.basket_on("1")
    assert late is not None
    box.till.cancel("1")
    assert client.get(LINE).status_code == 303
    box.till.scan("1", EGGS, how="serial")
    data = {"price": "1.50", "reason": "damaged", "basket": late.id}
    assert client.post(LINE, data=data).status_code == 303
    assert total_minor(box) == 329
    assert client.get("/tablet/tills/1/lines/7").status_code == 303
    assert client.get("/tablet/tills/9").status_code == 404
