"""The way out after paying by phone: a code that the gate's scanner reads, good once and for minutes.

The gate learns nothing but that somebody has paid. Whoever needs longer gets a new code, until one was used;
after that a colleague opens.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace

from checkout import basket as states
from checkout import events
from checkout.errors import Refused
from checkout.phone_lane import EXIT_PREFIX, ExitPass
from checkout.ports import Books, Chance

_CODE = re.compile(rf"{re.escape(EXIT_PREFIX)}[\w-]{{1,64}}", re.ASCII)
GOOD_FOR = dt.timedelta(minutes=10)


class Exits:
    """The use cases of leaving by a code. All may raise `Refused`."""

    def __init__(
        self,
        books: Books,
        *,
        clock: Callable[[], dt.datetime],
        chance: Chance,
        has_gate: Callable[[str], bool] = lambda lane: True,
        good_for: dt.timedelta = GOOD_FOR,
    ) -> None:
        """`has_gate` says of a lane whether its scanner stands at a gate."""
        self._books = books
        self._clock = clock
        self._chance = chance
        self._has_gate = has_gate
        self._good_for = good_for

    def allow(self, basket: str) -> ExitPass:
        """The code for a basket that was just paid: the one it has, or a new one where that has run out.

        Raises Refused: exit_not_paid, also where its lane is free again; exit_used once it was used.
        """
        with self._books.page() as page:
            paid = page.basket(basket)
            if paid is None or paid.state != states.PAID:
                raise Refused("exit_not_paid")
            known = page.exit_of(basket)
            if known is not None and known.used_at:
                raise Refused("exit_used")
            if known is not None and not self._is_over(known):
                return known
            now = self._clock().isoformat(timespec="seconds")
            fresh = ExitPass(EXIT_PREFIX + self._chance.secret(), basket, now)
            page.save_exit(fresh)
            page.announce(events.ExitAllowed(basket, self.until(fresh)), paid.lane)
            return fresh

    def until(self, allowed: ExitPass) -> str:
        """Until when a code is good: ISO 8601 in UTC."""
        return (dt.datetime.fromisoformat(allowed.at) + self._good_for).isoformat(timespec="seconds")

    def leave(self, lane: str, text: str, how: str) -> None:
        """The code was held before the scanner at the lane's gate: it is used up, and the gate opens.

        Raises Refused: exit_elsewhere where there is no gate, exit_unknown, exit_used, exit_over; and
        announces it on the lane, because nobody waits for a scanner's answer.
        """
        try:
            self._leave(lane, text)
        except Refused as refused:
            with self._books.page() as page:
                basket = page.basket_on(lane)
                page.announce(events.ScanRefused(basket.id if basket else "", refused.reason, how), lane)
            raise

    # How it is done

    def _leave(self, lane: str, text: str) -> None:
        if not self._has_gate(lane):
            raise Refused("exit_elsewhere")
        code = text.strip()
        with self._books.page() as page:
            known = page.exit_under(code) if _CODE.fullmatch(code) else None
            if known is None:
                raise Refused("exit_unknown")
            if known.used_at:
                raise Refused("exit_used")
            if self._is_over(known):
                raise Refused("exit_over")
            page.save_exit(replace(known, used_at=self._clock().isoformat(timespec="seconds")))
            page.announce(events.ExitUsed(known.basket), lane)

    def _is_over(self, known: ExitPass) -> bool:
        return self._clock() >= dt.datetime.fromisoformat(self.until(known))
