"""The tills at a glance, and what a clerk does for a shopper from afar: by id, and with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from checkout.errors import Refused
from checkout.events import BasketCancelled, ClerkActed, Event, LossChecked
from checkout.loss import Sight
from kiosk_ui.sentences import words_for
from store_edge.box import Box
from store_edge.demo import price_list
from tests.kiosk_ui.bench_shop import EGGS, PASTA, screens

pytestmark = pytest.mark.usefixtures("quick_hash")


@pytest.fixture
def app(box: Box) -> Flask:
    return screens(box)


def signed_in(app: Flask, box: Box, *rights: str) -> tuple[FlaskClient, str, str]:
    """A new clerk at a tablet of their own: the client, the clerk's id and PIN."""
    id, pin = box.clerks.add("Anna", rights)
    client = app.test_client()
    assert client.post("/tablet/sign-in", data={"pin": pin}).status_code == 303
    return client, id, pin


@pytest.fixture
def anna(app: Flask, box: Box) -> tuple[FlaskClient, str]:
    client, id, _pin = signed_in(app, box, "serve")
    return client, id


def heard(box: Box, kind: type[Event]) -> list[Any]:
    events = (entry.event() for entry in box.journal.read(0, 1000))
    return [event for event in events if isinstance(event, kind)]


def basket_on(box: Box, lane: str = "1") -> str:
    basket = box.books.basket_on(lane)
    return basket.id if basket else ""


def fill(box: Box, *gtins: str, lane: str = "1") -> str:
    for gtin in gtins:
        box.till.scan(lane, gtin, how="serial")
    return basket_on(box, lane)


def test_every_till_says_how_it_is(anna: tuple[FlaskClient, str], box: Box) -> None:
    client, _id = anna
    text = client.get("/tablet/lanes").text
    assert text.count("free") >= 2
    fill(box, EGGS, PASTA)
    text = client.get("/tablet/lanes").text
    assert "shopping" in text
    assert "2 things" in text
    box.till.ask_for_help("1")
    assert "waits for help" in client.get("/tablet/lanes").text
    box.cashier.ask_payment("1")
    german = client.get("/tablet/lanes?lang=de").text
    assert "wartet auf Hilfe" in german
    assert "2 Teile" in german


def test_a_line_is_taken_off_with_a_reason(anna: tuple[FlaskClient, str], box: Box) -> None:
    client, id = anna
    basket = fill(box, EGGS, PASTA)
    assert "Take this line off" in client.get("/tablet/lanes/1").text
    form = {"basket": basket, "line": "1", "why": "damaged", "request_key": "k"}
    for _ in range(2):
        assert client.post("/tablet/lanes/1/void", data=form).location == "/tablet/lanes"
    now = box.books.basket_on("1")
    assert now is not None
    assert [line.number for line in now.standing] == [2]
    assert heard(box, ClerkActed) == [ClerkActed(id, "void", basket, "damaged")]


@pytest.mark.parametrize("form", [{"why": "because"}, {"line": "x"}, {"line": "99999"}])
def test_what_no_page_of_ours_would_send(
    anna: tuple[FlaskClient, str], box: Box, form: dict[str, str]
) -> None:
    basket = fill(box, EGGS)
    sent = {"basket": basket, "line": "1", "why": "damaged"} | form
    assert anna[0].post("/tablet/lanes/1/void", data=sent).status_code == 400
    assert heard(box, ClerkActed) == []


def test_the_next_shoppers_basket_is_not_touched(anna: tuple[FlaskClient, str], box: Box) -> None:
    client, _id = anna
    old = fill(box, EGGS)
    box.till.cancel("1")
    new = fill(box, PASTA)
    for act in ("void", "cancel", "park"):
        client.post(f"/tablet/lanes/1/{act}", data={"basket": old, "line": "1", "why": "left"})
    assert basket_on(box) == new
    assert "Somebody else is at this till now." in client.get("/tablet/lanes").text
    assert client.get("/tablet/lanes/9").status_code == 404


def test_a_basket_is_cancelled_from_afar(anna: tuple[FlaskClient, str], box: Box) -> None:
    basket = fill(box, EGGS)
    anna[0].post("/tablet/lanes/1/cancel", data={"basket": basket, "why": "left"})
    assert basket_on(box) == ""
    assert heard(box, BasketCancelled) == [BasketCancelled(basket, "staff")]
    assert heard(box, ClerkActed) == [ClerkActed(anna[1], "cancel", basket, "left")]


def test_a_dear_basket_takes_two_people(app: Flask, anna: tuple[FlaskClient, str], box: Box) -> None:
    client, id = anna
    basket = fill(box, EGGS)
    box.till.change_quantity("1", 1, 40)
    keeper, approving = box.clerks.add("Ben", ["approve"])
    _carl, not_approving = box.clerks.add("Carl", ["serve"])
    assert "A second colleague’s PIN" in client.get("/tablet/lanes/1").text
    form = {"basket": basket, "why": "no_money", "back": "lanes"}
    for second in ("", "999999", not_approving):
        answer = client.post("/tablet/lanes/1/cancel", data=form | {"second_pin": second})
        assert answer.location == "/tablet/lanes"
        assert "This takes two people." in client.get("/tablet/lanes").text
    assert basket_on(box) == basket
    client.post("/tablet/lanes/1/cancel", data=form | {"second_pin": approving})
    assert basket_on(box) == ""
    assert heard(box, ClerkActed) == [ClerkActed(id, "cancel", basket, "no_money", keeper)]


