"""The terms of a promotion as they are written in a file: read word by word, wrong ones refused by name."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from checkout.money import percent_of, price_of_measure
from checkout.promotions.pieces import Piece, Scope

_DAY = dt.timedelta(days=1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
PIECES_MAX = 99
"""More pieces than this in one deal are a slip of the keyboard."""


class WrongTerms(ValueError):
    """A sentence about what is wrong; `key` is the word in the file that it is about."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a sentence that refuses a word: the nearest known one, or all there are."""
    known = sorted(known)
    close = get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are: {', '.join(known)}"


@dataclass(frozen=True, slots=True)
class When:
    """When and for whom a promotion runs. Dates are whole days of the shop's, both included.

    `hours` may go past midnight. A promotion with a `coupon` waits for its code; `customers` are groups.
    """

    timezone: dt.tzinfo = dt.UTC
    since: dt.date = dt.date.min
    until: dt.date = dt.date.max
    days: frozenset[int] = frozenset()
    hours: tuple[dt.time, dt.time] | None = None
    coupon: str = ""
    customers: frozenset[str] = frozenset()

    def holds(self, opened_at: dt.datetime, coupons: Iterable[str] = (), customer_group: str = "") -> bool:
        """Whether it runs for a basket that was opened then, with these coupons handed in."""
        if self.coupon and self.coupon not in coupons:
            return False
        if self.customers and customer_group not in self.customers:
            return False
        return self.runs(opened_at.astimezone(self.timezone))

    @property
    def for_everybody(self) -> bool:
        """Whether nobody has to bring or be anything to get it."""
        return not (self.coupon or self.customers)

    def runs(self, local: dt.datetime) -> bool:
        """Whether it runs at a moment by the clock on the shop's wall."""
        if not self.since <= local.date() <= self.until:
            return False
        if self.days and local.weekday() not in self.days:
            return False
        return self.hours is None or _within(local.time(), *self.hours)

    def turns(self, begin: dt.datetime, end: dt.datetime) -> Iterator[dt.datetime]:
        """The moments between two, by the clock on the shop's wall, at which it may begin or end."""
        days: Iterable[dt.date] = (self.since, min(self.until, dt.date.max - _DAY) + _DAY)
        if self.days or self.hours:
            days = (begin.date() + i * _DAY for i in range((end - begin).days + 2))
        for day in days:
            for time in (dt.time.min, *(self.hours or ())):
                if begin < (turn := dt.datetime.combine(day, time)) < end:
                    yield turn


def _within(time: dt.time, begin: dt.time, end: dt.time) -> bool:
    return begin <= time < end if begin < end else time >= begin or time < end


@dataclass(frozen=True, slots=True)
class Effect:
    """What a deal does to its pieces together: exactly one of a price, an amount and a percentage."""

    price_minor: int | None = None
    off_minor: int = 0
    percent: int = 0

    def takes_off(self, pieces: Iterable[Piece]) -> int:
        """In minor units, never more than the pieces cost. A price or amount of one measured piece is per
        kilogram or metre; percentages are rounded piece by piece."""
        if self.percent:
            return sum(percent_of(piece.price_minor, self.percent) for piece in pieces)
        pieces = tuple(pieces)
        full_minor = sum(piece.price_minor for piece in pieces)
        measure = pieces[0].thousandths if len(pieces) == 1 else 0
        if self.price_minor is not None:
            price_minor = price_of_measure(self.price_minor, measure) if measure else self.price_minor
            return max(0, full_minor - price_minor)
        off_minor = price_of_measure(self.off_minor, measure) if measure else self.off_minor
        return min(off_minor, full_minor)


