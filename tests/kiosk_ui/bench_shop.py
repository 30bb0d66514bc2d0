"""A real box with its emulated devices at work, and the screens of the shop's own people."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from flask import Flask

from kiosk_ui.bench.views import blueprint as bench
from kiosk_ui.format import init_format
from kiosk_ui.front.views import blueprint as front
from kiosk_ui.front_door import BOX
from kiosk_ui.i18n import init_i18n
from kiosk_ui.security import init_security
from kiosk_ui.tablet.views import blueprint as tablet
from kiosk_ui.vendor import init_vendor, node_modules_folder
from store_edge.box import Box
from store_edge.demo import price_list
from store_edge.settings import DEMO_DEVICES, DeviceSettings, Settings
from store_edge.sync.central_client import HeadOffice
from tests.kiosk_ui.kiosk_shop import away
from tests.seeded_chance import SeededChance

EGGS, PASTA = "9521234102168", "9521234105015"
SHIRT_M = "9521234301110"
GRAPES = "9521234201106"
WAIT_S_MAX = 15.0
SOON_S_MAX = 2.0
"""How long a line may take from the bench to the basket."""


def screens(box: Box) -> Flask:
    """The front page, the bench and the tablet on a box."""
    if not (node_modules_folder() / "htmx.org").is_dir():
        pytest.skip(f"the npm packages are not installed in {node_modules_folder()} (make setup)")
    app = Flask("kiosk_ui")
    app.testing = True
    app.secret_key = "only for this test"
    init_i18n(app, default_language="en")
    init_format(app)
    init_security(app)
    init_vendor(app)
    app.extensions[BOX] = box
    for blueprint in (front, bench, tablet):
        app.register_blueprint(blueprint)
    return app


@contextmanager
def open_counter(home: Path) -> Iterator[Box]:
    """Lane 1 with the demo devices, really started; lane 2 with a scanner of flesh and steel."""
    devices = {**DEMO_DEVICES, "scanner-2": DeviceSettings("scanner.serial", str(home / "none"), lane="2")}
    box = Box(
        Settings(home=home, lanes=("1", "2"), devices=devices),
        head_office=HeadOffice("http://head-office.test", "key", httpx.MockTransport(away)),
        chance=SeededChance(11),
    )
    box.shelves.put(price_list())
    box.start()
    try:
        until(lambda: all_well(box), WAIT_S_MAX)
        yield box
    finally:
        box.stop()


def all_well(box: Box) -> bool:
    """Whether every emulated device works."""
    states = (box.health.of(device) for device in box.bench.devices)
    return all(health is not None and health.state == "well" for health in states)


def until(fact: Callable[[], bool], wait_s: float) -> None:
    """Wait for a fact; the test fails when it has not come about in time."""
    give_up_s = time.monotonic() + wait_s
    while not fact():
        assert time.monotonic() < give_up_s, f"not so within {wait_s} s"
        time.sleep(0.02)
