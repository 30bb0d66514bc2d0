"""The staff tablet: nothing without the PIN; every task in words; a payment nobody knows about, both ways."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from checkout.events import ClerkActed, ClerkSignedIn, ClerkSignedOut, Event, TaskDone
from checkout.payment import Payment
from kiosk_ui.tablet import door
from kiosk_ui.tablet.sign_in import SHIFT_S_MAX
from store_edge.box import Box
from store_edge.devices.health import LOST, WELL
from tests.kiosk_ui.bench_shop import EGGS, screens
from tests.kiosk_ui.kiosk_shop import Clock

HTMX = {"HX-Request": "true"}
TO_THE_DOOR = {"tablet.sign_in", "tablet.try_pin", "tablet.at", "tablet.leave"}
"""What is open to all, and shows or does nothing but lead to the PIN, or back to the shoppers' screen."""


pytestmark = pytest.mark.usefixtures("quick_hash")


@pytest.fixture
def app(box: Box) -> Flask:
    return screens(box)


@pytest.fixture
def right(box: Box) -> str:
    made = box.clerks.ensure_keeper()
    assert made is not None
    return made


@pytest.fixture
def client(app: Flask, right: str) -> FlaskClient:
    """Signed in."""
    client = app.test_client()
    assert client.post("/tablet/sign-in", data={"pin": right}).status_code == 303
    return client


def open_task(box: Box, kind: str, about: str, lane: str = "1") -> str:
    with box.books.page() as page:
        return page.open_task(kind, about, lane)


def unknown_payment(box: Box, receipt_before: int = 41) -> Payment:
    box.till.scan("1", EGGS, how="serial")
    basket = box.cashier.ask_payment("1")
    asked = box.payments.open_for(basket.id)
    assert asked is not None
    sent = box.cashier.send(asked.id, "terminal-1", receipt_before)
    assert sent is not None
    box.cashier.unknown(sent.id)
    return sent


def heard(box: Box, kind: type[Event]) -> list[Any]:
    return [
        event for event in (entry.event() for entry in box.journal.read(0, 1000)) if isinstance(event, kind)
    ]


def outcomes(box: Box) -> list[str]:
    entries = box.journal.read(0, 1000)
    return [event.outcome for event in (entry.event() for entry in entries) if isinstance(event, TaskDone)]


# The door


def test_nothing_is_shown_or_done_without_the_pin(app: Flask, right: str) -> None:
    client = app.test_client()
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("tablet.")]
    assert len(rules) >= 9
    for rule in rules:
        if rule.endpoint in TO_THE_DOOR:
            continue
        address = re.sub("<[^>]*>", "1", rule.rule)
        method = client.post if "POST" in (rule.methods or ()) else client.get
        plain, part = method(address), method(address, headers=HTMX)
        assert (plain.status_code, plain.location) == (303, "/tablet/sign-in"), rule
        assert (part.status_code, part.headers["HX-Redirect"]) == (401, "/tablet/sign-in"), rule


def test_wrong_pins_lock_the_door(app: Flask, right: str, clock: Clock) -> None:
    client = app.test_client()
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(door.ATTEMPTS_MAX - 1):
        answer = client.post("/tablet/sign-in", data={"pin": wrong})
        assert answer.status_code == 401
        assert "That is not the PIN." in answer.text
        assert wrong not in answer.text
    answer = client.post("/tablet/sign-in", data={"pin": wrong})
    assert answer.status_code == 429
    assert "Please wait for 1 minute, then try again." in answer.text
    assert client.post("/tablet/sign-in", data={"pin": right}).status_code == 429
    assert client.get("/tablet").status_code == 303
    clock.pass_s(door.LOCK_S_MIN)
    assert client.post("/tablet/sign-in", data={"pin": right}).status_code == 303
    assert client.get("/tablet").status_code == 200


