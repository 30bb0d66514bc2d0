"""The table of a ZVT dialogue, and what its ends mean."""

from __future__ import annotations

import pytest

from hardware.errors import Busy, Garbled, OutcomeUnknown
from hardware.readings import CardOutcome, LastPayment
from hardware.zvt.message import Message
from hardware.zvt.orders import Authorisation, EcrAbort, RepeatReceipt
from hardware.zvt.outcome import last_payment, payment_outcome
from hardware.zvt.reports import (
    Abort,
    Completion,
    IntermediateStatus,
    Negative,
    Positive,
    PrintLine,
    StatusInformation,
    Unsupported,
)
from hardware.zvt.session import MESSAGES_MAX, Dialogue, State

TAKEN = StatusInformation(0, 500, 7, card_name="girocard")


def played(*heard: Message, command: Message | None = None) -> Dialogue:
    dialogue = Dialogue(command or Authorisation(500))
    for message in heard:
        dialogue.hear(message)
    return dialogue


def test_all_that_a_running_terminal_says_is_acknowledged() -> None:
    dialogue = played(Positive())
    for message in (IntermediateStatus(10), TAKEN, PrintLine(0, "x"), Completion()):
        assert dialogue.hear(message) == Positive()
    assert dialogue.ended
    assert played(Positive()).hear(Unsupported(b"\x04\x01")) == Negative(0x83)


@pytest.mark.parametrize(
    "heard",
    [
        (Completion(),),
        (TAKEN,),
        (Positive(), Positive()),
        (Positive(), Completion(), TAKEN),
        (Positive(), Authorisation(1)),
    ],
)
def test_what_may_not_be_said_now_is_garbled(heard: tuple[Message, ...]) -> None:
    with pytest.raises(Garbled):
        played(*heard)


def test_a_terminal_that_never_comes_to_an_end_is_garbled() -> None:
    dialogue = played(Positive(), *[IntermediateStatus(10)] * (MESSAGES_MAX - 1))
    with pytest.raises(Garbled):
        dialogue.hear(IntermediateStatus(10))


def test_stopping_waits_for_its_own_answer() -> None:
    dialogue = Dialogue(Authorisation(500))
    assert dialogue.stop() is None
    dialogue.hear(Positive())
    assert dialogue.stop() == EcrAbort()
    assert dialogue.stop() is None
    dialogue.hear(IntermediateStatus(10))
    assert dialogue.stop_unanswered
    dialogue.hear(Negative(0x83))
    assert not dialogue.stop_unanswered
    assert dialogue.state is State.RUNNING
    assert dialogue.refusal is None


def test_approved_only_at_the_very_end() -> None:
    assert payment_outcome(played(Positive(), TAKEN, Completion()), 500) == CardOutcome(
        True, 500, 7, 0, "girocard"
    )
    with pytest.raises(OutcomeUnknown):
        payment_outcome(played(Positive(), TAKEN), 500)


@pytest.mark.parametrize(
    ("heard", "code"),
    [
        ((Positive(), StatusInformation(0x6C, text="stop"), Abort(0x6C)), 0x6C),
        ((Positive(), StatusInformation(0x05), Completion()), 0x05),
        ((Positive(), Abort(0x64)), 0x64),
        ((Positive(), StatusInformation(None), Abort(0x64)), 0x64),
        ((Negative(0x83),), 0x83),
    ],
)
def test_declined(heard: tuple[Message, ...], code: int) -> None:
    outcome = payment_outcome(played(*heard), 500)
    assert (outcome.approved, outcome.result_code, outcome.receipt_number) == (False, code, None)


@pytest.mark.parametrize(
    "heard",
    [
        (Positive(), Completion()),
        (Positive(), StatusInformation(None, 500), Completion()),
        (Positive(), StatusInformation(0, 499, 7), Completion()),
        (Positive(), TAKEN, Abort(0x6C)),
        (Positive(), TAKEN, StatusInformation(0x6C), Completion()),
        (Positive(), StatusInformation(0x6C), TAKEN, Completion()),
        (Positive(), TAKEN, Completion(result_code=0x6C)),
        (Positive(), Abort(0x00)),
    ],
)
def test_what_does_not_settle_the_matter_is_unknown(heard: tuple[Message, ...]) -> None:
    with pytest.raises(OutcomeUnknown):
        payment_outcome(played(*heard), 500)


@pytest.mark.parametrize("code", [0x9C, 0xA0])
def test_a_busy_terminal_did_not_begin(code: int) -> None:
    with pytest.raises(Busy):
        payment_outcome(played(Negative(code)), 500)


def test_the_last_payment() -> None:
    command = RepeatReceipt("000000", 3)
    assert last_payment(played(Positive(), TAKEN, Completion(), command=command)) == LastPayment(500, 7, True)
    declined = StatusInformation(0x6C, 500)
    assert last_payment(played(Positive(), declined, Completion(), command=command)) == LastPayment(
        500, 0, False
    )
    assert last_payment(played(Positive(), Abort(0x83), command=command)) is None


@pytest.mark.parametrize(
    ("heard", "fault"),
    [
        ((Positive(), Completion()), Garbled),
        ((Positive(), StatusInformation(0, 500), Completion()), Garbled),
        ((Positive(), StatusInformation(0, None, 7), Completion()), Garbled),
        ((Positive(), Abort(0xA0)), Busy),
        ((Negative(0x83),), Busy),
    ],
)
def test_a_terminal_that_cannot_tell_is_not_taken_for_one_that_remembers_nothing(
    heard: tuple[Message, ...], fault: type[Exception]
) -> None:
    with pytest.raises(fault):
        last_payment(played(*heard, command=RepeatReceipt("000000", 3)))
