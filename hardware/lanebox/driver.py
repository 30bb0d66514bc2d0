"""Asks a lane box how things are, and says how its lamps shall burn."""

from __future__ import annotations

import time
from collections.abc import Callable

from hardware.errors import Busy, DeviceFault, Garbled, Unreachable
from hardware.lanebox import codec
from hardware.lanebox.codec import LineBuffer, Said, State
from hardware.readings import Bagged, Lamps
from hardware.transport import Connect, Wire, open_wire, parse_address

OPEN_S_MAX = 2.0
ANSWER_S_MAX = 0.4
SEND_S_MAX = 1.0
TRIES = 3
"""A question may be asked again: see `codec`."""
BOOT_TRIES = 5
"""Opening the line makes many boards start anew: they say nothing for up to two seconds."""


class LaneBox:
    """One box at `serial:///dev/ttyACM0?baud=115200`. Blocking, called from one thread; close from any.

    Raises ValueError for an address that is none.
    """

    def __init__(
        self, address: str, *, connect: Connect = open_wire, clock: Callable[[], float] = time.monotonic
    ) -> None:
        parse_address(address)
        self._address = address
        self._connect = connect
        self._clock = clock
        self._wire: Wire | None = None
        self._number = 0

    def open(self) -> None:
        """Open the line and hear that it is a lane box of our version. Raises Unreachable, Busy, Garbled."""
        self.close()
        self._wire = self._connect(self._address, OPEN_S_MAX)
        try:
            hello = self._ask(codec.HELLO, BOOT_TRIES)
            if hello.split()[:2] != ["H", str(codec.VERSION)]:
                raise Busy("The lane box speaks another version: it needs the sketch of this release")
        except DeviceFault:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the line; a waiting call ends in Unreachable."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def check(self) -> None:
        """Hear that it is there. Raises Unreachable, Garbled; Busy if its load cell does not answer."""
        if self.look().reason == "cell":
            raise Busy("The load cell of the bagging area does not answer")

    def look(self) -> Bagged:
        """What lies there, and how the key stands. Raises Unreachable, Garbled."""
        return self._state(codec.STATE).bagged

    def show(self, lamps: Lamps) -> None:
        """Let the lamps burn so from now on. Raises Unreachable, Garbled."""
        if self._state(codec.lamps_order(lamps)).lamps != lamps:
            raise Garbled("The lane box lets other lamps burn than it was told")

    def zero(self) -> bool:
        """Call what lies there nothing; False while it moves. Raises Unreachable, Garbled."""
        return not self._ask(codec.ZERO).startswith("N")

    def _state(self, words: str) -> State:
        return codec.state(self._ask(words))

    def _ask(self, words: str, tries: int = TRIES) -> str:
        """Ask until it answers under this question's number; what it says to older ones is passed over."""
        self._number = (self._number + 1) % codec.NUMBERS
        question = codec.encode(Said(self._number, words))
        fault: DeviceFault = Unreachable("The lane box does not answer")
        for _ in range(tries):
            try:
                answer = self._try(question)
            except Garbled as garbled:
                fault = garbled
                continue
            except Unreachable:
                self.close()
                raise
            if answer is not None:
                return answer
        self.close()
        raise fault

    def _try(self, question: bytes) -> str | None:
        wire, buffer = self._wire, LineBuffer()
        if wire is None:
            raise Unreachable(f"the lane box at {self._address} is not open")
        wire.write(question, SEND_S_MAX)
        ends_s = self._clock() + ANSWER_S_MAX
        while (left_s := ends_s - self._clock()) > 0:
            for said in buffer.feed(wire.read(left_s)):
                if said.number == self._number:
                    return said.words
        return None
