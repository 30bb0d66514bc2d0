"""What people do: at the kiosk, at the device bench, and with a phone in their hand, by the screens alone."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Error, Locator, Page, Response, expect

from store_edge.vision.codes import read_codes
from tests.browser.chromium import LOOK_MS, WAIT_MS

RELOAD_EVERY_MS = 500
RELOADS_MAX = 60
PICTURES_MAX = 40
KEY_EVERY_S = 0.002
"""A scanner that types is faster than any hand."""


def picture_of(part: Locator) -> bytes:
    """A screenshot of a part of a page; where the part is drawn anew meanwhile, of the new one."""
    for _ in range(PICTURES_MAX - 1):
        try:
            return part.screenshot(caret="initial")
        except Error as error:
            if "not attached" not in str(error):
                raise
            part.page.wait_for_timeout(LOOK_MS)
    return part.screenshot(caret="initial")


def code_in(picture: bytes) -> str:
    """The one code in a screenshot, as a camera would read it."""
    image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    found = read_codes(np.asarray(image, np.uint8))
    assert len(found) == 1, f"one code was expected, not {len(found)}"
    return found[0].text


class Kiosk:
    """A lane's screen."""

    def __init__(self, page: Page, address: str, lane: str = "1") -> None:
        self.page = page
        self.lane = lane
        page.goto(f"{address}/kiosk/{lane}")
        self.listening()

    def listening(self) -> None:
        """The page hears what happens on its lane."""
        expect(self.page.locator("body")).to_have_attribute("data-connection", "ok", timeout=2 * WAIT_MS)

    def start(self) -> None:
        self.page.locator("#start").click()
        self.shows("open")

    def shows(self, screen: str) -> None:
        """Which screen it is: attract, open, paying or paid."""
        expect(self.page.locator("#screen")).to_have_attribute("data-screen", screen, timeout=WAIT_MS)

    def line(self, name: str) -> Locator:
        """The line with this article that counts."""
        return self.page.locator("#roll-lines li:not(.roll__line--void)", has_text=name)

    def has_line(self, name: str, *said: str) -> None:
        line = self.line(name)
        expect(line).to_have_count(1, timeout=WAIT_MS)
        for words in said:
            expect(line).to_contain_text(words, timeout=WAIT_MS)

    def owes(self, amount_minor: int) -> None:
        expect(self.page.locator("#total")).to_have_attribute(
            "data-total-minor", str(amount_minor), timeout=WAIT_MS
        )

    def says(self, *words: str) -> None:
        """What was refused, in words."""
        for some in words:
            expect(self.page.locator("#screen .caught, #screen .notice--look").first).to_contain_text(
                some, timeout=WAIT_MS
            )

    def speak(self, language: str) -> None:
        self.page.locator(f"#speak-{language}").click()
        expect(self.page.locator(f"#speak-{language}")).to_have_attribute("aria-current", "true")

    def type_in(self, digits: str) -> None:
        """By the number under the bars, with a finger."""
        self.page.locator("#open-typing").click()
        for digit in digits:
            self.page.locator(f"[data-digit='{digit}']").click()
        self.page.locator("#typed-now").click()
        expect(self.page.locator("#typing")).not_to_be_visible()

    def wedge(self, code: str) -> None:
        """A scanner that is a keyboard: keys in its own rhythm, ended by Enter."""
        session = self.page.context.new_cdp_session(self.page)
        at_s = self.page.evaluate("Date.now() / 1000")
        for number, key in enumerate([*code, "Enter"]):
            text = "\r" if key == "Enter" else key
            facts = {"key": key, "timestamp": at_s + number * KEY_EVERY_S}
            session.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": text, **facts})
            session.send("Input.dispatchKeyEvent", {"type": "keyUp", **facts})
        session.detach()

    def one_more(self, name: str) -> None:
        self.line(name).locator("[id^=more-]").click()

    def take_off(self, name: str) -> None:
        self.line(name).locator("[id^=off-]").click()

    def pay(self) -> None:
        self.page.locator("#pay-now").click()
        self.shows("paying")

    def cancel(self) -> None:
        """Give the basket up."""
        self.page.locator("#open-more").click()
        self.page.locator("#open-sure").click()
        self.page.locator("#cancel-now").click()
        self.shows("attract")

    def receipt_address(self) -> str:
        """What a phone's camera reads off the last screen."""
        self.shows("paid")
        return code_in(picture_of(self.page.locator(".qr__frame")))

    def done(self) -> None:
        self.page.locator("#done-now").click()
        self.shows("attract")


