"""Asking head office whose visit this is, while the shopper goes on shopping.

The till has verified the token already and opened the visit; head office adds
what the shopper agreed to be known by, or says that the token was used in
another store. When it is away the sale simply goes on.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from checkout.events import ShopperIdentified
from store_edge.desk import OpenVisit
from store_edge.sync.central_client import HeadOfficeAway, HeadOfficeRefused

if TYPE_CHECKING:
    from store_edge.box import Box

log = logging.getLogger(__name__)

LOOK_UP_S = 0.5
RETRY_S = 3.0
STOP_WAIT_S_MAX = 5.0
REFUSALS = {
    "token-used": "token_used",
    "token-unknown": "token_unknown",
    "token-expired": "token_expired",
}
"""Head office's final no to a token, and what the visit is dismissed for."""


class VisitDesk:
    """The thread that asks; at its start it asks again for visits left unanswered."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._live, name="visits", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def join(self) -> None:
        self._thread.join(STOP_WAIT_S_MAX)

    def _live(self) -> None:
        place = self._box.journal.last_number()
        waiting, again_s = True, 0.0
        while not self._stopping.is_set():
            try:
                if waiting and time.monotonic() >= again_s:
                    waiting = self._someone_is_left()
                    # A busy journal must not make us ask a silent head office more often.
                    again_s = time.monotonic() + RETRY_S if waiting else 0.0
                left_s = max(0.0, again_s - time.monotonic())
                for entry in self._box.journal.wait(place, left_s if waiting else LOOK_UP_S):
                    place = entry.number
                    waiting = waiting or entry.type == ShopperIdentified.__name__
            except Exception:
                log.exception("the visit desk stumbled")
                self._stopping.wait(RETRY_S)

    def _someone_is_left(self) -> bool:
        """Ask about every unanswered visit; True if one of them must be asked about again."""
        answered = [self._ask(visit) for visit in self._box.visits.unanswered()]
        return False in answered

    def _ask(self, open_visit: OpenVisit) -> bool:
        """True if the visit needs no further asking."""
        visit, lane = open_visit.visit, open_visit.lane
        try:
            card = self._box.head_office.visit(
                visit, open_visit.token_text, lane, self._box.settings.limits.offer_s
            )
        except HeadOfficeAway:
            return False
        except HeadOfficeRefused as refused:
            if refused.problem not in REFUSALS:  # our key, our address: nothing about this shopper
                return False
            log.warning("head office does not know this visit visit=%s problem=%s", visit, refused.problem)
            self._box.till.dismiss_shopper(lane, REFUSALS[refused.problem], visit)
            return True
        self._box.till.welcome_shopper(visit, lane, card)
        return True
