"""A scale made of software that speaks Checkout-Dialog 06 on a pty and asks for checksums now and then."""

from __future__ import annotations

import random
from pathlib import Path

from hardware.scale.dialog06.checksums import Key
from hardware.scale.dialog06.codec import (
    WEIGHT_G_MAX,
    Accepted,
    ChecksumsAsked,
    ChecksumsJudged,
    ChecksumsSent,
    FromScale,
    OrderBuffer,
    PriceSet,
    Rejected,
    Result,
    ResultAsked,
    Status,
    StatusAsked,
    ToScale,
    encode,
)
from hardware.scale.emulated import EmulatedScale
from hardware.scale.platter import Platter

WEIGHINGS_UNCHECKED_MAX = 50
"""After so many it asks for the checksums again (Ohaus, 6.1.3.2), as it does after power-on."""
PRICE_TO_PAY_MAX = 999_999


class Dialog06Emulator(EmulatedScale):
    """`start()` gives the driver's address. `key` is the one that its tills must know."""

    def __init__(
        self,
        directory: str | Path | None = None,
        *,
        platter: Platter | None = None,
        key: Key | None = None,
        seed: int = 6,
    ) -> None:
        super().__init__(directory, platter=platter)
        self._key = key or Key()
        self._chance = random.Random(seed)
        self.restart()

    def restart(self) -> None:
        self._buffer = OrderBuffer()
        self._status = "00"
        self._price: PriceSet | None = None
        self._turn: int | None = None
        self._judgement: ChecksumsJudged | None = None
        self._unchecked = WEIGHINGS_UNCHECKED_MAX
        self.platter.take_tare(0)

    def answers(self, data: bytes) -> bytes:
        return b"".join(encode(self._answer(order)) for order in self._buffer.feed(data))

    def _answer(self, order: ToScale | None) -> FromScale:
        match order:
            case None:
                return self._reject("10")
            case StatusAsked():
                status, self._status = self._status, "00"
                return Status(status)
            case ChecksumsSent(pairs):
                if self._turn is None:
                    return self._reject("10")
                self._judgement = ChecksumsJudged(self._key.judges(pairs, self._turn))
                self._turn = None
                return Accepted()
            case ResultAsked() if self._judgement is not None:
                judgement, self._judgement = self._judgement, None
                self._unchecked = 0 if judgement.right else WEIGHINGS_UNCHECKED_MAX
                return judgement
            case ResultAsked():
                return self._weighed()
            case PriceSet():
                return self._priced(order)

    def _priced(self, order: PriceSet) -> FromScale:
        if self._unchecked >= WEIGHINGS_UNCHECKED_MAX:
            self._turn = self._chance.randrange(256)
            return ChecksumsAsked(self._turn)
        if order.tare_g is not None and not self.platter.take_tare(order.tare_g):
            return self._reject("20" if self.platter.shown().motion else "12")
        self._price = order
        return Accepted()

    def _weighed(self) -> FromScale:
        """The price counts for one weighing; the price to pay is rounded half up, as on its display."""
        shown, order = self.platter.shown(), self._price
        if order is None or shown.motion:
            return self._reject("22" if order is None else "20")
        for code, is_so in (("31", shown.under), ("32", shown.over), ("30", shown.weight_g <= 0)):
            if is_so:
                return self._reject(code)
        price_minor = (shown.weight_g * order.unit_price_minor + 500) // 1000
        if price_minor > PRICE_TO_PAY_MAX or shown.weight_g > WEIGHT_G_MAX:
            return self._reject("33")
        self._price = None
        self._unchecked += 1
        return Result(shown.weight_g, order.unit_price_minor, price_minor)

    def _reject(self, code: str) -> FromScale:
        self._status = code
        return Rejected()
