"""What only a browser can show: the keyboard scanner, request keys, focus, sizes, narrow and zoomed pages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask, render_template_string, request
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright

from tests.browser.chromium import wait_until
from tests.kiosk_ui.sample_shop import BROWSER_FLAGS, chromium, make_app, served

pytestmark = pytest.mark.browser

WAIT_MS_MAX = 8_000
PAGE = """{% extends "base.html" %}{% import "macros.html" as shop %}
{% block surface %}kiosk{% endblock %}
{% block body %}
<form method="post" action="/scan" hx-post="/scan" hx-target="#part" hx-swap="outerHTML"
  data-wedge="code" data-once>
  <input type="hidden" name="code"></form>
<input id="typed" aria-label="typed">
<button id="press" type="button">press</button>
{% include "part.html" %}
{% endblock %}"""
PART = """<div id="part"><button id="again" type="submit" form="again-form">again</button>
<form id="again-form" method="post" action="/again" hx-post="/again" hx-target="#part" hx-swap="outerHTML"
  data-once>
</form><p id="heard" data-announce>{{ heard|join(" ") }}</p></div>"""


@dataclass
class Till:
    """Remembers what arrived, and answers with `status`."""

    heard: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    status: int = 200
    gate: threading.Event = field(default_factory=threading.Event)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=BROWSER_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def till() -> Till:
    return Till()


@pytest.fixture
def app(till: Till) -> Flask:
    app = make_app()
    app.secret_key = "only for this test"
    till.gate.set()

    @app.get("/try")
    def try_page() -> str:
        return render_template_string(PAGE.replace('{% include "part.html" %}', PART), heard=till.heard)

    @app.post("/scan")
    def scan() -> tuple[str, int]:
        till.gate.wait(5)
        till.keys.append(request.form["request_key"])
        till.heard.append(request.form["code"])
        return render_template_string(PART, heard=till.heard), till.status

    @app.post("/again")
    def again() -> tuple[str, int]:
        till.keys.append(request.form["request_key"])
        return render_template_string(PART, heard=["again"]), till.status

    return app


@pytest.fixture
def origin(app: Flask) -> Iterator[str]:
    with served(app) as origin:
        yield origin


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="de-DE")
    page.set_default_timeout(WAIT_MS_MAX)
    yield page
    page.close()


def open_try(page: Page, origin: str) -> None:
    page.goto(f"{origin}/try", wait_until="load")


def shoot(page: Page, code: str) -> None:
    """Type as a keyboard scanner does: all at once, then Enter."""
    page.evaluate(
        """code => { for (const key of [...code, "Enter"]) document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})) }""",
        code,
    )


def wait_until_heard(page: Page, text: str) -> None:
    expect(page.locator("#heard")).to_have_text(text, timeout=WAIT_MS_MAX)


def test_a_scanned_code_arrives_and_is_announced(page: Page, origin: str, till: Till) -> None:
    open_try(page, origin)
    page.focus("#press")
    shoot(page, "4006381333931")
    wait_until_heard(page, "4006381333931")
    assert till.heard == ["4006381333931"]
    expect(page.locator("#announcer")).to_have_text("4006381333931", timeout=WAIT_MS_MAX)


def test_codes_wait_their_turn_each_with_its_own_key(page: Page, origin: str, till: Till) -> None:
    open_try(page, origin)
    till.gate.clear()
    for code in ("11111111", "22222222", "33333333"):
        shoot(page, code)
    till.gate.set()
    wait_until_heard(page, "11111111 22222222 33333333")
    assert len(set(till.keys)) == 3
    assert all(len(key) == 36 for key in till.keys)


def test_too_many_waiting_codes_are_not_silent(page: Page, origin: str, till: Till) -> None:
    open_try(page, origin)
    till.gate.clear()
    page.evaluate("window.looks = 0; document.addEventListener('emma:look', () => window.looks++)")
    for number in range(20):
        shoot(page, f"{number:08d}")
    assert page.evaluate("window.looks") == 3  # one is on its way, 16 wait
    till.gate.set()
    wait_until_heard(page, " ".join(f"{number:08d}" for number in range(17)))


def test_fields_short_codes_and_slow_hands_are_left_alone(page: Page, origin: str, till: Till) -> None:
    open_try(page, origin)
    page.focus("#typed")
    shoot(page, "4006381333931")
    page.focus("#press")
    shoot(page, "123")
    for key in "12345":
        page.keyboard.press(key)
        page.wait_for_timeout(70)
    page.keyboard.press("Enter")
    shoot(page, "55555555")
    wait_until_heard(page, "55555555")
    assert till.heard == ["55555555"]


@pytest.mark.parametrize(("status", "renewed"), [(200, True), (409, True), (503, False)])
def test_a_key_is_kept_until_there_is_an_answer(
    page: Page, origin: str, till: Till, status: int, renewed: bool
) -> None:
    open_try(page, origin)
    till.status = status
    for _ in range(2):
        with page.expect_response("**/again"):
            page.click("#again")
        page.wait_for_timeout(100)
    assert (till.keys[0] != till.keys[1]) is renewed
    assert page.is_visible("#trouble") is not renewed


def test_trouble_is_said_and_unsaid(page: Page, origin: str, till: Till) -> None:
    open_try(page, origin)
    till.status = 503
    page.click("#again")
    page.wait_for_selector("#trouble:has-text('Die Kasse ist gerade nicht zu erreichen')")
    till.status = 200
    page.click("#again")
    page.wait_for_selector("#trouble", state="hidden")


def test_focus_stays_where_it_was(page: Page, origin: str) -> None:
    open_try(page, origin)
    page.focus("#again")
    with page.expect_response("**/again"):
        page.keyboard.press("Enter")
    wait_until_heard(page, "again")
    expect(page.locator("#again")).to_be_focused(timeout=WAIT_MS_MAX)


def test_a_theme_is_kept_and_a_new_visitor_starts_fresh(page: Page, origin: str) -> None:
    page.goto(f"{origin}/design")
    page.click("[data-theme-choice=dark]")
    page.goto(f"{origin}/design/tablet")
    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 32, 27)"
    page.goto(f"{origin}/design/attract")
    assert page.get_attribute("html", "data-theme") is None


def test_kiosk_sizes(page: Page, origin: str) -> None:
    page.goto(f"{origin}/design/kiosk")
    smallest = page.evaluate(
        """() => Math.min(...[...document.querySelectorAll("body *")]
            .filter(e => e.innerText && e.offsetParent && !e.closest(".visually-hidden, .skip"))
            .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
            .map(e => parseFloat(getComputedStyle(e).fontSize)))"""
    )
    assert smallest >= 24
    box = page.locator(".next").bounding_box()
    assert box is not None
    assert box["height"] >= 64
    assert box["y"] > 400
    heights = page.evaluate(
        "[...document.querySelectorAll('button, a')].filter(e => e.offsetParent && !e.matches('.skip'))"
        ".map(e => e.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44


def test_the_newest_line_can_be_seen(page: Page, origin: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 600})
    page.goto(f"{origin}/design/kiosk")
    wait_until(
        page,
        """() => { const line = document.querySelector(".roll__line--new").getBoundingClientRect();
            const roll = document.querySelector(".roll__lines").getBoundingClientRect();
            return line.bottom <= roll.bottom + 1 && line.top >= roll.top - 1 }""",
    )


@pytest.mark.parametrize("sample", ["attract", "kiosk", "pay", "account", "tablet", "bench", "front"])
def test_narrow_and_zoomed_pages_do_not_scroll_sideways(page: Page, origin: str, sample: str) -> None:
    problems: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        problems.append(message.text)

    def on_error(error: Error) -> None:
        problems.append(str(error))

    page.on("console", on_console)
    page.on("pageerror", on_error)
    for width in (320, 640):  # 640 is a screen of 1280 at 200 %
        page.set_viewport_size({"width": width, "height": 400})
        page.goto(f"{origin}/design/{sample}")
        for direction in ("ltr", "rtl"):
            page.evaluate("direction => { document.documentElement.dir = direction }", direction)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (width, direction)
    assert problems == []


def test_one_motion_and_none_when_asked(page: Page, origin: str) -> None:
    page.goto(f"{origin}/design/kiosk")
    duration = "getComputedStyle(document.querySelector('.roll__line--new')).animationDuration"
    assert page.evaluate(duration) == "0.16s"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(duration) in {"0s", "auto"}


def test_focus_is_visible(page: Page, origin: str) -> None:
    page.goto(f"{origin}/design/kiosk")
    for _ in range(12):
        page.keyboard.press("Tab")
        style = page.evaluate(
            "(s => [s.outlineStyle, parseFloat(s.outlineWidth)])(getComputedStyle(document.activeElement))"
        )
        assert style[0] == "solid"
        assert style[1] >= 3


def test_the_next_step_is_full_width_and_always_at_the_bottom(page: Page, origin: str) -> None:
    for width, height in ((1280, 800), (1080, 1920), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{origin}/design/kiosk")
        box = page.locator(".counter__next .next").bounding_box()
        assert box is not None
        assert box["width"] >= width - 32
        assert height - 40 <= box["y"] + box["height"] <= height
