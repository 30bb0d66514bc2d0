"""The counter's own stories: an age, a promotion, paper and empties, two tills, and two ways to pay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from checkout.gift_cards import qr_text
from checkout.staff import Clerk
from store_edge.box import Box
from store_edge.demo import load_assortment
from store_edge.settings import load_settings
from store_edge.sync.central_client import HeadOffice
from tests.browser.chromium import WAIT_MS, Screens
from tests.browser.counter import Bench, Kiosk, code_in, picture_of
from tests.browser.processes import EmmaProcess
from tests.stories.conftest import open_shop

pytestmark = pytest.mark.browser

GOODS = {article.gtin: article for article in load_assortment()}
PASTA, COLA, PILS = GOODS["9521234105015"], GOODS["9521234109051"], GOODS["9521234110019"]
POLISH = GOODS["9521234401063"]
COUPON_MINOR, BOTTLE_MINOR, CAN_MINOR = 100, 8, 25
SETTINGS = f"""
lanes = ["1", "2"]
[cash]
lanes = ["2"]
[coupons.summer]
number = "SUMMER-26"
name = {{ de = "Sommergruß", en = "Summer greeting" }}
amount_minor = {COUPON_MINOR}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmmaProcess]:
    opened = open_shop(tmp_path_factory.mktemp("counter"), settings=SETTINGS)
    yield opened
    opened.stop()


@pytest.fixture
def kiosk(shop: EmmaProcess, screens: Screens) -> Kiosk:
    kiosk = Kiosk(screens.page("about:blank"), shop.address)
    kiosk.start()
    kiosk.speak("en")
    return kiosk


@pytest.fixture
def bench(shop: EmmaProcess, screens: Screens) -> Bench:
    return Bench(screens.page("about:blank"), shop.address)


def test_beer_waits_for_a_look_that_staff_confirm_on_the_tablet(
    shop: EmmaProcess, kiosk: Kiosk, bench: Bench, screens: Screens
) -> None:
    tablet = screens.page(f"{shop.address}/tablet")
    _sign_in(tablet, shop)
    bench.scan(PILS.gtin)
    kiosk.has_line(PILS.name.en)
    expect(kiosk.page.locator("#age-waits")).to_contain_text("age limit")
    expect(kiosk.page.locator("#pay-now")).to_be_disabled()
    tablet.locator("[id^=age-16-]").click()
    expect(kiosk.page.locator("#pay-now")).to_be_enabled(timeout=WAIT_MS)
    expect(kiosk.page.locator("#age-waits")).to_have_count(0)
    _pay_by_card(kiosk, bench)
    kiosk.done()


def test_six_of_three_for_two_are_two_for_nothing(kiosk: Kiosk, bench: Bench, screens: Screens) -> None:
    bench.scan(POLISH.gtin)
    kiosk.has_line(POLISH.name.en)
    for pieces in range(2, 7):
        kiosk.one_more(POLISH.name.en)
        kiosk.has_line(POLISH.name.en, f"{pieces} × €{POLISH.price_minor / 100:.2f}")
    kiosk.has_line(POLISH.name.en, "Nail polish: 3 for 2")
    kiosk.owes(4 * POLISH.price_minor)
    _pay_by_card(kiosk, bench)
    receipt = screens.page(f"{kiosk.receipt_address()}?lang=en", width=400)
    expect(receipt.locator("main")).to_contain_text("Nail polish: 3 for 2")
    kiosk.done()


def test_a_coupon_empties_and_deposit_in_one_purchase(kiosk: Kiosk, bench: Bench, screens: Screens) -> None:
    bench.scan(COLA.gtin)
    kiosk.has_line(COLA.name.en, "+ deposit €0.25")
    bench.scan("SUMMER-26")
    expect(kiosk.page.locator("#coupons")).to_contain_text("Summer greeting", timeout=WAIT_MS)
    kiosk.page.locator("#empties-begin").click()
    kiosk.page.locator("#take-bottle-8").click()
    kiosk.has_line("Reusable bottle", "-€0.08")
    kiosk.page.locator("#empties-done").click()
    expect(kiosk.page.locator("#empties-done")).to_have_count(0)
    kiosk.owes(COLA.price_minor + CAN_MINOR - COUPON_MINOR - BOTTLE_MINOR)
    _pay_by_card(kiosk, bench)
    receipt = screens.page(f"{kiosk.receipt_address()}?lang=en", width=400)
    for said in ("Summer greeting", COLA.name.en, "Deposit", "Reusable bottle"):
        expect(receipt.locator("main")).to_contain_text(said)
    kiosk.done()


