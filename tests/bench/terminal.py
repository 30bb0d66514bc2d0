"""What a card payment takes beyond the terminal's own time: our driver's share, and the whole store's.

The terminal takes `THINK_S` from the card to the bank's answer. All else is the dialogue: ours, and the
emulated terminal's in the same process, so that the figures are rather too high than too low.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from table import Row, is_quick, quantile, report, say

from checkout.events import PaymentTaken
from hardware.zvt.driver import ZvtTerminal
from hardware.zvt.emulator import TerminalEmulator
from store_edge.box import Box
from store_edge.db.engine import Database
from store_edge.demo import price_list
from store_edge.desk import Shelves
from store_edge.settings import DeviceSettings, Settings
from tests.store_edge.open_store import Store, no_head_office

PAYMENTS, PAYMENTS_QUICK = 200, 10
THINK_S = 0.05
OVERHEAD_MS_MAX = 20.0
PAYMENT_S_MAX = 20.0
TAKEN = (PaymentTaken.__name__,)


def over_the_driver(count: int, *, serial: bool) -> list[float]:
    """Milliseconds of a payment beyond the terminal's own, from the order to the outcome."""
    with TerminalEmulator(serial=serial, auto=True, think_s=THINK_S) as emulator:
        terminal = ZvtTerminal(emulator.address)
        terminal.open()
        spent_ms = []
        for number in range(count):
            began_s = time.perf_counter()
            assert terminal.pay(100 + number, lambda _: None, 10.0).approved
            spent_ms.append((time.perf_counter() - began_s - THINK_S) * 1000)
        terminal.close()
    return spent_ms


def over_the_store(count: int, folder: Path) -> list[float]:
    """Milliseconds from "payment asked" to "payment taken" in the journal, beyond the terminal's own."""
    with TerminalEmulator(auto=True, think_s=THINK_S) as emulator:
        devices = {"terminal-1": DeviceSettings("terminal.zvt", emulator.address, "1")}
        settings = Settings(home=folder, lanes=("1",), devices=devices)
        database = Database(f"sqlite:///{folder / 'store.db'}")
        database.migrate()
        Shelves(database).put(price_list())
        database.close()
        box = Box(settings, head_office=no_head_office())
        box.start()
        store = Store(box)
        store.await_health("terminal-1", "well")
        spent_ms = []
        for _ in range(count):
            store.scan()
            after = box.journal.last_number()
            began_s = time.perf_counter()
            box.cashier.ask_payment("1")
            while not any(
                entry.type == PaymentTaken.__name__ for entry in box.journal.wait(after, 1.0, kinds=TAKEN)
            ):
                assert time.perf_counter() - began_s < PAYMENT_S_MAX
            spent_ms.append((time.perf_counter() - began_s - THINK_S) * 1000)
        box.stop()
    return spent_ms


def main() -> None:
    count = PAYMENTS_QUICK if is_quick() else PAYMENTS
    say("driver over TCP")
    tcp = over_the_driver(count, serial=False)
    say("driver over a serial line")
    serial = over_the_driver(count, serial=True)
    say("the whole store")
    with tempfile.TemporaryDirectory(prefix="emma-bench-") as folder:
        store = over_the_store(count, Path(folder))
    report(
        "A card payment, beyond the terminal's own time",
        [
            _row("driver and emulator over TCP, order to outcome", tcp),
            _row("driver and emulator over a pty, order to outcome", serial),
            Row("store, payment asked to payment taken", "ms", store),
        ],
    )


def _row(what: str, values: list[float]) -> Row:
    return Row(what, "ms", values, f"<= {OVERHEAD_MS_MAX:g} ms", quantile(values, 0.5) <= OVERHEAD_MS_MAX)


if __name__ == "__main__":
    main()
