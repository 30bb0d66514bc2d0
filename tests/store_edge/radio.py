"""Readers whose antennas hear what a test says, at moments that it says: no socket, no waiting."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hardware.readings import TagRead
from mirror.session import FittingSession
from store_edge.box import Box
from store_edge.demo import load_assortment, tags_of
from store_edge.settings import DeviceSettings, LimitSettings, Settings, ZoneSettings
from store_edge.zones import Zones

READER, SECOND, EXIT = "fitting-1", "fitting-2", "exit-1"
ONE, TWO, GATE = "cabin-1", "cabin-2", "exit"
GARMENTS = [article for article in load_assortment() if article.department == "fashion"]
TEES = [article for article in GARMENTS if article.style == "tee-organic"]
TEE_S, TEE_M = tags_of(TEES[0])[0], tags_of(TEES[1])[0]
JEANS = tags_of(next(article for article in GARMENTS if article.style == "trousers-jeans"))[0]
FOREIGN = bytes.fromhex("3034" + "00" * 10)

NEAR_DBM, FAR_DBM = -52.0, -70.0
STEP_S = 0.1

READERS = {
    READER: DeviceSettings(
        "rfid.llrp",
        "tcp://127.0.0.1:1",
        lane="",
        zones={ONE: ZoneSettings("cabin", (1, 2)), TWO: ZoneSettings("cabin", (3,))},
    ),
    SECOND: DeviceSettings(
        "rfid.llrp", "tcp://127.0.0.1:2", lane="", zones={TWO: ZoneSettings("cabin", (1,))}
    ),
    EXIT: DeviceSettings("rfid.llrp", "tcp://127.0.0.1:3", lane="", zones={GATE: ZoneSettings("gate", (1,))}),
}


def cabin_settings(home: Path, **limits: float) -> Settings:
    return Settings(home=home, devices=READERS, limits=LimitSettings(**limits))


class Radio:
    """The zones of a box that is not started, and a clock that moves as a test says."""

    def __init__(self, box: Box, readers: tuple[str, ...] = (READER, SECOND, EXIT)) -> None:
        self.box, self.readers = box, readers
        self.now_s = 1000.0
        self.switch_on()

    def switch_on(self) -> None:
        """As after a start of the box: nobody knows anything yet."""
        self.zones = Zones(self.box, clock=lambda: self.now_s)
        for reader in self.readers:
            self.zones.resume(reader)

    def on_air(
        self,
        seconds: float,
        heard: Mapping[bytes, Mapping[tuple[str, int], float]] | None = None,
        silent: tuple[str, ...] = (),
    ) -> None:
        """For so long these tags are heard at these antennas, so loud in dBm; `silent` readers are away."""
        for _ in range(round(seconds / STEP_S)):
            self.now_s += STEP_S
            for reader in (one for one in self.readers if one not in silent):
                reads = [
                    TagRead(epc, antenna, rssi_dbm)
                    for epc, levels in (heard or {}).items()
                    for (by, antenna), rssi_dbm in levels.items()
                    if by == reader
                ]
                self.zones.hear(reader, reads, self.now_s)
            self.zones.look()

    def session(self, cabin: str = ONE) -> FittingSession | None:
        return self.box.fittings.in_cabin(cabin)

    def shown(self, cabin: str = ONE) -> list[str]:
        """The tags on the cabin's mirror."""
        session = self.session(cabin)
        return sorted(one.epc for one in session.garments) if session else []


IN_ONE = {(READER, 1): NEAR_DBM, (READER, 3): FAR_DBM}
IN_TWO = {(READER, 3): NEAR_DBM, (SECOND, 1): NEAR_DBM, (READER, 1): FAR_DBM}
BETWEEN = {(READER, 1): -60.0, (READER, 3): -61.5}
AT_GATE = {(EXIT, 1): NEAR_DBM}


def hexed(epc: bytes) -> str:
    return epc.hex().upper()
