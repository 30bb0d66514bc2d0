"""The life of a device agent: connect, work, lose, wait, connect again.

Faults are announced once when the device goes and once when it is back, however
often it is tried in between. A bug in an agent is logged and the agent starts
again, a limited number of times an hour.
"""

from __future__ import annotations

import logging
import random
import time
from abc import ABC, abstractmethod
from collections import deque
from typing import TYPE_CHECKING

from checkout.errors import Refused
from checkout.events import DeviceBack, DeviceLost
from hardware.errors import DeviceFault
from store_edge.devices.health import LOST, WELL
from store_edge.worker import Worker

if TYPE_CHECKING:
    from store_edge.box import Box

log = logging.getLogger(__name__)

BACKOFF_S_MIN, BACKOFF_S_MAX = 0.25, 5.0
LOOK_UP_S = 0.25
"""How long an agent listens to its device before it looks whether it should stop."""
BUGS_AN_HOUR_MAX = 20


class DeviceAgent(Worker, ABC):
    """One device, one thread. Subclasses say how to connect, work and let go."""

    def __init__(self, box: Box, device: str, driver: str, lane: str) -> None:
        super().__init__(device)
        self.box = box
        self.device = device
        self.lane = lane
        self._bugs: deque[float] = deque(maxlen=BUGS_AN_HOUR_MAX)
        self._chance = random.Random(device)
        self._backoff_s = BACKOFF_S_MIN
        box.health.enter(device, driver, lane)

    @abstractmethod
    def connect(self) -> None:
        """Open the device; raises DeviceFault."""

    @abstractmethod
    def work(self) -> None:
        """Do one short piece of work, LOOK_UP_S at most when there is none; raises DeviceFault."""

    @abstractmethod
    def let_go(self) -> None:
        """Close the device; never raises DeviceFault."""

    def give_up(self) -> None:
        """What is left to do when this agent failed too often and will not try again."""

    def _live(self) -> None:
        while not self._stopping.is_set():
            try:
                self._serve()
            except Refused as refused:  # the till is closed for a while; that is no bug
                log.error("the till refused device=%s reason=%s", self.device, refused.reason)
            except Exception:
                if self._too_many_bugs():
                    log.critical("device agent gives up device=%s", self.device)
                    self._end()
                    return
            self.let_go()
            self._stopping.wait(self._backoff_s * self._chance.uniform(0.5, 1.5))
            self._backoff_s = min(2 * self._backoff_s, BACKOFF_S_MAX)

    def _serve(self) -> None:
        """Connect and work until the device is lost or the agent is to stop."""
        try:
            self.connect()
            self._is_well()
            self._backoff_s = BACKOFF_S_MIN
            while not self._stopping.is_set():
                self.work()
        except DeviceFault as fault:
            self._is_lost(str(fault))

    def _is_well(self) -> None:
        """Say it once; also where staff still wait because the box was stopped while the device was gone."""
        health = self.box.health.of(self.device)
        was_lost = health is not None and health.state == LOST
        if self.box.health.change(self.device, WELL):
            log.info("device is there device=%s", self.device)
            if was_lost or self.box.tasks.is_waiting("device_lost", self.device):
                self._announce(DeviceBack(self.device))

    def _is_lost(self, reason: str) -> None:
        if self.box.health.change(self.device, LOST, reason) and not self._stopping.is_set():
            log.warning("device is gone device=%s reason=%s", self.device, reason)
            self._announce(DeviceLost(self.device, reason))

    def _announce(self, event: DeviceLost | DeviceBack) -> None:
        with self.box.books.page() as page:
            page.announce(event, self.lane)

    def _end(self) -> None:
        """Each of these is done, though the one before may fail like the rest of this agent."""
        for last_act in (
            self.let_go,
            self.give_up,
            lambda: self._is_lost("this device's agent failed too often"),
        ):
            try:
                last_act()
            except Exception:
                log.exception("device agent could not end well device=%s", self.device)

    def _too_many_bugs(self) -> bool:
        log.exception("device agent failed device=%s", self.device)
        now_s = time.monotonic()
        self._bugs.append(now_s)
        return len(self._bugs) == BUGS_AN_HOUR_MAX and now_s - self._bugs[0] < 3600
