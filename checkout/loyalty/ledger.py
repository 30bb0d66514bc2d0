"""The books of one member's points, in double entry: every entry sums to zero, and so does the ledger.

A ledger is a function of facts and of the day: the same facts in the same order make the same entries, so
head office can make it again from what stores told, and a fact that comes late is booked where it belongs.
Members stand here by nobody's name: a fact knows a sale, a sale knows a visit.

The accounts: `issued` gives, `member` holds, `redeemed`, `expired` and `reversed` take. Whoever spends or
hands back more than is there owes the rest: `owed` is negative until the next points settle it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from checkout.loyalty.earning import points_of
from checkout.loyalty.programme import Programme, Rules, Tier

ISSUED, MEMBER, OWED = "issued", "member", "owed"
REDEEMED, EXPIRED, REVERSED = "redeemed", "expired", "reversed"
EARNED, BONUS, SPENT, GIVEN_BACK = "earned", "bonus", "spent", "given_back"


# Facts: what happened, in the order in which it counts. `sale` is the basket's id, `on` the programme's day.


@dataclass(frozen=True, slots=True)
class Bought:
    """A paid sale and what counts of it (`earning.counted_minor`)."""

    sale: str
    on: dt.date
    counts_minor: int


@dataclass(frozen=True, slots=True)
class Spent:
    """Points that paid in a sale."""

    sale: str
    on: dt.date
    points: int


@dataclass(frozen=True, slots=True)
class GivenBack:
    """Points that had paid in a sale and were given back, because it was not paid for or came back."""

    sale: str
    on: dt.date
    points: int


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """Part of a sale came back: `counts_minor` is what counted of that part."""

    sale: str
    on: dt.date
    counts_minor: int


Fact = Bought | Spent | GivenBack | BroughtBack


# What is booked


@dataclass(frozen=True, slots=True)
class Posting:
    account: str
    points: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the books. `sale` is "" where points expired by themselves.

    `points` is what it changes for the member and `balance` what they have then, below nothing if they owe.
    """

    kind: str
    on: dt.date
    sale: str
    postings: tuple[Posting, ...]
    balance: int

    @property
    def points(self) -> int:
        return sum(posting.points for posting in self.postings if posting.account in (MEMBER, OWED))

    @property
    def overdrawn(self) -> int:
        """How many of the points were not there: spent twice, or brought back after they were spent."""
        return max(0, -sum(posting.points for posting in self.postings if posting.account == OWED))


@dataclass(frozen=True, slots=True)
class Expiry:
    """So many points can be spent up to and including that day."""

    last_day: dt.date
    points: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """A member's books as they stand on a day. `expiring` comes soonest first."""

    entries: tuple[Entry, ...]
    balance: int
    expiring: tuple[Expiry, ...]
    points_in_year: int
    tier: Tier | None
    next_tier: Tier | None

    @property
    def overdrawn(self) -> int:
        """Points that were spent although they were not there, in all; what is settled since counts too."""
        return sum(entry.overdrawn for entry in self.entries if entry.kind == SPENT)

    def totals(self) -> dict[str, int]:
        """What each account holds; all together nothing."""
        totals = Counter(dict.fromkeys((ISSUED, MEMBER, OWED, REDEEMED, EXPIRED, REVERSED), 0))
        for entry in self.entries:
            for posting in entry.postings:
                totals[posting.account] += posting.points
        return dict(totals)


def book(facts: Iterable[Fact], programme: Programme, today: dt.date) -> Ledger:
    """The member's ledger on a day.

    A part of a sale that was not heard of yet waits: it is booked as soon as the sale is among the facts.
    More than was given is never taken back, and more than was spent never given back.
    """
    open_books = _OpenBooks(programme)
    for fact in facts:
        open_books.turn_to(fact.on)
        open_books.add(fact)
    open_books.turn_to(today)
    return open_books.closed()


@dataclass(slots=True)
class _Lot:
    """Points that expire together; `sale` is the one that gave them, "" if they were given back."""

    sale: str
    last_day: dt.date
    left: int


@dataclass(slots=True)
class _Sale:
    """What is kept of a sale, the terms on which it gave points, and how many of them expired."""

    rules: Rules
    bonus_percent: int
    year: int
    kept_minor: int
    expired: int = 0

    @property
    def points(self) -> tuple[int, int]:
        """What it gives for what is kept of it: (for the receipt, the tier's bonus on that)."""
        points = points_of(self.kept_minor, self.rules)
        return points, points * self.bonus_percent // 100


