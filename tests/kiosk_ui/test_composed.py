"""The screens as `emma run` puts them together: which names they answer to, what stays behind doors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kiosk_ui.app import create_app, create_head_office, own_names
from store_edge.box import Box
from store_edge.settings import FrontDoorSettings
from tests.kiosk_ui.kiosk_shop import Clock, make_app, open_box


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    opened = open_box(tmp_path, Clock(), front_door=FrontDoorSettings(hosts=("till.hamburg.example",)))
    make_app(opened)  # skips where the npm packages are not installed
    yield opened
    opened.stop()


@pytest.fixture
def app(box: Box) -> Flask:
    return create_app(box, live_port=8081)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize(
    "host", ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "emma.test", "till.hamburg.example"]
)
def test_the_shop_answers_to_its_names(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/kiosk/1", "/tablet", "/static/icon.svg", "/nothing"])
def test_and_to_no_other(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Host": "rebound.test", "Accept-Language": "de"})
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert "Dieser Laden hört nicht auf diesen Namen." in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_live_listener_is_told_the_same_names(box: Box) -> None:
    assert "till.hamburg.example:8081" in own_names(box)
    assert "rebound.test:8081" not in own_names(box)


def test_head_office_answers_to_the_names_it_was_given(tmp_path: Path, box: Box) -> None:
    from werkzeug.test import Client

    client = Client(create_head_office(tmp_path / "centre", hosts=["emma.example"]))
    assert client.get("/account", headers={"Host": "emma.example"}).status_code == 200
    assert client.get("/account", headers={"Host": "rebound.test"}).status_code == 400
    assert client.get("/api/v1/health", headers={"Host": "rebound.test"}).status_code == 200


def test_nothing_of_the_tablet_is_told_without_the_pin(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/tablet")]
    assert len(rules) > 5
    for rule in rules:
        if rule.endpoint in ("tablet.sign_in", "tablet.try_pin"):
            continue
        path = re.sub("<[^>]*>", "1", rule.rule)
        for method in rule.methods & {"GET", "HEAD", "POST"}:
            answer = app.test_client().open(path, method=method)
            assert answer.status_code == 303, (path, method)
            assert answer.headers["Location"] == "/tablet/sign-in"


def test_an_address_that_is_none_is_a_page_of_the_shop(client: FlaskClient) -> None:
    answer = client.get("/kiosk/99")
    assert answer.status_code == 404
    assert "Tante Emma" in answer.text
    assert 'href="/"' in answer.text
