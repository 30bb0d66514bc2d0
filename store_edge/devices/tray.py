"""An RFID tray on a lane: what lies on it is in the basket, what is lifted is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

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


class TrayAgent(DeviceAgent):
    """When the reader is gone nothing has left the tray: lines stay until it is back and looked again."""

    def __init__(self, box: Box, device: str, driver: str, lane: str, reader: Reader) -> None:
        super().__init__(box, device, driver, lane)
        self._reader = reader
        self._presence = TrayPresence()
        self._basket = ""

    def connect(self) -> None:
        self._reader.open()
        self._presence.resume(self._reader.heard_s)

    def work(self) -> None:
        reads = self._reader.read(LOOK_UP_S)
        change = self._presence.update(reads, self._reader.heard_s)
        try:
            if change.departed:
                self.box.till.lift(self.lane, change.departed)
            if change.arrived:
                self._basket = self.box.till.lay_down(self.lane, change.arrived).id
            elif self._is_next_basket():
                self.box.till.lay_down(self.lane, self._presence.here)
        except Refused:
            # A basket that is being paid takes nothing more; what lies there is looked at again for the next.
            self._basket = ""

    def _is_next_basket(self) -> bool:
        """True once for each new open basket, so that goods already lying there come into it."""
        if not self._presence.here:
            return False
        basket = self.box.books.basket_on(self.lane)
        if basket is None or basket.state != "open" or basket.id == self._basket:
            return False
        self._basket = basket.id
        return True

    def let_go(self) -> None:
        self._reader.close()