@dataclass(slots=True)
class _OpenBooks:
    """The books while they are being written. `lots` are those with points left, as they came."""

    programme: Programme
    day: dt.date = dt.date.min
    balance: int = 0
    owed: int = 0
    lots: list[_Lot] = field(default_factory=list)
    sales: dict[str, _Sale] = field(default_factory=dict)
    spent: Counter[str] = field(default_factory=Counter)
    years: Counter[int] = field(default_factory=Counter)
    entries: list[Entry] = field(default_factory=list)

    def turn_to(self, day: dt.date) -> None:
        """The next day on which something happens; what expired before it goes first."""
        if day <= self.day:
            return
        self.day = day
        ended = [lot for lot in self.lots if lot.last_day < day]
        self.lots = [lot for lot in self.lots if lot.last_day >= day]
        points: Counter[dt.date] = Counter()
        for lot in ended:
            points[lot.last_day] += lot.left
            if lot.sale:
                self.sales[lot.sale].expired += lot.left
        for last_day in sorted(points):
            lost = points[last_day]
            self._write(EXPIRED, "", ((MEMBER, -lost), (EXPIRED, lost)), last_day)

    def add(self, fact: Fact) -> None:
        match fact:
            case Bought() if fact.sale not in self.sales:
                self._earn(fact)
            case Spent():
                self.spent[fact.sale] += fact.points
                covered, owed = self._take(fact.points)
                self._write(SPENT, fact.sale, ((MEMBER, -covered), (OWED, -owed), (REDEEMED, fact.points)))
            case GivenBack():
                points = min(fact.points, self.spent[fact.sale])
                self.spent[fact.sale] -= points
                self._give(GIVEN_BACK, fact.sale, points, REDEEMED)
            case BroughtBack() if fact.sale in self.sales:
                self._take_back(fact)

    def closed(self) -> Ledger:
        expiring: Counter[dt.date] = Counter()
        for lot in self.lots:
            expiring[lot.last_day] += lot.left
        rules, in_year = self.programme.on(self.day), self._points_in_year()
        return Ledger(
            tuple(self.entries),
            self.balance,
            tuple(Expiry(day, expiring[day]) for day in sorted(expiring)),
            in_year,
            rules.tier(in_year),
            rules.next_tier(in_year),
        )

    def _earn(self, fact: Bought) -> None:
        rules = self.programme.on(self.day)
        tier = rules.tier(self._points_in_year())
        sale = _Sale(rules, tier.bonus_percent if tier else 0, self.day.year, fact.counts_minor)
        self.sales[fact.sale] = sale
        points, bonus = sale.points
        self.years[sale.year] += points
        self._give(EARNED, fact.sale, points, ISSUED)
        self._give(BONUS, fact.sale, bonus, ISSUED)

    def _take_back(self, fact: BroughtBack) -> None:
        sale = self.sales[fact.sale]
        before, bonus_before = sale.points
        sale.kept_minor = max(0, sale.kept_minor - fact.counts_minor)
        after, bonus_after = sale.points
        self.years[sale.year] -= before - after
        points = before + bonus_before - after - bonus_after
        gone = min(points, sale.expired)  # what expired cannot be taken a second time
        sale.expired -= gone
        covered, owed = self._take(points - gone, of=fact.sale)
        amounts = ((MEMBER, -covered), (OWED, -owed), (EXPIRED, -gone), (REVERSED, points))
        self._write(REVERSED, fact.sale, amounts)

    def _give(self, kind: str, sale: str, points: int, source: str) -> None:
        """Points for the member: debts first, the rest is a new lot with a full life."""
        settled = min(points, self.owed)
        self.owed -= settled
        if points > settled:
            last_day = self.programme.on(self.day).last_day(self.day)
            self.lots.append(_Lot(sale if source == ISSUED else "", last_day, points - settled))
        self._write(kind, sale, ((source, -points), (OWED, settled), (MEMBER, points - settled)))

    def _take(self, points: int, of: str = "") -> tuple[int, int]:
        """Take points, those of one sale first, then what expires soonest: (taken, owed from now on)."""
        wanted = points
        for lot in sorted(self.lots, key=lambda lot: (not of or lot.sale != of, lot.last_day)):
            taken = min(wanted, lot.left)
            lot.left -= taken
            wanted -= taken
        self.lots = [lot for lot in self.lots if lot.left]
        self.owed += wanted
        return points - wanted, wanted

    def _write(
        self, kind: str, sale: str, amounts: tuple[tuple[str, int], ...], on: dt.date | None = None
    ) -> None:
        postings = tuple(Posting(account, points) for account, points in amounts if points)
        assert sum(posting.points for posting in postings) == 0, "double entry"
        if postings:
            self.balance += sum(posting.points for posting in postings if posting.account in (MEMBER, OWED))
            self.entries.append(Entry(kind, on or self.day, sale, postings, self.balance))

    def _points_in_year(self) -> int:
        """What receipts gave in this calendar year or the last one, whichever was more."""
        return max(self.years[self.day.year], self.years[self.day.year - 1])
