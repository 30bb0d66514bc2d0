"""The places in the shop that RFID readers look at, and what follows from a tag being there.

All readers' reads come together here, because which cabin a tag is in is a question between cabins. Garments
surely in a cabin are the fitting room's, those that may be are asked about, and what goes through a gate is
looked at once. At every look the cabins are compared with what the fitting room knows, so that nothing is
lost over a refused page, a restart or a reader that was away.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from checkout.errors import Refused
from hardware.readings import TagRead
from mirror.fitting_room import TAGS_MAX
from mirror.session import FittingSession
from store_edge.device_settings import GATE, BadSettings, DeviceSettings
from store_edge.rfid.judge import SHIPPED, BadParameters, Parameters, load_parameters
from store_edge.rfid.places import ARRIVED, MOVED, Place, Places, Sighting
from store_edge.worker import Worker

if TYPE_CHECKING:
    from store_edge.box import Box

log = logging.getLogger(__name__)

LOOK_S = 0.1
COMPARE_EVERY_S = 1.0
"""Where nothing was decided, cabins and sessions are compared so often."""
RETRY_S = 2.0
UNTOLD_RSSI_DBM = -60.0
"""Stands for the level of a read where the reader tells none."""
GATE_TAGS_WAITING_MAX = 500


class Zones(Worker):
    """The thread that decides; readers' agents hand in reads from their own."""

    def __init__(self, box: Box, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises BadSettings for a file of weights that cannot be read."""
        super().__init__("zones")
        settings = box.settings
        self._box = box
        self._clock = clock
        self._door = threading.Lock()
        self._places = Places(places_of(settings.devices), _weights(settings.rfid_parameters))
        self._cabins = settings.cabins
        self._gates = {place.name for place in self._places.places if place.kind == GATE}
        self._offered: dict[str, tuple[str, frozenset[bytes]]] = {}
        """By cabin: the session, and the tags that it was told of; those of no use are not told twice."""
        self._passed: list[bytes] = []
        self._compared_s = -COMPARE_EVERY_S

    def hear(self, reader: str, reads: Iterable[TagRead], heard_s: float) -> None:
        """Take in what a reader read since it was last asked; `heard_s` is when it last said anything."""
        with self._door:
            at_s = self._clock()
            self._places.hear(
                Sighting(
                    at_s,
                    reader,
                    read.antenna,
                    UNTOLD_RSSI_DBM if read.rssi_dbm is None else read.rssi_dbm,
                    read.epc,
                )
                for read in reads
            )
            self._places.alive(reader, min(heard_s, at_s))

    def resume(self, reader: str) -> None:
        """A reader is there (again)."""
        with self._door:
            self._places.resume(reader, self._clock())

    def look(self) -> None:
        """Decide, and tell the fitting room and the watch what follows. Raises Refused(till_closed)."""
        now_s = self._clock()
        with self._door:
            decisions = self._places.decide(now_s)
        passed = [one.epc for one in decisions if one.place in self._gates and one.what in (ARRIVED, MOVED)]
        self._passed = [*self._passed, *passed][-GATE_TAGS_WAITING_MAX:]
        if self._passed:
            self._box.watch.passed_gate(self._passed)
            self._passed = []
        if self._cabins and (decisions or now_s - self._compared_s >= COMPARE_EVERY_S):
            self._compare(now_s)
            self._compared_s = now_s

    def _live(self) -> None:
        while not self._stopping.is_set():
            try:
                self.look()
                self._stopping.wait(LOOK_S)
            except Refused as refused:  # the till is closed for a while
                log.error("tags could not be told of reason=%s", refused.reason)
                self._compared_s = -COMPARE_EVERY_S
                self._stopping.wait(RETRY_S)
            except Exception:
                log.exception("the zones stumbled")
                self._stopping.wait(RETRY_S)

    def _compare(self, now_s: float) -> None:
        """First what came, everywhere, so that what moved is not taken for lifted; then what is gone."""
        with self._door:
            standing, questions = self._places.standing(), self._places.questions()
        for cabin in self._cabins:
            self._tell_of_arrivals(cabin, {epc for epc, place in standing.items() if place == cabin})
        asked = [(epc, place, chance) for epc, (place, chance) in questions.items()]
        sessions = {session.cabin: session for session in self._box.fittings.all()}
        for epc, cabin, chance in asked:
            session = sessions.get(cabin)
            if session is not None and not _has_answered(session, epc):
                self._box.fitting_room.unsure(cabin, epc, round(10_000 * chance))
        for cabin, epcs in self._known(sessions).items():
            gone = [
                epc for epc in epcs if epc not in questions and self._is_gone(epc, cabin, standing, now_s)
            ]
            if gone:
                self._box.fitting_room.leave(cabin, gone)

    def _tell_of_arrivals(self, cabin: str, here: set[bytes]) -> None:
        session = self._box.fittings.in_cabin(cabin)
        id = session.id if session is not None else ""
        before, told = self._offered.get(cabin, ("", frozenset()))
        told = told & here if id == before else frozenset()
        fresh = sorted(here - told)[:TAGS_MAX]  # the rest at the next look
        if fresh:
            session = self._box.fitting_room.arrive(cabin, fresh)
            id = session.id if session is not None else ""
        self._offered[cabin] = id, told.union(fresh)

    def _known(self, sessions: dict[str, FittingSession]) -> dict[str, list[bytes]]:
        """By cabin: the tags that the fitting room has there, asks about, or knows to be left behind."""
        known: dict[str, list[bytes]] = {cabin: [] for cabin in self._cabins}
        for cabin, session in sessions.items():
            tags = [one.epc for one in session.garments] + [one.epc for one in session.questions]
            known.setdefault(cabin, []).extend(bytes.fromhex(tag) for tag in tags)
        for garment in self._box.fittings.forsaken():
            known.setdefault(garment.cabin, []).append(bytes.fromhex(garment.epc))
        return known

    def _is_gone(self, epc: bytes, cabin: str, standing: dict[bytes, str], now_s: float) -> bool:
        if cabin not in self._cabins:  # it was taken out of the settings
            return True
        if epc in standing:
            return standing[epc] != cabin
        with self._door:
            return self._places.is_missing(epc, cabin, now_s)


def _has_answered(session: FittingSession, epc: bytes) -> bool:
    """True if the shopper was asked about it, or need not be."""
    tag = epc.hex().upper()
    known = session.garment(tag) is not None or tag in session.denied
    return known or any(question.epc == tag for question in session.questions)


def _weights(file: str) -> Parameters:
    try:
        return load_parameters(Path(file) if file else SHIPPED)
    except (BadParameters, OSError) as error:
        raise BadSettings(f"rfid_parameters: {error}") from None


def places_of(devices: Mapping[str, DeviceSettings]) -> tuple[Place, ...]:
    """The places that the devices' zones make up; one may be looked at by several readers."""
    antennas: dict[str, list[tuple[str, int]]] = {}
    kinds: dict[str, str] = {}
    for device, settings in devices.items():
        for name, zone in settings.zones.items():
            kinds[name] = zone.kind
            antennas.setdefault(name, []).extend((device, antenna) for antenna in zone.antennas)
    return tuple(Place(name, kinds[name], tuple(antennas[name])) for name in sorted(kinds))
