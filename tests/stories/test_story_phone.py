"""Scan and go: from the code at the entrance to the open gate, with a camera that sees a drawn barcode."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from store_edge.demo import load_assortment
from tests.browser.chromium import FLAGS, WAIT_MS, Screens, wait_until, where_chromium_is
from tests.browser.counter import Bench, Kiosk, code_in, picture_of
from tests.stories.conftest import Town, open_shop

pytestmark = pytest.mark.browser

GOODS = {article.gtin: article for article in load_assortment()}
PASTA, EGGS, CHOCOLATE = GOODS["9521234105015"], GOODS["9521234102168"], GOODS["9521234104018"]
PHONE = (390, 844)
LONG_MS = 2 * WAIT_MS
STAYS_MS = 4_000
"""A code that stays before the camera for so long counts once all the same."""
SETTINGS = """
[loss]
spot_check_share_max = 0.000001
spot_check_random_share = 0.000001
"""


def what_the_camera_sees(folder: Path, code: str) -> Path:
    """A film of one picture: a barcode on a grey shelf. The browser plays it again and again."""
    bars = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.EAN13)
    drawn = np.asarray(zxingcpp.write_barcode_to_image(bars, scale=3), np.uint8)
    shelf = np.full((480, 640), 210, np.uint8)
    height, width = drawn.shape[:2]
    top, left = (480 - height) // 2, (640 - width) // 2
    shelf[top - 20 : top + height + 20, left - 30 : left + width + 30] = 255
    shelf[top : top + height, left : left + width] = drawn
    film = folder / "shelf.mjpeg"
    film.write_bytes(cv2.imencode(".jpg", shelf, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes())
    return film


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    shop = open_shop(tmp_path_factory.mktemp("town"), settings=SETTINGS)
    yield Town(shop)
    shop.stop()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser with a camera before which something lies."""
    film = what_the_camera_sees(tmp_path_factory.mktemp("film"), PASTA.gtin)
    camera = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    path = where_chromium_is()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS + camera)
        yield opened
        opened.close()


class Phone:
    """A shopper's phone."""

    def __init__(self, screens: Screens, address: str, language: str = "en") -> None:
        screens.expected.append("status of 410")  # a phone asks now and then; after its visit it hears: over
        self.context: BrowserContext = screens.person(language, *PHONE)
        self.page: Page = self.context.new_page()
        self.page.goto(address)
        self.page.locator("#begin").click()
        expect(self.page.locator("body")).to_have_attribute("data-connection", "ok", timeout=LONG_MS)

    @property
    def lane(self) -> str:
        number = self.page.locator(".sign__line").inner_text().rpartition(" ")[2]
        return f"phone-{number}"

    def type_in(self, code: str) -> None:
        self.page.locator("#code").fill(code)
        self.page.locator("#add").click()

    def has(self, *names: str) -> None:
        """What lies in the basket, the newest first."""
        lines = self.page.locator("#roll-lines .roll__line:not(.roll__line--void) .roll__name")
        expect(lines).to_have_text(list(names), timeout=LONG_MS)

    def shows(self, screen: str) -> None:
        expect(self.page.locator("#screen")).to_have_attribute("data-screen", screen, timeout=LONG_MS)

    def pay_by_bank(self, bank: Page, address: str) -> None:
        self.page.locator("#pay-bank").click()
        expect(self.page.locator("#by-bank .qr__code")).to_be_visible(timeout=LONG_MS)
        bank.goto(f"{address}/bench/{self.lane}")
        bank.locator("#transfer-").click(timeout=LONG_MS)
        self.shows("paid")


