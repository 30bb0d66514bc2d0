"""Money is taken once or not at all, whatever breaks at whichever byte: the terminal's own books judge."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from hardware.errors import OutcomeUnknown
from hardware.readings import LastPayment
from hardware.zvt.driver import ZvtTerminal
from hardware.zvt.emulator import TerminalEmulator
from tests.hardware.zvt.money_trial import Attempt, MoneyTrial
from tests.money_machine import TrialMachine, runs

AMOUNTS_MINOR = (500, 500, 700)
"""Two shoppers in a row often owe the same."""
CARDS = ("approve",) * 4 + ("decline", "slow", "steadfast", "silent", "mute")
BYTES_MAX = 330
"""A little more than the longest dialogue of a payment."""


class MoneyMachine(TrialMachine[MoneyTrial]):
    """A terminal whose line is cut at any byte, and either side killed."""

    @initialize(serial=st.booleans())
    def open_shop(self, serial: bool) -> None:
        self.trial = MoneyTrial(Path(self.folder.name), serial=serial)

    @rule(amount_minor=st.sampled_from(AMOUNTS_MINOR), card=st.sampled_from(CARDS))
    def pay(self, amount_minor: int, card: str) -> None:
        self._open.pay(amount_minor, card)

    @rule(byte_count=st.integers(0, BYTES_MAX), after_booking=st.booleans(), stays_dead=st.booleans())
    def cut_line(self, byte_count: int, after_booking: bool, stays_dead: bool) -> None:
        self._open.cut_line(byte_count, after_booking, stays_dead)

    @rule(byte_count=st.integers(0, BYTES_MAX))
    def kill_till(self, byte_count: int) -> None:
        self._open.kill_till_at(byte_count)

    @rule()
    def restart_till(self) -> None:
        self._open.restart_till()

    @rule()
    def restart_terminal(self) -> None:
        self._open.restart_terminal()

    @rule(which=st.integers(0, 5))
    def give_back(self, which: int) -> None:
        self._open.give_back(which)


def test_money_is_taken_once_or_not_at_all() -> None:
    run_state_machine_as_test(MoneyMachine, settings=runs(12, 15))


@pytest.mark.long
def test_money_is_taken_once_or_not_at_all_a_thousand_times_fifty() -> None:
    run_state_machine_as_test(MoneyMachine, settings=runs(1000, 50))


@pytest.mark.parametrize("serial", [False, True])
def test_a_reversal_is_asked_for_until_it_is_known(tmp_path: Path, serial: bool) -> None:
    trial = MoneyTrial(tmp_path, serial=serial)
    trial.pay(500, "approve")
    for byte_count in (0, 5, 12, 20, 60, 110):
        trial.pay(700, "approve")
        trial.cut_line(byte_count, False, byte_count % 2 == 0)
        trial.give_back(1)
        trial.reckon()
    assert trial.cuts >= 5
    assert len(trial.emulator.held) == 1
    trial.close()


def test_the_previous_customer_s_payment_is_not_taken_for_ours() -> None:
    with TerminalEmulator(auto=True, first_receipt_number=41) as emulator:
        terminal = ZvtTerminal(emulator.address, answer_s=1.0, enquiry_s=1.0)
        terminal.open()
        assert terminal.pay(500, lambda _: None, 2.0).receipt_number == 41
        ours = Attempt(500, terminal.last_receipt_number, 0.0)
        emulator.die_at(5)  # the terminal has not heard the whole order
        with pytest.raises(OutcomeUnknown):
            terminal.pay(500, lambda _: None, 2.0)
        last = terminal.last_payment()
        assert last == LastPayment(500, 41, True), "the same amount, approved: but the customer's before"
        assert not ours.is_told_by(last.amount_minor, last.receipt_number)
        assert ours.is_told_by(500, 42)
        assert not ours.is_told_by(700, 42)
        assert len(emulator.charges) == 1
        terminal.close()
