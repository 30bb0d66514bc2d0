"""Asking head office about paper that counts once in the whole chain, before anybody pays with it.

The till has put it into the basket already, and waits with the payment for a named moment. Head office
keeps it for this basket, or says that it was used elsewhere: then it leaves the basket. When head office is
away the sale goes on, and what was used twice is found when the store tells of it. Paper that leaves a basket
is given back; if that cannot be said, head office lets go of it by itself.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, delete, or_, select, update

from checkout.basket import CLOSED, PAID
from checkout.events import BasketCancelled, CouponHandedIn, CouponTakenBack, LineVoided, SaleCompleted
from checkout.handed_in import ALONE, ASKED, HELD, LET_GO
from store_edge.db import tables as t
from store_edge.sync.central_client import HeadOfficeAway, HeadOfficeRefused
from store_edge.worker import Worker

if TYPE_CHECKING:
    from store_edge.box import Box

log = logging.getLogger(__name__)

LOOK_UP_S = 0.2
"""A voucher makes no news of its own kind: so often is looked for one."""
RETRY_S = 3.0
RENEWED = dt.timedelta(minutes=30)
"""Head office keeps paper for much longer; a basket that lies there keeps it."""
USED = "paper-used"
AWAITED = tuple(
    kind.__name__ for kind in (CouponHandedIn, CouponTakenBack, LineVoided, BasketCancelled, SaleCompleted)
)
_claims = t.paper_claims.c


@dataclass(frozen=True, slots=True)
class _Claim:
    paper: str
    id: str
    basket: str
    state: str
    times_max: int
    at: str


class PaperDesk(Worker):
    """The thread that asks, and gives back; what it has to do lies in the database."""

    def __init__(self, box: Box) -> None:
        super().__init__("paper")
        self._box = box

    def _live(self) -> None:
        place = self._box.journal.last_number()
        while not self._stopping.is_set():
            try:
                for entry in self._box.journal.wait(place, LOOK_UP_S, kinds=AWAITED):
                    place = entry.number
                self._look()
            except Exception:
                log.exception("the paper desk stumbled")
                self._stopping.wait(RETRY_S)

    def _look(self) -> None:
        """Do what is due; after the first call in vain the others are not even tried."""
        self._forget_what_was_sold()
        there = True
        for claim in self._due():
            there = there and self._asked(claim)
            if not there:
                self._becomes(claim, LET_GO if claim.state == LET_GO else ALONE)

    def _due(self) -> list[_Claim]:
        """What is new, or is to be tried again or renewed, the oldest first."""
        now = self._box.clock()
        tried, renewed = (now - dt.timedelta(seconds=RETRY_S)).isoformat(), (now - RENEWED).isoformat()
        due = or_(
            _claims.state == ASKED,
            and_(_claims.state != HELD, _claims.at < tried),
            _claims.at < renewed,
        )
        with self._box.database.read() as connection:
            rows = connection.execute(select(t.paper_claims).where(due).order_by(_claims.at))
            return [_Claim(*row) for row in rows]

    def _asked(self, claim: _Claim) -> bool:
        """Ask about one, or give it back; False where head office says nothing about it."""
        head_office, within_s = self._box.head_office, self._box.settings.limits.paper_s
        paper = (claim.paper, claim.id, claim.basket)
        try:
            if claim.state == LET_GO:
                head_office.give_paper_back(*paper, within_s)
                self._drop(claim)
            else:
                head_office.claim_paper(*paper, claim.times_max, within_s)
                self._becomes(claim, HELD)
        except HeadOfficeAway:
            return False
        except HeadOfficeRefused as refused:
            if claim.state == LET_GO:  # it lets go by itself
                self._drop(claim)
                return True
            if refused.problem != USED:  # our key, our address: nothing about this paper
                return False
            log.warning("paper was used elsewhere paper=%s basket=%s", claim.paper, claim.basket)
            if not self._box.till.paper.used_elsewhere(claim.basket, claim.paper, claim.id):
                self._becomes(claim, ALONE)
        return True

    def _becomes(self, claim: _Claim, state: str) -> None:
        """Unless it was given back meanwhile, or handed in anew."""
        at = self._box.clock().isoformat()
        with self._box.database.write() as connection:
            connection.execute(update(t.paper_claims).where(*_same(claim)).values(state=state, at=at))

    def _drop(self, claim: _Claim) -> None:
        with self._box.database.write() as connection:
            connection.execute(delete(t.paper_claims).where(*_same(claim)))

    def _forget_what_was_sold(self) -> None:
        """Head office hears of it with the sale."""
        sold = select(t.baskets.c.id).where(t.baskets.c.state.in_((PAID, CLOSED)))
        over = (_claims.state != LET_GO, _claims.basket.in_(sold))
        with self._box.database.read() as connection:
            if connection.execute(select(_claims.id).where(*over).limit(1)).first() is None:
                return
        with self._box.database.write() as connection:
            connection.execute(delete(t.paper_claims).where(*over))


def _same(claim: _Claim) -> tuple[ColumnElement[bool], ...]:
    """The row as it was read; whoever changed it since has made another one of it."""
    return (
        _claims.paper == claim.paper,
        _claims.id == claim.id,
        _claims.basket == claim.basket,
        _claims.state == claim.state,
        _claims.at == claim.at,
    )
