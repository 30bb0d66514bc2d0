"""Wishes from the cabins on the tablet: who goes, with what, from where; and what was left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mirror.requests import DELIVERED, NOT_THERE
from store_edge.box import Box
from store_edge.demo import counted, load_assortment, tags_of
from store_edge.device_settings import DeviceSettings, ZoneSettings
from tests.kiosk_ui.kiosk_shop import Clock, open_box
from tests.kiosk_ui.staffed_shop import sign_in

pytestmark = pytest.mark.usefixtures("quick_hash")

GOODS = {article.gtin: article for article in load_assortment()}
TEE_S, TEE_M = "9521234301103", "9521234301110"
READER = DeviceSettings("rfid.llrp", lane="", zones={"cabin-1": ZoneSettings("cabin", (1,))})


@pytest.fixture
def box(tmp_path: Path, clock: Clock) -> Iterator[Box]:
    box = open_box(tmp_path, clock, devices={"fitting": READER})
    box.stock.take_over(counted())
    box.fitting_room.arrive("cabin-1", [tags_of(GOODS[TEE_S])[0]])
    yield box
    box.stop()


def state(box: Box, request: str) -> str:
    found = box.fittings.request(request)
    assert found is not None
    return found.state


def test_a_wish_says_what_and_where_and_each_step_has_its_button(box: Box) -> None:
    request = box.fitting_room.requests.ask("cabin-1", TEE_S, TEE_M)
    client, _pin = sign_in(box)
    page = client.get("/tablet").text
    for words in ("Cabin 1", "Bring: Organic cotton T-shirt, ecru, M", "It should be here: Tisch 1, vorn."):
        assert words in page
    for step in ("accept", "on-the-way", "deliver"):
        assert f'id="{step}-{request.id}"' in client.get("/tablet").text
        assert client.post(f"/tablet/requests/{request.id}/{step}").status_code == 303
    assert state(box, request.id) == DELIVERED
    assert "Bring:" not in client.get("/tablet").text


def test_what_another_clerk_fetches_has_no_button_but_a_name(box: Box) -> None:
    request = box.fitting_room.requests.ask("cabin-1", TEE_S, TEE_M)
    anna, _pin = sign_in(box)
    anna.post(f"/tablet/requests/{request.id}/accept")
    other, _pin = sign_in(box)
    page = other.get("/tablet").text
    assert "Anna goes." in page
    assert f"/tablet/requests/{request.id}/" not in page
    other.post(f"/tablet/requests/{request.id}/deliver")
    assert state(box, request.id) == "accepted"


def test_what_cannot_be_found_is_said_and_over(box: Box) -> None:
    request = box.fitting_room.requests.ask("cabin-1", TEE_S, TEE_M)
    client, _pin = sign_in(box)
    client.post(f"/tablet/requests/{request.id}/not-there")
    assert state(box, request.id) == NOT_THERE
    assert client.post(f"/tablet/requests/{request.id}/dance").status_code == 404


def test_a_call_and_a_garment_left_behind_are_tasks_too(box: Box) -> None:
    box.fitting_room.call_staff("cabin-1")
    client, _pin = sign_in(box)
    assert "Somebody asked for help." in client.get("/tablet").text
    box.fitting_room.end("cabin-1", "idle")
    assert "Left behind: Organic cotton T-shirt, ecru, S" in client.get("/tablet").text
    (task,) = (one for one in box.tasks.waiting() if one.kind == "left_behind")
    client.post(f"/tablet/tasks/{task.id}/done")
    assert "Left behind" not in client.get("/tablet").text
