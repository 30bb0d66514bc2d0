"""A headless Chromium that says when a scanned line was painted, on the clock of this machine.

Times for each line that comes onto the till roll, all taken within the page:

- `heard`: the live stream told the page; `answered`: the fragment it asked for is there;
- `changed`: the page's tree has the line (MutationObserver);
- `next_frame`: the start of the frame after the one that has it (double requestAnimationFrame);
- `painted`: when the first frame that shows the line's name was presented (Element Timing, W3C draft,
  `renderTime`). Only this is "the pixel changed": between a frame's start and its presentation lie layout,
  raster and the compositor, so it comes later than `next_frame`, and it is what targets are held against.

The page counts from its own origin; `Watcher.set_clock` finds the origin on our clock by the quickest of
several questions and answers, and how far off that may be at most.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from machine import chromium
from playwright.sync_api import ConsoleMessage, Page, sync_playwright

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
SCREEN = {"width": 1280, "height": 800}
QUESTIONS = 25
PAINT_S_MAX = 10.0
NEWS = "emma-bench "

WATCH = """
(() => {
  const waiting = new Map();
  const tell = (facts) => console.debug("emma-bench " + JSON.stringify(facts));
  const lines = () => document.querySelectorAll("#roll-lines > li").length;
  let known = lines();
  const settle = (one) => {
    if (one.painted === undefined || one.next_frame === undefined) return;
    waiting.delete(one.name);
    tell(one);
  };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const one = waiting.get(entry.identifier);
      if (one) { one.painted = entry.renderTime || -1; settle(one); }
    }
  }).observe({ type: "element", buffered: false });
  let count = 0, heard = -1, answered = -1;
  document.body.addEventListener("live", () => { heard = performance.now(); });
  document.body.addEventListener("htmx:beforeSwap", () => { answered = performance.now(); }, true);
  new MutationObserver(() => {
    const now = lines();
    if (now <= known) { known = now; return; }
    known = now;
    const one = { name: "line " + (++count), lines: now, heard, answered, changed: performance.now() };
    waiting.set(one.name, one);
    document.querySelector("#roll-lines > li:last-child .roll__name").setAttribute("elementtiming", one.name);
    requestAnimationFrame(() => requestAnimationFrame((t) => {
      one.next_frame = t;
      settle(one);
      setTimeout(() => { if (waiting.has(one.name)) { one.painted = -1; settle(one); } }, 1000);
    }));
  }).observe(document.body, { childList: true, subtree: true });
})()
"""


STAGES = ("heard", "answered", "changed", "next_frame", "painted")


@dataclass(frozen=True)
class Line:
    """A line on the screen: when it came to each of `STAGES`, in seconds of `time.time()`.

    "painted" is missing where the browser did not say.
    """

    lines: int
    at_s: dict[str, float]


class Watcher:
    """A browser on one kiosk page. For use as a context; not from several threads."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.clock_error_ms = 0.0
        self._origin_s = 0.0

    def __enter__(self) -> Watcher:
        self._playwright = sync_playwright().start()
        try:
            self._browser = self._playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            self.page: Page = self._browser.new_page(viewport=SCREEN)  # type: ignore[arg-type]
            self.page.goto(self._address)
            self.page.wait_for_selector("body[data-connection='ok']")
            self.page.evaluate(WATCH)
            self.set_clock()
        except BaseException:
            self._playwright.stop()  # takes the browser along
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._browser.close()
        self._playwright.stop()

    def set_clock(self) -> None:
        """Find the page's origin on our clock. The error is half of the quickest question's way."""
        best_s = float("inf")
        for _ in range(QUESTIONS):
            asked_s = time.time()
            page_ms = float(self.page.evaluate("performance.now()"))
            took_s = time.time() - asked_s
            if took_s < best_s:
                best_s = took_s
                self._origin_s = asked_s + took_s / 2 - page_ms / 1000
        self.clock_error_ms = best_s * 500

    def after(self, act: Callable[[], object]) -> Line:
        """Do something that adds a line, and wait until it was painted."""
        with self.page.expect_console_message(_is_news, timeout=PAINT_S_MAX * 1000) as news:
            act()
        facts = json.loads(news.value.text.removeprefix(NEWS))
        at_ms = {stage: float(facts[stage]) for stage in STAGES if facts[stage] >= 0}
        return Line(facts["lines"], {stage: self._origin_s + ms / 1000 for stage, ms in at_ms.items()})

    def cancel_basket(self) -> None:
        """What a shopper does who gives up: two taps."""
        self.page.click("#open-more")
        self.page.click("#open-sure")
        self.page.click("#cancel-now")
        self.page.wait_for_selector("#start")


def _is_news(message: ConsoleMessage) -> bool:
    return message.text.startswith(NEWS)