def test_from_the_code_at_the_entrance_to_the_open_gate(town: Town, screens: Screens) -> None:
    front = screens.page(town.shop.address)
    entrance = code_in(picture_of(front.locator("#entrance .qr__frame")))
    assert entrance == f"{town.shop.address}/phone"
    phone = Phone(screens, entrance)
    phone.page.locator("#camera-on").click()
    phone.has(PASTA.name.en)
    expect(phone.page.locator("#card")).to_contain_text("Ingredients: Durum wheat semolina")
    expect(phone.page.locator("#card")).to_contain_text("cereals containing gluten")
    phone.page.wait_for_timeout(STAYS_MS)
    phone.has(PASTA.name.en)
    phone.page.locator("#camera-off").click()
    phone.type_in(EGGS.gtin)
    phone.has(EGGS.name.en, PASTA.name.en)
    phone.pay_by_bank(screens.page("about:blank"), town.shop.address)
    code = code_in(picture_of(phone.page.locator("#exit .qr__frame")))
    bench = Bench(screens.page("about:blank"), town.shop.address)
    bench.scan(code)
    expect(phone.page.locator("#left")).to_contain_text("The gate has opened.", timeout=LONG_MS)
    expect(bench.page.locator("#toy-gate")).to_be_visible()
    kiosk = Kiosk(screens.page("about:blank"), town.shop.address)
    bench.scan(code)
    expect(kiosk.page.locator("#screen")).to_contain_text("schon einmal geöffnet", timeout=LONG_MS)
    phone.page.locator("#receipt").click()
    expect(phone.page.locator("body")).to_contain_text(PASTA.name.en, timeout=LONG_MS)


def test_a_dead_spot_loses_no_scan_and_adds_none_twice(town: Town, screens: Screens) -> None:
    screens.expect_the_box_to_go()
    screens.expected.append("ERR_INTERNET_DISCONNECTED")
    phone = Phone(screens, f"{town.shop.address}/phone")
    phone.type_in(EGGS.gtin)
    phone.has(EGGS.name.en)
    phone.context.set_offline(True)
    phone.type_in(CHOCOLATE.gtin)
    phone.type_in(PASTA.gtin)
    waiting = phone.page.locator("#waiting")
    expect(waiting).to_have_text("2 scans wait for the connection.", timeout=LONG_MS)
    phone.has(EGGS.name.en)
    kept = phone.page.evaluate("localStorage.getItem('emma-phone-scans')")
    assert CHOCOLATE.gtin in kept
    expect(phone.page.locator("#pay-bank")).to_have_attribute("aria-disabled", "true")
    phone.page.locator("#pay-bank").click(force=True)
    phone.shows("open")
    phone.context.set_offline(False)
    phone.has(PASTA.name.en, CHOCOLATE.name.en, EGGS.name.en)
    expect(waiting).to_be_hidden(timeout=LONG_MS)
    assert phone.page.evaluate("localStorage.getItem('emma-phone-scans')") is None
    phone.page.reload()
    phone.has(PASTA.name.en, CHOCOLATE.name.en, EGGS.name.en)


def test_a_page_that_is_opened_without_connection_says_so_and_shows_nothing_of_anybody(
    town: Town, screens: Screens
) -> None:
    screens.expect_the_box_to_go()
    screens.expected.append("ERR_INTERNET_DISCONNECTED")
    phone = Phone(screens, f"{town.shop.address}/phone")
    phone.type_in(EGGS.gtin)
    phone.has(EGGS.name.en)
    wait_until(phone.page, "() => navigator.serviceWorker.ready.then(() => true)")
    wait_until(phone.page, "() => caches.match('/phone/away').then((kept) => Boolean(kept))")
    kept = phone.page.evaluate(
        "caches.keys().then((names) => caches.open(names[0])).then((one) => one.keys())"
        ".then((keys) => keys.map((key) => new URL(key.url).pathname))"
    )
    assert all(path == "/phone/away" or path.startswith("/static/") for path in kept)
    phone.context.set_offline(True)
    phone.page.goto(f"{town.shop.address}/phone")
    expect(phone.page.locator("main")).to_contain_text("No connection just now.", timeout=LONG_MS)
    expect(phone.page.locator("body")).not_to_contain_text(EGGS.name.en)
    phone.context.set_offline(False)
    phone.page.locator("#again").click()
    phone.has(EGGS.name.en)


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_smallest_phone_shows_all_of_it_and_every_target_is_large(
    town: Town, screens: Screens, language: str
) -> None:
    phone = Phone(screens, f"{town.shop.address}/phone", language)
    phone.page.set_viewport_size({"width": 320, "height": 568})
    phone.type_in(CHOCOLATE.gtin)
    phone.has(getattr(CHOCOLATE.name, language))
    too_wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert phone.page.evaluate(too_wide) == 0
    small = phone.page.evaluate(
        "Array.from(document.querySelectorAll('main a, main button, main summary'))"
        ".filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44)"
        ".map((one) => one.outerHTML)"
    )
    assert small == []


