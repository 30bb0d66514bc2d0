"""An M100 module that is not there: its frames on a pty, and a field of tags before its one antenna."""

from __future__ import annotations

import os
import select
import threading
import time

from hardware.errors import Garbled
from hardware.m100 import codec
from hardware.m100.codec import Frame, Framer
from hardware.pty_plug import PtyPlug
from hardware.readings import TagRead
from hardware.tag_field import TagField

ROUND_S = 0.05
JOIN_S_MAX = 2.0
BABBLE_BYTES = 64
READ_BYTES = 1024
INFO_TEXT = b"\x00M100 26dBm V1.0"
DONE = b"\x00"


class M100Emulator(TagField):
    """`start()` gives the driver's address. All acts may be called from any thread, connected or not."""

    def __init__(self, *, round_s: float = ROUND_S, seed: int = 1) -> None:
        super().__init__(antennas=1, seed=seed)
        self._round_s = round_s
        self._hushed = threading.Event()
        self._babbling = threading.Event()
        self._off = threading.Event()
        self._plug = PtyPlug("uhf-module")
        self._firmware: threading.Thread | None = None
        self._polls_left = 0

    def start(self) -> str:
        """Plug it in; gives the path of its serial line, which stays the same."""
        address = self._plug.start()
        self.plug()
        return address

    def stop(self) -> None:
        """Unplug it and tidy up."""
        self.unplug()
        self._plug.stop()

    def plug(self) -> None:
        """Power on under the old address, healthy again; the tags still lie there."""
        if self._firmware is not None:
            return
        for state in (self._off, self._hushed, self._babbling):
            state.clear()
        line = self._plug.plug()
        if line is None:  # not started yet
            return
        self._firmware = threading.Thread(target=self._live, args=(line,), name="m100-emulator", daemon=True)
        self._firmware.start()

    def unplug(self) -> None:
        """Pull the cable: the driver's line is gone, and so is the address."""
        self._off.set()
        firmware, self._firmware = self._firmware, None
        if firmware is not None:
            firmware.join(JOIN_S_MAX)
        self._plug.unplug()

    def hush(self) -> None:
        """Say nothing more while the line stays open. Power-cycle to heal."""
        self._hushed.set()

    def babble(self) -> None:
        """Send bytes that are no frame, once."""
        self._babbling.set()

    def _live(self, line: int) -> None:
        framer, round_due_s = Framer(), 0.0
        self._polls_left = 0
        while not self._off.is_set():
            if select.select([line], [], [], self._round_s)[0]:
                try:
                    asked = framer.feed(os.read(line, READ_BYTES))
                except Garbled:
                    framer, asked = Framer(), []
                for question in asked:
                    answer = self._answer(question)
                    if answer is not None:
                        self._say(line, answer)
            if self._babbling.is_set():
                self._babbling.clear()
                self._write(line, b"\xff" + self.noise(BABBLE_BYTES))
            if self._polls_left and time.monotonic() >= round_due_s:
                round_due_s = time.monotonic() + self._round_s
                self._polls_left -= 1
                seen = [TagRead(one.tag.epc, 1, one.level_dbm) for one in self.round((1,))]
                for notice in [codec.tag_notice(read) for read in seen] or [_error(codec.NO_TAG)]:
                    self._say(line, notice)

    def _answer(self, question: Frame) -> Frame | None:
        match question.command:
            case codec.INFO:
                return Frame(codec.ANSWER, codec.INFO, INFO_TEXT)
            case codec.SET_POWER | codec.STOP:
                self._polls_left = 0 if question.command == codec.STOP else self._polls_left
                return Frame(codec.ANSWER, question.command, DONE)
            case codec.POLL_MANY:
                self._polls_left = int.from_bytes(question.parameters[1:3], "big")
                return None  # its answer are the tags
            case _:
                return _error(0x17)  # the manual's "command error"

    def _say(self, line: int, frame: Frame) -> None:
        self._write(line, codec.encode(frame))

    def _write(self, line: int, data: bytes) -> None:
        """What nobody reads is lost, as on a real line."""
        if not self._hushed.is_set() and select.select([], [line], [], 0)[1]:
            os.write(line, data)


def _error(code: int) -> Frame:
    return Frame(codec.ANSWER, codec.ERROR, bytes([code]))
