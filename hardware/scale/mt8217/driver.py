"""Asks a scale that speaks 8217 for what its display shows."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from hardware.errors import Garbled, Unreachable
from hardware.readings import NoWeight, Weight
from hardware.scale.mt8217 import codec
from hardware.scale.mt8217.codec import Answer, AnswerBuffer, Status, Weighed
from hardware.transport import Connect, Wire, open_wire, parse_address

FRAMING = "7E1"
_CONNECT: Connect = partial(open_wire, framing=FRAMING)
OPEN_S_MAX = 2.0
ANSWER_S_MAX = 1.0
PAUSE_S = 0.2
"""The scale must not be given the next order sooner (manual, 6.1.4.1)."""
STALE_READS_MAX = 4


class Mt8217Scale:
    """A checkout scale on a serial line, 9600 baud 7E1 unless the address says otherwise.

    A weight counts when two answers in a row are the same: parity alone lets two flipped bits pass.
    Raises ValueError for an address that is none.
    """

    def __init__(
        self,
        address: str,
        *,
        connect: Connect = _CONNECT,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        parse_address(address)
        self._address = address
        self._connect = connect
        self._clock = clock
        self._wait = wait
        self._buffer = AnswerBuffer()
        self._wire: Wire | None = None
        self._next_order_s = 0.0
        self._tare_g = 0

    def open(self) -> None:
        """Open the line, hear that a scale answers, and take away a tare that somebody left.

        Raises Unreachable, Busy when another program has the line, Garbled.
        """
        self.close()
        self._wire = self._connect(self._address, OPEN_S_MAX)
        try:
            self._ask(codec.ASK_WEIGHT)
            self._set_tare(0, anyway=True)
        except (Unreachable, Garbled):
            self.close()
            raise

    def close(self) -> None:
        """Let go of the line; a waiting call ends in Unreachable."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def check(self) -> None:
        """Hear that it is there. Raises Unreachable, Garbled."""
        self._ask(codec.ASK_WEIGHT)

    def zero(self) -> bool:
        """Call what lies on it nothing; False if it may not. Raises Unreachable, Garbled."""
        status = self._ask(codec.SET_ZERO)
        self._wait(PAUSE_S)  # it is carried out with the next measurement
        return isinstance(status, Status) and isinstance(self._ask(codec.ASK_WEIGHT), Weighed)

    def weigh(self, unit_price_minor: int = 0, tare_g: int = 0) -> Weight | NoWeight:
        """What it shows now, less `tare_g`; this scale computes no prices.

        Raises Unreachable, Garbled.
        """
        if refused := self._set_tare(tare_g):
            return NoWeight(refused)
        first = self._ask(codec.ASK_WEIGHT)
        if isinstance(first, Status):
            return NoWeight(_why(first))
        if first.weight_g == 0:
            return NoWeight("empty")
        if first.net != bool(tare_g):
            self._tare_g = -1  # somebody pressed a key at the scale: say it once more
            return NoWeight("tare")
        return Weight(first.weight_g) if self._ask(codec.ASK_WEIGHT) == first else NoWeight("motion")

    def _set_tare(self, tare_g: int, *, anyway: bool = False) -> str:
        """Weigh without `tare_g` from now on; "" if it does, else why not.

        A scale that moves takes no tare, and one whose tare is switched off says nothing.
        """
        if tare_g == self._tare_g and not anyway:
            return ""
        status = self._exchange(codec.tare_order(tare_g) if tare_g else codec.CLEAR_TARE)
        if isinstance(status, Status) and status.net == bool(tare_g):
            self._tare_g = tare_g
            return ""
        return "motion" if isinstance(status, Status) and status.motion else "tare"

    def _ask(self, order: bytes) -> Answer:
        answer = self._exchange(order)
        if answer is None:
            self.close()
            raise Unreachable("The scale does not answer")
        return answer

    def _exchange(self, order: bytes) -> Answer | None:
        """One order and its answer, None for silence."""
        wire = self._wire
        if wire is None:
            raise Unreachable(f"the scale at {self._address} is not open")
        self._wait(max(0.0, self._next_order_s - self._clock()))
        try:
            self._buffer.clear()
            for _ in range(STALE_READS_MAX):
                if not wire.read(0.0):
                    break
            wire.write(order, ANSWER_S_MAX)
            return self._listen(wire)
        except Unreachable:
            self.close()
            raise
        finally:
            self._next_order_s = self._clock() + PAUSE_S

    def _listen(self, wire: Wire) -> Answer | None:
        ends_s = self._clock() + ANSWER_S_MAX
        while (left_s := ends_s - self._clock()) > 0:
            answer = self._buffer.feed(wire.read(left_s))
            if answer is not None:
                return answer
        return None


def _why(status: Status) -> str:
    """The reason for no weight, the gravest first."""
    for reason in ("over", "under", "motion"):
        if getattr(status, reason):
            return reason
    return "zero"
