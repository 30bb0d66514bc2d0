"""Which place a tag is in, from reads as they come: few decisions out of many reads.

Places are of five kinds, and each decides by its own rule. A tray (or a box on it) asks "inside, or a stray
around?"; among cabins, shelves, gates and the floor the question is "in which of these?". Every decision has
its chance; one that is not sure enough says so, and a person is asked. While a reader is silent, nothing
leaves its places.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from store_edge.rfid.features import Floats, many_zone_features, tag_features
from store_edge.rfid.judge import Parameters, in_box_chances, zone_chances

Counts = npt.NDArray[np.int64]

WINDOW_S = 3.0
"""Reads count for so long."""
EVIDENCE_S_MIN = 1.0
"""Less than this says nothing: the weights were fitted for windows from one second on."""
SILENT_S = 1.0
"""Nothing is decided about a place of which nobody has heard for so long."""
SLACK_S = 0.1
"""A reader reports so late, or twice."""
DECIDE_EVERY_S = 0.05
READS_MAX = 100_000
"""Reads kept in the window; the oldest go first."""
TAGS_MAX = 20_000
FORGOTTEN_AFTER_S = 60.0
"""A tag in no place that was not read for so long makes room for others."""

ARRIVED, MOVED, DEPARTED, ASKED = "arrived", "moved", "departed", "asked"


@dataclass(frozen=True, slots=True)
class Rule:
    """How a kind of place decides. Chances from 0 to 1."""

    sure_from: float
    """From here on a tag is there without a question."""
    ask_from: float
    """From here on a person is asked; below, nothing is said."""
    reads_min: int
    gone_after_s: float
    """A tag that was not read for so long has left."""


RULES = {
    "tray": Rule(sure_from=0.9, ask_from=0.4, reads_min=2, gone_after_s=1.5),
    "cabin": Rule(sure_from=0.8, ask_from=0.5, reads_min=4, gone_after_s=20.0),
    "shelf": Rule(sure_from=0.7, ask_from=0.5, reads_min=3, gone_after_s=120.0),
    "gate": Rule(sure_from=0.9, ask_from=0.6, reads_min=3, gone_after_s=2.0),
    "floor": Rule(sure_from=0.6, ask_from=0.5, reads_min=1, gone_after_s=600.0),
}
"""A wrong alarm at the gate or a wrong line on the tray costs most; the floor only counts."""


@dataclass(frozen=True, slots=True)
class Place:
    """A named place and the antennas that look at it, each as (reader, antenna)."""

    name: str
    kind: str
    antennas: tuple[tuple[str, int], ...]

    def __post_init__(self) -> None:
        if self.kind not in RULES:
            raise ValueError(f"{self.kind!r} is no kind of place; there are {', '.join(RULES)}")


@dataclass(frozen=True, slots=True)
class Sighting:
    """One read at one of the shop's antennas, by the box's monotonic clock."""

    at_s: float
    reader: str
    antenna: int
    rssi_dbm: float
    epc: bytes


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one tag: one of ARRIVED, MOVED, DEPARTED, ASKED, where, and how sure."""

    what: str
    epc: bytes
    place: str
    chance: float
    at_s: float


@dataclass(frozen=True, slots=True)
class _Burst:
    """Reads as columns, in the order of time."""

    at_s: Floats
    place: Counts
    antenna: Counts
    rssi_dbm: Floats
    tag: Counts

    def columns(self) -> tuple[Floats, Counts, Counts, Floats, Counts]:
        return self.at_s, self.place, self.antenna, self.rssi_dbm, self.tag


