"""Every kind of screen is looked at by axe-core: in German and English, by day and by night, wide and narrow.

The combinations are pairwise: each screen meets each language, each theme and each width, not all at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from store_edge.demo import load_assortment
from tests.browser.axe import scrolls_sideways, violations
from tests.browser.chromium import WAIT_MS
from tests.browser.counter import Kiosk
from tests.browser.processes import EmmaProcess
from tests.stories.conftest import open_shop

pytestmark = pytest.mark.browser

GOODS = {article.gtin: article for article in load_assortment()}
PASTA = GOODS["9521234105015"]
LOOKS = (("de", "light", 1280), ("de", "dark", 320), ("en", "light", 1280), ("en", "dark", 320))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmmaProcess]:
    opened = open_shop(tmp_path_factory.mktemp("everyone"))
    yield opened
    opened.stop()


@dataclass(frozen=True)
class Look:
    """Somebody's browser, and the shop that they look at."""

    shop: EmmaProcess
    page: Page
    language: str

    def at(self, path: str) -> None:
        """Go to a page of the shop."""
        self.page.goto(f"{self.shop.address}{path}")


def _begun(look: Look) -> Kiosk:
    kiosk = Kiosk(look.page, look.shop.address)
    if look.page.locator("#start").count():
        kiosk.start()
    kiosk.speak(look.language)
    return kiosk


def _basket(look: Look) -> None:
    kiosk = _begun(look)
    kiosk.wedge(PASTA.gtin)
    kiosk.wedge("96385074")
    expect(look.page.locator("#roll-lines li").first).to_be_visible(timeout=WAIT_MS)


def _paying(look: Look) -> None:
    kiosk = Kiosk(look.page, look.shop.address)
    if look.page.locator("#screen[data-screen=paying]").count() == 0:  # the look before may have left it so
        _basket(look)
        kiosk.pay()
    kiosk.shows("paying")


def _signed_in(path: str) -> Callable[[Look], None]:
    def go(look: Look) -> None:
        pin = re.search(r"staff PIN is (\d+)", look.shop.said())
        assert pin is not None
        look.at("/tablet")
        look.page.locator("input[name=pin]").fill(pin[1])
        look.page.locator("input[name=pin]").press("Enter")
        expect(look.page.locator("#now")).to_be_visible(timeout=WAIT_MS)
        look.at(path)

    return go


def _there(path: str) -> Callable[[Look], None]:
    return lambda look: look.at(path)


SCREENS: dict[str, Callable[[Look], None]] = {
    "front page": _there("/"),
    "kiosk, attract": _there("/kiosk/1"),
    "kiosk, basket and a refusal": _basket,
    "kiosk, paying": _paying,
    "phone, begin": _there("/phone"),
    "mirrors": _there("/fitting"),
    "mirror": _there("/fitting/cabin-1"),
    "mirror's remote, over": _there("/mirror/0000"),
    "tablet, door": _there("/tablet"),
    "tablet, queue": _signed_in("/tablet"),
    "tablet, shop": _signed_in("/tablet/shop"),
    "account, door": _there("/account"),
    "bench": _there("/bench"),
    "bench, cabins": _there("/bench/cabins"),
    "design": _there("/design"),
    "nothing here": _there("/no-such-page"),
}


@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_breaks_no_rule(shop: EmmaProcess, browser: Browser, screen: str) -> None:
    place = list(SCREENS).index(screen)
    for language, theme, width in (LOOKS[place % 4], LOOKS[3 - place % 4]):  # two that are opposite in all
        context = browser.new_context(
            locale=language,
            color_scheme="dark" if theme == "dark" else "light",
            viewport={"width": width, "height": 800},
        )
        context.set_default_timeout(WAIT_MS)
        look = Look(shop, context.new_page(), language)
        try:
            SCREENS[screen](look)
            assert violations(look.page) == [], (screen, language, theme, width)
            if width == 320:
                assert not scrolls_sideways(look.page), (screen, language, theme)
        finally:
            context.close()
