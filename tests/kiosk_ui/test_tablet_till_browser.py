"""The counter at the tablet in a real browser: a sale, a return, a count, a recall, a day; narrow too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from store_edge import clerks
from store_edge.box import Box
from tests.kiosk_ui.bench_shop import screens
from tests.kiosk_ui.kiosk_shop import EGGS, PASTA
from tests.kiosk_ui.sample_shop import BROWSER_FLAGS, chromium, served
from tests.kiosk_ui.staffed_shop import FLOAT_MINOR, KEEPER, TILL, basket_on, drawer, open_staffed

pytestmark = pytest.mark.browser
WAIT_MS = 10_000
TOUCH_PX_MIN = 44


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=BROWSER_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    monkeypatch.setattr(clerks, "SCRYPT_N", 2)
    with open_staffed(tmp_path) as box:
        yield box


@pytest.fixture
def page(browser: Browser, box: Box) -> Iterator[Page]:
    """A tablet with a keeper signed in."""
    pin = box.clerks.ensure_keeper()
    assert pin is not None
    with served(screens(box)) as origin:
        page = browser.new_page(base_url=origin, viewport={"width": 800, "height": 1280})
        page.set_default_timeout(WAIT_MS)
        page.goto("/tablet/sign-in?lang=en")
        page.fill("#pin", pin)
        page.click(".next")
        page.wait_for_url("**/tablet")
        yield page
        page.close()


def fits(page: Page) -> bool:
    """Nothing scrolls sideways, and everything to touch is large enough."""
    low = page.evaluate(
        "[...document.querySelectorAll('button, a, input:not([type=hidden]), select')]"
        ".filter(e => e.offsetParent && !e.matches('.skip')).map(e => e.getBoundingClientRect().height)"
    )
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return bool(wide <= 0 and min(low) >= TOUCH_PX_MIN)


def put_in(page: Page, code: str) -> None:
    page.fill("#code", code)
    page.click("#put-in")
    expect(page.locator("#code")).to_have_value("")


def test_a_sale_for_cash_by_touch(page: Page, box: Box) -> None:
    page.goto("/tablet/lanes")
    page.click("#sell-2")
    put_in(page, EGGS)
    expect(page.locator("#line-1")).to_contain_text("Free-range eggs")
    page.click("#line-1 [aria-label^='One more']")
    expect(page.locator("#line-1 .stepper__count")).to_have_text("2")
    put_in(page, "4006381333931")
    expect(page.locator("#open-till .notice--look")).to_contain_text("We do not know this article yet")
    put_in(page, PASTA)
    expect(page.locator("#line-2")).to_be_visible()
    assert fits(page)
    page.click("#pay")
    page.click("#cash")
    page.fill("#given", "50")
    page.click("#take-cash")
    expect(page.locator("h1")).to_have_text("Change")
    receipt = box.receipts.of_basket(basket_on(box).id)
    assert receipt is not None
    change_minor = 5000 - receipt.total_minor
    expect(page.locator(".tender__amount .visually-hidden")).to_have_text(f"{change_minor / 100:.2f} euros")
    page.click("#next-shopper")
    expect(page.locator(".roll__empty")).to_be_visible()


def test_goods_come_back_and_are_paid_out(page: Page, box: Box) -> None:
    box.till.scan("2", EGGS, how="serial")
    box.pay_desk.pay_cash("2", 500)
    page.goto(TILL)
    page.click("#next-shopper")
    page.click("#returns")
    page.fill("#receipt", "1")
    page.click("#find")
    page.click("#back-1")
    page.select_option("#reason", "damaged")
    page.click("#bring-back")
    expect(page.locator("#line-1 .roll__price")).to_contain_text("-€3.29")
    page.click("#pay")
    page.click("#pay-out")
    expect(page.locator("h1")).to_have_text("Paid out")
    assert drawer(box) == FLOAT_MINOR


def test_money_goes_back_to_a_card_and_the_page_follows(page: Page, box: Box) -> None:
    box.till.empties.take_empties("2", "crate", 1, clerk=KEEPER)
    page.goto(f"{TILL}/pay")
    page.click("#refund")
    expect(page.locator("#tender")).to_contain_text("The terminal is being asked.")
    (asked,) = box.payments.on_lane("2", "asked")
    box.cashier.send(asked.id, "terminal-2", 7)
    box.cashier.taken(asked.id, 8, "girocard", "answer")
    expect(page.locator("h1")).to_have_text("Paid out", timeout=WAIT_MS)
    assert drawer(box) == FLOAT_MINOR


def test_a_gift_card_is_looked_at_before_it_pays(page: Page, box: Box) -> None:
    (code,) = box.till.gift_cards.print_blank(1, KEEPER)
    box.till.gift_cards.sell("1", code, 1000)
    box.cashier.ask_payment("1")
    (asked,) = box.payments.on_lane("1", "asked")
    box.cashier.send(asked.id, "terminal-1", 7)
    box.cashier.taken(asked.id, 8, "girocard", "answer")
    box.till.scan("2", EGGS, how="serial")
    page.goto(f"{TILL}/pay")
    page.click("#gift-card")
    page.fill("#code", code)
    page.click("#use-card")
    expect(page.locator("#gift")).to_contain_text("The gift card has €10.00 on it.")
    assert fits(page)
    page.fill("#gift #amount", "2")
    page.click("#use-card")
    expect(page.locator("#gift")).to_contain_text("The gift card has €8.00 on it.")
    page.click("#gift-take-back")
    expect(page.locator("#gift")).to_have_count(0)
    assert box.till.gift_cards.balance(code)[1] == 800


def test_the_drawer_is_counted_and_the_day_closed(page: Page, box: Box) -> None:
    box.till.scan("2", EGGS, how="serial")
    box.pay_desk.pay_cash("2", 500)
    page.goto("/tablet/shop")
    page.get_by_role("link", name="Drawer, Till 2").click()
    expect(page.locator(".tender__amount .visually-hidden")).to_have_text("103.29 euros")
    page.click("#count")
    page.fill("#of-10000", "1")
    page.fill("#of-100", "3")
    page.fill("#of-1", "29")
    page.click("#counted")
    expect(page.locator("#tender")).to_contain_text("It is right.")
    page.goto("/tablet/day")
    page.click("#close")
    page.click("#close-now")
    expect(page.locator("h1")).to_have_text("Z report 1")
    expect(page.locator(".report").first).to_contain_text("Receipts")


def test_a_recall_stops_the_sale(page: Page, box: Box) -> None:
    page.goto("/tablet/recalls")
    page.fill("#gtin", EGGS)
    page.click("#recall")
    expect(page.locator("#recalled-1")).to_contain_text("Free-range eggs")
    page.goto(TILL)
    put_in(page, EGGS)
    expect(page.locator("#open-till .notice--look")).to_be_visible()
    page.goto("/tablet/recalls")
    page.click("#lift-1")
    page.goto(TILL)
    put_in(page, EGGS)
    expect(page.locator("#line-1")).to_be_visible()


NARROW = [
    *(
        TILL + room
        for room in ("", "/pay", "/pay/cash", "/pay/card", "/pay/gift-card", "/empties", "/weighed")
    ),
    *(TILL + room for room in ("/gift-card", "/lines/1", "/returns", "/returns/1", "/returns/1/1")),
    *(
        "/tablet/" + room
        for room in ("shop", "drawers/2", "drawers/2/count", "drawers/2/in", "day", "day/close")
    ),
    *("/tablet/" + room for room in ("day/1", "recalls", "gift-cards")),
]


def test_every_page_of_the_till_fits_a_narrow_screen(page: Page, box: Box) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    box.till.scan("2", EGGS, how="serial")
    box.pay_desk.pay_cash("2", 500)
    box.recalls.recall(PASTA)
    box.days.close_day(KEEPER)
    box.till.scan("2", EGGS, how="serial")
    for room in NARROW:
        for language in ("en", "de"):
            page.goto(f"{room}?lang={language}")
            assert fits(page), (room, language)
