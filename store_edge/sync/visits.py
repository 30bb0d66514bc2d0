"""Asking head office whose visit this is, while the shopper goes on shopping.

The till has verified the token already and opened the visit; head office adds
what the shopper agreed to be known by, or says that the token was used in
another store. When it is away the sale simply goes on. As long as the shopper
is here it is asked again now and then: what was taken back meanwhile goes.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from checkout.events import ShopperIdentified
from store_edge.desk import OpenVisit
from store_edge.sync.central_client import HeadOfficeAway, HeadOfficeRefused
from store_edge.worker import Worker

if TYPE_CHECKING:
    from store_edge.box import Box

log = logging.getLogger(__name__)

LOOK_UP_S = 0.5
RETRY_S = 3.0
AGREED_S = 10.0
"""So often it is asked whether a shopper who is here still agrees to what is shown."""
AWAITED = (ShopperIdentified.__name__,)
REFUSALS = {
    "token-used": "token_used",
    "token-unknown": "token_unknown",
    "token-expired": "token_expired",
}
"""Head office's final no to a token, and what the visit is dismissed for."""


class VisitDesk(Worker):
    """The thread that asks; at its start it asks again for visits left unanswered."""

    def __init__(self, box: Box) -> None:
        super().__init__("visits")
        self._box = box

    def _live(self) -> None:
        place = self._box.journal.last_number()
        waiting, again_s = True, 0.0
        agreed_s = time.monotonic() + AGREED_S
        while not self._stopping.is_set():
            try:
                if waiting and time.monotonic() >= again_s:
                    waiting = self._someone_is_left()
                    # A busy journal must not make us ask a silent head office more often.
                    again_s = time.monotonic() + RETRY_S if waiting else 0.0
                if time.monotonic() >= agreed_s:
                    self._hear_again()
                    agreed_s = time.monotonic() + AGREED_S
                left_s = max(0.0, again_s - time.monotonic())
                for entry in self._box.journal.wait(
                    place, min(left_s, AGREED_S) if waiting else LOOK_UP_S, kinds=AWAITED
                ):
                    place = entry.number
                    waiting = waiting or entry.type == ShopperIdentified.__name__
            except Exception:
                log.exception("the visit desk stumbled")
                self._stopping.wait(RETRY_S)

    def _someone_is_left(self) -> bool:
        """Ask about every unanswered visit; True if one of them must be asked about again."""
        answered = [self._ask(visit) for visit in self._box.visits.unanswered()]
        return False in answered

    def _hear_again(self) -> None:
        """Take away what shoppers who are here have taken back; head office away changes nothing."""
        for known in self._box.visits.answered():
            try:
                card = self._box.head_office.visit(
                    known.visit, known.token_text, known.lane, self._box.settings.limits.offer_s
                )
            except HeadOfficeAway:
                return
            except HeadOfficeRefused as refused:
                if refused.problem == "token-unknown":
                    log.info("visit withdrawn visit=%s", known.visit)
                    self._box.till.visits.dismiss(known.lane, "withdrawn", known.visit)
                continue
            self._box.till.visits.hear_again(known.visit, known.lane, card)

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
            self._box.till.visits.dismiss(lane, REFUSALS[refused.problem], visit)
            return True
        self._box.till.visits.welcome(visit, lane, card)
        return True
