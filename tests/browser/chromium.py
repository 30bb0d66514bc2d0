"""A real browser for tests, and an eye on its console: an error there fails the test that it happened in."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

WAIT_MS = 30_000
LOOK_MS = 20
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")
REFUSED_IN_WORDS = "status of 409"
"""A refusal comes with a sentence and status 409; the browser writes that down, and it is no mistake."""
OVERTAKEN = ("htmx:sendAbort", "htmx:afterRequest")
"""A page that is left while it asks gives the asking up; a request that fails says `htmx:sendError` too."""
BOX_IS_GONE = ("ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "ERR_INCOMPLETE_CHUNKED", "htmx:")
"""What the browser and htmx write down while there is nobody to answer them."""


def where_chromium_is() -> str:
    """The path of the browser; skips the test where there is none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium on this machine (apt install chromium)")
    return found


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """A browser with a fresh profile. Only one may be open at a time in a process."""
    path = where_chromium_is()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def wait_until(page: Page, predicate: str, arg: object = None) -> None:
    """Wait until a JavaScript function of `arg` is true on the page.

    Not Playwright's `wait_for_function`: from its second look on it evaluates text as code, which our
    Content-Security-Policy forbids.
    """
    until_s = time.monotonic() + WAIT_MS / 1000
    while not page.evaluate(predicate, arg):
        assert time.monotonic() < until_s, f"never true: {predicate}"
        page.wait_for_timeout(LOOK_MS)


@dataclass
class Screens:
    """The screens of one test: each person has a browser of their own, and every console is watched."""

    browser: Browser
    expected: list[str] = field(default_factory=lambda: [REFUSED_IN_WORDS, *OVERTAKEN])
    wrong: list[str] = field(default_factory=list)
    _people: list[BrowserContext] = field(default_factory=list)

    def person(
        self, language: str = "en", width: int = 1280, height: int = 800, script: bool = True
    ) -> BrowserContext:
        """A browser profile of one person, or of one piece of furniture."""
        context = self.browser.new_context(
            locale=language, viewport={"width": width, "height": height}, java_script_enabled=script
        )
        context.set_default_timeout(WAIT_MS)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.wrong.append(str(error.error)))
        self._people.append(context)
        return context

    def page(self, address: str, language: str = "en", width: int = 1280, height: int = 800) -> Page:
        """A page of somebody new."""
        page = self.person(language, width, height).new_page()
        page.goto(address)
        return page

    def expect_the_box_to_go(self) -> None:
        """From here on a refused connection is part of the story."""
        self.expected += BOX_IS_GONE

    def close(self) -> None:
        """Let everybody go; raises AssertionError with what the consoles said."""
        for person in self._people:
            person.close()
        assert not self.wrong, "\n".join(self.wrong)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(words in message.text for words in self.expected):
            self.wrong.append(f"{message.text} at {message.location.get('url', '')}")
