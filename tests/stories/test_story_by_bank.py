"""Paying without a card terminal: by a code for the bank app, and with a card left with its provider."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import zxingcpp
from cv2 import IMREAD_COLOR, imdecode
from numpy import frombuffer, uint8
from playwright.sync_api import expect

from hardware.transfer.epc import read_code
from store_edge.demo import load_assortment
from tests.browser.chromium import WAIT_MS, Screens
from tests.browser.counter import Bench, Kiosk
from tests.stories.conftest import Town, open_shop

pytestmark = pytest.mark.browser

GOODS = {article.gtin: article for article in load_assortment()}
PASTA, EGGS = GOODS["9521234105015"], GOODS["9521234102168"]
SETTINGS = "\n".join(
    f'[devices.{name}]\ndriver = "{driver}"\nemulated = true'
    for name, driver in (
        ("scanner-1", "scanner.serial"),
        ("camera-1", "camera.opencv"),
        ("tray-1", "rfid.llrp"),
        ("terminal-1", "terminal.zvt"),
        ("printer-1", "printer.escpos"),
        ("bank-1", "transfer.sepa"),
        ("on-file-1", "on_file.rest"),
        ("tse-1", "tse.cloud"),
    )
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    shop = open_shop(tmp_path_factory.mktemp("town"), settings=SETTINGS)
    yield Town(shop)
    shop.stop()


def begin(town: Town, screens: Screens) -> tuple[Kiosk, Bench]:
    kiosk = Kiosk(screens.page("about:blank"), town.shop.address)
    bench = Bench(screens.page("about:blank"), town.shop.address)
    kiosk.start()
    return kiosk, bench


def by_bank(kiosk: Kiosk) -> None:
    kiosk.page.locator("#open-more").click()
    kiosk.page.locator("#pay-by-bank").click()
    expect(kiosk.page.locator("#by-bank .qr__code")).to_be_visible(timeout=WAIT_MS)


def code_on(kiosk: Kiosk) -> str:
    """What a phone's camera reads off the screen."""
    picture = kiosk.page.locator("#by-bank .qr__frame").screenshot()
    seen = zxingcpp.read_barcode(imdecode(frombuffer(picture, uint8), IMREAD_COLOR))
    assert seen is not None
    assert seen.ec_level == "M"
    return seen.text


def test_a_basket_is_paid_by_scanning_the_code_with_a_bank_app(town: Town, screens: Screens) -> None:
    kiosk, bench = begin(town, screens)
    kiosk.wedge(PASTA.gtin)
    kiosk.has_line(PASTA.name.de)
    by_bank(kiosk)
    screen = kiosk.page.locator("#screen")
    expect(screen).to_contain_text("Scannen Sie diesen Code mit Ihrer Banking-App")
    transfer = read_code(code_on(kiosk))
    assert transfer.amount_minor == PASTA.price_minor
    assert (transfer.name, transfer.iban) == ("Tante Emma", "DE02120300000000202051")
    bench.bank_app()
    kiosk.shows("paid")
    kiosk.done()


def test_too_little_says_what_is_missing_and_the_words_are_english_too(town: Town, screens: Screens) -> None:
    kiosk, bench = begin(town, screens)
    kiosk.speak("en")
    kiosk.wedge(EGGS.gtin)
    kiosk.has_line(EGGS.name.en)
    by_bank(kiosk)
    screen = kiosk.page.locator("#screen")
    expect(screen).to_contain_text("Scan this code with your bank app")
    bench.bank_app("less")
    expect(screen).to_contain_text("are still missing", timeout=WAIT_MS)
    bench.bank_app("less")
    kiosk.shows("paid")
    kiosk.done()


def test_a_card_on_file_pays_though_the_provider_tells_nobody(town: Town, screens: Screens) -> None:
    kiosk, bench = begin(town, screens)
    kiosk.wedge(PASTA.gtin)
    kiosk.has_line(PASTA.name.de)
    bench.saved_card()
    kiosk.shows("paying")
    expect(kiosk.page.locator("#screen")).to_contain_text("Wir belasten Ihre hinterlegte Karte")
    bench.charge("decline")
    kiosk.shows("open")
    bench.saved_card()
    bench.charge("silent")
    kiosk.shows("paid")
    kiosk.done()


def test_the_bank_is_away_and_the_card_still_pays(town: Town, screens: Screens) -> None:
    kiosk, bench = begin(town, screens)
    kiosk.wedge(PASTA.gtin)
    kiosk.has_line(PASTA.name.de)
    bench.pull_plug("bank-1")
    kiosk.page.locator("#open-more").click()
    kiosk.page.locator("#pay-by-bank").click()
    expect(kiosk.page.locator("#stop")).to_have_count(0, timeout=4 * WAIT_MS)  # the line may hang for a while
    kiosk.says("So kann man gerade nicht bezahlen.")
    bench.put_plug("bank-1")
    kiosk.pay()
    bench.card("approve")
    kiosk.shows("paid")
    kiosk.done()
