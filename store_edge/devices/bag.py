"""From grams in a bagging area to evidence: what of it belongs to this basket, and when it is worth telling.

What lay there before a basket began is not of this basket; nor is what the shopper before takes away only
now. So the least weight since the last basket ended is the zero. An area where nobody laid anything tells
nothing: many carry two things in their hands. `settings.loss.empty_bag_tells` is for shops that see it
otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from checkout.basket import OPEN, PAYING
from checkout.loss import SCALE_G

if TYPE_CHECKING:
    from store_edge.box import Box

STEADY_G = 3
"""A load that differs by no more is the same load: cells creep."""
AFTER_SCAN_S = 3.0
"""So long what was scanned may take to reach the bag before its absence is told."""
AGAIN_S = 1.0
"""How often a bag that does not fit is told."""


class BaggingArea:
    """One lane's bagging area; `settled` is called with every settled weight, by one thread."""

    def __init__(self, box: Box, lane: str, clock: Callable[[], float]) -> None:
        self._box, self._lane, self._clock = box, lane, clock
        self._zero_g = 0
        self._basket = ""
        self._version = 0
        self._changed_s = 0.0
        self._told: tuple[int, int] | None = None
        """The basket's version and the grams that were told last."""
        self._fits = True
        self._used = False
        self._again_s = 0.0

    def settled(self, weight_g: int) -> None:
        """The load cell shows this, settled."""
        basket = self._box.books.basket_on(self._lane)
        if basket is not None and basket.state == PAYING:
            return
        if basket is None or basket.state != OPEN:
            self._zero_g, self._basket = weight_g, ""
            return
        now_s = self._clock()
        if basket.id != self._basket:
            self._basket, self._told, self._fits, self._used = basket.id, None, True, False
        if basket.version != self._version:
            self._version, self._changed_s = basket.version, now_s
        self._zero_g = min(self._zero_g, weight_g)
        bag_g = weight_g - self._zero_g
        self._used = self._used or bag_g > SCALE_G or self._box.settings.loss.empty_bag_tells
        if self._used and self._is_news(bag_g, now_s):
            self._fits = self._box.watch.weighed(self._lane, bag_g)
            self._told, self._again_s = (basket.version, bag_g), now_s + AGAIN_S

    def _is_news(self, bag_g: int, now_s: float) -> bool:
        if self._told is None or abs(bag_g - self._told[1]) > STEADY_G:
            return True
        scanned_since = self._told[0] != self._version
        if scanned_since and now_s >= self._changed_s + AFTER_SCAN_S:
            return True
        return not self._fits and now_s >= self._again_s