def test_a_shift_ends_however_busy_it_is(client: FlaskClient, clock: Clock) -> None:
    for _ in range(SHIFT_S_MAX // 600 - 1):
        clock.pass_s(600)
        assert client.get("/tablet").status_code == 200
    clock.pass_s(601)
    assert client.get("/tablet").status_code == 303


def test_a_tablet_that_lies_idle_signs_out_though_its_page_asks_for_news(
    client: FlaskClient, box: Box, clock: Clock
) -> None:
    for _ in range(3):
        clock.pass_s(box.settings.limits.staff_idle_s / 4)
        assert client.get("/tablet/now", headers=HTMX).status_code == 200
    clock.pass_s(box.settings.limits.staff_idle_s / 4)
    assert client.get("/tablet/now", headers=HTMX).status_code == 401
    assert [event.reason for event in heard(box, ClerkSignedOut)] == ["idle"]


def test_who_is_struck_off_is_signed_out(client: FlaskClient, box: Box) -> None:
    (keeper,) = box.clerks.everybody()
    box.clerks.remove(keeper.id)
    assert client.get("/tablet").status_code == 303


def test_signing_in_and_out_is_told_by_id(client: FlaskClient, box: Box) -> None:
    (keeper,) = box.clerks.everybody()
    assert "Keeper" in client.get("/tablet").text
    client.post("/tablet/sign-out")
    (came,) = heard(box, ClerkSignedIn)
    assert heard(box, ClerkSignedOut) == [ClerkSignedOut(keeper.id, came.tablet, "clerk")]


def test_a_strangers_guesses_lock_no_tablet_of_the_shops(app: Flask, client: FlaskClient, right: str) -> None:
    stranger = app.test_client()
    for _ in range(door.ATTEMPTS_MAX):
        stranger.post("/tablet/sign-in", data={"pin": "nobody"})
    assert stranger.post("/tablet/sign-in", data={"pin": right}).status_code == 429
    client.post("/tablet/sign-out")
    assert client.post("/tablet/sign-in", data={"pin": right}).status_code == 303


def test_signing_out(client: FlaskClient) -> None:
    assert client.get("/tablet/sign-in").status_code == 303
    client.post("/tablet/sign-out")
    assert client.get("/tablet").status_code == 303


def test_a_store_without_a_pin_says_how_to_get_one(app: Flask) -> None:
    text = app.test_client().get("/tablet/sign-in").text
    assert "There is no staff PIN yet." in text
    assert app.test_client().post("/tablet/sign-in", data={"pin": "000000"}).status_code == 401


# The list


def test_who_waits_in_words_oldest_first(client: FlaskClient, box: Box, clock: Clock) -> None:
    assert "Nobody waits." in client.get("/tablet").text
    open_task(box, "help", "1")
    clock.pass_s(120)
    open_task(box, "device_lost", "scanner-2", "2")
    clock.pass_s(1)
    open_task(box, "device_lost", "head-office", "")
    open_task(box, "token_used", "v1", "2")
    open_task(box, "paper_used", "b1", "2")
    open_task(box, "journal_broken", "journal", "")
    open_task(box, "spilt_milk", "aisle 3")
    text = client.get("/tablet").text
    said = [
        "7 people or things wait",
        "waiting for 2 minutes",
        "Somebody asked for help.",
        "Hand scanner does not answer (scanner-2).",
        "Head office cannot be reached.",
        "A customer’s code was shown a second time.",
        "A coupon or voucher was already used in another store.",
        "The shop’s journal does not add up.",
        "Something needs you: spilt_milk",
        "aisle 3",
    ]
    places = [text.index(sentence) for sentence in said]
    assert places == sorted(places)
    assert "Till 2" in text


def test_money_that_was_taken_after_all_is_to_be_given_back(client: FlaskClient, box: Box) -> None:
    payment = unknown_payment(box)
    box.cashier.declined(payment.id, "staff")
    box.cashier.taken_after_all(payment.id, 42)
    (task,) = box.tasks.waiting()
    text = client.get("/tablet").text
    assert "The terminal took €3.29 for a payment that is not booked." in text
    assert "cancel its receipt number 0042" in text
    assert "Till 1" in text
    german = client.get("/tablet?lang=de").text
    assert "3,29\xa0€" in german
    assert "Beleg Nummer 0042" in german
    client.post(f"/tablet/tasks/{task.id}/done")
    assert box.tasks.waiting() == ()


def test_german(client: FlaskClient, box: Box) -> None:
    open_task(box, "journal_broken", "journal", "")
    text = client.get("/tablet?lang=de").text
    assert "Hier wartet 1 Aufgabe" in text
    assert "Das Journal des Ladens ist nicht mehr schlüssig." in text


def test_done_closes_one_task_once(client: FlaskClient, box: Box) -> None:
    first = open_task(box, "help", "1")
    open_task(box, "device_lost", "1")  # about the same word, and not meant
    for _ in range(2):
        assert client.post(f"/tablet/tasks/{first}/done").location == "/tablet"
    assert [task.kind for task in box.tasks.waiting()] == ["device_lost"]
    assert outcomes(box) == ["staff"]
    (keeper,) = box.clerks.everybody()
    assert heard(box, ClerkActed) == [ClerkActed(keeper.id, "done", first)]
    assert client.post("/tablet/tasks/nonsense/done").status_code == 303


def test_a_new_task_is_heard_once(client: FlaskClient, box: Box) -> None:
    def look(text: str) -> tuple[str, bool]:
        found = re.search(r'hx-get="(/tablet/now[^"]*)"', text)
        assert found is not None
        answer = client.get(found[1].replace("&amp;", "&"), headers=HTMX)
        return answer.text, answer.headers.get("HX-Trigger") == "emma:look"

    text, heard = look(client.get("/tablet").text)
    assert not heard
    first = open_task(box, "help", "1")
    text, heard = look(text)
    assert heard
    open_task(box, "help", "2")
    text, heard = look(text)
    assert heard
    client.post(f"/tablet/tasks/{first}/done")
    text, heard = look(text)
    assert not heard


def test_devices_and_head_office(client: FlaskClient, box: Box) -> None:
    assert "This shop has no devices yet." in client.get("/tablet").text
    box.health.enter("scanner-1", "scanner.serial", "1")
    box.health.enter("printer-1", "printer.escpos", "1")
    box.health.enter("head-office", "head-office.http", "")
    box.health.change("scanner-1", LOST, "no such file")
    box.health.change("printer-1", WELL)
    box.health.change("head-office", LOST, "head office is away")
    text = client.get("/tablet").text
    for sentence in ("Hand scanner", "no such file", "not there", "Receipt printer", "working"):
        assert sentence in text
    assert "Head office is away since" in text
    box.health.change("head-office", WELL)
    assert "Head office is away since" not in client.get("/tablet").text


def test_the_page_listens_to_the_whole_shop(client: FlaskClient) -> None:
    assert 'data-live-topics="lane-* store"' in client.get("/tablet").text


# A payment that nobody knows about


def test_it_was_paid(client: FlaskClient, box: Box) -> None:
    payment = unknown_payment(box)
    (task,) = box.tasks.waiting()
    assert "The terminal shows it was paid" in client.get("/tablet").text
    asked = client.get(f"/tablet/tasks/{task.id}/paid")
    assert "The terminal’s receipt number" in asked.text
    sure = client.get(f"/tablet/tasks/{task.id}/paid?number=0042")
    assert "Is that sure?" in sure.text
    assert box.payments.open_for(payment.basket) is not None, "asking books nothing"
    answer = client.post(f"/tablet/tasks/{task.id}/paid", data={"number": "42"})
    assert answer.status_code == 303
    assert "The sale is complete." in client.get("/tablet").text
    receipt = box.receipts.of_basket(payment.basket)
    assert receipt is not None
    assert box.tasks.waiting() == ()
    assert outcomes(box) == ["taken"]
    assert [(event.act, event.about) for event in heard(box, ClerkActed)] == [("paid", payment.id)]
    with box.books.page() as page:
        taken = page.payment(payment.id)
    assert taken is not None
    assert (taken.state, taken.receipt_number, taken.found_by) == ("taken", 42, "staff")


def test_it_was_not_paid(client: FlaskClient, box: Box) -> None:
    payment = unknown_payment(box)
    (task,) = box.tasks.waiting()
    assert "Is that sure?" in client.get(f"/tablet/tasks/{task.id}/unpaid").text
    assert box.payments.open_for(payment.basket) is not None
    assert client.post(f"/tablet/tasks/{task.id}/unpaid").status_code == 303
    assert "The basket is open again." in client.get("/tablet").text
    basket = box.books.basket_on("1")
    assert basket is not None
    assert basket.state == "open"
    assert box.receipts.of_basket(payment.basket) is None
    assert outcomes(box) == ["declined"]


@pytest.mark.parametrize("number", ["", "0", "10000", "abc", "-1", "²", "9" * 50, "41"])
def test_receipt_numbers_that_cannot_be(client: FlaskClient, box: Box, number: str) -> None:
    """41 is the receipt that the terminal had printed before it was asked."""
    payment = unknown_payment(box)
    (task,) = box.tasks.waiting()
    asked = client.get(f"/tablet/tasks/{task.id}/paid", query_string={"number": number})
    assert asked.status_code == 422
    assert ("customer before" if number == "41" else "one to four digits") in asked.text
    assert client.post(f"/tablet/tasks/{task.id}/paid", data={"number": number}).status_code == 422
    assert box.payments.open_for(payment.basket) is not None


@pytest.mark.parametrize("choice", ["paid", "unpaid"])
def test_settled_in_the_meantime(client: FlaskClient, box: Box, choice: str) -> None:
    payment = unknown_payment(box)
    (task,) = box.tasks.waiting()
    box.cashier.taken(payment.id, 42, "", "enquiry")
    answers = [
        client.get(f"/tablet/tasks/{task.id}/{choice}"),
        client.post(f"/tablet/tasks/{task.id}/{choice}", data={"number": "43"}),
    ]
    for answer in answers:
        assert answer.location == "/tablet"
    assert "This has been settled in the meantime." in client.get("/tablet").text
    with box.books.page() as page:
        taken = page.payment(payment.id)
    assert taken is not None
    assert taken.receipt_number == 42


def test_done_is_no_answer_to_a_payment(client: FlaskClient, box: Box) -> None:
    unknown_payment(box)
    (task,) = box.tasks.waiting()
    assert client.post(f"/tablet/tasks/{task.id}/done").status_code == 409
    assert box.tasks.waiting() == (task,)
    page = client.get("/tablet").text
    assert f"/tablet/tasks/{task.id}/done" not in page


# An age limit

RIESLING, LIQUEUR = "9521234110040", "9521234111023"


def age_task(box: Box, *codes: str) -> str:
    for code in codes:
        box.till.scan("1", code, how="serial")
    (task,) = box.tasks.waiting()
    assert task.kind == "age_check"
    return task.id


def test_an_age_is_confirmed_at_one_touch(client: FlaskClient, box: Box) -> None:
    task = age_task(box, EGGS, RIESLING)
    text = client.get("/tablet").text
    assert "Something with an age limit is in the basket." in text
    assert "At least 16 years old" in text
    assert "At least 18" not in text
    assert client.post(f"/tablet/tasks/{task}/age", data={"years": "16"}).status_code == 303
    assert "Thank you. The shopper can go on." in client.get("/tablet").text
    assert box.tasks.waiting() == ()
    assert box.cashier.ask_payment("1").state == "paying"


def test_two_limits_are_two_buttons_and_who_is_younger_goes_without(client: FlaskClient, box: Box) -> None:
    task = age_task(box, EGGS, RIESLING, LIQUEUR)
    text = client.get("/tablet").text
    assert text.index("At least 18") < text.index("At least 16")
    client.post(f"/tablet/tasks/{task}/age", data={"years": "0"})
    assert "It was taken off the roll." in client.get("/tablet").text
    basket = box.books.basket_on("1")
    assert basket is not None
    assert [line.gtin for line in basket.standing] == [EGGS]


def test_sixteen_known_before_stays_known_when_eighteen_is_not(client: FlaskClient, box: Box) -> None:
    first = age_task(box, RIESLING)
    client.post(f"/tablet/tasks/{first}/age", data={"years": "16"})
    second = age_task(box, LIQUEUR)
    client.post(f"/tablet/tasks/{second}/age", data={"years": "16"})
    basket = box.books.basket_on("1")
    assert basket is not None
    assert [line.gtin for line in basket.standing] == [RIESLING]


def test_an_age_check_is_not_waved_through(client: FlaskClient, box: Box) -> None:
    task = age_task(box, RIESLING)
    assert client.post(f"/tablet/tasks/{task}/done").status_code == 409
    for years in ("17", "99", "", "-1"):
        assert client.post(f"/tablet/tasks/{task}/age", data={"years": years}).status_code == 400
    assert len(box.tasks.waiting()) == 1


def test_an_age_check_that_is_over_says_so(client: FlaskClient, box: Box) -> None:
    task = age_task(box, RIESLING)
    box.till.cancel("1")
    assert client.post(f"/tablet/tasks/{task}/age", data={"years": "16"}).status_code == 303
    assert "settled in the meantime" in client.get("/tablet").text
