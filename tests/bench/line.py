"""The server's processor time for one more line, from scan to committed and rendered.

From outside: `emma run` as a process of its own, a scanner on a real pty, a real browser that shows the
lane; the processor time of the whole process (/proc/pid/stat), so the live stream and every follower of the
journal are in it, and head office too, unless it runs in a process of its own (the second measurement).
From inside: the same two steps, the scan and the fragment the page then asks for, each alone on one thread,
also with a price list of 200,000 articles.
"""

from __future__ import annotations

import random
import re
import tempfile
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import httpx
from flask import Flask
from open_shop import HeadOfficeProcess, OpenShop, scanner_settings
from store import article, fill
from table import Row, is_quick, quantile, report, say
from watcher import Watcher
from werkzeug.test import create_environ, run_wsgi_app

from hardware.scanner.emulator import ScannerEmulator
from kiosk_ui.app import create_app
from store_edge.box import Box
from store_edge.demo.price_list import price_list
from store_edge.settings import Settings
from store_edge.sync.central_client import HeadOffice
from tests.seeded_chance import SeededChance

SEED = 20261121
BASKET_LINES, BASKET_LINES_QUICK = 300, 45
BASKETS, BASKETS_QUICK = 2, 1
RANGE_LINES = 30
"""So many lines at a basket's beginning and end are compared."""
WARM_LINES = 40
ARTICLES_MANY, ARTICLES_MANY_QUICK = 200_000, 2_000
IDLE_S, IDLE_S_QUICK = 10.0, 3.0
RENDERED_MS_MAX = 3.0
CODES = sorted(one.gtin for one in price_list() if one.unit == "piece" and not one.age_min)
SHOWN = re.compile(r'<div id="shown".*?</div>', re.DOTALL)
VALUE = re.compile(r'name="(\w+)" value="([^"]*)"')


# From outside


class Range(NamedTuple):
    """30 lines of a basket from line `first` on: processor and wall time per line."""

    first: int
    cpu_ms: float
    took_s: float


def outside(folder: Path, lines: int, baskets: int, *, apart: bool) -> list[Row]:
    """The whole process, with head office in it or, `apart`, in a process of its own."""
    say("head office apart" if apart else "head office in the same process")
    with ExitStack() as stack:
        scanner = stack.enter_context(ScannerEmulator(folder, name=f"scanner-{apart}"))
        toml, environ = scanner_settings({"1": scanner.address}), {}
        if apart:
            office = stack.enter_context(HeadOfficeProcess(folder / "office"))
            toml, environ = toml + office.settings, office.environ
        shop = stack.enter_context(OpenShop(folder / f"shop-{apart}", toml, environ))
        watcher = stack.enter_context(Watcher(f"{shop.address}/kiosk/1"))
        chance = random.Random(SEED)
        scan_range(watcher, scanner, chance, WARM_LINES)
        watcher.cancel_basket()
        idle_ms = idle(shop, IDLE_S_QUICK if is_quick() else IDLE_S)
        spent = []
        for _ in range(baskets):
            for first in range(1, lines, RANGE_LINES):
                cpu_ms, began_s = shop.cpu_ms(), time.monotonic()
                scan_range(watcher, scanner, chance, RANGE_LINES)
                took_s = (time.monotonic() - began_s) / RANGE_LINES
                spent.append(Range(first, (shop.cpu_ms() - cpu_ms) / RANGE_LINES, took_s))
            watcher.cancel_basket()
    note = (
        f"{baskets} baskets of {lines} lines, means over {RANGE_LINES} lines each, one browser, seed {SEED}"
    )
    return outside_rows(spent, idle_ms, note, apart)


def outside_rows(spent: list[Range], idle_ms: float, note: str, apart: bool) -> list[Row]:
    name = "the store's process, head office in another" if apart else "one process, head office in it"
    every = [one.cpu_ms for one in spent]
    net = [one.cpu_ms - idle_ms * one.took_s for one in spent]
    met = quantile(every, 0.5) <= RENDERED_MS_MAX
    note += f", {len(spent) / sum(one.took_s for one in spent):.1f} lines a second"
    rows = [
        Row(f"{name}: added line, rendered", "cpu ms", every, "<= 3 ms", met, note, beside="line"),
        Row("  less what the open shop takes anyway", "cpu ms", net),
    ]
    for first in (spent[0].first, spent[-1].first):
        values = [one.cpu_ms for one in spent if one.first == first]
        rows.append(Row(f"  lines {first}-{first + RANGE_LINES - 1}", "cpu ms", values))
    return [*rows, Row("  the open shop with nobody in it, a second", "cpu ms", [idle_ms])]


