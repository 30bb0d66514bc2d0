"""The open line to a terminal, and dialogues on it: waits, deadlines, and the way to stop in the middle."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from hardware.errors import Garbled, Unreachable
from hardware.transport import Wire
from hardware.zvt.codec import decode, encode
from hardware.zvt.framing import ApduBuffer
from hardware.zvt.message import Message
from hardware.zvt.reports import IntermediateStatus
from hardware.zvt.session import Dialogue

STOP_LOOK_S = 0.1
"""How soon a wish to stop from another thread is passed on."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the asker wants to hear, and when it wants the terminal to stop."""

    ends: float
    """By the line's clock."""
    on_status: Callable[[IntermediateStatus], None] | None = None
    stop_at: float | None = None
    """From then on the terminal is asked to stop; None: it never is."""
    stop: threading.Event = field(default_factory=threading.Event)
    """Set it, and the terminal is asked to stop at once."""


class Conversation:
    """A line that was opened to a terminal. `answer_s` limits the wait for each acknowledgement."""

    def __init__(self, wire: Wire, answer_s: float, clock: Callable[[], float]) -> None:
        self._wire = wire
        self._answer_s = answer_s
        self._clock = clock
        self._inbox = ApduBuffer()

    def close(self) -> None:
        """Let go of the line, from any thread."""
        self._wire.close()

    def quiet(self) -> None:
        """Raises Garbled when something waits to be heard: it might pass for an answer. Or Unreachable."""
        if self._wire.read(0.0) or self._inbox.pending:
            raise Garbled("the terminal spoke out of turn")

    def hold(self, dialogue: Dialogue, wishes: Wishes) -> None:
        """Say the command and play the dialogue to its end. Raises Unreachable (silence, too), Garbled."""
        self._say(dialogue.command)
        answer_by = self._clock() + self._answer_s
        stop_at = wishes.stop_at
        while not dialogue.ended:
            if stop_at is not None and self._should_stop(wishes, stop_at):
                stop = dialogue.stop()
                if stop is not None:
                    wishes.stop.clear()
                    stop_at = wishes.ends if self._clock() >= stop_at else stop_at
                    self._say(stop)
            limit = wishes.ends if dialogue.begun else min(wishes.ends, answer_by)
            message = self._hear(dialogue, limit, wishes, stop_at)
            if message is None:
                continue
            answer = dialogue.hear(message)
            if answer is not None:
                self._say(answer)
            if wishes.on_status is not None and isinstance(message, IntermediateStatus):
                wishes.on_status(message)

    def _should_stop(self, wishes: Wishes, stop_at: float) -> bool:
        return wishes.stop.is_set() or self._clock() >= stop_at

    def _say(self, message: Message) -> None:
        self._wire.write(encode(message), self._answer_s)

    def _hear(self, dialogue: Dialogue, ends: float, wishes: Wishes, stop_at: float | None) -> Message | None:
        """The next message, or None when it is time to look whether to stop. Raises Unreachable, Garbled."""
        while (apdu := self._inbox.next_apdu()) is None:
            left_s = ends - self._clock()
            if left_s <= 0:
                raise Unreachable("the terminal is silent")
            data = self._wire.read(left_s if stop_at is None else min(left_s, STOP_LOOK_S))
            if data:
                self._inbox.feed(data)
            elif stop_at is not None and self._should_stop(wishes, stop_at):
                return None
        return decode(apdu, answers=type(dialogue.command))
