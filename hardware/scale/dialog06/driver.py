"""Weighs on a scale that speaks Checkout-Dialog 06; it shows and computes the price to pay itself."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from hardware.errors import Garbled, Unreachable
from hardware.readings import NoWeight, Weight
from hardware.scale.dialog06.checksums import Key, read_key
from hardware.scale.dialog06.codec import (
    EOT,
    PRICE_MINOR_MAX,
    TARE_G_MAX,
    AnswerBuffer,
    FromScale,
    PriceSet,
    Status,
    StatusAsked,
    ToScale,
    encode,
)
from hardware.scale.dialog06.session import Weighing
from hardware.transport import Connect, Wire, open_wire, parse_address

FRAMING = "7O1"
_CONNECT: Connect = partial(open_wire, framing=FRAMING)
OPEN_S_MAX = 2.0
ANSWER_S_MAX = 1.0
TURNS_MAX = 16
"""More answers than any weighing has, two rounds of checksums included."""
STALE_READS_MAX = 4


class Dialog06Scale:
    """A checkout scale on a serial line, 9600 baud 7O1 unless the address says otherwise.

    `key_file` holds what the scale's maker told in confidence (`checksums.read_key`); without it the
    demonstration's key is used, which only the emulator takes. Raises ValueError for an address or a key
    file that is none.
    """

    def __init__(
        self,
        address: str,
        *,
        key_file: str = "",
        connect: Connect = _CONNECT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        parse_address(address)
        self._address = address
        self._key = _key(key_file)
        self._connect = connect
        self._clock = clock
        self._buffer = AnswerBuffer()
        self._wire: Wire | None = None

    def open(self) -> None:
        """Open the line and hear that a scale answers. Raises Unreachable, Busy, Garbled."""
        self.close()
        self._wire = self._connect(self._address, OPEN_S_MAX)
        try:
            self.check()
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
        if not isinstance(self._ask(StatusAsked()), Status):
            raise Garbled("the scale does not say how it is")

    def weigh(self, unit_price_minor: int = 0, tare_g: int = 0, text: str = "") -> Weight | NoWeight:
        """What it shows now for a price per kilogram, less `tare_g`; `text` is for its display.

        Raises Unreachable, Garbled, and Busy for a scale that does not weigh for this till.
        """
        if not 0 <= unit_price_minor <= PRICE_MINOR_MAX:
            return NoWeight("price")
        if not 0 <= tare_g <= TARE_G_MAX:
            return NoWeight("tare")
        weighing = Weighing(PriceSet(unit_price_minor, tare_g, text), self._key)
        say = weighing.begin()
        for _ in range(TURNS_MAX):
            then = weighing.take(self._ask(say))
            if then is None:
                self._release()
                assert weighing.outcome is not None
                return weighing.outcome
            say = then
        raise Garbled("the scale comes to no end")

    def _ask(self, message: ToScale) -> FromScale:
        wire = self._the_wire()
        self._buffer.clear()
        try:
            for _ in range(STALE_READS_MAX):
                if not wire.read(0.0):
                    break
            wire.write(encode(message), ANSWER_S_MAX)
            ends_s = self._clock() + ANSWER_S_MAX
            while (left_s := ends_s - self._clock()) > 0:
                answer = self._buffer.feed(wire.read(left_s))
                if answer is not None:
                    return answer
            raise Unreachable("The scale does not answer")
        except Unreachable:
            self.close()
            raise

    def _release(self) -> None:
        """The weight is known: a line that breaks now is found with the next question."""
        with contextlib.suppress(Unreachable):
            self._the_wire().write(EOT, ANSWER_S_MAX)

    def _the_wire(self) -> Wire:
        if self._wire is None:
            raise Unreachable(f"the scale at {self._address} is not open")
        return self._wire


def _key(file: str) -> Key:
    if not file:
        return Key()
    try:
        return read_key(Path(file))
    except OSError as error:
        raise ValueError(f"the scale's key file cannot be read: {error.strerror}") from None
