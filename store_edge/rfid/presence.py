"""Which tags lie on a tray: many reads become few arrivals and departures.

A tag has arrived after `READS_MIN` reads within `ARRIVE_S` that are strong
enough, and has left when none came for `DEPART_S`. A stray tag beside the tray
is read rarely and weakly, and never arrives. While the reader is silent nothing
leaves, and nothing is known to be missing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from hardware.readings import TagRead

READS_MIN = 2
ARRIVE_S = 1.0
DEPART_S = 1.5
RSSI_DBM_MIN = -66.0
"""Tags in a box were logged at -56 ± 10 dBm, strays at -70 ± 5 dBm."""
TAGS_MAX = 2_000
"""More tags than this are not remembered: no tray holds them."""


@dataclass(slots=True)
class _Seen:
    reads_s: list[float] = field(default_factory=list)
    last_s: float = 0.0
    here: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What came and what went since the last look."""

    arrived: tuple[bytes, ...] = ()
    departed: tuple[bytes, ...] = ()


class TrayPresence:
    """The tags on one tray. Time is passed in, in monotonic seconds."""

    def __init__(self) -> None:
        self._tags: dict[bytes, _Seen] = {}
        self._listening_since_s = self._heard_s = -math.inf  # the first update begins the listening
        self._sure = False

    @property
    def here(self) -> tuple[bytes, ...]:
        return tuple(sorted(epc for epc, seen in self._tags.items() if seen.here))

    def resume(self, now_s: float) -> None:
        """The reader was away, so silence says nothing: what lay here has `DEPART_S` from now to be seen."""
        for seen in self._tags.values():
            seen.last_s = now_s
        self._listening_since_s = self._heard_s = now_s
        self._sure = False

    def missing(self, epcs: Iterable[bytes]) -> tuple[bytes, ...]:
        """Those of `epcs` that surely do not lie here: the reader speaks, and has not read them of late.

        Empty before it has listened for `DEPART_S`, and after an update in which it said nothing new.
        """
        return tuple(sorted(epc for epc in epcs if epc not in self._tags)) if self._sure else ()

    def update(self, reads: Iterable[TagRead], now_s: float) -> Change:
        """Take in a burst of reads, which may be empty; `now_s` is when the reader last said anything."""
        if now_s - self._heard_s > DEPART_S:
            self.resume(now_s)
        self._sure = self._heard_s < now_s and now_s - self._listening_since_s > DEPART_S
        self._heard_s = now_s
        for read in reads:
            if read.rssi_dbm is None or read.rssi_dbm >= RSSI_DBM_MIN:
                self._saw(read.epc, now_s)
        arrived = [epc for epc, seen in self._tags.items() if not seen.here and self._is_sure(seen, now_s)]
        for epc in arrived:
            self._tags[epc].here = True
        silent = [epc for epc, seen in self._tags.items() if now_s - seen.last_s > DEPART_S]
        departed = [epc for epc in silent if self._tags.pop(epc).here]
        return Change(tuple(sorted(arrived)), tuple(sorted(departed)))

    def _saw(self, epc: bytes, now_s: float) -> None:
        seen = self._tags.get(epc)
        if seen is None:
            if len(self._tags) >= TAGS_MAX:
                return
            seen = self._tags[epc] = _Seen()
        seen.last_s = now_s
        if not seen.here:
            seen.reads_s = [*seen.reads_s[-READS_MIN:], now_s]

    def _is_sure(self, seen: _Seen, now_s: float) -> bool:
        return len([at_s for at_s in seen.reads_s if now_s - at_s <= ARRIVE_S]) >= READS_MIN
