"""Fault 1: kill -9 in the middle of sales loses nothing that was acknowledged and charges nobody twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware.zvt.emulator import TerminalEmulator
from store_edge.box import Box
from store_edge.db.engine import Database
from store_edge.demo import price_list
from store_edge.desk import Shelves
from tests.simulation.kill_trials import CARD_AT_WORK_S, Trials, p95, reckon
from tests.simulation.store_child import settings_for
from tests.store_edge.open_store import HeadOfficeHouse, no_head_office

ALONE_S = 3.0
"""For how long a terminal goes on after the kill: beyond the restart, within the time of a payment."""
RESTART_CPU_S_MAX = 5.0
"""Selling again after a kill takes so long at most where the machine has nothing else to do."""
RESTART_S_MAX = 25.0
"""And on a machine busy with other tests."""


@pytest.mark.parametrize(
    ("seed", "kills"),
    [(1, 8), pytest.param(2, 100, marks=pytest.mark.long)],
)
def test_fault_1_kill_9_in_the_middle_of_sales(
    seed: int, kills: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "store"
    home.mkdir()
    stock(home)
    house = HeadOfficeHouse(tmp_path / "head-office")
    house.open()
    with TerminalEmulator(slow_s=CARD_AT_WORK_S, alone_s=ALONE_S) as terminal:
        trials = Trials(seed, home, terminal, house)
        trials.run(kills)
        nobody = no_head_office()
        box = Box(settings_for(home, terminal.address), head_office=nobody)
        said = reckon(box, terminal, house, trials.tally)
        trials.close()
        box.stop()
        nobody.close()
    house.close()
    house.centre.close()
    with capsys.disabled():
        print(f"\nseed {seed}: {said}")
    assert p95(trials.tally.restart_cpu_s) < RESTART_CPU_S_MAX
    assert p95(trials.tally.restart_s) < RESTART_S_MAX


def stock(home: Path) -> None:
    database = Database(f"sqlite:///{home / 'store.db'}")
    database.migrate()
    Shelves(database).put(price_list())
    database.close()
