"""What lies before the antennas of an emulated RFID reader: tags that a person lays and lifts.

It models no radio physics: each round reads the next so many tags, at levels scattered around the usual one.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Container, Mapping
from dataclasses import dataclass
from types import MappingProxyType

ANTENNAS = 4
TAGS_MAX = 1000
READS_PER_ROUND_MAX = 50
"""About 500 reads a second at ten rounds a second: a fast reader. More tags take several rounds."""
RSSI_DBM = -56.0
RSSI_SPREAD_DB = 2.0
NOWHERE_ELSE: Mapping[int, float] = MappingProxyType({})
EPC_BYTES_MAX = 62
"""Largest EPC that a tag's protocol control word can announce (Gen2: 31 words)."""


@dataclass(frozen=True)
class LaidTag:
    """A tag in the field of one antenna; others may hear it too, each by so many dB weaker."""

    epc: bytes
    antenna: int
    weaker_db: tuple[tuple[int, float], ...] = ()


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

    def lay(self, epc: bytes, antenna: int = 1, weaker_db: Mapping[int, float] = NOWHERE_ELSE) -> None:
        """Put a tag before an antenna (again: move it). ValueError for an impossible tag or a full field.

        `weaker_db` says which other antennas hear it, and by how much weaker: a tag between two places, or
        one of two tags that carry the same EPC.
        """
        possible = range(1, self._antennas + 1)
        if not 0 < len(epc) <= EPC_BYTES_MAX or antenna not in possible or not {*weaker_db} <= {*possible}:
            raise ValueError(f"no tag of {len(epc)} bytes can lie at antenna {antenna}")
        with self._field_lock:
            kept = [tag for tag in self._tags if tag.epc != epc]
            if len(kept) >= TAGS_MAX:
                raise ValueError(f"the field holds {TAGS_MAX} tags and is full")
            self._tags = [*kept, LaidTag(epc, antenna, tuple(weaker_db.items()))]

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
            heard = [
                (LaidTag(tag.epc, antenna), db)
                for tag in self._tags
                for antenna, db in ((tag.antenna, 0.0), *tag.weaker_db)
                if antenna in antennas
            ]
            if not heard:
                return []
            start = self._next_tag % len(heard)
            turn = (heard[start:] + heard[:start])[:READS_PER_ROUND_MAX]
            self._next_tag = start + len(turn)
            spread_db = self._chance.gauss
            return [Sighting(tag, RSSI_DBM - db + spread_db(0.0, RSSI_SPREAD_DB)) for tag, db in turn]

    def noise(self, count: int) -> bytes:
        """Bytes of no meaning."""
        with self._field_lock:
            return self._chance.randbytes(count)
