"""An auditor's week: 10,000 receipts exported and read back, each in a process of its own."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from table import Row, is_quick, report, say

from checkout.staff import RIGHTS, Clerk
from store_edge.db.engine import Database
from tests.conftest import Shop, StoreShop

DAYS, RECEIPTS, RECEIPTS_QUICK = 7, 10_000, 140
MEMORY_MB_MAX = 200
CLERK = Clerk("clerk-1", RIGHTS)
LINES = (Shop.milk, Shop.wine, Shop.cola, Shop.shirt, Shop.milk)
SPAN = ("--from", "2026-01-01", "--to", "2027-12-31")


def a_week(home: Path, receipts: int) -> None:
    """Sales of five lines for cash and by card, and a Z report a day."""
    database = Database(f"sqlite:///{home / 'store.db'}")
    database.migrate()
    shop = StoreShop(database)
    shop.put_on_the_shelf(*Shop.assortment)
    for day in range(DAYS):
        for number in range(receipts // DAYS + (day < receipts % DAYS)):
            for article in LINES:
                shop.scan(article)
            shop.pay_desk.pay_cash("1", 10_000) if number % 3 else shop.pay()
            shop.clock.forward(seconds=20)
        shop.days.close_day(CLERK)
        shop.clock.forward(hours=12)
        say(f"day {day + 1} of {DAYS} lived")
    shop.close()


def measured(*words: str) -> tuple[float, float]:
    """Seconds and peak memory in MB of one `emma` command; its progress goes on."""
    began_s = time.perf_counter()
    subprocess.run([sys.executable, "-m", "kiosk_ui.cli", *words], check=True, stdout=subprocess.DEVNULL)
    took_s = time.perf_counter() - began_s
    return took_s, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    receipts = RECEIPTS_QUICK if is_quick() else RECEIPTS
    with tempfile.TemporaryDirectory(prefix="emma-bench-") as name:
        home, out = Path(name), Path(name) / "export"
        a_week(home, receipts)
        rows = []
        for what, words in (
            ("exported", ("fiscal", "export", *SPAN, "-o", str(out), "--home", str(home))),
            ("read back and judged", ("verify", "dsfinvk", str(out))),
        ):
            took_s, memory_mb = measured(*words)
            note = f"{receipts} receipts of {len(LINES)} lines, {DAYS} Z reports"
            rows.append(Row(f"{what}: time", "s", [took_s], "", None, note))
            met = memory_mb < MEMORY_MB_MAX
            rows.append(Row(f"{what}: peak memory", "MB", [memory_mb], f"< {MEMORY_MB_MAX} MB", met, ""))
    report("An auditor's week", rows)


if __name__ == "__main__":
    main()
