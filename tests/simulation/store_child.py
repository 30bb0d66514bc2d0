"""A store in a process of its own, to be killed: does what lines of JSON tell it, and says when it is done.

Run as a program: `python -m tests.simulation.store_child HOME TERMINAL HEAD_OFFICE KEY`. Each line in is
`[word, ...]`; each line out answers one line in, and only after the books were committed. The first line
out says what it took to start, in seconds of processor time.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from checkout.basket import Basket
from checkout.errors import Refused
from checkout.staff import Clerk
from store_edge.box import Box
from store_edge.settings import DeviceSettings, LimitSettings, Settings
from store_edge.sync.central_client import HeadOffice

LANE = "1"
CLERK = Clerk("clerk-1", frozenset({"serve"}))
PAYMENT_S = 5.0
"""Many times what a payment takes here. One that was not made and has no answer lasts so long."""
TERMINAL_OPTIONS = {"open_s": 2.0, "answer_s": 2.0, "enquiry_s": 4.0}


def settings_for(home: Path, terminal: str) -> Settings:
    devices = {"terminal-1": DeviceSettings("terminal.zvt", terminal, LANE, options=TERMINAL_OPTIONS)}
    return Settings(home=home, lanes=(LANE,), devices=devices, limits=LimitSettings(payment_s=PAYMENT_S))


class Counter:
    """What a screen could ask for."""

    def __init__(self, box: Box) -> None:
        self._box = box

    def do(self, word: str, *how: Any) -> dict[str, Any]:
        """Carry one order out. A refusal is an answer too."""
        try:
            basket = getattr(self, word)(*how)
        except Refused as refused:
            return {"refused": refused.reason}
        return _seen(basket)

    def scan(self, key: str, text: str) -> Basket:
        return self._box.till.scan(LANE, text, how="typed", request_key=key)

    def pay(self, key: str) -> Basket:
        return self._box.cashier.ask_payment(LANE, key)

    def hand_back(self, key: str) -> Basket:
        """Three empties, for which the shop pays."""
        return self._box.till.empties.take_empties(LANE, "single-use", 3, clerk=CLERK, request_key=key)

    def refund(self, key: str) -> Basket:
        return self._box.cashier.ask_refund(LANE, CLERK, key)

    def look(self) -> Basket | None:
        return self._box.books.basket_on(LANE)


def _seen(basket: Basket | None) -> dict[str, Any]:
    if basket is None:
        return {"basket": "", "state": "", "lines": 0}
    return {"basket": basket.id, "state": basket.state, "lines": len(basket.lines), "visit": basket.visit}


def main() -> None:
    home, terminal, url, key = sys.argv[1:]
    box = Box(settings_for(Path(home), terminal), head_office=HeadOffice(url, key))
    box.start()
    counter = Counter(box)
    print(json.dumps({"ready": time.process_time()}), flush=True)
    for line in sys.stdin:
        print(json.dumps(counter.do(*json.loads(line))), flush=True)
    box.stop()


if __name__ == "__main__":
    main()
