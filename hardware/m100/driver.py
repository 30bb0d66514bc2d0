"""A plain UHF module on a serial line: told to read on and on, and told again before it is done.

A module says after each round that read nothing "no tag": one that says nothing at all is gone. What it says
while nobody listens waits in the line's own buffer, which the kernel bounds by dropping the newest.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from hardware.errors import Busy, DeviceFault, Unreachable
from hardware.m100 import codec
from hardware.m100.codec import Frame, Framer
from hardware.readings import TagRead
from hardware.transport import Connect, Wire, open_wire, parse_address

OPEN_S_MAX = 2.0
ANSWER_S_MAX = 2.0
SEND_S_MAX = 1.0
SILENCE_S_MAX = 4.0
"""Neither tag nor "no tag" for this long: the module is gone (FAULTS 21 asks for 5 s)."""
POLLS = 10_000
POLL_AGAIN_S = 20.0
"""A round takes some ten milliseconds, so the module is still at its `POLLS` when it is told again."""


class M100Reader:
    """One module at `serial:///dev/ttyUSB0?baud=115200`. Blocking, called from one thread; close from any."""

    def __init__(
        self,
        address: str,
        *,
        power_dbm: float | None = None,
        silence_s: float = SILENCE_S_MAX,
        connect: Connect = open_wire,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """ValueError for an address that is none."""
        parse_address(address)
        self._address = address
        self._power_dbm = power_dbm
        self._silence_s = silence_s
        self._connect = connect
        self._clock = clock
        self._wire: Wire | None = None
        self._framer = Framer()
        self._told_s = 0.0
        self.dropped = 0
        """Always 0: what nobody fetched is lost in the kernel, which does not count."""
        self.heard_s = clock()
        """When the module last said a whole frame, by the clock."""

    def open(self) -> None:
        """Stop what it may be at, ask who it is, and start reading. Raises Unreachable, Busy or Garbled."""
        self.close()
        self._wire = wire = self._connect(self._address, OPEN_S_MAX)
        try:
            self._say(Frame(codec.COMMAND, codec.STOP))
            self._throw_away(wire)
            self._framer = Framer()
            self._ask(wire, Frame(codec.COMMAND, codec.INFO, b"\x00"))
            if self._power_dbm is not None:
                self._ask(wire, codec.set_power(self._power_dbm))
            self._poll()
        except DeviceFault:
            self.close()
            raise

    def close(self) -> None:
        """Stop reading and let go of the line; a waiting `read` ends in Unreachable."""
        wire, self._wire = self._wire, None
        if wire is not None:
            with contextlib.suppress(DeviceFault):
                wire.write(codec.encode(Frame(codec.COMMAND, codec.STOP)), SEND_S_MAX)
            wire.close()

    def read(self, timeout_s: float) -> list[TagRead]:
        """What is seen as soon as something is, or nothing within `timeout_s`.

        Raises Unreachable (line gone, or silent for `silence_s`) or Garbled; after that, `open()` again.
        """
        ends = self._clock() + max(0.0, timeout_s)
        while True:
            reads = [codec.tag_read(one) for one in self._hear(ends) if one.type == codec.NOTICE]
            if reads or self._clock() >= ends:
                return reads

    def _hear(self, ends: float) -> list[Frame]:
        """The frames that come next, or none until `ends`."""
        wire = self._wire
        if wire is None:
            raise Unreachable(f"the RFID module at {self._address} is not open")
        if self._clock() - self._told_s > POLL_AGAIN_S:
            self._poll()
        frames = self._framer.feed(wire.read(max(0.0, ends - self._clock())))
        if frames:
            self.heard_s = self._clock()
        elif self._clock() - self.heard_s > self._silence_s:
            raise Unreachable("The RFID module has fallen silent")
        return frames

    def _poll(self) -> None:
        self._say(codec.start_polling(POLLS))
        self._told_s = self._clock()

    def _say(self, frame: Frame) -> None:
        if self._wire is None:
            raise Unreachable(f"the RFID module at {self._address} is not open")
        self._wire.write(codec.encode(frame), SEND_S_MAX)

    def _ask(self, wire: Wire, question: Frame) -> None:
        """Ask, and wait for the answer to this and nothing else."""
        self._say(question)
        ends = self._clock() + ANSWER_S_MAX
        while (left_s := ends - self._clock()) > 0:
            for frame in self._framer.feed(wire.read(left_s)):
                self.heard_s = self._clock()
                if (frame.type, frame.command) == (codec.ANSWER, question.command):
                    return
                if (frame.type, frame.command) == (codec.ANSWER, codec.ERROR):
                    raise Busy(f"The RFID module refuses (code {frame.parameters.hex()})")
        raise Unreachable("The RFID module does not answer")

    def _throw_away(self, wire: Wire) -> None:
        """What it still says of an inventory that an earlier client left running."""
        ends = self._clock() + ANSWER_S_MAX
        stopped = codec.encode(Frame(codec.ANSWER, codec.STOP, b"\x00"))
        said = b""
        while (left_s := ends - self._clock()) > 0:
            said = (said + wire.read(left_s))[-2 * codec.PARAMETERS_BYTES_MAX :]
            if said.endswith(stopped):
                return
        raise Unreachable("The RFID module does not answer")
