"""The box under a lane: what lies in the bag, whether a colleague's key is turned, and the lane's lamps."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from checkout.events import KeyTurned
from hardware.readings import Bagged, Lamps
from store_edge.db.journal import PAGE_ENTRIES_MAX
from store_edge.devices.agent import DeviceAgent
from store_edge.devices.bag import BaggingArea
from store_edge.devices.lane_news import COMING_AND_GOING, LaneNews
from store_edge.devices.tower import LaneLight

if TYPE_CHECKING:
    from store_edge.box import Box

LOOK_S = 0.15


class LaneBox(Protocol):
    """What a lane box's driver does."""

    def open(self) -> None: ...
    def check(self) -> None: ...
    def look(self) -> Bagged: ...
    def show(self, lamps: Lamps) -> None: ...
    def close(self) -> None: ...


class LaneBoxAgent(DeviceAgent):
    """While it is gone the bag is no evidence, and a key that was turned counts as turned back."""

    def __init__(self, box: Box, device: str, driver: str, lane: str, lane_box: LaneBox) -> None:
        super().__init__(box, device, driver, lane)
        self._lane_box = lane_box
        self._light = LaneLight(box, lane, lane_box)
        self._news = LaneNews(box.journal, COMING_AND_GOING)
        self._bag = BaggingArea(box, lane, time.monotonic)
        self._key_on = False

    def start(self) -> None:
        """An earlier run may have gone while the key was turned."""
        self._key_on = self._was_turned()
        super().start()

    def connect(self) -> None:
        self._turn(False)
        self._lane_box.open()
        self._lane_box.check()
        self._light.forget()

    def work(self) -> None:
        bagged = self._lane_box.look()
        if bagged.reason == "cell":
            self._lane_box.check()  # says it in words
        self._turn(bagged.key_on)
        if bagged.weight_g is not None:
            self._bag.settled(bagged.weight_g)
        self._light.burn(self._news.wait(LOOK_S))

    def let_go(self) -> None:
        self._lane_box.close()

    def _was_turned(self) -> bool:
        journal = self.box.journal
        recent = journal.read(max(0, journal.last_number() - PAGE_ENTRIES_MAX))
        turns = [
            one.facts["on"] for one in recent if one.type == KeyTurned.__name__ and one.lane == self.lane
        ]
        return bool(turns and turns[-1])

    def _turn(self, on: bool) -> None:
        """Whoever asked for help has somebody now."""
        if on == self._key_on:
            return
        self._key_on = on
        with self.box.books.page() as page:
            page.announce(KeyTurned(on), self.lane)
            if on:
                page.close_tasks(self.lane, "key", kind="help")
