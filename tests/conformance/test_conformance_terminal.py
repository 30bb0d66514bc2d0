"""What every payment terminal's driver must do, whatever it speaks.

A real terminal (`--device`) is asked for one cent, and gives it back; somebody holds a card to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from hardware.errors import DeviceFault, OutcomeUnknown, Unreachable
from hardware.readings import CardOutcome, LastPayment
from tests.conformance.conftest import Tried

CENT_MINOR = 1
PAY_S = 90.0
pytestmark = pytest.mark.of_kind("terminal")


@dataclass
class Counter:
    """A terminal to try, and its emulator's hands; none where it is a real one."""

    terminal: Any
    hands: Any

    def pay(self, amount_minor: int = CENT_MINOR, card: str = "approve") -> CardOutcome:
        self.meet(card)
        outcome = self.terminal.pay(amount_minor, lambda _: None, PAY_S)
        assert isinstance(outcome, CardOutcome)
        return outcome

    def meet(self, card: str) -> None:
        if self.hands is not None:
            self.hands.next_card(card)
        elif card != "approve":
            pytest.skip("a real terminal does not fail on request")


@pytest.fixture
def counter(tried: Tried) -> Counter:
    tried.please("hold a card to it whenever it asks for a cent")
    tried.device.open()
    return Counter(tried.device, tried.hands)


def test_money_is_taken_told_again_and_given_back(counter: Counter) -> None:
    before = counter.terminal.last_receipt_number
    taken = counter.pay()
    assert taken.approved
    assert taken.amount_minor == CENT_MINOR
    assert taken.receipt_number not in (None, before)
    assert counter.terminal.last_receipt_number == taken.receipt_number
    assert counter.terminal.last_payment() == LastPayment(CENT_MINOR, taken.receipt_number or 0, True)
    back = counter.terminal.reverse(taken.receipt_number, PAY_S)
    assert back.approved
    assert counter.terminal.reverse(taken.receipt_number, PAY_S).approved, "asked again it says yes again"


def test_it_says_how_it_is(counter: Counter) -> None:
    assert counter.terminal.status() == 0


def test_a_refused_card_moves_nothing(counter: Counter) -> None:
    outcome = counter.pay(card="decline")
    assert not outcome.approved
    assert outcome.receipt_number is None
    assert outcome.result_code != 0


def test_closed_it_is_unreachable_and_opens_again(counter: Counter) -> None:
    counter.terminal.close()
    counter.terminal.close()
    with pytest.raises(Unreachable):
        counter.terminal.pay(CENT_MINOR, lambda _: None, PAY_S)
    counter.terminal.open()
    assert counter.terminal.status() == 0


def test_amounts_that_are_none_are_refused_before_anything_is_said(counter: Counter) -> None:
    for amount_minor in (0, -1, 10**13):
        with pytest.raises(ValueError, match="not an amount"):
            counter.terminal.pay(amount_minor, lambda _: None, PAY_S)


def test_what_breaks_after_the_order_is_unknown_and_is_found_out(counter: Counter) -> None:
    if counter.hands is None:
        pytest.skip("nobody pulls a real terminal's plug on request")
    booked = len(counter.hands.charges)
    counter.hands.next_card("approve")
    counter.hands.die_at(40, after_booking=True)
    with pytest.raises(OutcomeUnknown):
        counter.terminal.pay(CENT_MINOR, lambda _: None, PAY_S)
    last = None
    for _ in range(3):
        try:
            last = counter.terminal.last_payment()
        except DeviceFault:
            continue
        break
    assert last is not None
    assert last.approved
    assert len(counter.hands.charges) == booked + 1


def test_a_stop_before_the_card_is_a_clear_no(counter: Counter) -> None:
    outcome = counter.terminal.pay(CENT_MINOR, lambda _: counter.terminal.abort(), PAY_S)
    assert not outcome.approved
