"""One ZVT dialogue as the shop's side (ECR) sees it: what may be heard when, and what is answered.

    ASKED ------ Positive -----> RUNNING ------ Completion -----> COMPLETED
      |                           |  ^  \\
      +-- Negative -> REFUSED     |  |   +------ Abort ----------> ABORTED
                           06 B0  |  |  Positive or Negative
                                  v  |
                                STOPPING (hears what RUNNING hears)

    TOLD ------- Positive -----> COMPLETED        (for orders to which a terminal only says yes)
    GREETING --- Positive -----> RUNNING          (Registration: others may still be spoken to)

The terminal leads while RUNNING: everything it says is acknowledged, or it
would stop (PA00P016, "Flow of a command"). The table below is the whole of it;
a message that it does not have is a broken dialogue. What its ends mean is said in `outcome`.

Where goods come out of a machine the approved Status-Information is not acknowledged but answered with what
became of them (`Goods`; PA00P015, 2.2, "issue of goods"): issued, on their way, partly issued, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from hardware.errors import Garbled
from hardware.zvt.codes import APPROVED, GOODS_NOT_ISSUED, PARTLY_ISSUED, PLEASE_WAIT, UNKNOWN_COMMAND
from hardware.zvt.message import Message
from hardware.zvt.orders import DisplayText, EcrAbort, LogOff, Registration, SelectLanguage
from hardware.zvt.reports import (
    REPORTS,
    Abort,
    Completion,
    IntermediateStatus,
    Negative,
    Positive,
    PrintLine,
    PrintTextBlock,
    SetTimeAndDate,
    StatusInformation,
    TerminalStatus,
    Unsupported,
)

MESSAGES_MAX = 5_000
"""More than a terminal can say while a person pays (two minutes, ten messages a second, some receipts)."""
GOODS_ANSWERS_MAX = 10
"""How often the terminal hears of goods (BMP 02): those still on their way then count as not issued."""
PAPER_LINES_MAX = 1_000
"""A terminal that prints more than that is not heard any further."""


class State(Enum):
    """Where the dialogue stands."""

    ASKED = auto()
    TOLD = auto()
    GREETING = auto()
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
        SetTimeAndDate: (state, _NOT_KNOWN),
        Unsupported: (state, _NOT_KNOWN),
        Completion: (State.COMPLETED, _YES),
        TerminalStatus: (State.COMPLETED, _YES),
        Abort: (State.ABORTED, _YES),
    }


_PASSED_OVER: _Moves = dict.fromkeys(REPORTS, (State.GREETING, None))
TABLE: dict[State, _Moves] = {
    State.ASKED: {Positive: (State.RUNNING, None), Negative: (State.REFUSED, None)},
    State.GREETING: _PASSED_OVER | {Positive: (State.RUNNING, None), Negative: (State.REFUSED, None)},
    State.TOLD: {Positive: (State.COMPLETED, None), Negative: (State.REFUSED, None)},
    State.RUNNING: _heard_while(State.RUNNING),
    State.STOPPING: _heard_while(State.STOPPING)
    | {Positive: (State.RUNNING, None), Negative: (State.RUNNING, None)},
    State.COMPLETED: {},
    State.ABORTED: {},
    State.REFUSED: {},
}

BEGINNINGS: dict[type[Message], State] = {
    Registration: State.GREETING,
    DisplayText: State.TOLD,
    LogOff: State.TOLD,
    SelectLanguage: State.TOLD,
}
"""Where the dialogue of an order begins; all others at ASKED."""


@dataclass(frozen=True, slots=True)
class Goods:
    """What became of the goods that an approved payment is for. `amount_minor`: for only so much came out."""

    answer: int
    amount_minor: int | None = None


ISSUED = Goods(APPROVED)
ON_THEIR_WAY = Goods(PLEASE_WAIT)
NOT_ISSUED = Goods(GOODS_NOT_ISSUED)


def partly_issued(amount_minor: int) -> Goods:
    """Goods for only `amount_minor` came out: the terminal takes no more than that."""
    return Goods(PARTLY_ISSUED, amount_minor)


class Dialogue:
    """What became of one command. Bytes and time are the driver's."""

    def __init__(self, command: Message, goods: Callable[[], Goods] | None = None) -> None:
        """`goods` is asked, once an amount is approved, what became of them; None: they are handed out."""
        self.command = command
        self.goods: Goods = ISSUED
        """What the terminal was told last."""
        self.state = BEGINNINGS.get(type(command), State.ASKED)
        self.status: StatusInformation | None = None
        self.completion: Completion | None = None
        self.terminal_status: TerminalStatus | None = None
        self.refusal: int | None = None
        """Code of the Abort or Negative that ended it."""
        self.contradicted = False
        """True when the terminal told two different results."""
        self.stop_unanswered = False
        """True while an answer to our 06 B0 is still to come, even behind the end of the dialogue."""
        self.paper: list[str] = []
        """What the terminal would have us print."""
        self._ask_for_goods = goods
        self._goods_answers = 0
        self._heard = 0

    @property
    def begun(self) -> bool:
        """True once the terminal has said whether it will do it."""
        return self.state not in (State.ASKED, State.TOLD, State.GREETING)

    @property
    def ended(self) -> bool:
        """True when nothing more may be heard."""
        return not TABLE[self.state]

    def hear(self, message: Message) -> Message | None:
        """Move on. Returns what to answer, None for nothing. Raises Garbled when it may not be said now."""
        self._heard += 1
        if message == Negative(0):
            message = _YES  # some terminals say yes with 84 00
        move = TABLE[self.state].get(type(message))
        if move is None or self._heard > MESSAGES_MAX:
            raise Garbled(f"the terminal said {type(message).__name__} while {self.state.name.lower()}")
        self.state, answer = move
        self._note(message)
        if isinstance(message, StatusInformation) and message.result_code == APPROVED:
            return self._answer_about_goods()
        return answer

    def stop(self) -> Message | None:
        """The command that asks the terminal to stop; None where it cannot be said now."""
        if self.state is not State.RUNNING:
            return None
        self.state = State.STOPPING
        self.stop_unanswered = True
        return EcrAbort()

    def _answer_about_goods(self) -> Message:
        if self._ask_for_goods is not None and self.goods.answer in (APPROVED, PLEASE_WAIT):
            self.goods = self._ask_for_goods()
            self._goods_answers += 1
            if self.goods == ON_THEIR_WAY and self._goods_answers >= GOODS_ANSWERS_MAX:
                self.goods = NOT_ISSUED
        if self.goods == ISSUED:
            return _YES
        return Negative(self.goods.answer, self.goods.amount_minor)

    def _note(self, message: Message) -> None:
        match message:
            case StatusInformation():
                earlier = self.status
                self.contradicted |= earlier is not None and earlier.result_code != message.result_code
                self.status = message
            case Completion(result_code=code):
                self.completion = message
                self.contradicted |= bool(code) and self._approved
            case TerminalStatus():
                self.terminal_status = message
            case Abort(result_code=code) | Negative(code=code) if self.state is not State.RUNNING:
                self.refusal = code
            case Positive() | Negative():
                self.stop_unanswered = False
            case PrintLine(text=text):
                self._print(text)
            case PrintTextBlock():
                self._print(*message.lines)

    @property
    def _approved(self) -> bool:
        return self.status is not None and self.status.result_code == APPROVED

    def _print(self, *lines: str) -> None:
        if len(self.paper) + len(lines) > PAPER_LINES_MAX:
            raise Garbled("the terminal prints more than a receipt can have")
        self.paper += lines
