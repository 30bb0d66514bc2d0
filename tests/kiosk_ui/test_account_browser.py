"""The account in a real browser: by keyboard, without script, narrow, and a code that renews itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.chromium import wait_until
from tests.kiosk_ui.account_house import House, open_house
from tests.kiosk_ui.sample_shop import BROWSER_FLAGS, chromium, served

pytestmark = pytest.mark.browser
WAIT_MS = 15_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=BROWSER_FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path, token_life_s=2) as opened:
        opened.hands.now = datetime.now(UTC)
        opened.pages.extensions["emma-demo-account-key"] = opened.make("Erika", history="yes")
        opened.browser.post("/account/sign-out")
        yield opened


def test_a_code_comes_by_itself_and_is_renewed_when_it_ends(house: House, browser: Browser) -> None:
    with served(house.pages) as origin:
        page = browser.new_page(locale="en")
        page.goto(f"{origin}/account")
        page.get_by_role("button", name="Be Erika").click()
        page.get_by_role("link", name="My code for the shop").click()
        expect(page.locator("#code-left")).to_have_text(re.compile("Good for another 0:0"), timeout=WAIT_MS)
        first = page.locator(".qr__code").inner_html()
        expect(page.locator(".qr__code")).to_be_visible()
        wait_until(page, "first => document.querySelector('.qr__code')?.innerHTML !== first", first)
        house.wire.plugged = False
        sentence = page.get_by_role("alert").get_by_text("We cannot reach head office just now.")
        expect(sentence).to_be_visible(timeout=WAIT_MS)
        expect(page.locator("#trouble")).to_be_hidden()
        house.wire.plugged = True
        page.get_by_role("link", name="Try again").click()
        expect(page.locator(".qr__code")).to_be_visible(timeout=WAIT_MS)
        page.close()


def test_without_script_all_of_it_works(house: House, browser: Browser) -> None:
    with served(house.pages) as origin:
        page = browser.new_context(java_script_enabled=False, locale="en").new_page()
        page.goto(f"{origin}/account")
        page.get_by_label("What may we call you?").fill("Mina")
        page.get_by_role("button", name="Make my account").click()
        page.get_by_role("button", name="I have kept it").click()
        switch = page.get_by_role("switch", name="Make it personal")
        expect(switch).not_to_be_checked()
        switch.click()
        expect(page.get_by_role("switch", name="Make it personal")).to_be_checked()
        page.get_by_role("link", name="My code for the shop").click()
        page.get_by_role("button", name="Show my code").click()
        expect(page.locator(".qr__code")).to_be_visible()
        expect(page.get_by_text("Good until")).to_be_visible()
        page.context.close()


def test_by_keyboard_alone_and_narrow(house: House, browser: Browser) -> None:
    with served(house.pages) as origin:
        page = browser.new_page(locale="de", viewport={"width": 320, "height": 640})
        page.goto(f"{origin}/account")
        page.get_by_role("button", name="Erika sein").focus()
        page.keyboard.press("Enter")
        page.get_by_role("switch", name="Merken, was ich kaufe").focus()
        page.keyboard.press("Space")
        expect(page.get_by_role("switch", name="Merken, was ich kaufe")).not_to_be_checked(timeout=WAIT_MS)
        for path in ("/account", "/account/code", "/account/erase"):
            page.goto(f"{origin}{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        page.close()


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_the_code_is_dark_on_white_in_every_theme(house: House, browser: Browser, theme: str) -> None:
    with served(house.pages) as origin:
        page = browser.new_page(locale="en")
        page.add_init_script(f"localStorage.setItem('emma-theme', '{theme}')")
        page.goto(f"{origin}/account")
        page.get_by_role("button", name="Be Erika").click()
        page.goto(f"{origin}/account/code")
        frame = page.locator(".qr__frame")
        expect(frame).to_be_visible(timeout=WAIT_MS)
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        assert frame.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(255, 255, 255)"
        drawn = page.locator(".qr__dark").first.evaluate("one => getComputedStyle(one).stroke")
        assert drawn == "rgb(0, 0, 0)"
        page.close()
