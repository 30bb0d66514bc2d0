"""A camera over the counter: codes it sees are scanned; pictures stay in memory and are dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from checkout.errors import Refused
from hardware.readings import Frame
from store_edge.devices.agent import LOOK_UP_S, DeviceAgent
from store_edge.vision.codes import anything_there, read_codes
from store_edge.vision.effort import Effort
from store_edge.vision.fitting import prepare
from store_edge.vision.sightings import Sightings
from store_edge.vision.unread import Unread

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
        self._unread = Unread()
        self._effort = Effort()

    def connect(self) -> None:
        prepare()
        self._camera.open()
        self._sightings = Sightings()
        self._unread = Unread()
        self._effort = Effort()

    def work(self) -> None:
        frame = self._camera.frame(LOOK_UP_S)
        if frame is None:
            return
        deep_ms = self._effort.deep_ms(frame.taken_s)
        codes = read_codes(frame.image, deep_ms)
        there = bool(codes) or anything_there(frame.image)
        self._effort.found(there=there, read=bool(codes), deep=deep_ms > 0)
        if self._unread.look(there=there, read=bool(codes), now_s=frame.taken_s):
            self._effort.give_up()
            self.box.till.refuse_scan(self.lane, "code_unreadable", "camera")
        for scan in self._sightings.news(codes, frame.taken_s):
            try:
                self.box.scan(self.lane, scan.text, how="camera", symbology=scan.symbology)
            except Refused:
                continue  # the till has announced it

    def let_go(self) -> None:
        self._camera.close()
