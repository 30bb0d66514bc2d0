"""The rules of the points programme, as data with dates: sum X gives points Y, points give reward Z.

A rule that changes gets a new row with the day from which it holds; what was earned before stays as it
was earned. Days are the programme's own, in its time zone, whatever clock a store has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from typing import Any, TypeVar, cast, get_type_hints
from zoneinfo import ZoneInfo

Row = TypeVar("Row")

TIMEZONE = "Europe/Berlin"
ROWS_MAX = 100
"""More rows, tiers or rewards than this are no programme that a person could follow."""


@dataclass(frozen=True, slots=True)
class Tier:
    """A status: who earned `from_points` in this calendar year or the last one has it.

    It gives `bonus_percent` on top of what each receipt gives; `name` is a word per language.
    """

    id: str
    from_points: int
    bonus_percent: int
    name: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reward:
    """So many points for something worth `worth_minor`; `name` is a word per language."""

    id: str
    points: int
    worth_minor: int
    name: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds from the day `since`.

    Every full `minor_per_point` of a receipt gives one point, rounded down once per receipt; deposit,
    empties and vouchers never count, nor do goods of the `excluded` groups. A point is worth `point_minor`
    as money; fewer than `spend_points_min` cannot be spent. Points live to the end of the month,
    `life_months` after they were earned. A visit is lent at most `lease_points_max` points for
    `lease_minutes`.
    """

    since: dt.date
    minor_per_point: int = 100
    point_minor: int = 1
    spend_points_min: int = 100
    life_months: int = 24
    lease_points_max: int = 5_000
    lease_minutes: int = 240
    excluded: tuple[str, ...] = ("tobacco", "books", "gift_cards")
    tiers: tuple[Tier, ...] = ()
    rewards: tuple[Reward, ...] = ()

    def last_day(self, earned: dt.date) -> dt.date:
        """The last day on which points earned on a day can be spent: the end of a month."""
        months = earned.year * 12 + earned.month + self.life_months  # the month after, counted from 0
        return dt.date(months // 12, months % 12 + 1, 1) - dt.timedelta(days=1)

    def tier(self, points_in_year: int) -> Tier | None:
        """The highest tier that so many points reach; None below the first."""
        reached = [tier for tier in self.tiers if tier.from_points <= points_in_year]
        return max(reached, key=lambda tier: tier.from_points, default=None)

    def next_tier(self, points_in_year: int) -> Tier | None:
        """The lowest tier that is still out of reach; None at the top."""
        ahead = [tier for tier in self.tiers if tier.from_points > points_in_year]
        return min(ahead, key=lambda tier: tier.from_points, default=None)


@dataclass(frozen=True, slots=True)
class Programme:
    """All rules there were, oldest first."""

    rules: tuple[Rules, ...]
    timezone: str = TIMEZONE

    def day(self, at: dt.datetime) -> dt.date:
        """The programme's day at an aware moment."""
        return at.astimezone(ZoneInfo(self.timezone)).date()

    def on(self, day: dt.date) -> Rules:
        """What holds on a day; the oldest rules hold for everything before them."""
        return next((rules for rules in reversed(self.rules) if rules.since <= day), self.rules[0])


PROGRAMME = Programme(
    (
        Rules(
            dt.date(2026, 1, 1),
            tiers=(
                Tier("silver", 500, 10, {"de": "Silber", "en": "Silver"}),
                Tier("gold", 1500, 25, {"de": "Gold", "en": "Gold"}),
            ),
            rewards=(Reward("breakfast", 350, 490, {"de": "Ein Frühstück", "en": "A breakfast"}),),
        ),
    )
)
"""The programme of a shop that has not written one of its own: one point for every full euro."""


# A programme of one's own


def read_programme(table: Mapping[str, Any]) -> Programme:
    """A programme from a table with rows `rules`, each with `tiers` and `rewards`, as TOML gives them.

    Raises ValueError that names the row, the word and the nearest known one.
    """
    given = dict(table)
    rows = given.pop("rules", ())
    timezone = given.pop("timezone", TIMEZONE)
    _refuse_unknown(given, ("rules", "timezone"), "programme")
    rules = tuple(_rules(row, f"rules {number}") for number, row in _rows(rows, "programme"))
    if not rules:
        raise ValueError("programme: needs at least one row of rules")
    if list(rules) != sorted(rules, key=lambda one: one.since):
        raise ValueError("programme: rules stand oldest first")
    try:
        ZoneInfo(timezone)
    except (LookupError, OSError, ValueError, TypeError):
        raise ValueError(f"programme: there is no time zone {timezone!r}") from None
    return Programme(rules, timezone)


def _rules(row: Mapping[str, Any], where: str) -> Rules:
    tiers = tuple(_one(Tier, one, f"{where}, tiers {n}") for n, one in _rows(row.get("tiers", ()), where))
    rewards = tuple(
        _one(Reward, one, f"{where}, rewards {n}") for n, one in _rows(row.get("rewards", ()), where)
    )
    return _one(Rules, {**row, "tiers": tiers, "rewards": rewards}, where)


def _rows(rows: Any, where: str) -> list[tuple[int, Mapping[str, Any]]]:
    if not isinstance(rows, list | tuple) or not all(isinstance(row, Mapping) for row in rows):
        raise ValueError(f"{where}: rows belong here, [[like this]]")
    if len(rows) > ROWS_MAX:
        raise ValueError(f"{where}: more than {ROWS_MAX} rows")
    return list(enumerate(rows, start=1))


def _one(kind: type[Row], row: Mapping[str, Any], where: str) -> Row:
    known = {field.name: field for field in fields(cast(Any, kind))}
    _refuse_unknown(row, known, where)
    for name, hint in get_type_hints(kind).items():
        if name not in row:
            if known[name].default is MISSING:
                raise ValueError(f"{where}: {name} is missing")
        elif not _fits(hint, row[name]):
            raise ValueError(f"{where}: {name} is {row[name]!r}; that is not what belongs there")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in row.items()})


def _fits(hint: Any, value: Any) -> bool:
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1_000_000_000
    if hint in (str, dt.date):
        return isinstance(value, hint)
    if hint == Mapping[str, str]:
        return isinstance(value, Mapping) and bool(value) and all(isinstance(w, str) for w in value.values())
    return isinstance(value, list | tuple) and (
        hint != tuple[str, ...] or all(isinstance(one, str) for one in value)
    )


def _refuse_unknown(row: Mapping[str, Any], known: Any, where: str) -> None:
    for word in row:
        if word not in known:
            nearest = get_close_matches(str(word), list(known), n=1, cutoff=0.0)[0]
            raise ValueError(f"{where}: there is no {word!r} here; did you mean {nearest!r}?")
