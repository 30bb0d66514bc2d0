"""A board of relays behind Modbus: a light tower on three of them, a gate on one."""

from __future__ import annotations

import time
from collections.abc import Callable

from hardware.errors import DeviceFault, Unreachable
from hardware.modbus import codec
from hardware.modbus.codec import Question, ReadCoils, WriteCoil
from hardware.modbus.framing import UNIT_MAX, Framed, RtuBuffer, TcpBuffer, to_rtu, to_tcp
from hardware.readings import Lamp, Lamps
from hardware.transport import Connect, Wire, open_wire, parse_address

OPEN_S_MAX = 2.0
ANSWER_S_MAX = 0.8
SEND_S_MAX = 1.0
STALE_READS_MAX = 4


class RelayBoard:
    """One board at `tcp://192.168.1.30:502` (Modbus TCP) or `serial:///dev/ttyUSB0?baud=9600` (Modbus RTU).

    Blocking, called from one thread; close from any. `unit` is its number on the bus. Raises ValueError for
    an address or a unit that is none.
    """

    def __init__(
        self,
        address: str,
        *,
        unit: int = 1,
        connect: Connect = open_wire,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not 0 < unit <= UNIT_MAX:
            raise ValueError(f"a Modbus unit is 1 to {UNIT_MAX}, not {unit}")
        self._is_tcp = bool(parse_address(address).host)
        self._address = address
        self._unit = unit
        self._connect = connect
        self._clock = clock
        self._wire: Wire | None = None
        self._number = 0

    def open(self) -> None:
        """Open the line and hear that a board answers. Raises Unreachable, Busy, Garbled."""
        self.close()
        self._wire = self._connect(self._address, OPEN_S_MAX)
        try:
            self.check()
        except DeviceFault:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the line; a waiting call ends in Unreachable. The relays stay as they are."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def check(self) -> None:
        """Hear that it is there. Raises Unreachable, Busy, Garbled."""
        self.read_coils(0, 1)

    def read_coils(self, first: int, count: int) -> tuple[bool, ...]:
        """How relays stand. Raises Unreachable, Busy, Garbled."""
        return self._ask(ReadCoils(first, count))

    def write_coil(self, coil: int, on: bool) -> None:
        """Let one relay be so. Raises Unreachable, Busy if the board refuses, Garbled."""
        self._ask(WriteCoil(coil, on))

    def _ask(self, asked: Question) -> tuple[bool, ...]:
        wire = self._wire
        if wire is None:
            raise Unreachable(f"the relay board at {self._address} is not open")
        self._number = (self._number + 1) % 0x10000
        framed = Framed(self._unit, codec.question(asked), self._number if self._is_tcp else 0)
        try:
            for _ in range(STALE_READS_MAX):
                if not wire.read(0.0):
                    break
            wire.write(to_tcp(framed) if self._is_tcp else to_rtu(framed), SEND_S_MAX)
            answer = self._hear(wire, framed)
        except Unreachable:
            self.close()
            raise
        return codec.read_answer(asked, answer)

    def _hear(self, wire: Wire, framed: Framed) -> bytes:
        """The answer to this question; another unit's and older ones are passed over."""
        buffer = TcpBuffer() if self._is_tcp else RtuBuffer()
        ends_s = self._clock() + ANSWER_S_MAX
        while (left_s := ends_s - self._clock()) > 0:
            for heard in buffer.feed(wire.read(left_s)):
                if (heard.unit, heard.number) == (framed.unit, framed.number):
                    return heard.message
        raise Unreachable("The relay board does not answer")


class LightTower(RelayBoard):
    """Lamps on three relays; a lamp that shall blink burns, unless its own flasher is on that relay."""

    def __init__(
        self, address: str, *, red: int = 0, yellow: int = 1, green: int = 2, **board: object
    ) -> None:
        super().__init__(address, **board)  # type: ignore[arg-type]
        self._relays = (red, yellow, green)

    def show(self, lamps: Lamps) -> None:
        """Let the lamps burn so from now on. Raises Unreachable, Busy, Garbled."""
        for relay, lamp in zip(self._relays, (lamps.red, lamps.yellow, lamps.green), strict=True):
            self.write_coil(relay, lamp is not Lamp.OFF)


class GateRelay(RelayBoard):
    """A gate on one relay. `drops_to_open`: it is held shut by current, as a gate in an escape route is."""

    def __init__(self, address: str, *, relay: int = 0, drops_to_open: bool = False, **board: object) -> None:
        super().__init__(address, **board)  # type: ignore[arg-type]
        self._relay = relay
        self._drops_to_open = drops_to_open

    def open(self) -> None:
        """As every board, and shut: nobody knows for whom it may still stand open."""
        super().open()
        try:
            self.shut()
        except DeviceFault:
            self.close()
            raise

    def let_pass(self) -> None:
        """Open the gate until `shut()`. Raises Unreachable, Busy, Garbled."""
        self.write_coil(self._relay, not self._drops_to_open)

    def shut(self) -> None:
        """Raises Unreachable, Busy, Garbled."""
        self.write_coil(self._relay, self._drops_to_open)
