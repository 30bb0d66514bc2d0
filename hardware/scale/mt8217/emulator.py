"""A scale made of software that speaks 8217 on a pty."""

from __future__ import annotations

import re

from hardware.scale.emulated import EmulatedScale
from hardware.scale.mt8217 import codec
from hardware.scale.mt8217.codec import Status, Weighed

_ORDER = re.compile(rb"W|Z|C|A|B|T\d{0,5}\r")
_HALF_ORDER = re.compile(rb"T\d{0,5}")


class Mt8217Emulator(EmulatedScale):
    """`start()` gives the driver's address."""

    _pending = b""

    def restart(self) -> None:
        self._pending = b""
        self.platter.take_tare(0)

    def answers(self, data: bytes) -> bytes:
        self._pending += data
        said = b""
        while self._pending and not _HALF_ORDER.fullmatch(self._pending):
            found = _ORDER.match(self._pending)
            said += self._answer(found[0]) if found else b""  # lower case and nonsense: not a word
            self._pending = self._pending[found.end() if found else 1 :]
        return said

    def _answer(self, order: bytes) -> bytes:
        if order == b"A":
            return codec.STX + codec.CR
        if order == b"B":
            return codec.encode(Status())  # the test of itself found nothing
        if order == codec.SET_ZERO:
            self.platter.set_zero()
        elif order == codec.CLEAR_TARE:
            self.platter.take_tare(0)
        elif order != codec.ASK_WEIGHT:
            digits = order[1:-1]
            self.platter.take_tare(int(digits) if digits else None)
        shown = self.platter.shown()
        if order == codec.ASK_WEIGHT and shown.counts:
            return codec.encode(Weighed(shown.weight_g, net=shown.net))
        return codec.encode(
            Status(
                motion=shown.motion,
                over=shown.over,
                under=shown.under,
                outside_zero=not shown.zero_range,
                at_zero=shown.weight_g == 0 and not shown.net,
                net=shown.net,
            )
        )
