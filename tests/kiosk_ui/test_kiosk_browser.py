"""The kiosk in a real browser: keys, questions, a scanner that types, and a shopper who walks away."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from checkout.events import ReceiptPrinted
from store_edge.box import Box
from store_edge.settings import LimitSettings
from tests.kiosk_ui.kiosk_shop import EGGS, OIL, PASTA, Clock, make_app, open_box
from tests.kiosk_ui.sample_shop import BROWSER_FLAGS, chromium

pytestmark = pytest.mark.browser
WAIT_MS = 10_000


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    limits = LimitSettings(idle_warning_s=3.0, idle_cancel_s=6.0, receipt_shown_s=2.0)
    box = open_box(tmp_path_factory.mktemp("home"), Clock(), limits=limits)
    yield box
    box.stop()


@pytest.fixture(scope="module")
def origin(box: Box) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, make_app(box), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=BROWSER_FLAGS)
        yield browser.new_page(viewport={"width": 1280, "height": 800})
        browser.close()


@pytest.fixture
def page(browser_page: Page, origin: str, box: Box) -> Page:
    if (basket := box.books.basket_on("1")) is not None and basket.state != "paying":
        box.till.cancel("1")
    browser_page.set_default_timeout(WAIT_MS)
    browser_page.goto(f"{origin}/kiosk/1?lang=en")
    return browser_page


def scan_like_a_keyboard(page: Page, code: str) -> None:
    """A wedge scanner: all keys at once, then Enter; faster than playwright can press single keys."""
    page.evaluate(
        """code => {
            for (const key of [...code, "Enter"])
                document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
        }""",
        code,
    )


def lines(page: Page) -> list[str]:
    return [line.get_attribute("id") or "" for line in page.locator("#roll-lines > li").all()]


def test_a_whole_purchase_by_keyboard_and_scanner(page: Page, box: Box) -> None:
    for code in (EGGS, PASTA, OIL):
        scan_like_a_keyboard(page, code)
    expect(page.locator("#line-3")).to_be_visible(timeout=WAIT_MS)
    assert lines(page) == ["line-1", "line-2", "line-3"]
    page.locator("#more-2").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#line-2 .stepper__count")).to_have_text("2", timeout=WAIT_MS)
    assert page.evaluate("document.activeElement.id") == "more-2"
    page.locator("#open-typing").press("Enter")
    page.keyboard.type(EGGS)
    page.keyboard.press("Enter")
    expect(page.locator("#line-4")).to_be_visible(timeout=WAIT_MS)
    expect(page.locator("#typing")).to_be_hidden()
    expect(page.locator("#pay-now")).to_contain_text("€11.65")
    page.locator("#pay-now").press("Enter")
    expect(page.locator("#stop")).to_be_visible(timeout=WAIT_MS)
    basket = box.books.basket_on("1")
    assert basket is not None
    payment = box.payments.open_for(basket.id)
    assert payment is not None
    box.cashier.send(payment.id, "terminal-1", 1)
    box.cashier.taken(payment.id, 2, "girocard", "answer")
    expect(page.locator("#done-now")).to_be_visible(timeout=WAIT_MS)
    page.locator("#done-now").focus()
    page.evaluate("document.getElementById('done-now').sameAsBefore = true")
    receipt = box.receipts.of_basket(basket.id)
    assert receipt is not None
    with box.books.page() as books:
        books.announce(ReceiptPrinted(receipt.number), "1")
    page.evaluate(
        "number => document.body.dispatchEvent(new CustomEvent('live', {detail: {type: 'Any', number}}))",
        box.journal.last_number(),
    )
    expect(page.locator("#paper")).to_contain_text("lies in the tray", timeout=WAIT_MS)
    assert page.evaluate("document.activeElement.sameAsBefore === true")  # nothing else was drawn anew
    expect(page.locator("#start")).to_be_visible(timeout=WAIT_MS)  # by itself, after receipt_shown_s
    expect(page.locator("#start")).to_contain_text("Los geht")  # in the store's language again


def test_a_refusal_is_shown_big_and_gone_after_the_next_good_scan(page: Page) -> None:
    scan_like_a_keyboard(page, "12345")
    page.locator(".notice--look >> text=We did not catch that.").wait_for()
    scan_like_a_keyboard(page, EGGS)
    expect(page.locator("#line-1")).to_be_visible(timeout=WAIT_MS)
    scan_like_a_keyboard(page, "12345")
    expect(page.locator(".caught__text")).to_have_text("We did not catch that.", timeout=WAIT_MS)
    scan_like_a_keyboard(page, PASTA)
    expect(page.locator(".just .price-card__name")).to_have_text("Spaghetti", timeout=WAIT_MS)
    assert lines(page) == ["line-1", "line-2"]


def test_cancel_asks_first(page: Page, box: Box) -> None:
    scan_like_a_keyboard(page, EGGS)
    page.locator("#open-more").click()
    page.locator("#open-sure").click()
    page.locator("#sure [data-closes]").click()
    assert box.books.basket_on("1") is not None
    page.locator("#open-more").click()
    page.locator("#open-sure").click()
    page.locator("#cancel-now").click()
    expect(page.locator("#start")).to_be_visible(timeout=WAIT_MS)
    assert box.books.basket_on("1") is None


def test_who_walks_away_is_asked_and_then_forgotten(page: Page, box: Box) -> None:
    scan_like_a_keyboard(page, EGGS)
    expect(page.locator("#still-there")).to_be_visible(timeout=WAIT_MS)
    page.locator("#still-there [data-closes]").click()
    expect(page.locator("#still-there")).to_be_hidden()
    expect(page.locator("#still-there")).to_be_visible(timeout=WAIT_MS)
    expect(page.locator("#start")).to_be_visible(timeout=WAIT_MS)
    assert box.books.basket_on("1") is None
    assert [e.facts["reason"] for e in box.journal.read(0) if e.type == "BasketCancelled"][-1] == "left"


def test_many_lines_stay_in_order_whoever_scans(page: Page, box: Box) -> None:
    for _ in range(6):
        scan_like_a_keyboard(page, EGGS)
        box.till.scan("1", PASTA, how="serial")
    expect(page.locator("#line-12")).to_be_visible(timeout=WAIT_MS)
    assert lines(page) == [f"line-{number}" for number in range(1, 13)]
