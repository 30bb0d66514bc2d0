"""An RFID tray on a lane: what lies on it is in the basket, what is lifted is not."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Protocol

from checkout.basket import OPEN, PAYING, Basket
from checkout.errors import Refused
from hardware.readings import TagRead
from store_edge.devices.agent import LOOK_UP_S, DeviceAgent
from store_edge.rfid.presence import TrayPresence

if TYPE_CHECKING:
    from store_edge.box import Box


class Reader(Protocol):
    """What an RFID reader driver does."""

    def open(self) -> None: ...
    def read(self, timeout_s: float) -> list[TagRead]: ...
    def close(self) -> None: ...
    @property
    def heard_s(self) -> float: ...
    @property
    def dropped(self) -> int: ...


class TrayAgent(DeviceAgent):
    """Compares the lane's open basket with the tray at every look, so that nothing needs to be remembered.

    What was lifted during a payment, while the till was closed or while the box was down is taken out
    as soon as the basket is open and the reader has looked again. When the reader is gone nothing has
    left the tray. There is one tray on a lane at most, or each would take out what lies on the other.
    """

    def __init__(self, box: Box, device: str, driver: str, lane: str, reader: Reader) -> None:
        super().__init__(box, device, driver, lane)
        self._reader = reader
        self._presence = TrayPresence()
        self._dropped = 0
        self._basket = ""
        self._offered: set[bytes] = set()
        """What lies here and was laid into that basket; a line voided by hand does not come back."""

    def connect(self) -> None:
        self._reader.open()
        self._dropped = 0
        self._presence.resume(self._reader.heard_s)

    def work(self) -> None:
        reads = self._reader.read(LOOK_UP_S)
        self._presence.update(reads, self._reader.heard_s)
        self._note_dropped()
        # Where the till is closed just now, the next look does it.
        with contextlib.suppress(Refused):
            self._match(self.box.books.basket_on(self.lane))

    def let_go(self) -> None:
        self._reader.close()

    def _note_dropped(self) -> None:
        """A look that comes too late costs old reads; the tag that lies here is read again."""
        dropped = self._reader.dropped
        if dropped > self._dropped:
            self.box.health.drop(self.device, dropped - self._dropped)
            self._dropped = dropped

    def _match(self, basket: Basket | None) -> None:
        """Make the lane's basket what lies here; one that is being paid is left until that is over."""
        here = set(self._presence.here)
        self._offered &= here
        if basket is not None and basket.state == PAYING:
            return
        current = basket.id if basket is not None and basket.state == OPEN else ""
        if basket is not None and current:
            gone = self._presence.missing(bytes.fromhex(line.epc) for line in basket.standing if line.epc)
            if gone:
                self.box.till.lift(self.lane, gone)
            if current != self._basket:
                self._basket, self._offered = current, set()
        if here - self._offered:
            laid = here - self._offered if current else here  # a new basket is offered all that lies here
            self._basket = self.box.till.lay_down(self.lane, laid).id
            self._offered = here