def test_two_devices_on_one_visit_see_one_basket_and_pay_once(town: Town, screens: Screens) -> None:
    phone = Phone(screens, f"{town.shop.address}/phone", "de")
    phone.type_in(EGGS.gtin)
    phone.has(EGGS.name.de)
    other = phone.context.new_page()
    other.goto(f"{town.shop.address}/phone")
    expect(other.locator("body")).to_have_attribute("data-connection", "ok", timeout=LONG_MS)
    phone.type_in(CHOCOLATE.gtin)
    expect(other.locator("#roll-lines .roll__name")).to_have_count(2, timeout=LONG_MS)
    other.locator("#pay-bank").click()
    phone.shows("paying")
    phone.page.locator("#stop").click()
    expect(other.locator("#screen")).to_have_attribute("data-screen", "open", timeout=LONG_MS)
    phone.shows("open")


def test_the_basket_goes_to_the_kiosk_and_is_paid_there(town: Town, screens: Screens) -> None:
    phone = Phone(screens, f"{town.shop.address}/phone")
    phone.type_in(EGGS.gtin)
    phone.has(EGGS.name.en)
    phone.page.locator("#pay-till").click()
    phone.shows("parked")
    bench = Bench(screens.page("about:blank"), town.shop.address)
    kiosk = Kiosk(screens.page("about:blank"), town.shop.address)
    bench.scan(code_in(picture_of(phone.page.locator(".qr__frame"))))
    kiosk.has_line(EGGS.name.en)
    phone.shows("attract")
    kiosk.cancel()


def test_what_is_being_typed_survives_the_answer_to_what_was_scanned_before(
    town: Town, screens: Screens
) -> None:
    phone = Phone(screens, f"{town.shop.address}/phone")
    phone.type_in(EGGS.gtin)
    phone.page.locator("#code").fill("952123")
    phone.has(EGGS.name.en)
    expect(phone.page.locator("#code")).to_have_value("952123")
    for article in (CHOCOLATE, PASTA):
        phone.type_in(article.gtin)
    phone.has(PASTA.name.en, CHOCOLATE.name.en, EGGS.name.en)


def test_a_card_that_was_left_with_the_provider_pays(town: Town, screens: Screens) -> None:
    phone = Phone(screens, f"{town.shop.address}/phone")
    phone.type_in(CHOCOLATE.gtin)
    phone.has(CHOCOLATE.name.en)
    phone.page.locator("#leave-card").click()
    phone.page.locator("#pay-card").click()
    phone.shows("paying")
    bench = screens.page(f"{town.shop.address}/bench/{phone.lane}")
    bench.locator("#charge-approve").click(timeout=LONG_MS)
    phone.shows("paid")
    phone.page.locator("#done-now").click()
    expect(phone.page.locator("#begin")).to_be_visible(timeout=LONG_MS)


def test_without_script_a_typed_number_does(town: Town, screens: Screens) -> None:
    page = screens.person("en", *PHONE, script=False).new_page()
    page.goto(f"{town.shop.address}/phone")
    page.locator("#begin").click()
    page.locator("#code").fill(EGGS.gtin)
    page.locator("#add").click()
    expect(page.locator("#roll-lines")).to_contain_text(EGGS.name.en)
    page.locator("#code").fill(CHOCOLATE.gtin)
    page.locator("#look").click()
    expect(page.locator("#card")).to_contain_text("soybeans")
    expect(page.locator("#roll-lines .roll__line")).to_have_count(1)
