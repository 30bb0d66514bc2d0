"""From a scan on a serial line to a changed pixel in a real browser.

`emma run` is a process of its own; the scanners are emulators on ptys in this process, the generator; one
headless Chromium shows lane 1. First that lane alone, then with 19 more lanes that are scanned at one item a
second each (only lane 1 has a browser). Time runs from before the emulator's write to the painted frame.
"""

from __future__ import annotations

import random
import re
import statistics
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
from machine import load
from open_shop import OpenShop, scanner_settings
from table import Row, is_quick, quantile, report, say
from watcher import STAGES, Watcher

from hardware.scanner.emulator import ScannerEmulator
from store_edge.demo.price_list import price_list

SEED = 20261121
BASKET_LINES = 20
SCANS, SCANS_QUICK = 220, 25
LANES = 20
PAUSE_S = (0.25, 0.6)
"""Between a painted line and the next scan on the idle lane: at no fixed place of a frame."""
IDLE_MS = {"p95": 60.0, "p99": 120.0}
BUSY_MS_P99 = 200.0
ASK_S_MAX = 10.0


class OtherLanes:
    """The 19 lanes nobody watches: one item a second each, baskets given up after `BASKET_LINES` lines."""

    def __init__(self, address: str, scanners: dict[str, ScannerEmulator], codes: list[str]) -> None:
        self._address = address
        self._scanners = scanners
        self._codes = codes
        self._chance = random.Random(SEED + 1)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._scan_all, daemon=True)
        self.scans = 0
        self.late_ms: list[float] = []

    def __enter__(self) -> OtherLanes:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(ASK_S_MAX)

    def _scan_all(self) -> None:
        """Every lane has its own place within the second; they do not all scan at once."""
        start_s = time.monotonic()
        due_s = {lane: start_s + self._chance.random() for lane in self._scanners}
        lines = {lane: self._chance.randrange(BASKET_LINES) for lane in self._scanners}
        with httpx.Client(base_url=self._address, timeout=ASK_S_MAX) as browser:
            while True:
                lane = min(due_s, key=lambda one: due_s[one])
                if self._stopping.wait(max(0.0, due_s[lane] - time.monotonic())):
                    return
                self.late_ms.append((time.monotonic() - due_s[lane]) * 1000)
                self._scanners[lane].show(self._chance.choice(self._codes))
                self.scans += 1
                due_s[lane] += 1.0
                lines[lane] += 1
                if lines[lane] % BASKET_LINES == 0:
                    give_up_basket(browser, lane)


def give_up_basket(browser: httpx.Client, lane: str) -> None:
    """What the page of an unwatched lane would send."""
    found = re.search(r'name="basket" value="(\w+)"', browser.get(f"/kiosk/{lane}").text)
    if found:
        browser.post(f"/kiosk/{lane}/cancel", data={"basket": found[1]})


def scan_lane_1(watcher: Watcher, scanner: ScannerEmulator, codes: list[str], scans: int) -> Delays:
    """Scan one after the other, each after the last one was painted."""
    chance = random.Random(SEED)
    delays = Delays()
    for i in range(scans):
        if i and i % BASKET_LINES == 0:
            watcher.cancel_basket()
            watcher.set_clock()
        time.sleep(chance.uniform(*PAUSE_S))
        code = chance.choice(codes)
        began_s = time.time()
        line = watcher.after(partial(scanner.show, code))
        delays.add({stage: (at_s - began_s) * 1000 for stage, at_s in line.at_s.items()}, watcher)
        if i % 50 == 49:
            say(f"{i + 1} of {scans} scans, load {load()}")
    return delays


@dataclass
class Delays:
    """Milliseconds from the scanner's write to each stage."""

    scans: int = 0
    clock_error_ms: float = 0.0
    ms: dict[str, list[float]] = field(default_factory=lambda: {stage: [] for stage in STAGES})

    def add(self, ms: dict[str, float], watcher: Watcher) -> None:
        self.scans += 1
        self.clock_error_ms = max(self.clock_error_ms, watcher.clock_error_ms)
        for stage, value in ms.items():
            self.ms[stage].append(value)


WORDS = {
    "heard": "the page heard of it",
    "answered": "the page has the new fragment",
    "changed": "the page's tree has changed",
    "next_frame": "double requestAnimationFrame",
    "painted": "the changed pixel is presented",
}


def rows(what: str, delays: Delays, target: dict[str, float], note: str) -> list[Row]:
    painted = delays.ms["painted"]
    shares = {"p95": 0.95, "p99": 0.99}
    met = all(quantile(painted, shares[name]) <= ms for name, ms in target.items())
    words = ", ".join(f"{name} <= {ms:.0f}" for name, ms in target.items())
    note += f"; clock error at most {delays.clock_error_ms:.1f} ms"
    if missing := delays.scans - len(painted):
        note += f"; {missing} without a paint time left out"
    last = Row(f"{what}: {WORDS['painted']}", "ms", painted, words, met, note)
    return [*(Row(f"{what}: {WORDS[stage]}", "ms", delays.ms[stage]) for stage in STAGES[:-1]), last]


def measure(folder: Path, lanes: int, scans: int, codes: list[str]) -> list[Row]:
    """One shop with so many lanes, lane 1 watched."""
    with ExitStack() as stack:
        scanners = {
            str(lane): stack.enter_context(ScannerEmulator(folder, name=f"scanner-{lanes}-{lane}"))
            for lane in range(1, lanes + 1)
        }
        settings = scanner_settings({lane: scanner.address for lane, scanner in scanners.items()})
        shop = stack.enter_context(OpenShop(folder / f"shop-{lanes}", settings))
        watcher = stack.enter_context(Watcher(f"{shop.address}/kiosk/1"))
        watched = scanners.pop("1")
        others = OtherLanes(shop.address, scanners, codes) if scanners else None
        if others:
            stack.enter_context(others)
        say(f"{lanes} lanes, {scans} scans on lane 1")
        cpu_ms, began_s = shop.cpu_ms(), time.monotonic()
        delays = scan_lane_1(watcher, watched, codes, scans)
        took_s = time.monotonic() - began_s
        share = (shop.cpu_ms() - cpu_ms) / took_s / 10
        note = f"seed {SEED}, one Chromium 1280x800, {BASKET_LINES} lines a basket"
        note += f"; server at {share:.0f} % of a core"
        if others is None:
            return rows("one idle lane", delays, IDLE_MS, note)
        note += (
            f"; others: {others.scans / took_s:.1f} scans a second, "
            f"generator late by {statistics.median(others.late_ms):.1f} ms (median)"
        )
        return rows(f"one of {lanes} lanes", delays, {"p99": BUSY_MS_P99}, note)


def main() -> None:
    scans = SCANS_QUICK if is_quick() else SCANS
    codes = sorted(
        article.gtin for article in price_list() if article.unit == "piece" and not article.age_min
    )
    with tempfile.TemporaryDirectory(prefix="emma-bench-") as name:
        found = measure(Path(name), 1, scans, codes)
        found += measure(Path(name), LANES, scans, codes)
    report("From scan to pixel", found)


if __name__ == "__main__":
    main()
