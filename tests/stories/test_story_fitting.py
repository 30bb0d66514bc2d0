"""In a cabin: the reader hears, the mirror shows, the phone asks, the tablet brings, and all is forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from store_edge.demo import load_assortment
from tests.browser.chromium import WAIT_MS, Screens
from tests.browser.counter import Phone, code_in, picture_of
from tests.browser.processes import EmmaProcess
from tests.stories.conftest import open_shop

pytestmark = pytest.mark.browser

GOODS = {article.gtin: article for article in load_assortment()}
TEE_S, TEE_M, JEANS = GOODS["9521234301103"], GOODS["9521234301110"], GOODS["9521234303008"]
SEEN_MS = 3 * WAIT_MS
"""A reader's decision takes seconds, and a busy machine's more."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmmaProcess]:
    opened = open_shop(tmp_path_factory.mktemp("fitting"))
    yield opened
    opened.stop()


class Cabin:
    """A cabin's mirror, and the hands that carry garments to and fro."""

    def __init__(self, shop: EmmaProcess, screens: Screens, name: str) -> None:
        self.name = name
        self.mirror = screens.page(f"{shop.address}/fitting/{name}", width=1080, height=1920)
        self._bench = screens.page(f"{shop.address}/bench/cabins")

    def carry_in(self, gtin: str) -> None:
        self._carry(f"#take-{gtin}", self.name)

    def carry_out_everything(self) -> None:
        pieces = self._bench.locator(f"[data-place='{self.name}'] [id^=carry-]")
        while count := pieces.count():
            self._carry(f"#{pieces.first.get_attribute('id')}", "shelf")
            expect(pieces).to_have_count(count - 1)

    def shows(self, scene: str) -> None:
        expect(self.mirror.locator("#glass")).to_have_attribute("data-scene", scene, timeout=SEEN_MS)

    def says(self, words: str) -> None:
        expect(self.mirror.locator("#glass")).to_contain_text(words, timeout=SEEN_MS)

    def never_says(self, *words: str) -> None:
        for some in words:
            expect(self.mirror.locator("body")).not_to_contain_text(some)

    def code(self) -> str:
        """What a phone's camera reads off the glass."""
        return code_in(picture_of(self.mirror.locator(".qr__frame")))

    def _carry(self, button: str, to: str) -> None:
        self._bench.locator("#to").select_option(to)
        with self._bench.expect_response(lambda answer: answer.url.endswith("/bench/cabins/move")) as answer:
            self._bench.locator(button).click()
        assert answer.value.ok


def sign_in(shop: EmmaProcess, tablet: Page) -> None:
    pin = re.search(r"staff PIN is (\d+)", shop.said())
    assert pin is not None
    tablet.goto(f"{shop.address}/tablet")
    tablet.locator("input[name=pin]").fill(pin[1])
    tablet.locator("input[name=pin]").press("Enter")
    expect(tablet.locator("#now")).to_be_visible()


def step(tablet: Page, word: str) -> None:
    """The clerk's next word on the wish that waits."""
    button = tablet.locator(f"[id^={word}-]")
    expect(button).to_have_count(1, timeout=WAIT_MS)
    button.click()
    expect(button).to_have_count(0, timeout=WAIT_MS)


def test_a_wish_is_brought_and_the_next_shopper_sees_nothing_of_it(
    shop: EmmaProcess, screens: Screens
) -> None:
    screens.expected.append("status of 410")  # what a phone hears whose stay is over
    cabin = Cabin(shop, screens, "cabin-1")
    cabin.shows("idle")
    cabin.carry_in(TEE_S.gtin)
    cabin.shows("open")
    cabin.says("T-Shirt, Bio-Baumwolle")

    account = Phone(screens.page("about:blank", width=400), shop.address)
    account.be_erika()
    phone, address = account.page, cabin.code()
    phone.goto(address)
    phone.locator("#speak-en").click()
    cabin.says("Organic cotton T-shirt")

    phone.locator(f"#bring-{TEE_M.gtin}").click()
    cabin.says("We asked for it.")
    tablet = screens.page("about:blank", width=900)
    sign_in(shop, tablet)
    expect(tablet.locator("#now")).to_contain_text("Bring: Organic cotton T-shirt, ecru, M", timeout=WAIT_MS)
    expect(tablet.locator("#now")).to_contain_text("Tisch 1, vorn")
    for word, said in (
        ("accept", "is getting it for you."),
        ("on-the-way", "is on the way to you."),
        ("deliver", "It is here, at your cabin."),
    ):
        step(tablet, word)
        cabin.says(said)
        expect(phone.locator("#glass")).to_contain_text(said, timeout=WAIT_MS)

    phone.locator("#fetch-code").click()
    phone.locator("#to-mirror").click()
    cabin.says("Erika")
    phone.locator("#save").click()
    cabin.says("Kept for later")
    phone.locator("#buy").click()
    cabin.says("You take along:")

    phone.locator("#end").click()
    cabin.shows("idle")
    cabin.never_says("Erika", "T-shirt", "T-Shirt", "Kept", "You take along")
    expect(phone.locator("[data-scene=over]")).to_be_visible(timeout=WAIT_MS)
    cabin.carry_out_everything()

    cabin.carry_in(JEANS.gtin)
    cabin.shows("open")
    cabin.says("Jeans")
    cabin.never_says("Erika", "Für später gemerkt", "It is here", "Das nehmen Sie mit")
    assert cabin.code() != address
    gone = phone.goto(address)
    assert gone is not None
    assert gone.status == 410
    expect(phone.locator("body")).not_to_contain_text("Jeans")
