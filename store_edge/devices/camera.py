"""A camera over the counter: codes it sees are scanned; pictures stay in memory and are dropped."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from checkout.errors import Refused
from hardware.readings import Frame
from store_edge.devices.agent import LOOK_UP_S, DeviceAgent
from store_edge.vision.codes import DEEP_MS_MAX, anything_there, read_codes
from store_edge.vision.fitting import prepare
from store_edge.vision.sightings import Sightings
from store_edge.vision.unread import Unread

if TYPE_CHECKING:
    from store_edge.box import Box


DEEP_EVERY_S = 0.2
"""Two of these looks fall into the second within which a code must be seen twice."""


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
        self._deep_s = -math.inf

    def connect(self) -> None:
        prepare()
        self._camera.open()
        self._sightings = Sightings()
        self._unread = Unread()

    def work(self) -> None:
        frame = self._camera.frame(LOOK_UP_S)
        if frame is None:
            return
        codes = read_codes(frame.image, self._deep_ms(frame.taken_s))
        there = bool(codes) or anything_there(frame.image)
        if self._unread.look(there=there, read=bool(codes), now_s=frame.taken_s):
            self.box.till.refuse_scan(self.lane, "code_unreadable", "camera")
        for scan in self._sightings.news(codes, frame.taken_s):
            try:
                self.box.scan(self.lane, scan.text, how="camera", symbology=scan.symbology)
            except Refused:
                continue  # the till has announced it

    def _deep_ms(self, now_s: float) -> float:
        """The dear readers get some frames a second only: the others must not wait for them."""
        if now_s - self._deep_s < DEEP_EVERY_S:
            return 0.0
        self._deep_s = now_s
        return DEEP_MS_MAX

    def let_go(self) -> None:
        self._camera.close()
