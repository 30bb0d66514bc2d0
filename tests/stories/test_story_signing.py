"""A signing device that is full, expired, unplugged or slow: selling goes on, and the receipt says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from store_edge.demo import load_assortment
from tests.browser.chromium import Screens
from tests.browser.counter import Bench, Kiosk
from tests.stories.conftest import Town, open_shop

pytestmark = pytest.mark.browser

PASTA = next(article for article in load_assortment() if article.gtin == "9521234105015")
OUT, SIGNED = "TSE ausgefallen", "TSE Nr."
RECOVERS_MS = 60_000


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    shop = open_shop(tmp_path_factory.mktemp("town"))
    yield Town(shop)
    shop.stop()


class Day:
    """One kiosk, and the bench beside it."""

    def __init__(self, town: Town, screens: Screens) -> None:
        self.kiosk = Kiosk(screens.page("about:blank", language="de"), town.shop.address)
        self.bench = Bench(screens.page("about:blank"), town.shop.address)
        self.toy = self.bench.page.locator("#toy-tse")

    def sell(self, says: str) -> None:
        self.bench.scan(PASTA.gtin)
        self.kiosk.has_line(PASTA.name.de)
        self.kiosk.pay()
        self.bench.card("approve")
        self.kiosk.shows("paid")
        expect(self.bench.paper()).to_contain_text(says, timeout=RECOVERS_MS)
        self.kiosk.done()

    def be(self, act: str, says: str) -> None:
        self.toy.locator(f"#{act}").click()
        expect(self.toy).to_contain_text(says)

    def recovers(self) -> None:
        expect(self.toy.locator(".pill--well")).to_be_visible(timeout=RECOVERS_MS)


def test_a_full_signing_device_stops_nobody_and_the_receipt_says_it(town: Town, screens: Screens) -> None:
    day = Day(town, screens)
    day.recovers()
    day.be("tse-full", "memory is full")
    day.sell(OUT)
    day.be("tse-well", "signs every receipt")
    day.recovers()
    day.sell(SIGNED)


@pytest.mark.long
def test_neither_does_one_that_is_expired_unplugged_or_slow(town: Town, screens: Screens) -> None:
    day = Day(town, screens)
    day.recovers()
    day.be("tse-expired", "has expired")
    day.sell(OUT)
    day.be("unplug-tse-1", "Put the plug in")
    day.be("tse-well", "signs every receipt")
    day.sell(OUT)
    day.be("plug-tse-1", "Pull the plug")
    day.recovers()
    day.sell(SIGNED)
    day.be("tse-slow", "four seconds")
    day.sell(OUT)
