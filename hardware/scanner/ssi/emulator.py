"""An SSI scanner made of software: sends each scan until it is acknowledged, or nobody does."""

from __future__ import annotations

import threading
from collections import deque
from pathlib import Path

from hardware.cable import Cable
from hardware.errors import Garbled
from hardware.readings import Scan
from hardware.scanner.ssi import codec
from hardware.scanner.ssi.codec import (
    ACK,
    CONTINUED,
    DATA_BYTES_MAX,
    DECODE_DATA,
    FROM_SCANNER,
    NAK,
    RETRANSMITTED,
    Packet,
    PacketBuffer,
)

ANSWER_S_MAX = 0.5
TRIES_MAX = 4
QUEUE_MAX = 100
"""Scans that wait to be sent; a scanner shows the next code only to a host that takes the last one."""


class SsiEmulator(Cable):
    """A scanner on a cable under `name` in `directory`."""

    def __init__(self, directory: str | Path | None = None, *, name: str = "ssi-scanner") -> None:
        super().__init__(name, directory, self._heard)
        self._buffer = PacketBuffer()
        self._answers: deque[int] = deque(maxlen=QUEUE_MAX)
        self._answered = threading.Condition()
        self._showing = threading.Lock()
        self._flip: int | None = None
        self._deaf = 0

    def show(self, text: str, symbology: str = "") -> bool:
        """Hold a code before it. Returns False when the host did not acknowledge it in `TRIES_MAX` tries."""
        data = codec.data_of(Scan(text, symbology))
        kind, rest = data[:1], data[1:]
        room = DATA_BYTES_MAX - 1
        parts = [rest[at : at + room] for at in range(0, len(rest), room)] or [b""]
        with self._showing:
            return all(
                self._send(kind + part, CONTINUED if number < len(parts) else 0)
                for number, part in enumerate(parts, start=1)
            )

    def flip(self, bit: int) -> None:
        """Let this bit of the next packet arrive wrong, counted from its first byte's lowest."""
        self._flip = bit

    def miss_answers(self, count: int = 1) -> None:
        """Do not hear the host's next answers, so that packets are sent once more."""
        self._deaf = count

    def send(self, data: bytes) -> bool:
        """Put raw bytes on the line, garbage included."""
        return self.say(data)

    def _send(self, data: bytes, status: int) -> bool:
        for attempt in range(TRIES_MAX):
            again = RETRANSMITTED if attempt else 0
            frame = codec.encode(Packet(DECODE_DATA, data, FROM_SCANNER, status | again))
            with self._answered:
                self._answers.clear()
                if not self.say(self._damaged(frame)):
                    return False
                self._answered.wait_for(lambda: bool(self._answers), ANSWER_S_MAX)
                if self._answers and self._answers[-1] == ACK:
                    return True
        return False

    def _damaged(self, frame: bytes) -> bytes:
        bit, self._flip = self._flip, None
        if bit is None or bit >= 8 * len(frame):
            return frame
        wrong = bytearray(frame)
        wrong[bit // 8] ^= 1 << bit % 8
        return bytes(wrong)

    def _heard(self, data: bytes) -> None:
        try:
            self._buffer.feed(data)
            while (packet := self._buffer.next_packet()) is not None:
                self._note(packet)
        except Garbled:
            self._buffer.clear()

    def _note(self, packet: Packet) -> None:
        if packet.opcode not in (ACK, NAK):
            return
        with self._answered:
            if self._deaf:
                self._deaf -= 1
                return
            self._answers.append(packet.opcode)
            self._answered.notify()
