"""A card on file is charged once or not at all, whatever breaks at whichever byte: its books judge."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from hardware.on_file.emulator import FATES, Fate, Notices
from store_edge.devices import provider as agent_room
from tests.money_machine import TrialMachine, runs
from tests.store_edge.devices.on_file_trial import OnFileTrial

KINDS = ("charge", "enquire", "void", "refunds", "account")
BYTES_MAX = 900
"""A little more than the longest exchange."""


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody types here, so the agent need not wait to be asked."""
    monkeypatch.setattr(agent_room, "BUSY_LOOK_S", 0.001)
    monkeypatch.setattr(agent_room, "LOOK_UP_S", 0.001)
    monkeypatch.setattr(agent_room, "ENQUIRE_EACH_S", 0.0)
    monkeypatch.setattr(agent_room, "PRESENT_CHECK_S", 0.0)


class OnFileMachine(TrialMachine[OnFileTrial]):
    """A provider that dies, decides, tells and forgets as it likes."""

    database: Path
    """The goods that its shops begin with."""

    @initialize(how=st.sampled_from(("once", "twice", "never", "early")))
    def open_shop(self, how: Notices) -> None:
        self.trial = OnFileTrial(Path(self.folder.name), self.database)
        self.trial.notices(how)

    @rule(fate=st.sampled_from(FATES), patience=st.integers(0, 4), staff_wait=st.booleans())
    def pay(self, fate: Fate, patience: int, staff_wait: bool) -> None:
        self._open.pay(fate, patience, staff_wait)

    @rule(fate=st.sampled_from(FATES), after=st.integers(0, 3))
    def stop(self, fate: Fate, after: int) -> None:
        self._open.stop_by_shopper(fate, after)

    @rule(kind=st.sampled_from(KINDS), byte_count=st.integers(0, BYTES_MAX))
    def cut_line(self, kind: str, byte_count: int) -> None:
        self._open.cut_line(kind, byte_count)

    @rule(byte_count=st.integers(0, 3 * BYTES_MAX))
    def kill_till(self, byte_count: int) -> None:
        self._open.kill_till_at(byte_count)

    @rule(kind=st.sampled_from(KINDS))
    def lose_answer(self, kind: str) -> None:
        self._open.lose_answers(kind)

    @rule(at_step=st.integers(0, 3))
    def go_away(self, at_step: int) -> None:
        self._open.go_away(at_step)

    @rule(status=st.sampled_from((429, 500, 503)))
    def trouble(self, status: int) -> None:
        self._open.trouble(status)

    @rule(how=st.sampled_from(("once", "twice", "never", "early")))
    def notices(self, how: Notices) -> None:
        self._open.notices(how)

    @rule()
    def forge(self) -> None:
        self._open.forge()

    @rule()
    def restart_till(self) -> None:
        self._open.restart_till()

    @rule()
    def restart_provider(self) -> None:
        self._open.restart_provider()


def machine_on(database: Path) -> type[OnFileMachine]:
    return type("OnFileMachine", (OnFileMachine,), {"database": database})


def test_a_card_on_file_is_charged_once_or_not_at_all(filled_database: Path) -> None:
    run_state_machine_as_test(machine_on(filled_database), settings=runs(12, 15))


@pytest.mark.long
def test_a_card_on_file_is_charged_once_or_not_at_all_many_times(filled_database: Path) -> None:
    run_state_machine_as_test(machine_on(filled_database), settings=runs(300, 40))


def test_the_line_dies_at_every_so_many_bytes_and_the_provider_for_longer_than_anybody_waits(
    filled_database: Path, tmp_path: Path
) -> None:
    trial = OnFileTrial(tmp_path, filled_database)
    for byte_count in range(0, BYTES_MAX, 75):
        trial.cut_line("charge", byte_count)
        trial.pay("approve", 0, True)
        trial.reckon()
    for byte_count in range(0, 2 * BYTES_MAX, 150):
        trial.kill_till_at(byte_count)
        trial.pay("approve", 0, False)
        trial.reckon()
    for fate, staff_wait in (("approve", True), ("wait", False), ("wait", True)):
        trial.go_away(1)
        trial.lose_answers("charge")
        trial.notices("never")
        trial.pay(fate, 2, staff_wait)
        trial.reckon()
    assert trial.left_to_staff >= 2
    assert trial.faults >= 10
    assert sum(one.captured_minor > 0 for one in trial.emulator.charges) >= 15
    trial.close()
