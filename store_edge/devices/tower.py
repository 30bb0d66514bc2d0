"""A light tower on a lane: burns as the lane is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from hardware.readings import Lamps
from store_edge.devices.agent import LOOK_UP_S, DeviceAgent
from store_edge.devices.lane_light import lamps_of
from store_edge.devices.lane_news import COMING_AND_GOING, LaneNews

if TYPE_CHECKING:
    from store_edge.box import Box

AGAIN_S = 2.0
"""How often it is told though nothing has changed: so it is missed soon, and lights up after a power cut."""


class Tower(Protocol):
    """What a light tower's driver does."""

    def open(self) -> None: ...
    def show(self, lamps: Lamps) -> None: ...
    def close(self) -> None: ...


class TowerAgent(DeviceAgent):
    """Without it the tablet calls, as it does anyway."""

    def __init__(self, box: Box, device: str, driver: str, lane: str, tower: Tower) -> None:
        super().__init__(box, device, driver, lane)
        self._tower = tower
        self._light = LaneLight(box, lane, tower)
        self._news = LaneNews(box.journal, COMING_AND_GOING)

    def connect(self) -> None:
        self._tower.open()
        self._light.forget()

    def work(self) -> None:
        self._light.burn(self._news.wait(LOOK_UP_S))

    def let_go(self) -> None:
        self._tower.close()


class LaneLight:
    """A lane's lamps, wherever they hang."""

    def __init__(self, box: Box, lane: str, tower: Tower) -> None:
        self._box, self._lane, self._tower = box, lane, tower
        self._told: Lamps | None = None
        self._again_s = 0.0

    def forget(self) -> None:
        """The lamps are new: nobody knows how they burn."""
        self._told = None

    def burn(self, news: bool) -> None:
        """Let them burn as the lane is, on news and now and again. Raises DeviceFault."""
        now_s = time.monotonic()
        again = self._told is None or now_s > self._again_s
        if not (news or again):
            return
        lamps = lamps_of(self._box, self._lane)
        if again or lamps != self._told:
            self._tower.show(lamps)
            self._told, self._again_s = lamps, now_s + AGAIN_S
