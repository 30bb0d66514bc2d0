"""How much memory the open shop takes: after its start, and after fifty sales."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import httpx
from open_shop import OpenShop
from table import Row, is_quick, report, say

from store_edge.demo.price_list import price_list

SALES, SALES_QUICK = 50, 3
LINES = 10
REPEATS, REPEATS_QUICK = 2, 1
ASK_S_MAX = 15.0
PAID_S_MAX = 20.0
LOOK_S = 0.05
MEMORY_MB_MAX = 300.0


class NotPaid(Exception):
    """The terminal never said that a sale was paid."""


def sell(browser: httpx.Client, codes: list[str]) -> None:
    """One sale as pages without script make it: scanned goods, a card for the emulated terminal, thanks."""
    browser.post("/kiosk/1/start")
    for code in codes:
        browser.post("/kiosk/1/scan", data={"code": code, "how": "wedge"})
    browser.post("/kiosk/1/pay")
    until_s = time.monotonic() + PAID_S_MAX
    while 'value="paid"' not in (page := browser.get("/kiosk/1").text):
        if time.monotonic() > until_s:
            raise NotPaid
        browser.post("/bench/1/card", data={"card": "approve"})  # refused until the terminal asks for it
        time.sleep(LOOK_S)
    basket = page.partition('name="basket" value="')[2].partition('"')[0]
    browser.post("/kiosk/1/done", data={"basket": basket})


def main() -> None:
    sales, repeats = (SALES_QUICK, REPEATS_QUICK) if is_quick() else (SALES, REPEATS)
    sold = (article for article in price_list() if article.unit == "piece" and not article.age_min)
    codes = sorted(article.gtin for article in sold)[:LINES]
    started: list[tuple[float, float]] = []
    after: list[tuple[float, float]] = []
    for repeat in range(repeats):
        with (
            tempfile.TemporaryDirectory(prefix="emma-bench-") as name,
            OpenShop(Path(name) / "shop") as shop,
            httpx.Client(base_url=shop.address, timeout=ASK_S_MAX) as browser,
        ):
            started.append(shop.memory_mb())
            for _ in range(sales):
                sell(browser, codes)
            after.append(shop.memory_mb())
        say(f"{repeat + 1} of {repeats}: {sales} sales of {LINES} lines")
    rows = []
    for when, found in (("after its start", started), (f"after {sales} sales", after)):
        resident = [rss for rss, _ in found]
        met = max(resident) <= MEMORY_MB_MAX
        rows.append(Row(f"resident memory {when}", "MB", resident, f"<= {MEMORY_MB_MAX:.0f} MB", met))
        rows.append(Row(f"  of it its own (proportional) {when}", "MB", [pss for _, pss in found]))
    report("Memory of `emma run` with all demo devices and head office", rows)


if __name__ == "__main__":
    main()
