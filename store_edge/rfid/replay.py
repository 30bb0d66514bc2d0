"""A recorded log as if its tags were read now."""

from __future__ import annotations

from collections.abc import Iterator

from store_edge.rfid.log import Log
from store_edge.rfid.places import DECIDE_EVERY_S, Decision, Place, Places, Sighting

READER = "recorded"


def places_of(log: Log) -> tuple[Place, ...]:
    """One tray under all beams for a log of a box, else a cabin for each antenna."""
    antennas = sorted({int(antenna) for antenna in log.antenna})
    if log.kind == "box":
        return (Place("tray", "tray", tuple((READER, antenna) for antenna in antennas)),)
    return tuple(Place(f"zone {antenna}", "cabin", ((READER, antenna),)) for antenna in antennas)


def replayed(log: Log, places: Places) -> Iterator[Decision]:
    """The decisions in the order they are made; times are seconds since the log's first read."""
    epcs = [bytes.fromhex(epc) for epc in log.epcs]
    next_s = DECIDE_EVERY_S
    burst: list[Sighting] = []
    for at_s, antenna, rssi_dbm, tag in zip(
        log.time_s.tolist(), log.antenna.tolist(), log.rssi_dbm.tolist(), log.tag.tolist(), strict=True
    ):
        while at_s > next_s:
            places.hear(burst)
            burst = []
            yield from places.decide(next_s)
            next_s += DECIDE_EVERY_S
        burst.append(Sighting(at_s, READER, antenna, rssi_dbm, epcs[tag]))
    places.hear(burst)
    yield from places.decide(next_s)
