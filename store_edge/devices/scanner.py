"""A barcode scanner on a lane: what it reads goes straight to the till."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from checkout.errors import Refused
from hardware.errors import Garbled
from hardware.readings import Scan
from store_edge.devices.agent import LOOK_UP_S, DeviceAgent

if TYPE_CHECKING:
    from store_edge.box import Box


class Scanner(Protocol):
    """What a scanner driver does."""

    def open(self) -> None: ...
    def read(self, timeout_s: float) -> Scan | None: ...
    def close(self) -> None: ...


class ScannerAgent(DeviceAgent):
    def __init__(self, box: Box, device: str, driver: str, lane: str, scanner: Scanner) -> None:
        super().__init__(box, device, driver, lane)
        self._scanner = scanner

    def connect(self) -> None:
        self._scanner.open()

    def work(self) -> None:
        try:
            scan = self._scanner.read(LOOK_UP_S)
        except Garbled:
            self.box.till.refuse_scan(self.lane, "code_unreadable", "serial")
            return
        if scan is not None:
            try:
                self.box.scan(self.lane, scan.text, how="serial", symbology=scan.symbology)
            except Refused:
                return  # the till has announced it; the lane's screen says it

    def let_go(self) -> None:
        self._scanner.close()
