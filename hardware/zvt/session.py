"""One ZVT dialogue as the shop's side (ECR) sees it: what may be heard when, and what is answered.

    ASKED ------ Positive -----> RUNNING ------ Completion -----> COMPLETED
      |                           |  ^  \\
      +-- Negative -> REFUSED     |  |   +------ Abort ----------> ABORTED
                           06 B0  |  |  Positive or Negative
                                  v  |
                                STOPPING (hears what RUNNING hears)

The terminal leads while RUNNING: everything it says is acknowledged, or it
would stop (PA00P016, "Flow of a command"). The table below is the whole of it;
a message that it does not have is a broken dialogue.

A payment is approved only when the dialogue came to its end: a Status-Information
with result 00 whose acknowledgement was lost may still be reversed by the
terminal (PA00P015, 2.2), so nothing less than the Completion counts.
"""

from __future__ import annotations

from enum import Enum, auto

from hardware.errors import Busy, Garbled, OutcomeUnknown
from hardware.readings import CardOutcome, LastPayment
from hardware.zvt.codec import (
    Abort,
    Completion,
    EcrAbort,
    IntermediateStatus,
    Message,
    Negative,
    Positive,
    PrintLine,
    PrintTextBlock,
    StatusInformation,
    TerminalStatus,
    Unsupported,
)
from hardware.zvt.fields import APPROVED, PLEASE_WAIT, RECEIVER_NOT_READY, UNKNOWN_COMMAND

MESSAGES_MAX = 5_000
"""More than a terminal can say while a person pays (two minutes, ten messages a second, some receipts)."""
NOTHING_STORED = UNKNOWN_COMMAND
"""With this code a terminal aborts Repeat Receipt when it has no transaction to repeat."""


class State(Enum):
    """Where the dialogue stands."""

    ASKED = auto()
    RUNNING = auto()
    STOPPING = auto()
    COMPLETED = auto()
    ABORTED = auto()
    REFUSED = auto()


_YES = Positive()
_NOT_KNOWN = Negative(UNKNOWN_COMMAND)
_Moves = dict[type[Message], tuple[State, Message | None]]


def _heard_while(state: State) -> _Moves:
    return {
        IntermediateStatus: (state, _YES),
        StatusInformation: (state, _YES),
        PrintLine: (state, _YES),
        PrintTextBlock: (state, _YES),
        Unsupported: (state, _NOT_KNOWN),
        Completion: (State.COMPLETED, _YES),
        TerminalStatus: (State.COMPLETED, _YES),
        Abort: (State.ABORTED, _YES),
    }


TABLE: dict[State, _Moves] = {
    State.ASKED: {Positive: (State.RUNNING, None), Negative: (State.REFUSED, None)},
    State.RUNNING: _heard_while(State.RUNNING),
    State.STOPPING: _heard_while(State.STOPPING)
    | {Positive: (State.RUNNING, None), Negative: (State.RUNNING, None)},
    State.COMPLETED: {},
    State.ABORTED: {},
    State.REFUSED: {},
}


class Dialogue:
    """What became of one command. Bytes and time are the driver's."""

    def __init__(self, command: Message) -> None:
        self.command = command
        self.state = State.ASKED
        self.status: StatusInformation | None = None
        self.terminal_status: TerminalStatus | None = None
        self.refusal: int | None = None
        """Code of the Abort or Negative that ended it."""
        self.contradicted = False
        """True when the terminal told two different results."""
        self.stop_unanswered = False
        """True while an answer to our 06 B0 is still to come, even behind the end of the dialogue."""
        self._heard = 0

    @property
    def ended(self) -> bool:
        """True when nothing more may be heard."""
        return not TABLE[self.state]

    def hear(self, message: Message) -> Message | None:
        """Move on. Returns what to answer, None for nothing. Raises Garbled when it may not be said now."""
        self._heard += 1
        move = TABLE[self.state].get(type(message))
        if move is None or self._heard > MESSAGES_MAX:
            raise Garbled(f"the terminal said {type(message).__name__} while {self.state.name.lower()}")
        self.state, answer = move
        self._note(message)
        return answer

    def stop(self) -> Message | None:
        """The command that asks the terminal to stop; None where it cannot be said now."""
        if self.state is not State.RUNNING:
            return None
        self.state = State.STOPPING
        self.stop_unanswered = True
        return EcrAbort()

    def _note(self, message: Message) -> None:
        match message:
            case StatusInformation():
                earlier = self.status
                self.contradicted |= earlier is not None and earlier.result_code != message.result_code
                self.status = message
            case Completion(result_code=code) if code:
                self.contradicted |= self.status is not None and self.status.result_code == APPROVED
            case TerminalStatus():
                self.terminal_status = message
            case Abort(result_code=code) | Negative(code=code) if self.state is not State.RUNNING:
                self.refusal = code
            case Positive() | Negative():
                self.stop_unanswered = False


def payment_outcome(dialogue: Dialogue, amount_minor: int) -> CardOutcome:
    """What an ended Authorisation means.

    Raises Busy when the terminal refused to begin for now, OutcomeUnknown when
    what it said does not settle the matter (another amount, two results, no result).
    """
    status, refusal = dialogue.status, dialogue.refusal
    result = status.result_code if status is not None else None
    if dialogue.state is State.REFUSED:
        if refusal in (PLEASE_WAIT, RECEIVER_NOT_READY):
            raise Busy(f"the terminal is busy (code {refusal:02X})")
        return CardOutcome(False, amount_minor, None, refusal or UNKNOWN_COMMAND)
    if dialogue.contradicted:
        raise OutcomeUnknown("the terminal told two different results")
    if dialogue.state is State.COMPLETED and status is not None and result == APPROVED:
        if status.amount_minor not in (None, amount_minor):
            raise OutcomeUnknown("the terminal approved another amount")
        number, name, text = status.receipt_number, status.card_name, status.text
        return CardOutcome(True, amount_minor, number, APPROVED, name, text)
    code = result or refusal
    if dialogue.ended and result != APPROVED and code:
        text = "" if status is None else status.text
        return CardOutcome(False, amount_minor, None, code, text=text)
    raise OutcomeUnknown("the terminal ended the payment without saying how")


def last_payment(dialogue: Dialogue) -> LastPayment | None:
    """What an ended Repeat Receipt means; None when the terminal remembers no transaction.

    A terminal that cannot tell raises, for its silence would read as "not charged":
    Busy when it will not tell now, Garbled when it tells no result, amount or receipt number.
    """
    status = dialogue.status
    if dialogue.state is State.ABORTED and dialogue.refusal == NOTHING_STORED and status is None:
        return None
    if dialogue.state is not State.COMPLETED:
        raise Busy(f"the terminal does not tell its last payment now (code {dialogue.refusal or 0:02X})")
    if status is None or status.result_code is None or status.amount_minor is None:
        raise Garbled("the terminal does not tell how its last payment ended")
    if status.receipt_number is None and status.result_code == APPROVED:
        raise Garbled("the terminal does not tell the receipt number of its last payment")
    return LastPayment(status.amount_minor, status.receipt_number or 0, status.result_code == APPROVED)
