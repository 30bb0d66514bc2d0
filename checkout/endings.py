"""How a basket ends: given up unpaid, or paid and its shopper gone; and what its lines let go of."""

from __future__ import annotations

from checkout import basket as states
from checkout import events
from checkout.basket import Basket, Line
from checkout.ports import Page
from checkout.restrictions import age_check_of


def give_up(page: Page, basket: Basket, reason: str) -> None:
    """End a basket that is not paid: its tags and papers are free, what was kept of its shopper is gone."""
    page.save_basket(basket.in_state(states.CANCELLED))
    for line in basket.standing:
        let_go(page, line)
    page.hand_back(basket.id)
    if basket.visit:
        page.end_visit(basket.visit)
    page.close_tasks(age_check_of(basket), "gone")
    page.announce(events.BasketCancelled(basket.id, reason), basket.lane)


def let_go(page: Page, line: Line) -> None:
    """What a line held is free again: its tag, and the pieces of a former receipt."""
    if line.epc:
        page.release_epc(line.epc)
    if line.returned is not None:
        page.release_pieces(line.returned)


def free_lane(page: Page, basket: Basket) -> None:
    """The shopper of a paid basket has gone."""
    page.save_basket(basket.in_state(states.CLOSED))
    page.announce(events.LaneFreed(basket.id), basket.lane)