class Bench:
    """The hands of a person without hardware, on one lane's toy counter."""

    def __init__(self, page: Page, address: str, lane: str = "1") -> None:
        self.page = page
        self.lane = lane
        page.goto(f"{address}/bench/{lane}")
        for kind in ("scanner", "camera", "rfid", "terminal", "printer"):
            expect(page.locator(f"#toy-{kind} .pill--well")).to_be_visible(timeout=2 * WAIT_MS)

    def scan(self, text: str) -> None:
        """Hold any code before the scanner."""
        self.page.locator("#text").fill(text)
        self._do("scan", "#show-scan")

    def put_before_camera(self, text: str) -> None:
        self.page.locator("#text").fill(text)
        self._do("see", "#show-see")

    def show_photo(self, photo: Path | bytes) -> None:
        """Put a photo before the camera: a file, or a picture just taken."""
        taken = photo.read_bytes() if isinstance(photo, Path) else photo
        name = photo.name if isinstance(photo, Path) else "photo.png"
        self.page.locator("#photo").set_input_files({"name": name, "mimeType": "image/*", "buffer": taken})
        self._do("photo", "#show-photo")

    def take_away(self) -> None:
        """Clear what lies before the camera."""
        self._do("clear", "#clear-")

    def take(self, department: str, gtin: str) -> None:
        """Take something from the shelf into the hand."""
        self.page.locator(f"#department-{department}").click()
        self.page.locator(f"#good-{gtin}").click()
        expect(self.page.locator(f"#hand input[value='{gtin}']").first).to_be_attached()

    def scan_it(self) -> None:
        self._do("scan", "#hand-scan")

    def lay_it_down(self) -> None:
        self._do("lay", "#hand-lay")

    def lay_a_foreign_tag(self) -> None:
        """Something from another shop."""
        self._do("stray", "#stray-")

    def weigh_it(self, weight_g: int) -> str:
        """Weigh what is in the hand; gives the label's digits."""
        self.page.locator("#weight_g").fill(str(weight_g))
        self.page.locator("#hand-weigh").click()
        return self.page.locator(".label__digits").inner_text()

    def lift_everything(self) -> None:
        pieces = self.page.locator("[id^=lift-]")
        while pieces.count():
            piece = f"#{pieces.first.get_attribute('id')}"
            self._do("lift", piece)
            expect(self.page.locator(piece)).to_have_count(0)  # the answer comes before it is drawn

    def card(self, kind: str) -> None:
        """Put a card into the terminal as soon as it asks for one: approve, decline, silent, mute."""
        expect(self.page.locator(f"#card-{kind}")).to_be_visible(timeout=WAIT_MS)
        self._do("card", f"#card-{kind}")

    def pull_plug(self, device: str) -> None:
        self._do("unplug", f"#unplug-{device}")

    def put_plug(self, device: str) -> None:
        self._do("plug", f"#plug-{device}")

    def bank_app(self, off: str = "") -> None:
        """Scan the code on the till's screen and pay what it says, or a euro "less" or "more"."""
        expect(self.page.locator(f"#transfer-{off}")).to_be_visible(timeout=WAIT_MS)
        self._do("transfer", f"#transfer-{off}")

    def saved_card(self) -> None:
        """The phone says: with the card that I left with you."""
        self._do("saved-card", "#saved-card-")

    def charge(self, fate: str) -> None:
        """Let the bank of that card answer: approve, decline, silent."""
        expect(self.page.locator(f"#charge-{fate}")).to_be_visible(timeout=WAIT_MS)
        self._do("charge", f"#charge-{fate}")

    def paper(self) -> Locator:
        """The last paper out of the printer."""
        return self.page.locator("#toy-printer .paper")

    def _do(self, act: str, button: str) -> None:
        def answered(response: Response) -> bool:
            return response.request.method == "POST" and response.url.endswith(f"/bench/{self.lane}/{act}")

        with self.page.expect_response(answered) as answer:
            self.page.locator(button).click()
        assert answer.value.ok, self.page.locator("#said").inner_text()


class Phone:
    """The customer's phone on their account page."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self._address = address
        page.goto(f"{address}/account")

    def be_erika(self) -> None:
        """The demo shop's customer."""
        self.page.locator("form[action$='/account/demo'] button").click()
        expect(self.page.locator("#switches")).to_be_visible()

    def make_account(self, nickname: str, *consents: str) -> None:
        self.page.locator("#nickname").fill(nickname)
        for consent in consents:
            self.page.locator(f"#{consent}").check()
        self.page.locator("form[action$='/account/make'] button[type=submit]").click()
        self.page.locator("form[action$='/account/kept'] button").click()
        expect(self.page.locator("#switches")).to_be_visible()

    def code(self) -> bytes:
        """A picture of the one-time code for the shop."""
        self.page.goto(f"{self._address}/account/code")
        expect(self.page.locator(".qr__frame")).to_be_visible()
        return picture_of(self.page.locator(".qr__frame"))

    def newest_visit(self, says: str) -> Locator:
        """The first entry of the timeline, once it says so; the letter is opened again until then."""
        newest = self.page.locator(".timeline__entry").first
        for _ in range(RELOADS_MAX):
            self.page.goto(f"{self._address}/account")
            if newest.count() and says in newest.inner_text():
                return newest
            self.page.wait_for_timeout(RELOAD_EVERY_MS)
        raise AssertionError(f"the letter never said {says!r}")