def test_who_may_not_serve_changes_nothing(app: Flask, box: Box) -> None:
    client, _id, _pin = signed_in(app, box, "cash")
    basket = fill(box, EGGS)
    for act in ("void", "cancel", "park"):
        client.post(
            f"/tablet/lanes/1/{act}", data={"basket": basket, "line": "1", "why": "left", "back": "lanes"}
        )
        assert "That is not among your rights." in client.get("/tablet/lanes").text
    now = box.books.basket_on("1")
    assert now is not None
    assert (now.state, len(now.standing)) == ("open", 1)


def test_a_basket_is_put_aside_and_goes_on_elsewhere(anna: tuple[FlaskClient, str], box: Box) -> None:
    client, id = anna
    basket = fill(box, EGGS, PASTA)
    client.post("/tablet/lanes/1/park", data={"basket": basket, "why": "no_money"})
    assert basket_on(box) == ""
    assert f"/tablet/parked/{basket}" in client.get("/tablet/lanes").text
    page = client.get(f"/tablet/parked/{basket}").text
    assert "Put aside at Till 1" in page
    client.post(f"/tablet/parked/{basket}/resume", data={"lane": "2"})
    assert basket_on(box, "2") == basket
    assert [event.act for event in heard(box, ClerkActed)] == ["park", "resume"]
    assert client.get(f"/tablet/parked/{basket}").location == "/tablet/lanes"
    assert {event.clerk for event in heard(box, ClerkActed)} == {id}


def test_a_till_where_somebody_shops_is_not_offered(anna: tuple[FlaskClient, str], box: Box) -> None:
    client, _id = anna
    basket = fill(box, EGGS)
    client.post("/tablet/lanes/1/park", data={"basket": basket, "why": "left"})
    fill(box, PASTA)
    page = client.get(f"/tablet/parked/{basket}").text
    assert '<option value="2">' in page
    assert '<option value="1">' not in page
    client.post(f"/tablet/parked/{basket}/resume", data={"lane": "1", "back": "lanes"})
    assert "There is a basket on this till already." in client.get("/tablet/lanes").text


# Questions about a basket


def asked(box: Box) -> str:
    """A question that payment waits for; gives the task."""
    fill(box, EGGS)
    box.watch.saw("1", Sight(4, 0.99))
    (task,) = box.tasks.waiting()
    with pytest.raises(Refused, match="check_waiting"):
        box.cashier.ask_payment("1")
    return task.id


@pytest.mark.parametrize("outcome", ["nothing", "approved", "intervened"])
def test_an_answer_lets_the_shopper_pay(anna: tuple[FlaskClient, str], box: Box, outcome: str) -> None:
    client, id = anna
    task = asked(box)
    text = client.get("/tablet").text
    assert "The camera counts more than was scanned." in text
    assert client.post(f"/tablet/tasks/{task}/done").status_code == 409
    client.post(f"/tablet/tasks/{task}/checked", data={"outcome": outcome})
    assert heard(box, LossChecked) == [LossChecked(basket_on(box), task, "sight_mismatch", outcome, 0, id)]
    assert box.cashier.ask_payment("1").state == "paying"


def test_forgotten_lines_are_counted(anna: tuple[FlaskClient, str], box: Box) -> None:
    client, _id = anna
    task = asked(box)
    assert "How many things were not scanned?" in client.get(f"/tablet/tasks/{task}/forgotten").text
    for wrong in ("", "0", "x", "-1", "9999"):
        client.post(f"/tablet/tasks/{task}/checked", data={"outcome": "forgotten", "lines": wrong})
    assert heard(box, LossChecked) == []
    client.post(f"/tablet/tasks/{task}/checked", data={"outcome": "forgotten", "lines": "3"})
    assert [event.forgotten for event in heard(box, LossChecked)] == [3]
    assert client.get(f"/tablet/tasks/{task}/forgotten").location == "/tablet"
    assert client.post(f"/tablet/tasks/{task}/checked", data={"outcome": "guilty"}).status_code == 400


def test_a_shopper_hears_no_reason(box: Box) -> None:
    words = screens(box)
    with words.test_request_context():
        said = words_for("check_waiting")
    assert "colleague" in said.text
    assert not {"weigh", "camera", "check", "steal", "scan"} & set(f"{said.text} {said.hint}".lower().split())


def test_an_age_check_goes_along_to_another_till(anna: tuple[FlaskClient, str], box: Box) -> None:
    wine = next((article for article in price_list() if article.age_min), None)
    if wine is None:
        pytest.skip("the demo shop sells nothing with an age limit")
    basket = fill(box, wine.gtin)
    assert [(task.kind, task.lane) for task in box.tasks.waiting()] == [("age_check", "1")]
    parked = box.parking.park("1")
    assert box.tasks.waiting() == ()
    box.till.scan("2", parked.code, how="serial")
    assert [(task.kind, task.about, task.lane) for task in box.tasks.waiting()] == [
        ("age_check", f"age:{basket}", "2")
    ]
