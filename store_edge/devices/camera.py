"""A camera over the counter: codes it sees are scanned; pictures stay in memory and are dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from checkout.errors import Refused
from hardware.readings import Frame
from store_edge.devices.agent import LOOK_UP_S, DeviceAgent
from store_edge.vision.codes import Sightings, read_codes

if TYPE_CHECKING:
    from store_edge.box import Box


class Camera(Protocol):
    """What a camera driver does."""

    def open(self) -> None: ...
    def frame(self, timeout_s: float) -> Frame | None: ...
    def close(self) -> None: ...


class CameraAgent(DeviceAgent):
    def __init__(self, box: Box, device: str, driver: str, lane: str, camera: Camera) -> None:
        super().__init__(box, device, driver, lane)
        self._camera = camera
        self._sightings = Sightings()

    def connect(self) -> None:
        self._camera.open()
        self._sightings = Sightings()

    def work(self) -> None:
        frame = self._camera.frame(LOOK_UP_S)
        if frame is None:
            return
        for scan in self._sightings.news(read_codes(frame.image), frame.taken_s):
            try:
                self.box.till.scan(self.lane, scan.text, how="camera", symbology=scan.symbology)
            except Refused:
                continue  # the till has announced it

    def let_go(self) -> None:
        self._camera.close()
