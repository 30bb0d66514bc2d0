"""The cash drawer of a lane: what is put in and taken out without a sale, and what is counted.

Sales come in by the pay desk (`pay_desk.py`). Every movement is a posting in the
ledger, so what should lie in a drawer is its account's balance at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from checkout import events, ledger
from checkout.errors import Refused
from checkout.ledger import Posting, checked_amount, drawer_of
from checkout.ports import Books, Page
from checkout.staff import Clerk

PAID_IN_FOR = ("change", "correction", "found", "other")
PAID_OUT_FOR = ("supplier", "postage", "cleaning", "wages", "correction", "other")
"""Why cash comes or goes: a word out of these and never free text, in which there may be a name."""
EURO_PIECES_MINOR = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
PIECES_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Count:
    """What a count of a drawer found, and what should have been there."""

    expected_minor: int
    counted_minor: int

    @property
    def difference_minor(self) -> int:
        """Positive where there is too much."""
        return self.counted_minor - self.expected_minor


class Drawers:
    """The use cases of cash without a sale, for all lanes of one store. `Clerk`s need the right "cash"."""

    def __init__(self, books: Books, *, blind: bool = False) -> None:
        """`blind`: whoever counts is told only afterwards what should be there."""
        self._books = books
        self._blind = blind

    def put_float(self, lane: str, amount_minor: int, clerk: Clerk, request_key: str = "") -> None:
        """The change to begin with (DSFinV-K: Anfangsbestand)."""
        self._move(lane, ledger.FLOAT, "change", amount_minor, clerk, request_key)

    def drop(self, lane: str, amount_minor: int, clerk: Clerk, request_key: str = "") -> None:
        """Take notes to the safe (Geldtransit)."""
        self._move(lane, ledger.DROP, "safe", -checked_amount(amount_minor), clerk, request_key)

    def pay_in(self, lane: str, amount_minor: int, reason: str, clerk: Clerk, request_key: str = "") -> None:
        """Cash that is no sale comes in, for one of `PAID_IN_FOR`."""
        assert reason in PAID_IN_FOR, reason
        self._move(lane, ledger.PAID_IN, reason, amount_minor, clerk, request_key)

    def pay_out(self, lane: str, amount_minor: int, reason: str, clerk: Clerk, request_key: str = "") -> None:
        """Cash goes out for one of `PAID_OUT_FOR`."""
        assert reason in PAID_OUT_FOR, reason
        self._move(lane, ledger.PAID_OUT, reason, -checked_amount(amount_minor), clerk, request_key)

    def expected(self, lane: str, clerk: Clerk) -> int:
        """What should lie in the drawer. Refused(count_first) where counts are blind."""
        clerk.must("cash")
        if self._blind:
            raise Refused("count_first")
        with self._books.page() as page:
            return page.balance(drawer_of(lane))

    def count(self, lane: str, counted_minor: int, clerk: Clerk, request_key: str = "") -> Count | None:
        """Book what was counted: a difference is posted, and from now on this is what should be there.

        None for a request that was carried out before.
        """
        clerk.must("cash")
        if not 0 <= counted_minor <= ledger.AMOUNT_MINOR_MAX:
            raise Refused("amount_not_possible", limit_minor=ledger.AMOUNT_MINOR_MAX)
        with self._books.page() as page:
            if page.seen_before(request_key):
                return None
            count = Count(page.balance(drawer_of(lane)), counted_minor)
            if count.difference_minor:
                _post(page, lane, ledger.COUNTED, "count", count.difference_minor, clerk)
            page.announce(events.DrawerCounted(count.expected_minor, counted_minor, clerk.id), lane)
            return count

    def _move(
        self, lane: str, why: str, reason: str, amount_minor: int, clerk: Clerk, request_key: str
    ) -> None:
        """Positive into the drawer. Refused(drawer_short) for more than lies in it."""
        clerk.must("cash")
        checked_amount(abs(amount_minor))
        with self._books.page() as page:
            if page.seen_before(request_key):
                return
            if page.balance(drawer_of(lane)) + amount_minor < 0:
                raise Refused("drawer_short")
            _post(page, lane, why, reason, amount_minor, clerk)
            page.announce(events.CashMoved(why, reason, amount_minor, clerk.id), lane)


def sum_of_pieces(pieces: Mapping[int, int]) -> int:
    """Coins and notes by their worth in minor units, so many of each: what they come to. Raises `Refused`."""
    for worth_minor, many in pieces.items():
        if worth_minor not in EURO_PIECES_MINOR or not 0 <= many <= PIECES_MAX:
            raise Refused("amount_not_possible")
    return sum(worth_minor * many for worth_minor, many in pieces.items())


def _post(page: Page, lane: str, why: str, reason: str, amount_minor: int, clerk: Clerk) -> None:
    source = ledger.DIFFERENCE if why == ledger.COUNTED else ledger.OFFICE
    page.post(Posting(why, source, drawer_of(lane), amount_minor, reason, clerk.id))
