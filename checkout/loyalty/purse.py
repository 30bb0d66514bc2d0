"""Points in the shop: what this basket will give, and points as money.

A store spends only what head office lent to the visit, so it needs no line to do it, and no other store can
spend the same points at the same time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from checkout.basket import Basket, Line
from checkout.errors import Refused
from checkout.events import PointsGivenBack, PointsSpent
from checkout.loyalty.earning import NO_AWARDS, Awards, counted_of, points_of, times_for
from checkout.loyalty.programme import PROGRAMME, Programme, Rules
from checkout.payment import Payment
from checkout.ports import Page
from checkout.receipt import Points
from checkout.shopper import Membership, VisitCard


class Purse:
    """A shopper's points, on the page of the sale."""

    def __init__(self, *, clock: Callable[[], dt.datetime], programme: Programme = PROGRAMME) -> None:
        self._clock = clock
        self._programme = programme

    def spend(self, page: Page, basket: Basket, amount_minor: int, payment: str) -> int:
        """Take points worth at most `amount_minor`; gives what they are worth.

        Raises Refused: no_points_here, points_ask_again, points_too_few (with the limit).
        """
        card, member = _member(page, basket)
        points = self._points_for(member, amount_minor)
        worth_minor = points * self._rules().point_minor
        _save(page, basket.visit, card, replace(member, spent=member.spent + points))
        page.announce(PointsSpent(basket.id, basket.visit, points, worth_minor, payment), basket.lane)
        return worth_minor

    def spendable(self, card: VisitCard | None, amount_minor: int) -> tuple[int, int]:
        """How many points would be taken for an amount, and what they are worth; (0, 0) if none can be."""
        member = card.membership if card else None
        if member is None or member.lease <= 0:
            return 0, 0
        try:
            points = self._points_for(member, amount_minor)
        except Refused:
            return 0, 0
        return points, points * self._rules().point_minor

    def give_back(self, page: Page, part: Payment) -> None:
        """Put back what was spent for a part, to whom it belonged, also when their visit is over."""
        points = part.amount_minor // self._rules().point_minor
        card = page.visit_card(part.visit)
        if card is not None and card.membership is not None:
            member = card.membership
            _save(page, part.visit, card, replace(member, spent=max(0, member.spent - points)))
        given_back = PointsGivenBack(part.basket, part.visit, points, part.amount_minor, part.id)
        page.announce(given_back, part.lane)

    def told(self, card: VisitCard | None, basket: Basket, awards: Awards = NO_AWARDS) -> Points | None:
        """What the receipt says: the points before this purchase and after it; None for no member.

        A tier's bonus is head office's to book: nothing is promised here that it would not keep.
        """
        if card is None or card.membership is None:
            return None
        member = card.membership
        earned = self.earned(basket, awards)
        return Points(member.points, member.points - member.spent + earned, earned, member.spent)

    def earned(self, basket: Basket, awards: Awards = NO_AWARDS) -> int:
        """What this basket gives a member, if it is paid today."""
        rules = self._rules()
        return points_of(counted_of(basket.standing, rules, awards), rules)

    def times(self, line: Line, awards: Awards = NO_AWARDS) -> int:
        """How often a line earns the ordinary points today."""
        return times_for(line, self._rules(), awards)

    def _points_for(self, member: Membership, amount_minor: int) -> int:
        """As many points as are lent and fit the amount. Raises Refused: points_ask_again, points_too_few."""
        rules = self._rules()
        left = member.lease - member.spent
        if left > 0 and self._clock() >= dt.datetime.fromisoformat(member.lease_ends_at):
            raise Refused("points_ask_again")
        points = min(left, amount_minor // rules.point_minor)
        if points < rules.spend_points_min:
            raise Refused("points_too_few", limit=rules.spend_points_min)
        return points

    def _rules(self) -> Rules:
        return self._programme.on(self._programme.day(self._clock()))


def _member(page: Page, basket: Basket) -> tuple[VisitCard, Membership]:
    card = page.visit_card(basket.visit) if basket.visit else None
    if card is None or card.membership is None or card.membership.lease <= 0:
        raise Refused("no_points_here")
    return card, card.membership


def _save(page: Page, visit: str, card: VisitCard, member: Membership) -> None:
    page.save_visit_card(visit, replace(card, membership=member))
