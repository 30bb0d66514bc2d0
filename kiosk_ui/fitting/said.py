"""What the journal says of the mirrors: what each shows just now, and how long bringing something takes.

The phone and the glass must show the same, and so must two processes. So what somebody chose to see is read
where it was said: in the journal.
"""

from __future__ import annotations

import datetime as dt
import statistics
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass

from store_edge.db.journal import PAGE_ENTRIES_MAX, Entry, Journal

LOOK_BACK_ENTRIES = 2_000
SESSIONS_MAX = 1_000
DELIVERIES_KEPT_MAX = 50
DELIVERIES_MIN = 3
"""Fewer say nothing about how long it usually takes."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody chose to see: one garment or a look, at that moment (ISO 8601)."""

    gtins: tuple[str, ...]
    at: str


class MirrorBoard:
    """Reads on from where it stopped; may be asked from any thread."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._shown: OrderedDict[str, Shown] = OrderedDict()
        self._asked: OrderedDict[str, str] = OrderedDict()
        self._waits_s: deque[float] = deque(maxlen=DELIVERIES_KEPT_MAX)
        self._read_to = max(0, journal.last_number() - LOOK_BACK_ENTRIES)

    def shown(self, session: str) -> Shown | None:
        """What was last chosen in this stay."""
        with self._lock:
            self._catch_up()
            return self._shown.get(session)

    def usual_minutes(self) -> int:
        """How many minutes it usually takes until something is there, rounded up; 0 if nobody knows yet."""
        with self._lock:
            self._catch_up()
            if len(self._waits_s) < DELIVERIES_MIN:
                return 0
            return max(1, -(-int(statistics.median(self._waits_s)) // 60))

    def _catch_up(self) -> None:
        while entries := self._journal.read(self._read_to):
            for entry in entries:
                self._hear(entry)
            self._read_to = entries[-1].number
            if len(entries) < PAGE_ENTRIES_MAX:
                break

    def _hear(self, entry: Entry) -> None:
        match entry.type:
            case "LookShown":
                facts = entry.facts
                self._shown[str(facts["session"])] = Shown(tuple(facts["gtins"]), entry.at)
            case "CabinLeft":
                self._shown.pop(str(entry.facts["session"]), None)
            case "SizeRequested":
                self._asked[str(entry.facts["request"])] = entry.at
            case "RequestDelivered":
                asked = self._asked.pop(str(entry.facts["request"]), "")
                if asked:
                    waited = dt.datetime.fromisoformat(entry.at) - dt.datetime.fromisoformat(asked)
                    self._waits_s.append(max(0.0, waited.total_seconds()))
            case _:
                return
        for kept in (self._shown, self._asked):
            while len(kept) > SESSIONS_MAX:
                kept.popitem(last=False)
