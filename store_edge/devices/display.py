"""A customer display on a lane: the newest line and the total, for whoever stands on the other side."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from checkout.basket import PAID, PAYING, Basket
from store_edge.devices.agent import LOOK_UP_S, DeviceAgent
from store_edge.devices.display_words import WORDS
from store_edge.devices.lane_news import LINES_TOO, LaneNews
from store_edge.ticket import PaperHand

if TYPE_CHECKING:
    from store_edge.box import Box

AGAIN_S = 2.0
"""How often it is told though nothing has changed: so it is missed soon, and shows all after a power cut."""


class Display(Protocol):
    """What a customer display's driver does; `columns` is how much a line of it holds."""

    columns: int

    def open(self) -> None: ...
    def show(self, top: str, bottom: str) -> None: ...
    def close(self) -> None: ...


class DisplayAgent(DeviceAgent):
    """Without it the shopper reads the screen and the receipt: a display beside them is a courtesy."""

    def __init__(self, box: Box, device: str, driver: str, lane: str, display: Display) -> None:
        super().__init__(box, device, driver, lane)
        self._display = display
        self._told: tuple[str, str] | None = None
        self._again_s = 0.0
        self._news = LaneNews(box.journal, LINES_TOO)

    def connect(self) -> None:
        self._display.open()
        self._told = None

    def work(self) -> None:
        news, now_s = self._news.wait(LOOK_UP_S), time.monotonic()
        again = self._told is None or now_s > self._again_s
        if not (news or again):
            return
        lines = display_lines(self.box, self.lane, self._display.columns)
        if again or lines != self._told:
            self._display.show(*lines)
            self._told, self._again_s = lines, now_s + AGAIN_S

    def let_go(self) -> None:
        self._display.close()


def display_lines(box: Box, lane: str, columns: int) -> tuple[str, str]:
    """What stands on a lane's display now: two lines of `columns` characters."""
    shop = box.settings.shop
    basket = box.books.basket_on(lane)
    language = basket.language if basket is not None else shop.language
    words = WORDS.get(language, WORDS["en"])
    if basket is None:
        return shop.name[:columns].center(columns), words["welcome"].center(columns)
    hand = PaperHand(language, shop.timezone)
    total = hand.money(basket.total_minor)
    if basket.state == PAID:
        return _ends(words["paid"], total, columns), words["thanks"].center(columns)
    if basket.state == PAYING:
        return _ends(words["to_pay"], total, columns), " " * columns
    return _newest(box, basket, hand, columns), _ends(words["total"], total, columns)


def _newest(box: Box, basket: Basket, hand: PaperHand, columns: int) -> str:
    """The line that came last, or an empty one."""
    if not basket.standing:
        return " " * columns
    line = basket.standing[-1]
    article = box.shelves.article(line.gtin)
    name = article.called(basket.language) if article is not None else ""
    pieces = f"{line.quantity} {hand.times} " if line.quantity > 1 else ""
    return _ends(f"{pieces}{name}", hand.money(line.total_minor), columns)


def _ends(left: str, right: str, columns: int) -> str:
    """Something at either end; what is too long is cut off on the left, where no money stands."""
    right = right[-columns:]
    room = max(0, columns - len(right) - 1)
    return f"{left[:room]:<{columns - len(right)}}{right}"
