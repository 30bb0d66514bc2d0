"""What goes wrong between people, screens and boxes: two taps, a reload, a power cut, head office away."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from store_edge.demo import load_assortment
from tests.browser.chromium import Screens
from tests.browser.counter import Bench, Kiosk, Phone
from tests.browser.processes import EmmaProcess
from tests.stories.conftest import Town, open_head_office, open_shop

pytestmark = pytest.mark.browser

PASTA = next(article for article in load_assortment() if article.gtin == "9521234105015")
READ_S_MAX = 5.0
RECOVERS_MS = 60_000


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    head_office = open_head_office(folder)
    shop = open_shop(folder, head_office=head_office)
    yield Town(shop, head_office)
    shop.stop()
    head_office.stop()


@pytest.fixture
def kiosk(town: Town, screens: Screens) -> Kiosk:
    return Kiosk(screens.page("about:blank", language="de"), town.shop.address)


@pytest.fixture
def bench(town: Town, screens: Screens) -> Bench:
    return Bench(screens.page("about:blank"), town.shop.address)


def test_two_taps_and_two_screens_pay_once(town: Town, kiosk: Kiosk, bench: Bench, screens: Screens) -> None:
    before = _happened(town.shop)
    other = Kiosk(screens.page("about:blank", language="de"), town.shop.address)
    bench.scan(PASTA.gtin)
    kiosk.has_line(PASTA.name.de)
    other.has_line(PASTA.name.de)
    kiosk.page.locator("#pay-now").dblclick(no_wait_after=True)
    other.page.evaluate("document.querySelector('#pay-now')?.click()")  # unless it has heard of it already
    for screen in (kiosk, other):
        screen.shows("paying")
    kiosk.page.reload()
    kiosk.shows("paying")
    expect(kiosk.page.locator(".tender__amount")).to_contain_text(f"{PASTA.price_minor // 100}")
    bench.card("approve")
    for screen in (kiosk, other):
        screen.shows("paid")
    after = _happened(town.shop)
    for kind in ("PaymentAsked", "PaymentSent", "PaymentTaken", "SaleCompleted"):
        assert after.count(kind) - before.count(kind) == 1, kind
    kiosk.done()
    other.shows("attract")


def test_a_declined_card_leaves_the_basket_as_it_was(kiosk: Kiosk, bench: Bench) -> None:
    bench.scan(PASTA.gtin)
    kiosk.has_line(PASTA.name.de)
    kiosk.pay()
    bench.card("decline")
    kiosk.shows("open")
    expect(kiosk.page.locator(".caught")).to_be_visible()
    kiosk.owes(PASTA.price_minor)
    kiosk.cancel()


def test_head_office_goes_away_and_comes_back(
    town: Town, kiosk: Kiosk, bench: Bench, screens: Screens
) -> None:
    assert town.head_office is not None
    phone = Phone(screens.page("about:blank", width=400), town.accounts)
    phone.make_account("Mina", "history", "personalisation")
    code = phone.code()
    screens.expect_the_box_to_go()
    town.head_office.kill()
    bench.scan(PASTA.gtin)
    kiosk.has_line(PASTA.name.de)
    kiosk.speak("en")
    bench.show_photo(code)
    panel = kiosk.page.locator("#panel")
    expect(panel).to_contain_text("We cannot look you up just now.", timeout=RECOVERS_MS)
    bench.take_away()
    kiosk.pay()
    bench.card("approve")
    kiosk.shows("paid")
    kiosk.done()
    town.head_office.start()
    visit = phone.newest_visit(f"€{PASTA.price_minor / 100:.2f}")
    expect(visit).to_contain_text(PASTA.name.en)


def test_a_power_cut_is_over_when_the_box_is_back(town: Town, kiosk: Kiosk, screens: Screens) -> None:
    kiosk.start()
    kiosk.type_in(PASTA.gtin)
    kiosk.has_line(PASTA.name.de)
    screens.expect_the_box_to_go()
    town.shop.kill()
    body, trouble = kiosk.page.locator("body"), kiosk.page.locator("#trouble")
    expect(body).to_have_attribute("data-connection", "lost", timeout=RECOVERS_MS)
    expect(trouble).to_contain_text("Die Kasse ist gerade nicht zu erreichen.")
    kiosk.has_line(PASTA.name.de)  # what was there stays in sight
    town.shop.start()
    expect(body).to_have_attribute("data-connection", "ok", timeout=RECOVERS_MS)
    expect(trouble).to_be_hidden()
    Bench(screens.page("about:blank"), town.shop.address).scan(PASTA.gtin)
    expect(kiosk.line(PASTA.name.de)).to_have_count(1)
    kiosk.owes(2 * PASTA.price_minor)
    kiosk.cancel()


def _happened(shop: EmmaProcess) -> list[str]:
    """The names of everything in the shop's journal, oldest first."""
    books = sqlite3.connect(f"file:{shop.home / 'store.db'}?mode=ro", uri=True, timeout=READ_S_MAX)
    try:
        return [kind for (kind,) in books.execute("SELECT type FROM journal ORDER BY number")]
    finally:
        books.close()
