"""Weighing in a real browser: the pictures open, one tap asks, and then the line is there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright
from werkzeug.serving import make_server

from checkout.events import WeighingAsked
from store_edge.box import Box
from store_edge.settings import DeviceSettings
from tests.kiosk_ui.kiosk_shop import GRAPES, Clock, make_app, open_box
from tests.kiosk_ui.sample_shop import BROWSER_FLAGS, chromium

pytestmark = pytest.mark.browser
WAIT_MS = 10_000


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    box = open_box(tmp_path, Clock(), devices={"scale-1": DeviceSettings("scale.dialog06", "/nowhere")})
    yield box
    box.stop()


@pytest.fixture
def origin(box: Box) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, make_app(box), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()


def test_from_the_picture_to_the_line(box: Box, origin: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=BROWSER_FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1024})
        page.set_default_timeout(WAIT_MS)
        page.goto(f"{origin}/kiosk/1?lang=en")
        page.click("#start")
        page.click("#open-loose")
        expect(page.locator(".loose__one").first).to_be_visible()
        assert page.locator(".loose__one").count() > 20
        page.fill("#loose-search", "white grapes")
        expect(page.locator(".loose__one")).to_have_count(1)
        page.click(f"#weigh-{GRAPES}")
        expect(page.locator("#loose")).to_be_hidden()
        expect(page.locator(".to-weigh")).to_contain_text("White grapes")
        asked = next(e.event() for e in box.journal.read(0) if e.type == WeighingAsked.__name__)
        assert isinstance(asked, WeighingAsked)
        box.till.weighing.weighed("1", asked, 742)
        expect(page.locator("#roll-lines")).to_contain_text("0.742 kg")
        expect(page.locator(".to-weigh")).to_have_count(0)
        browser.close()