def test_a_basket_put_aside_here_goes_on_at_another_till(
    shop: EmmaProcess, kiosk: Kiosk, bench: Bench, screens: Screens
) -> None:
    bench.scan(PASTA.gtin)
    kiosk.has_line(PASTA.name.en)
    kiosk.page.locator("#open-more").click()
    kiosk.page.locator("#open-aside").click()
    kiosk.page.locator("#aside-now").click()
    kiosk.shows("parked")
    code = code_in(picture_of(kiosk.page.locator(".qr__frame")))
    kiosk.done()
    other = Kiosk(screens.page("about:blank"), shop.address, lane="2")
    other.shows("attract")
    other.wedge(code)
    other.shows("open")
    other.has_line(PASTA.name.en)
    other.owes(PASTA.price_minor)
    kiosk.shows("attract")
    other.cancel()


def test_a_gift_card_pays_a_part_and_a_card_the_rest_at_the_second_try(
    shop: EmmaProcess, kiosk: Kiosk, bench: Bench
) -> None:
    card = _a_gift_card(shop, 100)
    bench.scan(PASTA.gtin)
    kiosk.has_line(PASTA.name.en)
    bench.scan(qr_text(card))
    expect(kiosk.page.locator("#gift")).to_contain_text("€1.00", timeout=WAIT_MS)
    kiosk.page.locator("#pay-now").click()
    kiosk.page.locator("#gift-use").click()
    kiosk.shows("paying")
    amount = kiosk.page.locator(".tender__amount")
    expect(amount).to_contain_text(f"{PASTA.price_minor - 100}")
    for card_kind in ("decline", "approve"):
        kiosk.page.locator("#pay-now").click()
        expect(kiosk.page.locator("#stop")).to_be_visible(timeout=WAIT_MS)
        bench.card(card_kind)
        if card_kind == "decline":
            kiosk.says("The card was not accepted.")
            expect(kiosk.page.locator("#give-back")).to_be_visible()
    kiosk.shows("paid")
    expect(kiosk.page.locator(".tender__amount")).to_contain_text(f"{PASTA.price_minor % 100}")
    kiosk.done()


def test_the_money_for_empties_goes_back_to_a_card(
    shop: EmmaProcess, kiosk: Kiosk, bench: Bench, screens: Screens
) -> None:
    tablet = screens.page(f"{shop.address}/tablet?lang=en")
    _sign_in(tablet, shop)
    kiosk.page.locator("#empties-begin").click()
    kiosk.page.locator("#take-crate").click()
    kiosk.has_line("Empty crate")
    kiosk.page.locator("#empties-done").click()
    kiosk.page.locator("#pay-now").click()
    kiosk.says("A colleague")
    tablet.goto(f"{shop.address}/tablet/tills/1/pay")
    tablet.locator("#refund").click()
    kiosk.shows("paying")
    expect(kiosk.page.locator("#terminal-says")).to_contain_text("You get this much back")
    expect(tablet.locator("#tender")).to_contain_text("holds the card", timeout=WAIT_MS)
    bench.card("approve")
    kiosk.shows("paid")
    expect(kiosk.page.locator("#tender")).to_contain_text("You got this back.")
    expect(tablet.locator("h1")).to_have_text("Paid out", timeout=WAIT_MS)
    kiosk.done()


def _pay_by_card(kiosk: Kiosk, bench: Bench) -> None:
    kiosk.pay()
    bench.card("approve")
    kiosk.shows("paid")


def _sign_in(tablet: Page, shop: EmmaProcess) -> None:
    pin = re.search(r"staff PIN is (\d+)", shop.said())
    assert pin is not None
    tablet.locator("input[name=pin]").fill(pin[1])
    tablet.locator("main button[type=submit]").first.click()
    expect(tablet.locator("#now")).to_be_visible()


def _a_gift_card(shop: EmmaProcess, amount_minor: int) -> str:
    """Sold for cash at the staffed till, by a second box on the same books; gives its code."""

    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("head office is not asked", request=request)

    settings = load_settings(Path(shop.home.parent / "store.toml"), home=shop.home)
    box = Box(settings, head_office=HeadOffice("http://away.test", "key", httpx.MockTransport(away)))
    try:
        [code] = box.till.gift_cards.print_blank(1, Clerk("clerk-1", frozenset({"cash"})))
        box.till.gift_cards.sell("2", code, amount_minor)
        box.pay_desk.pay_cash("2", amount_minor)
        box.till.cancel("2")
        return code
    finally:
        box.stop()