def scan_range(watcher: Watcher, scanner: ScannerEmulator, chance: random.Random, lines: int) -> None:
    for _ in range(lines):
        watcher.after(partial(scanner.show, chance.choice(CODES)))


def idle(shop: OpenShop, wait_s: float) -> float:
    """Milliseconds of processor time a second, while nothing happens."""
    time.sleep(1.0)
    cpu_ms = shop.cpu_ms()
    time.sleep(wait_s)
    return (shop.cpu_ms() - cpu_ms) / wait_s


# From inside


class Kiosk:
    """A box without threads and its application, asked the way the page asks, without a wire between."""

    def __init__(self, home: Path, articles: int) -> None:
        away = HeadOffice("http://head-office.invalid", "", httpx.MockTransport(_away))
        home.mkdir()
        settings = Settings(home=home, devices={}, demo=False)
        self.box = Box(settings, head_office=away, chance=SeededChance(SEED))
        goods = [article(number) for number in range(articles)]
        fill(self.box.database, goods)
        self.codes = [one.gtin for one in goods]
        self.app: Flask = create_app(self.box, live_port=1)
        self._shown: dict[str, str] = {}

    def scan(self, code: str) -> float:
        """Processor milliseconds from scan to committed."""
        cpu_s = time.process_time()
        self.box.till.scan("1", code, how="serial")
        return (time.process_time() - cpu_s) * 1000

    def render(self) -> float:
        """Processor milliseconds for the fragment that the page asks for then."""
        query = urlencode(self._shown)
        environ = create_environ("/kiosk/1/now", query_string=query, headers={"HX-Request": "true"})
        cpu_s = time.process_time()
        body, _status, _headers = run_wsgi_app(self.app, environ, buffered=True)
        spent_ms = (time.process_time() - cpu_s) * 1000
        shown = SHOWN.search(b"".join(body).decode())
        assert shown is not None
        self._shown = dict(VALUE.findall(shown[0]))
        return spent_ms


def _away(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("nobody is there", request=request)


def inside(folder: Path, articles: int, lines: int) -> list[Row]:
    """Each step alone, for the beginning and the end of a long basket."""
    say(f"{articles:,} articles")
    kiosk = Kiosk(folder / f"shop-{articles}", articles)
    scans: list[float] = []
    renders: list[float] = []
    for basket in range(2):
        kiosk.box.till.open("1", "de")
        kiosk.render()
        for number in range(lines):
            scan_ms = kiosk.scan(kiosk.codes[(number * 7919) % articles])
            render_ms = kiosk.render()
            if basket:  # the first one warms up
                scans.append(scan_ms)
                renders.append(render_ms)
        kiosk.box.till.cancel("1")
    kiosk.box.stop()
    rows = []
    for name, part in (("1-30", slice(0, 30)), (f"{lines - 29}-{lines}", slice(lines - 30, lines))):
        both = [scan + render for scan, render in zip(scans[part], renders[part], strict=True)]
        what = f"inside, {articles:,} articles, line {name}"
        rows.append(Row(f"{what}: scan", "cpu ms", scans[part], "<= 1 ms", quantile(scans[part], 0.5) <= 1))
        met = quantile(both, 0.5) <= RENDERED_MS_MAX
        rows.append(Row(f"{what}: scan and fragment", "cpu ms", both, "<= 3 ms", met))
    return rows


def main() -> None:
    quick = is_quick()
    lines = BASKET_LINES_QUICK if quick else BASKET_LINES
    many = ARTICLES_MANY_QUICK if quick else ARTICLES_MANY
    with tempfile.TemporaryDirectory(prefix="emma-bench-") as name:
        found = []
        for apart in (False, True):
            found += outside(Path(name), lines, BASKETS_QUICK if quick else BASKETS, apart=apart)
        for articles in (200, many):
            found += inside(Path(name), articles, lines)
    report("One more line", found)


if __name__ == "__main__":
    main()
