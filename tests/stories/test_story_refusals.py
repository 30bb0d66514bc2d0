"""What the till cannot take: a sentence in the shopper's language, and nothing changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from biip.checksums import gs1_standard_check_digit

from central.tokens import open_signer
from store_edge.demo import load_assortment, weight_label
from tests.browser.chromium import Screens
from tests.browser.counter import Bench, Kiosk, Phone, code_in
from tests.browser.processes import EmmaProcess
from tests.stories.conftest import open_shop

pytestmark = pytest.mark.browser

ARTICLES = load_assortment()
PASTA = next(article for article in ARTICLES if article.gtin == "9521234105015")
LOOSE = next(article for article in ARTICLES if article.unit == "kg")
HOUR_S = 3600


@dataclass
class Counter:
    """A lane with one thing in the basket, the hands at it, and a customer with a phone."""

    shop: EmmaProcess
    kiosk: Kiosk
    bench: Bench
    phone: Phone


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmmaProcess]:
    opened = open_shop(tmp_path_factory.mktemp("shop"))
    yield opened
    opened.stop()


@pytest.fixture
def counter(shop: EmmaProcess, screens: Screens) -> Counter:
    address = shop.address
    kiosk = Kiosk(screens.page("about:blank", language="de"), address)
    bench = Bench(screens.page("about:blank"), address)
    bench.take("groceries", PASTA.gtin)
    bench.scan_it()
    kiosk.has_line(PASTA.name.de)
    phone = Phone(screens.page("about:blank", width=400), address)
    phone.be_erika()
    return Counter(shop, kiosk, bench, phone)


def test_each_refusal_is_a_sentence_and_changes_nothing(counter: Counter) -> None:
    for show, german, english in REFUSALS:
        show(counter)
        counter.kiosk.says(german)
        counter.kiosk.speak("en")
        counter.kiosk.says(english)
        counter.kiosk.owes(PASTA.price_minor)
        assert counter.kiosk.page.locator("#roll-lines li").count() == 1
        assert counter.kiosk.page.locator("#panel .person").count() == 0
        counter.bench.take_away()
        counter.bench.lift_everything()
        counter.kiosk.speak("de")
    counter.kiosk.cancel()


def test_a_code_works_once(counter: Counter) -> None:
    code = code_in(counter.phone.code())
    counter.bench.scan(code)
    panel = counter.kiosk.page.locator("#panel")
    panel.get_by_text("Schön, Sie zu sehen, Erika.").wait_for()
    counter.kiosk.cancel()
    counter.bench.scan(PASTA.gtin)
    counter.kiosk.has_line(PASTA.name.de)
    counter.bench.scan(code)
    counter.kiosk.says("Dieser Code wurde schon benutzt.")
    assert panel.locator(".person").count() == 0
    counter.kiosk.speak("en")
    counter.kiosk.says("This code was used before.")
    counter.kiosk.owes(PASTA.price_minor)
    counter.kiosk.cancel()


# What is held before it


def _unknown_code(counter: Counter) -> None:
    counter.bench.scan("4006381333931")


def _no_code_of_a_shop(counter: Counter) -> None:
    counter.kiosk.wedge("HELLO-THERE")


def _smudged_photo(counter: Counter) -> None:
    """Bars that never were a code: only the eye takes them for one."""
    bars = np.random.default_rng(7).choice(np.array([0, 255], np.uint8), 120)
    picture = np.full((480, 640), 255, np.uint8)
    picture[120:360, 80:560] = np.repeat(bars, 4)
    counter.bench.show_photo(cv2.imencode(".png", picture)[1].tobytes())


def _damaged_label(counter: Counter) -> None:
    """The weight of one label in another one's: the check digit behind it is right, the one inside is not."""
    light, heavy = weight_label(LOOSE, 200), weight_label(LOOSE, 1300)
    mixed = heavy[:7] + light[7:12]
    counter.bench.scan(f"{mixed}{gs1_standard_check_digit(mixed)}")


def _foreign_tag(counter: Counter) -> None:
    counter.bench.lay_a_foreign_tag()


def _expired_code(counter: Counter) -> None:
    """Rightly signed by this head office, but it ended an hour ago."""
    signer = open_signer(counter.shop.home / "head-office")
    counter.bench.scan(signer.sign("0" * 32, int(time.time()) - HOUR_S))


def _forged_code(counter: Counter) -> None:
    code = code_in(counter.phone.code())
    at = len(code) - 40
    counter.bench.scan(code[:at] + ("A" if code[at] != "A" else "B") + code[at + 1 :])


REFUSALS: list[tuple[Callable[[Counter], None], str, str]] = [
    (_unknown_code, "Diesen Artikel kennen wir noch nicht.", "We do not know this article yet."),
    (_no_code_of_a_shop, "Das haben wir nicht erkannt.", "We did not catch that."),
    (_damaged_label, "ein lesbares Etikett", "This needs a readable label from the scale."),
    (_smudged_photo, "Das haben wir nicht erkannt.", "We did not catch that."),
    (_foreign_tag, "Eines der Etiketten ist nicht von uns.", "One of the tags is not from this shop."),
    (_expired_code, "abgelaufen", "This code has run out."),
    (_forged_code, "gilt hier nicht", "This code is not valid here."),
]
