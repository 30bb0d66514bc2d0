"""A relay board that is not there, on a real socket or a pty, with lamps or a gate behind its relays."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

from hardware.cable import Cable
from hardware.errors import Garbled
from hardware.loopback import LOOPBACK, Outlet
from hardware.modbus import codec
from hardware.modbus.codec import ReadCoils, WriteCoil
from hardware.modbus.framing import Framed, RtuBuffer, TcpBuffer, to_rtu, to_tcp
from hardware.readings import Lamp, Lamps

RELAYS = 8
RECV_BYTES = 1024


class RelayEmulator:
    """Eight relays. `start()` gives the driver's address; `rtu=True` puts them on a serial line.

    Acts may be called from any thread.
    """

    def __init__(self, directory: str | Path | None = None, *, rtu: bool = False, unit: int = 1) -> None:
        self._rtu = rtu
        self._unit = unit
        self._lock = threading.Lock()
        self._relays = [False] * RELAYS
        self._hushed = False
        self._flip: int | None = None
        self._heard = RtuBuffer(answers=False)
        self._cable = Cable("relays", directory, self._hear)
        self._outlet = Outlet(self._serve, "relay-emulator")

    def start(self) -> str:
        """Switch it on for the first time. Returns the driver's address, which stays the same."""
        return self._cable.start() if self._rtu else f"tcp://{LOOPBACK}:{self._outlet.plug()}"

    def stop(self) -> None:
        """End for good."""
        self._cable.stop()
        self._outlet.stop()

    def unplug(self) -> None:
        """Pull its cables: without power every relay drops."""
        with self._lock:
            self._relays = [False] * RELAYS
        if self._rtu:
            self._cable.unplug()
        else:
            self._outlet.unplug()

    def plug(self) -> None:
        """Put them back."""
        self._hushed = False
        self._heard = RtuBuffer(answers=False)
        if self._rtu:
            self._cable.plug()
        else:
            self._outlet.plug()

    def hush(self) -> None:
        """Say nothing any more while the line stays open. Plug in anew to heal."""
        self._hushed = True

    def flip(self, bit: int) -> None:
        """Let this bit of the next answer arrive wrong, counted from its first byte's lowest."""
        self._flip = bit

    @property
    def relays(self) -> tuple[bool, ...]:
        """How they stand."""
        with self._lock:
            return tuple(self._relays)

    def turned(self, relay: int, on: bool) -> None:
        """A relay was told so; called under the lock."""

    def _serve(self, line: socket.socket) -> None:
        buffer = TcpBuffer()
        while data := line.recv(RECV_BYTES):
            try:
                asked = buffer.feed(data)
            except Garbled:
                return
            for one in asked:
                if (answer := self._answer(one)) is not None:
                    line.sendall(self._spoilt(to_tcp(answer)))

    def _hear(self, data: bytes) -> None:
        try:
            asked = self._heard.feed(data)
        except Garbled:
            return
        for one in asked:
            if (answer := self._answer(one)) is not None:
                self._cable.say(self._spoilt(to_rtu(answer)))

    def _answer(self, asked: Framed) -> Framed | None:
        if asked.unit != self._unit or self._hushed:
            return None
        return Framed(asked.unit, self._message(asked.message), asked.number)

    def _message(self, message: bytes) -> bytes:
        function = message[0]
        if function not in (codec.READ_COILS, codec.WRITE_COIL):
            return codec.failure(function, codec.ILLEGAL_FUNCTION)
        try:
            question = codec.read_question(message)
        except Garbled:
            return codec.failure(function, codec.ILLEGAL_VALUE)
        with self._lock:
            match question:
                case ReadCoils(first, count) if first + count <= RELAYS:
                    return codec.answer(question, tuple(self._relays[first : first + count]))
                case WriteCoil(coil, on) if coil < RELAYS:
                    self._relays[coil] = on
                    self.turned(coil, on)
                    return codec.answer(question)
        return codec.failure(function, codec.ILLEGAL_ADDRESS)

    def _spoilt(self, answer: bytes) -> bytes:
        flip, self._flip = self._flip, None
        if flip is None or flip >= 8 * len(answer):
            return answer
        wrong = bytearray(answer)
        wrong[flip // 8] ^= 1 << flip % 8
        return bytes(wrong)


class TowerEmulator(RelayEmulator):
    """A light tower on relays 0 to 2, on a serial line."""

    def __init__(self, directory: str | Path | None = None, *, rtu: bool = True) -> None:
        super().__init__(directory, rtu=rtu)

    @property
    def lamps(self) -> Lamps:
        """How they burn."""
        red, yellow, green = (Lamp.ON if on else Lamp.OFF for on in self.relays[:3])
        return Lamps(red, yellow, green)


class GateEmulator(RelayEmulator):
    """A gate on relay 0, over TCP; it counts how often it opened."""

    def __init__(self, directory: str | Path | None = None, *, rtu: bool = False) -> None:
        super().__init__(directory, rtu=rtu)
        self.openings = 0

    @property
    def is_open(self) -> bool:
        return self.relays[0]

    def turned(self, relay: int, on: bool) -> None:
        self.openings += relay == 0 and on
