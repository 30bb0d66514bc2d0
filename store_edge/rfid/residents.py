"""Tags that live around a reader: shelf goods, the neighbour's stock, the tag in the door frame.

A reader in a shop never sleeps, so it knows who was there before the box came. Nobody says which tags these
are: a tag is a resident once it was first heard long enough ago and was never judged to be inside since. It
may still be put into the box, but then the reads must say so more clearly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from store_edge.rfid.features import Floats

RESIDENT_AFTER_S = 900.0
"""No box stays on a tray for a quarter of an hour; who was here before is not of this visit."""
RESIDENT_INSIDE_SHARE = 0.05
"""Of what lies in the box, so much lived around the reader before: somebody took it off the shelf."""
SURELY_OUTSIDE = 0.1
"""Tags below this chance tell how many of the strays are residents."""
EVEN = 0.5
"""Counts before counting: as many residents as newcomers (Jeffreys' prior for a share)."""
INSIDE_FROM = 0.5
KNOWN_MAX = 100_000


@dataclass(slots=True)
class Residents:
    """What one reader remembers about EPCs, by the wall clock in seconds."""

    first_heard_s: dict[str, float] = field(default_factory=dict)

    def remember(self, judged: Iterable[tuple[str, float]], now_s: float) -> None:
        """Take in (EPC, chance of being inside) as judged at `now_s`; one that was inside starts anew."""
        for epc, chance in judged:
            if chance >= INSIDE_FROM:
                self.first_heard_s.pop(epc, None)
            elif len(self.first_heard_s) < KNOWN_MAX:
                # A clock that stepped back must not make a resident younger than it is.
                self.first_heard_s[epc] = min(now_s, self.first_heard_s.get(epc, now_s))

    def weigh(self, epcs: Iterable[str], chances: Floats, now_s: float) -> Floats:
        """The chances of these tags by Bayes' rule, given which of them live here.

        How common residents are among strays is counted among the tags that are surely outside now, so a
        reader that knows nobody changes nothing, and one that knows every stray trusts a newcomer more.
        """
        lives = self._live_here(epcs, now_s)
        outside = chances < SURELY_OUTSIDE
        if not lives.any():
            return chances
        stray_share = (int((lives & outside).sum()) + EVEN) / (int(outside.sum()) + 2 * EVEN)
        stray_share = max(stray_share, RESIDENT_INSIDE_SHARE)
        likelier = np.where(
            lives, RESIDENT_INSIDE_SHARE / stray_share, (1 - RESIDENT_INSIDE_SHARE) / (1 - stray_share)
        )
        odds = chances / np.maximum(1 - chances, 1e-12) * likelier
        weighed: Floats = odds / (1 + odds)
        return weighed

    def _live_here(self, epcs: Iterable[str], now_s: float) -> npt.NDArray[np.bool_]:
        since = [now_s - self.first_heard_s.get(epc, now_s) for epc in epcs]
        return np.array(since, float) >= RESIDENT_AFTER_S
