"""What a lane's lamps say: closed, somebody is needed, or free.

Red burns where nothing can be paid, yellow blinks where a colleague is needed, green burns where the next
shopper may begin; somebody who is shopping sees no light at all. Yellow has no reason: a question of loss
prevention looks from afar like any other help.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checkout.basket import PAID, Basket
from checkout.loss import BLOCKING
from checkout.restrictions import AGE_CHECK
from hardware.readings import Lamp, Lamps
from store_edge.devices.health import LOST

if TYPE_CHECKING:
    from store_edge.box import Box

CALLS = BLOCKING | {"help", "payment_unknown", "payout", AGE_CHECK}
"""Tasks for which somebody must come to the lane."""
CLOSED = Lamps(red=Lamp.ON)
NEEDED = Lamps(yellow=Lamp.BLINKING)
FREE = Lamps(green=Lamp.ON)
BUSY = Lamps()


def lamps_of(box: Box, lane: str) -> Lamps:
    """How the lane's lamps shall burn now."""
    basket = box.books.basket_on(lane)
    if any(task.lane == lane and task.kind in CALLS for task in box.tasks.waiting()):
        return NEEDED
    if _takes_no_money(box, lane):
        return CLOSED
    return FREE if _is_free(basket) else BUSY


def _is_free(basket: Basket | None) -> bool:
    return basket is None or basket.state == PAID


def _takes_no_money(box: Box, lane: str) -> bool:
    """Its terminal is gone, and it has no drawer."""
    terminals = [one for one in box.health.all() if one.lane == lane and one.driver.startswith("terminal.")]
    gone = bool(terminals) and all(one.state == LOST for one in terminals)
    return gone and lane not in box.settings.cash.lanes
