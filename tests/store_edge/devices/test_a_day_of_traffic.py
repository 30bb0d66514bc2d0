"""A lane all day long: shoppers one after the other, plugs pulled in between, and nothing grows.

Time is told to the box: a shopper takes seconds here and minutes there. Devices are the emulators, on their
real wires. What may not grow is counted in this process: memory, file handles, threads.
"""

from __future__ import annotations

import datetime as dt
import gc
import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import text

from checkout.events import ReceiptPrinted, SaleCompleted
from store_edge.db.engine import POOL_MAX
from store_edge.demo import load_assortment, tags_of
from store_edge.rfid import presence
from store_edge.settings import DeviceSettings
from tests.store_edge.open_store import PIECES, Store, store_settings, until

DEVICES = {
    "scanner-1": "scanner.serial",
    "tray-1": "rfid.llrp",
    "terminal-1": "terminal.zvt",
    "printer-1": "printer.escpos",
    "lanebox-1": "lanebox.serial",
    "display-1": "display.escpos",
    "tower-1": "tower.modbus",
    "gate-1": "gate.modbus",
}
WARM_SHOPPERS = 3
"""The first ones fill caches, prepared statements and pools."""
PLUG_EVERY = 2
"""After so many shoppers the next device loses its plug, and gets it back."""
DEPART_S, DEPARTED_S = 0.5, 1.0
"""Garments that were lifted are gone sooner than in a shop, so that a day fits into minutes."""
HANDLES_MORE_MAX = 4
THREADS_MORE_MAX = 2
SETTLED_S_MAX = 15.0


@dataclass(frozen=True)
class Use:
    """What the process holds."""

    memory_mb: float
    handles: int
    threads: int


def use() -> Use:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    memory_mb = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return Use(memory_mb, len(os.listdir("/proc/self/fd")), threading.active_count())


def fill_pool(store: Store) -> None:
    """Have all connections that the store keeps: which thread needs one more, and when, is chance."""
    with ExitStack() as held:
        for _ in range(POOL_MAX):
            held.enter_context(store.box.database.read()).execute(text("SELECT count(*) FROM journal"))


class SimulatedTime:
    """The true time of day, and what was added to it."""

    def __init__(self) -> None:
        self.ahead = dt.timedelta()

    def __call__(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.ahead


class Lane:
    """What shoppers do on lane 1, and how many were served."""

    def __init__(self, store: Store, shoppers: int) -> None:
        self._store = store
        garment = next(article for article in load_assortment() if article.tags)
        self._tags = iter(tags_of(replace(garment, tags=2 * shoppers)))  # a sold tag is not sold again
        self.served = 0

    def shopper(self) -> None:
        """Lay two garments on the tray, scan a thing, bag it, pay by card, take receipt and garments."""
        store, bench = self._store, self._store.box.bench
        entries = store.box.journal.last_number()
        garments = [next(self._tags), next(self._tags)]
        for tag in garments:
            bench.lay("1", tag)
        until(lambda: bench.show_code("1", PIECES[self.served % len(PIECES)].gtin))
        until(lambda: self._lines() == 3, what=f"shopper {self.served} has not got three lines")
        bench.bag("1", 400)
        store.box.cashier.ask_payment("1")
        until(lambda: bench.card("1", "approve"))
        until(lambda: self._since(entries, SaleCompleted.__name__))
        until(lambda: self._since(entries, ReceiptPrinted.__name__))
        bench.empty_bag("1")
        for tag in garments:
            bench.lift("1", tag)
        time.sleep(DEPARTED_S)  # nothing says that the tray has noticed, since nothing may happen
        store.box.till.cancel("1", "shopper")
        self.served += 1

    def plug(self, device: str) -> None:
        """Pull a plug and put it back."""
        self._store.box.bench.pull_plug(device)
        self._store.await_health(device, "lost")
        self._store.box.bench.put_plug(device)
        self._store.await_health(device, "well")

    def _lines(self) -> int:
        basket = self._store.basket()
        return 0 if basket is None else len(basket.standing)

    def _since(self, entry: int, kind: str) -> bool:
        return any(found.type == kind for found in self._store.box.journal.read(entry))


@pytest.mark.parametrize(
    ("shoppers", "hours", "memory_mb_max"),
    [(6, 1, 15.0), pytest.param(240, 24, 40.0, marks=pytest.mark.long)],
    ids=["an hour", "a day"],
)
def test_traffic_on_a_lane_takes_no_more_memory_handles_or_threads_as_time_goes_by(
    open_box: Callable[..., Store],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    monkeypatch: pytest.MonkeyPatch,
    shoppers: int,
    hours: int,
    memory_mb_max: float,
) -> None:
    monkeypatch.setattr(presence, "DEPART_S", DEPART_S)
    clock = SimulatedTime()
    devices = {name: DeviceSettings(driver, emulated=True) for name, driver in DEVICES.items()}
    store = open_box(store_settings(tmp_path / "store", devices), clock=clock)
    for device in DEVICES:
        store.await_health(device, "well")
    fill_pool(store)
    lane, before = Lane(store, WARM_SHOPPERS + shoppers), use()
    for number in range(WARM_SHOPPERS + shoppers):
        lane.shopper()
        if number % PLUG_EVERY == PLUG_EVERY - 1:
            lane.plug(list(DEVICES)[number // PLUG_EVERY % len(DEVICES)])
        if number + 1 == WARM_SHOPPERS:
            before = use()
        clock.ahead += dt.timedelta(hours=hours) / shoppers
    after = use()
    ends_s = time.monotonic() + SETTLED_S_MAX
    while after.handles > before.handles + HANDLES_MORE_MAX and time.monotonic() < ends_s:
        time.sleep(0.1)  # a line that was cut is let go of a moment later
        after = use()
    for name, value in (("before", before), ("after", after), ("shoppers", lane.served)):
        record_property(name, str(value))
    print(f"{lane.served} shoppers in {hours} simulated h: {before} -> {after}")
    assert after.handles <= before.handles + HANDLES_MORE_MAX
    assert after.threads <= before.threads + THREADS_MORE_MAX
    assert after.memory_mb <= before.memory_mb + memory_mb_max
