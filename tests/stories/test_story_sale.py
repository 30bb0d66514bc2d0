"""The whole sale, from real photos to the customer's timeline, with head office inside and as a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from checkout.money import percent_of
from store_edge.demo import load_assortment
from tests.browser.chromium import WAIT_MS, Screens
from tests.browser.counter import Bench, Kiosk, Phone
from tests.stories.conftest import BOOK, SOUP, Town, open_head_office, open_shop

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("photos")]

GOODS = {article.gtin: article for article in load_assortment()}
PASTA, EGGS, OIL = GOODS["9521234105015"], GOODS["9521234102168"], GOODS["9521234106135"]
SHIRT_M = GOODS["9521234301110"]
OFFER_PERCENT = 10


@pytest.fixture(scope="module", params=["head office in the same process", "head office as a second process"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    head_office = open_head_office(folder) if "second" in request.param else None
    shop = open_shop(folder, head_office=head_office)
    yield Town(shop, head_office)
    shop.stop()
    if head_office is not None:
        head_office.stop()


def test_a_known_customer_shops_and_finds_it_in_her_letter(town: Town, screens: Screens) -> None:
    kiosk = Kiosk(screens.page("about:blank"), town.shop.address)
    bench = Bench(screens.page("about:blank"), town.shop.address)
    phone = Phone(screens.page("about:blank", width=400), town.accounts)
    kiosk.start()
    kiosk.speak("en")
    owed_minor = _fill_the_basket(kiosk, bench)
    owed_minor += _be_recognised(kiosk, bench, phone)
    owed_minor += _lay_shirts_on_the_tray(kiosk, bench)
    kiosk.owes(owed_minor)
    kiosk.pay()
    bench.card("approve")
    kiosk.shows("paid")
    expect(kiosk.page.locator("#paper")).to_contain_text("lies in the tray", timeout=WAIT_MS)
    _same_sum_on_paper_and_phone(kiosk, bench, screens, owed_minor)
    visit = phone.newest_visit(_euros(owed_minor))
    expect(visit).to_contain_text(PASTA.name.en)
    expect(visit).not_to_contain_text(OIL.name.en)
    kiosk.done()
    bench.lift_everything()


def test_a_stranger_shops_and_nobody_asks_who(town: Town, screens: Screens) -> None:
    kiosk = Kiosk(screens.page("about:blank"), town.shop.address)
    bench = Bench(screens.page("about:blank"), town.shop.address)
    bench.take("groceries", PASTA.gtin)
    bench.scan_it()  # the first code opens the basket
    kiosk.has_line(PASTA.name.de)
    expect(kiosk.page.locator("#panel .person")).to_have_count(0)
    kiosk.pay()
    bench.card("approve")
    kiosk.shows("paid")
    kiosk.done()


def _fill_the_basket(kiosk: Kiosk, bench: Bench) -> int:
    """By serial scanner, camera, a scanner that types, and a finger; one more pasta, and no oil after all."""
    bench.take("groceries", PASTA.gtin)
    bench.scan_it()
    kiosk.has_line(PASTA.name.en)
    for photographed in (SOUP, BOOK):
        photographed.show(bench)
        kiosk.has_line(photographed.en)
    bench.take_away()
    kiosk.wedge(EGGS.gtin)
    kiosk.has_line(EGGS.name.en)
    kiosk.type_in(OIL.gtin)
    kiosk.has_line(OIL.name.en)
    kiosk.one_more(PASTA.name.en)
    kiosk.has_line(PASTA.name.en, f"2 × {_euros(PASTA.price_minor)}")
    kiosk.take_off(OIL.name.en)
    expect(kiosk.line(OIL.name.en)).to_have_count(0)
    owed_minor = 2 * PASTA.price_minor + SOUP.price_minor + BOOK.price_minor + EGGS.price_minor
    kiosk.owes(owed_minor)
    return owed_minor


def _be_recognised(kiosk: Kiosk, bench: Bench, phone: Phone) -> int:
    """Hold the phone before the camera; then take the offer. Gives what that costs."""
    phone.be_erika()
    bench.show_photo(phone.code())
    panel = kiosk.page.locator("#panel")
    expect(panel).to_contain_text("Good to see you, Erika.", timeout=WAIT_MS)
    bench.take_away()
    expect(panel).to_contain_text("You usually take these home:")
    expect(panel.locator(".price-card__reason")).to_contain_text("Because you like to buy this")
    offered = panel.locator(".price-card__name").inner_text()
    article = next(article for article in GOODS.values() if article.name.en == offered)
    panel.locator(f"#usual-{article.gtin}").click()
    kiosk.has_line(offered, "You save", "Because you like to buy this")
    return article.price_minor - percent_of(article.price_minor, OFFER_PERCENT)


def _lay_shirts_on_the_tray(kiosk: Kiosk, bench: Bench) -> int:
    bench.take("fashion", SHIRT_M.gtin)
    for _ in range(2):
        bench.lay_it_down()
    expect(kiosk.line(SHIRT_M.name.en)).to_have_count(2, timeout=WAIT_MS)
    return 2 * SHIRT_M.price_minor


def _same_sum_on_paper_and_phone(kiosk: Kiosk, bench: Bench, screens: Screens, owed_minor: int) -> None:
    expect(bench.paper()).to_contain_text(f"{owed_minor / 100:.2f}", timeout=WAIT_MS)
    receipt = screens.page(kiosk.receipt_address(), width=400)
    expect(receipt.locator(".slip__paper")).to_contain_text(BOOK.en)
    expect(receipt.locator(".roll__total")).to_contain_text(f"{owed_minor / 100:.2f} euros")


def _euros(amount_minor: int) -> str:
    """As English screens write it."""
    return f"€{amount_minor / 100:.2f}"
