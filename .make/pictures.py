"""Draw the README's pictures out of the running shop: `make pictures`.

Opens a demo shop of its own, shops in it as the stories do, and photographs every screen in both languages,
by day and by night. A few become files of their own in `.pictures`; all of them are on the contact sheet.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from store_edge.demo import load_assortment, weight_label  # noqa: E402
from tests.browser.chromium import Screens, open_chromium  # noqa: E402
from tests.browser.counter import Bench, Kiosk, Phone  # noqa: E402
from tests.browser.processes import EmmaProcess, two_free_ports  # noqa: E402

FOLDER = ROOT / ".pictures"
ALONE = {
    "kiosk-en-light": "kiosk",
    "bench-en-light": "bench",
    "account-en-light": "account",
    "tablet-en-light": "tablet",
    "receipt-en-light": "receipt",
    "kiosk-de-dark": "kiosk-dark",
    "phone-en-light": "phone",
}
COLOURS = 96
FILE_BYTES_MAX = 150_000
SHEET_COLUMNS = 4
KIOSK_WIDTH, KIOSK_HEIGHT = 1600, 1000
THUMB_WIDTH, THUMB_HEIGHT = 288, 216
BASKET = ("9521234105015", "9521234102168", "9521234106135")
SHIRT = "9521234301110"
CHOCOLATE = "9521234104018"
LANGUAGES = ("en", "de")
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

Shots = dict[str, Image.Image]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        shop = EmmaProcess("run", Path(folder) / "shop", two_free_ports()).start()
        try:
            with open_chromium() as browser:
                screens = Screens(browser)
                shots = _walk(shop, screens)
                screens.close()
        finally:
            shop.stop()
    FOLDER.mkdir(exist_ok=True)
    for shot, name in ALONE.items():
        _keep(shots[shot], name)
    _keep(_sheet(shots), "contact-sheet")
    return 0


def _walk(shop: EmmaProcess, screens: Screens) -> Shots:
    """One purchase, photographed wherever there is something to see."""
    shots: Shots = {}
    people = {language: screens.person(language) for language in LANGUAGES}
    kiosk = Kiosk(screens.page("about:blank", width=KIOSK_WIDTH, height=KIOSK_HEIGHT), shop.address)
    bench = Bench(people["en"].new_page(), shop.address)
    phone = Phone(screens.page("about:blank", width=720, height=1000), shop.address)
    phone.be_erika()
    _snap(shots, "attract-de", kiosk.page)
    _fill(kiosk, bench, phone)
    for language in LANGUAGES:
        kiosk.speak(language)
        _snap(shots, f"kiosk-{language}", kiosk.page)
    kiosk.page.locator("#help-now").click()
    kiosk.speak("en")
    for language, person in people.items():
        _rooms(shots, shop, language, person)
    kiosk.pay()
    expect(bench.page.locator("#card-approve")).to_be_visible()
    _snap(shots, "paying-en", kiosk.page)
    bench.card("approve")
    kiosk.shows("paid")
    expect(kiosk.page.locator("#paper")).to_contain_text("lies in the tray")
    _snap(shots, "paid-en", kiosk.page)
    receipt = kiosk.receipt_address()
    phone.newest_visit("€")
    for language in LANGUAGES:
        page = screens.page(f"{receipt}?lang={language}", language, width=480, height=900)
        _snap(shots, f"receipt-{language}", page)
        letter = screens.page("about:blank", language, width=720, height=1000)
        Phone(letter, shop.address).be_erika()
        _snap(shots, f"account-{language}", letter)
        letter.goto(f"{shop.address}/account/code")
        expect(letter.locator(".qr__frame")).to_be_visible()
        _snap(shots, f"code-{language}", letter)
        _snap(shots, f"phone-{language}", _own_phone(shop, screens, language))
    return shots


def _own_phone(shop: EmmaProcess, screens: Screens, language: str) -> Page:
    """A shopper's own phone with something in its basket."""
    page = screens.page(f"{shop.address}/phone", language, width=390, height=844)
    page.locator("#begin").click()
    for gtin in (*BASKET[:2], CHOCOLATE):
        page.locator("#code").fill(gtin)
        page.locator("#add").click()
        expect(page.locator("#code")).to_have_value("")
    expect(page.locator("#roll-lines .roll__line")).to_have_count(3)
    return page


def _fill(kiosk: Kiosk, bench: Bench, phone: Phone) -> None:
    kiosk.start()
    kiosk.speak("en")
    articles = {article.gtin: article for article in load_assortment()}
    for gtin in BASKET:
        bench.scan(gtin)
        kiosk.has_line(articles[gtin].name.en)
    loose = next(article for article in articles.values() if article.unit == "kg")
    bench.scan(weight_label(loose, 735))
    kiosk.has_line(loose.name.en)
    bench.take("fashion", SHIRT)
    bench.lay_it_down()
    kiosk.has_line(articles[SHIRT].name.en)
    bench.show_photo(phone.code())
    expect(kiosk.page.locator("#panel .price-card")).to_be_visible()


def _rooms(shots: Shots, shop: EmmaProcess, language: str, person: BrowserContext) -> None:
    """The front page, the bench with something in the hand, and the staff's tablet."""
    page = person.new_page()
    page.goto(shop.address)
    _snap(shots, f"front-{language}", page)
    page.goto(f"{shop.address}/bench/1?hand={BASKET[0]}")
    page.set_viewport_size({"width": 1440, "height": 1000})
    _snap(shots, f"bench-{language}", page)
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(f"{shop.address}/tablet")
    pin = re.search(r"staff PIN is (\d+)", shop.said())
    assert pin is not None
    page.locator("input[name=pin]").fill(pin[1])
    page.locator("main button[type=submit]").first.click()
    expect(page.locator(".tasks")).to_be_visible()
    _snap(shots, f"tablet-{language}", page)
    page.close()


def _snap(shots: Shots, name: str, page: Page) -> None:
    page.evaluate("() => document.fonts.ready")
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        picture = Image.open(io.BytesIO(page.screenshot(caret="initial")))
        shots[f"{name}-{theme}"] = picture.convert("RGB")


def _sheet(shots: Shots) -> Image.Image:
    """All pictures small, in rows."""
    rows = -(-len(shots) // SHEET_COLUMNS)
    sheet = Image.new("RGB", (SHEET_COLUMNS * THUMB_WIDTH, rows * THUMB_HEIGHT), "#808080")
    for number, name in enumerate(sorted(shots)):
        small = shots[name].copy()
        small.thumbnail((THUMB_WIDTH - 8, THUMB_HEIGHT - 8))
        row, column = divmod(number, SHEET_COLUMNS)
        sheet.paste(small, (column * THUMB_WIDTH + 4, row * THUMB_HEIGHT + 4))
    return sheet


def _keep(picture: Image.Image, name: str) -> None:
    """Few colours, small files; halved until it is small enough."""
    colours = COLOURS
    while True:
        buffer = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
        if buffer.tell() <= FILE_BYTES_MAX or colours <= 8:
            break
        colours //= 2
    (FOLDER / f"{name}.png").write_bytes(buffer.getvalue())
    print(f"pictures: {name}.png, {len(buffer.getvalue()) // 1000} kB, {colours} colours")


if __name__ == "__main__":
    raise SystemExit(main())
