"""Empties and coupons by touch, in a real browser: in, seen, and out again."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from checkout.deposit import DepositKinds
from store_edge.box import Box
from store_edge.paper_settings import CouponSettings
from tests.kiosk_ui.kiosk_shop import EGGS, Clock, make_app, open_box
from tests.kiosk_ui.sample_shop import BROWSER_FLAGS, chromium

pytestmark = pytest.mark.browser
WAIT_MS = 10_000
COLA = "9521234109051"
COUPONS = {
    "summer": CouponSettings("SUMMER-26", {"de": "Sommergruß", "en": "Summer greeting"}, amount_minor=100),
    "big": CouponSettings(
        "BIG", {"de": "Ab 20 Euro", "en": "From 20 euros"}, percent=10, goods_minor_min=2000
    ),
}


@pytest.fixture
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    box = open_box(tmp_path_factory.mktemp("home"), Clock(), coupons=COUPONS)
    box.shelves.put(DepositKinds().articles())
    yield box
    box.stop()


@pytest.fixture
def page(box: Box) -> Iterator[Page]:
    server = make_server("127.0.0.1", 0, make_app(box), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=BROWSER_FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(WAIT_MS)
        page.goto(f"http://127.0.0.1:{server.server_port}/kiosk/1?lang=en")
        yield page
        browser.close()
    server.shutdown()
    thread.join(5)
    server.server_close()


def type_code(page: Page, code: str) -> None:
    page.locator("#open-typing").click()
    page.locator("#code").fill(code)
    page.locator("#typed-now").click()


def test_drinks_empties_and_coupons_by_touch(page: Page, box: Box) -> None:
    page.locator("#start").click()
    type_code(page, COLA)
    expect(page.locator("#line-1 .item__deposit")).to_have_text("+ deposit €0.25")
    page.locator("#empties-begin").click()
    page.locator("#take-bottle-8").click()
    expect(page.locator("#line-2 .roll__price")).to_contain_text("-€0.08")
    page.locator("#more-2").click()
    expect(page.locator("#line-2 .stepper__count")).to_have_text("2")
    page.locator("#empties-done").click()
    expect(page.locator("#empties-done")).to_be_hidden()
    type_code(page, EGGS)
    type_code(page, "SUMMER-26")
    type_code(page, "BIG")
    expect(page.locator("#coupons li")).to_have_count(2)
    expect(page.locator("#coupons")).to_contain_text("Summer greeting -€1.00")
    expect(page.locator("#coupons")).to_contain_text("It counts as soon as you take goods for €15.62 more.")
    expect(page.locator("#pay-now")).to_contain_text("€3.47")
    page.locator("#keep-summer").click()
    expect(page.locator("#coupons li")).to_have_count(1)
    expect(page.locator("#pay-now")).to_contain_text("€4.47")
    basket = box.books.basket_on("1")
    assert basket is not None
    assert (basket.total_minor, basket.circumstances.coupons) == (447, ("big",))
