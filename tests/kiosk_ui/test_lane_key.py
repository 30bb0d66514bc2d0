"""The key at a lane: its screen lends itself to a clerk, and is the shoppers' again; and the gate."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from flask import Flask

from checkout.events import ClerkSignedOut, GateAsked, KeyTurned
from kiosk_ui.tablet.sign_in import AT_LANE_IDLE_S
from store_edge.box import Box
from store_edge.settings import DeviceSettings
from tests.kiosk_ui.bench_shop import screens
from tests.kiosk_ui.kiosk_shop import Clock, make_app

KEY = "For colleagues"


pytestmark = pytest.mark.usefixtures("quick_hash")


@pytest.fixture
def app(box: Box) -> Flask:
    return screens(box)


def turn_key(box: Box, on: bool) -> None:
    with box.books.page() as page:
        page.announce(KeyTurned(on), "1")


def heard(box: Box, name: str) -> list[object]:
    return [entry.event() for entry in box.journal.read(0) if entry.type == name]


def test_the_kiosk_offers_itself_to_whoever_turned_the_key(box: Box) -> None:
    kiosk = make_app(box).test_client()
    assert KEY not in kiosk.get("/kiosk/1?lang=en").text
    turn_key(box, True)
    page = kiosk.get("/kiosk/1?lang=en").text
    assert KEY in page
    assert 'href="/tablet/at/1"' in page
    box.till.open("1", "en")
    assert KEY in kiosk.get("/kiosk/1?lang=en").text, (
        "the next shopper has begun, and the key is still turned"
    )
    turn_key(box, False)
    assert KEY not in kiosk.get("/kiosk/1?lang=en").text


def test_the_key_alone_opens_nothing(app: Flask) -> None:
    client = app.test_client()
    for lane in ("1", "9"):
        assert client.get(f"/tablet/at/{lane}").headers["Location"].endswith("/tablet/sign-in")
    assert client.get("/tablet/tills/1").headers["Location"].endswith("/tablet/sign-in")


def test_a_clerk_sells_at_the_lane_s_own_screen_and_hands_it_back(app: Flask, box: Box) -> None:
    _id, pin = box.clerks.add("Anna", ["serve"])
    client = app.test_client()
    client.get("/tablet/at/1")
    assert "Back to the shoppers’ screen" in client.get("/tablet/sign-in").text
    answer = client.post("/tablet/sign-in", data={"pin": pin})
    assert answer.headers["Location"].endswith("/tablet/tills/1")
    assert "Back to the shoppers’ screen" in client.get("/tablet/tills/1").text
    assert client.post("/tablet/leave").headers["Location"] == "/kiosk/1"
    assert len(heard(box, ClerkSignedOut.__name__)) == 1
    assert client.get("/tablet/tills/1").headers["Location"].endswith("/tablet/sign-in")


def test_a_lane_s_screen_forgets_a_clerk_sooner_than_a_tablet_does(
    app: Flask, box: Box, clock: Clock
) -> None:
    _id, pin = box.clerks.add("Anna", ["serve"])
    client = app.test_client()
    client.get("/tablet/at/1")
    client.post("/tablet/sign-in", data={"pin": pin})
    clock.now += dt.timedelta(seconds=AT_LANE_IDLE_S - 1)
    assert client.get("/tablet/tills/1").status_code == 200
    clock.now += dt.timedelta(seconds=AT_LANE_IDLE_S)
    assert client.get("/tablet/tills/1").status_code == 303


def test_a_tablet_has_no_way_back_to_a_shoppers_screen(app: Flask, box: Box) -> None:
    _id, pin = box.clerks.add("Anna", ["serve"])
    client = app.test_client()
    client.post("/tablet/sign-in", data={"pin": pin})
    assert "Back to the shoppers’ screen" not in client.get("/tablet/lanes").text
    assert client.post("/tablet/leave").headers["Location"].endswith("/tablet/sign-in")


def test_a_clerk_opens_the_gate_from_the_tablet_once_a_tap(app: Flask, box: Box) -> None:
    id, pin = box.clerks.add("Anna", ["serve"])
    client = app.test_client()
    client.post("/tablet/sign-in", data={"pin": pin})
    assert "Open the gate" not in client.get("/tablet/lanes").text
    assert client.post("/tablet/lanes/1/gate", data={"request_key": "k"}).status_code == 404
    gate = DeviceSettings("gate.modbus", "tcp://127.0.0.1:1", lane="1")
    box.settings = replace(box.settings, devices={**box.settings.devices, "gate-1": gate})
    assert "Open the gate" in client.get("/tablet/lanes").text
    for _ in range(2):
        assert client.post("/tablet/lanes/1/gate", data={"request_key": "k"}).status_code == 303
    assert heard(box, GateAsked.__name__) == [GateAsked(id)]


def test_who_may_not_serve_opens_no_gate(app: Flask, box: Box) -> None:
    _id, pin = box.clerks.add("Ben", [])
    gate = DeviceSettings("gate.modbus", "tcp://127.0.0.1:1", lane="1")
    box.settings = replace(box.settings, devices={**box.settings.devices, "gate-1": gate})
    client = app.test_client()
    client.post("/tablet/sign-in", data={"pin": pin})
    client.post("/tablet/lanes/1/gate", data={"request_key": "k"})
    assert heard(box, GateAsked.__name__) == []
