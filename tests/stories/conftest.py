"""One shop for all stories of a module: real processes, real sockets, a real browser, a retailer's list.

The photos are of goods that the demo shop does not stock. So the stories do what a retailer does: they put
these articles on a price list of their own and name it in `store.toml`.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from checkout.gs1 import short_gtin
from tests.browser.chromium import Screens, open_chromium
from tests.browser.counter import Bench
from tests.browser.processes import EmmaProcess, make_key, two_free_ports

ROOT = Path(__file__).resolve().parents[2]
PHOTOS = Path(os.environ.get("EMMA_SHARED") or ROOT / ".." / "shared") / "data" / "barcodes"


@dataclass(frozen=True)
class Photographed:
    """Goods of which there is a photo: `price` in euros as the list has it, the number under the bars."""

    file: str
    number: str
    de: str
    en: str
    price_minor: int

    @property
    def price(self) -> str:
        return f"{self.price_minor / 100:.2f}"

    @property
    def gtin(self) -> str:
        return short_gtin(self.number)

    def show(self, bench: Bench) -> None:
        """Put the photo before the camera; where it is not at hand, a drawn label with the same number."""
        photo = PHOTOS / self.file
        if photo.exists():
            bench.show_photo(photo)
        else:
            bench.put_before_camera(self.number)


SOUP = Photographed("upca-2__14.png", "051000000675", "Suppe aus der Dose", "Tinned soup", 189)
BOOK = Photographed("ean13-2__01.png", "9780804816632", "Reiseführer", "Travel guide", 1290)

PRICE_LIST = "\n".join(
    [
        'department = "photographed"',
        "[shelf.photographed]",
        'vat = "reduced"',
        'picture = "can"',
        'tint = "#9E1B15"',
        "articles = [",
        *(
            f'{{ gtin = "{one.number}", de = "{one.de}", en = "{one.en}", price = {one.price} }},'
            for one in (SOUP, BOOK)
        ),
        "]",
    ]
)


@dataclass
class Town:
    """A shop, and where its customers' accounts are."""

    shop: EmmaProcess
    head_office: EmmaProcess | None = None

    @property
    def accounts(self) -> str:
        """The address under which a customer finds their account."""
        return (self.head_office or self.shop).address


def open_shop(folder: Path, *, settings: str = "", head_office: EmmaProcess | None = None) -> EmmaProcess:
    """`emma run` with the retailer's list; with `head_office` the store speaks to that process."""
    articles, store, key_file = folder / "articles.toml", folder / "store.toml", folder / "store.key"
    articles.write_text(PRICE_LIST, encoding="utf-8")
    lines = [f'price_list = "{articles}"', settings]
    if head_office is not None:
        key_file.write_text(make_key(head_office.home, "demo"), encoding="ascii")
        lines += ["[head_office]", f'url = "{head_office.address}"', f'key_file = "{key_file}"']
    store.write_text("\n".join(lines), encoding="utf-8")
    return EmmaProcess("run", folder / "store", two_free_ports(), "--store", str(store)).start()


def open_head_office(folder: Path) -> EmmaProcess:
    """`emma central`, with the demo shop's customer."""
    return EmmaProcess("central", folder / "centre", two_free_ports(), "--demo").start()


@pytest.fixture(scope="session")
def photos() -> None:
    """Says what the photos are: the list beside them must agree with ours."""
    labels = PHOTOS / "labels.csv"
    if labels.exists():
        with labels.open(encoding="utf-8", newline="") as lines:
            numbers = {row["file"]: row["text"] for row in csv.DictReader(lines)}
        assert {one.gtin for one in (SOUP, BOOK)} == {short_gtin(numbers[one.file]) for one in (SOUP, BOOK)}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_chromium() as opened:
        yield opened


@pytest.fixture
def screens(browser: Browser) -> Iterator[Screens]:
    opened = Screens(browser)
    yield opened
    opened.close()
