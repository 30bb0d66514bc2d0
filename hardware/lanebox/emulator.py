"""A lane box that is not there: its lines on a pty, and a hand that lays things on it and turns its key."""

from __future__ import annotations

import threading
from pathlib import Path

from hardware.cable import Cable
from hardware.errors import Garbled
from hardware.lanebox import codec
from hardware.lanebox.codec import LineBuffer, Said, State
from hardware.readings import Bagged, Lamps
from hardware.scale.platter import Platter

MAX_G, DIVISION_G = 30_000, 1
UNDER_G = -2_000


class LaneBoxEmulator:
    """`start()` gives the driver's address. Acts may be called from any thread."""

    def __init__(self, directory: str | Path | None = None, *, settle_s: float = 0.3) -> None:
        self._platter = Platter(max_g=MAX_G, division_g=DIVISION_G, settle_s=settle_s)
        self._cable = Cable("lane-box", directory, self._hear)
        self._lock = threading.Lock()
        self._lines = LineBuffer()
        self._lamps = Lamps()
        self._load_g = 0
        self._key_on = False
        self._cell_gone = False
        self._hushed = False
        self._flip: int | None = None

    def start(self) -> str:
        """Switch it on for the first time. Returns the driver's address, which stays the same."""
        return self._cable.start()

    def stop(self) -> None:
        """End for good."""
        self._cable.stop()

    def unplug(self) -> None:
        """Pull the cable."""
        self._cable.unplug()

    def plug(self) -> None:
        """Put it back: the board starts anew, with its lamps off."""
        with self._lock:
            self._lines, self._lamps = LineBuffer(), Lamps()
            self._hushed = self._cell_gone = False
        self._cable.plug()

    def hush(self) -> None:
        """Say nothing any more while the line stays open. Plug in anew to heal."""
        self._hushed = True

    def break_cell(self) -> None:
        """Let the load cell come off its box. Plug in anew to heal."""
        self._cell_gone = True

    def flip(self, bit: int) -> None:
        """Let this bit of the next answer arrive wrong, counted from its first byte's lowest."""
        self._flip = bit

    def load(self, weight_g: int) -> None:
        """Let exactly this lie in the bagging area, 0 for nothing."""
        with self._lock:
            self._load_g = weight_g
        self._platter.load(weight_g)

    def add(self, weight_g: int) -> None:
        """Lay so much more there; less than nothing takes away."""
        self.load(self.load_g + weight_g)

    def turn_key(self, on: bool) -> None:
        """Turn the key switch."""
        with self._lock:
            self._key_on = on

    @property
    def load_g(self) -> int:
        """What lies there."""
        with self._lock:
            return self._load_g

    @property
    def key_on(self) -> bool:
        with self._lock:
            return self._key_on

    @property
    def lamps(self) -> Lamps:
        """How they burn."""
        with self._lock:
            return self._lamps

    def _hear(self, data: bytes) -> None:
        try:
            questions = self._lines.feed(data)
        except Garbled:
            self._lines = LineBuffer()
            return
        for question in questions:
            with self._lock:
                answer = codec.encode(Said(question.number, self._answer(question.words)))
                flip, self._flip = self._flip, None
            if flip is not None and flip < 8 * len(answer):
                wrong = bytearray(answer)
                wrong[flip // 8] ^= 1 << flip % 8
                answer = bytes(wrong)
            if not self._hushed:
                self._cable.say(answer)

    def _answer(self, words: str) -> str:
        match words.split():
            case ["H", _]:
                return f"H {codec.VERSION} {codec.NAME}"
            case ["L", digits] if len(digits) == 3 and set(digits) <= set("012"):
                self._lamps = codec.read_lamps(digits)
            case ["Z"]:
                if not self._platter.set_zero():
                    return "N motion"
            case ["S"]:
                pass
            case _:
                return "N not understood"
        return codec.state_words(State(self._bagged(), self._lamps))

    def _bagged(self) -> Bagged:
        shown = self._platter.shown()
        if self._cell_gone:
            reason = "cell"
        elif shown.over:
            reason = "over"
        elif shown.weight_g < UNDER_G:
            reason = "under"
        else:
            reason = "motion" if shown.motion else ""
        return Bagged(None if reason else shown.weight_g, self._key_on, reason)
