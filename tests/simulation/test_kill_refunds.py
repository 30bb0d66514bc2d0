"""Kill -9 while money goes back to a card: it goes out once, whatever was under way."""

from __future__ import annotations

from pathlib import Path

import pytest

from checkout.deposit import DepositKinds
from hardware.zvt.books import REFUND
from hardware.zvt.emulator import TerminalEmulator
from store_edge.db.engine import Database
from store_edge.desk import Shelves
from tests.simulation.kill_trials import StoreProcess
from tests.store_edge.open_store import until

NOBODY = "http://127.0.0.1:9"


def refunds(terminal: TerminalEmulator) -> list[int]:
    return [it.amount_minor for it in terminal.bookings if it.kind == REFUND]


@pytest.mark.parametrize("booked", [True, pytest.param(False, marks=pytest.mark.long)])
def test_kill_9_after_a_refund_was_sent_pays_out_once(booked: bool, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    database.migrate()
    Shelves(database).put(DepositKinds().articles())
    database.close()
    with TerminalEmulator() as terminal:
        store = StoreProcess([str(tmp_path), terminal.address, NOBODY, "no key"])
        store.ask("hand_back", "k1")
        store.ask("refund", "k2")
        until(lambda: terminal.waiting_minor == 75)
        if booked:
            terminal.insert_card("approve")
            until(lambda: refunds(terminal))
        store.kill()
        assert store.bury()
        store.start()
        store.await_ready()
        assert store.ask("refund", "k2")["state"] in ("paying", "paid")  # asked again, sent once
        if not booked:  # nobody was there: it counts as not made, and is asked for anew
            until(lambda: store.ask("look")["state"] == "open")
            terminal.next_card("approve")
            store.ask("refund", "k3")
        until(lambda: store.ask("look")["state"] == "paid")
        assert refunds(terminal) == [75]
        store.close()
