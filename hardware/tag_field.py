"""What lies before the antennas of an emulated RFID reader: tags that a person lays and lifts.

It models no radio physics: each round reads the next so many tags, at levels scattered around the usual one.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Container
from dataclasses import dataclass

ANTENNAS = 4
TAGS_MAX = 1000
READS_PER_ROUND_MAX = 50
"""About 500 reads a second at ten rounds a second: a fast reader. More tags take several rounds."""
RSSI_DBM = -56.0
RSSI_SPREAD_DB = 2.0
EPC_BYTES_MAX = 62
"""Largest EPC that a tag's protocol control word can announce (Gen2: 31 words)."""


@dataclass(frozen=True)
class LaidTag:
    """A tag in the field of one antenna."""

    epc: bytes
    antenna: int


@dataclass(frozen=True)
class Sighting:
    """One tag read once, at so many dBm."""

    tag: LaidTag
    level_dbm: float


class TagField:
    """The tags before one reader; all acts may be called from any thread, connected or not."""

    def __init__(self, *, antennas: int = ANTENNAS, seed: int = 1) -> None:
        self._antennas = antennas
        self._chance = random.Random(seed)
        self._field_lock = threading.Lock()
        self._tags: list[LaidTag] = []
        self._next_tag = 0

    def lay(self, epc: bytes, antenna: int = 1) -> None:
        """Put a tag before an antenna (again: move it). ValueError for an impossible tag or a full field."""
        if not 0 < len(epc) <= EPC_BYTES_MAX or not 1 <= antenna <= self._antennas:
            raise ValueError(f"no tag of {len(epc)} bytes can lie at antenna {antenna}")
        with self._field_lock:
            kept = [tag for tag in self._tags if tag.epc != epc]
            if len(kept) >= TAGS_MAX:
                raise ValueError(f"the field holds {TAGS_MAX} tags and is full")
            self._tags = [*kept, LaidTag(epc, antenna)]

    def lift(self, epc: bytes) -> None:
        """Take a tag away; nothing happens when it does not lie there."""
        with self._field_lock:
            self._tags = [tag for tag in self._tags if tag.epc != epc]

    def lift_all(self) -> None:
        """Clear the field."""
        with self._field_lock:
            self._tags = []

    def tags(self) -> list[LaidTag]:
        """What lies in the field now, in the order laid."""
        with self._field_lock:
            return list(self._tags)

    def round(self, antennas: Container[int]) -> list[Sighting]:
        """What one inventory round of these antennas reads."""
        with self._field_lock:
            seen = [tag for tag in self._tags if tag.antenna in antennas]
            if not seen:
                return []
            start = self._next_tag % len(seen)
            turn = (seen[start:] + seen[:start])[:READS_PER_ROUND_MAX]
            self._next_tag = start + len(turn)
            return [Sighting(tag, RSSI_DBM + self._chance.gauss(0.0, RSSI_SPREAD_DB)) for tag in turn]

    def noise(self, count: int) -> bytes:
        """Bytes of no meaning."""
        with self._field_lock:
            return self._chance.randbytes(count)
