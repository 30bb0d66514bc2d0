"""After a spot check a colleague scans a phone's basket once more on the tablet, and says what came of it."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from checkout.events import LossChecked
from store_edge.box import Box
from tests.kiosk_ui.bench_shop import EGGS, screens
from tests.kiosk_ui.kiosk_shop import PASTA

pytestmark = pytest.mark.usefixtures("quick_hash")


@pytest.fixture
def client(box: Box) -> FlaskClient:
    pin = box.clerks.ensure_keeper()
    client = screens(box).test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert client.post("/tablet/sign-in", data={"pin": pin}).status_code == 303
    return client


@pytest.fixture
def task(box: Box) -> str:
    phone = box.phones.join("anna")
    basket = box.till.scan(phone.lane, EGGS, how="phone")
    with box.books.page() as page:
        return page.open_task("spot_check", basket.id, phone.lane)


def scan(client: FlaskClient, task: str, code: str, page: str, **more: str) -> str:
    scanned = re.search(r'name="scanned" value="([^"]*)"', page)
    assert scanned is not None
    data = {"code": code, "scanned": scanned[1], **more}
    return client.post(f"/tablet/tasks/{task}/rescan", data=data).text


def checked(box: Box) -> list[tuple[str, int]]:
    entries = [entry for entry in box.journal.read(0) if entry.type == LossChecked.__name__]
    return [(entry.facts["outcome"], entry.facts["forgotten"]) for entry in entries]


def test_the_list_leads_to_the_rescan_of_that_phone(client: FlaskClient, task: str) -> None:
    page = client.get("/tablet").text
    assert f"/tablet/tasks/{task}/rescan" in page
    assert "Phone 1" in page
    assert "Phone 1: Scan it once more" in client.get(f"/tablet/tasks/{task}/rescan").text


def test_all_is_there_and_they_may_pay(client: FlaskClient, task: str, box: Box) -> None:
    page = scan(client, task, EGGS, client.get(f"/tablet/tasks/{task}/rescan").text)
    assert "all of it" in page
    assert 'name="outcome" value="nothing"' in page
    client.post(f"/tablet/tasks/{task}/checked", data={"outcome": "nothing", "lines": "0"})
    assert checked(box) == [("nothing", 0)]
    assert "settled in the meantime" in client.get(f"/tablet/tasks/{task}/rescan", follow_redirects=True).text


def test_what_is_not_on_the_roll_is_counted_and_a_slip_is_taken_back(client: FlaskClient, task: str) -> None:
    page = client.get(f"/tablet/tasks/{task}/rescan").text
    for code in (EGGS, PASTA, PASTA):
        page = scan(client, task, code, page)
    assert "In the bag, and not on the roll" in page
    assert re.search(r'id="forgotten"><li>[^<]+ × 2</li>', page)
    assert 'name="lines" value="1"' in page
    page = scan(client, task, "", page, back="yes")
    assert re.search(r'id="forgotten"><li>[^<]+ × 1</li>', page)


def test_a_code_that_means_nothing_is_said_and_not_counted(client: FlaskClient, task: str) -> None:
    page = scan(client, task, "nonsense", client.get(f"/tablet/tasks/{task}/rescan").text)
    assert "We did not catch that." in page
    assert 'name="scanned" value=""' in page
    forged = client.post(f"/tablet/tasks/{task}/rescan", data={"scanned": "<script> x 1", "code": EGGS}).text
    assert f'name="scanned" value="1 {EGGS}"' in forged


def test_nobody_rescans_without_a_pin_or_what_is_no_such_question(client: FlaskClient, box: Box) -> None:
    assert client.get("/tablet/tasks/none/rescan").status_code == 303
    stranger = screens(box).test_client()
    assert stranger.get("/tablet/tasks/none/rescan").location.endswith("/tablet/sign-in")
