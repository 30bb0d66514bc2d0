"""Which styles went home together: `mirror.styling.BoughtTogether`, learned from the journal's late sales.

A pair of styles in one basket counts once, however many pieces there were. Only articles are looked at, no
person: what one shopper buys over weeks is not known here.
"""

from __future__ import annotations

import threading
from collections import Counter
from itertools import combinations

from checkout.events import SaleCompleted
from store_edge.db.journal import PAGE_ENTRIES_MAX, Entry, Journal
from store_edge.desk import Shelves

LOOK_BACK_ENTRIES = 20_000
"""How far back is learned at the start; from then on all that comes."""
STYLES_MAX = 12
"""A basket with more styles is a small shop of its own, and says little about pairs."""


class BoughtTogether:
    """Counts pairs of styles; may be asked from any thread. What came since is read at each `catch_up`."""

    def __init__(self, journal: Journal, shelves: Shelves) -> None:
        self._journal = journal
        self._shelves = shelves
        self._lock = threading.Lock()
        self._read_to: int | None = None
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._styles: Counter[str] = Counter()

    def times(self, style: str, other: str) -> int:
        one, two = sorted((style, other))
        return self._pairs[one, two]

    def of(self, style: str) -> int:
        return self._styles[style]

    def catch_up(self) -> None:
        """Learn what was sold since."""
        with self._lock:
            if self._read_to is None:
                self._read_to = max(0, self._journal.last_number() - LOOK_BACK_ENTRIES)
            while entries := self._journal.read(self._read_to):
                for entry in entries:
                    self._learn(entry)
                self._read_to = entries[-1].number
                if len(entries) < PAGE_ENTRIES_MAX:
                    break

    def _learn(self, entry: Entry) -> None:
        if entry.type != SaleCompleted.__name__:
            return
        found = (self._shelves.article(line["gtin"]) for line in entry.facts["lines"])
        styles = sorted({article.style for article in found if article is not None and article.style})
        self._styles.update(styles)
        if len(styles) <= STYLES_MAX:
            self._pairs.update(combinations(styles, 2))