@dataclass(slots=True)
class Places:
    """The tags in some places. Give it reads by `hear`, then ask it to `decide`; time is passed in.

    Raises ValueError where two places share an antenna.
    """

    places: Sequence[Place]
    parameters: Parameters
    dropped: int = 0
    """Reads at antennas of no place, and tags beyond `TAGS_MAX`."""
    _place_of: dict[tuple[str, int], int] = field(init=False)
    _number: dict[bytes, int] = field(default_factory=dict)
    _epcs: list[bytes] = field(default_factory=list)
    _bursts: deque[_Burst] = field(default_factory=deque)
    _free: list[int] = field(default_factory=list)
    """Numbers of tags that were forgotten."""
    _swept_s: float = 0.0
    _heard_s: dict[str, float] = field(default_factory=dict)
    """When each reader last said anything."""
    _listening_s: dict[str, float] = field(default_factory=dict)
    """Since when it has been heard without a break."""
    _since_s: float | None = None
    _last_s: dict[int, float] = field(default_factory=dict)
    _here: dict[int, int] = field(default_factory=dict)
    _asked: dict[int, tuple[int, float]] = field(default_factory=dict)
    """Where a tag may be, and how likely it was when that was asked."""

    def __post_init__(self) -> None:
        pairs = [(antenna, number) for number, place in enumerate(self.places) for antenna in place.antennas]
        self._place_of = dict(pairs)
        if len(self._place_of) != len(pairs):
            raise ValueError("an antenna looks at one place only")

    def hear(self, sightings: Iterable[Sighting]) -> None:
        """Take in reads, in the order of their times."""
        rows: list[tuple[float, int, int, float, int]] = []
        heard_s: dict[str, float] = {}
        for read in sightings:
            place = self._place_of.get((read.reader, read.antenna))
            tag = self._known(read.epc)
            if place is None or tag is None:
                self.dropped += 1
                continue
            rows.append((read.at_s, place, read.antenna, read.rssi_dbm, tag))
            self._last_s[tag] = heard_s[read.reader] = read.at_s
        for reader, at_s in heard_s.items():
            self.alive(reader, at_s)
        if rows:
            if self._since_s is None:
                self._since_s = rows[0][0]
            times_s, place_of, antenna, rssi_dbm, tag_of = zip(*rows, strict=True)
            self._bursts.append(
                _Burst(
                    np.array(times_s, float),
                    np.array(place_of, np.int64),
                    np.array(antenna, np.int64),
                    np.array(rssi_dbm, float),
                    np.array(tag_of, np.int64),
                )
            )

    def alive(self, reader: str, at_s: float) -> None:
        """The reader said something by then, if only that it is there: what it does not read is not there."""
        self._listening_s.setdefault(reader, at_s)
        self._heard_s[reader] = max(at_s, self._heard_s.get(reader, at_s))

    def resume(self, reader: str, at_s: float) -> None:
        """The reader was away, so its silence said nothing: what was there has its whole time again."""
        self._listening_s[reader] = self._heard_s[reader] = at_s
        for tag, number in self._places_now():
            if reader in self._readers(number):
                self._last_s[tag] = at_s

    def standing(self) -> dict[bytes, str]:
        """Where each tag surely is, by the place's name."""
        return {self._epcs[tag]: self.places[number].name for tag, number in self._here.items()}

    def questions(self) -> dict[bytes, tuple[str, float]]:
        """Where tags may be that are surely nowhere, and the chance of that."""
        asked = self._asked.items()
        return {self._epcs[tag]: (self.places[where].name, chance) for tag, (where, chance) in asked}

    def is_missing(self, epc: bytes, place: str, now_s: float) -> bool:
        """True if a tag is surely not in a place: its readers have listened, and heard it nowhere of late.

        False while a reader is silent, and before it has listened for as long as a tag there may be silent.
        """
        number = next(number for number, one in enumerate(self.places) if one.name == place)
        gone_after_s = RULES[self.places[number].kind].gone_after_s
        since_s, heard_s = self._listened(number)
        tag = self._number.get(epc)
        last_s = max(since_s, self._last_s[tag]) if tag is not None else since_s
        return heard_s - last_s > gone_after_s

    def decide(self, now_s: float) -> tuple[Decision, ...]:
        """What has changed by now."""
        while self._bursts and self._bursts[0].at_s[-1] < now_s - WINDOW_S:
            self._bursts.popleft()
        while sum(len(burst.at_s) for burst in self._bursts) > READS_MAX:
            self._bursts.popleft()
        found = [*self._judge(now_s), *self._depart(now_s)]
        if now_s - self._swept_s > FORGOTTEN_AFTER_S:
            self._forget(now_s)
        return tuple(sorted(found, key=lambda decision: (decision.what, decision.epc)))

    def _known(self, epc: bytes) -> int | None:
        number = self._number.get(epc)
        if number is None and len(self._number) < TAGS_MAX:
            if self._free:
                number = self._free.pop()
                self._epcs[number] = epc
            else:
                number = len(self._epcs)
                self._epcs.append(epc)
            self._number[epc] = number
        return number

    def _forget(self, now_s: float) -> None:
        """Tags that passed by long ago make room, or a shop that never closes would fill up with them."""
        self._swept_s = now_s
        for epc, tag in list(self._number.items()):
            is_somewhere = tag in self._here or tag in self._asked
            if not is_somewhere and self._last_s[tag] < now_s - FORGOTTEN_AFTER_S:
                del self._number[epc], self._last_s[tag]
                self._free.append(tag)

    def _places_now(self) -> Iterable[tuple[int, int]]:
        """Each tag that is or may be somewhere, and where."""
        return [*self._here.items(), *((tag, where) for tag, (where, _) in self._asked.items())]

    def _readers(self, place: int) -> frozenset[str]:
        return frozenset(reader for reader, _ in self.places[place].antennas)

    def _listened(self, place: int) -> tuple[float, float]:
        """Since when, and until when, all readers of a place have been heard."""
        readers = self._readers(place)
        since_s = max((self._listening_s.get(reader, math.inf) for reader in readers), default=math.inf)
        return since_s, min((self._heard_s.get(reader, -math.inf) for reader in readers), default=-math.inf)

    def _judge(self, now_s: float) -> Iterable[Decision]:
        if self._since_s is None or not self._bursts:
            return
        evidence_s = min(WINDOW_S, now_s - self._since_s)
        if evidence_s < EVIDENCE_S_MIN:
            return
        window = _Burst(
            *(
                np.concatenate(columns)
                for columns in zip(*(burst.columns() for burst in self._bursts), strict=True)
            )
        )
        trays = [number for number, place in enumerate(self.places) if place.kind == "tray"]
        best: dict[int, tuple[float, int, int]] = {}
        for tray in trays:
            self._judge_tray(tray, window, evidence_s, best)
        others = [number for number in range(len(self.places)) if number not in trays]
        if others:
            self._judge_others(others, window, evidence_s, best)
        for tag, (chance, place, reads) in best.items():
            decision = self._settle(tag, place, chance, reads, now_s)
            if decision:
                yield decision

    def _judge_tray(
        self, tray: int, window: _Burst, evidence_s: float, best: dict[int, tuple[float, int, int]]
    ) -> None:
        mine = window.place == tray
        if not mine.any():
            return
        tag = window.tag[mine]
        read, features = tag_features(
            window.at_s[mine], window.antenna[mine], window.rssi_dbm[mine], tag, len(self._epcs)
        )
        chances = in_box_chances(self.parameters, evidence_s, features)
        counts = np.bincount(tag, minlength=len(self._epcs))
        _keep_best(best, read, chances, np.full(len(read), tray), counts[read])

    def _judge_others(
        self,
        others: list[int],
        window: _Burst,
        evidence_s: float,
        best: dict[int, tuple[float, int, int]],
    ) -> None:
        mine = np.isin(window.place, others)
        if not mine.any():
            return
        read, row = np.unique(window.tag[mine], return_inverse=True)
        zone = np.searchsorted(others, window.place[mine])
        features = many_zone_features(row, zone, window.rssi_dbm[mine], len(read), len(others))
        chances = zone_chances(self.parameters, evidence_s, features)
        first = chances.argmax(axis=1)
        _keep_best(best, read, chances.max(axis=1), np.array(others)[first], np.bincount(row))

    def _settle(self, tag: int, place: int, chance: float, reads: int, now_s: float) -> Decision | None:
        """One decision at most about one tag; the same question is asked once."""
        rule, was = RULES[self.places[place].kind], self._here.get(tag)
        if place == was or reads < rule.reads_min or chance < rule.ask_from:
            return None
        if not self._is_heard(place, now_s):
            return None
        if chance < rule.sure_from:
            if was is not None or (tag in self._asked and self._asked[tag][0] == place):
                return None
            self._asked[tag] = place, float(chance)
            return self._decision(ASKED, tag, place, chance, now_s)
        self._here[tag] = place
        self._asked.pop(tag, None)
        return self._decision(ARRIVED if was is None else MOVED, tag, place, chance, now_s)

    def _is_heard(self, place: int, now_s: float) -> bool:
        """False where no reader has said enough yet, or died in mid-decision: it may be half of it."""
        readers = [reader for reader in self._readers(place) if reader in self._heard_s]
        return any(
            now_s - self._heard_s[reader] <= SILENT_S
            and self._heard_s[reader] - self._listening_s[reader] >= EVIDENCE_S_MIN - SLACK_S
            for reader in readers
        )

    def _depart(self, now_s: float) -> Iterable[Decision]:
        for tag, place in self._places_now():
            gone_after_s = RULES[self.places[place].kind].gone_after_s
            # Only readers that speak can tell that a tag is silent.
            if self._listened(place)[1] - self._last_s[tag] > gone_after_s:
                was_here = self._here.pop(tag, None) is not None
                self._asked.pop(tag, None)
                if was_here:
                    yield self._decision(DEPARTED, tag, place, 1.0, now_s)

    def _decision(self, what: str, tag: int, place: int, chance: float, now_s: float) -> Decision:
        return Decision(what, self._epcs[tag], self.places[place].name, float(chance), now_s)


def _keep_best(
    best: dict[int, tuple[float, int, int]], tags: Counts, chances: Floats, places: Counts, reads: Counts
) -> None:
    """A tag is judged for the place where it is likeliest."""
    for tag, chance, place, count in zip(
        tags.tolist(), chances.tolist(), places.tolist(), reads.tolist(), strict=True
    ):
        if tag not in best or chance > best[tag][0]:
            best[tag] = (chance, place, count)
