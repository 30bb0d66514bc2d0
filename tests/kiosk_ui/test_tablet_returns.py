"""Goods come back at a staffed till: by receipt or without, in part, twice looked at where it is much."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from checkout.events import GoodsReturned, PriceOverridden
from store_edge.box import Box
from tests.kiosk_ui.kiosk_shop import EGGS, PASTA, SHIRT_M
from tests.kiosk_ui.staffed_shop import FLOAT_MINOR, TILL, basket_on, drawer, heard, open_staffed, sign_in

EGGS_MINOR = 329


pytestmark = pytest.mark.usefixtures("quick_hash")


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    with open_staffed(tmp_path) as box:
        yield box


@pytest.fixture
def client(box: Box) -> FlaskClient:
    return sign_in(box)[0]


def sold(box: Box, gtin: str, pieces: int = 1) -> int:
    """The number of the receipt of so many pieces, paid in cash; the till is free again."""
    box.till.scan("2", gtin, how="serial")
    box.till.change_quantity("2", 1, pieces)
    basket = box.pay_desk.pay_cash("2", basket_on(box).total_minor)
    box.till.cancel("2")
    receipt = box.receipts.of_basket(basket.id)
    assert receipt is not None
    return receipt.number


def test_a_piece_comes_back_and_is_paid_out(client: FlaskClient, box: Box) -> None:
    number = sold(box, EGGS, 3)
    found = client.post(f"{TILL}/returns", data={"receipt": str(number)}, follow_redirects=True).text
    assert "Free-range eggs" in found
    assert "Of these 3" in found
    page = f"{TILL}/returns/{number}/1"
    assert 'value="3"' in client.get(page).text
    client.post(page, data={"quantity": "1", "reason": "damaged"})
    assert basket_on(box).total_minor == -EGGS_MINOR
    client.post(f"{TILL}/pay/out")
    assert drawer(box) == FLOAT_MINOR + 2 * EGGS_MINOR
    (event,) = heard(box, GoodsReturned)
    assert (event.of_receipt, event.quantity, event.reason, event.clerk) == (
        number,
        1,
        "damaged",
        box.clerks.everybody()[0].id,
    )
    assert "Of these 2" in client.get(f"{TILL}/returns/{number}").text


def test_the_code_on_the_receipt_finds_it_too(client: FlaskClient, box: Box) -> None:
    number = sold(box, EGGS)
    receipt = box.receipts.by_number(number)
    assert receipt is not None
    answer = client.post(f"{TILL}/returns", data={"receipt": box.receipt_address(receipt)})
    assert answer.location == f"{TILL}/returns/{number}"


@pytest.mark.parametrize("typed", ["", "4711", "EMMA1.something", "x" * 500])
def test_a_receipt_that_is_not_here(client: FlaskClient, typed: str) -> None:
    answer = client.post(f"{TILL}/returns", data={"receipt": typed})
    assert (answer.status_code, "We do not find this receipt here" in answer.text) == (422, True)


def test_an_exchange_is_one_basket(client: FlaskClient, box: Box) -> None:
    number = sold(box, EGGS)
    client.post(f"{TILL}/returns/{number}/1", data={"quantity": "1", "reason": "wrong_article"})
    client.post(f"{TILL}/scan", data={"code": PASTA})
    assert len(basket_on(box).standing) == 2
    assert basket_on(box).total_minor == box.shelves.article(PASTA).price_minor - EGGS_MINOR  # type: ignore[union-attr]


def test_nothing_comes_back_twice(client: FlaskClient, box: Box) -> None:
    number = sold(box, EGGS)
    page = f"{TILL}/returns/{number}/1"
    client.post(page, data={"quantity": "1", "reason": "damaged"})
    again = client.post(page, data={"quantity": "1", "reason": "damaged"}, follow_redirects=True)
    assert "Nothing of this can come back" in again.text
    assert len(basket_on(box).standing) == 1


def test_much_takes_two(client: FlaskClient, box: Box) -> None:
    number = sold(box, SHIRT_M, 6)
    page = f"{TILL}/returns/{number}/1"
    form = {"quantity": "6", "reason": "changed_mind"}
    assert "takes two people" in client.post(page, data=form, follow_redirects=True).text
    assert box.books.basket_on("2") is None
    _other, second = sign_in(box, "approve")
    client.post(page, data=form | {"second_pin": second})
    (line,) = basket_on(box).standing
    assert line.returned is not None
    assert line.returned.second not in ("", line.returned.clerk)


def test_without_a_receipt(client: FlaskClient, box: Box) -> None:
    page = f"{TILL}/returns/without"
    assert "last 30 days" in client.get(page).text
    client.post(page, data={"gtin": EGGS, "quantity": "2", "reason": "damaged"})
    assert basket_on(box).total_minor == -2 * EGGS_MINOR
    assert client.post(page, data={"gtin": EGGS, "quantity": "1", "reason": "x"}).status_code == 400


def test_who_may_not_take_back(box: Box) -> None:
    number = sold(box, EGGS)
    client, _pin = sign_in(box, "serve")
    form = {"quantity": "1", "reason": "damaged"}
    assert (
        "not among your rights"
        in client.post(f"{TILL}/returns/{number}/1", data=form, follow_redirects=True).text
    )
    assert box.books.basket_on("2") is None


def test_a_large_reduction_is_made_with_a_second_person(client: FlaskClient, box: Box) -> None:
    box.till.scan("2", SHIRT_M, how="serial")
    form = {"price": "1", "reason": "damaged", "basket": basket_on(box).id}
    assert client.post(f"{TILL}/lines/1", data=form | {"second_pin": "000000"}).status_code == 422
    _other, second = sign_in(box, "approve")
    assert client.post(f"{TILL}/lines/1", data=form | {"second_pin": second}).status_code == 303
    assert basket_on(box).total_minor == 100
    (event,) = heard(box, PriceOverridden)
    assert event.clerk == box.clerks.everybody()[0].id
