"""`/metrics`: what is broken and since when, in Prometheus's words, for this machine alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk_ui.front_door import BOX
from kiosk_ui.metrics.views import blueprint
from store_edge.box import Box
from store_edge.devices.health import LOST, WELL
from tests.kiosk_ui.kiosk_shop import EGGS, Clock, open_box

LINE = re.compile(r'^[a-z_]+(\{[a-z]+="(?:[^"\\]|\\.)*"(,[a-z]+="(?:[^"\\]|\\.)*")*\})? [0-9.e+-]+$')


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def box(tmp_path: Path, clock: Clock) -> Box:
    box = open_box(tmp_path, clock)
    box.health.enter("tray-1", "rfid.llrp", "1")
    box.health.enter('scanner "left"', "scanner.serial", "2")
    return box


@pytest.fixture
def client(box: Box) -> FlaskClient:
    app = Flask(__name__)
    app.extensions[BOX] = box
    app.register_blueprint(blueprint)
    return app.test_client()


def samples(client: FlaskClient) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    assert all(LINE.match(line) for line in lines), lines
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_a_device_that_goes_and_comes_is_told_with_how_often_and_how_long(
    box: Box, clock: Clock, client: FlaskClient
) -> None:
    tray = '{device="tray-1",driver="rfid.llrp",lane="1"}'
    assert samples(client)[f"emma_device_up{tray}"] == 0
    box.health.change("tray-1", WELL)
    box.health.change("tray-1", LOST, "The RFID reader has fallen silent")
    clock.pass_s(90)
    box.health.drop("tray-1", 12)
    found = samples(client)
    assert found[f"emma_device_up{tray}"] == 0
    assert found[f"emma_device_losses_total{tray}"] == 1
    assert found[f"emma_device_state_seconds{tray}"] == 90
    assert found[f"emma_device_dropped_total{tray}"] == 12
    box.health.change("tray-1", WELL)
    assert samples(client)[f"emma_device_up{tray}"] == 1


def test_names_are_escaped_and_waiting_tasks_and_the_journal_are_counted(
    box: Box, client: FlaskClient
) -> None:
    box.till.scan("1", EGGS, how="typed")
    with box.books.page() as page:
        page.open_task("help_asked", "lane", "1")
    found = samples(client)
    assert 'emma_device_up{device="scanner \\"left\\"",driver="scanner.serial",lane="2"}' in found
    assert found['emma_tasks_waiting{kind="help_asked"}'] == 1
    assert found["emma_journal_entries"] == box.journal.last_number()


def test_nothing_that_was_bought_is_told(box: Box, client: FlaskClient) -> None:
    basket = box.till.scan("1", EGGS, how="typed")
    text = client.get("/metrics").text
    assert EGGS not in text
    assert basket.id not in text


@pytest.mark.parametrize("address", ["192.168.1.20", "10.0.0.1", "2001:db8::1", ""])
def test_who_asks_from_elsewhere_finds_nothing(client: FlaskClient, address: str) -> None:
    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": address}).status_code == 404


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
def test_what_a_proxy_hands_on_is_from_elsewhere(client: FlaskClient, header: str) -> None:
    assert client.get("/metrics", headers={header: "192.168.1.20"}).status_code == 404


def test_ipv6s_own_machine_is_this_machine(client: FlaskClient) -> None:
    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": "::1"}).status_code == 200