class Terms:
    """One promotion's terms. Whoever has read all its words refuses the rest.

    Every reading method raises WrongTerms.
    """

    def __init__(self, words: Mapping[str, object], timezone: dt.tzinfo = dt.UTC) -> None:
        self._words = words
        self._timezone = timezone
        self._known: set[str] = set()

    def word(self, key: str, otherwise: str = "") -> str:
        value = self._take(key, otherwise)
        if not isinstance(value, str):
            raise _wrong(key, value, "a text")
        return value

    def words(self, key: str) -> frozenset[str]:
        value = self._take(key, ())
        if not isinstance(value, list | tuple) or not all(isinstance(word, str) and word for word in value):
            raise _wrong(key, value, "a list of texts")
        return frozenset(value)

    def whole(self, key: str, least: int, most: int, otherwise: int | None = None) -> int:
        """A whole number from `least` to `most`; needed unless there is an `otherwise`."""
        value = self._take(key, otherwise)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        raise _wrong(key, value, f"a whole number from {least} to {most}")

    def minor(self, key: str) -> int:
        """An amount of money, written as `2.50`, in minor units."""
        value = self._take(key, None)
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            exact = Decimal(str(value)) * 100
            if exact.is_finite() and exact >= 0 and exact == int(exact):
                return int(exact)
        raise _wrong(key, value, "an amount like 2.50")

    def has(self, key: str) -> bool:
        self._known.add(key)
        return key in self._words

    def tables(self, key: str) -> tuple[Terms, ...]:
        """A list of tables, each to be read by itself."""
        value = self._take(key, ())
        if not isinstance(value, list | tuple) or not value or not all(isinstance(v, Mapping) for v in value):
            raise _wrong(key, value, "a list of tables")
        return tuple(Terms(table, self._timezone) for table in value)

    def numbered(self, key: str) -> tuple[tuple[int, int], ...]:
        """A table from whole numbers to percentages, smallest number first: `{ 3 = 5, 6 = 10 }`."""
        value = self._take(key, None)
        if not isinstance(value, Mapping) or not value:
            raise _wrong(key, value, "a table like { 3 = 5, 6 = 10 }")
        steps = []
        for count, percent in value.items():
            if not (str(count).isdecimal() and 1 <= int(count) <= PIECES_MAX):
                raise _wrong(key, count, f"a number of pieces from 1 to {PIECES_MAX}")
            if not isinstance(percent, int) or isinstance(percent, bool) or not 1 <= percent <= 100:
                raise _wrong(key, percent, "a percentage from 1 to 100")
            steps.append((int(count), percent))
        return tuple(sorted(steps))

    def scope(self) -> Scope:
        """`gtin` or `gtins`, `groups`, less what is in `without`; all goods if none is written."""
        single = self.word("gtin")
        gtins = self.words("gtins") | ({single} if single else set())
        return Scope(frozenset(gtins), self.words("groups"), self.words("without"))

    def effect(self) -> Effect:
        """Exactly one of `price`, `off` and `percent`."""
        written = [key for key in ("price", "off", "percent") if self.has(key)]
        if len(written) != 1:
            raise WrongTerms(written[-1] if written else "price", "needs one of price, off and percent")
        if written == ["price"]:
            return Effect(price_minor=self.minor("price"))
        if written == ["off"]:
            return Effect(off_minor=self.minor("off"))
        return Effect(percent=self.whole("percent", 1, 100))

    def when(self) -> When:
        days = self.words("days")
        for day in sorted(days - set(DAYS)):
            raise WrongTerms("days", f"there is no day {day!r}{nearest(day, DAYS)}")
        since, until = self._date("from", dt.date.min), self._date("until", dt.date.max)
        if until < since:
            raise WrongTerms("until", f"ends on {until}, before it begins on {since}")
        return When(
            self._timezone,
            since,
            until,
            frozenset(DAYS.index(day) for day in days),
            self._hours(),
            self.word("coupon"),
            self.words("customers"),
        )

    def refuse_the_rest(self) -> None:
        """Raises WrongTerms for a word that nobody has read."""
        for key in self._words:
            if key not in self._known:
                raise WrongTerms(str(key), f"there is no term {key!r}{nearest(str(key), self._known)}")

    def _take(self, key: str, otherwise: object) -> object:
        self._known.add(key)
        return self._words.get(key, otherwise)

    def _date(self, key: str, otherwise: dt.date) -> dt.date:
        """A date, or its text: where terms are kept as JSON, a date is one."""
        value = self._take(key, otherwise)
        if isinstance(value, str) and _ISO_DATE.fullmatch(value):
            with suppress(ValueError):
                return dt.date.fromisoformat(value)
        if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
            raise _wrong(key, value, "a date like 2026-12-24")
        return value

    def _hours(self) -> tuple[dt.time, dt.time] | None:
        text = self.word("hours")
        if not text:
            return None
        try:
            begin, end = (dt.time.fromisoformat(part.strip()) for part in text.split("-"))
        except ValueError:
            raise _wrong("hours", text, 'a time from and to, like "17:00-19:00"') from None
        return begin, end


def _wrong(key: str, value: object, wanted: str) -> WrongTerms:
    if value is None:
        return WrongTerms(key, f"needs {key}: {wanted}")
    return WrongTerms(key, f"{key} is {value!r}; it must be {wanted}")
