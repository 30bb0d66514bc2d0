"""How many accounts may be made in a while: enough for a busy shop, too few to flood head office.

What is counted lives in this process and nowhere else, and is forgotten when the while is over.
"""

from __future__ import annotations

import threading
from collections import deque
from ipaddress import ip_address

WHILE_S = 600
MADE_BY_ONE_MAX = 20
"""From one address: a shop's guest network is one address for all who are in it."""
MADE_BY_ALL_MAX = 200


class Pace:
    """The accounts made of late, at most MADE_BY_ALL_MAX of them, each with its moment and its address."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: deque[tuple[float, str]] = deque()

    def allows(self, address: str, now_s: float) -> bool:
        """Whether one more may be made from this address at `now_s` (Unix seconds); if so, it counts."""
        with self._lock:
            # A clock that was set back must not shut the door for longer than a while.
            self._made = deque(one for one in self._made if now_s - WHILE_S < one[0] <= now_s)
            by_one = sum(made_by == address for _, made_by in self._made)
            if len(self._made) >= MADE_BY_ALL_MAX or (by_one >= MADE_BY_ONE_MAX and _is_one(address)):
                return False
            self._made.append((now_s, address))
            return True


def _is_one(address: str) -> bool:
    """This machine's own address is everybody's: that of the kiosk, and of a relay in front of us."""
    try:
        return not ip_address(address).is_loopback
    except ValueError:
        return True
