"""An RFID reader whose antennas look at cabins, gates, shelves or the floor: its reads go to the zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from store_edge.devices.agent import LOOK_UP_S, DeviceAgent
from store_edge.devices.tray import Reader

if TYPE_CHECKING:
    from store_edge.box import Box


class ZoneReaderAgent(DeviceAgent):
    """Hands on what it hears. Which place a tag is in is decided for all readers together, in `zones.py`."""

    def __init__(self, box: Box, device: str, driver: str, lane: str, reader: Reader) -> None:
        super().__init__(box, device, driver, lane)
        self._reader = reader
        self._dropped = 0

    def connect(self) -> None:
        self._reader.open()
        self._dropped = 0
        self.box.zones.resume(self.device)

    def work(self) -> None:
        reads = self._reader.read(LOOK_UP_S)
        self.box.zones.hear(self.device, reads, self._reader.heard_s)
        if (dropped := self._reader.dropped) > self._dropped:
            self.box.health.drop(self.device, dropped - self._dropped)
            self._dropped = dropped

    def let_go(self) -> None:
        self._reader.close()
