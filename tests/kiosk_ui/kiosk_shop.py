"""A real box without devices, head office away, and an application with the shopper's screens on it."""

from __future__ import annotations

import datetime as dt
import functools
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from kiosk_ui.format import init_format
from kiosk_ui.front_door import BOX
from kiosk_ui.i18n import init_i18n
from kiosk_ui.kiosk.views import blueprint as kiosk
from kiosk_ui.pictures import picture_svg
from kiosk_ui.receipt.views import blueprint as receipt
from kiosk_ui.security import init_security
from kiosk_ui.vendor import init_vendor, node_modules_folder
from store_edge.box import Box
from store_edge.demo.price_list import price_list
from store_edge.settings import Settings
from store_edge.sync.central_client import HeadOffice
from tests.seeded_chance import SeededChance

EGGS, PASTA, OIL = "9521234102168", "9521234105015", "9521234106135"
SHIRT_M = "9521234301110"
GRAPES = "9521234201106"
GRAPES_742_G = "2841107007428"


class Clock:
    """Time that moves only when told to."""

    def __init__(self) -> None:
        self.now = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


def away(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("head office is away", request=request)


def open_box(home: Path, clock: Clock, **settings: object) -> Box:
    """A box with the demo goods; no threads, no devices."""
    shutil.copy(Path(_filled_home().name) / "store.db", home / "store.db")
    return _box(home, clock, **settings)


def reopen_box(home: Path, clock: Clock, **settings: object) -> Box:
    """The next box on the same home."""
    return _box(home, clock, **settings)


def _box(home: Path, clock: Clock, **settings: object) -> Box:
    return Box(
        Settings(home=home, **{"devices": {}, "lanes": ("1", "2"), **settings}),  # type: ignore[arg-type]
        head_office=HeadOffice("http://head-office.test", "key", httpx.MockTransport(away)),
        clock=clock,
        chance=SeededChance(7),
        public_address="https://emma.test",
        has_terminal=lambda lane: True,  # a hand of the test's
    )


@functools.cache
def _filled_home() -> tempfile.TemporaryDirectory[str]:
    """A store database with the demo goods, filled once for all tests."""
    folder = tempfile.TemporaryDirectory()
    box = _box(Path(folder.name), Clock())
    box.shelves.put(price_list())
    box.stop()
    return folder


def make_app(box: Box) -> Flask:
    """The shopper's screens for a box; skips the test when the npm packages are not installed."""
    if not (node_modules_folder() / "htmx.org").is_dir():
        pytest.skip(f"the npm packages are not installed in {node_modules_folder()} (make setup)")
    app = Flask("kiosk_ui")
    app.testing = True
    app.extensions[BOX] = box
    init_i18n(app)
    init_format(app)
    init_security(app)
    init_vendor(app)
    app.register_blueprint(kiosk)
    app.register_blueprint(receipt)
    app.add_url_rule("/pictures/<file>", "picture", picture)
    return app


def picture(file: str) -> Response:
    name, _, tint = file.removesuffix(".svg").rpartition("-")
    return Response(picture_svg(name, tint), mimetype="image/svg+xml")


class Screen:
    """What a browser does with the kiosk: keeps what is shown, and sends it along with every tap."""

    def __init__(self, client: FlaskClient, lane: str = "1") -> None:
        self.client = client
        self.base = f"/kiosk/{lane}"
        self.shown: dict[str, str] = {}
        self.text = ""
        self.look()

    def look(self, query: str = "") -> str:
        """Load the whole page."""
        self._take(self.client.get(self.base + query).text)
        return self.text

    def now(self) -> Response:
        answer = self.client.get(f"{self.base}/now", query_string=self.shown, headers={"HX-Request": "true"})
        self._take(answer.text)
        return answer

    def tap(self, act: str, facts: Mapping[str, str | int] | None = None, script: bool = True) -> Response:
        """Send one of the page's forms."""
        headers = {"HX-Request": "true"} if script else {}
        data = {**self.shown, **(facts or {})}
        answer = self.client.post(f"{self.base}/{act}", data=data, headers=headers)
        self._take(answer.text)
        return answer

    def scan(self, code: str, how: str = "typed") -> Response:
        return self.tap("scan", {"code": code, "how": how})

    def _take(self, text: str) -> None:
        self.text = text
        found = re.search(r'<div id="shown".*?</div>', text, re.DOTALL)
        if found:
            self.shown = dict(re.findall(r'name="(\w+)" value="([^"]*)"', found[0]))
